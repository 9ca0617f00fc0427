// Finds in which tables of the database a mark still stands, that was written into every text of a customer.

import type { TestApp } from '../support/app';

const TABLES = `
  SELECT c.relname AS name FROM pg_class c
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`;

/** The tables in which a text that matches the pattern stands, in any column of any row. */
export async function tablesWith(app: TestApp, pattern: string): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await app.db.rows<{ name: string }>(TABLES)) {
    const { rowCount } = await app.db.pool.query(`SELECT 1 FROM "${name}" t WHERE t::text ~* $1`, [pattern]);
    if (rowCount !== 0) found.push(name);
  }
  return found;
}
