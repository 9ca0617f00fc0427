// undoPick: picked units of a line go back to their shelf, and are to be picked again.

import { type Command, defineCommand } from '../../access/actions/execute';
import { refuse } from '../../refusals';
import { lockShelves, post } from '../../stock/ledger';
import type { OrderLine } from '../rules/lines';
import { must } from '../rules/status';
import { carry, type LockedOrder, lineOf, lockOrder, saveOrders, settle } from './document';
import type { Article } from './pick';

/** Checks that so many units of a line are picked. @throws Refused WrongState when none is, else InvalidInput */
export function mustBePicked(order: LockedOrder, line: OrderLine, sku: string, quantity: number): void {
  if (line.staged === 0) {
    const state = line.reserved > 0 ? 'TO_PICK' : line.awaiting > 0 ? 'AWAITING_TRANSFER' : 'SHORT';
    refuse(
      'WrongState',
      `No unit of line ${sku} of order ${order.number} is picked; choose a line with picked units.`,
      { what: 'OrderLine', key: sku, state, allowedStates: ['PICKED'] },
    );
  }
  if (quantity > line.staged) {
    const picked = `only ${line.staged} of ${sku} are picked for order ${order.number}`;
    refuse('InvalidInput', `quantity is ${quantity}; ${picked}.`, { path: 'quantity' });
  }
}

/**
 * Takes back a pick of units that are not with the customer's goods, or should not be: STAGED → RESERVED, still promised
 * to the order. An order that only waited for transfers has something to pick again.
 * @throws Refused WrongState, NotFound, InvalidInput
 */
export const undoPick = defineCommand(
  'undoPick',
  async (tx, command: Command<{ orderId: string; sku: Article; quantity: number }>, sendWithCommit) => {
    const { input, actor, now, commandId } = command;
    const { quantity } = input;
    const order = await lockOrder(tx, actor, input.orderId);
    must('undoPick', order);
    const line = lineOf(order, input.sku);
    mustBePicked(order, line, input.sku.code, quantity);
    const shelves = await lockShelves(tx, [{ locationId: order.locationId, skuId: line.skuId }]);
    const step = { from: 'staged', to: 'reserved', bucket: 'RESERVED', reason: 'PICK_UNDONE' } as const;
    await post(tx, shelves, now, [carry(order, line, { ...step, quantity, commandId })], sendWithCommit);
    settle(order, now);
    sendWithCommit(saveOrders(tx, now, [order]));
    return { orderId: order.id, skuId: line.skuId };
  },
);
