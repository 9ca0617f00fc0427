// What people do with transfers: open, dispatch, receive, cancel. One transaction each.

import { act, type Command } from '../../access/act';
import { mustWorkAt } from '../../access/rules';
import type { Tx } from '../../db/pool';
import { enqueue, type Message } from '../../outbox/actions';
import { checkInstant, checkState, refuse } from '../../refusals';
import { lockSwept } from '../../reservation/actions/sweep';
import { type LockedShelves, lockShelves, type Move, post, type Shelf } from '../../stock/ledger';
import { checkRoom, notEnoughStock } from '../../stock/rules';
import { type Arrival, arrivalsOf, sumBySku, TRANSFER_STARTS, type Units } from '../rules';
import {
  type Cause,
  cancelDrafts,
  type Elsewhere,
  type LockedTransfer,
  movesOf,
  type OrderArrival,
  planTransfers,
  transferFollower,
  transferForUpdate,
} from './plan';

const MINUTE_MS = 60_000;
/** Nobody plans a van further ahead than this. */
const MAX_EXPECTED_DAYS = 730;

export interface CreateTransferInput {
  fromLocationId: number;
  fromCode: string;
  toLocationId: number;
  lines: (Units & { sku: string })[];
  expectedAt: Date | null;
  note: string | null;
}

const LEAD = 'SELECT transfer_lead_minutes AS "leadMinutes" FROM location WHERE id = $1';

/**
 * Opens a transfer in DRAFT and reserves its units at the source at once. Decides on `available`, not on ATP: safety
 * stock keeps units back from customers, not from the retailer's own shops; holds past their time don't count. Without `expectedAt` it is expected after
 * the source's transfer lead time. @throws Refused NotEnoughStock, InvalidInput
 */
export const createTransfer = act(
  'createTransfer',
  async (tx, { input, who, now, commandId }: Command<CreateTransferInput>) => {
    mustWorkAt(who, input.fromLocationId, input.fromCode);
    if (input.expectedAt)
      checkInstant(
        input.expectedAt,
        'expectedAt',
        now,
        new Date(now.getTime() + MAX_EXPECTED_DAYS * 1_440 * MINUTE_MS),
      );
    const [source] = await tx.rows<{ leadMinutes: number }>(LEAD, [input.fromLocationId]);
    const lines = sumBySku(input.lines);
    const shelves = await lockSwept(
      tx,
      { commandId, now },
      lines.map(({ skuId }) => ({ locationId: input.fromLocationId, skuId })),
    );
    const codes = new Map(input.lines.map((l) => [l.skuId, l.sku]));
    const short = lines
      .map(({ skuId, quantity }) => ({
        sku: codes.get(skuId)!,
        location: input.fromCode,
        requested: quantity,
        available: shelves.at(input.fromLocationId, skuId).available,
      }))
      .filter((line) => line.requested > line.available);
    if (short.length > 0) throw notEnoughStock(who, short);
    const expectedAt = input.expectedAt ?? new Date(now.getTime() + source!.leadMinutes * MINUTE_MS);
    const plan = { ...input, lines, expectedAt, orderId: null };
    const [made] = await planTransfers(tx, shelves, { commandId, now }, [plan]);
    return { transferId: made!.id };
  },
);

const bothEnds = (t: LockedTransfer): Shelf[] =>
  t.lines.flatMap(({ skuId }) => [
    { locationId: t.fromLocationId, skuId },
    { locationId: t.toLocationId, skuId },
  ]);

const DISPATCH = `UPDATE transfer SET status = 'DISPATCHED', dispatched_at = $2 WHERE id = $1`;

