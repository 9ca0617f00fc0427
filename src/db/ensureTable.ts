// Makes a table once, however many processes need it at the same time.

import type { Db, Tx } from './pool';
import { inTransaction } from './transaction';

/**
 * `exists`: the current schema has a table of the name $1. It reads pg_class as of the statement's beginning.
 * to_regclass() is not used: it answers from a cache that a wait for an advisory lock does not refresh, so that the
 * process that waited made the table a second time and failed ("relation ... already exists").
 */
const EXISTS = `
  SELECT EXISTS (
    SELECT FROM pg_class WHERE relname = $1::text AND relnamespace = current_schema()::regnamespace
  ) AS exists`;

async function exists(tx: Tx, table: string): Promise<boolean> {
  const [row] = await tx.rows<{ exists: boolean }>(EXISTS, [table]);
  return row!.exists;
}

/**
 * Runs `create` in a transaction unless there is a table of this name. `takeTurns` takes the advisory lock under which tables
 * of its kind are made. True: this call made the table.
 */
export async function ensureTable(
  db: Db,
  table: string,
  takeTurns: (tx: Tx) => Promise<unknown>,
  create: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  if (await exists(db, table)) return false;
  return inTransaction(db, async (tx) => {
    await takeTurns(tx);
    if (await exists(tx, table)) return false;
    await create(tx);
    return true;
  });
}
