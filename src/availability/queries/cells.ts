// Promisable units of each SKU at each location, read in one snapshot for any number of shelves and callers.

import { plannedOnce } from '../../db/plannedOnce';
import type { Tx } from '../../db/pool';
import type { Shelf } from '../../stock/ledger';
import {
  finestRule,
  indexSafetyRules,
  pastReservations,
  type SafetyStockRow,
  safetyRuleKeys,
  safetyRules,
} from '../../stock/queries/levels';
import { shelfKey } from '../../values/keys';
import { atpOf, byArrival, type IncomingUnits } from '../rules/shelf';

/** One SKU at one location as one channel and one holder see it. Units. */
export interface AvailabilityCell extends Shelf {
  /** In the AVAILABLE bucket, with those of reservations past their time. */
  free: number;
  /** In the holder's own reservations at this location. */
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

/** A holder named by one storefront. */
export interface AvailabilityHolder {
  ownerId: number;
  holder: string;
}

/** For whom cells are read, and what is read besides the levels. */
export interface CellOptions {
  channel: string;
  /** The holder whose own reservations count as available to it. */
  own?: AvailabilityHolder | null;
  /** Whether units on their way are read too. */
  arrivals?: boolean;
  /** Whether SKUs that left the catalog are promised to nobody (orders that have them may still be supplied). */
  onSale?: boolean;
}

/** Shelves to be read for one request. */
export interface CellLookup extends CellOptions {
  shelves: readonly Shelf[];
}

// One statement is one snapshot: a reservation swept or a transfer received meanwhile is never counted twice. Its parts are
// combined in TypeScript and not by joins, because the planner cannot know the number of shelves and guesses nested loops.
// The levels come as a few long texts, because parsing hundreds of rows costs more than finding them. OFFSET 0 and
// MATERIALIZED force the indexes that stay small: a plan made on small tables was seen to read all lines, or all reservations
// of a location.
const PARTS = plannedOnce(`
  WITH past AS MATERIALIZED (${pastReservations('$5::timestamptz')})
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
  SELECT 'TRANSFER', t.to_location_id, tl.sku_id, CASE WHEN t.order_id IS NULL THEN tl.quantity ELSE tl.freed END, t.expected_at, NULL, NULL, NULL, NULL, NULL
  FROM transfer t JOIN transfer_line tl ON tl.transfer_id = t.id AND tl.sku_id = ANY($4::int[])
  WHERE $8::boolean AND t.to_location_id = ANY($3::int[]) AND t.status IN ('DRAFT', 'DISPATCHED')
    AND (t.order_id IS NULL OR tl.freed > 0)
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

const holderKey = (holder: AvailabilityHolder): string => `${holder.ownerId}:${holder.holder}`;

/** The distinct values, in the order of their first occurrence. */
const distinctValues = <T>(values: readonly T[]): T[] => [...new Set(values)];

async function readParts(
  tx: Tx,
  now: Date | null,
  lookups: readonly CellLookup[],
): Promise<(Levels | CellPart)[]> {
  const shelves = lookups.flatMap((lookup) => lookup.shelves);
  const locationIds = shelves.map((s) => s.locationId);
  const skuIds = shelves.map((s) => s.skuId);
  const owns = new Map(lookups.flatMap(({ own }) => (own ? [[holderKey(own), own]] : [])));
  const rules = safetyRuleKeys(
    shelves,
    lookups.map((lookup) => lookup.channel),
  );
  return tx.rows<Levels | CellPart>(PARTS, [
    locationIds,
    skuIds,
    distinctValues(locationIds),
    distinctValues(skuIds),
    now,
    [...owns.values()].map((o) => o.ownerId),
    [...owns.values()].map((o) => o.holder),
    lookups.some((lookup) => lookup.arrivals),
    lookups.some((lookup) => lookup.onSale),
    rules.skuIds,
    rules.locationIds,
    rules.channels,
  ]);
}

/** Writes the levels into the cells, which they name by number. */
function applyLevels(
  cells: readonly AvailabilityCell[],
  { shelves, available, counted, changed }: Levels,
): void {
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

/** Adds units that are not in the levels, where the lookup requests them. */
function applyPart(cell: AvailabilityCell, options: CellOptions, { part, units, at, actor }: CellPart): void {
  if (part === 'PAST') cell.free += units;
  else if (part === 'OWN') cell.own += options.own && holderKey(options.own) === actor ? units : 0;
  else if (options.arrivals && (part === 'PURCHASE' || part === 'TRANSFER'))
    cell.arrivals.push({ quantity: units, expectedAt: at, source: part });
}

function newCell({ locationId, skuId }: Shelf): AvailabilityCell {
  const nothing = { free: 0, own: 0, safetyStock: 0, atp: 0, countedAt: null, changedAt: null };
  return { locationId, skuId, ...nothing, arrivals: [] };
}

/**
 * Reads the cells of many lookups, each in the order of its shelves, in one statement whatever their number. Reservations
 * expired at `now` count as free; with null only those that were swept do.
 */
export async function cellsFor(
  tx: Tx,
  now: Date | null,
  lookups: readonly CellLookup[],
): Promise<AvailabilityCell[][]> {
  const answers = lookups.map((lookup) => lookup.shelves.map(newCell));
  const cells = answers.flat();
  if (cells.length === 0) return answers;
  const rows = await readParts(tx, now, lookups);
  const parts: CellPart[] = [];
  const rules: SafetyStockRow[] = [];
  const inactive = new Set<number>();
  for (const row of rows) {
    if (row.part === 'LEVELS') applyLevels(cells, row);
    else if (row.part === 'INACTIVE') inactive.add(row.skuId);
    else if (row.part === 'SAFETY') rules.push({ ...row, channel: row.actor, quantity: row.units });
    else parts.push(row);
  }
  const byShelf = new Map<string, CellPart[]>();
  for (const part of parts) byShelf.set(shelfKey(part), [...(byShelf.get(shelfKey(part)) ?? []), part]);
  const ruleIndex = indexSafetyRules(rules);
  for (const [i, lookup] of lookups.entries()) {
    for (const cell of answers[i]!) {
      if (byShelf.size > 0)
        for (const part of byShelf.get(shelfKey(cell)) ?? []) applyPart(cell, lookup, part);
      if (lookup.onSale && inactive.has(cell.skuId)) Object.assign(cell, { free: 0, own: 0, arrivals: [] });
      if (ruleIndex.size > 0) {
        const { locationId, skuId } = cell;
        cell.safetyStock = finestRule(ruleIndex, { locationId, skuId, channel: lookup.channel }).quantity;
      }
      cell.atp = atpOf(cell);
      if (cell.arrivals.length > 1) cell.arrivals.sort(byArrival);
    }
  }
  return answers;
}

/** Reads the cells of these shelves, in their order, in one statement; also usable within a transaction. */
export async function atpCells(
  tx: Tx,
  shelves: readonly Shelf[],
  { now, ...options }: CellOptions & { now: Date | null },
): Promise<AvailabilityCell[]> {
  return (await cellsFor(tx, now, [{ shelves, ...options }]))[0]!;
}
