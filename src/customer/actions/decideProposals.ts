// decideLinkProposals: data stewards accept or reject probable links in bulk; each has its own outcome.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { Refused } from '../../refusals';
import { identifiersOfCustomers } from '../queries/identifiers';
import type { LinkProposalStatus } from '../queries/linkProposals';
import type { IdentifierLimits } from '../rules/links';
import { appendDecision, certainlyWith, customersOf, type JoinScope, joinIdentifiers } from './decideLinks';
import { lockCustomers, rederiveCustomers } from './links';

export type ProposalDecision = 'ACCEPT' | 'REJECT';

/** What became of one decision. */
export type ProposalOutcome =
  | 'ACCEPTED'
  | 'REJECTED'
  | 'ALREADY_DECIDED'
  | 'SETTLED'
  | 'CONFLICT'
  | 'NOT_FOUND';

export interface DecidedProposal {
  proposalId: string;
  outcome: ProposalOutcome;
  /** Why it was not done; null when it was. */
  message: string | null;
}

interface DecideInput {
  decisions: readonly { proposalId: string; decision: ProposalDecision }[];
  reason: string;
  limits: IdentifierLimits;
}

interface LockedProposal {
  id: string;
  status: LinkProposalStatus;
  lowId: number;
  highId: number;
}
const LOCK = `
  SELECT id, status::text AS status, low_id AS "lowId", high_id AS "highId"
  FROM link_proposal WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`;
const DECIDE = `
  UPDATE link_proposal p SET status = n.status::link_proposal_status, decided_at = $3, decided_by_id = $4
  FROM unnest($1::uuid[], $2::text[]) AS n(id, status) WHERE p.id = n.id`;

const DECIDED: Partial<Record<ProposalOutcome, LinkProposalStatus>> = {
  ACCEPTED: 'ACCEPTED',
  REJECTED: 'REJECTED',
  SETTLED: 'SUPERSEDED',
};

/** Decides proposals one after the other: what one joins, the next ones see. Those that cannot be decided change nothing. */
export const decideLinkProposals = defineCommand(
  'decideLinkProposals',
  async (tx: Tx, { input, actor, now }: Command<DecideInput>): Promise<{ lines: DecidedProposal[] }> => {
    const { decisions, reason, limits } = input;
    await lockCustomers(tx);
    const rows = await tx.rows<LockedProposal>(LOCK, [decisions.map(({ proposalId }) => proposalId)]);
    const found = new Map(rows.map((row) => [row.id, row]));
    const scope: JoinScope = { actorId: actor.actorId, now, reason, evenIfForbidden: false, limits };
    const lines: DecidedProposal[] = [];
    for (const { proposalId, decision } of decisions)
      lines.push({ proposalId, ...(await decide(tx, scope, found.get(proposalId), decision)) });
    const ended = lines.filter(({ outcome }) => DECIDED[outcome] !== undefined);
    await tx.rows(DECIDE, [
      ended.map(({ proposalId }) => proposalId),
      ended.map(({ outcome }) => DECIDED[outcome]!),
      now,
      actor.actorId,
    ]);
    return { lines };
  },
);

type Outcome = Omit<DecidedProposal, 'proposalId'>;

async function decide(
  tx: Tx,
  scope: JoinScope,
  proposal: LockedProposal | undefined,
  decision: ProposalDecision,
): Promise<Outcome> {
  if (proposal === undefined)
    return { outcome: 'NOT_FOUND', message: 'There is no proposal with this ID; see linkProposals.' };
  const { status, lowId, highId } = proposal;
  if (status !== 'PROPOSED')
    return { outcome: 'ALREADY_DECIDED', message: `The proposal is ${status} already; it was not changed.` };
  const customers = await customersOf(tx, [lowId, highId]);
  if (customers[0] === customers[1])
    return { outcome: 'SETTLED', message: 'Both identifiers belong to one customer already.' };
  if (decision === 'REJECT') {
    await reject(tx, scope, proposal);
    return { outcome: 'REJECTED', message: null };
  }
  const identifiers = await identifiersOfCustomers(tx, customers);
  const parts = await certainlyWith(
    tx,
    customers.map((id) => identifiers.filter(({ customerId }) => customerId === id)),
    ({ id }, i) => id === [lowId, highId][i],
    scope.limits,
  );
  try {
    await joinIdentifiers(tx, scope, parts);
    return { outcome: 'ACCEPTED', message: null };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { outcome: 'CONFLICT', message: error.message };
  }
}

/** No rule and no model joins the two again; a person may. */
async function reject(
  tx: Tx,
  { actorId, now, reason, limits }: JoinScope,
  { lowId, highId }: LockedProposal,
) {
  await appendDecision(tx, now, { kind: 'SPLIT', actorId, reason, pairs: [[lowId, highId]] });
  await rederiveCustomers(tx, [lowId, highId], limits);
}
