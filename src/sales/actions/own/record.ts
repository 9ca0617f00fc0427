// Derives daily facts from our own orders, till sales and returns: after a move, the day of its shelf is recomputed from the ledger.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { MAX_MINOR } from '../../../values/money';
import { MINUTE_MS } from '../../../values/time';
import { lookUpByKey } from '../imports/apply';
import { lockFeed, OWN_FEED } from '../imports/feeds';
import { ensureYears } from '../imports/yearPartitions';

/** Moves looked through in one transaction. */
const SLICE = 20_000;
/**
 * Ids of moves are drawn before they are committed, so a low one can be seen late. The watermark stays behind the moves
 * of the last minutes, and these are read again: no transaction lasts so long, and recomputing a day changes
 * nothing.
 */
const OVERLAP_MINUTES = 15;

const POSITION = 'SELECT position FROM sales_feed WHERE id = $1';
const SETTLED = `
  SELECT coalesce((SELECT id FROM stock_move WHERE created_at <= $1 ORDER BY created_at DESC LIMIT 1), 0) AS id`;
// Days that a detached partition of the ledger has moves of were recorded before, and recomputing them now would give
// too few units.
const WHOLE = `
  SELECT coalesce((SELECT id FROM stock_move
                   WHERE created_at <= (SELECT max(last_at) + interval '2 days' FROM ledger_detached)
                   ORDER BY created_at DESC LIMIT 1), 0) AS id`;
const NEXT = `
  SELECT max(id) AS id, count(*) AS moves, min(extract(year FROM created_at))::int AS "fromYear",
         max(extract(year FROM created_at))::int AS "toYear"
  FROM (SELECT id, created_at FROM stock_move WHERE id > $1 ORDER BY id LIMIT $2) m`;
const ADVANCE = 'UPDATE sales_feed SET position = greatest(position, $2), updated_at = $3 WHERE id = $1';

// Shelves and local days with a sale or a return in a slice. A SKU whose code became an alias counts as the one it
// stands for, so both are recomputed together.
const TOUCHED = `
  touched AS MATERIALIZED (
    SELECT DISTINCT m.from_location_id AS location_id, coalesce(a.sku_id, m.sku_id) AS sku_id,
           (m.created_at AT TIME ZONE p.time_zone)::date AS day, p.time_zone
    FROM stock_move m JOIN location p ON p.id = m.from_location_id JOIN sku s ON s.id = m.sku_id
    LEFT JOIN sku_alias a ON a.code = s.code
    WHERE m.id > $1 AND m.id <= $2 AND (m.to_bucket = 'CUSTOMER' OR m.from_bucket = 'CUSTOMER')),
  sources AS MATERIALIZED (
    SELECT t.*, t.sku_id AS source FROM touched t
    UNION SELECT t.*, s.id FROM touched t JOIN sku_alias a ON a.sku_id = t.sku_id JOIN sku s ON s.code = a.code),
  lowest AS MATERIALIZED (
    SELECT coalesce((SELECT m.id FROM stock_move m
                     WHERE m.created_at >= (SELECT min(day)::timestamp AT TIME ZONE 'UTC' - interval '16 hours' FROM touched)
                     ORDER BY m.created_at LIMIT 1), 0) AS id)`;

// Money is the price of the order's line; a sale at a till has none, and counts at the SKU's price. Returned goods
// count on the channel that sold them.
const WRITE_DAYS = `
  WITH ${TOUCHED},
  moves AS MATERIALIZED (
    SELECT t.location_id, t.sku_id, t.day, m.to_bucket = 'CUSTOMER' AS sold, m.quantity,
           coalesce(o.channel, ro.channel, 'STORE') AS channel,
           m.quantity * coalesce(l.unit_price_minor, l.large_unit_price_minor,
                                 CASE WHEN m.reason = 'SOLD' THEN k.price_minor END, 0)::numeric AS minor
    FROM sources t
    CROSS JOIN LATERAL (
      SELECT * FROM stock_move m
      WHERE m.sku_id = t.source AND m.from_location_id = t.location_id AND m.id >= (SELECT id FROM lowest)
        AND (m.to_bucket = 'CUSTOMER' OR m.from_bucket = 'CUSTOMER')
        AND m.created_at >= (t.day::timestamp AT TIME ZONE t.time_zone)
        AND m.created_at < ((t.day + 1)::timestamp AT TIME ZONE t.time_zone) OFFSET 0) m
    JOIN sku k ON k.id = m.sku_id
    LEFT JOIN customer_order o ON o.id = m.document_id
    LEFT JOIN order_line l ON l.order_id = o.id AND l.sku_id = m.sku_id
    LEFT JOIN customer_return r ON r.id = m.document_id
    LEFT JOIN customer_order ro ON ro.id = r.order_id),
  cells AS MATERIALIZED (
    SELECT location_id, sku_id, day, channel, coalesce(sum(quantity) FILTER (WHERE sold), 0)::int AS units,
           coalesce(sum(quantity) FILTER (WHERE NOT sold), 0)::int AS returned,
           least(coalesce(sum(minor) FILTER (WHERE sold), 0), ${MAX_MINOR})::bigint AS minor
    FROM moves GROUP BY 1, 2, 3, 4)
  INSERT INTO daily_sales AS d (location_id, sku_id, day, channel, feed_id, units, returned_units, revenue_minor)
  SELECT location_id, sku_id, day, channel, $3, units, returned, minor FROM cells ORDER BY 1, 2, 3, 4
  ON CONFLICT (location_id, sku_id, day, channel, feed_id) DO UPDATE
  SET (units, returned_units, revenue_minor) = (EXCLUDED.units, EXCLUDED.returned_units, EXCLUDED.revenue_minor)
  WHERE (d.units, d.returned_units, d.revenue_minor)
    IS DISTINCT FROM (EXCLUDED.units, EXCLUDED.returned_units, EXCLUDED.revenue_minor)
  RETURNING 1 AS recorded`;

