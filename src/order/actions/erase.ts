// The right to be forgotten: a closed order keeps its books and loses its person.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { must } from '../rules/status';
import { lockOrder, tellOrders } from './document';

const ERASE = `
  UPDATE customer_order
  SET customer_name = 'erased', customer_email = NULL, customer_phone = NULL, note = NULL, arrival_note = NULL,
      cancel_note = NULL, collected_by = CASE WHEN collected_by IS NULL THEN NULL ELSE 'erased' END,
      erased_at = coalesce(erased_at, $2), updated_at = $2
  WHERE id = $1`;

// Reasons given when its goods came back is the person's too. Returns come after their order in the order of locks.
const ERASE_RETURNS = `
  WITH said AS (
    UPDATE customer_return SET reject_reason = CASE WHEN reject_reason IS NULL THEN NULL ELSE 'erased' END
    WHERE order_id = $1 RETURNING id)
  UPDATE return_line l SET reason = CASE l.reason WHEN '' THEN '' ELSE 'erased' END FROM said WHERE l.return_id = said.id`;

/** Erases the customer of a closed order: name, addresses and every free text, its returns' too. @throws Refused WrongState while it is open */
export const eraseCustomer = defineCommand(
  'eraseCustomer',
  async (tx: Tx, { input, actor, now }: Command<{ orderId: string }>) => {
    const order = await lockOrder(tx, actor, input.orderId);
    must('erase', order);
    await tx.rows(ERASE, [order.id, now]);
    await tx.rows(ERASE_RETURNS, [order.id]);
    await tellOrders(tx, [order]);
    return { orderId: order.id };
  },
);
