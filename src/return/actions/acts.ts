// Acts on returns: announced by the customer's side, received anywhere, rejected with a reason.

import { v7 as uuid } from 'uuid';
import { act, type Command } from '../../access/act';
import { type Caller, mustWorkAt } from '../../access/rules';
import type { Tx } from '../../db/pool';
import { enqueue } from '../../outbox/actions';
import { checkState, Forbidden, refuse } from '../../refusals';
import { type LockedShelves, lockShelves, type Move, post } from '../../stock/ledger';
import { checkRoom } from '../../stock/rules';
import { type Disposition, RETURN_STARTS, type ReturnStatus, returnProblem, returnSteps } from '../rules';
import {
  lockOrderSale,
  lockReceiptSale,
  raiseReturned,
  type Sale,
  type StatedReceipt,
  stateReceipt,
} from './sale';

/** What was bought: exactly one of the two. */
export interface Reference {
  orderId: string | null;
  receipt: StatedReceipt | null;
}

/** Units of one SKU that come back; `sku` is its code, for refusals. */
export interface ReturnUnits {
  skuId: number;
  sku: string;
  quantity: number;
  reason: string;
}

function lockSale(tx: Tx, who: Caller, now: Date, { orderId, receipt }: Reference): Promise<Sale> {
  return orderId === null ? stateReceipt(tx, now, receipt!) : lockOrderSale(tx, who, orderId);
}

/** Units by SKU, over all lines. */
function unitsOf(lines: readonly { skuId: number; quantity: number }[]): Map<number, number> {
  const units = new Map<number, number>();
  for (const { skuId, quantity } of lines) units.set(skuId, (units.get(skuId) ?? 0) + quantity);
  return units;
}

const WINDOWS =
  'SELECT id, code, return_window_days AS "windowDays" FROM sku WHERE id = ANY($1::int[]) ORDER BY id';

/** What this return is judged by besides the purchase itself. */
interface Terms {
  now: Date;
  timeZone: string;
  /** When these SKUs were announced. */
  announced: { at: Date; skuIds: ReadonlySet<number> } | null;
  /** Units that are announced to come back elsewhere, by SKU. */
  expected: ReadonlyMap<number, number>;
}

/** Refuses what is too late or too many. @throws Refused ReturnWindowClosed, TooManyReturned */
async function judge(tx: Tx, sale: Sale, lines: readonly ReturnUnits[], terms: Terms): Promise<void> {
  const units = unitsOf(lines);
  const skus = await tx.rows<{ id: number; code: string; windowDays: number }>(WINDOWS, [[...units.keys()]]);
  for (const { id, code, windowDays } of skus) {
    const { sold, returned } = sale.bought.get(id) ?? { sold: 0, returned: 0 };
    const announcedAt = terms.announced?.skuIds.has(id) ? terms.announced.at : null;
    const problem = returnProblem(
      terms.now,
      { soldAt: sale.soldAt, timeZone: terms.timeZone, announcedAt },
      {
        sku: code,
        windowDays,
        requested: units.get(id)!,
        bought: { sold, returned: returned + (terms.expected.get(id) ?? 0) },
      },
    );
    if (problem !== null) throw problem;
  }
}

const TIME_ZONE = 'SELECT time_zone AS "timeZone" FROM location WHERE id = $1';

/** Days are those of the place where it was bought; a receipt does not name it, so those of the place it comes back to. */
async function timeZoneOf(tx: Tx, sale: Sale, locationId: number): Promise<string> {
  if (sale.place !== null) return sale.place.timeZone;
  const [location] = await tx.rows<{ timeZone: string }>(TIME_ZONE, [locationId]);
  return location!.timeZone;
}

const INSERT = `
  INSERT INTO customer_return (id, number, owner_id, location_id, order_id, receipt, sold_at, status, created_at, closed_at)
  VALUES ($1, 'R-' || nextval('return_number'), $2, $3, $4, $5, $6, $7::return_status, $8, $9) RETURNING number`;
