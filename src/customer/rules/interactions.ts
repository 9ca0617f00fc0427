// Interactions: their kinds, and what is recorded of one.

import type { ContactChannel } from '../../order/rules/status';
import type { StoredIdentifier } from './identifiers';

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

/** An identifier that stood in an interaction. */
export interface SeenIdentifier extends StoredIdentifier {
  /** The actor who verified that it belongs to this person, 0 for the program itself; null: it is only claimed. */
  verifiedBy: number | null;
}

/** An interaction to record. */
export interface NewInteraction {
  kind: InteractionKind;
  /** The system it comes from, and its key there. Recorded again, it changes nothing. */
  source: string;
  sourceKey: string;
  at: Date;
  channel: string;
  locationId?: number | null;
  orderId?: string | null;
  returnId?: string | null;
  /** Ids, codes, counts, amounts and times; no names, addresses or free texts. */
  facts?: object;
  /** At most one of each kind and scope belongs to a person; one without any is not recorded. */
  identifiers: readonly SeenIdentifier[];
  person?: PersonFacts;
  /** Comes from a file of another system, which may name customers who were erased here: these are left out. */
  isImport?: boolean;
}
