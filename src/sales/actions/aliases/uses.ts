// Checks what prevents a SKU's code from becoming an alias: units reserved or in transit under it.

import type { Tx } from '../../../db/pool';
import { refuse } from '../../../refusals';
import { ALIAS_LIMITS, type SkuUse } from '../../rules/aliases';

const USES = `
  SELECT 'Reservation' AS what, r.id::text AS key, p.code AS location, l.quantity AS units
  FROM reservation r JOIN reservation_line l ON l.reservation_id = r.id JOIN location p ON p.id = r.location_id
  WHERE r.status = 'ACTIVE' AND l.sku_id = $1 AND l.quantity > 0
  UNION ALL
  SELECT 'Order', o.number, p.code, l.reserved + l.awaiting + l.staged
  FROM customer_order o JOIN order_line l ON l.order_id = o.id JOIN location p ON p.id = o.location_id
  WHERE o.status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY') AND l.sku_id = $1
    AND l.reserved + l.awaiting + l.staged > 0
  UNION ALL
  SELECT 'Transfer', t.number, p.code, l.quantity
  FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id JOIN location p ON p.id = t.from_location_id
  WHERE l.sku_id = $1 AND t.status IN ('DRAFT', 'DISPATCHED')
  UNION ALL
  SELECT 'PurchaseOrder', o.number, p.code, l.quantity - l.received
  FROM purchase_line l JOIN purchase_order o ON o.id = l.purchase_id JOIN location p ON p.id = o.location_id
  WHERE l.sku_id = $1 AND o.status IN ('DRAFT', 'ORDERED', 'PARTIALLY_RECEIVED') AND l.quantity > l.received
  ORDER BY 1, 2 LIMIT $2`;
// Only documents keep units in these buckets; other units there would be left behind by the move.
const REST = `
  SELECT 'StockLevel' AS what, 'RESERVED, STAGED, IN_TRANSIT' AS key, p.code AS location,
         l.reserved + l.staged + l.in_transit AS units
  FROM stock_level l JOIN location p ON p.id = l.location_id
  WHERE l.sku_id = $1 AND l.reserved + l.staged + l.in_transit > 0 ORDER BY p.code LIMIT $2`;

const SPELLED_OUT = 5;

/**
 * Checks that all that stands under this SKU is free to go to another. The caller has locked its shelves and its row, so
 * that nothing is added meanwhile. @throws Refused SkuInUse
 */
export async function refuseUsed(tx: Tx, sku: { id: number; code: string }): Promise<void> {
  const values = [sku.id, ALIAS_LIMITS.uses];
  const documents = await tx.rows<SkuUse>(USES, values);
  const uses = documents.length > 0 ? documents : await tx.rows<SkuUse>(REST, values);
  if (uses.length === 0) return;
  const named = uses
    .slice(0, SPELLED_OUT)
    .map((u) => `${u.what} ${u.key} at ${u.location} (${u.units})`)
    .join(', ');
  const more = uses.length > SPELLED_OUT ? ` and ${uses.length - SPELLED_OUT} more` : '';
  refuse(
    'SkuInUse',
    `'${sku.code}' cannot become an alias yet, because it still has units: ${named}${more}; finish or cancel these first.`,
    { sku: sku.code, uses },
  );
}
