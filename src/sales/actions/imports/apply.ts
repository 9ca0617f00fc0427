// From staged lines to facts, a range of buckets at a time: what a line states anew changes its day by the difference.

import type { Tx } from '../../../db/pool';
import type { Form } from '../../rules/line';
import type { Applied } from './runs';

/** Lines are staged in so many buckets by a hash of their document, so that all lines of one are applied together. */
export const BUCKETS = 65_536;

// Staged rows are known to no statistics, and the statements below are fast in one plan only: by the keys. OFFSET 0
// keeps the planner from taking a look-up apart (it then searched by the feed alone, and read all of it for each line).
const BY_KEY = `
  SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
         set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true),
         set_config('statement_timeout', '120000', true)`;

/** Makes the statements of this transaction look rows up by their keys. */
export async function lookUpByKey(tx: Tx): Promise<void> {
  await tx.rows(BY_KEY);
}

// $1 run, $2 and $3 buckets (the end excluded), $4 feed, $5 lines have numbers of their own. Lines without a number are
// counted: the second line of a SKU in a document is another than the first, in every file that has both.
const NUMBERED = `
  SELECT DISTINCT ON (document, item, n) * FROM (
    SELECT s.*, CASE WHEN $5 THEN 1 ELSE row_number() OVER (PARTITION BY document, item ORDER BY line) END::int AS n
    FROM staged s) x
  ORDER BY document, item, n, line DESC`;

const DIFFERS = `(t.location_id, t.sku_id, t.channel, t.day, t.second, t.units, t.revenue_minor, t.customer)
    IS DISTINCT FROM (o.location_id, o.sku_id, o.channel, o.day, o.second, o.units, o.revenue_minor, o.customer)`;

const HAS_CANCELLED = `
  SELECT EXISTS (SELECT FROM sales_line WHERE feed_id = $1 AND customer IS NOT NULL AND units < 0 AND cancelled > 0) AS has`;

/** SQL that changes days of feed `feed` by the sums in `cells`. Whole new rows: INSERT tests CHECK on what it proposes. */
export const addToDays = (feed: string): string => `
    INSERT INTO daily_sales (location_id, sku_id, day, channel, feed_id, units, returned_units, revenue_minor)
    SELECT c.location_id, c.sku_id, c.day, c.channel, ${feed}, coalesce(o.units, 0) + c.units,
           coalesce(o.returned_units, 0) + c.returned, coalesce(o.revenue_minor, 0) + c.minor
    FROM cells c LEFT JOIN LATERAL (
      SELECT * FROM daily_sales d WHERE d.location_id = c.location_id AND d.sku_id = c.sku_id AND d.day = c.day
        AND d.channel = c.channel AND d.feed_id = ${feed} OFFSET 0) o ON true
    WHERE c.units <> 0 OR c.returned <> 0 OR c.minor <> 0
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (location_id, sku_id, day, channel, feed_id) DO UPDATE
    SET (units, returned_units, revenue_minor) = (EXCLUDED.units, EXCLUDED.returned_units, EXCLUDED.revenue_minor)`;

// A sale that is about to change gives its cancellations back first, so that no day goes below zero on the way.
const UNDO_CANCELLED = `
  WITH staged AS MATERIALIZED (SELECT * FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3),
  told AS MATERIALIZED (${NUMBERED}),
  pairs AS MATERIALIZED (
    SELECT DISTINCT o.customer, o.sku_id
    FROM told t CROSS JOIN LATERAL (
      SELECT * FROM sales_line l WHERE l.feed_id = $4 AND l.document = t.document AND l.item = t.item AND l.n = t.n
      OFFSET 0) o
    WHERE o.units > 0 AND o.customer IS NOT NULL AND ${DIFFERS}),
  undone AS MATERIALIZED (
    SELECT r.* FROM pairs p CROSS JOIN LATERAL (
      SELECT l.ctid AS at, l.* FROM sales_line l WHERE l.feed_id = $4 AND l.customer = p.customer AND l.sku_id = p.sku_id
        AND l.units < 0 AND l.cancelled > 0 OFFSET 0) r),
  reset AS (UPDATE sales_line l SET cancelled = 0, cancelled_minor = 0 FROM undone u WHERE l.ctid = u.at),
  cells AS MATERIALIZED (
    SELECT location_id, sku_id, day, channel, sum(cancelled)::int AS units, sum(cancelled)::int AS returned,
           sum(cancelled_minor)::bigint AS minor
    FROM undone GROUP BY 1, 2, 3, 4)
  ${addToDays('$4')}`;

