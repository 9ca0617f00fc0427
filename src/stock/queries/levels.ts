// Reads of levels and safety stock by shelf, and of drift between levels and ledger.

import type { Tx } from '../../db/pool';
import type { Inside, Level, Shelf } from '../ledger';
import { SAFETY_SOURCES, type SafetySource } from '../rules/changes';
import { BUCKET_ROWS } from './sums';

/** A level with its times; both null for a shelf never opened. */
export interface StockLevelRow extends Level {
  countedAt: Date | null;
  updatedAt: Date | null;
}

const LEVELS = `
  SELECT k.location_id AS "locationId", k.sku_id AS "skuId", coalesce(l.available, 0) AS available,
         coalesce(l.reserved, 0) AS reserved, coalesce(l.staged, 0) AS staged, coalesce(l.quarantine, 0) AS quarantine,
         coalesce(l.in_transit, 0) AS "inTransit", coalesce(l.position, 0) AS position, l.counted_at AS "countedAt",
         l.updated_at AS "updatedAt"
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k(location_id, sku_id, ord)
  LEFT JOIN stock_level l ON l.location_id = k.location_id AND l.sku_id = k.sku_id
  ORDER BY k.ord`;

/** The levels of these shelves, in their order; a shelf never opened is all zeros. */
export function levelsOf(tx: Tx, shelves: readonly Shelf[]): Promise<StockLevelRow[]> {
  return tx.rows<StockLevelRow>(LEVELS, [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId)]);
}

/** A shelf as one sales channel sees it. */
export interface ChannelShelf extends Shelf {
  channel: string;
}

/** Safety stock, and the rule it comes from. */
export interface SafetyStock {
  quantity: number;
  source: SafetySource;
}

/** A rule about safety stock; 0 and '' stand for every SKU, location and channel. */
export interface SafetyStockRow {
  skuId: number;
  locationId: number;
  channel: string;
  quantity: number;
}

/** The arguments of `safetyRules`: the distinct pairs that a rule for these shelves can name, and the channels. */
export function safetyRuleKeys(
  shelves: readonly Shelf[],
  soldBy: readonly string[],
): {
  skuIds: number[];
  locationIds: number[];
  channels: string[];
} {
  // The shelves, their SKUs and locations alone (the other 0), and neither.
  const skuIds = [0, ...new Set(shelves.map((s) => s.skuId))];
  const pairs = { skuIds, locationIds: skuIds.map(() => 0) };
  for (const locationId of new Set(shelves.map((s) => s.locationId))) {
    pairs.skuIds.push(0);
    pairs.locationIds.push(locationId);
  }
  const seen = new Set<number>();
  for (const { skuId, locationId } of shelves) {
    const pair = locationId * MOST_SKUS + skuId;
    if (seen.has(pair)) continue;
    seen.add(pair);
    pairs.skuIds.push(skuId);
    pairs.locationIds.push(locationId);
  }
  return { ...pairs, channels: ['', ...new Set(soldBy)] };
}

/** More than an int4 id can be, so that a pair of ids is one number. */
const MOST_SKUS = 2 ** 31;

/** SQL of the rules for these pairs and channels; the arguments are SQL parameters such as $1. */
export const safetyRules = (skuIds: string, locationIds: string, channels: string): string => `
  SELECT k.sku_id AS "skuId", k.location_id AS "locationId", coalesce(s.channel, '') AS channel, s.quantity
  FROM unnest(${skuIds}::int[], ${locationIds}::int[]) AS k(sku_id, location_id)
  JOIN safety_stock s ON coalesce(s.sku_id, 0) = k.sku_id AND coalesce(s.location_id, 0) = k.location_id
    AND coalesce(s.channel, '') = ANY(${channels}::text[])`;

const SAFETY = safetyRules('$1', '$2', '$3');

/** Safety stock with the rule it comes from, for each shelf and channel, in their order, in one statement; the finest rule wins. */
export async function explainedSafetyStocks(tx: Tx, keys: readonly ChannelShelf[]): Promise<SafetyStock[]> {
  const { skuIds, locationIds, channels } = safetyRuleKeys(
    keys,
    keys.map((k) => k.channel),
  );
  const rules = indexSafetyRules(await tx.rows<SafetyStockRow>(SAFETY, [skuIds, locationIds, channels]));
  return keys.map((key) => finestRule(rules, key));
}

