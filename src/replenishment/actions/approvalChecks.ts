// The checks that a proposal passes before it is approved: still open, needed, spared by its source, paid by its budgets.

import type { Tx } from '../../db/pool';
import { unknownMessage } from '../../refusals';
import { type LockedShelves, lockShelves } from '../../stock/ledger';
import { levelsOf } from '../../stock/queries/levels';
import type { Shelf } from '../../stock/rules/units';
import { shelfKey } from '../../values/keys';
import { dayNumber } from '../../values/time';
import { budgetsOn } from '../queries/budgets';
import { type IncomingRow, incoming, onHand } from '../queries/skuPage';
import { type BudgetLeft, pays } from '../rules/budget';
import type { Explanation } from '../rules/decide';
import { positionOf } from '../rules/need';
import type { ProposalRefusal, ProposalRefusalReason, ProposalStatus } from '../rules/proposal';
import { stockWithin } from '../rules/shelf';

export interface ApprovableProposal {
  id: string;
  status: ProposalStatus;
  locationId: number;
  location: string;
  skuId: number;
  sku: string;
  sold: boolean;
  supplierId: number | null;
  fromLocationId: number | null;
  from: string | null;
  fromLeadMinutes: number | null;
  quantity: number;
  level: number;
  position: number;
  sourceKeep: number;
  /** Current unit price of the supplier; null: the supplier no longer sells it. */
  unitCostMinor: number | null;
  currency: string | null;
  explanation: Pick<Explanation, 'leadTime' | 'reviewDays' | 'terms' | 'kind'>;
  /** Local day of the location. */
  today: string;
}

const READ = `
  SELECT p.id, p.status, p.location_id AS "locationId", l.code AS location, p.sku_id AS "skuId", s.code AS sku,
         s.active AND l.active AND coalesce(f.active, true) AS sold, p.supplier_id AS "supplierId",
         p.from_location_id AS "fromLocationId", f.code AS "from", f.transfer_lead_minutes AS "fromLeadMinutes",
         p.quantity, p.level, p.position, p.source_keep AS "sourceKeep", o.unit_cost_minor AS "unitCostMinor", o.currency,
         p.explanation, ($2 AT TIME ZONE l.time_zone)::date AS today
  FROM replenishment_proposal p JOIN location l ON l.id = p.location_id JOIN sku s ON s.id = p.sku_id
  LEFT JOIN location f ON f.id = p.from_location_id
  LEFT JOIN sku_supplier o ON o.sku_id = p.sku_id AND o.supplier_id = p.supplier_id
  WHERE p.id = ANY($1::uuid[]) ORDER BY p.id`;
const LOCK = `${READ} FOR UPDATE OF p`;

/** What a planner wants to approve. */
export interface ApprovalRequest {
  proposalIds: string[];
  /** Approves also proposals that are no longer needed, or that take a source below its own need. */
  evenIfChanged: boolean;
}

/** Checks the proposals of one request one after the other, and collects the refusals. */
class ApprovalReview {
  readonly refused: ProposalRefusal[] = [];

  /** Returns the rows that pass the check `why`; refuses the others. */
  keep(
    rows: readonly ApprovableProposal[],
    why: (row: ApprovableProposal) => [ProposalRefusalReason, string] | null,
  ): ApprovableProposal[] {
    return rows.filter((row) => {
      const no = why(row);
      if (no !== null) this.refused.push({ proposalId: row.id, reason: no[0], message: no[1] });
      return no === null;
    });
  }
}

function stillOpen(row: ApprovableProposal): [ProposalRefusalReason, string] | null {
  if (row.status !== 'PROPOSED') {
    const message = `The proposal for ${row.sku} at ${row.location} is ${row.status}; only PROPOSED ones can be approved.`;
    return ['NOT_OPEN', message];
  }
  if (!row.sold) {
    const message = `${row.sku} is out of the catalog, or ${row.location}${row.from ? ` or ${row.from}` : ''} is closed for good; reject the proposal.`;
    return ['NOT_SOLD', message];
  }
  if (row.supplierId !== null && row.unitCostMinor === null) {
    const message = `The supplier does not sell ${row.sku} any more; reject the proposal, or add the offer with setSkuSupplier.`;
    return ['NO_SUPPLIER', message];
  }
  return null;
}

