// Visibility of returns by caller, the filters of a list, and what of orders may still be returned.

import { boundTo, type Caller } from '../access/rules/roles';
import type { Prisma } from '../db/generated/client/client';
import type { Tx } from '../db/pool';
import type { ReturnStatus, ReturnWindow } from './rules';

/**
 * Storefronts see the returns they announced and those of their own orders; callers bound to locations see those announced
 * for them or received by them, and those of their orders.
 */
export function visibleReturns(actor: Caller): Prisma.ReturnWhereInput {
  const bound = boundTo(actor);
  if (bound !== null) {
    const locationId = { in: [...bound] };
    return { OR: [{ locationId }, { order: { locationId } }] };
  }
  if (actor.role !== 'STOREFRONT') return {};
  return { OR: [{ ownerId: actor.actorId }, { order: { ownerId: actor.actorId } }] };
}

export interface ReturnFilter {
  locationId: number | null;
  orderId: string | null;
  receipt: string | null;
  statuses: ReturnStatus[] | null;
}

/** The Prisma filter of the returns that the caller may see. */
export function returnsWhere(actor: Caller, filter: ReturnFilter): Prisma.ReturnWhereInput {
  const { locationId, orderId, receipt, statuses } = filter;
  return {
    AND: [
      visibleReturns(actor),
      locationId === null ? {} : { locationId },
      orderId === null ? {} : { orderId },
      receipt === null ? {} : { receiptNumber: receipt },
      statuses === null ? {} : { status: { in: statuses } },
    ],
  };
}

/** Units of one SKU of a collected order that are not back yet. */
export interface ReturnableLine extends ReturnWindow {
  orderId: string;
  skuId: number;
  /** Units that were collected and are not back. */
  units: number;
  /** Units of these that are announced. */
  announced: number;
  /** The return window that was in force at the sale. */
  windowDays: number;
}

// By the SKU that a line's code stands for now, as the commands of returns count them.
const RETURNABLE = `
  SELECT l."orderId", l."skuId", l."soldAt", l."timeZone", l.units, coalesce(a.units, 0)::int AS announced, a."announcedAt",
         coalesce(
           (SELECT p.days FROM sku_past_return_window p WHERE p.sku_id = s.id AND p.until > l.placed_at ORDER BY p.until LIMIT 1),
           s.return_window_days) AS "windowDays"
  FROM (
    SELECT o.id AS "orderId", coalesce(x.replaced_by_id, x.id) AS "skuId", coalesce(o.closed_at, o.updated_at) AS "soldAt",
           o.placed_at, p.time_zone AS "timeZone", sum(l.collected - l.returned)::int AS units
    FROM customer_order o JOIN location p ON p.id = o.location_id
    JOIN order_line l ON l.order_id = o.id AND l.collected > l.returned JOIN sku x ON x.id = l.sku_id
    WHERE o.id = ANY($1::uuid[]) AND o.status = 'COLLECTED' GROUP BY 1, 2, 3, 4, 5) l
  JOIN sku s ON s.id = l."skuId"
  CROSS JOIN LATERAL (
    SELECT sum(r.units)::int AS units, max(r.created_at) AS "announcedAt"
    FROM (
      SELECT r.created_at,
             sum(CASE WHEN d.disposition IS NULL THEN d.quantity - d.covered ELSE -d.quantity END) AS units
      FROM customer_return r JOIN return_line d ON d.return_id = r.id JOIN sku x ON x.id = d.sku_id
      WHERE r.order_id = l."orderId" AND r.status = 'REQUESTED' AND coalesce(x.replaced_by_id, x.id) = l."skuId"
      GROUP BY r.id) r
    WHERE r.units > 0) a
  ORDER BY l."soldAt" DESC, l."orderId", l."skuId"`;

/** What of these orders was collected and is not back, whether its window is open or not; orders collected last come first. */
export function returnableLines(tx: Tx, orderIds: readonly string[]): Promise<ReturnableLine[]> {
  return tx.rows<ReturnableLine>(RETURNABLE, [orderIds]);
}
