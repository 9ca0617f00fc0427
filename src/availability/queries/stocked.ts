// The nearest locations that have a SKU in stock: candidates, which availability cells then confirm.

import { plannedOnce } from '../../db/plannedOnce';
import type { Tx } from '../../db/pool';
import { pastHolds } from '../../stock/queries/levels';
import type { AvailabilityHolder } from './cells';

/** One SKU looked for at some locations, the nearest first. */
export interface StockedSearch {
  skuId: number;
  /** Ids of locations in the order they are wanted. */
  placeIds: readonly number[];
  /** Candidates wanted at most. */
  most: number;
}

// Each search walks its locations in their order, one probe of the index a location, and stops when it has enough. Units that
// past holds keep, and the asker's own, are there too: whoever looks at the cells will count them.
const SEARCH = plannedOnce(`
  WITH holds AS MATERIALIZED (
    (${pastHolds('$6::timestamptz')})
    UNION ALL
    SELECT id, location_id FROM reservation WHERE status = 'ACTIVE' AND owner_id = $7::int AND holder = $8::text),
  freed AS MATERIALIZED (
    SELECT h.location_id, rl.sku_id
    FROM holds h CROSS JOIN LATERAL (
      SELECT sku_id FROM reservation_line l WHERE l.reservation_id = h.id AND l.sku_id = ANY($1::int[]) OFFSET 0) rl)
  SELECT a.n - 1 AS search, array_to_string(array_agg(found.n - 1 ORDER BY found.n), ',') AS places
  FROM unnest($1::int[], $2::int[], $3::int[], $4::int[]) WITH ORDINALITY AS a(sku_id, first, last, most, n)
  CROSS JOIN LATERAL (
    SELECT p.n FROM unnest(($5::int[])[a.first:a.last]) WITH ORDINALITY AS p(location_id, n)
    CROSS JOIN LATERAL (
      SELECT * FROM stock_level s WHERE s.location_id = p.location_id AND s.sku_id = a.sku_id OFFSET 0) l
    WHERE l.available > 0 OR (l.location_id, l.sku_id) IN (SELECT location_id, sku_id FROM freed)
    ORDER BY p.n LIMIT a.most) found
  GROUP BY a.n`);

/** For each search the indexes of locations that seem to have the SKU, in their order: one statement for all of them. */
export async function seemStocked(
  tx: Tx,
  now: Date,
  own: AvailabilityHolder | null,
  searches: readonly StockedSearch[],
): Promise<number[][]> {
  const places: number[] = [];
  // Searches of one question walk the same locations; they are sent once.
  const sent = new Map<readonly number[], number>();
  const firsts = searches.map(({ placeIds }) => {
    let first = sent.get(placeIds);
    if (first === undefined) {
      first = places.length + 1;
      places.push(...placeIds);
      sent.set(placeIds, first);
    }
    return first;
  });
  const rows = await tx.rows<{ search: number; places: string }>(SEARCH, [
    searches.map((s) => s.skuId),
    firsts,
    searches.map((s, i) => firsts[i]! + s.placeIds.length - 1),
    searches.map((s) => s.most),
    places,
    now,
    own?.ownerId ?? null,
    own?.holder ?? null,
  ]);
  const found: number[][] = searches.map(() => []);
  for (const row of rows) found[row.search] = row.places.split(',').map(Number);
  return found;
}
