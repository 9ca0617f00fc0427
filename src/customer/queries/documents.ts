// Reads a customer's documents: open orders, collected orders, purchases by channel, and figures of the orders.

import type { Tx } from '../../db/pool';
import type { VisitCount } from '../rules/habits';
import type { PromisedOrder } from '../rules/promises';
import type { CustomerView } from '../rules/view';
import { byView, RECENT, recentParameters } from './recent';

/** An open order of a customer, with what its promise depends on. */
export interface OpenOrderRow extends PromisedOrder {
  view: number;
  orderId: string;
  collectBy: Date | null;
  placedAt: Date;
  unitsToPick: number;
  unitsAwaited: number;
  unitsReady: number;
}

const OPEN_ORDERS = `
  WITH ${RECENT}
  SELECT r.view, o.id AS "orderId", o.status, o.promised_at AS "promisedAt", o.collect_by AS "collectBy",
         o.placed_at AS "placedAt", l."unitsToPick", l."unitsAwaited", l."unitsReady",
         t."draftTransfers", t."transferExpectedAt"
  FROM (SELECT DISTINCT view, order_id FROM recent WHERE order_id IS NOT NULL) r
  JOIN customer_order o ON o.id = r.order_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(reserved), 0)::int AS "unitsToPick", coalesce(sum(awaiting), 0)::int AS "unitsAwaited",
           coalesce(sum(staged), 0)::int AS "unitsReady"
    FROM order_line WHERE order_id = o.id) l
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'DRAFT')::int AS "draftTransfers", max(expected_at) AS "transferExpectedAt"
    FROM transfer WHERE order_id = o.id AND status IN ('DRAFT', 'DISPATCHED')) t
  WHERE o.status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY') AND ($3::int IS NULL OR o.owner_id = $3)
  ORDER BY o.promised_at NULLS LAST, o.id`;

/** The open orders of each customer, the earliest promise first. */
export async function openOrders(tx: Tx, views: readonly CustomerView[]): Promise<OpenOrderRow[][]> {
  return byView(views, await tx.rows<OpenOrderRow>(OPEN_ORDERS, recentParameters(views)));
}

// A longer return window than the longest of any SKU cannot be open: orders closed before it are not looked at.
const COLLECTED = `
  WITH ${RECENT}
  SELECT r.view, o.id AS "orderId"
  FROM (SELECT DISTINCT view, order_id FROM recent WHERE order_id IS NOT NULL) r
  JOIN customer_order o ON o.id = r.order_id
  WHERE o.status = 'COLLECTED' AND o.closed_at > $4 AND ($3::int IS NULL OR o.owner_id = $3)
  ORDER BY o.closed_at DESC, o.id`;

/** The collected orders of each customer since a time, the newest first. */
export async function collectedOrders(
  tx: Tx,
  views: readonly CustomerView[],
  since: Date,
): Promise<string[][]> {
  const rows = await tx.rows<{ view: number; orderId: string }>(COLLECTED, [
    ...recentParameters(views),
    since,
  ]);
  return byView(views, rows).map((own) => own.map(({ orderId }) => orderId));
}

/** Purchases of a customer through one channel in one currency; null currency: their price is not known. */
export interface ChannelRow {
  view: number;
  channel: string;
  currency: string | null;
  purchases: number;
  lastAt: Date;
  /** Null where no price is known. */
  amountMinor: number | null;
}

