// Reads of orders: visibility, pages, the pick list of a wave, and the queue of a shop's counter.

import { boundTo, type Caller } from '../../access/rules/roles';
import type { Prisma } from '../../db/generated/client/client';
import type { Tx } from '../../db/pool';
import type { OrderStatus } from '../rules/status';

/** Storefronts see their own orders, staff those of their shops, and callers not bound to locations see all. */
export function visibleOrders(actor: Caller): Prisma.OrderWhereInput {
  if (actor.role === 'STOREFRONT') return { ownerId: actor.actorId };
  const bound = boundTo(actor);
  return bound === null ? {} : { locationId: { in: [...bound] } };
}

/** Which orders to list; null means any. `updatedSince` also turns the list: least recently changed first. */
export interface OrderFilter {
  locationId: number | null;
  statuses: readonly OrderStatus[] | null;
  placedFrom: Date | null;
  placedTo: Date | null;
  updatedSince: Date | null;
}

/** The key after which a page begins: a time (of placing, or of the last change in a list of changes) and an id. */
export interface OrderKey {
  at: Date;
  id: string;
}

type Direction = 'asc' | 'desc';

/** The filter, the part of the list beyond keys, and its order as Prisma takes them. */
export function ordersPage(
  actor: Caller,
  filter: OrderFilter,
  cut: { after: OrderKey | null; before: OrderKey | null; inverted: boolean },
): { where: Prisma.OrderWhereInput; orderBy: Prisma.OrderOrderByWithRelationInput[] } {
  const column = filter.updatedSince === null ? 'placedAt' : 'updatedAt';
  const forwards = filter.updatedSince === null ? 'lt' : 'gt';
  const backwards = forwards === 'lt' ? 'gt' : 'lt';
  const beyond = (key: OrderKey | null, compare: 'lt' | 'gt'): Prisma.OrderWhereInput =>
    key === null
      ? {}
      : { OR: [{ [column]: { [compare]: key.at } }, { [column]: key.at, id: { [compare]: key.id } }] };
  const direction: Direction = (forwards === 'lt') === cut.inverted ? 'asc' : 'desc';
  return {
    where: {
      AND: [
        visibleOrders(actor),
        filter.locationId === null ? {} : { locationId: filter.locationId },
        filter.statuses === null ? {} : { status: { in: [...filter.statuses] } },
        { placedAt: { gte: filter.placedFrom ?? undefined, lt: filter.placedTo ?? undefined } },
        filter.updatedSince === null ? {} : { updatedAt: { gte: filter.updatedSince } },
        beyond(cut.after, forwards),
        beyond(cut.before, backwards),
      ],
    },
    orderBy: [{ [column]: direction }, { id: direction }],
  };
}

const DIALLED_FROM = `
  SELECT country FROM location
  WHERE id = coalesce($2::int, (SELECT location_id FROM reservation WHERE id = $1::uuid))`;

/** The country of the location that an order is placed at, or null when there is no such reservation. */
export async function dialledFrom(
  tx: Tx,
  reservationId: string | null,
  locationId: number | null,
): Promise<string | null> {
  const [row] = await tx.rows<{ country: string }>(DIALLED_FROM, [reservationId, locationId]);
  return row?.country ?? null;
}

const ID_BY_NUMBER = 'SELECT id FROM customer_order WHERE number = $1';

/** The id behind an order's number, or null. */
export async function orderIdByNumber(tx: Tx, number: string): Promise<string | null> {
  const [row] = await tx.rows<{ id: string }>(ID_BY_NUMBER, [number]);
  return row?.id ?? null;
}

/** One SKU of a wave and one order that needs it. */
export interface WaveLine {
  skuId: number;
  orderId: string;
  /** Units still to pick. */
  toPick: number;
  staged: number;
}

// Walking order: the pick position, then the code; within one SKU the order that was promised first.
const WAVE = `
  SELECT l.sku_id AS "skuId", l.order_id AS "orderId", l.reserved AS "toPick", l.staged
  FROM customer_order o
  JOIN order_line l ON l.order_id = o.id AND l.reserved > 0
  JOIN sku s ON s.id = l.sku_id
  WHERE o.location_id = $1 AND o.status = 'PICKING' AND ($2::uuid[] IS NULL OR o.id = ANY($2))
  ORDER BY s.pick_position, s.code, o.promised_at NULLS LAST, o.number LIMIT $3`;

/** What the orders being picked at a location (or only these of them) still need, in walking order. */
export function waveLines(
  tx: Tx,
  locationId: number,
  orderIds: readonly string[] | null,
  limit: number,
): Promise<WaveLine[]> {
  return tx.rows<WaveLine>(WAVE, [locationId, orderIds, limit]);
}

export const QUEUE_LISTS = ['toPick', 'waitingForTransfer', 'picking', 'ready', 'late', 'overdue'] as const;
export type QueueList = (typeof QUEUE_LISTS)[number];

// One statement reads the open orders of a shop; an order can be in two lists. Customers who have arrived come first.
const QUEUE = `
  WITH open AS (
    SELECT o.id, o.status, o.promised_at, o.collect_by, o.arrived_at, o.on_the_way_at, o.ready_at
    FROM customer_order o
    WHERE o.location_id = $1 AND o.status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY')),
  listed AS (
    SELECT o.*, v.list FROM open o, LATERAL (VALUES
      ('toPick', o.status = 'PLACED'), ('waitingForTransfer', o.status = 'AWAITING_TRANSFER'),
      ('picking', o.status = 'PICKING'), ('ready', o.status = 'READY'),
      ('late', o.status <> 'READY' AND o.promised_at < $2), ('overdue', o.status = 'READY' AND o.collect_by <= $2)
    ) AS v(list, stands) WHERE v.stands),
  ranked AS (
    SELECT id, list, count(*) OVER (PARTITION BY list) AS count,
           row_number() OVER (PARTITION BY list ORDER BY
             CASE WHEN list = 'ready' THEN arrived_at END NULLS LAST,
             CASE WHEN list = 'ready' THEN on_the_way_at END NULLS LAST,
             CASE WHEN list = 'ready' THEN ready_at WHEN list = 'overdue' THEN collect_by ELSE promised_at END NULLS LAST,
             id) AS rank
    FROM listed)
  SELECT list, id, count FROM ranked WHERE rank <= $3 ORDER BY list, rank`;

/** The open orders of a shop by what has to be done next: ids in order, at most `limit` per list, and complete counts. */
export async function queueLists(
  tx: Tx,
  locationId: number,
  now: Date,
  limit: number,
): Promise<Record<QueueList, { count: number; ids: string[] }>> {
  const rows = await tx.rows<{ list: QueueList; id: string; count: number }>(QUEUE, [locationId, now, limit]);
  const listOf = (list: QueueList) => {
    const mine = rows.filter((r) => r.list === list);
    return [list, { count: mine[0]?.count ?? 0, ids: mine.map((r) => r.id) }] as const;
  };
  return Object.fromEntries(QUEUE_LISTS.map(listOf)) as Record<QueueList, { count: number; ids: string[] }>;
}