/** Positions as they are now, counted as the run counted them, by proposal id. */
async function positionsNow(
  tx: Tx,
  rows: readonly ApprovableProposal[],
  now: Date,
): Promise<Map<string, number>> {
  const skuIds = [...new Set(rows.map((r) => r.skuId))];
  const lying = new Map((await onHand(tx, skuIds, now)).map((l) => [shelfKey(l), l]));
  const coming = new Map<string, IncomingRow[]>();
  for (const row of await incoming(tx, skuIds))
    coming.set(shelfKey(row), [...(coming.get(shelfKey(row)) ?? []), row]);
  return new Map(
    rows.map((row) => {
      const key = shelfKey(row);
      const { leadTime, reviewDays, terms } = row.explanation;
      const days = (leadTime.distribution[leadTime.distribution.length - 1]?.days ?? 0) + reviewDays;
      const returns = -(terms.find((t) => t.kind === 'RETURNS')?.units ?? 0);
      const facts = {
        onHand: lying.get(key) ?? { available: 0, reserved: 0, staged: 0, quarantine: 0 },
        incoming: (coming.get(key) ?? []).map((c) => ({
          ...c,
          inDays: c.day === null ? 0 : dayNumber(c.day) - dayNumber(row.today),
        })),
        returnsPerDay: [],
      };
      return [row.id, positionOf({ ...stockWithin(facts, days), returns })];
    }),
  );
}

function stillNeeded(row: ApprovableProposal, positionNow: number): [ProposalRefusalReason, string] | null {
  const covered = positionNow > row.position && positionNow >= row.level;
  if (!covered) return null;
  const message =
    `${row.sku} at ${row.location}: the position has grown from ${row.position} to ${Math.round(positionNow)} and covers ` +
    `the level of ${row.level}; reject it, or approve it with evenIfChanged.`;
  return ['NOT_NEEDED', message];
}

/** Available units by shelf, as they are under their locks or were read without. */
interface SourceShelves {
  at(locationId: number, skuId: number): { available: number };
}

/** Transfers whose sources can still spare the units; each takes its own, so that no two get the same. */
function stillThere(
  shelves: SourceShelves,
  evenIfChanged: boolean,
): (row: ApprovableProposal) => [ProposalRefusalReason, string] | null {
  const taken = new Map<string, number>();
  return (row) => {
    const from = row.fromLocationId!;
    const key = `${from}:${row.skuId}`;
    const free = shelves.at(from, row.skuId).available - (taken.get(key) ?? 0);
    const spare = Math.max(0, evenIfChanged ? free : free - row.sourceKeep);
    if (row.quantity <= spare) {
      taken.set(key, (taken.get(key) ?? 0) + row.quantity);
      return null;
    }
    const keeps = evenIfChanged ? '' : ` (it keeps ${row.sourceKeep} of its ${free} for its own need)`;
    const message = `${row.from} can spare ${spare} of the ${row.quantity} ${row.sku} for ${row.location}${keeps}; edit or reject the proposal.`;
    return ['SOURCE_SHORT', message];
  };
}

