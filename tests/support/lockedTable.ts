// A table locked in the face of everyone else, so that a connection can be cut off in the middle of a statement for certain.

import { setTimeout as sleep } from 'node:timers/promises';
import { openDb } from '../../src/db/pool';

export interface LockedTable {
  /** Waits until somebody waits for a lock, and ends the sessions of all who do. */
  cutWaiters(): Promise<void>;
  unlock(): Promise<void>;
}

/** Locks the table; nobody else reads or writes it until `unlock`. */
export async function lockTable(databaseUrl: string, table: string): Promise<LockedTable> {
  const db = openDb(databaseUrl, 2);
  const client = await db.pool.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return {
    async cutWaiters() {
      for (;;) {
        const cut = await db.rows(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND backend_type = 'client backend' AND wait_event_type = 'Lock'`,
        );
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
