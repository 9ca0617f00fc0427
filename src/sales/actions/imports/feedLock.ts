// One import of a feed at a time, over all processes.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../../db/pool';
import { refuse } from '../../../refusals';

const TRY_LOCK = `SELECT pg_try_advisory_lock(hashtext('comptoir import'), $1) AS ours`;
const WAIT_SECONDS = 600;
const RETRY_MS = 500;

/** Runs `work` while no other process imports for this feed. The lock ends with its connection, also when the process is killed. */
export function alone<T>(db: Db, feedId: number, work: () => Promise<T>): Promise<T> {
  return db.session(async (client) => {
    for (let waited = 0; ; waited += RETRY_MS) {
      const { rows } = await client.query<{ ours: boolean }>(TRY_LOCK, [feedId]);
      if (rows[0]!.ours) break;
      if (waited >= WAIT_SECONDS * 1_000) {
        const message = `another import of this feed has been going on for ${WAIT_SECONDS} seconds; try again later.`;
        refuse('Busy', message, { retryAfterSeconds: WAIT_SECONDS });
      }
      await sleep(RETRY_MS);
    }
    return work();
  });
}
