// A table locked against all other sessions, so that a connection can reliably be cut off in the middle of a statement.

import { setTimeout as sleep } from 'node:timers/promises';
import { openDb } from '../../src/db/pool';
import { LOCK_WAITERS } from './lockWaits';

export interface LockedTable {
  /** Waits until a session waits for a lock, and ends all sessions that do. */
  cutWaiters(): Promise<void>;
  unlock(): Promise<void>;
}

/** Locks the table against reads and writes of other sessions until `unlock`. */
export async function lockTable(databaseUrl: string, table: string): Promise<LockedTable> {
  const db = openDb(databaseUrl, 2);
  const client = await db.pool.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return {
    async cutWaiters() {
      for (;;) {
        const cut = await db.rows(`SELECT pg_terminate_backend(pid) ${LOCK_WAITERS}`);
        if (cut.length > 0) return;
        await sleep(5);
      }
    },
    async unlock() {
      client.release(true);
      await db.close();
    },
  };
}
