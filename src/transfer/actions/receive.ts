// Receives transfers: the counted units are posted at once, or after an approval.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { mustBeActive } from '../../location/queries/locations';
import { enqueue } from '../../outbox/actions/enqueue';
import { checkState, refuse } from '../../refusals';
import { type Move, post } from '../../stock/ledger';
import { checkRoom, mayApproveCounts } from '../../stock/rules/changes';
import {
  arrivalsOf,
  type Discrepancy,
  discrepanciesOf,
  needsApproval,
  TRANSFER_STARTS,
  type TransferArrival,
  type TransferUnits,
} from '../rules';
import type { LockedTransfer, TransferCause, TransferFollower } from './planned';
import { lockEnds, lockWithOrder, settle, transferMessage } from './waiting';

/** The moves of a receipt. Units an order waits for become RESERVED, all others AVAILABLE. */
function receiptMoves(
  transfer: LockedTransfer,
  arrivals: readonly TransferArrival[],
  commandId: number,
): Move[] {
  const { id: documentId, toLocationId: locationId } = transfer;
  return arrivals.flatMap(({ skuId, kept, missing, surplus, forOrder }): Move[] => {
    const common = { skuId, locationId, documentId, commandId };
    const reserved = transfer.orderId === null ? 0 : forOrder;
    const came = { ...common, from: 'IN_TRANSIT', reason: 'TRANSFER_RECEIVED' } as const;
    return [
      { ...came, to: 'RESERVED', quantity: reserved },
      { ...came, to: 'AVAILABLE', quantity: kept - reserved },
      { ...common, from: 'IN_TRANSIT', to: 'SHRINKAGE', quantity: missing, reason: 'LOST_IN_TRANSIT' },
      { ...common, from: 'SHRINKAGE', to: 'AVAILABLE', quantity: surplus, reason: 'FOUND_IN_TRANSIT' },
    ];
  });
}

export interface ReceiveTransferInput {
  transferId: string;
  /** The counted units; null when all arrived as sent. `sku` is the code, for refusals. */
  lines: (TransferUnits & { sku: string })[] | null;
}

/** The result of a receipt. While it awaits approval nothing is booked and the transfer stays DISPATCHED. */
export interface TransferReceipt {
  transferId: string;
  discrepancies: Discrepancy[];
  awaitsApproval: boolean;
}

const RECEIVE = `UPDATE transfer SET status = 'RECEIVED', closed_at = $2 WHERE id = $1`;
const RECEIVE_LINES = `
  UPDATE transfer_line l SET received = r.received
  FROM unnest($2::int[], $3::int[]) AS r(sku_id, received) WHERE l.transfer_id = $1 AND l.sku_id = r.sku_id`;

/** Books what arrived and closes the transfer; the order that waits for it is settled. The transfer is locked. */
async function postReceipt(
  tx: Tx,
  follower: TransferFollower,
  cause: TransferCause,
  transfer: LockedTransfer,
  arrivals: readonly TransferArrival[],
): Promise<void> {
  const { id, toLocationId } = transfer;
  const { now, commandId } = cause;
  const locked = await lockEnds(tx, follower, transfer, arrivals);
  for (const { skuId, kept, surplus } of arrivals) {
    const { available, reserved } = locked.shelves.at(toLocationId, skuId);
    checkRoom(Math.max(available, reserved), kept + surplus, 'lines');
  }
  await tx.rows(RECEIVE, [id, now]);
  await tx.rows(RECEIVE_LINES, [id, arrivals.map((a) => a.skuId), arrivals.map((a) => a.kept + a.surplus)]);
  await post(tx, locked.shelves, now, receiptMoves(transfer, arrivals, commandId));
  await settle(tx, follower, cause, locked, transfer, arrivals);
  await enqueue(tx, now, [transferMessage('transfer.received', transfer)]);
}

