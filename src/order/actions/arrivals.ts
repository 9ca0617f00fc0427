// Settles orders when their transfers arrive: received units are reserved; missing ones are replaced here or elsewhere, or given up.

import type { SkuQuantity } from '../../availability/rules/sourcing';
import type { Tx } from '../../db/pool';
import { enqueue, type Message } from '../../outbox/actions/enqueue';
import { type LockedShelves, post } from '../../stock/ledger';
import type {
  Elsewhere,
  OrderArrival,
  TransferCause,
  TransferFollower,
} from '../../transfer/actions/planned';
import { shift } from '../rules/lines';
import { type LockedOrder, lockOrders, saveOrders, settle } from './document';
import { changedMessages, fetchElsewhere, replaceHere } from './short';
import { type SourceSearch, StockAllocator, searchShelves, searchSources } from './sourcing';

/** Sources for the missing units of each order. */
interface ArrivalSources extends Elsewhere {
  searches: ReadonlyMap<string, SourceSearch>;
}

async function findOtherSources(
  tx: Tx,
  fromLocationId: number,
  arrivals: readonly OrderArrival[],
): Promise<ArrivalSources> {
  const missing = arrivals.filter((a) => a.missing > 0);
  const searches = new Map<string, SourceSearch>();
  for (const { id, channel, locationId } of await lockOrders(tx, [
    ...new Set(missing.map((a) => a.orderId)),
  ])) {
    const skuIds = missing.filter((a) => a.orderId === id).map((a) => a.skuId);
    const request = { toLocationId: locationId, channel, skuIds, excludeLocationIds: [fromLocationId] };
    searches.set(id, await searchSources(tx, null, request));
  }
  return { searches, shelves: [...searches.values()].flatMap(searchShelves) };
}

/** Settles one order: its lines, its status, and its messages. */
async function settleOrder(
  tx: Tx,
  cause: TransferCause,
  found: { shelves: LockedShelves; allocator: StockAllocator; search: SourceSearch | undefined },
  order: LockedOrder,
  arrivals: readonly OrderArrival[],
): Promise<Message[]> {
  const { shelves, allocator, search } = found;
  const need: SkuQuantity[] = [];
  const moves = arrivals.flatMap(({ skuId, received, missing }) => {
    const line = order.lines.find((l) => l.skuId === skuId)!;
    shift(line, 'awaiting', 'reserved', received);
    shift(line, 'awaiting', 'short', missing);
    const here = replaceHere(allocator, order, line, missing, cause.commandId);
    if (missing > here.units) need.push({ skuId, quantity: missing - here.units });
    return here.moves;
  });
  await post(tx, shelves, cause.now, moves);
  const fetched =
    search === undefined
      ? { units: 0 }
      : await fetchElsewhere(tx, cause, { shelves, allocator, search }, order, need);
  for (const { skuId } of need) {
    const line = order.lines.find((l) => l.skuId === skuId)!;
    if (line.short > 0) line.shortReason ??= 'NOT_FOUND';
  }
  const before = order.status;
  settle(order, cause.now);
  const missed = need.reduce((sum, n) => sum + n.quantity, 0);
  if (missed === 0 && order.status === before) return [];
  return changedMessages(order, { resourced: fetched.units, short: missed - fetched.units });
}

async function settled(
  tx: Tx,
  cause: TransferCause,
  shelves: LockedShelves,
  arrivals: readonly OrderArrival[],
  elsewhere: Elsewhere,
): Promise<void> {
  const { searches } = elsewhere as Partial<ArrivalSources>;
  const orders = await lockOrders(tx, [...new Set(arrivals.map((a) => a.orderId))]);
  const messages: Message[] = [];
  for (const order of orders) {
    const { channel } = order;
    const mine = arrivals.filter((a) => a.orderId === order.id);
    const search = searches?.get(order.id);
    const here = mine.map(({ toLocationId, skuId }) => ({ locationId: toLocationId, skuId, channel }));
    const allocator = await StockAllocator.over(tx, shelves, [
      ...here,
      ...(search ? searchShelves(search) : []),
    ]);
    messages.push(...(await settleOrder(tx, cause, { shelves, allocator, search }, order, mine)));
  }
  await saveOrders(tx, cause.now, orders);
  await enqueue(tx, cause.now, messages);
}

/** The effect of transfers on the orders that wait for them; `server/schema` passes it to the commands on transfers. */
export const awaitingOrders: TransferFollower = {
  async lock(tx, orderIds) {
    await lockOrders(tx, orderIds);
  },
  findOtherSources,
  settled,
};
