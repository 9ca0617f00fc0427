// Retention of forecasts and of what their runs learned: by the month of cut days.

import { dropMonth } from '../../db/months';
import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { DAY_MS } from '../../values/time';

/** Forecasts can be read for at least so many days after they were made: the horizon, and a month for late scores. */
export const KEEP_FORECAST_DAYS = 62;
/** What a run has learned and its parts are kept for so many days, to investigate a run. */
export const KEEP_LEARNT_DAYS = 7;

// The age of a run counts from when it was made, so that an old cut day that was replayed yesterday is kept.
const OLD_MONTHS = `
  SELECT m.month FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  CROSS JOIN LATERAL (SELECT replace(substr(c.relname, length('demand_forecast_') + 1), '_', '-') AS month) m
  WHERE i.inhparent = 'demand_forecast'::regclass AND m.month ~ '^\\d{4}-\\d{2}$'
    AND (m.month || '-01')::date + interval '1 month' <= $1::timestamptz
    AND NOT EXISTS (
      SELECT FROM forecast_run r
      WHERE r.cut_day >= (m.month || '-01')::date AND r.cut_day < (m.month || '-01')::date + interval '1 month'
        AND r.started_at > $1)
  ORDER BY 1`;
const DELETE_RUNS = `
  DELETE FROM forecast_run
  WHERE cut_day >= ($1 || '-01')::date AND cut_day < ($1 || '-01')::date + interval '1 month'`;
const CLEAR_LEARNT = 'UPDATE forecast_run SET learnt = NULL WHERE started_at < $1 AND learnt IS NOT NULL';
const DELETE_PARTS = `
  DELETE FROM forecast_part p USING forecast_run r
  WHERE r.id = p.run_id AND r.status = 'DONE' AND r.started_at < $1`;

async function dropForecasts(tx: Tx, month: string): Promise<void> {
  await dropMonth(tx, 'demand_forecast', month);
  await tx.rows(DELETE_RUNS, [month]);
}

/** Drops the months that are no longer needed, and what old runs had learned; returns the months. */
export async function dropOldMonths(db: Db, now: Date): Promise<string[]> {
  const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
  const old = await db.rows<{ month: string }>(OLD_MONTHS, [before(KEEP_FORECAST_DAYS)]);
  for (const { month } of old) await inTransaction(db, (tx) => dropForecasts(tx, month));
  await db.rows(CLEAR_LEARNT, [before(KEEP_LEARNT_DAYS)]);
  await db.rows(DELETE_PARTS, [before(KEEP_LEARNT_DAYS)]);
  return old.map(({ month }) => month);
}
