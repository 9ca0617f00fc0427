// GraphQL of probable links: proposals with their evidence, decisions about them, and the log of the links of a customer.

import { ActorSummary, actorById } from '../../access/schema/summary';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { commandPrice } from '../../graphql/cost/price';
import { described } from '../../graphql/described';
import { encodeGlobalID, UUID } from '../../graphql/ids';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { inOrderOf, loader } from '../../graphql/loaders';
import { mutation, type Success } from '../../graphql/mutation';
import { checkCount, refuse } from '../../refusals';
import { typedLine } from '../../values/typedText';
import {
  type DecidedProposal,
  decideLinkProposals,
  type ProposalDecision,
  type ProposalOutcome,
} from '../actions/decideProposals';
import {
  type LinkProposalKey,
  type LinkProposalRow,
  type LinkProposalStatus,
  linkProposalPage,
  linkProposalsById,
} from '../queries/linkProposals';
import type { StoredEvidence } from '../rules/matching';
import { CUSTOMER_STEWARDS } from './access';
import { Customer } from './customer';
import { lookUp } from './views';

const MAX_DECISIONS = 100;
const MAX_REASON = 200;

const LinkProposalStatusEnum = builder.enumType('LinkProposalStatus', {
  description: 'Status of a proposed link.',
  values: described<LinkProposalStatus>({
    PROPOSED: 'It waits for a decision.',
    ACCEPTED: 'A data steward decided that both are one person.',
    REJECTED: 'A data steward decided that they are two persons. It is not proposed again.',
    SUPERSEDED: 'It is out of date: both are one customer already, or what is known has changed.',
  }),
});

export const LinkEvidence = builder.objectRef<StoredEvidence>('LinkEvidence').implement({
  description:
    'What one comparison adds to or takes from the probability that two records are of one person.',
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    attribute: t.exposeString('attribute', {
      description:
        'What was compared, such as surname; `prior` is how rare a second record of a person is at all.',
    }),
    agreement: t.exposeString('agreement', { description: 'How far it agrees.' }),
    bits: t.exposeFloat('bits', {
      description: 'Log2 of the odds that it adds; negative: it takes from them.',
    }),
  }),
});

/** Proposals are read again after the command that decides them. */
const proposalById = loader<string, LinkProposalRow | null>(
  async ({ db }, ids) => inOrderOf(ids, await linkProposalsById(db, ids), ({ id }) => id),
  undefined,
  false,
);

const LinkProposal = builder.node(builder.objectRef<LinkProposalRow>('LinkProposal'), {
  description:
    'Two customers who are probably one person, for a data steward to decide. The evidence adds up to the bits.',
  authScopes: CUSTOMER_STEWARDS,
  id: { resolve: ({ id }) => id },
  loadManyWithoutCache: (ids: string[], context) =>
    Promise.all(ids.map((id) => proposalById(context).load(id))),
  fields: (t) => ({
    status: t.expose('status', { type: LinkProposalStatusEnum, description: 'Status of the proposal.' }),
    bits: t.exposeFloat('bits', { description: 'Log2 of the odds that both are one person: 3 is 8 to 1.' }),
    evidence: t.field({
      type: [LinkEvidence],
      description: 'What speaks for it and against it, comparison by comparison.',
      resolve: ({ evidence }) => evidence,
    }),
    version: t.exposeInt('version', { description: 'Version of the matcher.' }),
    proposedAt: t.expose('proposedAt', { type: 'DateTime', description: 'When it was proposed.' }),
    decidedAt: t.expose('decidedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was decided or superseded; null while it waits.',
    }),
    decidedBy: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'Who decided; null while it waits, and when it was superseded by a run.',
      resolve: ({ decidedById }, _args, context) =>
        decidedById === null ? null : actorById(context).load(decidedById),
    }),
    customers: t.field({
      type: [Customer],
      description:
        'The customers of both sides as they are now; one if they were joined. Each look-up is recorded.',
      resolve: async ({ lowCustomerId, highCustomerId }, _args, context) => {
        const ids = [...new Set([lowCustomerId, highCustomerId])];
        const views = await Promise.all(ids.map((id) => lookUp(context, id, 'linkProposals')));
        return views.filter((view) => view !== null);
      },
    }),
  }),
});
const LinkProposalConnection = connectionOf(LinkProposal);

const LinkProposalFilter = builder.inputType('LinkProposalFilter', {
  description: 'Proposals that meet every condition given.',
  fields: (t) => ({
    status: t.field({ type: LinkProposalStatusEnum, description: 'Their status; PROPOSED if omitted.' }),
    customer: t.globalID({ for: [Customer], description: 'Only proposals about this customer.' }),
  }),
});

