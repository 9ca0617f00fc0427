// Receives returned goods at the counter, requested before or not, in one parcel or several.

import { type Command, defineCommand } from '../../access/actions/execute';
import { type Caller, mustWorkAt } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { mustBeActive } from '../../location/queries/locations';
import { enqueue } from '../../outbox/actions/enqueue';
import { checkState, notFound, refuse } from '../../refusals';
import { type LockedShelves, lockShelves, type Move, post } from '../../stock/ledger';
import { checkRoom } from '../../stock/rules/changes';
import { unitsBySku } from '../../values/skuUnits';
import { coverAnnouncements, type Disposition, RETURN_STARTS, returnSteps } from '../rules';
import {
  announcedUnits,
  coverLines,
  insertLines,
  insertReturn,
  type LockedReturn,
  lockAnnouncements,
  lockReturn,
} from './document';
import { lockOrderSale, lockReceiptSale, raiseReturned, type Sale } from './sale';
import { checkTerms, lockSale, type Reference, type ReturnUnits, timeZoneOf } from './terms';

export interface ReceiveReturnInput extends Reference {
  /** The announced return; null when the goods come with their order or receipt alone. */
  returnId: string | null;
  locationId: number;
  locationCode: string;
  lines: (ReturnUnits & { disposition: Disposition })[];
}

const SOURCE = 'SELECT order_id AS "orderId", receipt FROM customer_return WHERE id = $1';

/** Locks the purchase of a return, then the return; what a return refers to never changes. @throws Refused */
async function lockNamed(
  tx: Tx,
  actor: Caller,
  returnId: string,
): Promise<{ sale: Sale; named: LockedReturn }> {
  const [source] = await tx.rows<{ orderId: string | null; receipt: string | null }>(SOURCE, [returnId]);
  if (source === undefined) throw notFound('Return', [returnId]);
  const { orderId, receipt } = source;
  const sale = await (orderId === null ? lockReceiptSale(tx, receipt!) : lockOrderSale(tx, actor, orderId));
  const named = await lockReturn(tx, returnId);
  checkState('Return', named.number, named.status, RETURN_STARTS.receive, 'received');
  return { sale, named };
}

/**
 * A return that was received takes further parcels of what was announced and is still missing, no other goods: two tablets
 * that receive one parcel must not book it twice. @throws Refused WrongState
 */
function checkParcel(
  { number, status }: LockedReturn,
  outstanding: ReadonlyMap<number, number>,
  lines: readonly ReturnUnits[],
): void {
  if (status !== 'RECEIVED') return;
  const units = unitsBySku(lines);
  const surplus = lines.find(({ skuId }) => units.get(skuId)! > (outstanding.get(skuId) ?? 0));
  if (surplus === undefined) return;
  const missing = outstanding.get(surplus.skuId) ?? 0;
  refuse(
    'WrongState',
    `Return ${number} is RECEIVED and ${missing} ${surplus.sku} of what was announced are still to come; ` +
      'receive anything more with its order or receipt.',
    { what: 'Return', key: number, state: status, allowedStates: ['REQUESTED'] },
  );
}

const RECEIVE = `UPDATE customer_return SET status = 'RECEIVED', location_id = $2, closed_at = $3 WHERE id = $1`;

function movesOf(
  shelves: LockedShelves,
  { locationId, lines }: ReceiveReturnInput,
  documentId: string,
  commandId: number,
): Move[] {
  for (const [skuId, units] of unitsBySku(lines)) {
    const { available, quarantine } = shelves.at(locationId, skuId);
    checkRoom(Math.max(available, quarantine), units, 'lines');
  }
  // Without the reason: it is in the customer's words, which can be erased from the return but not from the ledger.
  return lines.flatMap(({ skuId, quantity, disposition }) =>
    returnSteps(disposition, quantity).map((step) => ({
      ...step,
      locationId,
      skuId,
      documentId,
      commandId,
    })),
  );
}

/** Units beyond those that the named return waits for, which may cover other announcements of the purchase. */
function beyond(
  brought: ReadonlyMap<number, number>,
  outstanding: ReadonlyMap<number, number>,
): Map<number, number> {
  return new Map([...brought].map(([skuId, n]) => [skuId, Math.max(0, n - (outstanding.get(skuId) ?? 0))]));
}

/**
 * Receives returned goods at any location, announced or not: CUSTOMER → AVAILABLE, QUARANTINE, or through QUARANTINE to
 * SHRINKAGE or SUPPLIER, in the ledger of the receiving location. An announcement is RECEIVED by its first parcel and
 * takes further ones until all that was announced has come. Goods that come with their order or receipt alone also close
 * the open announcements of that purchase that they cover, so that none keeps waiting for received goods.
 * @throws Refused NotFound, WrongState, NotReturnable, ReturnWindowClosed, TooManyReturned, InvalidInput
 */
export const receiveReturn = defineCommand(
  'receiveReturn',
  async (tx, { input, actor, now, commandId }: Command<ReceiveReturnInput>) => {
    const { locationId, locationCode, lines } = input;
    mustWorkAt(actor, locationId, locationCode);
    await mustBeActive(tx, locationId);
    const found = input.returnId === null ? null : await lockNamed(tx, actor, input.returnId);
    const sale = found?.sale ?? (await lockSale(tx, actor, now, input));
    const others = (await lockAnnouncements(tx, sale)).filter(({ id }) => id !== input.returnId);
    const [named, ...open] = await announcedUnits(tx, [
      ...(input.returnId === null ? [] : [input.returnId]),
      ...others.map(({ id }) => id),
    ]);
    const outstanding = found === null ? new Map<number, number>() : named!.units;
    if (found !== null) checkParcel(found.named, outstanding, lines);
    await checkTerms(tx, sale, lines, {
      now,
      timeZone: await timeZoneOf(tx, sale, locationId),
      announced: new Map([...outstanding.keys()].map((skuId) => [skuId, found!.named.createdAt])),
      // Goods at the counter take precedence over announced ones.
      expected: new Map(),
    });
    const shelves = await lockShelves(
      tx,
      lines.map(({ skuId }) => ({ locationId, skuId })),
    );
    const { id, number } =
      found?.named ?? (await insertReturn(tx, { actor, now }, sale, locationId, 'RECEIVED'));
    if (found !== null) await tx.rows(RECEIVE, [id, locationId, now]);
    await insertLines(tx, id, lines);
    const units = unitsBySku(lines);
    const announcements = found === null && named !== undefined ? [named, ...open] : open;
    const cover = coverAnnouncements(announcements, beyond(units, outstanding));
    await coverLines(tx, now, id, cover);
    await raiseReturned(tx, now, sale, units);
    await post(tx, shelves, now, movesOf(shelves, input, id, commandId));
    const payload = {
      returnId: id,
      number,
      location: locationCode,
      orderId: sale.orderId,
      receipt: sale.receipt,
      alsoClosed: others.filter((it) => cover.done.includes(it.id)).map((it) => it.number),
    };
    await enqueue(tx, now, [{ topic: 'return.received', orderId: sale.orderId, payload }]);
    return { returnId: id };
  },
);
