// What the page of an order shows: its state, times, quantities and shop. Nothing of the customer is read.

import type { Tx } from '../../db/pool';
import type { HoursException, WeeklyHours } from '../../location/rules/hours';
import type { OrderStatus, Payment } from '../rules/status';

export interface OrderPageRow {
  id: string;
  number: string;
  status: OrderStatus;
  payment: Payment;
  paidAt: Date | null;
  placedAt: Date;
  promisedAt: Date | null;
  pickingAt: Date | null;
  readyAt: Date | null;
  collectBy: Date | null;
  onTheWayAt: Date | null;
  arrivedAt: Date | null;
  closedAt: Date | null;
  updatedAt: Date;
  erasedAt: Date | null;
  codeGeneration: number;
  linkGeneration: number;
  /** Units that the customer gets or has got. */
  units: number;
  /** Units that could not be supplied. */
  missing: number;
  /** The newest return of it, as long as it is announced. */
  returnNumber: string | null;
  /** Its survey, as long as it waits for an answer. */
  surveyId: string | null;
  shopName: string;
  street: string;
  postalCode: string;
  city: string;
  latitude: number;
  longitude: number;
  timeZone: string;
  weekly: WeeklyHours[];
  exceptions: HoursException[];
}

const PAGE = `
  SELECT o.id, o.number, o.status::text AS status, o.payment::text AS payment, o.paid_at AS "paidAt", o.placed_at AS "placedAt",
         o.promised_at AS "promisedAt", o.picking_at AS "pickingAt", o.ready_at AS "readyAt", o.collect_by AS "collectBy",
         o.on_the_way_at AS "onTheWayAt", o.arrived_at AS "arrivedAt", o.closed_at AS "closedAt", o.updated_at AS "updatedAt",
         o.erased_at AS "erasedAt", o.code_generation AS "codeGeneration", o.link_generation AS "linkGeneration",
         l.units::int AS units, l.missing::int AS missing,
         (SELECT r.number FROM customer_return r WHERE r.order_id = o.id AND r.status = 'REQUESTED' ORDER BY r.id DESC LIMIT 1)
           AS "returnNumber",
         (SELECT s.id FROM survey s WHERE s.order_id = o.id AND s.answered_at IS NULL AND s.expires_at > $2) AS "surveyId",
         p.name AS "shopName", p.street, p.postal_code AS "postalCode", p.city, p.latitude, p.longitude,
         p.time_zone AS "timeZone", p.weekly_hours AS weekly, p.hours_exceptions AS exceptions
  FROM customer_order o JOIN location p ON p.id = o.location_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(quantity - cancelled - short), 0) AS units, coalesce(sum(short), 0) AS missing
    FROM order_line WHERE order_id = o.id) l
  WHERE o.id = $1`;

/** What the page of an order shows at a time; null: there is no such order. */
export async function orderPageRow(tx: Tx, orderId: string, now: Date): Promise<OrderPageRow | null> {
  const [row] = await tx.rows<OrderPageRow>(PAGE, [orderId, now]);
  return row ?? null;
}
