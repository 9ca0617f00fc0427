// The statements that erase the personal data of an order, made from the registry.

import { eraseStatement } from '../../db/documentSql';
import type { erasedColumns } from '../rules/personalData';

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
