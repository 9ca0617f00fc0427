// Whether the ledger is true after all that was sent, and whether a refused request left a trace in them.

import type { Db } from '../../src/db/pool';
import { stockDrift } from '../../src/stock/queries/levels';

const TABLES = `
  SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname NOT IN ('_prisma_migrations', 'command', 'stock_move', 'job_run')
  ORDER BY 1`;
const MOVES = `SELECT count(*)::int AS n FROM stock_move WHERE reason <> 'HOLD_EXPIRED'`;

/** What every table holds, in a word each; commands are left out: a refusal is remembered there. */
export async function fingerprint(db: Db): Promise<Map<string, string>> {
  const tables = await db.rows<{ name: string }>(TABLES);
  const sums = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS sum FROM ${name} t`,
  );
  const found = await db.rows<{ name: string; sum: string }>(sums.join(' UNION ALL '));
  const [moves] = await db.rows<{ n: number }>(MOVES);
  return new Map([...found.map(({ name, sum }) => [name, sum] as const), ['stock_move', String(moves!.n)]]);
}

/** The last move, to tell whether only reservations past their time were swept since. */
export async function sweptSince(
  db: Db,
  position: string | null,
): Promise<{ last: string | null; swept: boolean }> {
  const [found] = await db.rows<{ last: string | null; swept: boolean }>(
    `SELECT max(id)::text AS last,
            coalesce(bool_or(id > $1::bigint AND reason = 'HOLD_EXPIRED'), false) AS swept FROM stock_move`,
    [position ?? '0'],
  );
  return found!;
}

/** The tables that are not what they were. */
export function changedTables(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...after].filter(([name, sum]) => before.get(name) !== sum).map(([name]) => name);
}

const UNITS = `
  SELECT (SELECT coalesce(sum(available + reserved + staged + quarantine + in_transit), 0)::int FROM stock_level) AS inside,
         (SELECT coalesce(sum(CASE WHEN from_bucket >= 'SUPPLIER' THEN quantity
                                   WHEN to_bucket >= 'SUPPLIER' THEN -quantity ELSE 0 END), 0)::int
          FROM stock_move) AS moved`;
// A reservation past its time is swept by whoever wants its units, and stays swept when they are not enough.
const UNEXPLAINED = `
  SELECT c.action, m.reason::text, count(*)::int AS moves FROM stock_move m LEFT JOIN command c ON c.id = m.command_id
  WHERE m.reason <> 'HOLD_EXPIRED' AND NOT coalesce(c.outcome ? 'value', false) GROUP BY 1, 2`;

/** What is wrong with the ledger: each unit came through a command that was answered with success. */
export async function wrongInBooks(db: Db): Promise<object[]> {
  const [units] = await db.rows<{ inside: number; moved: number }>(UNITS);
  const found: object[] = [...(await stockDrift(db)), ...(await db.rows<object>(UNEXPLAINED))];
  if (units!.inside !== units!.moved || units!.inside <= 0) found.push(units!);
  return found;
}
