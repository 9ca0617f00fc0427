// Tables that are cut into months by a day: each month is a table of its own, made before it is needed, dropped when old.

import { ensureTable } from './ensureTable';
import type { Db, Tx } from './pool';
import { inTransaction } from './transaction';

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
/** So that two processes never make the same table at once. */
const LOCK = 'SELECT pg_advisory_xact_lock(7262712)';
const takeTurns = (tx: Tx): Promise<unknown> => tx.rows(LOCK);
/** A waiting lock request on these tables blocks all later ones, so the job gives up soon and runs again the next day. */
const IMPATIENT = "SET LOCAL lock_timeout = '3s'";

/** Names of the tables that are kept so; they are written into statements. */
type Monthly = 'forecast_score' | 'demand_forecast';

const tableOf = (parent: Monthly, month: string): string => {
  if (!MONTH.test(month)) throw new RangeError(`'${month}' is not a month like 2026-11`);
  return `${parent}_${month.replace('-', '_')}`;
};

/** The first day after a month. */
function endOf(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
}

// Creating a table separately and then attaching it does not block readers of the other partitions.
async function makeMonth(tx: Tx, parent: Monthly, month: string): Promise<void> {
  const table = tableOf(parent, month);
  await tx.rows(`CREATE TABLE ${table} (LIKE ${parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  await tx.rows(
    `ALTER TABLE ${parent} ATTACH PARTITION ${table} FOR VALUES FROM ('${month}-01') TO ('${endOf(month)}')`,
  );
}

/** Makes the tables for the months of these days (YYYY-MM-DD) where they are missing. */
export async function makeMonths(db: Db, parent: Monthly, days: readonly string[]): Promise<void> {
  for (const month of new Set(days.map((day) => day.slice(0, 7))))
    await ensureTable(db, tableOf(parent, month), takeTurns, (tx) => makeMonth(tx, parent, month));
}

const ALL = `
  SELECT replace(substr(c.relname, length($1) + 2), '_', '-') AS month
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass($1) ORDER BY 1`;

/** Drops one month, with whatever else the transaction does; gives up soon while another session reads it. */
export async function dropMonth(tx: Tx, parent: Monthly, month: string): Promise<void> {
  await tx.rows(IMPATIENT);
  await takeTurns(tx);
  await tx.rows(`DROP TABLE IF EXISTS ${tableOf(parent, month)}`);
}

/** Drops the months that ended before `day`; answers them. */
export async function dropMonthsBefore(db: Db, parent: Monthly, day: string): Promise<string[]> {
  const all = await db.rows<{ month: string }>(ALL, [parent]);
  const old = all.map((row) => row.month).filter((month) => MONTH.test(month) && endOf(month) <= day);
  for (const month of old) await inTransaction(db, (tx) => dropMonth(tx, parent, month));
  return old;
}
