// Reads of returns that were foreseen: what replenishment counts as supply, and what a chart of one shelf shows.

import type { Tx } from '../../db/pool';
import type { Shelf } from '../queries';

/** Returns of one shelf expected within some days. */
export interface ExpectedReturns extends Shelf {
  /** Mean units that come back. */
  units: number;
  /** Mean units of them that can be sold again at once. */
  resaleableUnits: number;
  /** The night that says so; null where there is none, and nothing is expected. */
  cutDay: string | null;
}

// The newest finished night before the first day: what was foreseen later was not known then. Days beyond the last
// week foreseen are as its days.
const EXPECTED = `
  WITH night AS (
    SELECT DISTINCT ON (location_id) location_id, cut_day FROM returns_night
    WHERE location_id = ANY($1::int[]) AND done_at IS NOT NULL AND cut_day < $3::date
    ORDER BY location_id, cut_day DESC)
  SELECT s.location_id AS "locationId", s.sku_id AS "skuId", n.cut_day AS "cutDay",
    coalesce(e.units, 0)::float8 AS units, coalesce(e.units * f.resaleable_share, 0)::float8 AS "resaleableUnits"
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS s (location_id, sku_id, ord)
  LEFT JOIN night n USING (location_id)
  LEFT JOIN LATERAL (
    SELECT r.mean, r.resaleable_share FROM returns_forecast r
    WHERE r.location_id = s.location_id AND r.sku_id = s.sku_id AND r.cut_day = n.cut_day LIMIT 1) f ON true
  LEFT JOIN LATERAL (
    SELECT sum(f.mean[least(array_length(f.mean, 1), (($3::date - n.cut_day) + d - 1) / 7 + 1)] / 7) AS units
    FROM generate_series(0, $4::int - 1) AS d) e ON true
  ORDER BY s.ord`;

/**
 * Units expected to come back to these shelves in the `days` days from `fromDay` (YYYY-MM-DD) on, by the newest
 * finished night of their place before that day; one answer a shelf, in their order.
 */
export function expectedReturns(
  tx: Tx,
  shelves: readonly Shelf[],
  fromDay: string,
  days: number,
): Promise<ExpectedReturns[]> {
  const values = [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId), fromDay, days];
  return tx.rows<ExpectedReturns>(EXPECTED, values);
}
