// Writes the decisions of a run: unchanged proposals stay, changed ones are superseded, unnecessary ones are withdrawn.

import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/pool';
import { shelfKey } from '../../values/keys';
import { MAX_MINOR } from '../../values/money';
import { expectedOn } from '../queries/shelfFacts';
import type { OpenProposalRow } from '../queries/skuPage';
import type { Decision } from '../rules/decide';

// Every writer of proposals takes this lock first, so that a run, a second runner and planners never decide on partly written proposals.
const LOCK = `SELECT pg_advisory_xact_lock(hashtext('replenishment proposals'))`;

/** Blocks other writers of proposals until this transaction ends. */
export async function lockProposals(tx: Tx): Promise<void> {
  await tx.rows(LOCK);
}

const CLOSE = `
  UPDATE replenishment_proposal p SET status = 'SUPERSEDED', close_reason = c.reason, decided_at = $3
  FROM unnest($1::uuid[], $2::text[]) AS c(id, reason) WHERE p.id = c.id`;

// The superseded proposal is recorded in the same statement that makes its successor, as its key is checked when it ends.
const INSERT = `
  WITH made AS (
    INSERT INTO replenishment_proposal (id, location_id, sku_id, status, source, supplier_id, from_location_id,
      quantity_proposed, quantity, quantity_now, level, position, source_keep, unit_cost_minor, currency, abc,
      lost_margin_minor, expected_on, cut_day, due_at, explanation, created_at)
    SELECT id, location_id, sku_id, 'PROPOSED',
      CASE WHEN supplier_id IS NULL THEN 'TRANSFER' ELSE 'SUPPLIER' END::proposal_source, supplier_id, from_location_id,
      quantity, quantity, quantity, level, position, source_keep, unit_cost_minor, currency, abc::abc_class,
      lost_margin_minor, expected_on, cut_day, $19, explanation::jsonb, $20
    FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
                $10::bigint[], $11::text[], $12::text[], $13::bigint[], $14::date[], $15::date[], $16::text[])
      AS p(id, location_id, sku_id, supplier_id, from_location_id, quantity, level, position, source_keep,
           unit_cost_minor, currency, abc, lost_margin_minor, expected_on, cut_day, explanation)
    ORDER BY location_id, sku_id)
  UPDATE replenishment_proposal o SET superseded_by_id = s.by_id
  FROM unnest($17::uuid[], $18::uuid[]) AS s(id, by_id) WHERE o.id = s.id`;

// The same quantity from the same source: the earlier proposal stays, refreshed with this run's numbers.
const REFRESH = `
  UPDATE replenishment_proposal p
  SET level = r.level, position = r.position, source_keep = r.source_keep, unit_cost_minor = r.unit_cost_minor,
      currency = r.currency, abc = r.abc::abc_class, lost_margin_minor = r.lost_margin_minor,
      expected_on = r.expected_on, cut_day = r.cut_day, due_at = $12, explanation = r.explanation::jsonb,
      quantity_now = p.quantity_proposed
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::date[],
              $10::date[], $11::text[])
    AS r(id, level, position, source_keep, unit_cost_minor, currency, abc, lost_margin_minor, expected_on, cut_day,
         explanation)
  WHERE p.id = r.id`;

const BESIDE = `
  UPDATE replenishment_proposal p SET quantity_now = b.quantity, due_at = $3
  FROM unnest($1::uuid[], $2::int[]) AS b(id, quantity) WHERE p.id = b.id AND p.quantity_now <> b.quantity`;

/** Input of one round of writing. */
export interface ReconcileRound {
  dueAt: Date;
  now: Date;
  /** Cut day by location. */
  cutDays: ReadonlyMap<number, string>;
  /** Open proposals of these shelves, locked. */
  open: readonly OpenProposalRow[];
  decisions: readonly Decision[];
  /** Why nothing is proposed any more, by shelf (`locationId:skuId`): open proposals there are withdrawn. */
  withdrawn: ReadonlyMap<string, string>;
  /** What would be proposed in this run where a planner's edit stays, by shelf. */
  beside: ReadonlyMap<string, number>;
}

/** What a run did, in proposals. */
export interface ProposalFigures {
  proposed: number;
  kept: number;
  superseded: number;
  withdrawn: number;
  edited: number;
}

const sameAs = (open: OpenProposalRow, d: Decision): boolean =>
  open.quantity === d.quantity &&
  open.supplierId === d.supplierId &&
  open.fromLocationId === d.fromLocationId;

function whyOther(open: OpenProposalRow, decision: Decision): string {
  if (open.quantity !== decision.quantity)
    return `the need changed from ${open.quantity} to ${decision.quantity} units`;
  return 'it is to come from another source';
}

