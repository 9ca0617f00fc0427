// Settings of the personal data of customers: how long it is kept, and how long exports can be fetched.

import { OperatorError } from '../refusals';
import type { RetentionTerms } from '../values/retention';
import { type Env, flag, whole } from './env';

export interface PrivacyConfig {
  privacy: {
    /** Days in which the files of an export can be fetched. */
    exportLinkDays: number;
    /** Days in which receivers of `customer.erased` should acknowledge. */
    erasureAcknowledgeDays: number;
    /** Whether the job `applyRetention` erases anything. */
    isRetentionOn: boolean;
    retention: RetentionTerms;
  };
}

function readRetention(env: Env): RetentionTerms {
  const terms = {
    prospectYears: whole(env, 'RETENTION_PROSPECT_YEARS', 1, 30),
    contractYears: whole(env, 'RETENTION_CONTRACT_YEARS', 1, 30),
    documentYears: whole(env, 'RETENTION_DOCUMENT_YEARS', 1, 30),
  };
  if (terms.documentYears < terms.contractYears) {
    throw new OperatorError(
      `RETENTION_DOCUMENT_YEARS is '${terms.documentYears}', less than RETENTION_CONTRACT_YEARS (${terms.contractYears}); a document is kept at least as long as its contract.`,
    );
  }
  return terms;
}

export function readPrivacy(env: Env): PrivacyConfig {
  return {
    privacy: {
      exportLinkDays: whole(env, 'EXPORT_LINK_DAYS', 1, 30),
      erasureAcknowledgeDays: whole(env, 'ERASURE_ACKNOWLEDGE_DAYS', 1, 30),
      isRetentionOn: flag(env, 'RETENTION', true),
      retention: readRetention(env),
    },
  };
}
