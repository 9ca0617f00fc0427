// What the mails to customers show of their orders: articles, state, and the shop with its hours.

import type { Tx } from '../../db/pool';
import { MAIL_LIMITS, type MailOrder } from '../rules/mail/content';

const ORDERS = `
  SELECT o.id, o.status::text AS status, o.payment::text AS payment, o.paid_at AS "paidAt", o.collect_by AS "collectBy",
         l.lines, (SELECT count(*)::int FROM order_line WHERE order_id = o.id) AS "lineCount",
         p.name AS "shopName", p.street, p.postal_code AS "postalCode", p.city,
         p.time_zone AS "timeZone", p.weekly_hours AS weekly, p.hours_exceptions AS exceptions
  FROM customer_order o JOIN location p ON p.id = o.location_id
  CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('sku', s.code, 'name', s.name, 'ordered', n.quantity,
             'units', n.quantity - n.cancelled - n.short, 'missing', n.short) ORDER BY n.sku_id), '[]') AS lines
    FROM (SELECT * FROM order_line WHERE order_id = o.id ORDER BY sku_id LIMIT $2) n JOIN sku s ON s.id = n.sku_id) l
  WHERE o.id = ANY($1::uuid[])`;

/** What mails show of these orders, by their ids. */
export async function mailOrders(tx: Tx, orderIds: readonly string[]): Promise<Map<string, MailOrder>> {
  if (orderIds.length === 0) return new Map();
  const rows = await tx.rows<MailOrder>(ORDERS, [orderIds, MAIL_LIMITS.lines]);
  return new Map(rows.map((row) => [row.id, row]));
}
