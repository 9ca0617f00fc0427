// Reads of levels and moves, by shelf and by page.

import type { Tx } from '../db/pool';
import type { Level, Shelf } from './ledger';

const LEVELS = `
  SELECT k.location_id AS "locationId", k.sku_id AS "skuId", coalesce(l.available, 0) AS available,
         coalesce(l.reserved, 0) AS reserved, coalesce(l.staged, 0) AS staged, coalesce(l.quarantine, 0) AS quarantine,
         coalesce(l.in_transit, 0) AS "inTransit", coalesce(l.position, 0) AS position
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k(location_id, sku_id, ord)
  LEFT JOIN stock_level l ON l.location_id = k.location_id AND l.sku_id = k.sku_id
  ORDER BY k.ord`;

/** The levels of these shelves, in their order; a shelf never opened is all zeros. */
export function levelsOf(tx: Tx, shelves: readonly Shelf[]): Promise<Level[]> {
  return tx.rows<Level>(LEVELS, [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId)]);
}

/** A shelf as one sales channel sees it. */
export interface ChannelShelf extends Shelf {
  channel: string;
}

// The finest rule wins: SKU before location before channel. Each level of coarseness is one index look-up.
const SAFETY = `
  SELECT coalesce(s.quantity, 0) AS quantity
  FROM unnest($1::int[], $2::int[], $3::text[]) WITH ORDINALITY AS k(location_id, sku_id, channel, ord)
  LEFT JOIN LATERAL (
    SELECT s.quantity
    FROM (VALUES (1, k.sku_id, k.location_id, k.channel), (2, k.sku_id, k.location_id, ''), (3, k.sku_id, 0, k.channel),
                 (4, k.sku_id, 0, ''), (5, 0, k.location_id, k.channel), (6, 0, k.location_id, ''),
                 (7, 0, 0, k.channel), (8, 0, 0, '')) AS v(rank, sku_id, location_id, channel)
    JOIN safety_stock s ON coalesce(s.sku_id, 0) = v.sku_id AND coalesce(s.location_id, 0) = v.location_id
      AND coalesce(s.channel, '') = v.channel
    ORDER BY v.rank LIMIT 1) s ON true
  ORDER BY k.ord`;

/** Safety stock in units for each shelf and channel, in their order: what is kept back from promises. */
export async function safetyStocks(tx: Tx, keys: readonly ChannelShelf[]): Promise<number[]> {
  const rows = await tx.rows<{ quantity: number }>(SAFETY, [
    keys.map((k) => k.locationId),
    keys.map((k) => k.skuId),
    keys.map((k) => k.channel),
  ]);
  return rows.map((r) => r.quantity);
}
