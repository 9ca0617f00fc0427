// Retention of personal data: which rule applies to a customer or a document, since when, and when it is due.

import type { RetentionTerms } from '../../values/retention';
import { yearsAfter } from '../../values/time';
import type { InteractionKind } from './interactions';

/**
 * PROSPECTS: people without any order, return or purchase. CONTRACTS: customers with some, whose identity is erased while their closed
 * documents stay. DOCUMENTS: the personal data of closed documents.
 */
export const RETENTION_KINDS = ['PROSPECTS', 'CONTRACTS', 'DOCUMENTS'] as const;
export type RetentionKind = (typeof RETENTION_KINDS)[number];

/** Why personal data was erased: somebody requested it, or its term had passed. */
export type ErasureCause = 'PERSON' | 'RETENTION';

/** Why what is past its time is not erased now. */
export const RETENTION_OBSTACLES = ['RESTRICTED', 'OPEN_DOCUMENT', 'OPEN_CASE'] as const;
export type RetentionObstacle = (typeof RETENTION_OBSTACLES)[number];

/** What the person did. What others did about the person, such as an import or a call from the shop, is no active contact. */
export const ACTIVE_KINDS: readonly InteractionKind[] = [
  ...([
    'ORDER_PLACED',
    'ORDER_COLLECTED',
    'RETURN_REQUESTED',
    'RETURN_RECEIVED',
    'PURCHASE',
    'REFUND',
  ] as const),
  ...(['CONTACT', 'SURVEY', 'CONSENT_GIVEN', 'CONSENT_WITHDRAWN'] as const),
];

/** What closed a document. */
export const CLOSING_KINDS: readonly InteractionKind[] = [
  ...(['ORDER_COLLECTED', 'ORDER_CANCELLED', 'ORDER_NO_SHOW'] as const),
  ...(['RETURN_RECEIVED', 'RETURN_REJECTED', 'PURCHASE', 'REFUND'] as const),
];

/** What the term of a customer follows from. */
export interface CustomerTimes {
  /** The last active contact, or when the newest identifier was collected, if that is later. */
  activeAt: Date;
  /** When the last document was closed; null: there never was one. */
  documentAt: Date | null;
}

/** The rule that applies to something, the date its term runs from, and when it is due. */
export interface RetentionTerm {
  kind: RetentionKind;
  since: Date;
  dueAt: Date;
}

/** The term of a customer. One with documents is kept as long as its contracts and as long as a prospect, whichever is longer. */
export function customerTerm({ activeAt, documentAt }: CustomerTimes, terms: RetentionTerms): RetentionTerm {
  const asProspect = yearsAfter(activeAt, terms.prospectYears);
  if (documentAt === null) return { kind: 'PROSPECTS', since: activeAt, dueAt: asProspect };
  const asContract = yearsAfter(documentAt, terms.contractYears);
  return asContract >= asProspect
    ? { kind: 'CONTRACTS', since: documentAt, dueAt: asContract }
    : { kind: 'CONTRACTS', since: activeAt, dueAt: asProspect };
}

/** The term of the personal data of a closed document. */
export function documentTerm(closedAt: Date, terms: RetentionTerms): RetentionTerm {
  return { kind: 'DOCUMENTS', since: closedAt, dueAt: yearsAfter(closedAt, terms.documentYears) };
}
