// Daily history of shelves as dense series: for given shelves, or page by page over the SKUs of one location.

import type { Tx } from '../../db/pool';
import { slicesOf } from '../../values/lists';
import { dayNumber } from '../../values/time';

/** Days that are read, both included, as ISO dates. Day 0 of every series is `fromDay`. */
export interface SeriesWindow {
  fromDay: string;
  /** The last day that is known; nothing after it is read. */
  cutDay: string;
}

/** What was sold from one shelf, one number a day from day `start` (counted from the window's first) to the cut. */
export interface ShelfSeries {
  locationId: number;
  skuId: number;
  /**
   * Number of the first day with a sale, a return or an empty shelf; 0 when there was one before the window. Without
   * any history: the number of days of the window, and the arrays are empty.
   */
  start: number;
  /** Units sold, over all channels and feeds; days without a fact are 0. */
  values: Float64Array;
  /** 1 on days when the shelf was empty: what was sold is a lower bound of what was wanted. */
  censored: Uint8Array;
  /** Minor units of currency a unit sold that day, else on the last day before; NaN before the first sale. */
  prices: Float64Array;
}

/** Shelves that one statement reads: some megabytes of answer. */
const MAX_SHELVES = 500;
/** Most days of a window: ten years, and an offset fits 16 bits. */
export const MAX_WINDOW_DAYS = 3_660;

// A fact is packed as 15 bytes, so that a series comes as one value, which Node reads some ten times as fast as rows:
// day (2, from the window's first), units (4), revenue (8), empty (1). The lateral keeps to index-only scans of the
// key, one per year, whatever the statistics are.
const READ = `
  SELECT f.facts,
         EXISTS (SELECT FROM daily_sales e
                 WHERE e.location_id = k.location_id AND e.sku_id = k.sku_id AND e.day < $3::date) AS earlier
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k(location_id, sku_id, ord)
  CROSS JOIN LATERAL (
    SELECT string_agg(int2send((d.day - $3::date)::int2) || int4send(d.units) || int8send(d.revenue_minor)
                      || boolsend(d.stocked_out), ''::bytea) AS facts
    FROM daily_sales d
    WHERE d.location_id = k.location_id AND d.sku_id = k.sku_id AND d.day BETWEEN $3::date AND $4::date) f
  ORDER BY k.ord`;

const FACT_BYTES = 15;

/** Days from `a` to `b`, ISO dates. */
function daysBetween(a: string, b: string): number {
  return dayNumber(b) - dayNumber(a);
}

/** The number of days of a window. @throws RangeError for an empty one or one of more than MAX_WINDOW_DAYS */
function lengthOf({ fromDay, cutDay }: SeriesWindow): number {
  const length = daysBetween(fromDay, cutDay) + 1;
  if (!(length >= 1 && length <= MAX_WINDOW_DAYS)) {
    throw new RangeError(
      `the window ${fromDay} … ${cutDay} has ${length} days; it must have 1 to ${MAX_WINDOW_DAYS}`,
    );
  }
  return length;
}

interface SeriesShelf {
  locationId: number;
  skuId: number;
}

/** Unpacks one shelf's facts, which come in any order and several a day (channels, feeds). */
function unpack({ locationId, skuId }: SeriesShelf, length: number, facts: Buffer | null, earlier: boolean) {
  const count = facts === null ? 0 : facts.length / FACT_BYTES;
  let start = earlier ? 0 : length;
  for (let i = 0; i < count; i += 1) start = Math.min(start, facts!.readUInt16BE(i * FACT_BYTES));
  const size = length - start;
  const series: ShelfSeries = {
    locationId,
    skuId,
    start,
    values: new Float64Array(size),
    censored: new Uint8Array(size),
    prices: new Float64Array(size),
  };
  const { values, censored, prices } = series;
  for (let i = 0, at = 0; i < count; i += 1, at += FACT_BYTES) {
    const day = facts!.readUInt16BE(at) - start;
    values[day]! += facts!.readInt32BE(at + 2);
    prices[day]! += facts!.readInt32BE(at + 6) * 4_294_967_296 + facts!.readUInt32BE(at + 10);
    if (facts![at + 14] === 1) censored[day] = 1;
  }
  let price = Number.NaN;
  for (let day = 0; day < size; day += 1) {
    const revenue = prices[day]!;
    if (values[day]! > 0 && revenue > 0) price = revenue / values[day]!;
    prices[day] = price;
  }
  return series;
}

/** The history of these shelves, in their order, read in as many statements as it takes. */
export async function seriesOf(
  tx: Tx,
  shelves: readonly SeriesShelf[],
  window: SeriesWindow,
): Promise<ShelfSeries[]> {
  const length = lengthOf(window);
  const series: ShelfSeries[] = [];
  for (const some of slicesOf(shelves, MAX_SHELVES)) {
    const rows = await tx.rows<{ facts: Buffer | null; earlier: boolean }>(READ, [
      some.map((s) => s.locationId),
      some.map((s) => s.skuId),
      window.fromDay,
      window.cutDay,
    ]);
    rows.forEach((row, i) => {
      series.push(unpack(some[i]!, length, row.facts, row.earlier));
    });
  }
  return series;
}

// SKUs with history, found by a loose index scan (jumping from key to key), and SKUs with stock levels.
const PAGE = `
  WITH RECURSIVE sold AS (
    (SELECT sku_id FROM daily_sales WHERE location_id = $1 AND sku_id > $2 ORDER BY sku_id LIMIT 1)
    UNION ALL
    SELECT n.sku_id FROM sold s CROSS JOIN LATERAL (
      SELECT d.sku_id FROM daily_sales d WHERE d.location_id = $1 AND d.sku_id > s.sku_id ORDER BY d.sku_id LIMIT 1) n),
  page AS (SELECT sku_id FROM sold LIMIT $3),
  stocked AS (SELECT sku_id FROM stock_level WHERE location_id = $1 AND sku_id > $2 ORDER BY sku_id LIMIT $3)
  SELECT sku_id AS "skuId" FROM (SELECT sku_id FROM page UNION SELECT sku_id FROM stocked) b ORDER BY 1 LIMIT $3`;

/**
 * Ids of the next SKUs of a location after `afterSkuId` (0: from the first), rising: those with sales history there and
 * those with a stock level. Fewer than `limit`: that was the last page.
 */
export async function shelfPage(
  tx: Tx,
  locationId: number,
  afterSkuId: number,
  limit: number,
): Promise<number[]> {
  const rows = await tx.rows<{ skuId: number }>(PAGE, [locationId, afterSkuId, limit]);
  return rows.map((row) => row.skuId);
}
