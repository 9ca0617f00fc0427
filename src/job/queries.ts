// Reads of job runs: what ran when, and how it went. The jobs themselves live in jobs/.

import type { Tx } from '../db/pool';

/** One due time of one job. */
export interface RunKey {
  job: string;
  dueAt: Date;
}

export interface JobRunRow extends RunKey {
  status: 'RUNNING' | 'DONE' | 'FAILED';
  runner: string;
  attempts: number;
  startedAt: Date;
  finishedAt: Date | null;
  figures: Record<string, number> | null;
  error: string | null;
}

const COLUMNS = `
  job, due_at AS "dueAt", status, runner, attempts, started_at AS "startedAt", finished_at AS "finishedAt", figures, error`;

const PAGE = `
  SELECT ${COLUMNS} FROM job_run
  WHERE ($1::text IS NULL OR job = $1) AND ($2::timestamptz IS NULL OR (due_at, job) < ($2, $3::text))
  ORDER BY due_at DESC, job DESC LIMIT $4`;

/** A page of runs, the latest due time first, beyond `after`. */
export function jobRunPage(
  tx: Tx,
  job: string | null,
  after: RunKey | null,
  limit: number,
): Promise<JobRunRow[]> {
  return tx.rows<JobRunRow>(PAGE, [job, after?.dueAt ?? null, after?.job ?? null, limit]);
}
