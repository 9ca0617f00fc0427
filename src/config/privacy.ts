// Settings of the personal data of customers: how long it is kept, and how long exports can be fetched.

import { type Env, whole } from './env';

export interface PrivacyConfig {
  privacy: {
    /** Days in which the files of an export can be fetched. */
    exportLinkDays: number;
    /** Days in which receivers of `customer.erased` should acknowledge. */
    erasureAcknowledgeDays: number;
  };
}

export function readPrivacy(env: Env): PrivacyConfig {
  return {
    privacy: {
      exportLinkDays: whole(env, 'EXPORT_LINK_DAYS', 1, 30),
      erasureAcknowledgeDays: whole(env, 'ERASURE_ACKNOWLEDGE_DAYS', 1, 30),
    },
  };
}