/** Quantities of rules by SKU, location and channel. */
export type SafetyRuleIndex = ReadonlyMap<string, number>;

export function indexSafetyRules(rules: readonly SafetyStockRow[]): SafetyRuleIndex {
  return new Map(rules.map((r) => [`${r.skuId}:${r.locationId}:${r.channel}`, r.quantity]));
}

/** The rule that counts for a shelf, in the order of SAFETY_SOURCES: SKU before location before channel. */
export function finestRule(
  rules: SafetyRuleIndex,
  { skuId, locationId, channel }: ChannelShelf,
): SafetyStock {
  if (rules.size > 0) {
    let rank = 0;
    for (const pair of [`${skuId}:${locationId}`, `${skuId}:0`, `0:${locationId}`, '0:0']) {
      for (const seller of [channel, '']) {
        const quantity = rules.get(`${pair}:${seller}`);
        if (quantity !== undefined) return { quantity, source: SAFETY_SOURCES[rank]! };
        rank += 1;
      }
    }
  }
  return { quantity: 0, source: 'NONE' };
}

/** Safety stock in units for each shelf and channel, in their order: units not available to promise. */
export async function safetyStocks(tx: Tx, keys: readonly ChannelShelf[]): Promise<number[]> {
  return (await explainedSafetyStocks(tx, keys)).map((s) => s.quantity);
}

/**
 * SQL for the expired reservations that are not swept yet, by the parameter with the time. ORDER BY forces the right index:
 * a plan made while there were no reservations took another one, and then always read all ACTIVE reservations (20 ms per
 * batch with 75,000 of them, half of PostgreSQL's time).
 */
export function pastReservations(now: string): string {
  return `SELECT id, location_id FROM reservation WHERE status = 'ACTIVE' AND expires_at <= ${now} ORDER BY expires_at`;
}

// One statement is one snapshot: a reservation swept meanwhile is never counted twice.
const FREE = `
  WITH expired AS MATERIALIZED (${pastReservations('(SELECT $3::timestamptz)')}),
  past AS (
    SELECT h.location_id, rl.sku_id, sum(rl.quantity)::int AS units
    FROM expired h CROSS JOIN LATERAL (
      SELECT * FROM reservation_line l WHERE l.reservation_id = h.id AND l.sku_id = ANY($2::int[]) OFFSET 0) rl
    GROUP BY 1, 2)
  SELECT coalesce(l.available, 0) + coalesce(p.units, 0) AS free
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k(location_id, sku_id, ord)
  LEFT JOIN stock_level l ON l.location_id = k.location_id AND l.sku_id = k.sku_id
  LEFT JOIN past p ON p.location_id = k.location_id AND p.sku_id = k.sku_id
  ORDER BY k.ord`;

/** Units free to be promised on each shelf, in their order: AVAILABLE, and those in expired reservations. */
export async function freeUnits(tx: Tx, now: Date, shelves: readonly Shelf[]): Promise<number[]> {
  const values = [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId), now];
  return (await tx.rows<{ free: number }>(FREE, values)).map((r) => r.free);
}

const LOCATIONS = 'SELECT id, code FROM location ORDER BY id';

