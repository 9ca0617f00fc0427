// What a proposal may do in which state, and why one of many is refused while its neighbours go on.

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
  NOT_FOUND: 'There is none with this id.',
  NOT_OPEN: 'It is not PROPOSED any more.',
  NOT_SOLD: 'The SKU is out of the catalog, or the place or its source is closed for good.',
  NO_SUPPLIER: 'The supplier does not sell the SKU any more.',
  NOT_NEEDED: 'What is there and to come has grown since, and covers the level.',
  SOURCE_SHORT: 'The source cannot spare so many units any more.',
  OVER_BUDGET: 'No budget has the money.',
} as const;
export type ProposalRefusalReason = keyof typeof PROPOSAL_REFUSALS;

export interface ProposalRefusal {
  proposalId: string;
  reason: ProposalRefusalReason;
  message: string;
}
