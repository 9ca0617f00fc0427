// Heartbeats of the workers that take partitions from the queue, and which of them count as dead. By the database's clock.

import type { Tx } from '../../src/db/pool';

const BEAT = `
  INSERT INTO job_worker (id, runner) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET heartbeat_at = now()`;

/** Renews the heartbeat of a worker. */
export async function beatWorker(tx: Tx, id: string, runner: string): Promise<void> {
  await tx.rows(BEAT, [id, runner]);
}

const LEAVE = 'DELETE FROM job_worker WHERE id = $1';

/** Removes a worker that has stopped. */
export async function removeWorker(tx: Tx, id: string): Promise<void> {
  await tx.rows(LEAVE, [id]);
}

// A worker that died before its first heartbeat has no row: its locks are as old as its death.
const DEAD = `
  SELECT DISTINCT q.locked_by AS id FROM graphile_worker.jobs q
  WHERE q.locked_at < now() - make_interval(secs => $1::float8) AND NOT EXISTS (
    SELECT FROM job_worker w WHERE w.id = q.locked_by AND w.heartbeat_at >= now() - make_interval(secs => $1::float8))`;

/** Workers that have locked partitions, and have had no heartbeat for so many seconds. */
export async function deadWorkers(tx: Tx, seconds: number): Promise<string[]> {
  return (await tx.rows<{ id: string }>(DEAD, [seconds])).map((row) => row.id);
}

const LOCKED_ENTRIES = `
  SELECT q.id, now() + make_interval(secs => $2::float8 * (row_number() OVER (ORDER BY q.id) - 1)) AS "runAt"
  FROM graphile_worker.jobs q WHERE q.locked_by = ANY($1::text[]) ORDER BY q.id`;
const UNLOCK = 'SELECT 1 AS unlocked FROM graphile_worker.force_unlock_workers($1::text[])';
const DEFER = 'SELECT id FROM graphile_worker.reschedule_jobs(ARRAY[$1]::bigint[], $2::timestamptz)';

/**
 * Gives back what these workers hold, so many seconds apart: executed together again, the neighbours of an entry that killed
 * its worker would share its next death.
 */
export async function giveBack(tx: Tx, workers: readonly string[], apartSeconds: number): Promise<void> {
  const locked = await tx.rows<{ id: number; runAt: Date }>(LOCKED_ENTRIES, [workers, apartSeconds]);
  await tx.rows(UNLOCK, [workers]);
  for (const { id, runAt } of locked) await tx.rows(DEFER, [id, runAt]);
}

const DELETE_OLD =
  'DELETE FROM job_worker WHERE heartbeat_at < now() - make_interval(secs => 10 * $1::float8)';

/** Deletes workers that died long ago. */
export async function deleteOldWorkers(tx: Tx, seconds: number): Promise<void> {
  await tx.rows(DELETE_OLD, [seconds]);
}

/** An entry of the queue whose worker died in its last attempt: nobody takes it any more. */
export interface LostEntry {
  id: string;
  key: string;
  attempts: number;
  lastError: string | null;
}

const LOST = `
  SELECT id, key, attempts, last_error AS "lastError" FROM graphile_worker.jobs
  WHERE attempts >= max_attempts AND locked_at IS NULL AND key IS NOT NULL AND task_identifier = ANY($1::text[])
  ORDER BY id LIMIT 100`;

/** Entries for these kinds of tasks that are not executed any more although nobody has recorded a failure. */
export async function lostEntries(tx: Tx, identifiers: readonly string[]): Promise<LostEntry[]> {
  const rows = await tx.rows<Omit<LostEntry, 'id'> & { id: number }>(LOST, [identifiers]);
  return rows.map((row) => ({ ...row, id: String(row.id) }));
}

// The library's own call takes 0 attempts for none given.
const RETURN =
  'SELECT id FROM graphile_worker.reschedule_jobs(ARRAY[$1::bigint], run_at => now(), attempts => $2::int)';

/** Lets an entry be taken at once, with so many attempts behind it. */
export async function returnEntry(tx: Tx, id: string, attempts: number): Promise<void> {
  await tx.rows(RETURN, [id, attempts]);
}
