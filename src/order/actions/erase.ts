// The right to be forgotten: a closed order keeps its books and loses its person.

import { act, type Command } from '../../access/act';
import type { Tx } from '../../db/pool';
import { must } from '../rules/life';
import { lockOrder, tellOrders } from './document';

const ERASE = `
  UPDATE customer_order
  SET customer_name = 'erased', customer_email = NULL, customer_phone = NULL, note = NULL, arrival_note = NULL,
      cancel_note = NULL, collected_by = CASE WHEN collected_by IS NULL THEN NULL ELSE 'erased' END,
      erased_at = coalesce(erased_at, $2), updated_at = $2
  WHERE id = $1`;

/** Erases the customer of a closed order: name, addresses and every free text. @throws Refused WrongState while it is open */
export const eraseCustomer = act(
  'eraseCustomer',
  async (tx: Tx, { input, who, now }: Command<{ orderId: string }>) => {
    const order = await lockOrder(tx, who, input.orderId);
    must('erase', order);
    await tx.rows(ERASE, [order.id, now]);
    await tellOrders(tx, [order]);
    return { orderId: order.id };
  },
);
