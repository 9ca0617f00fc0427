// What the model says of goods: received, adjusted, counted, quarantined, sent, bought and brought back.

import { missed } from './judgeOrders';
import { type CallAnswer, type Op, same } from './ops';
import {
  available,
  drafted,
  free,
  reserved,
  type SimulatedState,
  type SkuUnits,
  settle,
  summed,
  sweep,
  type Transfer,
} from './state';
import type { DISPOSITIONS } from './steps';

type Of<A extends Op['act']> = Extract<Op, { act: A }>;

/** Units sold of every SKU on every receipt. */
export const ON_RECEIPT = 3;
const BIG_UNITS = 10;
const BIG_SHARE = 0.2;

export function receive(state: SimulatedState, op: Of<'receive'>, answer: CallAnswer): void {
  same('receiveStock', answer.kind, 'ok');
  for (const { sku, units } of op.lines) state.shelves[op.place]![sku]!.onShelf += units;
}

/** Takes units of what is AVAILABLE, if there are so many. */
function take(
  state: SimulatedState,
  { place, sku }: { place: number; sku: number },
  units: number,
  answer: CallAnswer,
  crowded: boolean,
): boolean {
  const there = available(state, place, sku);
  if (units > there && crowded && units <= free(state, place, sku) && answer.kind === 'ok')
    sweep(state, place, [sku]);
  else if (units > there) {
    same('kind', answer.kind, 'NotEnoughStock');
    if (!crowded) same('short', answer.short, [{ sku, requested: units, available: there }]);
    return false;
  }
  same('kind', answer.kind, 'ok');
  state.shelves[place]![sku]!.onShelf -= units;
  return true;
}

export function adjust(state: SimulatedState, op: Of<'adjust'>, answer: CallAnswer, crowded: boolean): void {
  if (op.delta < 0) take(state, op, -op.delta, answer, crowded);
  else {
    same('adjustStock', answer.kind, 'ok');
    state.shelves[op.place]![op.sku]!.onShelf += op.delta;
  }
}

export function setAside(
  state: SimulatedState,
  op: Of<'setAside'>,
  answer: CallAnswer,
  crowded: boolean,
): void {
  if (take(state, op, op.units, answer, crowded)) state.shelves[op.place]![op.sku]!.quarantine += op.units;
}

export function letGo(state: SimulatedState, op: Of<'letGo'>, answer: CallAnswer): void {
  const shelf = state.shelves[op.place]![op.sku]!;
  same('releaseQuarantine', answer.kind, op.units > shelf.quarantine ? 'NotEnoughStock' : 'ok');
  if (answer.kind !== 'ok') return;
  shelf.quarantine -= op.units;
  if (op.exit === 'RESTOCK') shelf.onShelf += op.units;
}

export function count(state: SimulatedState, op: Of<'count'>, answer: CallAnswer): void {
  const shelf = state.shelves[op.place]![op.sku]!;
  const off = Math.abs(op.counted - shelf.onShelf);
  if (op.expected !== shelf.onShelf) {
    same('countStock', answer.kind, 'StaleCount');
    return;
  }
  if (op.counted < reserved(state, op.place, op.sku)) {
    same('countStock', answer.kind, 'ReservedExceedsCount');
    return;
  }
  same('countStock', answer.kind, 'ok');
  const big = off > BIG_UNITS && off > BIG_SHARE * shelf.onShelf;
  if (!big || op.byPlanner) shelf.onShelf = op.counted;
}

// Between locations --------------------------------------------------------------------------------------------

export function send(state: SimulatedState, op: Of<'send'>, answer: CallAnswer): void {
  const lines = summed(op.lines);
  const short = lines.flatMap(({ sku, units }) => {
    const there = free(state, op.from, sku);
    return units > there ? [{ sku, requested: units, available: there }] : [];
  });
  same('createTransfer', answer.kind, short.length > 0 ? 'NotEnoughStock' : 'ok');
  if (short.length > 0) {
    same('short', answer.short, short);
    return;
  }
  sweep(
    state,
    op.from,
    lines.map((l) => l.sku),
  );
  state.transfers.push({
    id: answer.id!,
    from: op.from,
    to: op.to,
    order: null,
    status: 'DRAFT',
    lines: drafted(lines),
  });
}

/** @returns the transfer in this status, with one of these answers; another's refusal was checked */
export function travelling(
  state: SimulatedState,
  doc: number,
  answer: CallAnswer,
  status: string,
  kinds: readonly string[] = ['ok'],
): Transfer | null {
  const transfer = state.transfers[doc]!;
  if (transfer.status === status) {
    if (!kinds.includes(answer.kind)) same('kind', answer.kind, kinds[0]);
    return transfer;
  }
  same('kind', answer.kind, 'WrongState');
  same('state', answer.state, transfer.status);
  return null;
}

