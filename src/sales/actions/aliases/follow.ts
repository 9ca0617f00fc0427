// Moves history and settings of a SKU whose code becomes an alias to the SKU that the code stands for; stock is moved in stock.ts.

import type { Tx } from '../../../db/pool';

const MOVE_DAYS = `
  WITH moved AS (
    DELETE FROM daily_sales WHERE sku_id = $1 AND location_id = ANY (ARRAY(SELECT id FROM location)) RETURNING *)
  INSERT INTO daily_sales AS d (location_id, sku_id, day, channel, feed_id, units, returned_units, revenue_minor,
                                stocked_out)
  SELECT location_id, $2, day, channel, feed_id, units, returned_units, revenue_minor, stocked_out FROM moved
  ORDER BY location_id, day, channel, feed_id
  ON CONFLICT (location_id, sku_id, day, channel, feed_id) DO UPDATE
  SET units = d.units + EXCLUDED.units, returned_units = d.returned_units + EXCLUDED.returned_units,
      revenue_minor = d.revenue_minor + EXCLUDED.revenue_minor,
      stocked_out = d.stocked_out AND EXCLUDED.stocked_out
  RETURNING 1 AS moved`;
const MOVE_LINES = 'UPDATE sales_line SET sku_id = $2 WHERE sku_id = $1';
const MOVE_RETURNS = `
  UPDATE return_event SET sku_id = $2 WHERE sku_id = $1 AND location_id = ANY (ARRAY(SELECT id FROM location))`;

/** Moves sales and returns. Answers how many daily facts moved. The feeds are locked. */
export async function moveHistory(tx: Tx, oldId: number, newId: number): Promise<number> {
  const moved = await tx.rows(MOVE_DAYS, [oldId, newId]);
  await tx.rows(MOVE_LINES, [oldId, newId]);
  await tx.rows(MOVE_RETURNS, [oldId, newId]);
  return moved.length;
}

// Settings of the new SKU are kept; the old SKU's rule for the same scope is dropped.
const SETTINGS = [
  'UPDATE sku_gtin SET sku_id = $2 WHERE sku_id = $1',
  `DELETE FROM safety_stock o USING safety_stock n
   WHERE o.sku_id = $1 AND n.sku_id = $2 AND coalesce(n.location_id, 0) = coalesce(o.location_id, 0)
     AND coalesce(n.channel, '') = coalesce(o.channel, '')`,
  'UPDATE safety_stock SET sku_id = $2 WHERE sku_id = $1',
  `DELETE FROM replenishment_policy o USING replenishment_policy n
   WHERE o.sku_id = $1 AND n.sku_id = $2 AND coalesce(n.location_id, 0) = coalesce(o.location_id, 0)
     AND coalesce(n.location_group, '') = coalesce(o.location_group, '')`,
  'UPDATE replenishment_policy SET sku_id = $2 WHERE sku_id = $1',
  `DELETE FROM sku_supplier o USING sku_supplier n
   WHERE o.sku_id = $1 AND n.sku_id = $2 AND n.supplier_id = o.supplier_id`,
  `UPDATE sku_supplier SET preferred = false
   WHERE sku_id = $1 AND EXISTS (SELECT FROM sku_supplier n WHERE n.sku_id = $2 AND n.preferred)`,
  'UPDATE sku_supplier SET sku_id = $2 WHERE sku_id = $1',
  'UPDATE calendar_event SET sku_id = $2 WHERE sku_id = $1',
  // Only announced returns that have not arrived; received ones belong to the history.
  `UPDATE return_line l SET sku_id = $2 FROM customer_return r
   WHERE l.sku_id = $1 AND l.disposition IS NULL AND r.id = l.return_id AND r.status = 'REQUESTED'`,
];
const WITHDRAW = `
  UPDATE replenishment_proposal SET status = 'SUPERSEDED', decided_at = $2, close_reason = 'its SKU was replaced by ' || $3
  WHERE sku_id = $1 AND status = 'PROPOSED'`;

/** Moves rules, offers and events that were made for the old SKU, and withdraws what is proposed for it. */
export async function moveSettings(
  tx: Tx,
  now: Date,
  { oldId, newId, newCode }: { oldId: number; newId: number; newCode: string },
): Promise<void> {
  for (const setting of SETTINGS) await tx.rows(setting, [oldId, newId]);
  await tx.rows(WITHDRAW, [oldId, now, newCode]);
}