const INSERT_LINES = `
  INSERT INTO return_line (return_id, line, sku_id, quantity, reason, disposition)
  SELECT $1, $2 + ord, sku_id, quantity, reason, disposition::disposition
  FROM unnest($3::int[], $4::int[], $5::text[], $6::text[]) WITH ORDINALITY
    AS l(sku_id, quantity, reason, disposition, ord)`;

async function insertReturn(
  tx: Tx,
  { who, now }: { who: Caller; now: Date },
  sale: Sale,
  locationId: number,
  status: ReturnStatus,
): Promise<{ id: string; number: string }> {
  const id = uuid();
  const closedAt = status === 'REQUESTED' ? null : now;
  const { orderId, receipt, soldAt } = sale;
  const values = [id, who.actorId, locationId, orderId, receipt, soldAt, status, now, closedAt];
  const [made] = await tx.rows<{ number: string }>(INSERT, values);
  return { id, number: made!.number };
}

async function insertLines(
  tx: Tx,
  returnId: string,
  after: number,
  lines: readonly (ReturnUnits & { disposition: Disposition | null })[],
): Promise<void> {
  await tx.rows(INSERT_LINES, [
    returnId,
    after,
    lines.map((l) => l.skuId),
    lines.map((l) => l.quantity),
    lines.map((l) => l.reason),
    lines.map((l) => l.disposition),
  ]);
}

// Under the purchase's lock, so that two announcements of the same unit see each other.
const EXPECTED = `
  SELECT l.sku_id AS "skuId", l.quantity FROM customer_return r JOIN return_line l ON l.return_id = r.id
  WHERE r.status = 'REQUESTED' AND (r.order_id = $1 OR r.receipt = $2)`;

export interface RequestReturnInput extends Reference {
  /** Where it will be brought; null means the place of the order. */
  locationId: number | null;
  lines: ReturnUnits[];
}

/**
 * Announces a return (an RMA). Units announced before and not received yet count as gone. A storefront announces for
 * its own orders, staff for every order and receipt.
 * @throws Refused NotFound, WrongState, ReturnWindowClosed, TooManyReturned, InvalidInput
 */
export const requestReturn = act(
  'requestReturn',
  async (tx, { input, who, now }: Command<RequestReturnInput>) => {
    if (who.role === 'STOREFRONT' && input.orderId === null) {
      throw new Forbidden('A front end returns its own orders; receipts are for the staff of a shop.');
    }
    const sale = await lockSale(tx, who, now, input);
    const locationId = input.locationId ?? sale.place!.locationId;
    const timeZone = await timeZoneOf(tx, sale, locationId);
    const open = await tx.rows<{ skuId: number; quantity: number }>(EXPECTED, [sale.orderId, sale.receipt]);
    await judge(tx, sale, input.lines, { now, timeZone, announced: null, expected: unitsOf(open) });
    const { id } = await insertReturn(tx, { who, now }, sale, locationId, 'REQUESTED');
    await insertLines(
      tx,
      id,
      0,
      input.lines.map((line) => ({ ...line, disposition: null })),
    );
    return { returnId: id };
  },
);

interface LockedReturn {
  id: string;
  number: string;
  status: ReturnStatus;
  createdAt: Date;
  locationId: number;
  location: string;
}

const SOURCE = 'SELECT order_id AS "orderId", receipt FROM customer_return WHERE id = $1';
const LOCK = `
  SELECT r.id, r.number, r.status, r.created_at AS "createdAt", r.location_id AS "locationId", p.code AS location
  FROM customer_return r JOIN location p ON p.id = r.location_id WHERE r.id = $1 FOR UPDATE OF r`;
const ANNOUNCED = 'SELECT sku_id AS "skuId" FROM return_line WHERE return_id = $1 ORDER BY line';

function refuseUnknown(id: string): never {
  refuse('NotFound', 'There is no such return; send the id of an earlier answer.', {
    what: 'Return',
    keys: [id],
  });
}

async function returnForUpdate(tx: Tx, id: string): Promise<LockedReturn> {
  const [found] = await tx.rows<LockedReturn>(LOCK, [id]);
  return found ?? refuseUnknown(id);
}

