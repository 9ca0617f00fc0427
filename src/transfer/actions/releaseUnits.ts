// Releases units of transfers that an order does not wait for any more: drafts become smaller, units on their way arrive as stock.

import type { Tx } from '../../db/pool';
import { type LockedShelves, post, type Shelf } from '../../stock/ledger';
import type { TransferUnits } from '../rules';
import { cancelDrafts, detachDispatched, type LockedTransfer, movesOf, type TransferCause } from './planned';

const REDUCE = 'UPDATE transfer_line SET quantity = quantity - $3 WHERE transfer_id = $1 AND sku_id = $2';
const REMOVE = 'DELETE FROM transfer_line WHERE transfer_id = $1 AND sku_id = $2';
const FREE = 'UPDATE transfer_line SET freed = freed + $3 WHERE transfer_id = $1 AND sku_id = $2';

/** The shelves that `releaseUnits` needs locked: those of a SKU at the sources of DRAFT transfers. */
export function releaseShelves(transfers: readonly LockedTransfer[], skuId: number): Shelf[] {
  return transfers
    .filter((t) => t.status === 'DRAFT' && t.lines.some((l) => l.skuId === skuId))
    .map((t) => ({ locationId: t.fromLocationId, skuId }));
}

/** A DRAFT gives units back to its source; one of which nothing is left is cancelled. */
async function reduceDraft(
  tx: Tx,
  shelves: LockedShelves,
  cause: TransferCause,
  draft: LockedTransfer,
  { skuId, quantity }: TransferUnits,
): Promise<void> {
  const line = draft.lines.find((l) => l.skuId === skuId)!;
  if (line.quantity === quantity && draft.lines.length === 1) {
    await cancelDrafts(tx, shelves, cause, [draft]);
    return;
  }
  if (line.quantity === quantity) await tx.rows(REMOVE, [draft.id, skuId]);
  else await tx.rows(REDUCE, [draft.id, skuId, quantity]);
  const kind = { from: 'RESERVED', to: 'AVAILABLE', reason: 'TRANSFER_CANCELLED' } as const;
  const moves = movesOf({ ...draft, lines: [{ skuId, quantity }] }, { ...kind, commandId: cause.commandId });
  await post(tx, shelves, cause.now, moves);
}

/** A DISPATCHED one brings the units as stock; one that brings its order nothing any more is detached from it. */
async function freeDispatched(
  tx: Tx,
  sent: LockedTransfer,
  { skuId, quantity }: TransferUnits,
): Promise<void> {
  await tx.rows(FREE, [sent.id, skuId, quantity]);
  const wanted = sent.lines.reduce((sum, l) => sum + l.quantity - l.freed, 0);
  if (wanted === quantity) await detachDispatched(tx, [sent]);
}

/**
 * Releases units of a SKU that the order of these locked transfers does not wait for any more: of DRAFT ones first, the newest
 * first, then of DISPATCHED ones. The calling function has locked `releaseShelves`. More units than the order waits for are a bug.
 */
export async function releaseUnits(
  tx: Tx,
  shelves: LockedShelves,
  cause: TransferCause,
  transfers: readonly LockedTransfer[],
  { skuId, quantity }: TransferUnits,
): Promise<void> {
  let left = quantity;
  const newest = [...transfers].reverse();
  for (const status of ['DRAFT', 'DISPATCHED'] as const) {
    for (const transfer of newest.filter((t) => t.status === status)) {
      const line = transfer.lines.find((l) => l.skuId === skuId);
      const units = Math.min(left, line === undefined ? 0 : line.quantity - line.freed);
      if (units === 0) continue;
      if (status === 'DRAFT') await reduceDraft(tx, shelves, cause, transfer, { skuId, quantity: units });
      else await freeDispatched(tx, transfer, { skuId, quantity: units });
      left -= units;
    }
  }
  if (left > 0) throw new Error(`${left} awaited units of SKU ${skuId} are on no transfer`);
}
