// Orders as the counter shows them: the last known state with the commands that wait in the outbox on top. No clock, no page.

import type { OutboxEntry } from '../foundation/storage';
import type { CounterOperations } from '../operations.generated';
import { unitsOfCode } from './articleCodes';

type PickupQueueAnswer = NonNullable<CounterOperations['queue']['answer']['pickupQueue']>;
export type CounterOrder = NonNullable<PickupQueueAnswer['toPick']['orders']>[number];
export type CounterLine = CounterOrder['lines'][number];

/** A line with what the outbox adds to it. */
export interface LineView {
  line: CounterLine;
  /** Units still to be picked, without those whose scan waits in the outbox. */
  toPick: number;
  /** Units picked or reported missing here, of which the server does not know yet. */
  unconfirmed: number;
  /** Units of the order, without those cancelled or given up. */
  wanted: number;
}

export interface OrderView {
  order: CounterOrder;
  lines: LineView[];
  /** The state that it has once the server confirms what waits in the outbox. */
  status: CounterOrder['status'];
  /** Whether something about it waits in the outbox. */
  isUnconfirmed: boolean;
  unitsToPick: number;
  units: number;
}

/** The commands that may wait for a network. A handover may not: its code has to be checked. */
export type QueuedCommand =
  | ('startPicking' | 'pickLine' | 'shortPick' | 'markReady' | 'cancelOrder')
  | ('dispatchTransfer' | 'receiveTransfer' | 'receivePurchaseOrder' | 'countStock');

const OPEN = ['PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY'];
export const isOpen = ({ status }: Pick<CounterOrder, 'status'>): boolean => OPEN.includes(status);

/** The state after each command, where it changes it. */
const STATUS_AFTER: Record<string, CounterOrder['status']> = {
  startPicking: 'PICKING',
  markReady: 'READY',
  cancelOrder: 'CANCELLED',
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The units of one scan that waits in the outbox. */
const unitsOfScanned = ({ sku }: CounterLine, gtin: unknown): number =>
  typeof gtin === 'string' ? (unitsOfCode(sku, gtin) ?? 1) : 1;

function lineView(line: CounterLine, entries: readonly OutboxEntry[]): LineView {
  const own = entries.filter(({ input }) => input.sku === line.sku.code);
  const unconfirmed = sum(own.map(({ input }) => Number(input.quantity) * unitsOfScanned(line, input.gtin)));
  return {
    line,
    toPick: Math.max(0, (line.reserved ?? 0) - unconfirmed),
    unconfirmed,
    wanted: line.quantity - line.cancelled - line.short,
  };
}

/** An order with what waits for it in the outbox. Lines stand in the walking order of pickers. */
export function orderView(order: CounterOrder, outbox: readonly OutboxEntry[]): OrderView {
  const entries = outbox.filter(({ orderId, state }) => orderId === order.id && state === 'WAITING');
  const lines = order.lines
    .map((line) => lineView(line, entries))
    .sort((a, b) => a.line.sku.pickPosition?.localeCompare(b.line.sku.pickPosition ?? '') || 0);
  const changed = entries
    .map(({ operation }) => STATUS_AFTER[operation])
    .filter((status) => status !== undefined);
  return {
    order,
    lines,
    status: changed.at(-1) ?? order.status,
    isUnconfirmed: entries.length > 0,
    unitsToPick: sum(lines.map(({ toPick }) => toPick)),
    units: sum(lines.map(({ wanted }) => wanted)),
  };
}

/** The groups of the queue, in the order in which people need them. */
export interface QueueGroups {
  /** Customers who stand at the counter, the one who has waited longest first. */
  here: OrderView[];
  /** To be prepared, the earliest promise first. */
  toPrepare: OrderView[];
  /** Waiting at the counter for their customers. */
  ready: OrderView[];
}

const LAST = '9999';
const byTime =
  (timeOf: (view: OrderView) => string | null) =>
  (a: OrderView, b: OrderView): number =>
    (timeOf(a) ?? LAST).localeCompare(timeOf(b) ?? LAST) || a.order.number.localeCompare(b.order.number);

export function queueGroups(views: readonly OrderView[]): QueueGroups {
  const ready = views.filter(({ status }) => status === 'READY');
  const toPrepare = views.filter(({ status }) => ['PLACED', 'AWAITING_TRANSFER', 'PICKING'].includes(status));
  return {
    here: ready.filter(({ order }) => order.arrivedAt !== null).sort(byTime(({ order }) => order.arrivedAt)),
    toPrepare: toPrepare.sort(byTime(({ order }) => order.promise.readyAt)),
    ready: ready
      .filter(({ order }) => order.arrivedAt === null)
      .sort(byTime(({ order }) => order.onTheWayAt ?? order.collectBy)),
  };
}

/**
 * What is known now: newer states of orders replace older ones, whichever answer came last. `answered` are orders of which a
 * command was confirmed during the reading: what was read is newer only when its time is.
 */
export function mergeOrders(
  known: readonly CounterOrder[],
  read: readonly CounterOrder[],
  answered: ReadonlySet<string> = new Set(),
): CounterOrder[] {
  const orders = new Map(known.map((order) => [order.id, order]));
  for (const order of read) {
    const present = orders.get(order.id);
    const isNewer =
      present === undefined ||
      present.updatedAt < order.updatedAt ||
      (present.updatedAt === order.updatedAt && !answered.has(order.id));
    if (isNewer) orders.set(order.id, order);
  }
  return [...orders.values()];
}

/** Orders of a queue, each once. */
export function ordersOf(queue: PickupQueueAnswer): CounterOrder[] {
  const lists = [queue.toPick, queue.waitingForTransfer, queue.picking, queue.ready];
  return mergeOrders(
    [],
    lists.flatMap(({ orders }) => orders ?? []),
  );
}

/** What a scan means on the pick list of an order. */
export type ScanMeaning =
  | { kind: 'PICK'; line: LineView; units: number }
  | { kind: 'TOO_MANY'; line: LineView; units: number }
  | { kind: 'COMPLETE'; line: LineView }
  | { kind: 'OTHER_ORDER'; name: string; number: string }
  | { kind: 'UNKNOWN' };

const isCodeOf = ({ sku }: CounterLine, code: string): boolean => unitsOfCode(sku, code) !== null;

/** What a code means that was scanned so many times. A case is picked only where all of its units are wanted. */
export function meaningOfScan(
  code: string,
  items: number,
  view: OrderView,
  others: readonly CounterOrder[],
): ScanMeaning {
  const own = view.lines.filter(({ line }) => isCodeOf(line, code));
  const open = own.find(({ toPick }) => toPick > 0);
  if (open !== undefined) {
    const units = items * unitsOfCode(open.line.sku, code)!;
    return { kind: units > open.toPick ? 'TOO_MANY' : 'PICK', line: open, units };
  }
  if (own[0] !== undefined) return { kind: 'COMPLETE', line: own[0] };
  for (const { lines, number } of others) {
    const line = lines.find((other) => isCodeOf(other, code));
    if (line !== undefined) return { kind: 'OTHER_ORDER', name: line.sku.name, number };
  }
  return { kind: 'UNKNOWN' };
}

const PICKUP_QR = /^COMPTOIR:1:([A-Z0-9-]{1,32}):([A-Z0-9]{6})$/i;

/** The order number and the code of a customer's QR code; null for another scan. */
export function pickupScan(code: string): { number: string; code: string } | null {
  const [, number, shown] = PICKUP_QR.exec(code.trim()) ?? [];
  return number === undefined ? null : { number: number.toUpperCase(), code: shown!.toUpperCase() };
}