// One statement per location, so that none grows with the chain; each is one snapshot, so it is consistent. It compares
// levels with (a) the sums of moves per bucket, which are the stored sums and the moves since, and (b) the units of open
// documents.
const DRIFT = `
  WITH since AS MATERIALIZED (SELECT balanced_id AS id FROM ledger_state),
  moved AS (
    SELECT sku_id, bucket, sum(units)::bigint AS units
    FROM (
      SELECT m.sku_id, v.bucket, v.units
      FROM stock_move m
      CROSS JOIN LATERAL (VALUES (m.from_location_id, m.from_bucket, -m.quantity),
                                 (m.to_location_id, m.to_bucket, m.quantity)) AS v(location_id, bucket, units)
      WHERE m.from_location_id = $1 AND m.id > (SELECT id FROM since) AND v.location_id = $1 AND v.bucket < 'SUPPLIER'
      UNION ALL
      SELECT sku_id, to_bucket, quantity FROM stock_move
      WHERE to_location_id = $1 AND from_location_id <> to_location_id AND id > (SELECT id FROM since)
      UNION ALL
      SELECT b.sku_id, v.bucket, v.units
      FROM ledger_balance b CROSS JOIN LATERAL ${BUCKET_ROWS('b')} AS v(bucket, units)
      WHERE b.location_id = $1 AND v.units <> 0) m
    GROUP BY 1, 2),
  documented AS (
    SELECT sku_id, bucket, sum(units)::bigint AS units
    FROM (
      SELECT l.sku_id, 'RESERVED'::bucket AS bucket, l.quantity AS units
      FROM reservation r JOIN reservation_line l ON l.reservation_id = r.id
      WHERE r.location_id = $1 AND r.status = 'ACTIVE'
      UNION ALL
      SELECT l.sku_id, v.bucket, v.units
      FROM customer_order o JOIN order_line l ON l.order_id = o.id
      CROSS JOIN LATERAL (VALUES ('RESERVED'::bucket, l.reserved), ('STAGED', l.staged)) AS v(bucket, units)
      WHERE o.location_id = $1 AND o.status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY')
      UNION ALL
      SELECT l.sku_id, 'RESERVED', l.quantity
      FROM transfer t JOIN transfer_line l ON l.transfer_id = t.id
      WHERE t.from_location_id = $1 AND t.status = 'DRAFT'
      UNION ALL
      SELECT l.sku_id, 'IN_TRANSIT', l.quantity - l.received
      FROM transfer t JOIN transfer_line l ON l.transfer_id = t.id
      WHERE t.to_location_id = $1 AND t.status = 'DISPATCHED') d
    GROUP BY 1, 2),
  level AS (
    SELECT l.sku_id, v.bucket, v.units
    FROM stock_level l
    CROSS JOIN LATERAL ${BUCKET_ROWS('l')} AS v(bucket, units)
    WHERE l.location_id = $1 AND v.units <> 0),
  drift AS (
    SELECT sku_id, bucket, coalesce(l.units, 0) AS level, coalesce(m.units, 0) AS expected, 'MOVES' AS source
    FROM level l FULL JOIN moved m USING (sku_id, bucket)
    UNION ALL
    SELECT sku_id, bucket, coalesce(l.units, 0), coalesce(d.units, 0), 'DOCUMENTS'
    FROM (SELECT * FROM level WHERE bucket IN ('RESERVED', 'STAGED', 'IN_TRANSIT')) l
    FULL JOIN documented d USING (sku_id, bucket))
  SELECT $1::int AS "locationId", d.sku_id AS "skuId", s.code AS sku, d.bucket, d.level, d.expected, d.source
  FROM drift d JOIN sku s ON s.id = d.sku_id WHERE d.level <> d.expected
  ORDER BY d.sku_id, d.bucket, d.source LIMIT $2`;

/** A bucket whose level differs from the sum of its moves (MOVES) or from the open documents (DOCUMENTS). Units. */
export interface DriftRow extends Shelf {
  location: string;
  sku: string;
  bucket: Inside;
  level: number;
  expected: number;
  source: 'MOVES' | 'DOCUMENTS';
}

/** Maximum number of reported rows: one is an alarm, more only help to find its cause. */
const MAX_DRIFT = 1_000;

/** Compares every level with the sum of its moves and with the open documents; empty when all agree. */
export async function stockDrift(tx: Tx): Promise<DriftRow[]> {
  const drift: DriftRow[] = [];
  for (const location of await tx.rows<{ id: number; code: string }>(LOCATIONS)) {
    const rows = await tx.rows<Omit<DriftRow, 'location'>>(DRIFT, [location.id, MAX_DRIFT - drift.length]);
    drift.push(...rows.map((row) => ({ ...row, location: location.code })));
    if (drift.length >= MAX_DRIFT) break;
  }
  return drift;
}