/** Purchases that the budgets of their day still pay for, in the order of the request. */
async function stillPaid(
  tx: Tx,
  rows: readonly ApprovableProposal[],
): Promise<(row: ApprovableProposal) => [ProposalRefusalReason, string] | null> {
  const budgets = new Map<string, BudgetLeft[]>();
  const spent = new Map<number, number>();
  for (const today of new Set(rows.map((r) => r.today))) {
    const rowsOfDay = await budgetsOn(tx, today, today);
    budgets.set(
      today,
      rowsOfDay.map((b) => ({ ...b, leftMinor: b.amountMinor - b.spentMinor })),
    );
  }
  return (row) => {
    const purchase = { supplierId: row.supplierId!, locationId: row.locationId, currency: row.currency! };
    const paying = budgets.get(row.today)!.filter((b) => pays(b, purchase));
    const cost = row.quantity * row.unitCostMinor!;
    const short = paying.find((b) => b.leftMinor - (spent.get(b.id) ?? 0) < cost);
    if (short !== undefined) {
      const left = Math.max(0, short.leftMinor - (spent.get(short.id) ?? 0));
      const message = `${row.quantity} ${row.sku} for ${row.location} cost ${cost} ${row.currency} (minor units), budget ${short.id} has ${left} left; edit or reject the proposal, or raise the budget with setReplenishmentBudget.`;
      return ['OVER_BUDGET', message];
    }
    for (const b of paying) spent.set(b.id, (spent.get(b.id) ?? 0) + cost);
    return null;
  };
}

/** Proposals of a request: those to approve, in its order, and the refusals of the others. */
interface CheckedProposals<Shelves> {
  rows: ApprovableProposal[];
  /** The shelves that transfers take from. */
  shelves: Shelves;
  refused: ProposalRefusal[];
}

/** Checks the proposals that were found for a request once more. */
async function checkFound<Shelves extends SourceShelves>(
  tx: Tx,
  { proposalIds, evenIfChanged }: ApprovalRequest,
  now: Date,
  found: readonly ApprovableProposal[],
  shelvesOf: (tx: Tx, shelves: Shelf[]) => Promise<Shelves>,
): Promise<CheckedProposals<Shelves>> {
  const byId = new Map(found.map((row) => [row.id, row]));
  const review = new ApprovalReview();
  for (const proposalId of proposalIds.filter((id) => !byId.has(id))) {
    const message = unknownMessage('ReplenishmentProposal', [proposalId]);
    review.refused.push({ proposalId, reason: 'NOT_FOUND', message });
  }
  let rows = review.keep(
    proposalIds.flatMap((id) => byId.get(id) ?? []),
    stillOpen,
  );
  if (!evenIfChanged) {
    const positions = await positionsNow(tx, rows, now);
    rows = review.keep(rows, (row) => stillNeeded(row, positions.get(row.id)!));
  }
  const paid = await stillPaid(
    tx,
    rows.filter((r) => r.supplierId !== null),
  );
  rows = review.keep(rows, (row) => (row.supplierId === null ? null : paid(row)));
  const moved = rows.filter((r) => r.fromLocationId !== null);
  const shelves = await shelvesOf(
    tx,
    moved.map((r) => ({ locationId: r.fromLocationId!, skuId: r.skuId })),
  );
  const there = stillThere(shelves, evenIfChanged);
  rows = review.keep(rows, (row) => (row.fromLocationId === null ? null : there(row)));
  return { rows, shelves, refused: review.refused };
}

/** Checks proposals once more, under the lock of all writers of proposals. */
export async function checkProposals(
  tx: Tx,
  request: ApprovalRequest,
  now: Date,
): Promise<CheckedProposals<LockedShelves>> {
  const found = await tx.rows<ApprovableProposal>(LOCK, [request.proposalIds, now]);
  return checkFound(tx, request, now, found, lockShelves);
}

async function readShelves(tx: Tx, shelves: Shelf[]): Promise<SourceShelves> {
  const levels = new Map((await levelsOf(tx, shelves)).map((level) => [shelfKey(level), level]));
  return { at: (locationId, skuId) => levels.get(shelfKey({ locationId, skuId }))! };
}

/** Checks proposals as `checkProposals` would now, without a lock. */
export async function previewProposals(
  tx: Tx,
  request: ApprovalRequest,
  now: Date,
): Promise<CheckedProposals<SourceShelves>> {
  const found = await tx.rows<ApprovableProposal>(READ, [request.proposalIds, now]);
  return checkFound(tx, request, now, found, readShelves);
}
