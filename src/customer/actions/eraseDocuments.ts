// Erases the personal data of closed orders and of returns; of an erased customer's open orders, once they are closed.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { notifyOrders } from '../../order/actions/document';
import { OPEN_STATES } from '../../order/rules/status';
import { erasedColumns } from '../rules/personalData';
import { eraseStatements, ROWS_OF_RETURNS } from './eraseStatements';
import { lockCustomers } from './links';

const ERASE_ORDERS = eraseStatements(erasedColumns());
const ERASE_RETURNS = eraseStatements(erasedColumns(), ROWS_OF_RETURNS);
const DELETE_PERSON_RECORDS = `
  DELETE FROM person_record p USING interaction n WHERE n.id = p.interaction_id AND n.order_id = ANY($1::uuid[])`;
const MARK_ERASED = `
  UPDATE customer_order SET erased_at = coalesce(erased_at, $2), updated_at = $2 WHERE id = ANY($1::uuid[])`;

/**
 * Erases locked orders: every column that the registry of personal data marks as erased, in the orders and in all rows that belong to
 * them, and what their interactions state about the person. Under the lock of customers: the job that records interactions reads an
 * order either before, and then what it stored is deleted here, or erased.
 */
export async function eraseOrders(
  tx: Tx,
  now: Date,
  orders: readonly { id: string; locationId: number }[],
): Promise<void> {
  if (orders.length === 0) return;
  const ids = orders.map(({ id }) => id);
  for (const statement of ERASE_ORDERS) await tx.rows(statement, [ids]);
  await deletePersonRecords(tx, ids);
  await tx.rows(MARK_ERASED, [ids, now]);
  await notifyOrders(tx, orders);
}

/** Deletes what the interactions of these orders state about the person. */
export async function deletePersonRecords(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await tx.rows(DELETE_PERSON_RECORDS, [orderIds]);
}

/** Erases what customers and staff wrote in these returns. */
export async function eraseReturns(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  for (const statement of ERASE_RETURNS) await tx.rows(statement, [ids]);
}

/** Orders of one transaction. */
const BATCH = 200;
const LOCK_CLOSED = `
  SELECT o.id, o.location_id AS "locationId"
  FROM erasure_order e JOIN customer_order o ON o.id = e.order_id
  WHERE e.erased_at IS NULL AND o.status <> ALL($1::order_status[])
  ORDER BY o.id LIMIT $2 FOR UPDATE OF o SKIP LOCKED`;
const FINISH_ORDERS = `UPDATE erasure_order SET erased_at = $2 WHERE order_id = ANY($1::uuid[])`;
const FINISH_REQUESTS = `
  UPDATE data_request r SET status = 'DONE', finished_at = $1
  WHERE r.kind = 'ERASURE' AND r.status = 'PENDING'
    AND NOT EXISTS (SELECT FROM erasure_order e WHERE e.request_id = r.id AND e.erased_at IS NULL)`;

/** Erases the orders of erased customers that were open then and are closed now. */
export async function eraseClosedOrders(db: Db, now: Date): Promise<{ erased: number }> {
  for (let erased = 0; ; ) {
    const found = await inTransaction(db, async (tx) => {
      await lockCustomers(tx);
      const orders = await tx.rows<{ id: string; locationId: number }>(LOCK_CLOSED, [OPEN_STATES, BATCH]);
      if (orders.length === 0) return 0;
      await eraseOrders(tx, now, orders);
      await tx.rows(FINISH_ORDERS, [orders.map(({ id }) => id), now]);
      await tx.rows(FINISH_REQUESTS, [now]);
      return orders.length;
    });
    erased += found;
    if (found < BATCH) return { erased };
  }
}
