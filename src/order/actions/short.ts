// shortPick and reportBroken: the shelf of missing or broken units is corrected and counted, and they are sourced elsewhere or given up.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { SkuQuantity } from '../../availability/rules/sourcing';
import type { Tx } from '../../db/pool';
import { enqueue, type Message } from '../../outbox/actions/enqueue';
import { lockSwept } from '../../reservation/actions/sweep';
import { openCounts } from '../../stock/actions/counts';
import { type LockedShelves, type Move, post } from '../../stock/ledger';
import { planTransfers, type TransferCause } from '../../transfer/actions/planned';
import { type OrderLine, shift, unitsIn } from '../rules/lines';
import { must, type ShortReason } from '../rules/status';
import { carry, type LockedOrder, lineOf, lockOrder, saveOrders, settle } from './document';
import { about, cancelledMessages } from './notices';
import { type Article, mustBeLeft } from './pick';
import { type SourceSearch, StockAllocator, searchShelves, searchSources, source } from './sourcing';
import { mustBePicked } from './undoPick';

export interface ShortPickInput {
  orderId: string;
  sku: Article;
  quantity: number;
  reason: ShortReason;
  /** Whether to source the missing units elsewhere; false gives them up. */
  resource: boolean;
}

/** What became of the missing units. */
export interface ShortPicked {
  orderId: string;
  skuId: number;
  /** Taken from the same shelf instead, because only some pieces were damaged. */
  replacedHere: number;
  /** On their way from elsewhere. */
  resourced: number;
  /** Given up. */
  short: number;
  transferIds: string[];
}

const COUNT_REASON: Record<ShortReason, string> = {
  NOT_FOUND: 'not found when picking',
  DAMAGED: 'found damaged when picking',
  WRONG_ITEM: 'another article stood there when picking',
  OTHER: 'short when picking',
};

/** Damaged units go to QUARANTINE, all others to SHRINKAGE until a count finds them. */
function lossOf(
  order: LockedOrder,
  line: OrderLine,
  input: ShortPickInput,
  from: 'reserved' | 'staged',
  commandId: number,
): Move {
  const [bucket, reason] =
    input.reason === 'DAMAGED'
      ? (['QUARANTINE', 'DAMAGED'] as const)
      : (['SHRINKAGE', 'SHORT_PICKED'] as const);
  const { quantity } = input;
  return carry(order, line, { from, to: 'short', bucket, quantity, reason, commandId });
}

/** Replaces short units of a line from the shop's own shelf. */
export function replaceHere(
  allocator: StockAllocator,
  order: LockedOrder,
  line: OrderLine,
  most: number,
  commandId: number,
): { moves: Move[]; units: number } {
  const shelf = { locationId: order.locationId, skuId: line.skuId, channel: order.channel };
  const units = Math.min(most, allocator.atp(shelf));
  if (units === 0) return { moves: [], units };
  shift(line, 'short', 'reserved', units);
  allocator.take(shelf, units);
  const { locationId, skuId } = shelf;
  const common = { locationId, skuId, quantity: units, documentId: order.id, commandId };
  return { moves: [{ ...common, from: 'AVAILABLE', to: 'RESERVED', reason: 'ORDERED' }], units };
}

/** Plans transfers for short units of lines, as far as other locations have them; these units are then awaited. */
export async function fetchElsewhere(
  tx: Tx,
  cause: TransferCause,
  found: { shelves: LockedShelves; allocator: StockAllocator; search: SourceSearch },
  order: LockedOrder,
  need: readonly SkuQuantity[],
): Promise<{ transferIds: string[]; units: number }> {
  if (need.length === 0) return { transferIds: [], units: 0 };
  const { plans } = source(found.allocator, cause.now, found.search, need);
  const transfers = await planTransfers(
    tx,
    found.shelves,
    cause,
    plans.map((plan) => ({ ...plan, orderId: order.id })),
  );
  let units = 0;
  for (const { skuId, quantity } of plans.flatMap((p) => p.lines)) {
    shift(order.lines.find((l) => l.skuId === skuId)!, 'short', 'awaiting', quantity);
    units += quantity;
  }
  return { transferIds: transfers.map((t) => t.id), units };
}

/** Messages about an order whose lines changed; one that lost all units is cancelled. */
export function changedMessages(order: LockedOrder, facts: Record<string, unknown>): Message[] {
  return order.status === 'CANCELLED'
    ? cancelledMessages(order)
    : [about('notice.order_changed', order, facts)];
}

