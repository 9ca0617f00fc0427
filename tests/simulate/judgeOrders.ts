// What the model says of orders, from the shelf to the counter and back.

import { newOrder } from './judgeReservations';
import { type CallAnswer, type CountOpened, Mismatch, type Op, same } from './ops';
import {
  available,
  drafted,
  keptBack,
  OPEN_ORDERS,
  promisable,
  type SimulatedOrder,
  type SimulatedOrderLine,
  type SimulatedState,
  settle,
  sweep,
} from './state';

type Of<A extends Op['act']> = Extract<Op, { act: A }>;

const MAX_ATTEMPTS = 5;

/** Units of a SKU that these transfers bring. */
const brought = (opened: readonly CountOpened[], sku: number): number =>
  opened.reduce((n, t) => n + t.lines.reduce((m, l) => m + (l.sku === sku ? l.units : 0), 0), 0);

/** Opens the transfers that a command answered with, compared with what each source can give. @throws Mismatch */
function open(
  state: SimulatedState,
  order: { id: string; place: number },
  opened: readonly CountOpened[],
  most: (from: number, sku: number) => number,
): void {
  for (const { from, lines } of opened) {
    for (const { sku, units } of lines) {
      if (from === order.place || units > most(from, sku))
        throw new Mismatch(
          `${units} of SKU ${sku} are sent from place ${from}, which can give ${most(from, sku)}`,
        );
    }
  }
  for (const { id, from, lines } of opened)
    state.transfers.push({
      id,
      from,
      to: order.place,
      order: order.id,
      status: 'DRAFT',
      lines: drafted(lines),
    });
}

export function order(state: SimulatedState, op: Of<'order'>, answer: CallAnswer): void {
  const { place, channel } = op;
  sweep(
    state,
    place,
    op.lines.map((l) => l.sku),
  );
  const opened = answer.opened ?? [];
  const others = state.shelves.map((_, at) => at).filter((at) => at !== place);
  const lines = op.lines.map(({ sku, units }) => {
    const here = Math.min(units, promisable(state, place, sku, channel));
    const elsewhere = others.reduce((n, at) => n + promisable(state, at, sku, channel), 0);
    return { sku, units, here, there: op.transfer ? Math.min(units - here, elsewhere) : 0 };
  });
  const short = lines.filter((l) => l.here + l.there < l.units);
  const nothing = lines.every((l) => l.here + l.there === 0);
  if (nothing || (short.length > 0 && !op.partial)) {
    same('placeOrder', answer.kind, 'NotEnoughStock');
    same(
      'lines that are short',
      answer.short,
      short.map((l) => ({ sku: l.sku, requested: l.units, available: null })),
    );
    return;
  }
  same('placeOrder', answer.kind, 'ok');
  const made = lines
    .filter((l) => l.here + l.there > 0)
    .map((l) => ({ sku: l.sku, reserved: l.here, awaiting: l.there }));
  if (answer.lines)
    same(
      'lines of the order',
      answer.lines,
      made.sort((a, b) => a.sku - b.sku),
    );
  for (const l of lines) same(`units of SKU ${l.sku} fetched`, brought(opened, l.sku), l.there);
  const whole = made.map((l) => ({ ...l, staged: 0, collected: 0, cancelled: 0, short: 0, returned: 0 }));
  const fresh = newOrder(op, answer.id!, op.paid, whole);
  open(state, fresh, opened, (from, sku) => promisable(state, from, sku, channel));
  state.orders.push(fresh);
}

/** @returns the order in this status; another's refusal was checked */
export function standing(
  state: SimulatedState,
  doc: number,
  answer: CallAnswer,
  statuses: readonly string[],
): SimulatedOrder | null {
  const found = state.orders[doc]!;
  if (statuses.includes(found.status)) return found;
  same('kind', answer.kind, 'WrongState');
  same('state', answer.state, found.status);
  return null;
}

