// Acts of counting: a shelf is asked to be counted, is counted, and a big difference is approved.

import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/pool';
import type { Shelf } from '../ledger';

/** A shelf to be counted, and why, in words for the person who counts. */
export interface CountWanted extends Shelf {
  reason: string;
}

const OPEN = `
  INSERT INTO stock_count (id, location_id, sku_id, status, reason, opened_at)
  SELECT id, location_id, sku_id, 'OPEN', reason, $5
  FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[]) AS w(id, location_id, sku_id, reason)
  ORDER BY location_id, sku_id
  ON CONFLICT (location_id, sku_id) WHERE status IN ('OPEN', 'COUNTED') DO NOTHING`;

/** Asks for these shelves to be counted; one that is to be counted already stays as it is. Lock the shelves before. */
export async function openCounts(tx: Tx, now: Date, wanted: readonly CountWanted[]): Promise<void> {
  if (wanted.length === 0) return;
  await tx.rows(OPEN, [
    wanted.map(() => uuid()),
    wanted.map((w) => w.locationId),
    wanted.map((w) => w.skuId),
    wanted.map((w) => w.reason),
    now,
  ]);
}
