// From staged lines to facts, a range of buckets at a time: what a line states anew changes its day by the difference.

import type { Tx } from '../../../db/pool';
import type { FeedForm } from '../../rules/line';
import { addToDays } from './dailyDifferences';
import type { Applied } from './runs';
import type { LineAside } from './setAside';
import { contradiction, numberTaken } from './setAside';
import { RECEIPT_NUMBERS, type ReceiptNumbers, statedLines } from './statedLines';

/** Lines are staged in so many buckets by a hash of their document, so that all lines of one are applied together. */
export const BUCKETS = 65_536;

// The planner has no statistics on staged rows, and the statements below are fast with one plan only: key lookups. OFFSET 0
// prevents the planner from flattening a lookup (it then searched by the feed alone, and read the whole feed for each line).
const BY_KEY = `
  SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
         set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true),
         set_config('statement_timeout', '120000', true)`;

/** Makes the statements of this transaction look rows up by their keys. */
export async function lookUpByKey(tx: Tx): Promise<void> {
  await tx.rows(BY_KEY);
}

const HAS_CANCELLED = `
  SELECT EXISTS (SELECT FROM sales_line WHERE feed_id = $1 AND customer IS NOT NULL AND units < 0 AND cancelled > 0) AS has`;

/** One SQL text for each way of numbering receipts. */
const byNumbers = (text: (stated: string, numbers: ReceiptNumbers) => string) =>
  Object.fromEntries(RECEIPT_NUMBERS.map((n) => [n, text(statedLines(n), n)])) as Record<
    ReceiptNumbers,
    string
  >;

// The cancellations of a sale that is about to change are undone first, so that no day falls below zero in between.
const UNDO_CANCELLED = byNumbers(
  (stated) => `
  WITH staged AS MATERIALIZED (SELECT * FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3),
  ${stated},
  pairs AS MATERIALIZED (
    SELECT DISTINCT o_customer AS customer, o_sku AS sku_id FROM with_stored
    WHERE o_units > 0 AND o_customer IS NOT NULL AND differs AND NOT clashes),
  undone AS MATERIALIZED (
    SELECT r.* FROM pairs p CROSS JOIN LATERAL (
      SELECT l.ctid AS at, l.* FROM sales_line l WHERE l.feed_id = $4 AND l.customer = p.customer AND l.sku_id = p.sku_id
        AND l.units < 0 AND l.cancelled > 0 OFFSET 0) r),
  reset AS (UPDATE sales_line l SET cancelled = 0, cancelled_minor = 0 FROM undone u WHERE l.ctid = u.at),
  cells AS MATERIALIZED (
    SELECT location_id, sku_id, day, channel, sum(cancelled)::int AS units, sum(cancelled)::int AS returned,
           sum(cancelled_minor)::bigint AS minor
    FROM undone GROUP BY 1, 2, 3, 4)
  ${addToDays('$4')}`,
);