// Orders count with what was collected and kept, at the prices of their lines; a till's sales with the amounts of their facts.
const BY_CHANNEL = `
  WITH ${RECENT},
  bought AS (
    SELECT r.view, o.channel, o.closed_at AS at, v.currency, v.amount, true AS "isPurchase"
    FROM (SELECT DISTINCT view, order_id FROM recent WHERE order_id IS NOT NULL) r
    JOIN customer_order o ON o.id = r.order_id AND o.status = 'COLLECTED'
    CROSS JOIN LATERAL (
      SELECT min(currency) AS currency,
             sum((collected - returned) * coalesce(unit_price_minor::bigint, large_unit_price_minor)) AS amount
      FROM order_line WHERE order_id = o.id) v
    UNION ALL
    SELECT r.view, r.channel, r.at, r.facts->>'currency', (r.facts->>'amountMinor')::numeric, r.kind = 'PURCHASE'
    FROM recent r WHERE r.kind IN ('PURCHASE', 'REFUND') AND r.order_id IS NULL)
  SELECT view, channel, currency, count(*) FILTER (WHERE "isPurchase")::int AS purchases, max(at) AS "lastAt",
         sum(CASE WHEN "isPurchase" THEN amount ELSE -abs(amount) END)::bigint AS "amountMinor"
  FROM bought GROUP BY view, channel, currency ORDER BY max(at) DESC, channel, currency`;

/** What each customer bought, by channel and currency, the channel used last first. */
export async function purchasesByChannel(tx: Tx, views: readonly CustomerView[]): Promise<ChannelRow[][]> {
  return byView(views, await tx.rows<ChannelRow>(BY_CHANNEL, recentParameters(views)));
}

/** Figures of the orders of one customer. */
export interface FiguresRow {
  view: number;
  orders: number;
  collected: number;
  cancelled: number;
  noShows: number;
  /** Median of the minutes from placed to ready; null when none was ready. */
  minutesToReady: number | null;
  /** Orders that became ready with a promised time, and those of them that were ready by then. */
  promises: number;
  kept: number;
  unitsCollected: number;
  unitsReturned: number;
}

const FIGURES = `
  WITH ${RECENT}
  SELECT r.view, count(*)::int AS orders, count(*) FILTER (WHERE o.status = 'COLLECTED')::int AS collected,
         count(*) FILTER (WHERE o.status = 'CANCELLED')::int AS cancelled,
         count(*) FILTER (WHERE o.status = 'NO_SHOW')::int AS "noShows",
         percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM o.ready_at - o.placed_at)::float8 / 60)
           FILTER (WHERE o.ready_at IS NOT NULL) AS "minutesToReady",
         count(*) FILTER (WHERE o.ready_at IS NOT NULL AND o.promised_at IS NOT NULL)::int AS promises,
         count(*) FILTER (WHERE o.ready_at <= o.promised_at)::int AS kept,
         coalesce(sum(l.collected), 0)::int AS "unitsCollected", coalesce(sum(l.returned), 0)::int AS "unitsReturned"
  FROM (SELECT DISTINCT view, order_id FROM recent WHERE order_id IS NOT NULL) r
  JOIN customer_order o ON o.id = r.order_id
  CROSS JOIN LATERAL (
    SELECT sum(collected) AS collected, sum(returned) AS returned FROM order_line WHERE order_id = o.id) l
  GROUP BY r.view`;

/** The figures of each customer's orders; undefined for one without orders. */
export async function orderFigures(
  tx: Tx,
  views: readonly CustomerView[],
): Promise<(FiguresRow | undefined)[]> {
  const rows = await tx.rows<FiguresRow>(FIGURES, recentParameters(views));
  return byView(views, rows).map(([own]) => own);
}

const VISITS = `
  WITH ${RECENT}
  SELECT r.view, p.id AS "locationId", extract(hour FROM r.at AT TIME ZONE p.time_zone)::int AS hour, count(*)::int AS visits
  FROM recent r JOIN location p ON p.id = r.location_id
  WHERE r.kind IN ('ORDER_COLLECTED', 'PURCHASE') GROUP BY 1, 2, 3`;

/** At which locations and hours each customer bought or collected. */
export async function visitCounts(tx: Tx, views: readonly CustomerView[]): Promise<VisitCount[][]> {
  return byView(views, await tx.rows<VisitCount & { view: number }>(VISITS, recentParameters(views)));
}
