// Reconciliation: a file is read again, and each of its lines is compared with what is stored.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { type Compared, type DayCompared, NOTHING_COMPARED } from '../../rules/compare';
import { BUCKETS, lookUpByKey, type Staged } from './apply';
import { contradiction, type LineAside } from './setAside';
import { clearStage } from './staging';
import { RECEIPT_NUMBERS, type ReceiptNumbers, statedLines } from './statedLines';
import { figuresAfter, NOTHING } from './step';

/** Sums and examples over `compared`: what is stated, what is stored of it (`at` is null for nothing), and whether it is the same. */
const SUMS = `
  SELECT (SELECT count(*) FROM compared) AS lines, (SELECT count(*) FROM compared WHERE stored) AS found,
         (SELECT count(*) FROM compared WHERE stored AND other) AS different,
         (SELECT jsonb_agg(to_jsonb(d)) FROM (
           SELECT day::text AS day, sum(sold)::bigint AS sold, sum(back)::bigint AS back, sum(minor)::bigint AS minor,
                  sum(stored_sold)::bigint AS "storedSold", sum(stored_back)::bigint AS "storedBack",
                  sum(stored_minor)::bigint AS "storedMinor"
           FROM (
             SELECT day, sold, back, minor, 0 AS stored_sold, 0 AS stored_back, 0 AS stored_minor FROM compared
             UNION ALL SELECT stored_day, 0, 0, 0, stored_sold, stored_back, stored_minor FROM compared WHERE stored) s
           GROUP BY day) d) AS days,
         (SELECT jsonb_agg(to_jsonb(e)) FROM (
           SELECT line, name, day::text AS day, sold - back AS units, minor, stored, stored_day::text AS "storedDay",
                  stored_sold - stored_back AS "storedUnits", stored_minor AS "storedMinor", run AS "runId"
           FROM compared WHERE NOT stored OR other ORDER BY line LIMIT 10) e) AS examples`;

const byNumbers = (text: (stated: string) => string) =>
  Object.fromEntries(RECEIPT_NUMBERS.map((n) => [n, text(statedLines(n))])) as Record<ReceiptNumbers, string>;

const COMPARE_LINES = byNumbers(
  (stated) => `
  WITH staged AS MATERIALIZED (SELECT * FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3),
  ${stated},
  compared AS MATERIALIZED (
    SELECT line, document || ' / ' || item AS name, day, greatest(units, 0) AS sold, greatest(-units, 0) AS back,
           revenue_minor AS minor, at IS NOT NULL AS stored, o_day AS stored_day, greatest(o_units, 0) AS stored_sold,
           greatest(-o_units, 0) AS stored_back, o_minor AS stored_minor, o_run AS run,
           (location_id, sku_id, channel, day, units, revenue_minor)
             IS DISTINCT FROM (o_location, o_sku, o_channel, o_day, o_units, o_minor) AS other
    FROM with_stored)
  ${SUMS},
         (SELECT jsonb_agg(units) FROM judged WHERE $5 AND nth > 1 AND NOT contradicts) AS repeats,
         (SELECT jsonb_agg(jsonb_build_object('line', line, 'units', units, 'document', document, 'item', item, 'day', day,
                                              'firstLine', first_line, 'lastLine', last_line))
          FROM judged WHERE contradicts) AS contradictions`,
);

const COMPARE_DAYS = `
  WITH cells AS MATERIALIZED (
    SELECT location_id, sku_id, day, channel, min(line) AS line, sum(units) AS sold, sum(returned) AS back,
           sum(revenue_minor) AS minor
    FROM import_stage WHERE run_id = $1 AND bucket >= $2 AND bucket < $3 GROUP BY 1, 2, 3, 4),
  compared AS MATERIALIZED (
    SELECT c.line, l.code || ' ' || k.code || ' ' || c.channel AS name, c.day, c.sold, c.back, c.minor,
           o.units IS NOT NULL AS stored, o.day AS stored_day, o.units AS stored_sold, o.returned_units AS stored_back,
           o.revenue_minor AS stored_minor, NULL::bigint AS run,
           (c.sold, c.back, c.minor) IS DISTINCT FROM (o.units, o.returned_units, o.revenue_minor) AS other
    FROM cells c JOIN location l ON l.id = c.location_id JOIN sku k ON k.id = c.sku_id
    LEFT JOIN LATERAL (
      SELECT * FROM daily_sales d WHERE d.location_id = c.location_id AND d.sku_id = c.sku_id AND d.day = c.day
        AND d.channel = c.channel AND d.feed_id = $4 OFFSET 0) o ON true)
  ${SUMS}, NULL::jsonb AS repeats, NULL::jsonb AS contradictions`;

interface ComparedRow {
  lines: number;
  found: number;
  different: number;
  days: DayCompared[] | null;
  examples: Compared['examples'] | null;
  repeats: number[] | null;
  contradictions: LineAside[] | null;
}

async function compareRange(tx: Tx, staged: Staged, from: number, to: number): Promise<ComparedRow> {
  await lookUpByKey(tx);
  const { runId, feedId, form, byLine, numbers } = staged;
  const values = [runId, from, to, feedId];
  const [row] =
    form === 'DAYS'
      ? await tx.rows<ComparedRow>(COMPARE_DAYS, values)
      : await tx.rows<ComparedRow>(COMPARE_LINES[numbers], [...values, byLine, []]);
  return row!;
}

function addDays(days: Map<string, DayCompared>, some: readonly DayCompared[]): void {
  for (const more of some) {
    const sum = days.get(more.day);
    if (sum === undefined) days.set(more.day, { ...more });
    else
      for (const field of ['sold', 'back', 'minor', 'storedSold', 'storedBack', 'storedMinor'] as const)
        sum[field] += more[field];
  }
}

/** Lines that one statement compares. */
const LINES = 25_000;

/**
 * Compares what is staged with what is stored, and drops it from the stage. `figures` are those of the reading; they come
 * back without the lines that were stated twice or contradict each other.
 */
export async function compareStaged(
  db: Db,
  staged: Staged,
  figures: Readonly<Record<string, number>>,
): Promise<{ compared: Compared; figures: Record<string, number> }> {
  const width = Math.max(1, Math.floor((BUCKETS * LINES) / Math.max(1, figures.staged ?? 0)));
  const days = new Map<string, DayCompared>();
  const compared: Compared = { ...NOTHING_COMPARED, examples: [] };
  let after: Record<string, number> = { ...figures };
  for (let from = 0; from < BUCKETS; from += width) {
    const to = Math.min(BUCKETS, from + width);
    const row = await inTransaction(db, (tx) => compareRange(tx, staged, from, to));
    compared.lines += row.lines;
    compared.found += row.found;
    compared.different += row.different;
    compared.examples.push(...(row.examples ?? []));
    addDays(days, row.days ?? []);
    const aside = (row.contradictions ?? []).map(contradiction);
    after = figuresAfter(after, { ...NOTHING, repeats: row.repeats ?? [], aside });
  }
  await clearStage(db, staged.runId);
  compared.examples.sort((a, b) => a.line - b.line);
  compared.days = [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
  return { compared, figures: after };
}
