// The purchase of a return: an order or a till's receipt, locked while its units come back.

import type { Caller } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { lockOrders, notifyOrders } from '../../order/actions/document';
import { checkInstant, checkState, notFound } from '../../refusals';
import { DAY_MS } from '../../values/time';
import { type Bought, RETURN_LIMITS } from '../rules';

/** A till's receipt as the caller states it; `lines` are the units sold. */
export interface StatedReceipt {
  number: string;
  soldAt: Date;
  lines: { skuId: number; quantity: number }[];
}

/** A purchase whose row this transaction has locked. */
export interface Sale {
  orderId: string | null;
  /** Number of the order; null for a receipt. */
  number: string | null;
  receipt: string | null;
  soldAt: Date;
  /** When the purchase was agreed, which decides its terms. An order is agreed when it is placed. */
  agreedAt: Date;
  /** The pickup location of an order; null for a receipt, which does not name one. */
  pickupLocation: { locationId: number; timeZone: string } | null;
  bought: ReadonlyMap<number, Bought>;
}

type BoughtRow = Bought & { skuId: number };
const boughtOf = (rows: readonly BoughtRow[]): Map<number, Bought> =>
  new Map(rows.map(({ skuId, sold, returned }) => [skuId, { sold, returned }]));

// By the SKU that a line's code stands for now: units bought under a former code are returned under the new one.
const ORDER_LINES = `
  SELECT coalesce(s.replaced_by_id, s.id) AS "skuId", sum(l.collected)::int AS sold, sum(l.returned)::int AS returned
  FROM order_line l JOIN sku s ON s.id = l.sku_id WHERE l.order_id = $1 GROUP BY 1`;

const PLACED_AT = 'SELECT placed_at AS "placedAt" FROM customer_order WHERE id = $1';

/** Locks a collected order for a return at any location. @throws Refused NotFound, WrongState */
export async function lockOrderSale(tx: Tx, actor: Caller, orderId: string): Promise<Sale> {
  const [order] = await lockOrders(tx, [orderId]);
  if (order === undefined || (actor.role === 'STOREFRONT' && order.ownerId !== actor.actorId)) {
    throw notFound('Order', [orderId]);
  }
  checkState('Order', order.number, order.status, ['COLLECTED'], 'returned');
  const [placed] = await tx.rows<{ placedAt: Date }>(PLACED_AT, [orderId]);
  return {
    orderId,
    number: order.number,
    receipt: null,
    soldAt: order.closedAt!,
    agreedAt: placed!.placedAt,
    pickupLocation: { locationId: order.locationId, timeZone: order.calendar.timeZone },
    bought: boughtOf(await tx.rows<BoughtRow>(ORDER_LINES, [orderId])),
  };
}

const STATE = `
  INSERT INTO till_receipt (number, sold_at, created_at) VALUES ($1, $2, $3) ON CONFLICT (number) DO NOTHING`;
const STATE_LINES = `
  INSERT INTO till_receipt_line (receipt, sku_id, sold)
  SELECT $1, sku_id, sum(sold) FROM unnest($2::int[], $3::int[]) AS l(sku_id, sold)
  WHERE NOT EXISTS (
    SELECT FROM till_receipt_line t JOIN sku s ON s.id = t.sku_id
    WHERE t.receipt = $1 AND coalesce(s.replaced_by_id, s.id) = l.sku_id)
  GROUP BY sku_id
  ON CONFLICT (receipt, sku_id) DO NOTHING`;
const LOCK_RECEIPT = 'SELECT sold_at AS "soldAt" FROM till_receipt WHERE number = $1 FOR UPDATE';
const RECEIPT_LINES = `
  SELECT coalesce(s.replaced_by_id, s.id) AS "skuId", sum(l.sold)::int AS sold, sum(l.returned)::int AS returned
  FROM till_receipt_line l JOIN sku s ON s.id = l.sku_id WHERE l.receipt = $1 GROUP BY 1`;

/** Locks a receipt stated before. */
export async function lockReceiptSale(tx: Tx, number: string): Promise<Sale> {
  const [receipt] = await tx.rows<{ soldAt: Date }>(LOCK_RECEIPT, [number]);
  return {
    orderId: null,
    number: null,
    receipt: number,
    soldAt: receipt!.soldAt,
    agreedAt: receipt!.soldAt,
    pickupLocation: null,
    bought: boughtOf(await tx.rows<BoughtRow>(RECEIPT_LINES, [number])),
  };
}

/**
 * Records a stated receipt and locks it. The first statement of a number, and of each SKU on it, is final: later ones
 * change neither the time of sale nor the units sold. @throws Refused InvalidInput
 */
export async function stateReceipt(tx: Tx, now: Date, stated: StatedReceipt): Promise<Sale> {
  const oldest = new Date(now.getTime() - RETURN_LIMITS.receiptDays * DAY_MS);
  checkInstant(stated.soldAt, 'receipt.soldAt', oldest, now);
  const { number, soldAt, lines } = stated;
  await tx.rows(STATE, [number, soldAt, now]);
  await tx.rows(LOCK_RECEIPT, [number]);
  await tx.rows(STATE_LINES, [number, lines.map((l) => l.skuId), lines.map((l) => l.quantity)]);
  return lockReceiptSale(tx, number);
}

// A purchase can have two lines of what is one SKU now: each takes at most its units not returned yet.
const raise = (table: string, document: string, sold: string): string => `
  UPDATE ${table} l SET returned = l.returned + d.units
  FROM (
    SELECT o.sku_id, least(o.room, r.units - o.before) AS units
    FROM (
      SELECT x.sku_id, coalesce(s.replaced_by_id, s.id) AS present_id, x.${sold} - x.returned AS room,
             coalesce(sum(x.${sold} - x.returned) OVER (
               PARTITION BY coalesce(s.replaced_by_id, s.id) ORDER BY x.sku_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::int AS before
      FROM ${table} x JOIN sku s ON s.id = x.sku_id WHERE x.${document} = $1) o
    JOIN unnest($2::int[], $3::int[]) AS r(sku_id, units) ON r.sku_id = o.present_id
    WHERE r.units > o.before AND o.room > 0) d
  WHERE l.${document} = $1 AND l.sku_id = d.sku_id`;
const RAISE_ORDER = raise('order_line', 'order_id', 'collected');
const TOUCH_ORDER = 'UPDATE customer_order SET updated_at = $2 WHERE id = $1';
const RAISE_RECEIPT = raise('till_receipt_line', 'receipt', 'sold');

/** Records that these units of the locked purchase were returned, and notifies subscribers of the order. */
export async function raiseReturned(
  tx: Tx,
  now: Date,
  sale: Sale,
  units: ReadonlyMap<number, number>,
): Promise<void> {
  const values = [[...units.keys()], [...units.values()]];
  if (sale.orderId === null) {
    await tx.rows(RAISE_RECEIPT, [sale.receipt, ...values]);
    return;
  }
  await tx.rows(RAISE_ORDER, [sale.orderId, ...values]);
  await tx.rows(TOUCH_ORDER, [sale.orderId, now]);
  await notifyOrders(tx, [{ id: sale.orderId, locationId: sale.pickupLocation!.locationId }]);
}
