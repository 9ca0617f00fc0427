// Commands on suppliers and purchase orders: draft, place, receive in parts, close.

import { type Command, defineCommand } from '../../access/actions/execute';
import { mustWorkAt } from '../../access/rules/roles';
import { lockedColumns } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import { mustBeActive } from '../../location/queries/locations';
import { enqueue } from '../../outbox/actions/enqueue';
import { checkInstant, checkState, notFound, refuse } from '../../refusals';
import { type LockedShelves, lockShelves, post } from '../../stock/ledger';
import { checkRoom } from '../../stock/rules/changes';
import type { LockedRow, SetBy } from '../../values/document';
import { unitsBySku } from '../../values/skuUnits';
import { DAY_MS } from '../../values/time';
import {
  expectedOn,
  MAX_EXPECTED_DAYS,
  overDelivered,
  overDelivery,
  PURCHASE,
  PURCHASE_STARTS,
  type PurchaseLine,
  statusAfter,
} from '../rules';
import { openPurchases, type PurchaseFollower } from './draftMany';

export interface SupplierFacts {
  code: string;
  name: string;
  leadTimeDays: number;
  /** Local time, HH:MM, until which an order counts as of the day; undefined leaves it as it is. */
  orderCutOff?: string | null | undefined;
}

const UPSERT = `
  INSERT INTO supplier (code, name, lead_time_days, order_cut_off)
  SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[]) AS s(code, name, lead_time_days, order_cut_off)
  ORDER BY code
  ON CONFLICT (code) DO UPDATE SET name = excluded.name, lead_time_days = excluded.lead_time_days,
    order_cut_off = CASE WHEN excluded.code = ANY($5::text[]) THEN excluded.order_cut_off ELSE supplier.order_cut_off END
  RETURNING id, code`;

/** Writes suppliers by code, new or changed. Answers their ids in the order of the request; codes are distinct. */
export const upsertSuppliers = defineCommand(
  'upsertSuppliers',
  async (tx, { input }: Command<{ suppliers: SupplierFacts[] }>) => {
    const { suppliers } = input;
    const rows = await tx.rows<{ id: number; code: string }>(UPSERT, [
      suppliers.map((s) => s.code),
      suppliers.map((s) => s.name),
      suppliers.map((s) => s.leadTimeDays),
      suppliers.map((s) => s.orderCutOff ?? null),
      suppliers.filter((s) => s.orderCutOff !== undefined).map((s) => s.code),
    ]);
    const ids = new Map(rows.map((r) => [r.code, r.id]));
    return { supplierIds: suppliers.map((s) => ids.get(s.code)!) };
  },
);

/** Units of one SKU; `sku` is its code, for refusals. */
export interface PurchaseUnits {
  skuId: number;
  sku: string;
  quantity: number;
}

export interface CreatePurchaseInput extends SetBy<typeof PURCHASE, 'createPurchaseOrder'> {
  supplier: string;
  locationId: number;
  lines: PurchaseUnits[];
  /** Whether it is placed at once. */
  order: boolean;
}

const SUPPLIER = 'SELECT id, lead_time_days AS "leadTimeDays" FROM supplier WHERE code = $1';

const checkExpected = (expectedAt: Date | null, now: Date): void => {
  if (expectedAt === null) return;
  checkInstant(expectedAt, 'expectedAt', now, new Date(now.getTime() + MAX_EXPECTED_DAYS * DAY_MS));
};

/**
 * Drafts a purchase order, or places it at once. A placed one without `expectedAt` is expected after the supplier's
 * lead time. Two lines of one SKU add up. Moves no stock. @throws Refused NotFound, InvalidInput
 */
export const createPurchaseOrder = defineCommand(
  'createPurchaseOrder',
  async (tx, { input, now }: Command<CreatePurchaseInput>) => {
    checkExpected(input.expectedAt, now);
    await mustBeActive(tx, input.locationId);
    const [supplier] = await tx.rows<{ id: number; leadTimeDays: number }>(SUPPLIER, [input.supplier]);
    if (supplier === undefined) {
      throw notFound('Supplier', [input.supplier]);
    }
    const expectedAt = input.order
      ? expectedOn(now, supplier.leadTimeDays, input.expectedAt)
      : input.expectedAt;
    const [opened] = await openPurchases(tx, now, [{ ...input, supplierId: supplier.id, expectedAt }]);
    return { purchaseId: opened!.id };
  },
);

interface LockedPurchase extends LockedRow<typeof PURCHASE> {
  location: string;
  supplier: string;
  leadTimeDays: number;
}

const LOCK = `
  SELECT ${lockedColumns(PURCHASE, 'p')}, l.code AS location, s.code AS supplier, s.lead_time_days AS "leadTimeDays"
  FROM purchase_order p JOIN location l ON l.id = p.location_id JOIN supplier s ON s.id = p.supplier_id
  WHERE p.id = $1 FOR UPDATE OF p`;

/** Locks one purchase order. @throws Refused NotFound */
export async function purchaseForUpdate(tx: Tx, id: string): Promise<LockedPurchase> {
  const [purchase] = await tx.rows<LockedPurchase>(LOCK, [id]);
  if (purchase === undefined) throw notFound('PurchaseOrder', [id]);
  return purchase;
}

const PLACE = `UPDATE purchase_order SET status = 'ORDERED', ordered_at = $2, expected_at = $3 WHERE id = $1`;