/** Writes one round. The caller has taken `lockProposals`. */
export async function reconcile(tx: Tx, round: ReconcileRound): Promise<ProposalFigures> {
  const open = new Map(round.open.map((o) => [shelfKey(o), o]));
  const fresh: Decision[] = [];
  const same: { open: OpenProposalRow; decision: Decision }[] = [];
  const closed: { id: string; reason: string }[] = [];
  const superseded: { open: OpenProposalRow; decision: Decision }[] = [];
  for (const decision of round.decisions) {
    const found = open.get(shelfKey(decision));
    if (found?.edited) continue;
    if (found !== undefined && sameAs(found, decision)) same.push({ open: found, decision });
    else {
      fresh.push(decision);
      if (found === undefined) continue;
      superseded.push({ open: found, decision });
      closed.push({ id: found.id, reason: whyOther(found, decision) });
    }
  }
  let withdrawn = 0;
  for (const o of round.open) {
    const reason = round.withdrawn.get(shelfKey(o));
    if (reason === undefined || o.edited) continue;
    closed.push({ id: o.id, reason });
    withdrawn += 1;
  }
  if (closed.length > 0)
    await tx.rows(CLOSE, [closed.map((c) => c.id), closed.map((c) => c.reason), round.now]);
  if (fresh.length > 0) await insert(tx, round, fresh, superseded);
  await refresh(tx, round, same);
  const edited = await refreshComparisons(tx, round);
  return { proposed: fresh.length, kept: same.length, superseded: superseded.length, withdrawn, edited };
}

/** The columns from level to explanation, on which each decision is based; the same for new and refreshed proposals. */
function decisionColumns(decisions: readonly Decision[], cutDays: ReconcileRound['cutDays']): unknown[][] {
  const column = <T>(of: (d: Decision) => T): T[] => decisions.map(of);
  const cutDay = (d: Decision): string => cutDays.get(d.locationId)!;
  return [
    column((d) => d.level),
    column((d) => d.position),
    column((d) => d.sourceKeep),
    column((d) => d.unitCostMinor),
    column((d) => d.currency),
    column((d) => d.abc),
    column((d) => Math.min(d.lostMarginMinor, MAX_MINOR)),
    column((d) => expectedOn(d, cutDay(d))),
    column(cutDay),
    column((d) => JSON.stringify(d.explanation)),
  ];
}

async function insert(
  tx: Tx,
  { dueAt, now, cutDays }: ReconcileRound,
  fresh: readonly Decision[],
  superseded: readonly { open: OpenProposalRow; decision: Decision }[],
): Promise<void> {
  const ids = new Map(fresh.map((d) => [d, uuid()]));
  const column = <T>(of: (d: Decision) => T): T[] => fresh.map(of);
  await tx.rows(INSERT, [
    [...ids.values()],
    column((d) => d.locationId),
    column((d) => d.skuId),
    column((d) => d.supplierId),
    column((d) => d.fromLocationId),
    column((d) => d.quantity),
    ...decisionColumns(fresh, cutDays),
    superseded.map((s) => s.open.id),
    superseded.map((s) => ids.get(s.decision)!),
    dueAt,
    now,
  ]);
}

async function refresh(
  tx: Tx,
  { dueAt, cutDays }: ReconcileRound,
  same: readonly { open: OpenProposalRow; decision: Decision }[],
): Promise<void> {
  // Running again changes nothing.
  const newer = same.filter(
    ({ open, decision }) =>
      open.cutDay < cutDays.get(decision.locationId)! ||
      open.level !== decision.level ||
      open.position !== decision.position ||
      open.unitCostMinor !== decision.unitCostMinor,
  );
  if (newer.length === 0) return;
  await tx.rows(REFRESH, [
    newer.map((s) => s.open.id),
    ...decisionColumns(
      newer.map((n) => n.decision),
      cutDays,
    ),
    dueAt,
  ]);
}

async function refreshComparisons(tx: Tx, { open, beside, dueAt }: ReconcileRound): Promise<number> {
  const edited = open.filter((o) => o.edited && beside.has(shelfKey(o)));
  if (edited.length > 0)
    await tx.rows(BESIDE, [edited.map((o) => o.id), edited.map((o) => beside.get(shelfKey(o))!), dueAt]);
  return edited.length;
}

const STRANDED = `
  UPDATE replenishment_proposal p
  SET status = 'SUPERSEDED', decided_at = $1, close_reason = 'the location or its source is closed for good'
  FROM location l, location f
  WHERE p.status = 'PROPOSED' AND l.id = p.location_id AND f.id = coalesce(p.from_location_id, p.location_id)
    AND NOT (l.active AND f.active)
  RETURNING p.id`;

/** Withdraws what is proposed for, or from, locations that are closed for good. Returns the number. */
export async function withdrawStranded(tx: Tx, now: Date): Promise<number> {
  return (await tx.rows(STRANDED, [now])).length;
}
