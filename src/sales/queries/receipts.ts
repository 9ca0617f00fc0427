// Receipts of the customers of feeds: their lines of sales and returns, summed by receipt.

import type { Tx } from '../../db/pool';
import type { ChangedCustomer, ChangedFeed, CustomerReceipt } from '../rules/receipts';

const FEEDS = 'SELECT id, name FROM sales_feed WHERE id > 1 ORDER BY id';
const NAMES = 'SELECT id, name FROM sales_feed WHERE id = ANY($1::int[])';

/** The feeds of other systems, by name. */
export async function feedIds(tx: Tx): Promise<Map<string, number>> {
  return new Map((await tx.rows<{ id: number; name: string }>(FEEDS)).map(({ id, name }) => [name, id]));
}

/** The names of feeds, by id. */
export async function feedNames(tx: Tx, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await tx.rows<{ id: number; name: string }>(NAMES, [ids]);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

const NEXT_FEED = `
  SELECT f.id, f.name, f.owner_id AS "ownerId"
  FROM sales_feed f
  WHERE f.id > $1 AND f.customers_keyed AND EXISTS (SELECT FROM sales_customer_change c WHERE c.feed_id = f.id)
  ORDER BY f.id LIMIT 1`;

/** The first feed after an id of which customers have changed. Their hashes have to be keyed: plain ones name other customers. */
export async function nextChangedFeed(tx: Tx, after: number): Promise<ChangedFeed | null> {
  return (await tx.rows<ChangedFeed>(NEXT_FEED, [after]))[0] ?? null;
}

const CHANGED = `
  SELECT c.customer, n.lines
  FROM (SELECT customer FROM sales_customer_change WHERE feed_id = $1
        ORDER BY customer LIMIT $2) c
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS lines
    FROM (SELECT FROM sales_line l WHERE l.feed_id = $1 AND l.customer = c.customer LIMIT $3) l) n
  ORDER BY c.customer`;

/** The first changed customers of a feed; their lines are counted up to `most` + 1. */
export function changedCustomers(
  tx: Tx,
  feedId: number,
  { limit, most }: { limit: number; most: number },
): Promise<ChangedCustomer[]> {
  return tx.rows<ChangedCustomer>(CHANGED, [feedId, limit, most + 1]);
}

// OFFSET 0 keeps the planner from reading the whole feed: it has few statistics on single customers.
const RECEIPTS = `
  SELECT r.customer, r.receipt, r.location_id AS "locationId", r.day::text AS day, r."isRefund",
         (r.day + make_interval(secs => r.second)) AT TIME ZONE p.time_zone AS at, r.channel, r.units,
         CASE WHEN r.currency IS NOT NULL AND r.minor <> 0 THEN r.minor END AS "amountMinor",
         CASE WHEN r.minor <> 0 THEN r.currency END AS currency
  FROM (
    SELECT c.customer, coalesce(nullif(l.document, ''), l.item) AS receipt, l.location_id, l.day, l.units < 0 AS "isRefund",
           min(l.second) AS second, min(l.channel) AS channel, sum(abs(l.units))::int AS units,
           sum(abs(l.revenue_minor))::bigint AS minor,
           CASE WHEN count(DISTINCT s.currency) = 1 THEN min(s.currency) END AS currency
    FROM unnest($2::uuid[]) AS c(customer)
    CROSS JOIN LATERAL (SELECT * FROM sales_line l WHERE l.feed_id = $1 AND l.customer = c.customer OFFSET 0) l
    JOIN sku s ON s.id = l.sku_id
    GROUP BY 1, 2, 3, 4, 5) r
  JOIN location p ON p.id = r.location_id
  ORDER BY at, r.receipt, r.customer, r."isRefund"`;

/** All receipts of these customers of a feed. */
export function receiptsOf(tx: Tx, feedId: number, customers: readonly string[]): Promise<CustomerReceipt[]> {
  return tx.rows<CustomerReceipt>(RECEIPTS, [feedId, customers]);
}
