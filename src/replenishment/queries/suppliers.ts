// Reads of the suppliers of SKUs.

import type { Tx } from '../../db/pool';

export interface SkuSupplierRow {
  skuId: number;
  supplierId: number;
  unitCostMinor: number;
  currency: string;
  packSize: number;
  minimumOrder: number;
  preferred: boolean;
  leadTimeDays: number | null;
}

const SELECT = `
  SELECT o.sku_id AS "skuId", o.supplier_id AS "supplierId", o.unit_cost_minor AS "unitCostMinor", o.currency,
         o.pack_size AS "packSize", o.minimum_order AS "minimumOrder", o.preferred, o.lead_time_days AS "leadTimeDays"
  FROM sku_supplier o`;
const OF_SKUS = `
  ${SELECT} WHERE o.sku_id = ANY($1::int[]) ORDER BY o.sku_id, o.preferred DESC, o.unit_cost_minor, o.supplier_id`;
const PAIRS = `
  ${SELECT} JOIN unnest($1::int[], $2::int[]) WITH ORDINALITY AS k(sku_id, supplier_id, ord) USING (sku_id, supplier_id)
  ORDER BY k.ord`;

/** Suppliers of these SKUs; the one that is bought from comes first. */
export function suppliersOfSkus(tx: Tx, skuIds: readonly number[]): Promise<SkuSupplierRow[]> {
  return tx.rows<SkuSupplierRow>(OF_SKUS, [skuIds]);
}

/** These pairs of SKU and supplier, in their order. */
export function skuSuppliers(
  tx: Tx,
  pairs: readonly { skuId: number; supplierId: number }[],
): Promise<SkuSupplierRow[]> {
  return tx.rows<SkuSupplierRow>(PAIRS, [pairs.map((p) => p.skuId), pairs.map((p) => p.supplierId)]);
}
