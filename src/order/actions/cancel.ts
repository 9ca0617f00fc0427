// cancelOrder: cancels an order at any step before its goods are handed over.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustServe } from '../../access/queries/served';
import { enqueue } from '../../outbox/actions/enqueue';
import { lockShelves, type Move, post } from '../../stock/ledger';
import {
  cancelDrafts,
  detachDispatched,
  draftShelves,
  orderTransfersForUpdate,
} from '../../transfer/actions/planned';
import { shift } from '../rules/lines';
import { type CancelReason, must } from '../rules/status';
import { carry, type LockedOrder, lockOrder, saveOrders, shelvesOf } from './document';
import { cancelledMessages } from './notices';

/** Cancels all open units: those at the shop go back to the shelf, awaited ones are no longer awaited. */
function giveBack(order: LockedOrder, commandId: number): Move[] {
  return order.lines.flatMap((line) => {
    const back = { to: 'cancelled', bucket: 'AVAILABLE', reason: 'CANCELLED', commandId } as const;
    shift(line, 'awaiting', 'cancelled', line.awaiting);
    return [
      carry(order, line, { ...back, from: 'reserved', quantity: line.reserved }),
      carry(order, line, { ...back, from: 'staged', quantity: line.staged }),
    ];
  });
}

/**
 * Cancels an order. Its units become AVAILABLE at the shop; DRAFT transfers are cancelled, DISPATCHED ones arrive as
 * AVAILABLE stock. @throws Refused NotFound, WrongState @throws Forbidden
 */
export const cancelOrder = defineCommand(
  'cancelOrder',
  async (tx, command: Command<{ orderId: string; reason: CancelReason; note: string | null }>) => {
    const { input, actor, now, commandId } = command;
    const order = await lockOrder(tx, actor, input.orderId);
    await mustServe(tx, command, order);
    must('cancel', order);
    const transfers = await orderTransfersForUpdate(tx, [order.id]);
    const shelves = await lockShelves(tx, [...shelvesOf(order), ...draftShelves(transfers)]);
    await cancelDrafts(tx, shelves, { commandId, now }, transfers);
    await detachDispatched(tx, transfers);
    await post(tx, shelves, now, giveBack(order, commandId));
    order.status = 'CANCELLED';
    order.cancelReason = input.reason;
    order.cancelNote = input.note;
    order.closedAt = now;
    await saveOrders(tx, now, [order]);
    await enqueue(tx, now, cancelledMessages(order));
    return { orderId: order.id };
  },
);