// Local days of two locations can be in another order than the instants. A line of a return is recorded once, whatever day its
// location's time zone would make of it today.
const WRITE_RETURNS = `
  WITH documents AS MATERIALIZED (
    SELECT DISTINCT m.document_id AS id FROM stock_move m
    WHERE m.id > $1 AND m.id <= $2 AND m.from_bucket = 'CUSTOMER' AND m.document_id IS NOT NULL)
  INSERT INTO return_event (feed_id, document, item, n, part, sku_id, location_id, sale_location_id, channel, sale_day,
                            return_day, units, disposition)
  SELECT $3, r.id::text, l.sku_id::text, l.line, 0, coalesce(a.sku_id, l.sku_id), r.location_id, o.location_id,
         coalesce(o.channel, 'STORE'),
         least((r.sold_at AT TIME ZONE coalesce(op.time_zone, p.time_zone))::date,
               (r.closed_at AT TIME ZONE p.time_zone)::date),
         (r.closed_at AT TIME ZONE p.time_zone)::date, l.quantity, l.disposition
  FROM documents d JOIN customer_return r ON r.id = d.id JOIN return_line l ON l.return_id = r.id
  JOIN location p ON p.id = r.location_id JOIN sku s ON s.id = l.sku_id LEFT JOIN sku_alias a ON a.code = s.code
  LEFT JOIN customer_order o ON o.id = r.order_id LEFT JOIN location op ON op.id = o.location_id
  WHERE l.disposition IS NOT NULL AND r.closed_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM return_event e WHERE e.feed_id = $3 AND e.document = r.id::text
                      AND e.item = l.sku_id::text AND e.n = l.line)
  ORDER BY 2, 4 ON CONFLICT DO NOTHING RETURNING 1 AS recorded`;

interface MoveSlice {
  id: number | null;
  moves: number;
  fromYear: number;
  toYear: number;
}

/** What recording did. */
export interface RecordedSales {
  /** Moves looked at. */
  moves: number;
  /** Daily facts that changed. */
  days: number;
  /** Returns recorded for the first time. */
  returns: number;
}

async function recordSlice(tx: Tx, from: number, to: number): Promise<{ days: number; returns: number }> {
  await lookUpByKey(tx);
  const days = await tx.rows(WRITE_DAYS, [from, to, OWN_FEED]);
  const returns = await tx.rows(WRITE_RETURNS, [from, to, OWN_FEED]);
  return { days: days.length, returns: returns.length };
}

/**
 * Brings our own sales history up to the ledger, from its watermark on, or from shortly before `now` when that lies
 * further back (a replay). Every day with a move is recomputed from all its moves: running again, twice at once, or after
 * a kill gives the same facts.
 */
export async function recordOwnSales(db: Db, now: Date): Promise<RecordedSales> {
  const [feed] = await db.rows<{ position: number }>(POSITION, [OWN_FEED]);
  const [settled] = await db.rows<{ id: number }>(SETTLED, [
    new Date(now.getTime() - OVERLAP_MINUTES * MINUTE_MS),
  ]);
  const [whole] = await db.rows<{ id: number }>(WHOLE);
  const done: RecordedSales = { moves: 0, days: 0, returns: 0 };
  for (let from = Math.max(Math.min(feed!.position, settled!.id), whole!.id); ; ) {
    const [slice] = await db.rows<MoveSlice>(NEXT, [from, SLICE]);
    const { id, moves, fromYear, toYear } = slice!;
    if (id === null) return done;
    // A local day can lie in the year before or after that of its instant.
    await ensureYears(
      db,
      Array.from({ length: toYear - fromYear + 3 }, (_, i) => fromYear - 1 + i),
    );
    const written = await inTransaction(db, async (tx) => {
      await lockFeed(tx, OWN_FEED);
      const result = await recordSlice(tx, from, id);
      await tx.rows(ADVANCE, [OWN_FEED, Math.min(id, settled!.id), now]);
      return result;
    });
    done.moves += moves;
    done.days += written.days;
    done.returns += written.returns;
    from = id;
  }
}