// A line that came back counts as returned until it is matched.
const APPLY_LINES = `
  WITH staged AS MATERIALIZED (
    DELETE FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3 RETURNING *),
  told AS MATERIALIZED (${NUMBERED}),
  changed AS MATERIALIZED (
    SELECT t.*, o.location_id AS o_location, o.sku_id AS o_sku, o.day AS o_day, o.channel AS o_channel, o.units AS o_units,
           o.revenue_minor AS o_minor, o.customer AS o_customer, o.cancelled AS o_cancelled,
           o.cancelled_minor AS o_cancelled_minor
    FROM told t LEFT JOIN LATERAL (
      SELECT * FROM sales_line l WHERE l.feed_id = $4 AND l.document = t.document AND l.item = t.item AND l.n = t.n
      OFFSET 0) o ON true
    WHERE o.units IS NULL OR ${DIFFERS}),
  written AS (
    INSERT INTO sales_line (feed_id, document, item, n, location_id, sku_id, channel, day, second, units, revenue_minor,
                            customer, run_id)
    SELECT $4, document, item, n, location_id, sku_id, channel, day, second, units, revenue_minor, customer, $1
    FROM changed ORDER BY document, item, n
    ON CONFLICT (feed_id, document, item, n) DO UPDATE
    SET (location_id, sku_id, channel, day, second, units, revenue_minor, customer, run_id, cancelled, cancelled_minor)
      = (EXCLUDED.location_id, EXCLUDED.sku_id, EXCLUDED.channel, EXCLUDED.day, EXCLUDED.second, EXCLUDED.units,
         EXCLUDED.revenue_minor, EXCLUDED.customer, EXCLUDED.run_id, 0, 0)),
  cells AS MATERIALIZED (
    SELECT location_id, sku_id, day, channel, sum(units)::int AS units, sum(returned)::int AS returned,
           sum(minor)::bigint AS minor
    FROM (
      SELECT location_id, sku_id, day, channel, greatest(units, 0) AS units, greatest(-units, 0) AS returned,
             CASE WHEN units > 0 THEN revenue_minor ELSE 0 END AS minor
      FROM changed
      UNION ALL
      SELECT o_location, o_sku, o_day, o_channel, o_cancelled - greatest(o_units, 0), o_cancelled - greatest(-o_units, 0),
             o_cancelled_minor - CASE WHEN o_units > 0 THEN o_minor ELSE 0 END
      FROM changed WHERE o_units IS NOT NULL) d
    GROUP BY 1, 2, 3, 4),
  days AS (${addToDays('$4')}),
  unmatched AS (
    INSERT INTO sales_unmatched (feed_id, customer, sku_id)
    SELECT DISTINCT $4::int, p.customer, p.sku_id FROM (
      SELECT customer, sku_id, units FROM changed UNION ALL SELECT o_customer, o_sku, o_units FROM changed) p
    LEFT JOIN LATERAL (
      SELECT true AS known FROM sales_line l WHERE p.units > 0 AND l.feed_id = $4 AND l.customer = p.customer
        AND l.sku_id = p.sku_id AND l.units < 0 LIMIT 1) back ON true
    WHERE p.customer IS NOT NULL AND (p.units < 0 OR back.known)
    ON CONFLICT DO NOTHING)
  SELECT (SELECT count(*) FROM staged) AS accepted, (SELECT count(*) FROM changed) AS changed,
         (SELECT min(day) FROM told) AS "firstDay", (SELECT max(day) FROM told) AS "lastDay",
         (SELECT jsonb_agg(jsonb_build_object('document', document, 'item', item, 'n', n)) FROM changed
          WHERE units < 0 OR o_units < 0) AS back`;

const FORGET_EVENTS = `
  DELETE FROM return_event WHERE ctid = ANY (ARRAY(
    SELECT e.at FROM jsonb_to_recordset($2::jsonb) AS k(document text, item text, n int) CROSS JOIN LATERAL (
      SELECT r.ctid AS at FROM return_event r
      WHERE r.feed_id = $1 AND r.document = k.document AND r.item = k.item AND r.n = k.n OFFSET 0) e))`;