const COUNTED = 'UPDATE transfer SET counted_at = $2, counted_by_id = $3 WHERE id = $1';
const COUNTED_LINES = `
  UPDATE transfer_line l SET counted = c.counted
  FROM unnest($2::int[], $3::int[]) AS c(sku_id, counted) WHERE l.transfer_id = $1 AND l.sku_id = c.sku_id`;

/**
 * Books what arrived and closes the transfer. Units sent and not counted are lost in transit, units beyond those sent
 * are found in transit; both go through SHRINKAGE and are answered as discrepancies. A big one, by the tolerance of counts,
 * waits for approval unless the caller may approve it: the counted units are stored, and another count replaces them.
 * @throws Refused NotFound, WrongState, InvalidInput for a SKU that was not sent
 */
export const receiveTransferWith = (follower: TransferFollower) =>
  defineCommand(
    'receiveTransfer',
    async (tx, { input, actor, now, commandId }: Command<ReceiveTransferInput>): Promise<TransferReceipt> => {
      const transfer = await lockWithOrder(tx, follower, input.transferId);
      const { id, number, status, toLocationId, toCode } = transfer;
      mustWorkAt(actor, toLocationId, toCode);
      checkState('Transfer', number, status, TRANSFER_STARTS.receive, 'received');
      await mustBeActive(tx, toLocationId);
      const sent = new Set(transfer.lines.map((l) => l.skuId));
      const stray = input.lines?.findIndex((l) => !sent.has(l.skuId)) ?? -1;
      if (stray >= 0) {
        const message = `${input.lines![stray]!.sku} was not sent with ${number}; book it with receiveStock instead.`;
        refuse('InvalidInput', message, { path: `lines.${stray}.sku` });
      }
      const arrivals = arrivalsOf(transfer.lines, input.lines);
      const awaitsApproval = needsApproval(arrivals) && !mayApproveCounts(actor);
      if (awaitsApproval) {
        await tx.rows(COUNTED, [id, now, actor.actorId]);
        const counted = arrivals.map((a) => a.kept + a.surplus);
        await tx.rows(COUNTED_LINES, [id, arrivals.map((a) => a.skuId), counted]);
      } else await postReceipt(tx, follower, { commandId, now }, transfer, arrivals);
      return { transferId: id, discrepancies: discrepanciesOf(arrivals), awaitsApproval };
    },
  );

const COUNTS = `
  SELECT l.sku_id AS "skuId", l.counted AS quantity FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id
  WHERE t.id = $1 AND t.counted_at IS NOT NULL ORDER BY l.sku_id`;

/**
 * Books the stored receipt of a transfer with a big discrepancy. To reject it, the transfer is counted again. @throws Refused NotFound, WrongState when nothing waits for approval
 */
export const approveTransferReceiptWith = (follower: TransferFollower) =>
  defineCommand(
    'approveTransferReceipt',
    async (
      tx,
      { input, actor, now, commandId }: Command<{ transferId: string }>,
    ): Promise<TransferReceipt> => {
      const transfer = await lockWithOrder(tx, follower, input.transferId);
      const { id, number, status, toLocationId, toCode } = transfer;
      mustWorkAt(actor, toLocationId, toCode);
      checkState('Transfer', number, status, TRANSFER_STARTS.approve, 'approved');
      await mustBeActive(tx, toLocationId);
      const counted = await tx.rows<TransferUnits>(COUNTS, [id]);
      if (counted.length === 0) {
        refuse('WrongState', `No receipt of transfer ${number} waits for approval; receive it first.`, {
          what: 'Transfer',
          key: number,
          state: 'NOT_COUNTED',
          allowedStates: ['COUNTED'],
        });
      }
      const arrivals = arrivalsOf(transfer.lines, counted);
      await postReceipt(tx, follower, { commandId, now }, transfer, arrivals);
      return { transferId: id, discrepancies: discrepanciesOf(arrivals), awaitsApproval: false };
    },
  );