/** The van leaves: RESERVED at the source → IN_TRANSIT at the destination. @throws Refused NotFound, WrongState */
export const dispatchTransfer = act(
  'dispatchTransfer',
  async (tx, { input, who, now, commandId }: Command<{ transferId: string }>) => {
    const transfer = await transferForUpdate(tx, input.transferId);
    const { number, status, toLocationId } = transfer;
    mustWorkAt(who, transfer.fromLocationId, transfer.fromCode);
    checkState('Transfer', number, status, TRANSFER_STARTS.dispatch, 'dispatched');
    const shelves = await lockShelves(tx, bothEnds(transfer));
    await tx.rows(DISPATCH, [transfer.id, now]);
    const kind = {
      from: 'RESERVED',
      to: 'IN_TRANSIT',
      toLocationId,
      reason: 'DISPATCHED',
      commandId,
    } as const;
    await post(tx, shelves, now, movesOf(transfer, kind));
    await enqueue(tx, now, [told('transfer.dispatched', transfer)]);
    return { transferId: transfer.id };
  },
);

const ORDER_OF = 'SELECT order_id AS "orderId" FROM transfer WHERE id = $1';

/**
 * Locks a transfer that may settle an order: the order first, as everywhere. Between the look and the lock a transfer
 * can lose its order, never gain one.
 */
async function lockWithOrder(tx: Tx, transferId: string): Promise<LockedTransfer> {
  const [seen] = await tx.rows<{ orderId: string | null }>(ORDER_OF, [transferId]);
  if (seen?.orderId) await transferFollower().lock(tx, [seen.orderId]);
  return transferForUpdate(tx, transferId);
}

const toldArrivals = (orderId: string, toLocationId: number, arrivals: readonly Arrival[]): OrderArrival[] =>
  arrivals.map(({ skuId, kept, missing }) => ({ orderId, toLocationId, skuId, received: kept, missing }));

/** Locks both ends of a transfer, and where the order that waits may find what will not come. */
async function lockEnds(
  tx: Tx,
  transfer: LockedTransfer,
  arrivals: readonly Arrival[],
): Promise<{ shelves: LockedShelves; elsewhere: Elsewhere }> {
  const { orderId, fromLocationId, toLocationId } = transfer;
  const told = orderId === null ? [] : toldArrivals(orderId, toLocationId, arrivals);
  const elsewhere = told.some((a) => a.missing > 0)
    ? await transferFollower().lookElsewhere(tx, fromLocationId, told)
    : { shelves: [] };
  return { shelves: await lockShelves(tx, [...bothEnds(transfer), ...elsewhere.shelves]), elsewhere };
}

/** Tells the order that waits, if one does, what came of this transfer. */
async function settle(
  tx: Tx,
  cause: Cause,
  { shelves, elsewhere }: { shelves: LockedShelves; elsewhere: Elsewhere },
  { orderId, toLocationId }: LockedTransfer,
  arrivals: readonly Arrival[],
): Promise<void> {
  if (orderId === null) return;
  const told = toldArrivals(orderId, toLocationId, arrivals);
  await transferFollower().settled(tx, cause, shelves, told, elsewhere);
}

/** The moves of a receipt. What an order waits for goes under its promise, everything else is free to be promised. */
function receiptMoves(transfer: LockedTransfer, arrivals: readonly Arrival[], commandId: number): Move[] {
  const { id: documentId, toLocationId: locationId } = transfer;
  const to = transfer.orderId === null ? 'AVAILABLE' : 'RESERVED';
  return arrivals.flatMap(({ skuId, kept, missing, surplus }): Move[] => {
    const common = { skuId, locationId, documentId, commandId };
    return [
      { ...common, from: 'IN_TRANSIT', to, quantity: kept, reason: 'TRANSFER_RECEIVED' },
      { ...common, from: 'IN_TRANSIT', to: 'SHRINKAGE', quantity: missing, reason: 'LOST_IN_TRANSIT' },
      { ...common, from: 'SHRINKAGE', to: 'AVAILABLE', quantity: surplus, reason: 'FOUND_IN_TRANSIT' },
    ];
  });
}

export interface ReceiveTransferInput {
  transferId: string;
  /** What was counted out of the van; null when all came as sent. `sku` is the code, for refusals. */
  lines: (Units & { sku: string })[] | null;
}

