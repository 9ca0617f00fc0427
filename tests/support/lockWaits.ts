// Sessions that wait for a lock, so that a test can go on at the moment when they do.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Tx } from '../../src/db/pool';

/** The sessions of this database that wait for a lock, as rows of pg_stat_activity. */
export const LOCK_WAITERS = `
  FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend' AND wait_event_type = 'Lock'`;

/** How many sessions wait for a lock now. */
export async function lockWaiters(db: Pick<Tx, 'rows'>): Promise<number> {
  const [row] = await db.rows<{ n: number }>(`SELECT count(*)::int AS n ${LOCK_WAITERS}`);
  return row!.n;
}

/** Circles of waiting transactions that PostgreSQL has broken in this database. The program does such commands again, so only this shows them. */
export async function deadlockCount(db: Pick<Tx, 'rows'>): Promise<number> {
  const [row] = await db.rows<{ deadlocks: number }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return row!.deadlocks;
}

/** Waits until so many sessions wait for a lock. */
export async function untilLocked(db: Pick<Tx, 'rows'>, count = 1): Promise<void> {
  while ((await lockWaiters(db)) < count) await sleep(5);
}