// Without a customer nobody knows which sale it was; with one, the matching tells.
const ANONYMOUS_EVENTS = `
  INSERT INTO return_event (feed_id, document, item, n, part, sku_id, location_id, channel, return_day, units)
  SELECT l.feed_id, l.document, l.item, l.n, 0, l.sku_id, l.location_id, l.channel, l.day, -l.units
  FROM jsonb_to_recordset($2::jsonb) AS k(document text, item text, n int) CROSS JOIN LATERAL (
    SELECT * FROM sales_line s WHERE s.feed_id = $1 AND s.document = k.document AND s.item = k.item AND s.n = k.n
    OFFSET 0) l
  WHERE l.units < 0 AND l.customer IS NULL`;

// The lines of a file that speak of one day of one SKU at one place state it together; said again it is replaced.
const APPLY_DAYS = `
  WITH staged AS MATERIALIZED (
    DELETE FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3 RETURNING *),
  cells AS MATERIALIZED (
    SELECT location_id, sku_id, day, channel, count(*) AS lines, sum(units)::int AS units, sum(returned)::int AS returned,
           sum(revenue_minor)::bigint AS minor
    FROM staged GROUP BY 1, 2, 3, 4),
  changed AS MATERIALIZED (
    SELECT c.* FROM cells c LEFT JOIN LATERAL (
      SELECT * FROM daily_sales d WHERE d.location_id = c.location_id AND d.sku_id = c.sku_id AND d.day = c.day
        AND d.channel = c.channel AND d.feed_id = $4 OFFSET 0) o ON true
    WHERE (c.units, c.returned, c.minor) IS DISTINCT FROM (o.units, o.returned_units, o.revenue_minor)),
  written AS (
    INSERT INTO daily_sales (location_id, sku_id, day, channel, feed_id, units, returned_units, revenue_minor)
    SELECT location_id, sku_id, day, channel, $4, units, returned, minor FROM changed
    ORDER BY location_id, sku_id, day, channel
    ON CONFLICT (location_id, sku_id, day, channel, feed_id) DO UPDATE
    SET (units, returned_units, revenue_minor) = (EXCLUDED.units, EXCLUDED.returned_units, EXCLUDED.revenue_minor))
  SELECT (SELECT count(*) FROM staged) AS accepted, (SELECT coalesce(sum(lines), 0)::bigint FROM changed) AS changed,
         (SELECT min(day) FROM cells) AS "firstDay", (SELECT max(day) FROM cells) AS "lastDay", NULL::jsonb AS back`;

interface Step {
  accepted: number;
  changed: number;
  firstDay: string | null;
  lastDay: string | null;
  back: { document: string; item: string; n: number }[] | null;
}

/** What is applied: staged lines of a run, and how its feed states them. */
export interface Staged {
  runId: number;
  feedId: number;
  form: Form;
  /** Lines have numbers of their own. */
  byLine: boolean;
}

/** Makes facts of the staged lines in the buckets `from` … `to` (excluded). The feed is locked. */
export async function applyBuckets(
  tx: Tx,
  { runId, feedId, form, byLine }: Staged,
  from: number,
  to: number,
): Promise<Applied> {
  await lookUpByKey(tx);
  if (form === 'DAYS') {
    const [step] = await tx.rows<Step>(APPLY_DAYS, [runId, from, to, feedId]);
    return { ...step!, unchanged: step!.accepted - step!.changed };
  }
  const values = [runId, from, to, feedId, byLine];
  const [cancelled] = await tx.rows<{ has: boolean }>(HAS_CANCELLED, [feedId]);
  if (cancelled?.has) await tx.rows(UNDO_CANCELLED, values);
  const [step] = await tx.rows<Step>(APPLY_LINES, values);
  const { back, accepted, changed, firstDay, lastDay } = step!;
  if (back !== null) {
    const keys = JSON.stringify(back);
    await tx.rows(FORGET_EVENTS, [feedId, keys]);
    await tx.rows(ANONYMOUS_EVENTS, [feedId, keys]);
  }
  return { accepted, changed, unchanged: accepted - changed, firstDay, lastDay };
}
