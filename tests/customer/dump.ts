// A full dump of the database, made from its catalogue: in which columns planted words stand.

import type { TestApp } from '../support/app';

/** The columns of every table, of whatever type and schema, as texts; partitions in place of their parents. */
const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS relation, c.relname AS "table",
         array_agg(a.attname::text ORDER BY a.attnum) AS columns,
         array_agg(format(CASE WHEN a.atttypid = 'bytea'::regtype THEN 'encode(%I, ''escape'')' ELSE '%I::text' END, a.attname)
                   ORDER BY a.attnum) AS texts
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  GROUP BY 1, 2 ORDER BY 1`;

interface DumpedTable {
  relation: string;
  table: string;
  columns: string[];
  texts: string[];
}

/** By `table.column` the planted words that stand in it. */
export async function plantedIn(app: TestApp, words: readonly string[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  const pattern = words.map((one) => one.replace(/[^\w]/g, '\\$&')).join('|');
  const tables = await app.db.rows<DumpedTable>(TABLES);
  expect(tables.flatMap(({ columns }) => columns).length).toBeGreaterThan(500);
  for (const { relation, table, columns, texts } of tables) {
    const values = `ARRAY[${texts.join(', ')}]`;
    const { rows } = await app.db.pool.query<{ values: (string | null)[] }>(
      `SELECT ${values} AS values FROM ${relation} WHERE ${values}::text ~* $1`,
      [pattern],
    );
    for (const [i, column] of columns.entries()) {
      const all = rows.map((row) => row.values[i]?.toLowerCase() ?? '').join('\n');
      const own = words.filter((one) => all.includes(one.toLowerCase()));
      if (own.length > 0) found[`${table}.${column}`] = own;
    }
  }
  return found;
}
