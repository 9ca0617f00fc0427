// States of proposals: which command starts from which, and why one of many is refused without stopping the others.

export type ProposalStatus = 'PROPOSED' | 'APPROVED' | 'ORDERED' | 'REJECTED' | 'SUPERSEDED';

/** The states each command starts from; everything else is WrongState. */
export const PROPOSAL_STARTS = {
  edit: ['PROPOSED'],
  approve: ['PROPOSED'],
  reject: ['PROPOSED'],
} as const satisfies Record<string, readonly ProposalStatus[]>;

/** Proposals that one request may approve or reject. */
export const MAX_PROPOSALS = 1_000;
/** Days that a rejected need rests at most. */
export const MAX_REST_DAYS = 365;
export const MAX_REASON = 500;

/** Why one proposal of a request was not approved or rejected. */
export const PROPOSAL_REFUSALS = {
  NOT_FOUND: 'There is no proposal with this ID.',
  NOT_OPEN: 'It is no longer PROPOSED.',
  NOT_SOLD: 'The SKU is no longer in the catalog, or the location or its source is closed permanently.',
  NO_SUPPLIER: 'The supplier no longer sells the SKU.',
  NOT_NEEDED: 'Stock on hand and on order has grown since and covers the level.',
  SOURCE_SHORT: 'The source can no longer spare so many units.',
  OVER_BUDGET: 'No budget has enough money left.',
} as const;
export type ProposalRefusalReason = keyof typeof PROPOSAL_REFUSALS;

export interface ProposalRefusal {
  proposalId: string;
  reason: ProposalRefusalReason;
  message: string;
}
