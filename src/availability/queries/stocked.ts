// The nearest locations that have a SKU in stock: candidates, which availability cells then confirm.

import { plannedOnce } from '../../db/plannedOnce';
import type { Tx } from '../../db/pool';
import { pastReservations } from '../../stock/queries/levels';
import type { AvailabilityHolder } from './cells';

/** A search for one SKU at some locations, the nearest first. */
export interface StockedSearch {
  skuId: number;
  /** Ids of locations in the order of preference. */
  locationIds: readonly number[];
  /** Maximum number of candidates. */
  limit: number;
}

// Each search reads its locations in their order, with one index probe per location, and stops when it has enough. Units in
// expired reservations, and in the holder's own, count as present: the cells that are read afterwards count them too.
const SEARCH = plannedOnce(`
  WITH past AS MATERIALIZED (
    (${pastReservations('$6::timestamptz')})
    UNION ALL
    SELECT id, location_id FROM reservation WHERE status = 'ACTIVE' AND owner_id = $7::int AND holder = $8::text),
  freed AS MATERIALIZED (
    SELECT h.location_id, rl.sku_id
    FROM past h CROSS JOIN LATERAL (
      SELECT sku_id FROM reservation_line l WHERE l.reservation_id = h.id AND l.sku_id = ANY($1::int[]) OFFSET 0) rl)
  SELECT a.n - 1 AS search, array_to_string(array_agg(found.n - 1 ORDER BY found.n), ',') AS locations
  FROM unnest($1::int[], $2::int[], $3::int[], $4::int[]) WITH ORDINALITY AS a(sku_id, first, last, most, n)
  CROSS JOIN LATERAL (
    SELECT p.n FROM unnest(($5::int[])[a.first:a.last]) WITH ORDINALITY AS p(location_id, n)
    CROSS JOIN LATERAL (
      SELECT * FROM stock_level s WHERE s.location_id = p.location_id AND s.sku_id = a.sku_id OFFSET 0) l
    WHERE l.available > 0 OR (l.location_id, l.sku_id) IN (SELECT location_id, sku_id FROM freed)
    ORDER BY p.n LIMIT a.most) found
  GROUP BY a.n`);

/** Finds for each search the indexes of locations that are likely to have the SKU, in their order, in one statement. */
export async function findLikelyStocked(
  tx: Tx,
  now: Date,
  own: AvailabilityHolder | null,
  searches: readonly StockedSearch[],
): Promise<number[][]> {
  const locations: number[] = [];
  // The searches of one request share their list of locations, which is sent once.
  const sent = new Map<readonly number[], number>();
  const firsts = searches.map(({ locationIds }) => {
    let first = sent.get(locationIds);
    if (first === undefined) {
      first = locations.length + 1;
      locations.push(...locationIds);
      sent.set(locationIds, first);
    }
    return first;
  });
  const rows = await tx.rows<{ search: number; locations: string }>(SEARCH, [
    searches.map((s) => s.skuId),
    firsts,
    searches.map((s, i) => firsts[i]! + s.locationIds.length - 1),
    searches.map((s) => s.limit),
    locations,
    now,
    own?.ownerId ?? null,
    own?.holder ?? null,
  ]);
  const found: number[][] = searches.map(() => []);
  for (const row of rows) found[row.search] = row.locations.split(',').map(Number);
  return found;
}
