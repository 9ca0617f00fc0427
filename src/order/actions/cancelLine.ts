// cancelOrderLine: cancels units of one line of an order; the rest of the order goes on.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import { mustServe } from '../../access/queries/served';
import type { Caller } from '../../access/rules/roles';
import { insertStatement } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import { enqueue, type Message } from '../../outbox/actions/enqueue';
import { refuse } from '../../refusals';
import { lockShelves, post } from '../../stock/ledger';
import { orderTransfersForUpdate } from '../../transfer/actions/planned';
import { releaseShelves, releaseUnits } from '../../transfer/actions/releaseUnits';
import type { InsertedRow } from '../../values/document';
import { LINE_CANCELLATION } from '../rules/columns';
import { amountOf, cancelledUnits, type OrderLine, openUnits, shift, unitsIn } from '../rules/lines';
import { type CancelReason, must } from '../rules/status';
import { carry, type LockedOrder, lineOf, lockOrder, saveOrders, settle } from './document';
import { about } from './notices';
import type { Article } from './pick';
import { changedMessages } from './short';

export interface CancelLineInput {
  orderId: string;
  sku: Article;
  /** Null: all units of the line that are open. */
  quantity: number | null;
  reason: CancelReason;
  note: string | null;
}

/** Staff reduce an open order at any time, its customer only until picking begins. @throws Refused WrongState */
function mustBeReducible(actor: Caller, order: LockedOrder): void {
  const isForCustomer = actor.role === 'STOREFRONT' || actor.role === 'AGENT';
  must(isForCustomer ? 'cancelUnpickedLine' : 'cancelLine', order);
  if (!isForCustomer || order.pickingAt === null) return;
  const { number, status } = order;
  refuse('WrongState', `Order ${number} is being picked; only staff of its shop can reduce it now.`, {
    what: 'Order',
    key: number,
    state: status,
    allowedStates: ['PLACED'],
  });
}

/** Units to cancel. @throws Refused WrongState for a line without open units, InvalidInput for more units than are open */
function unitsToCancel({ number }: LockedOrder, line: OrderLine, { sku, quantity }: CancelLineInput): number {
  const open = openUnits(line);
  if (open === 0) {
    const state = line.cancelled > 0 ? 'CANCELLED' : 'SHORT';
    const facts = { what: 'OrderLine', key: sku.code, state, allowedStates: ['OPEN'] };
    refuse('WrongState', `Line ${sku.code} of order ${number} has no open units any more.`, facts);
  }
  if (quantity !== null && quantity > open) {
    const message = `quantity is ${quantity}; only ${open} of ${sku.code} are open in order ${number}.`;
    refuse('InvalidInput', message, { path: 'quantity' });
  }
  return quantity ?? open;
}

/** A READY order stays so while goods of it are left; any other gets the status of its lines. */
function settleReduced(order: LockedOrder, { reason, note }: CancelLineInput, now: Date): void {
  if (order.status === 'READY' && unitsIn(order.lines, 'staged') > 0) return;
  settle(order, now);
  if (order.status !== 'CANCELLED') return;
  order.cancelReason = reason;
  order.cancelNote = note;
}

const RECORD = insertStatement(LINE_CANCELLATION);

async function record(
  tx: Tx,
  { input, actor, now, commandId }: Command<CancelLineInput>,
  quantity: number,
): Promise<void> {
  const { orderId, sku, reason, note } = input;
  const row: InsertedRow<typeof LINE_CANCELLATION> = {
    ...{ id: uuid(), orderId, skuId: sku.id, actorId: actor.actorId, commandId, quantity, reason, note },
  };
  await tx.rows(RECORD, [JSON.stringify([row]), now]);
}

/** Messages about the units and their price, which a paid order gets back. */
function messagesOf(
  order: LockedOrder,
  line: OrderLine,
  input: CancelLineInput,
  quantity: number,
): Message[] {
  const units = { sku: input.sku.code, cancelled: quantity, reason: input.reason };
  const price = amountOf([line], () => quantity);
  const facts = { ...units, price, isPaid: order.paidAt !== null };
  return [about('order.line_cancelled', order, facts), ...changedMessages(order, units)];
}

/**
 * Cancels units of one line. Awaited units are cancelled first, then those to be picked, then picked ones: units at the shop become
 * AVAILABLE, DRAFT transfers smaller, and what is in transit arrives as stock. With its last open unit the order is CANCELLED.
 * @throws Refused NotFound, WrongState, InvalidInput @throws Forbidden
 */
export const cancelOrderLine = defineCommand(
  'cancelOrderLine',
  async (tx, command: Command<CancelLineInput>) => {
    const { input, actor, now, commandId } = command;
    const order = await lockOrder(tx, actor, input.orderId);
    await mustServe(tx, command, order);
    mustBeReducible(actor, order);
    const line = lineOf(order, input.sku);
    const quantity = unitsToCancel(order, line, input);
    const units = cancelledUnits(line, quantity);
    const { skuId } = line;
    const transfers = units.awaiting > 0 ? await orderTransfersForUpdate(tx, [order.id]) : [];
    const own = { locationId: order.locationId, skuId };
    const shelves = await lockShelves(tx, [own, ...releaseShelves(transfers, skuId)]);
    shift(line, 'awaiting', 'cancelled', units.awaiting);
    await releaseUnits(tx, shelves, { commandId, now }, transfers, { skuId, quantity: units.awaiting });
    const back = { to: 'cancelled', bucket: 'AVAILABLE', reason: 'CANCELLED', commandId } as const;
    const moves = (['reserved', 'staged'] as const).map((from) =>
      carry(order, line, { ...back, from, quantity: units[from] }),
    );
    await post(tx, shelves, now, moves);
    settleReduced(order, input, now);
    await saveOrders(tx, now, [order]);
    await record(tx, command, quantity);
    await enqueue(tx, now, messagesOf(order, line, input, quantity));
    return { orderId: order.id, skuId };
  },
);
