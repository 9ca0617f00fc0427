// What the model says of corrections: cancelled lines, recalled and completed transfers, receipts that are taken back.

import { travelling } from './judgeGoods';
import { missed, standing } from './judgeOrders';
import { type CallAnswer, type Op, same } from './ops';
import {
  available,
  OPEN_ORDERS,
  type SimulatedOrder,
  type SimulatedState,
  type SkuUnits,
  settle,
} from './state';

type Of<A extends Op['act']> = Extract<Op, { act: A }>;

/** Units that an order does not wait for any more: of its newest drafts first, then of what is on its way. */
function release(state: SimulatedState, order: SimulatedOrder, sku: number, units: number): void {
  let left = units;
  const newest = state.transfers.filter((t) => t.order === order.id).sort((a, b) => (a.id < b.id ? 1 : -1));
  for (const status of ['DRAFT', 'DISPATCHED']) {
    for (const transfer of newest.filter((t) => t.status === status)) {
      const line = transfer.lines.find((l) => l.sku === sku);
      const taken = Math.min(left, line === undefined ? 0 : line.units - line.freed);
      if (line === undefined || taken === 0) continue;
      left -= taken;
      if (status === 'DISPATCHED') {
        line.freed += taken;
        if (transfer.lines.every((l) => l.freed === l.units)) transfer.order = null;
      } else if (line.units === taken && transfer.lines.length === 1) transfer.status = 'CANCELLED';
      else {
        line.units -= taken;
        transfer.lines = transfer.lines.filter((l) => l.units > 0);
      }
    }
  }
  same('awaited units that are on no transfer', left, 0);
}

export function cancelLine(state: SimulatedState, op: Of<'cancelLine'>, answer: CallAnswer): void {
  const able = op.byCustomer ? ['PLACED', 'AWAITING_TRANSFER'] : OPEN_ORDERS;
  const order = standing(state, op.doc, answer, able);
  if (order === null) return;
  const line = order.lines.find((l) => l.sku === op.sku);
  const open = line === undefined ? 0 : line.awaiting + line.reserved + line.staged;
  const isPicked = op.byCustomer && order.picking;
  if (isPicked || line === undefined || open === 0) {
    same('cancelOrderLine', answer.kind, !isPicked && line === undefined ? 'NotFound' : 'WrongState');
    if (isPicked) same('state', answer.state, order.status);
    else if (line !== undefined) same('state', answer.state, line.cancelled > 0 ? 'CANCELLED' : 'SHORT');
    return;
  }
  same('cancelOrderLine', answer.kind, (op.units ?? 0) > open ? 'InvalidInput' : 'ok');
  if (answer.kind !== 'ok') return;
  const units = op.units ?? open;
  const awaited = Math.min(line.awaiting, units);
  const unpicked = Math.min(line.reserved, units - awaited);
  const picked = units - awaited - unpicked;
  release(state, order, op.sku, awaited);
  const shelf = state.shelves[order.place]![op.sku]!;
  shelf.staged -= picked;
  shelf.onShelf += picked;
  line.awaiting -= awaited;
  line.reserved -= unpicked;
  line.staged -= picked;
  line.cancelled += units;
  if (order.status !== 'READY' || order.lines.every((l) => l.staged === 0)) settle(order);
}

export function recall(state: SimulatedState, op: Of<'recall'>, answer: CallAnswer): void {
  const transfer = travelling(state, op.doc, answer, 'DISPATCHED');
  if (transfer === null) return;
  transfer.status = 'CANCELLED';
  for (const { sku, units } of transfer.lines) {
    state.shelves[transfer.to]![sku]!.inTransit -= units;
    state.shelves[transfer.from]![sku]!.onShelf += units;
  }
  const order = state.orders.find((o) => o.id === transfer.order);
  if (order === undefined) return;
  const missing = transfer.lines.map(({ sku, units, freed }) => ({ sku, units: units - freed }));
  missed(state, order, transfer.from, missing, answer.opened!);
  settle(order);
}

export function receiveLate(state: SimulatedState, op: Of<'receiveLate'>, answer: CallAnswer): void {
  const transfer = travelling(state, op.doc, answer, 'RECEIVED', ['ok', 'InvalidInput']);
  if (transfer === null) return;
  const [line] = transfer.lines;
  const missing = Math.max(0, line!.units - line!.received);
  same('receiveLateUnits', answer.kind, op.units > missing ? 'InvalidInput' : 'ok');
  if (answer.kind !== 'ok') return;
  line!.received += op.units;
  state.shelves[transfer.to]![op.sku]!.onShelf += op.units;
}

/** Takes units off a shelf on which they must be AVAILABLE; false when some are not, whose refusal was checked. */
function takeBack(
  state: SimulatedState,
  place: number,
  lines: readonly SkuUnits[],
  answer: CallAnswer,
): boolean {
  const short = lines.flatMap(({ sku, units }) => {
    const there = available(state, place, sku);
    return units > there ? [{ sku, requested: units, available: there }] : [];
  });
  same('receipt taken back', answer.kind, short.length > 0 ? 'NotEnoughStock' : 'ok');
  if (short.length > 0) same('short', answer.short, short);
  else for (const { sku, units } of lines) state.shelves[place]![sku]!.onShelf -= units;
  return short.length === 0;
}

export function reverseArrival(state: SimulatedState, op: Of<'reverseArrival'>, answer: CallAnswer): void {
  const transfer = travelling(state, op.doc, answer, 'RECEIVED', ['ok', 'NotEnoughStock', 'WrongState']);
  if (transfer === null) return;
  if (transfer.order !== null) {
    same('reverseTransferReceipt', [answer.kind, answer.state], ['WrongState', 'FOR_ORDER']);
    return;
  }
  const received = transfer.lines.map(({ sku, received: units }) => ({ sku, units }));
  if (!takeBack(state, transfer.to, received, answer)) return;
  transfer.status = 'DISPATCHED';
  for (const line of transfer.lines) {
    state.shelves[transfer.to]![line.sku]!.inTransit += line.units;
    line.received = 0;
  }
}

export function reverseDelivery(state: SimulatedState, op: Of<'reverseDelivery'>, answer: CallAnswer): void {
  const purchase = state.purchases[op.doc]!;
  if (!['PARTIALLY_RECEIVED', 'RECEIVED', 'CLOSED'].includes(purchase.status)) {
    same('reversePurchaseReceipt', [answer.kind, answer.state], ['WrongState', purchase.status]);
    return;
  }
  const received = (sku: number): number => purchase.lines.find((l) => l.sku === sku)?.received ?? 0;
  const all = purchase.lines.map(({ sku, received: units }) => ({ sku, units })).filter((l) => l.units > 0);
  const back = op.whole ? all : [{ sku: op.sku, units: op.units }];
  if (back.length === 0 || back.some(({ sku, units }) => units > received(sku))) {
    same('reversePurchaseReceipt', answer.kind, 'InvalidInput');
    return;
  }
  if (!takeBack(state, purchase.place, back, answer)) return;
  for (const { sku, units } of back) purchase.lines.find((l) => l.sku === sku)!.received -= units;
  const complete = purchase.lines.every((l) => l.received >= l.units);
  const isEmpty = purchase.lines.every((l) => l.received === 0);
  purchase.status = isEmpty ? 'ORDERED' : complete ? 'RECEIVED' : 'PARTIALLY_RECEIVED';
}
