// Partitions of daily_sales: one a year, made when a fact of that year first comes, or ahead of its time.

import { ensureTable } from '../../../db/ensureTable';
import type { Db, Tx } from '../../../db/pool';
import { FIRST_DAY } from '../../rules/days';

const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtext('comptoir sales years'))`;
const LAST_YEAR = 2_100;

const tableOf = (year: number): string => `daily_sales_${year}`;

/** Statements that make one year. Their texts differ by the year only, a checked number, so there are few of them. */
function making(year: number): string[] {
  const table = tableOf(year);
  const [from, to] = [`'${year}-01-01'`, `'${year + 1}-01-01'`];
  return [
    `CREATE TABLE ${table} (LIKE daily_sales INCLUDING ALL)`,
    // Rows of this year that were stored before its partition existed are in the default partition.
    `WITH moved AS (DELETE FROM daily_sales_rest WHERE day >= ${from} AND day < ${to} RETURNING *)
     INSERT INTO ${table} SELECT * FROM moved`,
    `ALTER TABLE daily_sales ATTACH PARTITION ${table} FOR VALUES FROM (${from}) TO (${to})`,
  ];
}

async function makeYear(tx: Tx, year: number): Promise<void> {
  for (const statement of making(year)) await tx.rows(statement);
}

/** Makes the partitions of these years that do not exist; returns how many it created. */
export async function ensureYears(db: Db, years: Iterable<number>): Promise<number> {
  let made = 0;
  for (const year of new Set(years)) {
    if (!Number.isInteger(year) || year < Number(FIRST_DAY.slice(0, 4)) || year > LAST_YEAR) continue;
    const isNew = await ensureTable(
      db,
      tableOf(year),
      (tx) => tx.rows(TAKE_TURNS),
      (tx) => makeYear(tx, year),
    );
    if (isNew) made += 1;
  }
  return made;
}