/** Locks an announced return, its purchase first; what a return refers to never changes. @throws Refused */
async function lockAnnounced(tx: Tx, who: Caller, returnId: string) {
  const [source] = await tx.rows<{ orderId: string | null; receipt: string | null }>(SOURCE, [returnId]);
  if (source === undefined) refuseUnknown(returnId);
  const { orderId, receipt } = source;
  const sale = await (orderId === null ? lockReceiptSale(tx, receipt!) : lockOrderSale(tx, who, orderId));
  const announced = await returnForUpdate(tx, returnId);
  checkState('Return', announced.number, announced.status, RETURN_STARTS.receive, 'received');
  const lines = await tx.rows<{ skuId: number }>(ANNOUNCED, [returnId]);
  return { sale, announced, skuIds: lines.map((l) => l.skuId) };
}

export interface ReceiveReturnInput extends Reference {
  /** What was announced; null when it comes unannounced, with its order or receipt. */
  returnId: string | null;
  locationId: number;
  locationCode: string;
  lines: (ReturnUnits & { disposition: Disposition })[];
}

const RECEIVE = `UPDATE customer_return SET status = 'RECEIVED', location_id = $2, closed_at = $3 WHERE id = $1`;

function movesOf(
  shelves: LockedShelves,
  { locationId, lines }: ReceiveReturnInput,
  documentId: string,
  commandId: number,
): Move[] {
  for (const [skuId, units] of unitsOf(lines)) {
    const { available, quarantine } = shelves.at(locationId, skuId);
    checkRoom(Math.max(available, quarantine), units, 'lines');
  }
  // Without the reason: it is in the customer's words, which can be erased from the return but never from the ledger.
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

/**
 * Takes goods back at any place, announced or not: CUSTOMER → AVAILABLE, QUARANTINE, or through quarantine out of the
 * house, in the books of the place that receives them. What was announced is closed by it, whatever came.
 * @throws Refused NotFound, WrongState, ReturnWindowClosed, TooManyReturned, InvalidInput
 */
export const receiveReturn = act(
  'receiveReturn',
  async (tx, { input, who, now, commandId }: Command<ReceiveReturnInput>) => {
    const { locationId, locationCode, lines } = input;
    mustWorkAt(who, locationId, locationCode);
    const known = input.returnId === null ? null : await lockAnnounced(tx, who, input.returnId);
    const sale = known?.sale ?? (await lockSale(tx, who, now, input));
    await judge(tx, sale, lines, {
      now,
      timeZone: await timeZoneOf(tx, sale, locationId),
      announced: known && { at: known.announced.createdAt, skuIds: new Set(known.skuIds) },
      // Goods on the counter go before goods that someone only spoke of.
      expected: new Map(),
    });
    const shelves = await lockShelves(
      tx,
      lines.map(({ skuId }) => ({ locationId, skuId })),
    );
    const document = known?.announced ?? (await insertReturn(tx, { who, now }, sale, locationId, 'RECEIVED'));
    const { id, number } = document;
    if (known) await tx.rows(RECEIVE, [id, locationId, now]);
    await insertLines(tx, id, known?.skuIds.length ?? 0, lines);
    await raiseReturned(tx, now, sale, unitsOf(lines));
    await post(tx, shelves, now, movesOf(shelves, input, id, commandId));
    const payload = {
      returnId: id,
      number,
      location: locationCode,
      orderId: sale.orderId,
      receipt: sale.receipt,
    };
    await enqueue(tx, now, [{ topic: 'return.received', orderId: sale.orderId, payload }]);
    return { returnId: id };
  },
);

const REJECT = `UPDATE customer_return SET status = 'REJECTED', reject_reason = $2, closed_at = $3 WHERE id = $1`;

/** Says no to an announced return; its units can be announced again. @throws Refused NotFound, WrongState */
export const rejectReturn = act(
  'rejectReturn',
  async (tx, { input, who, now }: Command<{ returnId: string; reason: string }>) => {
    const { id, number, status, locationId, location } = await returnForUpdate(tx, input.returnId);
    mustWorkAt(who, locationId, location);
    checkState('Return', number, status, RETURN_STARTS.reject, 'rejected');
    await tx.rows(REJECT, [id, input.reason, now]);
    return { returnId: id };
  },
);
