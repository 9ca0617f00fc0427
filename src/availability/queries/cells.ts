// What can be promised of each SKU at each place, read in one snapshot for any number of shelves.

import type { Tx } from '../../db/pool';
import type { Shelf } from '../../stock/ledger';
import { safetyStocks } from '../../stock/queries';
import { type Arrival, atpOf, byArrival } from '../rules/shelf';

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
  /** Promise nothing of SKUs that are out of the catalog (they may still be sent for orders that have them). */
  onSale?: boolean;
}

// One statement, so one snapshot: a hold swept or a transfer received meanwhile is never counted twice. Its parts are put
// together here and not by joins: the planner can't know how many shelves are asked for, and guesses nested loops.
const PARTS = `
  SELECT 'LEVEL' AS part, l.location_id AS "locationId", l.sku_id AS "skuId", l.available AS units, l.counted_at AS at,
         CASE WHEN l.position > 0 THEN l.updated_at END AS "changedAt"
  FROM unnest($1::int[], $2::int[]) AS k(location_id, sku_id)
  JOIN stock_level l ON l.location_id = k.location_id AND l.sku_id = k.sku_id
  UNION ALL
  SELECT 'PAST', r.location_id, rl.sku_id, rl.quantity, NULL, NULL
  FROM reservation r JOIN reservation_line rl ON rl.reservation_id = r.id AND rl.sku_id = ANY($4::int[])
  WHERE r.status = 'ACTIVE' AND r.expires_at <= $5 AND r.location_id = ANY($3::int[])
  UNION ALL
  SELECT 'OWN', r.location_id, rl.sku_id, rl.quantity, NULL, NULL
  FROM reservation r JOIN reservation_line rl ON rl.reservation_id = r.id AND rl.sku_id = ANY($4::int[])
  WHERE r.status = 'ACTIVE' AND r.owner_id = $6 AND r.holder = $7 AND r.expires_at > $5
    AND r.location_id = ANY($3::int[])
  UNION ALL
  SELECT 'PURCHASE', p.location_id, pl.sku_id, pl.quantity - pl.received, p.expected_at, NULL
  FROM purchase_order p JOIN purchase_line pl ON pl.purchase_id = p.id AND pl.sku_id = ANY($4::int[])
  WHERE $8 AND p.location_id = ANY($3::int[]) AND p.status IN ('ORDERED', 'PARTIALLY_RECEIVED')
    AND pl.quantity > pl.received
  UNION ALL
  SELECT 'INACTIVE', 0, id, 0, NULL, NULL FROM sku WHERE $9 AND id = ANY($4::int[]) AND NOT active
  UNION ALL
  SELECT 'TRANSFER', t.to_location_id, tl.sku_id, tl.quantity, t.expected_at, NULL
  FROM transfer t JOIN transfer_line tl ON tl.transfer_id = t.id AND tl.sku_id = ANY($4::int[])
  WHERE $8 AND t.to_location_id = ANY($3::int[]) AND t.status IN ('DRAFT', 'DISPATCHED') AND t.order_id IS NULL`;

interface Part extends Shelf {
  part: 'LEVEL' | 'PAST' | 'OWN' | 'INACTIVE' | Arrival['source'];
  units: number;
  at: Date | null;
  changedAt: Date | null;
}

const keyOf = (shelf: Shelf): string => `${shelf.locationId}:${shelf.skuId}`;

function add(cell: Cell, { part, units, at, changedAt }: Part): void {
  if (part === 'INACTIVE') return;
  if (part === 'OWN') cell.own += units;
  else if (part === 'PAST') cell.free += units;
  else if (part === 'LEVEL') {
    cell.free += units;
    cell.countedAt = at;
    cell.changedAt = changedAt;
  } else cell.arrivals.push({ quantity: units, expectedAt: at, source: part });
}

/** The cells of these shelves, in their order: two statements for any number of them. */
export async function atpCells(tx: Tx, shelves: readonly Shelf[], eyes: Eyes): Promise<Cell[]> {
  if (shelves.length === 0) return [];
  const { channel, now, own } = eyes;
  const locationIds = shelves.map((s) => s.locationId);
  const skuIds = shelves.map((s) => s.skuId);
  const parts = await tx.rows<Part>(PARTS, [
    locationIds,
    skuIds,
    [...new Set(locationIds)],
    [...new Set(skuIds)],
    now,
    own?.ownerId ?? null,
    own?.holder ?? null,
    eyes.arrivals ?? false,
    eyes.onSale ?? false,
  ]);
  const inactive = new Set(parts.filter((p) => p.part === 'INACTIVE').map((p) => p.skuId));
  const kept = await safetyStocks(
    tx,
    shelves.map((s) => ({ ...s, channel })),
  );
  const cells = shelves.map(({ locationId, skuId }, i): Cell => {
    const nothing = { free: 0, own: 0, atp: 0, countedAt: null, changedAt: null };
    return { locationId, skuId, ...nothing, safetyStock: kept[i] ?? 0, arrivals: [] };
  });
  const byKey = new Map(cells.map((cell) => [keyOf(cell), cell]));
  for (const part of parts) {
    const cell = byKey.get(keyOf(part));
    if (cell) add(cell, part);
  }
  for (const cell of cells) {
    if (inactive.has(cell.skuId)) Object.assign(cell, { free: 0, own: 0, arrivals: [] });
    cell.atp = atpOf(cell);
    cell.arrivals.sort(byArrival);
  }
  return cells;
}