/**
 * Settles an order that lost units. One that was READY stays so while only units were given up; with units that are to be
 * picked or awaited again it is not, and its code is void until it is READY with a new one. Returns whether the code is void.
 */
function settleLost(order: LockedOrder, now: Date): boolean {
  const wasReady = order.status === 'READY';
  const open = unitsIn(order.lines, 'reserved') + unitsIn(order.lines, 'awaiting');
  if (wasReady && open === 0 && unitsIn(order.lines, 'staged') > 0) return false;
  settle(order, now);
  if (!wasReady || order.status === 'CANCELLED') return false;
  Object.assign(order, { codeHash: null, readyAt: null, collectBy: null, remindAt: null });
  return true;
}

/**
 * What shortPick and reportBroken have in common, on units of a line that are still to be picked (`reserved`) or are
 * picked (`staged`): they are lost, replaced as far as possible, and the shelf is counted.
 */
async function replaceLost(
  tx: Tx,
  { input, now, commandId }: Pick<Command<ShortPickInput>, 'input' | 'now' | 'commandId'>,
  order: LockedOrder,
  line: OrderLine,
  from: 'reserved' | 'staged',
): Promise<ShortPicked> {
  const cause = { commandId, now };
  const { locationId, channel } = order;
  const shelf = { locationId, skuId: line.skuId, channel };
  const skuIds = input.resource ? [line.skuId] : [];
  const search = await searchSources(tx, now, { toLocationId: locationId, channel, skuIds });
  const keys = [shelf, ...searchShelves(search)];
  const shelves = await lockSwept(tx, cause, keys);
  const allocator = await StockAllocator.over(tx, shelves, keys);
  const moves = [lossOf(order, line, input, from, commandId)];
  line.shortReason = input.reason;
  const here =
    input.resource && input.reason === 'DAMAGED'
      ? replaceHere(allocator, order, line, input.quantity, commandId)
      : { moves: [], units: 0 };
  await post(tx, shelves, now, [...moves, ...here.moves]);
  const left = input.quantity - here.units;
  const need = input.resource && left > 0 ? [{ skuId: line.skuId, quantity: left }] : [];
  const elsewhere = await fetchElsewhere(tx, cause, { shelves, allocator, search }, order, need);
  if (line.short === 0) line.shortReason = null;
  const isCodeVoid = settleLost(order, now);
  await openCounts(tx, now, [{ ...shelf, reason: COUNT_REASON[input.reason] }]);
  await saveOrders(tx, now, [order]);
  const short = left - elsewhere.units;
  const units = { replacedHere: here.units, resourced: elsewhere.units, short };
  const lost = { sku: input.sku.code, reason: input.reason, quantity: input.quantity, ...units };
  const facts = isCodeVoid ? { ...lost, isCodeVoid } : lost;
  await enqueue(tx, now, [
    about('order.short_picked', order, facts),
    ...(left > 0 || isCodeVoid ? changedMessages(order, facts) : []),
  ]);
  return { orderId: order.id, skuId: line.skuId, ...units, transferIds: elsewhere.transferIds };
}

/**
 * Reports units of a line as missing or unusable: the shelf is corrected and counted. They are replaced from the same shelf
 * if only pieces were damaged, then from other locations, and given up if no location has them. An order without any
 * remaining unit is CANCELLED. @throws Refused WrongState, NotFound, InvalidInput
 */
export const shortPick = defineCommand(
  'shortPick',
  async (tx, command: Command<ShortPickInput>): Promise<ShortPicked> => {
    const { input, actor } = command;
    const order = await lockOrder(tx, actor, input.orderId);
    must('shortPick', order);
    const line = lineOf(order, input.sku);
    mustBeLeft(order, line, input.sku.code, input.quantity);
    return replaceLost(tx, command, order, line, 'reserved');
  },
);

/**
 * Reports picked units of a line as broken: they go to quarantine, and are replaced as by a short pick of damaged units. An
 * order that was READY is prepared again as far as units are replaced.
 * @throws Refused WrongState, NotFound, InvalidInput
 */
export const reportBroken = defineCommand(
  'reportBroken',
  async (tx, command: Command<Omit<ShortPickInput, 'reason'>>): Promise<ShortPicked> => {
    const { input, actor, now, commandId } = command;
    const order = await lockOrder(tx, actor, input.orderId);
    must('reportBroken', order);
    const line = lineOf(order, input.sku);
    mustBePicked(order, line, input.sku.code, input.quantity);
    const broken = { ...input, reason: 'DAMAGED' } as const;
    return replaceLost(tx, { input: broken, now, commandId }, order, line, 'staged');
  },
);
