// The tables that forecasts are kept in, one a month of cut days: made before they are needed, dropped when they are old.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';

/** Forecasts can be read for at least so many days after they were made: the horizon, and a month to be late with scores. */
export const KEEP_FORECAST_DAYS = 62;
/** What a run has learnt and its parts are kept for so many days, for whoever wonders about a night. */
export const KEEP_LEARNT_DAYS = 7;

const DAY_MS = 86_400_000;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
/** So that two processes never make the same table at once. */
const LOCK = 'SELECT pg_advisory_xact_lock(7262711)';
/** Who waits for these tables holds up everyone who comes after: rather not today. */
const IMPATIENT = "SET LOCAL lock_timeout = '3s'";
const THERE = "SELECT to_regclass('demand_forecast_' || replace($1, '-', '_')) IS NOT NULL AS there";

// A table that is filled aside and then attached holds up nobody who reads the others.
function statementsFor(month: string): string[] {
  if (!MONTH.test(month)) throw new RangeError(`'${month}' is not a month like 2026-11`);
  const [year, number] = month.split('-').map(Number) as [number, number];
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
  const table = `demand_forecast_${month.replace('-', '_')}`;
  return [
    `CREATE TABLE ${table} (LIKE demand_forecast INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`,
    `ALTER TABLE demand_forecast ATTACH PARTITION ${table} FOR VALUES FROM ('${month}-01') TO ('${next}')`,
  ];
}

/** Makes the tables for the months of these cut days (YYYY-MM-DD) where they are missing. */
export async function makeMonths(db: Db, cutDays: readonly string[]): Promise<void> {
  for (const month of new Set(cutDays.map((day) => day.slice(0, 7)))) {
    const [found] = await db.rows<{ there: boolean }>(THERE, [month]);
    if (found!.there) continue;
    await inTransaction(db, async (tx) => {
      await tx.rows(LOCK);
      const [meanwhile] = await tx.rows<{ there: boolean }>(THERE, [month]);
      if (meanwhile!.there) return;
      for (const statement of statementsFor(month)) await tx.rows(statement);
    });
  }
}

// A night of long ago that was made again yesterday is as young as yesterday.
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
const FORGET_RUNS = `
  DELETE FROM forecast_run
  WHERE cut_day >= ($1 || '-01')::date AND cut_day < ($1 || '-01')::date + interval '1 month'`;
const FORGET_LEARNT = 'UPDATE forecast_run SET learnt = NULL WHERE started_at < $1 AND learnt IS NOT NULL';
const FORGET_PARTS = `
  DELETE FROM forecast_part p USING forecast_run r
  WHERE r.id = p.run_id AND r.status = 'DONE' AND r.started_at < $1`;

async function dropMonth(tx: Tx, month: string): Promise<void> {
  await tx.rows(IMPATIENT);
  await tx.rows(LOCK);
  await tx.rows(`DROP TABLE IF EXISTS demand_forecast_${month.replace('-', '_')}`);
  await tx.rows(FORGET_RUNS, [month]);
}

/** Drops the months that nobody needs any more, and what old runs had learnt; answers the months. */
export async function dropOldMonths(db: Db, now: Date): Promise<string[]> {
  const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
  const old = await db.rows<{ month: string }>(OLD_MONTHS, [before(KEEP_FORECAST_DAYS)]);
  for (const { month } of old) await inTransaction(db, (tx) => dropMonth(tx, month));
  await db.rows(FORGET_LEARNT, [before(KEEP_LEARNT_DAYS)]);
  await db.rows(FORGET_PARTS, [before(KEEP_LEARNT_DAYS)]);
  return old.map(({ month }) => month);
}