/** Places a draft with its supplier. @throws Refused NotFound, WrongState, InvalidInput */
export const placePurchaseOrderWith = (follower: PurchaseFollower) =>
  defineCommand(
    'placePurchaseOrder',
    async (tx, { input, now }: Command<{ purchaseId: string; expectedAt: Date | null }>) => {
      const purchase = await purchaseForUpdate(tx, input.purchaseId);
      const { id, number, status, leadTimeDays, expectedAt } = purchase;
      checkState('Purchase order', number, status, PURCHASE_STARTS.place, 'placed');
      await mustBeActive(tx, purchase.locationId);
      checkExpected(input.expectedAt, now);
      await tx.rows(PLACE, [id, now, expectedOn(now, leadTimeDays, input.expectedAt, expectedAt)]);
      await follower.placed(tx, id);
      return { purchaseId: id };
    },
  );

// Read under the order's lock: `received` changes only there.
const LINES = `
  SELECT l.sku_id AS "skuId", s.code AS sku, l.quantity, l.received
  FROM purchase_line l JOIN sku s ON s.id = l.sku_id WHERE l.purchase_id = $1 ORDER BY l.sku_id`;
/** The lines of a locked purchase order. */
export const purchaseLines = (tx: Tx, id: string): Promise<PurchaseLine[]> =>
  tx.rows<PurchaseLine>(LINES, [id]);

const RECEIVE_LINES = `
  UPDATE purchase_line l SET received = l.received + d.quantity
  FROM unnest($2::int[], $3::int[]) AS d(sku_id, quantity) WHERE l.purchase_id = $1 AND l.sku_id = d.sku_id`;
/** Sets the state of a locked purchase order, and when it was closed. */
export const END_PURCHASE =
  'UPDATE purchase_order SET status = $2::purchase_status, closed_at = $3 WHERE id = $1';

export interface ReceivePurchaseInput {
  purchaseId: string;
  lines: PurchaseUnits[];
  /** Whether the missing units will not be delivered. */
  close: boolean;
}

/** Units of a delivery by SKU. @throws Refused InvalidInput for a SKU that was not ordered */
function deliveryOf(
  number: string,
  ordered: readonly PurchaseLine[],
  lines: PurchaseUnits[],
): Map<number, number> {
  const known = new Set(ordered.map((l) => l.skuId));
  for (const [i, { skuId, sku }] of lines.entries()) {
    if (!known.has(skuId)) {
      const message = `${sku} is not on ${number}; book it with receiveStock, or send it back.`;
      refuse('InvalidInput', message, { path: `lines.${i}.sku` });
    }
  }
  return unitsBySku(lines);
}

async function postDelivery(
  tx: Tx,
  shelves: LockedShelves,
  { id, locationId }: LockedPurchase,
  delivery: ReadonlyMap<number, number>,
  { commandId, now }: { commandId: number; now: Date },
): Promise<void> {
  const units = [...delivery].map(([skuId, quantity]) => ({ skuId, quantity }));
  for (const { skuId, quantity } of units)
    checkRoom(shelves.at(locationId, skuId).available, quantity, 'lines');
  await tx.rows(RECEIVE_LINES, [id, units.map((u) => u.skuId), units.map((u) => u.quantity)]);
  await post(
    tx,
    shelves,
    now,
    units.map((unit) => ({
      ...unit,
      locationId,
      from: 'SUPPLIER',
      to: 'AVAILABLE',
      reason: 'RECEIVED',
      documentId: id,
      commandId,
    })),
  );
}

/**
 * Books a delivery, or a part of one: SUPPLIER → AVAILABLE. More than was ordered is accepted up to
 * OVER_DELIVERY_SHARE, also when the order is complete already. A complete order is RECEIVED; with `close` the missing units are no
 * longer expected.
 * @throws Refused NotFound, WrongState, InvalidInput, OverDelivered
 */
export const receivePurchaseOrder = defineCommand(
  'receivePurchaseOrder',
  async (tx, { input, actor, now, commandId }: Command<ReceivePurchaseInput>) => {
    const purchase = await purchaseForUpdate(tx, input.purchaseId);
    const { id, number, status, locationId, location, supplier } = purchase;
    mustWorkAt(actor, locationId, location);
    // The tolerance for surplus units is the same before and after the order is complete.
    if (status !== 'RECEIVED')
      checkState('Purchase order', number, status, PURCHASE_STARTS.receive, 'received');
    await mustBeActive(tx, locationId);
    const lines = await purchaseLines(tx, id);
    const delivery = deliveryOf(number, lines, input.lines);
    const over = overDelivered(lines, delivery);
    if (over.length > 0) throw overDelivery(number, over);
    const shelves = await lockShelves(
      tx,
      [...delivery.keys()].map((skuId) => ({ locationId, skuId })),
    );
    await postDelivery(tx, shelves, purchase, delivery, { commandId, now });
    const after = lines.map((l) => ({ ...l, received: l.received + (delivery.get(l.skuId) ?? 0) }));
    const state = statusAfter(after, input.close);
    await tx.rows(END_PURCHASE, [id, state, state === 'PARTIALLY_RECEIVED' ? null : now]);
    const payload = { purchaseOrderId: id, number, supplier, location, status: state };
    await enqueue(tx, now, [{ topic: 'purchase.received', payload }]);
    return { purchaseId: id };
  },
);

/** Closes an order whose missing units will not be delivered; a draft is cancelled. @throws Refused NotFound, WrongState */
export const closePurchaseOrderWith = (follower: PurchaseFollower) =>
  defineCommand('closePurchaseOrder', async (tx, { input, now }: Command<{ purchaseId: string }>) => {
    const { id, number, status } = await purchaseForUpdate(tx, input.purchaseId);
    checkState('Purchase order', number, status, PURCHASE_STARTS.close, 'closed');
    await tx.rows(END_PURCHASE, [id, 'CLOSED', now]);
    if (status === 'DRAFT') await follower.dropped(tx, id, number, now);
    return { purchaseId: id };
  });
