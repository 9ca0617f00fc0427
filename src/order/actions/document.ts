// Orders under their lock: read whole, changed by commands as plain objects, and written back as a set.

import { type Caller, mayTouch, mustWorkAt } from '../../access/rules/roles';
import { lockedColumns, saveStatement } from '../../db/documentSql';
import { notify } from '../../db/notify';
import type { Tx } from '../../db/pool';
import type { LocationCalendar } from '../../location/rules/hours';
import type { PickupPolicy } from '../../location/rules/pickup';
import { notFound, refuse } from '../../refusals';
import type { Bucket, Move, MoveReason, Shelf } from '../../stock/ledger';
import type { LockedRow } from '../../values/document';
import { ORDER } from '../rules/columns';
import { type LineBucket, type OrderLine, shift, statusByLines } from '../rules/lines';

/** An order whose row this transaction has locked, with its lines. Commands change it and `saveOrders` writes it. */
export interface LockedOrder extends LockedRow<typeof ORDER> {
  readonly locationCode: string;
  readonly calendar: LocationCalendar;
  readonly policy: PickupPolicy;
  readonly lines: OrderLine[];
}

const COLUMNS = `
  SELECT ${lockedColumns(ORDER, 'o')}, p.code AS "locationCode",
         jsonb_build_object('timeZone', p.time_zone, 'weekly', p.weekly_hours, 'exceptions', p.hours_exceptions) AS calendar,
         jsonb_build_object('leadMinutes', p.pickup_lead_minutes, 'cutOff', p.pickup_cut_off,
           'capacityPerHour', p.pickup_capacity_per_hour, 'keepDays', p.pickup_keep_days) AS policy
  FROM customer_order o JOIN location p ON p.id = o.location_id`;
const LOCK = `${COLUMNS} WHERE o.id = ANY($1::uuid[]) ORDER BY o.id FOR UPDATE OF o`;
// Jobs skip orders locked by other transactions, which are due again at the next run.
const LOCK_NO_SHOWS = `${COLUMNS} WHERE o.status = 'READY' AND o.collect_by <= $1
  ORDER BY o.id LIMIT $2 FOR UPDATE OF o SKIP LOCKED`;
const LOCK_REMINDERS = `${COLUMNS} WHERE o.status = 'READY' AND o.reminded_at IS NULL AND o.remind_at <= $1
    AND o.collect_by > $1
  ORDER BY o.id LIMIT $2 FOR UPDATE OF o SKIP LOCKED`;
const LOCK_HOURS_CHANGED = `${COLUMNS} WHERE o.status = 'READY' AND p.updated_at IS DISTINCT FROM o.hours_seen_at
  ORDER BY o.id LIMIT $1 FOR UPDATE OF o SKIP LOCKED`;
const LINES = `
  SELECT order_id AS "orderId", sku_id AS "skuId", quantity, reserved, awaiting, staged, collected, cancelled, short,
         short_reason AS "shortReason", coalesce(unit_price_minor, large_unit_price_minor) AS "unitPriceMinor", currency
  FROM order_line WHERE order_id = ANY($1::uuid[]) ORDER BY order_id, sku_id`;

async function withLines(tx: Tx, heads: Omit<LockedOrder, 'lines'>[]): Promise<LockedOrder[]> {
  if (heads.length === 0) return [];
  const orders = new Map(heads.map((head) => [head.id, { ...head, lines: [] as OrderLine[] }]));
  const rows = await tx.rows<OrderLine & { orderId: string }>(LINES, [[...orders.keys()]]);
  for (const { orderId, ...line } of rows) orders.get(orderId)!.lines.push(line);
  return [...orders.values()];
}

/** Locks these orders in the order of their ids, before any transfer or shelf; unknown ids are left out. */
export async function lockOrders(tx: Tx, ids: readonly string[]): Promise<LockedOrder[]> {
  return withLines(tx, await tx.rows<Omit<LockedOrder, 'lines'>>(LOCK, [ids]));
}

/** Locks up to `limit` READY orders that were not collected by `now`, skipping those locked by others. */
export async function lockNoShows(tx: Tx, now: Date, limit: number): Promise<LockedOrder[]> {
  return withLines(tx, await tx.rows<Omit<LockedOrder, 'lines'>>(LOCK_NO_SHOWS, [now, limit]));
}

/** Locks up to `limit` READY orders whose reminder is due, skipping those locked by others. */
export async function lockReminders(tx: Tx, now: Date, limit: number): Promise<LockedOrder[]> {
  return withLines(tx, await tx.rows<Omit<LockedOrder, 'lines'>>(LOCK_REMINDERS, [now, limit]));
}

