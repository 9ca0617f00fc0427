// eraseCustomer: erases the personal data of a closed order or of a whole customer; quantities, amounts and moves stay.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { lockOrder } from '../../order/actions/document';
import { must } from '../../order/rules/status';
import type { IdentifierLimits } from '../rules/links';
import { eraseOrders } from './eraseDocuments';
import { erasePerson } from './erasePerson';
import { lockCustomers } from './links';

/** Whose data is erased: that of the customer of one order, or of all that is known of a customer. */
export type ErasureSubject = { orderId: string } | { customerId: string };

/** A request to erase, with the days in which receivers of `customer.erased` should acknowledge, and the limits of customers. */
export type ErasureInput = ErasureSubject & { acknowledgeDays: number; limits: IdentifierLimits };

/** The result of an erasure. */
export interface ErasureResult {
  /** Null when a whole customer was erased. */
  orderId: string | null;
  /** Orders that are erased when they are closed. Left out by earlier releases, which erased closed orders only. */
  openOrders?: number;
  /** Customers that only the model had joined with this one; they are not erased. Left out by earlier releases. */
  probableIds?: string[];
}

/** Erases the customer of a closed order, or a whole customer. @throws Refused NotFound, WrongState while the one order is open */
export const eraseCustomer = defineCommand(
  'eraseCustomer',
  async (tx: Tx, { input, actor, now }: Command<ErasureInput>): Promise<ErasureResult> => {
    if ('customerId' in input) {
      const { customerId, acknowledgeDays, limits } = input;
      const request = { customerId, actorId: actor.actorId, now, acknowledgeDays, limits };
      return { orderId: null, ...(await erasePerson(tx, request)) };
    }
    await lockCustomers(tx);
    const order = await lockOrder(tx, actor, input.orderId);
    must('erase', order);
    await eraseOrders(tx, now, [order]);
    return { orderId: order.id, openOrders: 0 };
  },
);
