// Transfers that an order waits for: locked with it, and settled with it when units arrive or will not arrive.

import type { Tx } from '../../db/pool';
import type { Message } from '../../outbox/actions/enqueue';
import { type LockedShelves, lockShelves, type Shelf } from '../../stock/ledger';
import type { TransferArrival } from '../rules';
import {
  type Elsewhere,
  type LockedTransfer,
  type OrderArrival,
  type TransferCause,
  type TransferFollower,
  transferForUpdate,
} from './planned';

/** The shelves of a transfer's lines at its source and at its destination. */
export const bothEnds = (t: LockedTransfer): Shelf[] =>
  t.lines.flatMap(({ skuId }) => [
    { locationId: t.fromLocationId, skuId },
    { locationId: t.toLocationId, skuId },
  ]);

const ORDER_OF = 'SELECT order_id AS "orderId" FROM transfer WHERE id = $1';

/**
 * Locks a transfer that may settle an order: the order first, as everywhere. Between the read and the lock a transfer
 * can lose its order, never gain one.
 */
export async function lockWithOrder(
  tx: Tx,
  follower: TransferFollower,
  transferId: string,
): Promise<LockedTransfer> {
  const [seen] = await tx.rows<{ orderId: string | null }>(ORDER_OF, [transferId]);
  if (seen?.orderId) await follower.lock(tx, [seen.orderId]);
  return transferForUpdate(tx, transferId);
}

const orderArrivals = (
  orderId: string,
  toLocationId: number,
  arrivals: readonly TransferArrival[],
): OrderArrival[] =>
  arrivals.map(({ skuId, forOrder: received, missedByOrder: missing }) => ({
    orderId,
    toLocationId,
    skuId,
    received,
    missing,
  }));

/** Locks the shelves of both ends of a transfer, and those that may replace units its order will miss. */
export async function lockEnds(
  tx: Tx,
  follower: TransferFollower,
  transfer: LockedTransfer,
  arrivals: readonly TransferArrival[],
): Promise<{ shelves: LockedShelves; elsewhere: Elsewhere }> {
  const { orderId, fromLocationId, toLocationId } = transfer;
  const awaited = orderId === null ? [] : orderArrivals(orderId, toLocationId, arrivals);
  const elsewhere = awaited.some((a) => a.missing > 0)
    ? await follower.findOtherSources(tx, fromLocationId, awaited)
    : { shelves: [] };
  return { shelves: await lockShelves(tx, [...bothEnds(transfer), ...elsewhere.shelves]), elsewhere };
}

/** Settles the order that waits for this transfer, if there is one. */
export async function settle(
  tx: Tx,
  follower: TransferFollower,
  cause: TransferCause,
  { shelves, elsewhere }: { shelves: LockedShelves; elsewhere: Elsewhere },
  { orderId, toLocationId }: LockedTransfer,
  arrivals: readonly TransferArrival[],
): Promise<void> {
  if (orderId === null) return;
  const awaited = orderArrivals(orderId, toLocationId, arrivals);
  await follower.settled(tx, cause, shelves, awaited, elsewhere);
}

/** The outbox message about a transfer: keys and units, no personal data. */
export function transferMessage(
  topic: Extract<Message['topic'], `transfer.${string}`>,
  t: LockedTransfer,
): Message {
  const { id: transferId, number, fromCode: from, toCode: to, orderId } = t;
  // The message is not tied to the order: its foreign key would lock the order after the transfer, against the lock order.
  return { topic, payload: { transferId, number, from, to, orderId } };
}
