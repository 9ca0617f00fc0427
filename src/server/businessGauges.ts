// Business metrics: gauges read from the database when /metrics is scraped.

import { Gauge, Registry } from 'prom-client';
import type { Db } from '../db/pool';

/** Not the processes' registry: the figures of one database must not be counted once a process. */
const vitals = new Registry();
const registers = [vitals];

const openOrders = new Gauge({
  name: 'comptoir_open_orders',
  help: 'Click-and-collect orders that are not closed, by status',
  labelNames: ['status'] as const,
  registers,
});
const lateOrders = new Gauge({
  name: 'comptoir_late_orders',
  help: 'Orders not ready though their promised time has passed',
  registers,
});
const activeReservations = new Gauge({
  name: 'comptoir_active_holds',
  help: 'Reservations that have units now',
  registers,
});
const unreleasedReservations = new Gauge({
  name: 'comptoir_unswept_holds',
  help: 'Reservations past their time that the job expireReservations has not released yet',
  registers,
});
const deliveries = new Gauge({
  name: 'comptoir_webhook_deliveries',
  help: 'Webhook deliveries that wait for their next attempt, or are dead',
  labelNames: ['status'] as const,
  registers,
});

const OPEN_ORDERS = `
  SELECT s.status, count(o.id)::int AS orders, count(o.id) FILTER (WHERE o.promised_at < $1 AND o.status <> 'READY')::int AS late
  FROM unnest('{PLACED,AWAITING_TRANSFER,PICKING,READY}'::order_status[]) AS s(status)
  LEFT JOIN customer_order o ON o.status = s.status AND o.status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY')
  GROUP BY 1`;
const RESERVATIONS = `
  SELECT count(*) FILTER (WHERE expires_at > $1)::int AS active, count(*) FILTER (WHERE expires_at <= $1)::int AS unswept
  FROM reservation WHERE status = 'ACTIVE'`;
const DELIVERIES = `
  SELECT s.status, count(d.message_id)::int AS deliveries FROM unnest('{PENDING,DEAD}'::delivery_status[]) AS s(status)
  LEFT JOIN webhook_delivery d ON d.status = s.status AND d.status IN ('PENDING', 'DEAD') GROUP BY 1`;

/** The gauges in Prometheus' text form; three statements over partial indexes of what is open. */
export async function vitalsText(db: Db, now: Date): Promise<string> {
  const [orders, [reservations], waiting] = await Promise.all([
    db.rows<{ status: string; orders: number; late: number }>(OPEN_ORDERS, [now]),
    db.rows<{ active: number; unswept: number }>(RESERVATIONS, [now]),
    db.rows<{ status: string; deliveries: number }>(DELIVERIES),
  ]);
  for (const row of orders) openOrders.set({ status: row.status }, row.orders);
  lateOrders.set(orders.reduce((sum, row) => sum + row.late, 0));
  activeReservations.set(reservations?.active ?? 0);
  unreleasedReservations.set(reservations?.unswept ?? 0);
  for (const row of waiting) deliveries.set({ status: row.status }, row.deliveries);
  return vitals.metrics();
}