/** Locks up to `limit` READY orders whose location has changed since their collect-by time was computed. */
export async function lockHoursChanged(tx: Tx, limit: number): Promise<LockedOrder[]> {
  return withLines(tx, await tx.rows<Omit<LockedOrder, 'lines'>>(LOCK_HOURS_CHANGED, [limit]));
}

const HOURS_SEEN = `
  UPDATE customer_order o SET hours_seen_at = p.updated_at
  FROM location p WHERE p.id = o.location_id AND o.id = ANY($1::uuid[])`;

/** Records that the collect-by time of these locked orders matches the present hours of their location. */
export async function noteHoursSeen(tx: Tx, orders: readonly LockedOrder[]): Promise<void> {
  await tx.rows(HOURS_SEEN, [orders.map((order) => order.id)]);
}

/** Locks one order for a caller who may change it. @throws Refused NotFound @throws Forbidden for another shop's staff */
export async function lockOrder(tx: Tx, actor: Caller, id: string): Promise<LockedOrder> {
  const [order] = await lockOrders(tx, [id]);
  if (order === undefined || (actor.role === 'STOREFRONT' && !mayTouch(actor, order)))
    throw notFound('Order', [id]);
  if (actor.role !== 'STOREFRONT') mustWorkAt(actor, order.locationId, order.locationCode);
  return order;
}

/** The line of a SKU. @throws Refused NotFound */
export function lineOf(order: LockedOrder, sku: { id: number; code: string }): OrderLine {
  const line = order.lines.find((l) => l.skuId === sku.id);
  if (line === undefined) {
    refuse('NotFound', `Order ${order.number} has no line of ${sku.code}; pick what it asks for.`, {
      what: 'OrderLine',
      keys: [sku.code],
    });
  }
  return line;
}

const SAVE = saveStatement(ORDER);
const SAVE_LINES = `
  UPDATE order_line l
  SET reserved = n.reserved, awaiting = n.awaiting, staged = n.staged, collected = n.collected,
      cancelled = n.cancelled, short = n.short, short_reason = n."shortReason"
  FROM jsonb_to_recordset($1::jsonb) AS n(
    "orderId" uuid, "skuId" int, reserved int, awaiting int, staged int, collected int, cancelled int, short int,
    "shortReason" short_reason)
  WHERE l.order_id = n."orderId" AND l.sku_id = n."skuId"`;

/** Writes changed orders back, and notifies subscribers. */
export async function saveOrders(tx: Tx, now: Date, orders: readonly LockedOrder[]): Promise<void> {
  if (orders.length === 0) return;
  const heads = orders.map(({ lines: _lines, calendar: _calendar, policy: _policy, ...head }) => head);
  const lines = orders.flatMap((order) => order.lines.map((line) => ({ ...line, orderId: order.id })));
  await Promise.all([
    tx.rows(SAVE, [JSON.stringify(heads), now]),
    tx.rows(SAVE_LINES, [JSON.stringify(lines)]),
    notifyOrders(tx, orders),
  ]);
}

/** Notifies subscribers that these orders changed. */
export function notifyOrders(tx: Tx, orders: readonly { id: string; locationId: number }[]): Promise<void> {
  return notify(
    tx,
    'orders',
    orders.map((o) => `${o.id}@${o.locationId}`),
  );
}

/** The shelves of an order's lines at its shop. */
export function shelvesOf(order: LockedOrder): Shelf[] {
  return order.lines.map((l) => ({ locationId: order.locationId, skuId: l.skuId }));
}

const BUCKET: Record<'reserved' | 'staged', Bucket> = { reserved: 'RESERVED', staged: 'STAGED' };

/**
 * Moves units of a line from `from` to `to`, and answers the corresponding move of stock at the order's shop, so that the
 * document and the ledger agree.
 */
export function carry(
  order: LockedOrder,
  line: OrderLine,
  step: {
    from: 'reserved' | 'staged';
    to: LineBucket;
    bucket: Bucket;
    quantity: number;
    reason: MoveReason;
    commandId: number;
    note?: string | null;
  },
): Move {
  shift(line, step.from, step.to, step.quantity);
  return {
    locationId: order.locationId,
    skuId: line.skuId,
    from: BUCKET[step.from],
    to: step.bucket,
    quantity: step.quantity,
    reason: step.reason,
    note: step.note ?? null,
    documentId: order.id,
    commandId: step.commandId,
  };
}

/** Sets the status that follows from the lines; an order without remaining units is closed as out of stock. */
export function settle(order: LockedOrder, now: Date): void {
  order.status = statusByLines(order.lines, order.pickingAt !== null);
  if (order.status === 'CANCELLED') {
    order.cancelReason ??= 'OUT_OF_STOCK';
    order.closedAt = now;
  }
}