const RECEIVE = `UPDATE transfer SET status = 'RECEIVED', closed_at = $2 WHERE id = $1`;
const RECEIVE_LINES = `
  UPDATE transfer_line l SET received = r.received
  FROM unnest($2::int[], $3::int[]) AS r(sku_id, received) WHERE l.transfer_id = $1 AND l.sku_id = r.sku_id`;

/**
 * Books what arrived and closes the transfer. Units sent and not counted are lost in transit, units beyond those sent
 * are found in transit; both go through SHRINKAGE and are answered as discrepancies.
 * @throws Refused NotFound, WrongState, InvalidInput for a SKU that was not sent
 */
export const receiveTransfer = act(
  'receiveTransfer',
  async (tx, { input, who, now, commandId }: Command<ReceiveTransferInput>) => {
    const transfer = await lockWithOrder(tx, input.transferId);
    const { id, number, status, toLocationId, toCode } = transfer;
    mustWorkAt(who, toLocationId, toCode);
    checkState('Transfer', number, status, TRANSFER_STARTS.receive, 'received');
    const sent = new Set(transfer.lines.map((l) => l.skuId));
    const stray = input.lines?.findIndex((l) => !sent.has(l.skuId)) ?? -1;
    if (stray >= 0) {
      const message = `${input.lines![stray]!.sku} was not sent with ${number}; book it with receiveStock instead.`;
      refuse('InvalidInput', message, { path: `lines.${stray}.sku` });
    }
    const arrivals = arrivalsOf(transfer.lines, input.lines);
    const locked = await lockEnds(tx, transfer, arrivals);
    for (const { skuId, kept, surplus } of arrivals) {
      const { available, reserved } = locked.shelves.at(toLocationId, skuId);
      checkRoom(Math.max(available, reserved), kept + surplus, 'lines');
    }
    await tx.rows(RECEIVE, [id, now]);
    await tx.rows(RECEIVE_LINES, [id, arrivals.map((a) => a.skuId), arrivals.map((a) => a.kept + a.surplus)]);
    await post(tx, locked.shelves, now, receiptMoves(transfer, arrivals, commandId));
    await settle(tx, { commandId, now }, locked, transfer, arrivals);
    await enqueue(tx, now, [told('transfer.received', transfer)]);
    const discrepancies = arrivals
      .filter((a) => a.missing > 0 || a.surplus > 0)
      .map((a) => ({ skuId: a.skuId, sent: a.sent, received: a.kept + a.surplus }));
    return { transferId: id, discrepancies };
  },
);

/**
 * Calls a DRAFT transfer off: its units are free at the source again. An order that waited for it is told that
 * nothing will come. @throws Refused NotFound, WrongState
 */
export const cancelTransfer = act(
  'cancelTransfer',
  async (tx, { input, who, now, commandId }: Command<{ transferId: string }>) => {
    const transfer = await lockWithOrder(tx, input.transferId);
    const { id, number, status } = transfer;
    mustWorkAt(who, transfer.fromLocationId, transfer.fromCode);
    checkState('Transfer', number, status, TRANSFER_STARTS.cancel, 'cancelled');
    const arrivals = arrivalsOf(transfer.lines, []);
    const locked = await lockEnds(tx, transfer, arrivals);
    await cancelDrafts(tx, locked.shelves, { commandId, now }, [transfer]);
    await settle(tx, { commandId, now }, locked, transfer, arrivals);
    return { transferId: id };
  },
);

/** What other systems are told: keys and units, never people. */
function told(topic: 'transfer.dispatched' | 'transfer.received', t: LockedTransfer): Message {
  const { id: transferId, number, fromCode: from, toCode: to, orderId } = t;
  // The message is not tied to the order: its foreign key would lock the order after the transfer, the wrong way round.
  return { topic, payload: { transferId, number, from, to, orderId } };
}
