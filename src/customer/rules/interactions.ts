// Kinds of interactions, and what an interaction can state about a person.

import type { ContactChannel } from '../../order/rules/status';

export const INTERACTION_KINDS = [
  ...(['ORDER_PLACED', 'ORDER_READY', 'ORDER_COLLECTED', 'ORDER_CANCELLED', 'ORDER_NO_SHOW'] as const),
  ...(['RETURN_REQUESTED', 'RETURN_RECEIVED', 'RETURN_REJECTED', 'PURCHASE', 'REFUND', 'PROFILE'] as const),
  ...(['CONTACT', 'SURVEY', 'CONSENT_GIVEN', 'CONSENT_WITHDRAWN'] as const),
] as const;
export type InteractionKind = (typeof INTERACTION_KINDS)[number];

/** What an interaction states about the person. */
export interface PersonFacts {
  fullName?: string | null;
  firstName?: string | null;
  surname?: string | null;
  birthDate?: string | null;
  birthPlace?: string | null;
  street?: string | null;
  postalCode?: string | null;
  city?: string | null;
  /** ISO 3166-1. */
  country?: string | null;
  gender?: string | null;
  occupation?: string | null;
  /** BCP 47. */
  language?: string | null;
  contactChannel?: ContactChannel | null;
}
