// Weeks of sales and returns of shelves, counted back from the cut, and what became of units that came back.

import type { Tx } from '../../../db/pool';
import type { InspectedReturns } from '../../../forecaster/returns/resale';

/** Weeks read: a year, so that last year's season is seen, and a quarter. */
export const HISTORY_WEEKS = 65;
/** What is announced within the window may arrive so many days after it (see the module `return`). */
export const WINDOW_GRACE_DAYS = 14;

/** One shelf's weeks; the last one ends with the cut day. */
export interface ShelfWeeks {
  skuId: number;
  category: string;
  returnWindowDays: number;
  sold: Float64Array;
  returned: Float64Array;
  /** Part of `returned` whose sale is known. */
  matched: Float64Array;
  /** Units whose sale, at this very location, is known: by weeks between the week of the sale and that of the cut. */
  matchedByAge: number[];
  /** Units whose sale is known, by weeks between sale and return. */
  matchedByLag: number[];
}

// One value a SKU: `back` (2 bytes, weeks before the cut's), units sold (4), units come back (4).
const WEEKS = `
  SELECT w.sku_id AS "skuId", s.category, s.return_window_days AS "returnWindowDays",
    string_agg(int2send(w.back::int2) || int4send(w.units) || int4send(w.returned), ''::bytea) AS weeks
  FROM unnest($2::int[]) AS k (sku_id)
  CROSS JOIN LATERAL (
    SELECT d.sku_id, ($3::date - d.day) / 7 AS back, sum(d.units)::int AS units, sum(d.returned_units)::int AS returned
    FROM daily_sales d
    WHERE d.location_id = $1 AND d.sku_id = k.sku_id AND d.day > $3::date - 7 * $4::int AND d.day <= $3::date
    GROUP BY 1, 2) w
  JOIN sku s ON s.id = w.sku_id
  GROUP BY 1, 2, 3 ORDER BY 1`;
const WEEK_BYTES = 10;

const MATCHED = `
  SELECT sku_id AS "skuId", ($3::date - return_day) / 7 AS back, ($3::date - sale_day) / 7 AS age,
    coalesce(sale_location_id = location_id, false) AS here, sum(units)::int AS units
  FROM return_event
  WHERE location_id = $1 AND sku_id = ANY($2::int[]) AND sale_day IS NOT NULL
    AND return_day > $3::date - 7 * $4::int AND return_day <= $3::date
  GROUP BY 1, 2, 3, 4`;

interface PackedWeeks {
  skuId: number;
  category: string;
  returnWindowDays: number;
  weeks: Buffer;
}

function unpack({ weeks, ...sku }: PackedWeeks): ShelfWeeks {
  const shelf: ShelfWeeks = {
    ...sku,
    sold: new Float64Array(HISTORY_WEEKS),
    returned: new Float64Array(HISTORY_WEEKS),
    matched: new Float64Array(HISTORY_WEEKS),
    matchedByAge: [],
    matchedByLag: [],
  };
  for (let at = 0; at < weeks.length; at += WEEK_BYTES) {
    const w = HISTORY_WEEKS - 1 - weeks.readInt16BE(at);
    shelf.sold[w] = weeks.readInt32BE(at + 2);
    shelf.returned[w] = weeks.readInt32BE(at + 6);
  }
  return shelf;
}

/** The weeks of these SKUs at one location, rising by SKU; those without a fact in HISTORY_WEEKS are left out. */
export async function shelfWeeks(
  tx: Tx,
  locationId: number,
  skuIds: readonly number[],
  cutDay: string,
): Promise<ShelfWeeks[]> {
  const values = [locationId, skuIds, cutDay, HISTORY_WEEKS];
  const shelves = (await tx.rows<PackedWeeks>(WEEKS, values)).map(unpack);
  const bySku = new Map(shelves.map((shelf) => [shelf.skuId, shelf]));
  const matched = await tx.rows<{ skuId: number; back: number; age: number; here: boolean; units: number }>(
    MATCHED,
    values,
  );
  for (const { skuId, back, age, here, units } of matched) {
    const shelf = bySku.get(skuId);
    if (shelf === undefined) continue;
    shelf.matched[HISTORY_WEEKS - 1 - back]! += units;
    const lag = age - back;
    shelf.matchedByLag[lag] = (shelf.matchedByLag[lag] ?? 0) + units;
    if (here) shelf.matchedByAge[age] = (shelf.matchedByAge[age] ?? 0) + units;
  }
  return shelves;
}

const LOOKED_AT = `
  SELECT l.sku_id AS "skuId", s.category, sum(l.quantity)::int AS seen,
    coalesce(sum(l.quantity) FILTER (WHERE l.disposition = 'RESTOCK'), 0)::int AS restocked
  FROM customer_return r JOIN location p ON p.id = r.location_id
  JOIN return_line l ON l.return_id = r.id JOIN sku s ON s.id = l.sku_id
  WHERE r.status = 'RECEIVED' AND l.disposition IS NOT NULL AND (r.closed_at AT TIME ZONE p.time_zone)::date <= $1::date
  GROUP BY 1, 2`;

/** What became of the units that came back to us up to and with the cut day, by SKU. */
export function inspectedReturns(tx: Tx, cutDay: string): Promise<InspectedReturns[]> {
  return tx.rows<InspectedReturns>(LOOKED_AT, [cutDay]);
}
