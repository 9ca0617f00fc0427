// Customers of feeds of whom lines changed: whoever records their receipts takes them from the list.

import type { Tx } from '../../../db/pool';

const TAKE = 'DELETE FROM sales_customer_change WHERE feed_id = $1 AND customer = ANY($2::uuid[])';

/** Takes customers from the list. The feed is locked, so that what changes afterwards puts them on it again. */
export async function takeChangedCustomers(
  tx: Tx,
  feedId: number,
  customers: readonly string[],
): Promise<void> {
  await tx.rows(TAKE, [feedId, customers]);
}
