// eraseCustomer: erases the personal data of a closed order; its quantities and moves stay.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { lockOrder, notifyOrders } from '../../order/actions/document';
import { must } from '../../order/rules/status';
import { erasedColumns } from '../rules/personalData';
import { eraseStatements } from './eraseStatements';

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
