// A shop's days of pickup: what has become of the orders promised for each, and what an order contributes to the figures.

import type { Tx } from '../../db/pool';
import type { OrderStatus } from '../rules/status';

/** Whether the promise of an order is over, so that it counts; cancelled before it, it does not. `$3` is the present time. */
export const IS_PROMISE_DUE = `promised_at < $3 AND NOT (status = 'CANCELLED' AND closed_at < promised_at)`;
export const IS_PROMISE_KEPT = 'coalesce(ready_at <= promised_at, false)';
/** Whether a line `l` was picked, or could not be. */
export const IS_LINE_PICKED = 'ready_at IS NOT NULL OR l.short > 0';
/** Seconds from “I’m here” to the handover; null where a customer did not report it. */
export const WAIT_SECONDS = `CASE WHEN status = 'COLLECTED' AND arrived_at IS NOT NULL
  THEN extract(epoch FROM closed_at - arrived_at)::int END`;

/** The orders of a day in one state. */
export interface PickupDayPart {
  day: string;
  status: OrderStatus;
  orders: number;
  promisesDue: number;
  promisesKept: number;
  linesPicked: number;
  linesShort: number;
  /** Waits of customers in seconds. */
  waits: number[];
}

// A loop over days, so that each is one range of the index by location and time. Days begin and end in the location's zone.
const DAYS = `
  SELECT d.day::text AS day, o.status, count(*)::int AS orders,
         (count(*) FILTER (WHERE o.is_due))::int AS "promisesDue",
         (count(*) FILTER (WHERE o.is_due AND o.is_kept))::int AS "promisesKept",
         sum(l.picked)::int AS "linesPicked", sum(l.short)::int AS "linesShort",
         coalesce(array_agg(o.wait) FILTER (WHERE o.wait IS NOT NULL), '{}') AS waits
  FROM location p
  CROSS JOIN unnest($2::date[]) AS d(day)
  CROSS JOIN LATERAL (
    SELECT id, status, ready_at, (${IS_PROMISE_DUE}) AS is_due, ${IS_PROMISE_KEPT} AS is_kept, ${WAIT_SECONDS} AS wait
    FROM customer_order
    WHERE location_id = p.id AND coalesce(promised_at, placed_at) >= d.day::timestamp AT TIME ZONE p.time_zone
      AND coalesce(promised_at, placed_at) < (d.day + 1)::timestamp AT TIME ZONE p.time_zone) o
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE ${IS_LINE_PICKED}) AS picked, count(*) FILTER (WHERE l.short > 0) AS short
    FROM order_line l WHERE l.order_id = o.id) l
  WHERE p.id = $1
  GROUP BY d.day, o.status`;

/** The orders promised for these days (YYYY-MM-DD) at a location, by day and state. */
export function pickupDayParts(
  tx: Tx,
  locationId: number,
  days: readonly string[],
  now: Date,
): Promise<PickupDayPart[]> {
  return tx.rows<PickupDayPart>(DAYS, [locationId, days, now]);
}
