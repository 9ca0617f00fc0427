// The statements that erase the personal data of orders and returns, made from the registry.

import { eraseStatement } from '../../db/documentSql';
import type { erasedColumns } from '../rules/personalData';

/** By table, which rows belong to some documents, whose ids are $1. */
type RowsOf = Readonly<Record<string, string>>;

/** Of the customers of orders. In the order of locks: returns come after their order. */
const ROWS_OF_ORDERS: RowsOf = {
  customer_order: 'id = ANY($1::uuid[])',
  pickup_code_unlock: 'order_id = ANY($1::uuid[])',
  order_line_cancellation: 'order_id = ANY($1::uuid[])',
  reservation: 'id IN (SELECT reservation_id FROM customer_order WHERE id = ANY($1::uuid[]))',
  customer_return: 'order_id = ANY($1::uuid[])',
  return_line: 'return_id IN (SELECT id FROM customer_return WHERE order_id = ANY($1::uuid[]))',
};

/** Of the customers of returns without an order of ours. */
export const ROWS_OF_RETURNS: RowsOf = {
  customer_return: 'id = ANY($1::uuid[])',
  return_line: 'return_id = ANY($1::uuid[])',
};

/** One statement for each table with columns to erase, by the documents $1. @throws Error for a table that is not declared above */
export function eraseStatements(
  columns: ReturnType<typeof erasedColumns>,
  rowsOf: RowsOf = ROWS_OF_ORDERS,
): string[] {
  for (const table of columns.keys())
    if (ROWS_OF_ORDERS[table] === undefined)
      throw new Error(`Which rows of ${table} belong to the customers of orders is not declared.`);
  return Object.entries(rowsOf).flatMap(([table, condition]) => {
    const erased = columns.get(table);
    return erased === undefined ? [] : [eraseStatement(table, erased, condition)];
  });
}
