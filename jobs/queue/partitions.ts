// Rows of job_partition: the tasks of a shared run, what came of each, and which of them the queue does not have.

import type { Tx } from '../../src/db/pool';
import type { FailedTask, StageEnd, StageExtent, TaskResult } from '../../src/runtime/jobs';
import type { JobDue } from '../claims';

/** One stage of one run. */
export interface StageKey extends JobDue {
  stage: string;
}

/** One task of one stage. */
export interface PartitionKey extends StageKey {
  number: number;
}

const OF_STAGE = 'job = $1 AND due_at = $2 AND stage = $3';
const ONE = `${OF_STAGE} AND number = $4`;
const valuesOf = ({ job, dueAt, stage }: StageKey): unknown[] => [job, dueAt, stage];

// What an earlier attempt at the run finished stays finished; what failed there is tried again.
const RECORD = `
  INSERT INTO job_partition AS p (job, due_at, stage, number, task)
  SELECT $1, $2, $3, t.number, t.task::jsonb FROM unnest($4::int[], $5::text[]) AS t (number, task)
  ON CONFLICT (job, due_at, stage, number) DO UPDATE SET task = excluded.task, error = NULL, finished_at = NULL, worker = NULL
  WHERE p.error IS NOT NULL`;
/** Tasks that are recorded in one statement. */
const RECORDED_AT_ONCE = 5_000;

/** Records the tasks of a stage. */
export async function recordTasks<Task>(
  tx: Tx,
  stage: StageKey,
  tasks: readonly Task[],
  numberOf: (task: Task) => number,
): Promise<void> {
  for (let at = 0; at < tasks.length; at += RECORDED_AT_ONCE) {
    const some = tasks.slice(at, at + RECORDED_AT_ONCE);
    const texts = some.map((task) => JSON.stringify(task));
    await tx.rows(RECORD, [...valuesOf(stage), some.map(numberOf), texts]);
  }
}

/** The same text as `queueKey`. */
const QUEUE_KEY = `p.job || ' ' || (extract(epoch FROM p.due_at) * 1000)::bigint || ' ' || p.stage || ' ' || p.number`;

/** The key by which the queue knows a partition: it holds one entry for each at most. */
export function queueKey({ job, dueAt, stage, number }: PartitionKey): string {
  return `${job} ${dueAt.getTime()} ${stage} ${number}`;
}

// An entry of an earlier release that nobody executes now is replaced: no machine may be left that knows its version.
const MISSING = `
  SELECT p.number FROM job_partition p
  WHERE ${OF_STAGE} AND p.finished_at IS NULL AND NOT EXISTS (
    SELECT FROM graphile_worker.jobs q
    WHERE q.key = ${QUEUE_KEY} AND (q.task_identifier = $4 OR q.locked_at IS NOT NULL))
  ORDER BY p.number LIMIT $5`;

/** Numbers of unfinished tasks that the queue does not have for this identifier. */
export async function missingInQueue(
  tx: Tx,
  stage: StageKey,
  identifier: string,
  limit: number,
): Promise<number[]> {
  const rows = await tx.rows<{ number: number }>(MISSING, [...valuesOf(stage), identifier, limit]);
  return rows.map((row) => row.number);
}

const QUEUED = `
  SELECT q.id FROM job_partition p JOIN graphile_worker.jobs q ON q.key = ${QUEUE_KEY}
  WHERE ${OF_STAGE} AND p.finished_at IS NULL AND q.locked_at IS NULL`;

/** Ids of the queue's entries of a stage that nobody is executing. */
export async function waitingInQueue(tx: Tx, stage: StageKey): Promise<string[]> {
  return (await tx.rows<{ id: number }>(QUEUED, valuesOf(stage))).map((row) => String(row.id));
}

const COUNT = `
  SELECT count(*) FILTER (WHERE finished_at IS NULL) AS open, count(error) AS failed FROM job_partition WHERE ${OF_STAGE}`;

/** How many tasks of a stage are still to be done, and how many failed for good. */
export async function countStage(tx: Tx, stage: StageKey): Promise<{ open: number; failed: number }> {
  const [counts] = await tx.rows<{ open: number; failed: number }>(COUNT, valuesOf(stage));
  return counts!;
}

const DONE_COUNT = `
  SELECT count(*) AS done FROM job_partition WHERE ${OF_STAGE} AND finished_at IS NOT NULL AND error IS NULL`;
const SUMS = `
  SELECT r.key, sum(r.value::float8) AS value FROM job_partition p CROSS JOIN LATERAL jsonb_each_text(p.result) AS r
  WHERE ${OF_STAGE} AND p.error IS NULL AND jsonb_typeof(p.result) = 'object' GROUP BY 1 ORDER BY 1`;

/** What a stage has done so far, on all machines. */
export async function extentOfStage(tx: Tx, stage: StageKey): Promise<StageExtent> {
  const [counted] = await tx.rows<{ done: number }>(DONE_COUNT, valuesOf(stage));
  const sums = await tx.rows<{ key: string; value: number }>(SUMS, valuesOf(stage));
  return { done: counted!.done, sums: Object.fromEntries(sums.map(({ key, value }) => [key, value])) };
}

const FAILED = `
  SELECT task, coalesce(error, '') AS error FROM job_partition WHERE ${OF_STAGE} AND error IS NOT NULL ORDER BY number LIMIT 1000`;

/** The outcome of a stage: its extent, and the tasks that failed for good. */
export async function endOfStage<Task>(tx: Tx, stage: StageKey): Promise<StageEnd<Task>> {
  const rows = await tx.rows<{ task: Task; error: string }>(FAILED, valuesOf(stage));
  const failed: FailedTask<Task>[] = rows.map(({ task, error }) => ({ task, error: new Error(error) }));
  return { ...(await extentOfStage(tx, stage)), failed };
}

const OPEN_TASK = `SELECT task FROM job_partition WHERE ${ONE} AND finished_at IS NULL`;

/** The task of a partition that is still to be done; null: it is finished, or its run was deleted. */
export async function openTask(tx: Tx, key: PartitionKey): Promise<object | null> {
  const [row] = await tx.rows<{ task: object }>(OPEN_TASK, [...valuesOf(key), key.number]);
  return row?.task ?? null;
}

const FINISH = `
  UPDATE job_partition SET worker = $5, finished_at = now(), result = $6::jsonb, error = $7
  WHERE ${ONE} AND finished_at IS NULL`;

/** Records the outcome of a partition, unless another worker has recorded one. */
export async function finishPartition(
  tx: Tx,
  key: PartitionKey,
  worker: string,
  end: { result: TaskResult } | { error: string },
): Promise<void> {
  const [result, error] = 'result' in end ? [JSON.stringify(end.result), null] : [null, end.error];
  await tx.rows(FINISH, [...valuesOf(key), key.number, worker, result, error]);
}

const DELETE = 'DELETE FROM job_partition WHERE job = $1 AND due_at = $2';

/** Deletes the partitions of a run that is done: its figures stay in job_run. */
export async function deletePartitions(tx: Tx, { job, dueAt }: JobDue): Promise<void> {
  await tx.rows(DELETE, [job, dueAt]);
}