export function start(state: SimulatedState, op: Of<'start'>, answer: CallAnswer): void {
  const found = standing(state, op.doc, answer, ['PLACED']);
  if (found === null) return;
  same('startPicking', answer.kind, 'ok');
  found.status = 'PICKING';
  found.picking = true;
}

/** @returns the line of which so many units are in `bucket`; every refusal was checked */
function takable(
  state: SimulatedState,
  op: Of<'pick' | 'unpick' | 'short' | 'broken'>,
  answer: CallAnswer,
  bucket: 'reserved' | 'staged',
): [SimulatedOrder, SimulatedOrderLine] | null {
  const statuses = bucket === 'reserved' ? ['PICKING'] : ['PICKING', 'AWAITING_TRANSFER'];
  const found = standing(state, op.doc, answer, statuses);
  if (found === null) return null;
  const line = found.lines.find((l) => l.sku === op.sku);
  const kind =
    line === undefined
      ? 'NotFound'
      : line[bucket] === 0
        ? 'WrongState'
        : op.units > line[bucket]
          ? 'InvalidInput'
          : 'ok';
  same(op.act, answer.kind, kind);
  return kind === 'ok' ? [found, line!] : null;
}

/** Units of a line change between the shelf and the counter; fewer than none go back. */
function stage(state: SimulatedState, order: SimulatedOrder, line: SimulatedOrderLine, units: number): void {
  const shelf = state.shelves[order.place]![line.sku]!;
  line.reserved -= units;
  line.staged += units;
  shelf.onShelf -= units;
  shelf.staged += units;
}

export function pick(state: SimulatedState, op: Of<'pick'>, answer: CallAnswer): void {
  const found = takable(state, op, answer, 'reserved');
  if (found !== null) stage(state, ...found, op.units);
}

export function unpick(state: SimulatedState, op: Of<'unpick'>, answer: CallAnswer): void {
  const found = takable(state, op, answer, 'staged');
  if (found === null) return;
  stage(state, ...found, -op.units);
  settle(found[0]);
}

export function short(state: SimulatedState, op: Of<'short'>, answer: CallAnswer): void {
  const found = takable(state, op, answer, 'reserved');
  if (found === null) return;
  const [of, line] = found;
  line.reserved -= op.units;
  state.shelves[of.place]![op.sku]!.onShelf -= op.units;
  replace(state, op, answer, of, line);
}

export function broken(state: SimulatedState, op: Of<'broken'>, answer: CallAnswer): void {
  const found = takable(state, op, answer, 'staged');
  if (found === null) return;
  const [of, line] = found;
  line.staged -= op.units;
  state.shelves[of.place]![op.sku]!.staged -= op.units;
  replace(state, { ...op, damaged: true }, answer, of, line);
}

/** What becomes of units of a line that are lost. */
function replace(
  state: SimulatedState,
  op: { sku: number; units: number; damaged: boolean; resource: boolean },
  answer: CallAnswer,
  of: SimulatedOrder,
  line: SimulatedOrderLine,
): void {
  const { place, channel } = of;
  sweep(state, place, [op.sku]);
  if (op.damaged) state.shelves[place]![op.sku]!.quarantine += op.units;
  const here = op.damaged && op.resource ? Math.min(op.units, promisable(state, place, op.sku, channel)) : 0;
  line.reserved += here;
  const left = op.resource ? op.units - here : 0;
  const others = state.shelves.map((_, at) => at).filter((at) => at !== place);
  const elsewhere = others.reduce((n, at) => n + promisable(state, at, op.sku, channel), 0);
  const there = Math.min(left, elsewhere);
  same('what became of them', [answer.here, answer.fetched], [here, there]);
  same('units fetched', brought(answer.opened!, op.sku), there);
  open(state, of, answer.opened!, (from, sku) => promisable(state, from, sku, channel));
  line.awaiting += there;
  line.short += op.units - here - there;
  settle(of);
}

