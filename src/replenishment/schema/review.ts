// GraphQL mutations of planners on proposals: edit, approve in bulk, reject.

import { PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { commandPrice, LOCKED_LINE, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { PurchaseOrder } from '../../purchase/schema/types';
import { checkCount, checkQuantity, refuse } from '../../refusals';
import { Transfer } from '../../transfer/schema/types';
import { typedNote } from '../../values/typedText';
import { type Approved, approveReplenishmentProposals } from '../actions/approve';
import { editReplenishmentProposal, rejectReplenishmentProposals } from '../actions/review';
import {
  MAX_PROPOSALS,
  MAX_REASON,
  MAX_REST_DAYS,
  PROPOSAL_REFUSALS,
  type ProposalRefusal,
} from '../rules/proposal';
import { Proposal, proposalById, theProposal } from './proposal';
import { purchaseById, transferById } from './shared';

const RefusalReason = builder.enumType('ReplenishmentProposalRefusalReason', {
  description: 'Why a proposal was not approved or rejected.',
  values: Object.fromEntries(
    Object.entries(PROPOSAL_REFUSALS).map(([name, description]) => [name, { description }]),
  ) as { [K in keyof typeof PROPOSAL_REFUSALS]: { description: string } },
});

export const RefusalType = builder.objectRef<ProposalRefusal>('ReplenishmentProposalRefusal').implement({
  description: 'A proposal of a request that was not changed, and why; the others were.',
  authScopes: PLANNERS,
  fields: (t) => ({
    proposal: t.field({
      type: Proposal,
      nullable: true,
      description: 'The proposal; null if there is none.',
      resolve: (r, _args, context) => proposalById(context).load(r.proposalId),
    }),
    reason: t.field({ type: RefusalReason, description: 'Why.', resolve: (r) => r.reason }),
    message: t.exposeString('message', { description: 'What is wrong and what to do.' }),
  }),
});

/** A reason as it is stored. @throws Refused InvalidInput */
function reasonOf(reason: string): string {
  return typedNote(reason, 'reason', MAX_REASON, 1);
}

/** Ids of a request, each once. @throws Refused InvalidInput */
export function idsOf(proposals: readonly { id: string }[]): string[] {
  checkCount(proposals, 'proposals', MAX_PROPOSALS);
  const seen = new Set<string>();
  for (const [i, { id }] of proposals.entries()) {
    if (seen.has(id)) {
      const path = `proposals.${i}`;
      refuse('InvalidInput', `${path} occurs twice; name each proposal once.`, { path });
    }
    seen.add(id);
  }
  return [...seen];
}

const editReplenishmentProposalSuccess: Success<{ proposalId: string }> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    proposal: t.field({
      type: Proposal,
      resolve: (done, _args, context) => theProposal(context, done.proposalId),
    }),
  }),
};

mutation('editReplenishmentProposal', {
  description: 'Changes the quantity of a proposal, with a reason. Later runs leave it unchanged.',
  authScopes: PLANNERS,
  price: commandPrice(),
  input: (t) => ({
    proposal: t.globalID({ required: true, for: [Proposal] }),
    quantity: t.int({ required: true, description: 'Units to order, in whole packs of the supplier.' }),
    reason: t.string({ required: true, description: 'Why; stored with the proposal.' }),
  }),
  success: editReplenishmentProposalSuccess,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    checkQuantity(input.quantity, 'quantity');
    const { quantity } = input;
    const checked = { proposalId: input.proposal.id, quantity, reason: reasonOf(input.reason) };
    return editReplenishmentProposal(context.db, request(checked));
  },
});

const approveReplenishmentProposalsSuccess: Success<Approved> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    proposals: t.field({
      type: [Proposal],
      description: 'The proposals that were approved.',
      resolve: (done, _args, context) => Promise.all(done.approvedIds.map((id) => theProposal(context, id))),
    }),
    purchaseOrders: t.field({
      type: [PurchaseOrder],
      description: 'The new purchase orders.',
      resolve: (done, _args, context) =>
        Promise.all(done.purchaseIds.map((id) => purchaseById(context).load(id))),
    }),
    transfers: t.field({
      type: [Transfer],
      description: 'The new transfers.',
      resolve: (done, _args, context) =>
        Promise.all(done.transferIds.map((id) => transferById(context).load(id))),
    }),
    refused: t.field({
      type: [RefusalType],
      description: 'The proposals that were not approved.',
      resolve: (done) => done.refused,
    }),
  }),
};

mutation('approveReplenishmentProposals', {
  description:
    'Creates purchase orders (one per supplier and location) and transfers (one per source and destination) from proposals, each checked again.',
  authScopes: PLANNERS,
  price: commandPrice('proposals', 3 * LOCKED_LINE),
  input: (t) => ({
    proposals: t.globalIDList({
      required: true,
      for: [Proposal],
      description: `Global IDs of the proposals, at most ${MAX_PROPOSALS}.`,
    }),
    placeOrders: t.boolean({
      description:
        'Places the purchase orders at once, which is the default; false creates drafts and leaves their proposals APPROVED.',
    }),
    evenIfChanged: t.boolean({
      description:
        'Also approves what is no longer needed or what its source cannot spare; otherwise these are refused.',
    }),
  }),
  success: approveReplenishmentProposalsSuccess,
  execute: async (input, context, request) => {
    const checked = {
      proposalIds: idsOf(input.proposals),
      place: input.placeOrders ?? true,
      evenIfChanged: input.evenIfChanged ?? false,
    };
    return approveReplenishmentProposals(context.db, request(checked));
  },
});

const rejectReplenishmentProposalsSuccess: Success<{ rejectedIds: string[]; refused: ProposalRefusal[] }> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    proposals: t.field({
      type: [Proposal],
      description: 'The proposals that were rejected.',
      resolve: (done, _args, context) => Promise.all(done.rejectedIds.map((id) => theProposal(context, id))),
    }),
    refused: t.field({
      type: [RefusalType],
      description: 'The proposals that were not rejected.',
      resolve: (done) => done.refused,
    }),
  }),
};

mutation('rejectReplenishmentProposals', {
  description: 'Rejects proposals, with a reason, and suspends their needs for some days.',
  authScopes: PLANNERS,
  price: commandPrice('proposals', WRITTEN_ROW),
  input: (t) => ({
    proposals: t.globalIDList({
      required: true,
      for: [Proposal],
      description: `Global IDs of the proposals, at most ${MAX_PROPOSALS}.`,
    }),
    reason: t.string({ required: true, description: 'Why; free text, at most 500 characters.' }),
    restDays: t.int({
      description: `Days until the need may be proposed again, 1 to ${MAX_REST_DAYS}; 1 (the next run) if omitted.`,
    }),
  }),
  success: rejectReplenishmentProposalsSuccess,
  execute: async (input, context, request) => {
    const restDays = input.restDays ?? 1;
    checkQuantity(restDays, 'restDays', 1, MAX_REST_DAYS);
    const checked = { proposalIds: idsOf(input.proposals), reason: reasonOf(input.reason), restDays };
    return rejectReplenishmentProposals(context.db, request(checked));
  },
});
