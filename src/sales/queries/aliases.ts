// Reads of aliases: by page, and by the SKU they stand for.

import type { Tx } from '../../db/pool';

/** A code that stands for a SKU. */
export interface AliasRow {
  code: string;
  skuId: number;
  createdAt: Date;
}

const COLUMNS = 'code, sku_id AS "skuId", created_at AS "createdAt"';
const PAGE = `
  SELECT ${COLUMNS} FROM sku_alias
  WHERE ($1::int IS NULL OR sku_id = $1) AND ($2::text IS NULL OR code > $2) ORDER BY code LIMIT $3`;
const BY_CODE = `SELECT ${COLUMNS} FROM sku_alias WHERE code = ANY($1::text[]) ORDER BY code`;
const OF_SKUS = `SELECT ${COLUMNS} FROM sku_alias WHERE sku_id = ANY($1::int[]) ORDER BY sku_id, code`;

/** A page of aliases in the order of their codes. */
export function aliasPage(
  tx: Tx,
  skuId: number | null,
  after: string | null,
  limit: number,
): Promise<AliasRow[]> {
  return tx.rows<AliasRow>(PAGE, [skuId, after, limit]);
}

/** The aliases of these codes that there are. */
export function aliasesByCode(tx: Tx, codes: readonly string[]): Promise<AliasRow[]> {
  return tx.rows<AliasRow>(BY_CODE, [codes]);
}

/** All aliases that stand for these SKUs. */
export function aliasesOf(tx: Tx, skuIds: readonly number[]): Promise<AliasRow[]> {
  return tx.rows<AliasRow>(OF_SKUS, [skuIds]);
}
