// The location of an order, for what is read by its rules before the order is locked.

import type { Tx } from '../../db/pool';

const LOCATION =
  'SELECT l.code FROM customer_order o JOIN location l ON l.id = o.location_id WHERE o.id = $1';

/** Code of the location of an order; null when there is no such order. */
export async function locationOfOrder(tx: Tx, orderId: string): Promise<string | null> {
  const [row] = await tx.rows<{ code: string }>(LOCATION, [orderId]);
  return row?.code ?? null;
}
