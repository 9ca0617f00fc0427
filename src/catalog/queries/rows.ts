// SKU rows for answers, cached until the edition of their table changes.

import type { Sku as SkuRow } from '../../db/generated/client/client';
import type { Tx } from '../../db/pool';

export type { SkuRow };

// Every answer about stock names SKUs, so this is a hot read: plain SQL, not Prisma.
const BY_ID = `
  SELECT id, code, gtin, name, category, attributes, pack_size AS "packSize", price_minor AS "priceMinor",
         currency, return_window_days AS "returnWindowDays", pick_position AS "pickPosition",
         max_line_units AS "maxLineUnits", active,
         discontinued_on::timestamp AT TIME ZONE 'UTC' AS "discontinuedOn", replaced_by_id AS "replacedById",
         created_at AS "createdAt", updated_at AS "updatedAt"
  FROM sku WHERE id = ANY($1::int[])`;

/** The SKUs of these ids, in any order. */
export function skuRows(tx: Tx, ids: readonly number[]): Promise<SkuRow[]> {
  return tx.rows<SkuRow>(BY_ID, [ids]);
}

/** The cache is emptied when it has more rows than this. */
const MAX_KEPT = 100_000;

interface SkuCache {
  edition: number;
  rows: Map<number, SkuRow>;
}
const kept = new WeakMap<Tx, SkuCache>();

/** The SKUs of these ids as they are in this edition or a later one; only those not seen in it yet are read. */
export async function keptSkus(
  tx: Tx,
  edition: number,
  ids: readonly number[],
): Promise<ReadonlyMap<number, SkuRow>> {
  let shelf = kept.get(tx);
  if (shelf === undefined || shelf.edition < edition || shelf.rows.size > MAX_KEPT) {
    shelf = { edition, rows: new Map() };
    kept.set(tx, shelf);
  }
  const { rows } = shelf;
  const missing = [...new Set(ids)].filter((id) => !rows.has(id));
  if (missing.length > 0) for (const row of await skuRows(tx, missing)) rows.set(row.id, row);
  return rows;
}
