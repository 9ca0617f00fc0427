// Matches returns to sales for the customers and SKUs that changed; daily facts change by the difference.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { type CustomerLine, type Matched, matchReturns } from '../../rules/matching';
import { lookUpByKey } from './apply';
import { addToDays } from './dailyDifferences';
import { lockFeed } from './feeds';

/** Customers' SKUs that one transaction matches. */
const PAIRS = 2_000;

const TAKE = `
  DELETE FROM sales_unmatched u
  USING (SELECT customer, sku_id FROM sales_unmatched WHERE feed_id = $1 ORDER BY customer, sku_id LIMIT $2) k
  WHERE u.feed_id = $1 AND u.customer = k.customer AND u.sku_id = k.sku_id
  RETURNING u.customer, u.sku_id AS "skuId"`;

// By the key's order, so that lines of one second are matched the same way every time.
const LINES = `
  SELECT l.customer, l.sku_id AS "skuId", l.document, l.item, l.n, l.day, l.second, l.units, l.revenue_minor AS "revenueMinor",
         l.location_id AS "locationId", l.channel
  FROM unnest($2::uuid[], $3::int[]) AS k(customer, sku_id) CROSS JOIN LATERAL (
    SELECT * FROM sales_line s WHERE s.feed_id = $1 AND s.customer = k.customer AND s.sku_id = k.sku_id OFFSET 0) l
  ORDER BY l.customer, l.sku_id, l.document, l.item, l.location_id, l.day, l.n`;

const CANCEL = `
  WITH rematched AS MATERIALIZED (
    SELECT l.*, m.cancelled AS now_cancelled, m.minor AS now_minor
    FROM unnest($2::text[], $3::text[], $4::int[], $5::date[], $6::int[], $7::int[], $8::bigint[])
      AS m(document, item, location_id, day, n, cancelled, minor)
    CROSS JOIN LATERAL (
      SELECT s.ctid AS at, s.* FROM sales_line s
      WHERE s.feed_id = $1 AND s.document = m.document AND s.item = m.item AND s.location_id = m.location_id
        AND s.day = m.day AND s.n = m.n OFFSET 0) l
    WHERE (l.cancelled, l.cancelled_minor) IS DISTINCT FROM (m.cancelled, m.minor)),
  written AS (
    UPDATE sales_line l SET cancelled = t.now_cancelled, cancelled_minor = t.now_minor FROM rematched t WHERE l.ctid = t.at),
  cells AS MATERIALIZED (
    SELECT location_id, sku_id, day, channel, sum(cancelled - now_cancelled)::int AS units,
           sum(cancelled - now_cancelled)::int AS returned, sum(cancelled_minor - now_minor)::bigint AS minor
    FROM rematched GROUP BY 1, 2, 3, 4)
  ${addToDays('$1')}`;

const DELETE_OLD = `
  DELETE FROM return_event WHERE ctid = ANY (ARRAY(
    SELECT e.at FROM unnest($2::text[], $3::text[], $4::int[], $5::date[], $6::int[]) AS k(document, item, location_id, day, n)
    CROSS JOIN LATERAL (
      SELECT r.ctid AS at FROM return_event r
      WHERE r.feed_id = $1 AND r.document = k.document AND r.item = k.item AND r.location_id = k.location_id
        AND r.return_day = k.day AND r.n = k.n OFFSET 0) e))`;

const WRITE_RETURNS = `
  INSERT INTO return_event (feed_id, document, item, n, part, sku_id, location_id, sale_location_id, channel, sale_day,
                            return_day, units)
  SELECT $1, * FROM unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::text[],
                           $10::date[], $11::date[], $12::int[])`;

interface MatchLine extends CustomerLine {
  customer: string;
  skuId: number;
  document: string;
  item: string;
  n: number;
}

/** Matches customer by customer and SKU by SKU; `lines` are in that order. */
function matchAll(lines: readonly MatchLine[]): Matched<MatchLine>[] {
  const matched: Matched<MatchLine>[] = [];
  for (let from = 0, to = 0; from < lines.length; from = to) {
    const { customer, skuId } = lines[from]!;
    while (to < lines.length && lines[to]!.customer === customer && lines[to]!.skuId === skuId) to += 1;
    matched.push(...matchReturns(lines.slice(from, to)));
  }
  return matched;
}

async function write(tx: Tx, feedId: number, matched: readonly Matched<MatchLine>[]): Promise<void> {
  const keys = [
    matched.map((m) => m.line.document),
    matched.map((m) => m.line.item),
    matched.map((m) => m.line.locationId),
    matched.map((m) => m.line.day),
    matched.map((m) => m.line.n),
  ];
  await tx.rows(CANCEL, [
    feedId,
    ...keys,
    matched.map((m) => m.cancelled),
    matched.map((m) => m.cancelledMinor),
  ]);
  await tx.rows(DELETE_OLD, [feedId, ...keys]);
  const parts = matched.flatMap(({ line, parts: of }) => of.map((part, i) => ({ ...part, line, i })));
  await tx.rows(WRITE_RETURNS, [
    feedId,
    parts.map((p) => p.line.document),
    parts.map((p) => p.line.item),
    parts.map((p) => p.line.n),
    parts.map((p) => p.i),
    parts.map((p) => p.line.skuId),
    parts.map((p) => p.line.locationId),
    parts.map((p) => p.saleLocationId),
    parts.map((p) => p.line.channel),
    parts.map((p) => p.saleDay),
    parts.map((p) => p.line.day),
    parts.map((p) => p.units),
  ]);
}

/** Matches up to PAIRS of what changed; returns how many there were. The feed is locked. */
export async function matchSome(tx: Tx, feedId: number): Promise<number> {
  await lookUpByKey(tx);
  const pairs = await tx.rows<{ customer: string; skuId: number }>(TAKE, [feedId, PAIRS]);
  if (pairs.length === 0) return 0;
  const values = [feedId, pairs.map((p) => p.customer), pairs.map((p) => p.skuId)];
  const matched = matchAll(await tx.rows<MatchLine>(LINES, values));
  if (matched.length > 0) await write(tx, feedId, matched);
  return pairs.length;
}

/** Matches all that changed, in transactions of some thousand customers; `onProgress` receives the number done so far. */
export async function matchAllChanged(
  db: Db,
  feedId: number,
  onProgress: (pairs: number) => void,
): Promise<void> {
  for (let done = 0; ; ) {
    const some = await inTransaction(db, async (tx) => {
      await lockFeed(tx, feedId);
      return matchSome(tx, feedId);
    });
    if (some === 0) return;
    done += some;
    onProgress(done);
  }
}
