// The returns forecast run of a due time: choose locations, fit once, then forecast location after location in worker threads.

import path from 'node:path';
import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { latestNightlyWindows } from '../../../location/queries/nightlyWindows';
import {
  type JobContext,
  type ReportProgress,
  type TaskExecutor,
  type TaskKind,
  type TaskLimits,
  throwFailure,
  withExecutor,
} from '../../../runtime/jobs';
import { DAY_MS } from '../../../values/time';
import type { ReturnsTask } from './thread';

/** Weeks ahead. */
const HORIZON_WEEKS = 12;
/** Runs are kept for so many days. */
const KEEP_DAYS = 62;
/** Learning is tried again at once only because the machine that does it may die. */
const LEARN_LIMITS: TaskLimits = { timeoutMs: 900_000, tries: 2 };
/** The run continues without a location that failed so often, and fails at its end. */
const LOCATION_LIMITS: TaskLimits = { timeoutMs: 900_000, tries: 3 };
export const RETURNS_TASKS: TaskKind = {
  name: 'forecastReturns',
  version: 1,
  workerFile: path.join(__dirname, './thread.ts'),
};

interface ReturnsRunRecord {
  id: number;
  hasLearnt: boolean;
}

// A location that never sold anything is not taken, so that its cut day is free once it has a history.
const OPEN = `
  WITH free AS (
    SELECT n.location_id, n.cut_day FROM unnest($1::int[], $2::date[]) AS n (location_id, cut_day)
    WHERE NOT EXISTS (SELECT FROM returns_night f WHERE f.location_id = n.location_id AND f.cut_day = n.cut_day)
      AND EXISTS (SELECT FROM daily_sales s WHERE s.location_id = n.location_id AND s.day <= n.cut_day)),
  opened AS (
    INSERT INTO returns_run (due_at, cut_day, horizon_weeks, started_at)
    SELECT DISTINCT $3::timestamptz, cut_day, $4::smallint, $5::timestamptz FROM free
    ON CONFLICT (due_at, cut_day) DO NOTHING RETURNING id, cut_day)
  INSERT INTO returns_night (location_id, cut_day, run_id)
  SELECT f.location_id, f.cut_day, o.id FROM free f JOIN opened o USING (cut_day)
  ON CONFLICT DO NOTHING`;
// A concurrent due time has taken all cut days of this run.
const EMPTY = `
  DELETE FROM returns_run r
  WHERE due_at = $1 AND learnt IS NULL AND NOT EXISTS (SELECT FROM returns_night n WHERE n.run_id = r.id)`;
const UNDONE = `
  SELECT id, learnt IS NOT NULL AS "hasLearnt" FROM returns_run r
  WHERE due_at = $1 AND EXISTS (SELECT FROM returns_night n WHERE n.run_id = r.id AND n.done_at IS NULL)
  ORDER BY cut_day`;
const UNFINISHED_LOCATIONS = `
  SELECT location_id AS "locationId" FROM returns_night WHERE run_id = $1 AND done_at IS NULL ORDER BY location_id`;
const EXTENT = `
  SELECT count(*) AS locations, count(n.done_at) AS "locationsDone", coalesce(sum(n.forecasts), 0) AS forecasts,
    coalesce(sum(n.without_history), 0) AS "withoutHistory",
    (SELECT coalesce(sum(learnt_from), 0) FROM returns_run WHERE due_at = $1) AS "learntFrom"
  FROM returns_night n JOIN returns_run r ON r.id = n.run_id WHERE r.due_at = $1`;
const DELETE_OLD = 'DELETE FROM returns_run WHERE cut_day < $1::date AND started_at < $2';

/** How far the runs of a due time have come. */
async function extentOf(tx: Tx, dueAt: Date): Promise<Record<string, number>> {
  const [extent] = await tx.rows<Record<string, number>>(EXTENT, [dueAt]);
  return extent!;
}

/** Opens a run for each cut day that no run covers yet; answers all of the due time that are not done. */
function openRuns(
  db: Db,
  dueAt: Date,
  locationDays: readonly { locationId: number; cutDay: string }[],
  now: Date,
): Promise<ReturnsRunRecord[]> {
  return inTransaction(db, async (tx) => {
    const locationIds = locationDays.map((d) => d.locationId);
    const days = locationDays.map((d) => d.cutDay);
    await tx.rows(OPEN, [locationIds, days, dueAt, HORIZON_WEEKS, now]);
    await tx.rows(EMPTY, [dueAt]);
    return tx.rows<ReturnsRunRecord>(UNDONE, [dueAt]);
  });
}

/** @throws the first failure, after all other locations */
async function doRun(db: Db, executor: TaskExecutor<ReturnsTask>, run: ReturnsRunRecord): Promise<void> {
  if (!run.hasLearnt) {
    const learnt = await executor.runAll({
      name: `learn ${run.id}`,
      tasks: [{ runId: run.id, locationId: null }],
      numberOf: () => 0,
      limits: LEARN_LIMITS,
      warning: 'the returns model of a run could not be learned',
    });
    throwFailure(learnt);
  }
  const left = await db.rows<{ locationId: number }>(UNFINISHED_LOCATIONS, [run.id]);
  const end = await executor.runAll({
    name: `locations ${run.id}`,
    tasks: left.map(({ locationId }) => ({ runId: run.id, locationId })),
    numberOf: ({ locationId }) => locationId,
    limits: LOCATION_LIMITS,
    warning: 'the returns of a location could not be forecast',
  });
  throwFailure(end);
}

/**
 * Forecasts returns of the latest run at `dueAt` of every location whose run is not taken yet. Resumable at any point:
 * what is done is not done again. Memory grows with the number of SKUs (about 2 KB each), not with the locations.
 */
export async function runReturnsForecast(
  context: JobContext,
  dueAt: Date,
  progress: ReportProgress,
): Promise<Record<string, number>> {
  const { db, clock, log } = context;
  const locationDays = await latestNightlyWindows(db, dueAt);
  const runs = await openRuns(db, dueAt, locationDays, clock());
  if (runs.length > 0) {
    const figures = () => extentOf(db, dueAt);
    await withExecutor<ReturnsTask, void>(context, RETURNS_TASKS, { figures, progress }, async (executor) => {
      for (const run of runs) await doRun(db, executor, run);
    });
    const before = new Date(clock().getTime() - KEEP_DAYS * DAY_MS);
    await db
      .rows(DELETE_OLD, [before.toISOString().slice(0, 10), before])
      .catch((error: unknown) => log.warn({ err: error }, 'old return forecasts could not be deleted'));
  }
  const extent = await extentOf(db, dueAt);
  return extent.locations === 0 ? { locations: 0 } : extent;
}