const CURSOR: CursorForm<LinkProposalRow, LinkProposalKey> = {
  write: ({ bits, id }) => `${bits}:${id}`,
  read: (text) => {
    const [, bits, id] = /^(-?\d{1,4}(?:\.\d{1,12})?):(.{36})$/.exec(text) ?? [];
    return bits === undefined || !UUID.test(id!) ? null : { bits: Number(bits), id: id! };
  },
};

builder.queryField('linkProposals', (t) =>
  t.connection(
    {
      type: LinkProposal,
      forwardOnly: true,
      description: 'Proposed links between customers, those with the most evidence first.',
      authScopes: CUSTOMER_STEWARDS,
      args: { filter: t.arg({ type: LinkProposalFilter }) },
      resolve: (_root, { filter, ...args }, { db }) =>
        forwardPage(args, CURSOR, (after, limit) =>
          linkProposalPage(
            db,
            { status: filter?.status ?? 'PROPOSED', customerId: filter?.customer?.id ?? null },
            after,
            limit,
          ),
        ),
    },
    LinkProposalConnection,
  ),
);

const LinkProposalDecisionEnum = builder.enumType('LinkProposalDecision', {
  description: 'What a data steward decides about a proposed link.',
  values: described<ProposalDecision>({
    ACCEPT: 'Both are one person; splitCustomer undoes it.',
    REJECT: 'They are two persons. Neither rules nor the model join them; joinCustomers can.',
  }),
});

const LinkProposalOutcomeEnum = builder.enumType('LinkProposalOutcome', {
  description: 'What became of a decision about a proposed link.',
  values: described<ProposalOutcome>({
    ACCEPTED: 'The customers are one.',
    REJECTED: 'The customers stay two.',
    ALREADY_DECIDED: 'Somebody decided before, or a run superseded it; nothing was changed.',
    SETTLED: 'Both are one customer already; the proposal is superseded.',
    CONFLICT: 'Earlier decisions or limits keep them apart; nothing was changed.',
    NOT_FOUND: 'There is no such proposal.',
  }),
});

const LinkProposalDecisionInput = builder.inputType('LinkProposalDecisionInput', {
  description: 'A decision about one proposed link.',
  fields: (t) => ({
    proposal: t.globalID({ required: true, for: [LinkProposal], description: 'Global ID of the proposal.' }),
    decision: t.field({ type: LinkProposalDecisionEnum, required: true, description: 'What is decided.' }),
  }),
});

const DecidedLinkProposal = builder.objectRef<DecidedProposal>('DecidedLinkProposal').implement({
  description: 'What became of one decision.',
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    proposal: t.id({
      description: 'Global ID of the proposal.',
      resolve: ({ proposalId }) => encodeGlobalID('LinkProposal', proposalId),
    }),
    outcome: t.expose('outcome', { type: LinkProposalOutcomeEnum, description: 'What became of it.' }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'Why it was not done, and what to do; null if it was done.',
    }),
  }),
});

const decided: Success<{ lines: DecidedProposal[] }> = {
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    decisions: t.field({
      type: [DecidedLinkProposal],
      description: 'What became of each decision, in the order of the list.',
      resolve: ({ lines }) => lines,
    }),
  }),
};

mutation('decideLinkProposals', {
  description:
    'Accepts and rejects proposed links, in the order of the list. Each has its own outcome: one that a colleague decided before does not stop the others.',
  authScopes: CUSTOMER_STEWARDS,
  price: commandPrice('decisions', 400),
  input: (t) => ({
    decisions: t.field({
      type: [LinkProposalDecisionInput],
      required: true,
      description: `The decisions, one for each proposal; at most ${MAX_DECISIONS}.`,
    }),
    reason: t.string({
      required: true,
      description: 'Why it is decided so; it is kept in the log of links.',
    }),
  }),
  success: decided,
  execute: ({ decisions, reason }, context, request) => {
    checkCount(decisions, 'decisions', MAX_DECISIONS);
    const ids = decisions.map(({ proposal }) => proposal.id);
    const twice = ids.findIndex((id, i) => ids.indexOf(id) < i);
    if (twice >= 0)
      refuse('InvalidInput', `decisions.${twice}.proposal stands in the list twice; decide each once.`, {
        path: `decisions.${twice}.proposal`,
      });
    return decideLinkProposals(
      context.db,
      request({
        decisions: decisions.map(({ proposal, decision }) => ({ proposalId: proposal.id, decision })),
        reason: typedLine(reason, 'reason', MAX_REASON),
        limits: context.config.identity.limits,
      }),
    );
  },
});
