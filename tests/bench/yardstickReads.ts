// The statements of real requests as a script for pgbench: the same texts, with the values that the requests had.

import type { Db } from '../../src/db/pool';
import type { Sent } from './wireTap';
import type { Script } from './yardstickPgbench';

/** Requests in one transaction of pgbench's: their values are fetched with one lookup, so that its share is small. */
const TOGETHER = 8;
const TABLE = 'bench_ask';

/** The same statements, with NULL in the same locations. */
const shapeOf = (request: readonly Sent[]): string =>
  JSON.stringify(request.map(({ text, values }) => [text, values.map((v) => v === null)]));

/** The requests of the shape that most have: the others also looked up a token or filled a cache. */
export function usual(requests: readonly Sent[][]): Sent[][] {
  const byShape = new Map<string, Sent[][]>();
  for (const request of requests) {
    const shape = shapeOf(request);
    byShape.set(shape, [...(byShape.get(shape) ?? []), request]);
  }
  return [...byShape.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}

const nameOf = (request: number, statement: number, value: number): string =>
  `r${request}s${statement}v${value}`;

/** A statement in pgbench's syntax: `$3` becomes a variable, and texts that look like variables are escaped. */
export function scripted({ text, values }: Sent, request: number, statement: number): string {
  const plain = text
    .trim()
    .replace(/--.*$/gm, '')
    .replace(/;\s*$/, '')
    .replace(/(?<!:):(?=[\w$])/g, ': ');
  // A variable that was never set is sent as NULL.
  return plain.replace(/\$(\d+)/g, (_whole, n: string) => {
    const index = Number(n) - 1;
    return values[index] === null ? ':nothing' : `:${nameOf(request, statement, index)}`;
  });
}

/**
 * Writes the values of these requests (all of one shape) into a table, and gives the script that draws some of them and
 * sends their statements. Null when they sent none: there is no SQL to set the answers against.
 */
export async function readsScript(
  db: Db,
  requests: readonly Sent[][],
  table = TABLE,
): Promise<Script | null> {
  const [first] = requests;
  const rows = Math.floor(requests.length / TOGETHER);
  if (first === undefined || first.length === 0 || rows === 0) return null;
  const cells = Array.from({ length: TOGETHER }, (_, r) =>
    first.flatMap(({ values }, s) => values.flatMap((v, i) => (v === null ? [] : { r, s, i }))),
  ).flat();
  const columns = cells.map(({ r, s, i }) => nameOf(r, s, i));
  await db.pool.query(`DROP TABLE IF EXISTS ${table}`);
  await db.pool.query(
    `CREATE TABLE ${table} (n int PRIMARY KEY, ${columns.map((c) => `${c} text STORAGE EXTERNAL`).join(', ')})`,
  );
  for (let n = 0; n < rows; n += 1) {
    const values = cells.map(({ r, s, i }) => requests[n * TOGETHER + r]![s]!.values[i]);
    const marks = values.map((_, i) => `$${i + 2}`).join(', ');
    await db.pool.query(`INSERT INTO ${table} VALUES ($1, ${marks})`, [n, ...values]);
  }
  await db.pool.query(`VACUUM ANALYZE ${table}`);
  const statements = Array.from({ length: TOGETHER }, (_, r) =>
    first.map((sent, s) => `${scripted(sent, r, s)};\n`).join(''),
  );
  return {
    text: `\\set n random(0, ${rows - 1})\nSELECT ${columns.join(', ')} FROM ${table} WHERE n = :n \\gset\n${statements.join('')}`,
    variables: {},
    requests: TOGETHER,
  };
}

/** The statements of one request, for the eye: each in one line. */
export function statementsOf([first]: readonly Sent[][]): string[] {
  return (first ?? []).map(({ text }) => text.replace(/\s+/g, ' ').trim());
}
