// Promisable units of each SKU at each location, read in one snapshot for any number of shelves and callers.

import { plannedOnce } from '../../db/plannedOnce';
import type { Tx } from '../../db/pool';
import type { Shelf } from '../../stock/ledger';
import {
  finestRule,
  pastHolds,
  rulesAsked,
  type SafetyStockRow,
  safetyRules,
  saidRules,
} from '../../stock/queries/levels';
import { shelfKey } from '../../values/keys';
import { atpOf, byArrival, type IncomingUnits } from '../rules/shelf';

/** One SKU at one location as one channel and one holder see it. Units. */
export interface AvailabilityCell extends Shelf {
  /** In the AVAILABLE bucket, with those of reservations past their time. */
  free: number;
  /** In the holder's own holds here. */
  own: number;
  safetyStock: number;
  /** Available to promise now. */
  atp: number;
  /** When the shelf was last counted; null: never. */
  countedAt: Date | null;
  /** When the shelf last changed; null: it never had a unit. */
  changedAt: Date | null;
  arrivals: IncomingUnits[];
}

/** A holder of a front end. */
export interface AvailabilityHolder {
  ownerId: number;
  holder: string;
}

/** Through whose eyes shelves are seen. */
export interface Eyes {
  channel: string;
  /** Whose own hold does not stand in the way. */
  own?: AvailabilityHolder | null;
  /** Also read what is on its way. */
  arrivals?: boolean;
  /** Promise nothing of SKUs that are out of the catalog (they may still be sent for orders that have them). */
  onSale?: boolean;
}

/** Shelves seen by somebody. */
export interface Look extends Eyes {
  shelves: readonly Shelf[];
}

// One statement, so one snapshot: a reservation swept or a transfer received meanwhile is never counted twice. Its parts are put
// together here and not by joins: the planner can't know how many shelves are requested, and guesses nested loops. The
// levels come as a few long texts: hundreds of rows would cost more to read than to find. OFFSET 0 and MATERIALIZED keep
// to the indexes that stay small: a plan made while tables were small was seen to read all lines, or all reservations of a location.
const PARTS = plannedOnce(`
  WITH past AS MATERIALIZED (${pastHolds('$5::timestamptz')})
  SELECT 'LEVELS' AS part, NULL::int AS "locationId", NULL::int AS "skuId", NULL::int AS units, NULL::timestamptz AS at,
         NULL::text AS actor, array_to_string(array_agg(k.n), ',') AS shelves,
         array_to_string(array_agg(l.available), ',') AS available,
         array_to_string(array_agg(round(date_part('epoch', l.counted_at) * 1000)), ',', '') AS counted,
         array_to_string(array_agg(CASE WHEN l.position > 0 THEN round(date_part('epoch', l.updated_at) * 1000) END), ',',
                         '') AS changed
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k(location_id, sku_id, n)
  CROSS JOIN LATERAL (
    SELECT * FROM stock_level l WHERE l.location_id = k.location_id AND l.sku_id = k.sku_id OFFSET 0) l
  UNION ALL
  SELECT 'PAST', r.location_id, rl.sku_id, rl.quantity, NULL, NULL, NULL, NULL, NULL, NULL
  FROM past r CROSS JOIN LATERAL (
    SELECT * FROM reservation_line l WHERE l.reservation_id = r.id AND l.sku_id = ANY($4::int[]) OFFSET 0) rl
  WHERE r.location_id = ANY($3::int[])
  UNION ALL
  SELECT 'OWN', r.location_id, rl.sku_id, rl.quantity, NULL, o.owner_id || ':' || o.holder, NULL, NULL, NULL, NULL
  FROM unnest($6::int[], $7::text[]) AS o(owner_id, holder)
  CROSS JOIN LATERAL (
    SELECT id, location_id, expires_at FROM reservation h
    WHERE h.owner_id = o.owner_id AND h.holder = o.holder AND h.status = 'ACTIVE' AND h.location_id = ANY($3::int[])
    OFFSET 0) r
  CROSS JOIN LATERAL (
    SELECT * FROM reservation_line l WHERE l.reservation_id = r.id AND l.sku_id = ANY($4::int[]) OFFSET 0) rl
  WHERE r.expires_at > $5::timestamptz
  UNION ALL
  SELECT 'PURCHASE', p.location_id, pl.sku_id, pl.quantity - pl.received, p.expected_at, NULL, NULL, NULL, NULL, NULL
  FROM purchase_order p JOIN purchase_line pl ON pl.purchase_id = p.id AND pl.sku_id = ANY($4::int[])
  WHERE $8::boolean AND p.location_id = ANY($3::int[]) AND p.status IN ('ORDERED', 'PARTIALLY_RECEIVED')
    AND pl.quantity > pl.received
  UNION ALL
  SELECT 'TRANSFER', t.to_location_id, tl.sku_id, tl.quantity, t.expected_at, NULL, NULL, NULL, NULL, NULL
  FROM transfer t JOIN transfer_line tl ON tl.transfer_id = t.id AND tl.sku_id = ANY($4::int[])
  WHERE $8::boolean AND t.to_location_id = ANY($3::int[]) AND t.status IN ('DRAFT', 'DISPATCHED') AND t.order_id IS NULL
  UNION ALL
  SELECT 'INACTIVE', 0, id, 0, NULL, NULL, NULL, NULL, NULL, NULL
  FROM sku WHERE $9::boolean AND id = ANY($4::int[]) AND NOT active
  UNION ALL
  SELECT 'SAFETY', "locationId", "skuId", quantity, NULL, channel, NULL, NULL, NULL, NULL
  FROM (${safetyRules('$10', '$11', '$12')}) s`);

