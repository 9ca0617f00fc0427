// One transaction: BEGIN, the work, COMMIT; run again on a serialization failure or deadlock, a bounded number of times.

import { type Db, type Tx, txOn } from './pool';

const MAX_ATTEMPTS = 5;
const RETRIABLE = new Set(['40001', '40P01']);

/** PostgreSQL's SQLSTATE of an error, if it has one. */
export function sqlState(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

/** Runs `work` in one READ COMMITTED transaction. `work` must do nothing but SQL: it may run more than once. */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await db.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(txOn(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((e: Error) => {
        broken = e; // the connection is gone; PostgreSQL has rolled back by itself
      });
      if (attempt >= MAX_ATTEMPTS || !RETRIABLE.has(sqlState(error) ?? '')) throw error;
    } finally {
      client.release(broken);
    }
  }
}