export function ready(state: SimulatedState, op: Of<'ready'>, answer: CallAnswer): void {
  const found = standing(state, op.doc, answer, ['PICKING']);
  if (found === null) return;
  const open = found.lines.some((l) => l.reserved + l.awaiting > 0);
  same('markReady', answer.kind, open ? 'LinesOpen' : 'ok');
  if (open) return;
  found.status = 'READY';
  found.collectBy = answer.collectBy!;
  found.codes += 1;
}

/** Everything that is still at the shop goes back on the shelf, and nothing is awaited any more. */
function backToShelf(state: SimulatedState, of: SimulatedOrder): void {
  for (const line of of.lines) {
    const shelf = state.shelves[of.place]![line.sku]!;
    shelf.staged -= line.staged;
    shelf.onShelf += line.staged;
    line.cancelled += line.staged + line.reserved + line.awaiting;
    line.staged = line.reserved = line.awaiting = 0;
  }
}

export function collect(state: SimulatedState, op: Of<'collect'>, answer: CallAnswer): void {
  const found = standing(state, op.doc, answer, ['READY']);
  if (found === null) return;
  if (found.attempts >= MAX_ATTEMPTS) {
    same('collectOrder', answer.kind, 'PickupCodeLocked');
    return;
  }
  if (!op.right) {
    found.attempts += 1;
    same('collectOrder', answer.kind, 'WrongPickupCode');
    return;
  }
  if (!found.paid && !op.paid) {
    same('collectOrder', answer.kind, 'PaymentDue');
    return;
  }
  same('collectOrder', answer.kind, 'ok');
  found.status = 'COLLECTED';
  for (const line of found.lines) {
    const taken = op.first === null ? line.staged : line.sku === op.first ? 1 : 0;
    state.shelves[found.place]![line.sku]!.staged -= taken;
    line.staged -= taken;
    line.collected += taken;
  }
  backToShelf(state, found);
}

export function reissue(state: SimulatedState, op: Of<'reissue'>, answer: CallAnswer): void {
  const found = standing(state, op.doc, answer, ['READY']);
  if (found === null) return;
  same('reissuePickupCode', answer.kind, 'ok');
  found.attempts = 0;
  found.codes += 1;
}

export function cancel(state: SimulatedState, op: Of<'cancel'>, answer: CallAnswer): void {
  const found = standing(state, op.doc, answer, OPEN_ORDERS);
  if (found === null) return;
  same('cancelOrder', answer.kind, 'ok');
  for (const transfer of state.transfers.filter((t) => t.order === found.id)) {
    if (transfer.status === 'DISPATCHED') transfer.order = null;
    if (transfer.status === 'DRAFT') transfer.status = 'CANCELLED';
  }
  backToShelf(state, found);
  found.status = 'CANCELLED';
}

/** Orders that were not fetched in time close. */
export function noShows(state: SimulatedState): void {
  for (const found of state.orders) {
    if (found.status !== 'READY' || found.collectBy === null || found.collectBy > state.now) continue;
    found.status = 'NO_SHOW';
    backToShelf(state, found);
  }
}

/** Awaited units that will not come: found at the shop, fetched from a third location, or given up. */
export function missed(
  state: SimulatedState,
  of: SimulatedOrder,
  source: number,
  missing: readonly { sku: number; units: number }[],
  opened: readonly CountOpened[],
): void {
  const most = (at: number, sku: number): number =>
    Math.max(0, available(state, at, sku) - keptBack(state, at, sku, of.channel));
  const others = state.shelves.map((_, at) => at).filter((at) => at !== of.place && at !== source);
  const plans = missing.map(({ sku, units }) => {
    const here = Math.min(units, most(of.place, sku));
    const elsewhere = others.reduce((n, at) => n + most(at, sku), 0);
    return { sku, units, here, there: Math.min(units - here, elsewhere) };
  });
  for (const { sku, there } of plans)
    same(`units of SKU ${sku} fetched instead`, brought(opened, sku), there);
  open(state, of, opened, most);
  for (const { sku, units, here, there } of plans) {
    const line = of.lines.find((l) => l.sku === sku)!;
    line.awaiting += there - units;
    line.reserved += here;
    line.short += units - here - there;
  }
}
