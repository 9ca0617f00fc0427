// Recomputes ABC classes once a week from the revenue of the year before.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { abcClasses } from '../rules/abc';

/** Days of sales that classes are computed from, and days that they are valid for. */
export const CLASS_HISTORY_DAYS = 365;
export const CLASS_DAYS = 7;
/** Timeout: a year of every shelf is read, which may take minutes. */
const TIMEOUT_MS = 600_000;

const FRESH = 'SELECT EXISTS (SELECT FROM sku_class WHERE classed_on > $1::date - $2::int) AS fresh';
const SET_TIMEOUT = `SELECT set_config('statement_timeout', $1, true)`;
const REVENUES = `
  SELECT sku_id AS "skuId", sum(revenue_minor)::float8 AS "revenueMinor"
  FROM daily_sales WHERE day <= $1::date AND day > $1::date - $2::int GROUP BY sku_id`;
const SAVE = `
  INSERT INTO sku_class (sku_id, class, revenue_minor, share, classed_on)
  SELECT sku_id, class::abc_class, revenue_minor, share, $5
  FROM unnest($1::int[], $2::text[], $3::bigint[], $4::float8[]) AS c(sku_id, class, revenue_minor, share)
  ORDER BY sku_id
  ON CONFLICT (sku_id) DO UPDATE SET class = EXCLUDED.class, revenue_minor = EXCLUDED.revenue_minor,
    share = EXCLUDED.share, classed_on = EXCLUDED.classed_on`;
const DELETE_OLD = 'DELETE FROM sku_class WHERE classed_on <> $1::date';

async function draw(tx: Tx, cutDay: string): Promise<number> {
  await tx.rows(SET_TIMEOUT, [String(TIMEOUT_MS)]);
  const revenues = await tx.rows<{ skuId: number; revenueMinor: number }>(REVENUES, [
    cutDay,
    CLASS_HISTORY_DAYS,
  ]);
  const classed = abcClasses(revenues);
  await tx.rows(SAVE, [
    classed.map((c) => c.skuId),
    classed.map((c) => c.abc),
    classed.map((c) => Math.round(c.revenueMinor)),
    classed.map((c) => c.share),
    cutDay,
  ]);
  // What sold nothing in the year is C again, as it has no row.
  await tx.rows(DELETE_OLD, [cutDay]);
  return classed.length;
}

/** Computes classes as of a day, unless they are still valid. Returns the number of SKUs classed; 0: nothing was done. */
export async function refreshClasses(db: Db, cutDay: string): Promise<number> {
  const [found] = await db.rows<{ fresh: boolean }>(FRESH, [cutDay, CLASS_DAYS]);
  return found!.fresh ? 0 : inTransaction(db, (tx) => draw(tx, cutDay));
}
