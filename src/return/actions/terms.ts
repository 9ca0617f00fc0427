// The terms of a return: what was bought, the time zone in which its days count, and whether its window is still open.

import type { Caller } from '../../access/rules/roles';
import type { Tx } from '../../db/pool';
import { unitsBySku } from '../../values/skuUnits';
import { returnProblem } from '../rules';
import { lockOrderSale, type Sale, type StatedReceipt, stateReceipt } from './sale';

/** The purchase: exactly one of the two. */
export interface Reference {
  orderId: string | null;
  receipt: StatedReceipt | null;
}

/** Returned units of one SKU; `sku` is its code, for refusals. */
export interface ReturnUnits {
  skuId: number;
  sku: string;
  quantity: number;
  reason: string;
}

/** Locks the purchase that a return refers to. @throws Refused NotFound, WrongState, InvalidInput */
export function lockSale(tx: Tx, actor: Caller, now: Date, { orderId, receipt }: Reference): Promise<Sale> {
  return orderId === null ? stateReceipt(tx, now, receipt!) : lockOrderSale(tx, actor, orderId);
}

// The window that was in force at the sale: the earliest one that ended after it, or the present one.
const WINDOWS = `
  SELECT s.id, s.code, coalesce(
    (SELECT p.days FROM sku_past_return_window p WHERE p.sku_id = s.id AND p.until > $2 ORDER BY p.until LIMIT 1),
    s.return_window_days) AS "windowDays"
  FROM sku s WHERE s.id = ANY($1::int[]) ORDER BY s.id`;

/** The facts a return is checked against besides the purchase itself. */
export interface Terms {
  now: Date;
  timeZone: string;
  /** When SKUs of this return were announced, by SKU. */
  announced: ReadonlyMap<number, Date>;
  /** Units that are announced to come back elsewhere, by SKU. */
  expected: ReadonlyMap<number, number>;
}

/** Refuses returns that are too late, too many units, or not returnable at all. @throws Refused NotReturnable, ReturnWindowClosed, TooManyReturned */
export async function checkTerms(
  tx: Tx,
  sale: Sale,
  lines: readonly ReturnUnits[],
  terms: Terms,
): Promise<void> {
  const units = unitsBySku(lines);
  const skus = await tx.rows<{ id: number; code: string; windowDays: number }>(WINDOWS, [
    [...units.keys()],
    sale.agreedAt,
  ]);
  for (const { id, code, windowDays } of skus) {
    const { sold, returned } = sale.bought.get(id) ?? { sold: 0, returned: 0 };
    const announcedAt = terms.announced.get(id) ?? null;
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

/** The time zone of the days of a return window: that of the order's location; for a receipt, which names none, that of the receiving one. */
export async function timeZoneOf(tx: Tx, sale: Sale, locationId: number): Promise<string> {
  if (sale.pickupLocation !== null) return sale.pickupLocation.timeZone;
  const [location] = await tx.rows<{ timeZone: string }>(TIME_ZONE, [locationId]);
  return location!.timeZone;
}