// A returned line counts as returned until it is matched. The feed is locked, so no other
// transaction can store a line that was missing here.
const APPLY_LINES = byNumbers(
  (stated, numbers) => `
  WITH staged AS MATERIALIZED (
    DELETE FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3 RETURNING *),
  ${stated},
  changed AS MATERIALIZED (SELECT * FROM with_stored WHERE (at IS NULL OR differs) AND NOT clashes),
  updated AS (
    UPDATE sales_line l
    SET (location_id, sku_id, channel, day, second, units, revenue_minor, customer, run_id, cancelled, cancelled_minor)
      = (c.location_id, c.sku_id, c.channel, c.day, c.second, c.units, c.revenue_minor, c.customer, $1, 0, 0)
    FROM changed c WHERE l.ctid = c.at),
  written AS (
    INSERT INTO sales_line (feed_id, document, item, n, location_id, sku_id, channel, day, second, units, revenue_minor,
                            customer, run_id)
    SELECT $4, document, item, n, location_id, sku_id, channel, day, second, units, revenue_minor, customer, $1
    FROM changed WHERE at IS NULL ORDER BY document, item, location_id, day, n),
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
      FROM changed WHERE at IS NOT NULL) d
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
    ON CONFLICT DO NOTHING),
  changed_customers AS (
    INSERT INTO sales_customer_change (feed_id, customer)
    SELECT DISTINCT $4::int, customer
    FROM (SELECT customer FROM changed UNION ALL SELECT o_customer FROM changed) p WHERE customer IS NOT NULL
    ON CONFLICT DO NOTHING)
  SELECT (SELECT count(*) FROM changed WHERE at IS NULL) AS created,
         (SELECT count(*) FROM changed WHERE at IS NOT NULL) AS corrected, 0::bigint AS replaced,
         (SELECT count(*) FROM with_stored WHERE at IS NOT NULL AND NOT differs AND NOT clashes) AS unchanged,
         ${REPEATED(numbers)} AS repeated,
         (SELECT min(day) FROM unique_lines) AS "firstDay", (SELECT max(day) FROM unique_lines) AS "lastDay",
         (SELECT jsonb_agg(jsonb_build_object('line', line, 'units', units)) FROM judged
          WHERE $5 AND nth > 1 AND NOT contradicts) AS merged,
         (SELECT jsonb_agg(jsonb_build_object('line', line, 'units', units, 'document', document, 'item', item, 'day', day,
                                              'firstLine', first_line, 'lastLine', last_line))
          FROM judged WHERE contradicts) AS contradictions,
         (SELECT jsonb_agg(jsonb_build_object('line', line, 'units', units, 'document', document, 'item', item, 'day', day))
          FROM with_stored WHERE clashes) AS clashes,
         (SELECT jsonb_agg(jsonb_build_object('document', document, 'item', item, 'n', n, 'locationId', location_id,
                                              'day', day, 'oldLocationId', o_location, 'oldDay', o_day))
          FROM changed WHERE units < 0 OR o_units < 0) AS back`,
);

/** How many new lines bear a number that their feed and location has used on another day. Lasting numbers do not repeat. */
function REPEATED(numbers: ReceiptNumbers): string {
  if (numbers === 'LASTING') return '0::bigint';
  return `(
    SELECT count(*) FROM changed c CROSS JOIN LATERAL (
      SELECT FROM sales_line l WHERE l.feed_id = $4 AND l.document = c.document AND l.item = c.item
        AND l.location_id = c.location_id AND l.day <> c.day AND l.n = c.n LIMIT 1) o
    WHERE c.at IS NULL)`;
}

const DELETE_EVENTS = `
  DELETE FROM return_event WHERE ctid = ANY (ARRAY(
    SELECT e.at FROM jsonb_to_recordset($2::jsonb) AS k(document text, item text, n int, "oldLocationId" int, "oldDay" date)
    CROSS JOIN LATERAL (
      SELECT r.ctid AS at FROM return_event r
      WHERE r.feed_id = $1 AND r.document = k.document AND r.item = k.item AND r.location_id = k."oldLocationId"
        AND r.return_day = k."oldDay" AND r.n = k.n OFFSET 0) e))`;

// Without a customer it is not known which sale it was; with one, the matching decides.
const ANONYMOUS_EVENTS = `
  INSERT INTO return_event (feed_id, document, item, n, part, sku_id, location_id, channel, return_day, units)
  SELECT l.feed_id, l.document, l.item, l.n, 0, l.sku_id, l.location_id, l.channel, l.day, -l.units
  FROM jsonb_to_recordset($2::jsonb) AS k(document text, item text, n int, "locationId" int, day date) CROSS JOIN LATERAL (
    SELECT * FROM sales_line s WHERE s.feed_id = $1 AND s.document = k.document AND s.item = k.item
      AND s.location_id = k."locationId" AND s.day = k.day AND s.n = k.n OFFSET 0) l
  WHERE l.units < 0 AND l.customer IS NULL`;