export function dispatch(state: SimulatedState, op: Of<'dispatch'>, answer: CallAnswer): void {
  const transfer = travelling(state, op.doc, answer, 'DRAFT');
  if (transfer === null) return;
  transfer.status = 'DISPATCHED';
  for (const { sku, units } of transfer.lines) {
    state.shelves[transfer.from]![sku]!.onShelf -= units;
    state.shelves[transfer.to]![sku]!.inTransit += units;
  }
}

export function arrive(state: SimulatedState, op: Of<'arrive'>, answer: CallAnswer): void {
  const transfer = travelling(state, op.doc, answer, 'DISPATCHED');
  if (transfer === null) return;
  transfer.status = 'RECEIVED';
  const order = state.orders.find((o) => o.id === transfer.order);
  const missing: SkuUnits[] = [];
  transfer.lines.forEach((sentLine, i) => {
    const { sku, units: sent, freed } = sentLine;
    const came = op.lines?.[i]?.units ?? sent;
    const shelf = state.shelves[transfer.to]![sku]!;
    shelf.inTransit -= sent;
    shelf.onShelf += came;
    sentLine.received = came;
    if (order === undefined) return;
    const kept = Math.min(sent - freed, came);
    const line = order.lines.find((l) => l.sku === sku)!;
    line.awaiting -= kept;
    line.reserved += kept;
    if (kept < sent - freed) missing.push({ sku, units: sent - freed - kept });
  });
  if (order === undefined) return;
  missed(state, order, transfer.from, missing, answer.opened!);
  settle(order);
}

export function callOff(state: SimulatedState, op: Of<'callOff'>, answer: CallAnswer): void {
  const transfer = travelling(state, op.doc, answer, 'DRAFT');
  if (transfer === null) return;
  transfer.status = 'CANCELLED';
  const order = state.orders.find((o) => o.id === transfer.order);
  if (order === undefined) return;
  missed(state, order, transfer.from, transfer.lines, answer.opened!);
  settle(order);
}

// From suppliers ---------------------------------------------------------------------------------------------

export function buy(state: SimulatedState, op: Of<'buy'>, answer: CallAnswer): void {
  same('createPurchaseOrder', answer.kind, 'ok');
  const lines = summed(op.lines).map((l) => ({ ...l, received: 0 }));
  state.purchases.push({ id: answer.id!, place: op.place, status: 'ORDERED', lines });
}

export function deliver(state: SimulatedState, op: Of<'deliver'>, answer: CallAnswer): void {
  const purchase = state.purchases[op.doc]!;
  if (!['ORDERED', 'PARTIALLY_RECEIVED'].includes(purchase.status)) {
    same('kind', answer.kind, 'WrongState');
    same('state', answer.state, purchase.status);
    return;
  }
  const line = purchase.lines.find((l) => l.sku === op.sku);
  if (line === undefined) {
    same('receivePurchaseOrder', answer.kind, 'InvalidInput');
    return;
  }
  const most = line.units + Math.ceil(line.units / 10) - line.received;
  same('receivePurchaseOrder', answer.kind, op.units > most ? 'OverDelivered' : 'ok');
  if (op.units > most) return;
  line.received += op.units;
  state.shelves[purchase.place]![op.sku]!.onShelf += op.units;
  const complete = purchase.lines.every((l) => l.received >= l.units);
  purchase.status = complete ? 'RECEIVED' : op.close ? 'CLOSED' : 'PARTIALLY_RECEIVED';
}

// From customers ---------------------------------------------------------------------------------------------

function shelve(
  state: SimulatedState,
  place: number,
  lines: readonly (SkuUnits & { disposition: (typeof DISPOSITIONS)[number] })[],
): void {
  for (const { sku, units, disposition } of lines) {
    if (disposition === 'RESTOCK') state.shelves[place]![sku]!.onShelf += units;
    if (disposition === 'QUARANTINE') state.shelves[place]![sku]!.quarantine += units;
  }
}

export function giveBack(state: SimulatedState, op: Of<'giveBack'>, answer: CallAnswer): void {
  const order = state.orders[op.doc]!;
  if (order.status !== 'COLLECTED') {
    same('kind', answer.kind, 'WrongState');
    same('state', answer.state, order.status);
    return;
  }
  const lines = summed(op.lines).map((l) => ({ ...l, of: order.lines.find((o) => o.sku === l.sku) }));
  const tooMany = lines.some(({ of, units }) => units > (of ? of.collected - of.returned : 0));
  same('receiveReturn', answer.kind, tooMany ? 'TooManyReturned' : 'ok');
  if (tooMany) return;
  for (const { of, units } of lines) of!.returned += units;
  shelve(state, op.place, op.lines);
}

export function tillReturn(state: SimulatedState, op: Of<'tillReturn'>, answer: CallAnswer): void {
  const key = `${op.receipt}:${op.sku}`;
  const back = (state.receipts[key] ?? 0) + op.units;
  same('receiveReturn', answer.kind, back > ON_RECEIPT ? 'TooManyReturned' : 'ok');
  if (back > ON_RECEIPT) return;
  state.receipts[key] = back;
  shelve(state, op.place, [op]);
}
