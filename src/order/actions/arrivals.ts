// Follows the transfers that orders wait for: what came is reserved, what did not is found here or given up.

import type { Tx } from '../../db/pool';
import { enqueue, type Message } from '../../outbox/actions';
import { type LockedShelves, type Move, post } from '../../stock/ledger';
import { type Cause, followTransfers, type OrderArrival } from '../../transfer/actions/plan';
import { shift } from '../rules/lines';
import { type LockedOrder, lockOrders, saveOrders, settle } from './document';
import { changedMessages, replaceHere } from './short';
import { Desk } from './sourcing';

/** Settles one order's lines. Answers the moves that replace what did not come, and what is told. */
function settleOrder(
  desk: Desk,
  { commandId, now }: Cause,
  order: LockedOrder,
  arrivals: readonly OrderArrival[],
): { moves: Move[]; messages: Message[] } {
  const moves: Move[] = [];
  let short = 0;
  for (const { skuId, received, missing } of arrivals) {
    const line = order.lines.find((l) => l.skuId === skuId)!;
    shift(line, 'awaiting', 'reserved', received);
    shift(line, 'awaiting', 'short', missing);
    const here = replaceHere(desk, order, line, missing, commandId);
    moves.push(...here.moves);
    short += missing - here.units;
    if (missing > here.units) line.shortReason = 'NOT_FOUND';
  }
  const before = order.status;
  settle(order, now);
  const changed = short > 0 || order.status !== before;
  return { moves, messages: changed ? changedMessages(order, { arrived: true, short }) : [] };
}

async function settled(
  tx: Tx,
  cause: Cause,
  shelves: LockedShelves,
  arrivals: readonly OrderArrival[],
): Promise<void> {
  const orders = await lockOrders(tx, [...new Set(arrivals.map((a) => a.orderId))]);
  const byId = new Map(orders.map((o) => [o.id, o]));
  const desk = await Desk.over(
    tx,
    shelves,
    arrivals.map(({ orderId, toLocationId, skuId }) => ({
      locationId: toLocationId,
      skuId,
      channel: byId.get(orderId)!.channel,
    })),
  );
  const done = orders.map((order) =>
    settleOrder(
      desk,
      cause,
      order,
      arrivals.filter((a) => a.orderId === order.id),
    ),
  );
  await post(
    tx,
    shelves,
    cause.now,
    done.flatMap((d) => d.moves),
  );
  await saveOrders(tx, cause.now, orders);
  await enqueue(
    tx,
    cause.now,
    done.flatMap((d) => d.messages),
  );
}

followTransfers({
  async lock(tx, orderIds) {
    await lockOrders(tx, orderIds);
  },
  settled,
});