// The lines of a file about one day of one SKU at one location state it together; when it is stated again it is replaced.
const APPLY_DAYS = `
  WITH staged AS MATERIALIZED (
    DELETE FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3 RETURNING *),
  cells AS MATERIALIZED (
    SELECT location_id, sku_id, day, channel, sum(units)::int AS units, sum(returned)::int AS returned,
           sum(revenue_minor)::bigint AS minor
    FROM staged GROUP BY 1, 2, 3, 4),
  with_stored AS MATERIALIZED (
    SELECT c.*, o.units IS NULL AS fresh,
           (c.units, c.returned, c.minor) IS DISTINCT FROM (o.units, o.returned_units, o.revenue_minor) AS differs
    FROM cells c LEFT JOIN LATERAL (
      SELECT * FROM daily_sales d WHERE d.location_id = c.location_id AND d.sku_id = c.sku_id AND d.day = c.day
        AND d.channel = c.channel AND d.feed_id = $4 OFFSET 0) o ON true),
  written AS (
    INSERT INTO daily_sales (location_id, sku_id, day, channel, feed_id, units, returned_units, revenue_minor)
    SELECT location_id, sku_id, day, channel, $4, units, returned, minor FROM with_stored WHERE differs
    ORDER BY location_id, sku_id, day, channel
    ON CONFLICT (location_id, sku_id, day, channel, feed_id) DO UPDATE
    SET (units, returned_units, revenue_minor) = (EXCLUDED.units, EXCLUDED.returned_units, EXCLUDED.revenue_minor))
  SELECT (SELECT count(*) FROM with_stored WHERE fresh) AS created, 0::bigint AS corrected,
         (SELECT count(*) FROM with_stored WHERE differs AND NOT fresh) AS replaced,
         (SELECT count(*) FROM with_stored WHERE NOT differs) AS unchanged,
         (SELECT count(*) FROM staged) - (SELECT count(*) FROM cells) AS added, 0::bigint AS repeated,
         (SELECT min(day) FROM cells) AS "firstDay", (SELECT max(day) FROM cells) AS "lastDay"`;

interface LineKey {
  document: string;
  item: string;
  n: number;
  locationId: number;
  day: string;
  oldLocationId: number | null;
  oldDay: string | null;
}

/** What a statement did. `added`: lines of whole days that were summed into those of others. */
interface StepRow {
  created: number;
  corrected: number;
  replaced: number;
  unchanged: number;
  added?: number;
  repeated: number;
  firstDay: string | null;
  lastDay: string | null;
  merged?: { line: number; units: number }[] | null;
  contradictions?: LineAside[] | null;
  clashes?: LineAside[] | null;
  back?: LineKey[] | null;
}

/** What is applied: staged lines of a run, and how its feed states them. */
export interface Staged {
  runId: number;
  feedId: number;
  form: FeedForm;
  /** Lines have numbers of their own. */
  byLine: boolean;
  numbers: ReceiptNumbers;
  /** The runs whose rejected lines are tried once more. */
  againOf: readonly number[];
}

function appliedOf(row: StepRow): Applied {
  const { created, corrected, replaced, unchanged, repeated, firstDay, lastDay } = row;
  const repeats = row.merged ?? [];
  const merged = repeats.length + (row.added ?? 0);
  const changed = created + corrected + replaced;
  const aside = [...(row.contradictions ?? []).map(contradiction), ...(row.clashes ?? []).map(numberTaken)];
  const accepted = changed + unchanged + merged;
  const sums = { created, corrected, replaced, merged, unchanged, changed, accepted };
  return { ...sums, repeated, repeats: repeats.map((r) => r.units), aside, firstDay, lastDay };
}

/** Makes facts of the staged lines in the buckets `from` … `to` (excluded). The feed is locked. */
export async function applyBuckets(tx: Tx, staged: Staged, from: number, to: number): Promise<Applied> {
  const { runId, feedId, form, byLine, numbers, againOf } = staged;
  await lookUpByKey(tx);
  if (form === 'DAYS') {
    const [row] = await tx.rows<StepRow>(APPLY_DAYS, [runId, from, to, feedId]);
    return appliedOf(row!);
  }
  const values = [runId, from, to, feedId, byLine, againOf];
  const [cancelled] = await tx.rows<{ has: boolean }>(HAS_CANCELLED, [feedId]);
  if (cancelled?.has) await tx.rows(UNDO_CANCELLED[numbers], values);
  const [row] = await tx.rows<StepRow>(APPLY_LINES[numbers], values);
  const back = row!.back ?? null;
  if (back !== null) {
    const keys = JSON.stringify(back);
    await tx.rows(DELETE_EVENTS, [feedId, keys]);
    await tx.rows(ANONYMOUS_EVENTS, [feedId, keys]);
  }
  return appliedOf(row!);
}
