// Writes what a run of the matcher planned, in batches, each checked again under the lock of customers.

import { v7 as uuid } from 'uuid';
import { SYSTEM } from '../../../access/rules/roles';
import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { MATCHER_VERSION } from '../../../matcher/matcher';
import { slicesOf } from '../../../values/lists';
import { linkedRegion } from '../../queries/links';
import { stillEligible } from '../../queries/matchRecords';
import { decisionsOf, deriveCustomers, type IdentifierLimits, joinToCome } from '../../rules/links';
import { type LinkPlan, pairText, type WeighedPair } from '../../rules/matching';
import { appendLinks, lockCustomers, rederiveCustomers } from '../links';

/** Pairs of one transaction: the lock of customers is released after each. */
const BATCH = 200;

/** What a run writes with. */
export interface MatchWriting {
  limits: IdentifierLimits;
  dueAt: Date;
  now: Date;
}

/** What a run changed. */
export type WrittenLinks = Record<'joined' | 'withdrawn' | 'proposed' | 'superseded', number>;

const idsOf = (pairs: readonly WeighedPair[]): number[] => [...new Set(pairs.flatMap(({ pair }) => pair))];

async function eligible(tx: Tx, pairs: readonly WeighedPair[]): Promise<WeighedPair[]> {
  const ids = await stillEligible(tx, idsOf(pairs));
  return pairs.filter(({ pair: [low, high] }) => ids.has(low) && ids.has(high));
}

/** Of these joins those that have an effect, and those that only a limit prevents, which a person may decide. */
async function effectiveJoins(tx: Tx, limits: IdentifierLimits, joins: readonly WeighedPair[]) {
  const { identifiers, links } = await linkedRegion(tx, idsOf(joins));
  const before = deriveCustomers(identifiers, links, limits).lowestOf;
  const after = deriveCustomers(
    identifiers,
    [...links, ...joins.map(({ pair, bits }) => joinToCome(pair, 'MODEL', bits))],
    limits,
  );
  const limited = new Set(
    after.conflicts
      .filter(({ origin, reason }) => origin === 'MODEL' && reason === 'LIMIT')
      .map(({ lowId, highId }) => pairText([lowId, highId])),
  );
  return {
    joins: joins.filter(
      ({ pair: [low, high] }) =>
        before.get(low) !== before.get(high) && after.lowestOf.get(low) === after.lowestOf.get(high),
    ),
    limited: joins.filter(({ pair }) => limited.has(pairText(pair))),
  };
}

/** Joins pairs. Answers how many, and those that a limit prevents. */
function writeJoins(db: Db, { limits, now }: MatchWriting, batch: readonly WeighedPair[]) {
  return inTransaction(db, async (tx) => {
    await lockCustomers(tx);
    const { joins, limited } = await effectiveJoins(tx, limits, await eligible(tx, batch));
    await appendOfModel(tx, now, 'JOIN', joins);
    await rederiveCustomers(tx, idsOf(joins), limits);
    return { joined: joins.length, limited };
  });
}

function appendOfModel(tx: Tx, now: Date, kind: 'JOIN' | 'SPLIT', pairs: readonly WeighedPair[]) {
  return appendLinks(tx, now, {
    ...{ kind, origin: 'MODEL', actorId: SYSTEM.actorId, version: MATCHER_VERSION },
    pairs: pairs.map(({ pair }) => pair),
    evidence: pairs.map(({ bits, evidence }) => ({ bits, parts: evidence })),
  });
}

/** Takes joins of the model back: the last row of the pair counts. */
function writeWithdrawals(db: Db, { limits, now }: MatchWriting, batch: readonly WeighedPair[]) {
  return inTransaction(db, async (tx) => {
    await lockCustomers(tx);
    const withdrawn = await appendOfModel(tx, now, 'SPLIT', batch);
    await rederiveCustomers(tx, withdrawn.flat(), limits);
    return withdrawn.length;
  });
}

