// Claims of job runs: rows of job_run, inserted once per due time, kept alive by a heartbeat, taken over when it stops.

import type { Tx } from '../src/db/pool';
import type { JobFigures } from '../src/runtime/jobs';

/** Attempts at one due time: a job that kills its process must not kill one process after the other without end. */
export const MAX_RUN_ATTEMPTS = 3;
/** Heartbeats of a run in the time after which its process counts as dead. */
export const BEATS_PER_TAKEOVER = 6;
/** Seconds without a heartbeat after which the process of a run counts as dead, where no setting changes it. */
export const STALE_SECONDS = 60;
/** Minutes after which a run of a frequent job that found nothing to do is deleted. */
export const KEEP_IDLE_MINUTES = 10;

/** One due time of one job. */
export interface JobDue {
  job: string;
  dueAt: Date;
}

/** A due time claimed by this runner. */
export interface JobClaim extends JobDue {
  runner: string;
  attempts: number;
}

const secondsBefore = (now: Date, seconds: number): Date => new Date(now.getTime() - seconds * 1_000);

// A completed run is never claimed again; one that failed, or whose runner stopped its heartbeat, a bounded number of times.
const CLAIM = `
  INSERT INTO job_run AS r (job, due_at, status, runner, started_at, heartbeat_at)
  VALUES ($1, $2, 'RUNNING', $3, $4, $4)
  ON CONFLICT (job, due_at) DO UPDATE
  SET status = 'RUNNING', runner = $3, attempts = r.attempts + 1, started_at = $4, heartbeat_at = $4,
      finished_at = NULL, error = NULL
  WHERE r.attempts < $6 AND (r.status = 'FAILED' OR (r.status = 'RUNNING' AND r.heartbeat_at < $5))
  RETURNING attempts`;

/** Claims a due time for this runner; null when it is done, being run, or was tried `most` times already. */
export async function claim(
  tx: Tx,
  due: JobDue,
  runner: string,
  now: Date,
  { most = MAX_RUN_ATTEMPTS, staleSeconds = STALE_SECONDS }: { most?: number; staleSeconds?: number } = {},
): Promise<JobClaim | null> {
  const [row] = await tx.rows<{ attempts: number }>(CLAIM, [
    due.job,
    due.dueAt,
    runner,
    now,
    secondsBefore(now, staleSeconds),
    most,
  ]);
  return row ? { ...due, runner, attempts: row.attempts } : null;
}

const MINE = "job = $1 AND due_at = $2 AND runner = $3 AND attempts = $4 AND status = 'RUNNING'";
const BEAT = `UPDATE job_run SET heartbeat_at = $5 WHERE ${MINE} RETURNING 1 AS beat`;
const FINISH = `
  UPDATE job_run SET status = $5::job_status, finished_at = $6, heartbeat_at = $6, figures = $7::jsonb, error = $8
  WHERE ${MINE} RETURNING 1 AS finished`;

/** Renews the heartbeat of a run. False: another runner has taken it over. */
export async function beat(tx: Tx, { job, dueAt, runner, attempts }: JobClaim, now: Date): Promise<boolean> {
  return (await tx.rows(BEAT, [job, dueAt, runner, attempts, now])).length > 0;
}

const REPORT = `
  UPDATE job_run SET heartbeat_at = $5, figures = $6::jsonb WHERE ${MINE} RETURNING 1 AS reported`;

/** Renews the heartbeat of a run and stores its progress. False: another runner has taken it over. */
export async function report(
  tx: Tx,
  { job, dueAt, runner, attempts }: JobClaim,
  now: Date,
  figures: JobFigures,
): Promise<boolean> {
  const values = [job, dueAt, runner, attempts, now, JSON.stringify(figures)];
  return (await tx.rows(REPORT, values)).length > 0;
}

/** Records how the run ended: figures, or what went wrong. False: another runner has taken it over. */
export async function finish(
  tx: Tx,
  { job, dueAt, runner, attempts }: JobClaim,
  now: Date,
  end: { figures: JobFigures } | { error: string },
): Promise<boolean> {
  const [status, figures, error] =
    'figures' in end ? ['DONE', JSON.stringify(end.figures), null] : ['FAILED', null, end.error];
  const rows = await tx.rows(FINISH, [job, dueAt, runner, attempts, status, now, figures, error]);
  return rows.length > 0;
}

const UNFINISHED = `
  SELECT job, due_at AS "dueAt" FROM job_run
  WHERE job = $1 AND due_at >= $2 AND attempts < $4
    AND (status = 'RUNNING' OR status = 'FAILED') AND heartbeat_at < $3
  ORDER BY due_at LIMIT 10`;

/** Due times of a job since `from` that failed, or whose runner has had no heartbeat for so long. */
export function unfinished(
  tx: Tx,
  job: string,
  from: Date,
  now: Date,
  staleSeconds = STALE_SECONDS,
): Promise<JobDue[]> {
  return tx.rows<JobDue>(UNFINISHED, [job, from, secondsBefore(now, staleSeconds), MAX_RUN_ATTEMPTS]);
}

const GIVE_UP = `
  UPDATE job_run SET status = 'FAILED', finished_at = $4, error = 'its runner vanished; not tried again'
  WHERE job = $1 AND status = 'RUNNING' AND heartbeat_at < $2 AND (due_at < $3 OR attempts >= $5)
  RETURNING due_at AS "dueAt"`;

/** Marks runs without a heartbeat as failed when they are too old, or were tried too often, to be taken over. */
export async function giveUp(
  tx: Tx,
  job: string,
  from: Date,
  now: Date,
  staleSeconds = STALE_SECONDS,
): Promise<Date[]> {
  const stale = secondsBefore(now, staleSeconds);
  const rows = await tx.rows<{ dueAt: Date }>(GIVE_UP, [job, stale, from, now, MAX_RUN_ATTEMPTS]);
  return rows.map((row) => row.dueAt);
}

const KNOWN = 'SELECT 1 AS known FROM job_run WHERE job = $1 AND due_at = $2';

/** True when a runner runs or ran this due time. */
export async function isKnown(tx: Tx, { job, dueAt }: JobDue): Promise<boolean> {
  return (await tx.rows(KNOWN, [job, dueAt])).length > 0;
}

const DELETE_OLD = `
  DELETE FROM job_run WHERE job = $1 AND status <> 'RUNNING' AND (started_at < $2 OR ($3::timestamptz IS NOT NULL
    AND started_at < $3 AND status = 'DONE'
    AND NOT EXISTS (SELECT 1 FROM jsonb_each_text(figures) f WHERE f.value <> '0')))`;

/**
 * Deletes old runs by the time they ran: all before `before`, and before `idleBefore` (null: none) those that found
 * nothing to do.
 */
export async function deleteOldRuns(
  tx: Tx,
  job: string,
  before: Date,
  idleBefore: Date | null,
): Promise<void> {
  await tx.rows(DELETE_OLD, [job, before, idleBefore]);
}
