// The demand forecast run of a due time: choose locations, fit once, then forecast partition after partition in worker threads.

import path from 'node:path';
import { makeMonths } from '../../../db/months';
import { latestNightlyWindows } from '../../../location/queries/nightlyWindows';
import { type JobContext, JobThreads, type ReportProgress, type TaskLimits } from '../../../runtime/jobs';
import { dropOldMonths } from '../months';
import {
  closeRun,
  extentOf,
  type ForecastRunRecord,
  failuresOf,
  leftOut,
  openPartitions,
  openRuns,
  type RunExtent,
} from '../runs';
import type { PartitionTimes } from './partition';
import type { DemandTask } from './thread';

/** Days ahead. */
export const HORIZON_DAYS = 28;
/**
 * A part takes seconds; one that takes longer than this is taken to hang. The run continues without a part that failed so
 * often, and fails at its end; when so many parts fail it stops, as the cause is then common to all.
 */
const PARTITION_LIMITS: TaskLimits = { timeoutMs: 300_000, tries: 3, maxFailures: 10 };
const LEARN_TIMEOUT_MS = 900_000;
const STAGES = ['read', 'forecast', 'write'] as const;
const WORKER = path.join(__dirname, './thread.ts');

type DemandThreads = JobThreads<DemandTask, PartitionTimes | null>;

/** Forecasts what is still to be done of a run. @throws when parts failed, after all others */
async function forecastPartitions(
  { db, log }: JobContext,
  tasks: DemandThreads,
  run: ForecastRunRecord,
): Promise<void> {
  const open = (await openPartitions(db, run.id)).map((part) => ({ runId: run.id, part }));
  const took = { read: 0, forecast: 0, write: 0 };
  const failed = await tasks.runAll(open, PARTITION_LIMITS, 'a partition of the forecast failed', (times) => {
    for (const stage of STAGES) took[stage] += times?.[stage] ?? 0;
  });
  const [first] = failed;
  if (first === undefined) {
    log.info({ runId: run.id, threads: tasks.size, threadMs: took }, 'all partitions of a run are done');
    return;
  }
  const which = failed.map(({ task }) => task.part).join(', ');
  const why = first.error instanceof Error ? first.error.message : String(first.error);
  const message = `parts ${which} of forecast run ${run.id} failed ${PARTITION_LIMITS.tries} times; the first: ${why}`;
  throw new Error(message, { cause: first.error });
}

async function doRuns(
  context: JobContext,
  dueAt: Date,
  runs: readonly ForecastRunRecord[],
  progress: ReportProgress,
): Promise<void> {
  const { db, log, clock } = context;
  const ids = runs.map((run) => run.id);
  let tenths = 0;
  const figures = async (): Promise<RunExtent> => {
    const extent = await extentOf(db, dueAt, ids);
    const tenth = Math.floor((10 * extent.partsDone) / Math.max(1, extent.parts));
    if (tenth > tenths) log.info({ dueAt, ...extent }, 'forecasting');
    tenths = tenth;
    return extent;
  };
  await JobThreads.with(context, WORKER, { figures, progress }, async (tasks: DemandThreads) => {
    for (const run of runs) {
      if (run.status === 'LEARNING') await tasks.run({ runId: run.id, part: null }, LEARN_TIMEOUT_MS);
      await forecastPartitions(context, tasks, run);
      await closeRun(db, run.id, clock());
    }
  });
}

/**
 * Forecasts the latest run at `dueAt` of every location whose run is not taken yet. Resumable at any point: what is
 * done is never done again. Memory grows with the threads (some 100 MB each), not with the series.
 * @param partShelves shelves of one part, PART_SKUS when left out
 */
export async function runDemandForecast(
  context: JobContext,
  dueAt: Date,
  progress: ReportProgress,
  partShelves?: number,
): Promise<Record<string, number>> {
  const { db, clock, log } = context;
  const locationDays = await latestNightlyWindows(db, dueAt);
  const runs = await openRuns(db, dueAt, locationDays, HORIZON_DAYS, clock(), partShelves);
  if (runs.length > 0) {
    await makeMonths(
      db,
      'demand_forecast',
      runs.map((run) => run.cutDay),
    );
    await doRuns(context, dueAt, runs, progress);
    await dropOldMonths(db, clock()).catch((error: unknown) =>
      log.warn({ err: error }, 'old forecasts could not be deleted; the next run tries again'),
    );
  }
  const ids = runs.map((run) => run.id);
  const extent = await extentOf(db, dueAt, ids);
  if (extent.failed > 0) {
    log.warn({ failed: extent.failed, some: await failuresOf(db, ids) }, 'some series could not be forecast');
  }
  return extent.parts === 0 ? { locations: 0 } : { ...extent, ...(await leftOut(db)) };
}