// A pair that a person decided about is never proposed again. One with the same evidence as before is not touched.
const PROPOSE = `
  INSERT INTO link_proposal AS p (id, low_id, high_id, bits, evidence, version, status, proposed_at, due_at)
  SELECT n.id, n.low, n.high, n.bits, n.evidence, $2, 'PROPOSED', $3, $4
  FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, low bigint, high bigint, bits real, evidence jsonb)
  ORDER BY n.low, n.high
  ON CONFLICT (low_id, high_id) DO UPDATE SET bits = EXCLUDED.bits, evidence = EXCLUDED.evidence, version = EXCLUDED.version,
    status = 'PROPOSED', due_at = EXCLUDED.due_at, decided_at = NULL,
    proposed_at = CASE p.status WHEN 'PROPOSED' THEN p.proposed_at ELSE EXCLUDED.proposed_at END
  WHERE p.status = 'SUPERSEDED'
    OR (p.status = 'PROPOSED' AND (p.bits, p.evidence, p.version) IS DISTINCT FROM (EXCLUDED.bits, EXCLUDED.evidence, EXCLUDED.version))
  RETURNING p.id`;

/** Proposes pairs whose customers are still two, and that no person keeps apart. Answers how many are new or have other evidence. */
function writeProposals(
  db: Db,
  { limits, now, dueAt }: MatchWriting,
  batch: readonly WeighedPair[],
): Promise<number> {
  return inTransaction(db, async (tx) => {
    await lockCustomers(tx);
    const pairs = await eligible(tx, batch);
    const { identifiers, links } = await linkedRegion(tx, idsOf(pairs));
    const { lowestOf } = deriveCustomers(identifiers, links, limits);
    const customersOf = (low: number, high: number): string =>
      [lowestOf.get(low), lowestOf.get(high)].sort().join(' ');
    const apart = new Set(
      decisionsOf(links)
        .filter(({ kind, origin }) => kind !== 'JOIN' && origin === 'PERSON')
        .map(({ lowId, highId }) => customersOf(lowId, highId)),
    );
    const rows = pairs
      .filter(({ pair: [low, high] }) => lowestOf.get(low) !== lowestOf.get(high))
      .filter(({ pair: [low, high] }) => !apart.has(customersOf(low, high)))
      .map(({ pair: [low, high], bits, evidence }) => ({ id: uuid(), low, high, bits, evidence }));
    return (await tx.rows(PROPOSE, [JSON.stringify(rows), MATCHER_VERSION, now, dueAt])).length;
  });
}

const SUPERSEDE = `
  UPDATE link_proposal SET status = 'SUPERSEDED', decided_at = $2
  WHERE id = ANY($1::uuid[]) AND status = 'PROPOSED' RETURNING id`;
// Both sides are one customer by now, or one of them may not be matched any more.
const SUPERSEDE_SETTLED = `
  UPDATE link_proposal p SET status = 'SUPERSEDED', decided_at = $1
  FROM identifier l, identifier h
  WHERE p.status = 'PROPOSED' AND l.id = p.low_id AND h.id = p.high_id AND (
    l.customer_id = h.customer_id OR l.shared_reason IS NOT NULL OR h.shared_reason IS NOT NULL
    OR EXISTS (SELECT FROM identifier m WHERE m.customer_id IN (l.customer_id, h.customer_id) AND m.restricted_at IS NOT NULL))
  RETURNING p.id`;

/** Ends open proposals that are settled. */
export async function supersedeSettled(db: Db, now: Date): Promise<number> {
  return (await db.rows(SUPERSEDE_SETTLED, [now])).length;
}

/** Writes a plan. Written again, or after a part of it was, it changes only what is still missing. */
export async function writePlan(db: Db, plan: LinkPlan, writing: MatchWriting): Promise<WrittenLinks> {
  const written: WrittenLinks = { joined: 0, withdrawn: 0, proposed: 0, superseded: 0 };
  for (const batch of slicesOf(plan.withdrawals, BATCH))
    written.withdrawn += await writeWithdrawals(db, writing, batch);
  const limited: WeighedPair[] = [];
  for (const batch of slicesOf(plan.joins, BATCH)) {
    const result = await writeJoins(db, writing, batch);
    written.joined += result.joined;
    limited.push(...result.limited);
  }
  for (const batch of slicesOf(plan.obsoleteIds, BATCH))
    written.superseded += (await db.rows(SUPERSEDE, [batch, writing.now])).length;
  for (const batch of slicesOf([...plan.proposals, ...limited], BATCH))
    written.proposed += await writeProposals(db, writing, batch);
  written.superseded += await supersedeSettled(db, writing.now);
  return written;
}