interface CellPart extends Shelf {
  part: 'PAST' | 'OWN' | 'INACTIVE' | 'SAFETY' | IncomingUnits['source'];
  units: number;
  at: Date | null;
  actor: string;
}

interface Levels {
  part: 'LEVELS';
  shelves: string | null;
  available: string;
  counted: string;
  changed: string;
}

const whoIs = (holder: AvailabilityHolder): string => `${holder.ownerId}:${holder.holder}`;

/** Distinct, in the order they come. */
const each = <T>(values: readonly T[]): T[] => [...new Set(values)];

async function readParts(tx: Tx, now: Date | null, looks: readonly Look[]): Promise<(Levels | CellPart)[]> {
  const shelves = looks.flatMap((look) => look.shelves);
  const locationIds = shelves.map((s) => s.locationId);
  const skuIds = shelves.map((s) => s.skuId);
  const owns = new Map(looks.flatMap(({ own }) => (own ? [[whoIs(own), own]] : [])));
  const rules = rulesAsked(
    shelves,
    looks.map((look) => look.channel),
  );
  return tx.rows<Levels | CellPart>(PARTS, [
    locationIds,
    skuIds,
    each(locationIds),
    each(skuIds),
    now,
    [...owns.values()].map((o) => o.ownerId),
    [...owns.values()].map((o) => o.holder),
    looks.some((look) => look.arrivals),
    looks.some((look) => look.onSale),
    rules.skuIds,
    rules.locationIds,
    rules.channels,
  ]);
}

/** Writes what the levels say into the cells, by their numbers. */
function fill(cells: readonly AvailabilityCell[], { shelves, available, counted, changed }: Levels): void {
  if (shelves === null) return;
  const units = available.split(',');
  const countedAt = counted.split(',');
  const changedAt = changed.split(',');
  for (const [i, n] of shelves.split(',').entries()) {
    const cell = cells[Number(n) - 1]!;
    cell.free = Number(units[i]);
    if (countedAt[i]) cell.countedAt = new Date(Number(countedAt[i]));
    if (changedAt[i]) cell.changedAt = new Date(Number(changedAt[i]));
  }
}

/** Adds what is not in the levels, for those who want to see it. */
function add(cell: AvailabilityCell, eyes: Eyes, { part, units, at, actor }: CellPart): void {
  if (part === 'PAST') cell.free += units;
  else if (part === 'OWN') cell.own += eyes.own && whoIs(eyes.own) === actor ? units : 0;
  else if (eyes.arrivals && (part === 'PURCHASE' || part === 'TRANSFER'))
    cell.arrivals.push({ quantity: units, expectedAt: at, source: part });
}

function newCell({ locationId, skuId }: Shelf): AvailabilityCell {
  const nothing = { free: 0, own: 0, safetyStock: 0, atp: 0, countedAt: null, changedAt: null };
  return { locationId, skuId, ...nothing, arrivals: [] };
}

/**
 * The cells of many looks, each in the order of its shelves, in one statement whatever their number. `now` is the clock
 * by which holds are past their time; null: only what is swept counts as free.
 */
export async function cellsFor(
  tx: Tx,
  now: Date | null,
  looks: readonly Look[],
): Promise<AvailabilityCell[][]> {
  const answers = looks.map((look) => look.shelves.map(newCell));
  const cells = answers.flat();
  if (cells.length === 0) return answers;
  const rows = await readParts(tx, now, looks);
  const parts: CellPart[] = [];
  const rules: SafetyStockRow[] = [];
  const inactive = new Set<number>();
  for (const row of rows) {
    if (row.part === 'LEVELS') fill(cells, row);
    else if (row.part === 'INACTIVE') inactive.add(row.skuId);
    else if (row.part === 'SAFETY') rules.push({ ...row, channel: row.actor, quantity: row.units });
    else parts.push(row);
  }
  const byShelf = new Map<string, CellPart[]>();
  for (const part of parts) byShelf.set(shelfKey(part), [...(byShelf.get(shelfKey(part)) ?? []), part]);
  const said = saidRules(rules);
  for (const [i, look] of looks.entries()) {
    for (const cell of answers[i]!) {
      if (byShelf.size > 0) for (const part of byShelf.get(shelfKey(cell)) ?? []) add(cell, look, part);
      if (look.onSale && inactive.has(cell.skuId)) Object.assign(cell, { free: 0, own: 0, arrivals: [] });
      if (said.size > 0) {
        const { locationId, skuId } = cell;
        cell.safetyStock = finestRule(said, { locationId, skuId, channel: look.channel }).quantity;
      }
      cell.atp = atpOf(cell);
      if (cell.arrivals.length > 1) cell.arrivals.sort(byArrival);
    }
  }
  return answers;
}

/** The cells of these shelves, in their order, in one statement; within a transaction too. */
export async function atpCells(
  tx: Tx,
  shelves: readonly Shelf[],
  { now, ...eyes }: Eyes & { now: Date | null },
): Promise<AvailabilityCell[]> {
  return (await cellsFor(tx, now, [{ shelves, ...eyes }]))[0]!;
}
