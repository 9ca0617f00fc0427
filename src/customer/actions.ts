// eraseCustomer: erases the personal data of a closed order; its quantities and moves stay.

import { type Command, defineCommand } from '../access/actions/execute';
import { eraseStatement } from '../db/documentSql';
import type { Tx } from '../db/pool';
import { lockOrder, notifyOrders } from '../order/actions/document';
import { must } from '../order/rules/status';
import { erasedColumns } from './rules/personalData';

/** By table, which rows belong to the customer of order $1. In the order of locks: returns come after their order. */
const ROWS_OF_ORDER: Readonly<Record<string, string>> = {
  customer_order: 'id = $1',
  pickup_code_unlock: 'order_id = $1',
  reservation: 'id = (SELECT reservation_id FROM customer_order WHERE id = $1)',
  customer_return: 'order_id = $1',
  return_line: 'return_id IN (SELECT id FROM customer_return WHERE order_id = $1)',
};

/** One statement for each table with columns to erase, by the order $1. @throws Error for a table that is missing above */
export function eraseStatements(columns: ReturnType<typeof erasedColumns>): string[] {
  for (const table of columns.keys())
    if (ROWS_OF_ORDER[table] === undefined)
      throw new Error(`Which rows of ${table} belong to the customer of an order is not declared.`);
  return Object.entries(ROWS_OF_ORDER).flatMap(([table, condition]) => {
    const erased = columns.get(table);
    return erased === undefined ? [] : [eraseStatement(table, erased, condition)];
  });
}

const ERASE = eraseStatements(erasedColumns());
const MARK_ERASED = `
  UPDATE customer_order SET erased_at = coalesce(erased_at, $2), updated_at = $2 WHERE id = $1`;

/**
 * Erases the customer of a closed order: every column that the registry of personal data marks as erased, in the order and in
 * all rows that belong to it. @throws Refused WrongState while it is open
 */
export const eraseCustomer = defineCommand(
  'eraseCustomer',
  async (tx: Tx, { input, actor, now }: Command<{ orderId: string }>) => {
    const order = await lockOrder(tx, actor, input.orderId);
    must('erase', order);
    for (const statement of ERASE) await tx.rows(statement, [order.id]);
    await tx.rows(MARK_ERASED, [order.id, now]);
    await notifyOrders(tx, [order]);
    return { orderId: order.id };
  },
);
