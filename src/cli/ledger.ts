// npm run ledger: lists the ledger's partitions, and detaches old ones while storing their sums.

import { parseArgs } from 'node:util';
import type { Db } from '../db/pool';
import { OperatorError } from '../refusals';
import { boot, run } from '../server/boot';
import { detachBefore } from '../stock/actions/detach';
import { detachedPartitions, sealedThrough } from '../stock/queries/detached';
import { lastDrawnId, partitions } from '../stock/queries/partitions';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const count = (n: number): string => n.toLocaleString('en');
const day = (at: Date | null): string => at?.toISOString().slice(0, 10) ?? 'never';

const SIZES = `
  SELECT pg_size_pretty(pg_total_relation_size(n.name::regclass)) AS size FROM unnest($1::text[]) WITH ORDINALITY n(name, ord)
  ORDER BY n.ord`;
const FIRST = `
  SELECT (SELECT min(created_at) FROM stock_move WHERE id >= n.id) AS at FROM unnest($1::bigint[]) WITH ORDINALITY n(id, ord)
  ORDER BY n.ord`;

async function list(db: Db): Promise<void> {
  for (const d of await detachedPartitions(db)) {
    const where = d.there ? 'its table is still here' : 'its table was dropped';
    print(
      `${d.name}: ${count(d.moves)} moves of ${day(d.firstAt)} to ${day(d.lastAt)}, detached ${day(d.detachedAt)}; ${where}; carried sums ${d.carriedHash}`,
    );
  }
  const there = await partitions(db);
  const [drawn, sealed] = [await lastDrawnId(db), await sealedThrough(db)];
  const sizes = await db.rows<{ size: string }>(SIZES, [there.map((s) => s.name)]);
  const first = await db.rows<{ at: Date | null }>(FIRST, [there.map((s) => s.from ?? 0)]);
  for (const [i, { name, from, to }] of there.entries()) {
    const ids = `moves ${count(from ?? 1)} to ${to === null ? 'without end' : count(to - 1)}`;
    const state =
      drawn < (from ?? 0)
        ? 'empty'
        : `from ${day(first[i]!.at)} on, ${to === null || drawn < to ? 'written now' : sealed >= to - 1 ? 'sealed' : 'not sealed yet'}`;
    print(`${name}: ${ids}, ${sizes[i]!.size}, ${state}`);
  }
}

async function detach(db: Db, before: Date, now: Date): Promise<void> {
  await detachBefore(db, before, now, (d) => {
    print(`${d.name}: ${count(d.moves)} moves of ${day(d.firstAt)} to ${day(d.lastAt)} are detached.`);
    print(`  Their sums are kept: ${d.carriedHash} (keep this hash elsewhere).`);
    print(`  To archive them: pg_dump --table=${d.name} …, then DROP TABLE ${d.name}.`);
  });
}

const USAGE = 'npm run ledger -- --list, or npm run ledger -- --detach-before 2025-01-01';

/** Null: list. @throws OperatorError */
function readArguments(args: string[]): Date | null {
  try {
    const { values } = parseArgs({
      args,
      options: { list: { type: 'boolean' }, 'detach-before': { type: 'string' } },
    });
    const before = values['detach-before'];
    if ((before === undefined) === (values.list !== true)) throw new Error('Give one of the two');
    if (before === undefined) return null;
    const at = new Date(`${before}T00:00:00Z`);
    if (!/^\d{4}-\d\d-\d\d$/.test(before) || Number.isNaN(at.getTime()) || day(at) !== before)
      throw new Error(`--detach-before is '${before}', not a day like 2025-01-01`);
    return at;
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}. Usage: ${USAGE}`);
  }
}

async function main(): Promise<void> {
  const before = readArguments(process.argv.slice(2));
  const { parts, close } = await boot(print);
  try {
    await (before === null ? list(parts.db) : detach(parts.db, before, parts.clock()));
  } finally {
    await close();
  }
}

void run(main);
