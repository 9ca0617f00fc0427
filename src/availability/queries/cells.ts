// What can be promised of each SKU at each place, read in one snapshot for any number of shelves.

import type { Tx } from '../../db/pool';
import type { Shelf } from '../../stock/ledger';
import { safetyStocks } from '../../stock/queries';
import { type Arrival, atpOf } from '../rules/shelf';

/** One SKU at one place as one channel and one holder see it. Units. */
export interface Cell extends Shelf {
  /** In the AVAILABLE bucket, with those of holds past their time. */
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
  arrivals: Arrival[];
}

/** Through whose eyes shelves are seen. */
export interface Eyes {
  channel: string;
  /** The clock by which holds are past their time; null: only what is swept counts as free. */
  now: Date | null;
  /** Whose own hold does not stand in the way. */
  own?: { ownerId: number; holder: string } | null;
  /** Also read what is on its way. */
  arrivals?: boolean;
}

// One statement, so one snapshot: a hold swept or a transfer received meanwhile is never counted twice.
const CELLS = `
  WITH k AS (SELECT * FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k(location_id, sku_id, ord)),
  freed AS (
    SELECT r.location_id, rl.sku_id, sum(rl.quantity) FILTER (WHERE NOT own)::int AS past,
           sum(rl.quantity) FILTER (WHERE own)::int AS own
    FROM (SELECT id, location_id, false AS own FROM reservation WHERE status = 'ACTIVE' AND expires_at <= $5
          UNION ALL
          SELECT id, location_id, true FROM reservation
          WHERE status = 'ACTIVE' AND owner_id = $6 AND holder = $7 AND expires_at > $5) r
    JOIN reservation_line rl ON rl.reservation_id = r.id AND rl.sku_id = ANY($4::int[])
    GROUP BY 1, 2),
  coming AS (
    SELECT p.location_id, pl.sku_id, pl.quantity - pl.received AS quantity, p.expected_at, 'PURCHASE' AS source
    FROM purchase_order p
    JOIN purchase_line pl ON pl.purchase_id = p.id AND pl.sku_id = ANY($4::int[])
    WHERE $8 AND p.location_id = ANY($3::int[]) AND p.status IN ('ORDERED', 'PARTIALLY_RECEIVED')
      AND pl.quantity > pl.received
    UNION ALL
    SELECT t.to_location_id, tl.sku_id, tl.quantity, t.expected_at, 'TRANSFER'
    FROM transfer t
    JOIN transfer_line tl ON tl.transfer_id = t.id AND tl.sku_id = ANY($4::int[])
    WHERE $8 AND t.to_location_id = ANY($3::int[]) AND t.status IN ('DRAFT', 'DISPATCHED') AND t.order_id IS NULL),
  arrivals AS (
    SELECT location_id, sku_id, jsonb_agg(jsonb_build_object('quantity', quantity, 'expectedAt', expected_at,
             'source', source) ORDER BY expected_at NULLS LAST, source, quantity) AS list
    FROM coming GROUP BY 1, 2)
  SELECT k.location_id AS "locationId", k.sku_id AS "skuId",
         coalesce(l.available, 0) + coalesce(f.past, 0) AS free, coalesce(f.own, 0) AS own, l.counted_at AS "countedAt",
         CASE WHEN l.position > 0 THEN l.updated_at END AS "changedAt", coalesce(a.list, '[]') AS arrivals
  FROM k
  LEFT JOIN stock_level l ON l.location_id = k.location_id AND l.sku_id = k.sku_id
  LEFT JOIN freed f ON f.location_id = k.location_id AND f.sku_id = k.sku_id
  LEFT JOIN arrivals a ON a.location_id = k.location_id AND a.sku_id = k.sku_id
  ORDER BY k.ord`;

type Row = Omit<Cell, 'safetyStock' | 'atp' | 'arrivals'> & {
  arrivals: { quantity: number; expectedAt: string | null; source: Arrival['source'] }[];
};

/** The cells of these shelves, in their order: two statements for any number of them. */
export async function atpCells(tx: Tx, shelves: readonly Shelf[], eyes: Eyes): Promise<Cell[]> {
  if (shelves.length === 0) return [];
  const locationIds = shelves.map((s) => s.locationId);
  const skuIds = shelves.map((s) => s.skuId);
  const rows = await tx.rows<Row>(CELLS, [
    locationIds,
    skuIds,
    [...new Set(locationIds)],
    [...new Set(skuIds)],
    eyes.now,
    eyes.own?.ownerId ?? null,
    eyes.own?.holder ?? null,
    eyes.arrivals ?? false,
  ]);
  const kept = await safetyStocks(
    tx,
    shelves.map((s) => ({ locationId: s.locationId, skuId: s.skuId, channel: eyes.channel })),
  );
  return rows.map((row, i) => {
    const safetyStock = kept[i] ?? 0;
    return {
      ...row,
      safetyStock,
      atp: atpOf({ ...row, safetyStock }),
      arrivals: row.arrivals.map((a) => ({ ...a, expectedAt: a.expectedAt ? new Date(a.expectedAt) : null })),
    };
  });
}
