// Orders and returns in the order in which they changed, with what they state about their customers.

import type { Tx } from '../../db/pool';
import type { OrderRecord, ReturnRecord } from '../rules/documentInteractions';

/** A position in such a list: the row that was read last. */
export interface SourcePosition {
  at: Date | null;
  key: string;
}

const NO_KEY = '00000000-0000-0000-0000-000000000000';

const IDENTITY = `o.customer_email AS email, o.customer_phone AS phone, o.customer_account AS account,
    o.loyalty_card AS "loyaltyCard", o.email_verified AS "emailVerified", o.phone_verified AS "phoneVerified",
    o.loyalty_card_verified AS "loyaltyCardVerified", p.country,
    EXISTS (SELECT FROM erasure_order e WHERE e.order_id = o.id) AS "isBeingErased"`;
const ORDERS = `
  SELECT o.id, o.number, o.updated_at AS "updatedAt", o.owner_id AS "ownerId", a.role = 'STOREFRONT' AS "isStorefront",
         o.location_id AS "locationId", o.channel, o.status, o.customer_name AS "customerName",
         o.contact_channel AS "contactChannel", o.placed_at AS "placedAt", o.ready_at AS "readyAt",
         o.closed_at AS "closedAt", o.promised_at AS "promisedAt", o.erased_at AS "erasedAt", ${IDENTITY},
         EXISTS (SELECT FROM rerouted_code c WHERE c.order_id = o.id) AS "isCodeRerouted",
         t.units, t."collectedUnits", t."amountMinor", t."collectedMinor", t.currency
  FROM (SELECT * FROM customer_order WHERE (updated_at, id) > (coalesce($1::timestamptz, '-infinity'), $2::uuid)
        ORDER BY updated_at, id LIMIT $3) o
  JOIN actor a ON a.id = o.owner_id JOIN location p ON p.id = o.location_id
  CROSS JOIN LATERAL (
    SELECT sum(l.quantity)::int AS units, sum(l.collected)::int AS "collectedUnits",
           (sum(l.quantity * coalesce(l.unit_price_minor, l.large_unit_price_minor)))::bigint AS "amountMinor",
           (sum(l.collected * coalesce(l.unit_price_minor, l.large_unit_price_minor)))::bigint AS "collectedMinor",
           CASE WHEN count(DISTINCT l.currency) = 1 THEN min(l.currency) END AS currency
    FROM order_line l WHERE l.order_id = o.id) t
  ORDER BY o.updated_at, o.id`;
const RETURNS = `
  SELECT r.id, r.number, greatest(r.created_at, r.closed_at) AS "changedAt", r.order_id AS "orderId", r.receipt,
         r.location_id AS "locationId", coalesce(o.channel, 'STORE') AS channel, r.status, r.created_at AS "createdAt",
         r.closed_at AS "closedAt", coalesce(o.owner_id, r.owner_id) AS "ownerId",
         coalesce(a.role = 'STOREFRONT', false) AS "isStorefront", o.customer_email AS email, o.customer_phone AS phone,
         o.customer_account AS account, o.loyalty_card AS "loyaltyCard", coalesce(o.email_verified, false) AS "emailVerified",
         coalesce(o.phone_verified, false) AS "phoneVerified",
         coalesce(o.loyalty_card_verified, false) AS "loyaltyCardVerified", p.country,
         EXISTS (SELECT FROM erasure_order e WHERE e.order_id = o.id) AS "isBeingErased",
         (SELECT coalesce(sum(l.quantity), 0)::int FROM return_line l WHERE l.return_id = r.id) AS units
  FROM (SELECT * FROM customer_return
        WHERE (greatest(created_at, closed_at), id) > (coalesce($1::timestamptz, '-infinity'), $2::uuid)
        ORDER BY greatest(created_at, closed_at), id LIMIT $3) r
  JOIN location p ON p.id = r.location_id
  LEFT JOIN customer_order o ON o.id = r.order_id LEFT JOIN actor a ON a.id = o.owner_id
  ORDER BY "changedAt", r.id`;

const valuesOf = ({ at, key }: SourcePosition, limit: number): unknown[] => [at, key || NO_KEY, limit];

/** Orders that changed after a position. */
export function changedOrders(tx: Tx, after: SourcePosition, limit: number): Promise<OrderRecord[]> {
  return tx.rows<OrderRecord>(ORDERS, valuesOf(after, limit));
}

/** Returns that changed after a position. */
export function changedReturns(tx: Tx, after: SourcePosition, limit: number): Promise<ReturnRecord[]> {
  return tx.rows<ReturnRecord>(RETURNS, valuesOf(after, limit));
}
