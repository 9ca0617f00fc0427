// The demand forecast run of a due time: choose locations, learn once, forecast partition after partition, scale them to their sums and write them.

import path from 'node:path';
import { makeMonths } from '../../../db/months';
import { latestNightlyWindows } from '../../../location/queries/nightlyWindows';
import {
  type JobContext,
  type JobFigures,
  type ReportProgress,
  type TaskExecutor,
  type TaskKind,
  type TaskLimits,
  throwFailure,
  withExecutor,
} from '../../../runtime/jobs';
import { dropOldMonths } from '../months';
import {
  closeRun,
  extentOf,
  type ForecastRunRecord,
  failuresOf,
  leftOut,
  levelErrorOf,
  openRuns,
  partitionsToForecast,
  partitionsToWrite,
  type RunExtent,
} from '../runs';
import { skipReconciling } from './reconcile';
import type { DemandTask } from './thread';

/** Days ahead. */
export const HORIZON_DAYS = 28;
/**
 * A part takes seconds; one that takes longer than this is taken to hang. The run continues without a part that failed so
 * often, and fails at its end; when so many parts fail it stops, as the cause is then common to all.
 */
const PARTITION_LIMITS: TaskLimits = { timeoutMs: 300_000, tries: 3, maxFailures: 10 };
/** Learning, and reconciling, are tried again at once only because the machine that does it may die. */
const SINGLE_LIMITS: TaskLimits = { timeoutMs: 900_000, tries: 2 };
export const DEMAND_TASKS: TaskKind = {
  name: 'forecastDemand',
  version: 2,
  workerFile: path.join(__dirname, './thread.ts'),
};

/** Fits the models of a run, once. */
async function learnOnce(executor: TaskExecutor<DemandTask>, run: ForecastRunRecord): Promise<void> {
  const learnt = await executor.runAll({
    name: `learn ${run.id}`,
    tasks: [{ runId: run.id, step: 'LEARN', part: null }],
    numberOf: () => 0,
    limits: SINGLE_LIMITS,
    warning: 'the models of a run could not be learned',
  });
  throwFailure(learnt);
}

type PartitionTask = Extract<DemandTask, { part: number }>;

/** Executes a step for these partitions of a run. @throws when partitions failed, after all others */
async function forPartitions(
  executor: TaskExecutor<DemandTask>,
  run: ForecastRunRecord,
  step: PartitionTask['step'],
  parts: readonly number[],
): Promise<JobFigures> {
  const end = await executor.runAll<PartitionTask>({
    name: `${step === 'WRITE' ? 'write' : 'partitions'} ${run.id}`,
    tasks: parts.map((part) => ({ runId: run.id, step, part })),
    numberOf: ({ part }) => part,
    limits: PARTITION_LIMITS,
    warning: 'a partition of the forecast failed',
  });
  const which = end.failed.map(({ task }) => task.part).join(', ');
  throwFailure(
    end,
    (why) =>
      `parts ${which} of forecast run ${run.id} failed ${PARTITION_LIMITS.tries} times; the first: ${why}`,
  );
  return end.sums;
}

/** Forecasts the sums of a run, once. When that fails its shelves are published without being scaled. */
async function reconcileOnce(
  { db, log, clock }: JobContext,
  executor: TaskExecutor<DemandTask>,
  run: ForecastRunRecord,
): Promise<JobFigures> {
  const end = await executor.runAll({
    name: `reconcile ${run.id}`,
    tasks: [{ runId: run.id, step: 'RECONCILE', part: null }],
    numberOf: () => 0,
    limits: SINGLE_LIMITS,
    warning: 'the sums of a run could not be forecast',
  });
  const [failure] = end.failed;
  if (failure !== undefined) {
    const { error } = failure;
    await skipReconciling(db, run.id, error instanceof Error ? error.message : String(error), clock());
  }
  const error = await levelErrorOf(db, run.id);
  if (error !== null)
    log.warn({ runId: run.id, error }, 'the forecasts of a run are not scaled to those of their sums');
  return end.sums;
}

/** Does what is still to be done of a run. */
async function doRun(
  context: JobContext,
  executor: TaskExecutor<DemandTask>,
  run: ForecastRunRecord,
): Promise<void> {
  const { db, log, clock } = context;
  if (run.status === 'LEARNING') await learnOnce(executor, run);
  const drafted = await forPartitions(executor, run, 'FORECAST', await partitionsToForecast(db, run.id));
  const reconciled = await reconcileOnce(context, executor, run);
  const written = await forPartitions(executor, run, 'WRITE', await partitionsToWrite(db, run.id));
  log.info(
    { runId: run.id, threadMs: { ...drafted, ...reconciled, ...written } },
    'all partitions of a run are done',
  );
  await closeRun(db, run.id, clock());
}

async function doRuns(
  context: JobContext,
  dueAt: Date,
  runs: readonly ForecastRunRecord[],
  progress: ReportProgress,
): Promise<void> {
  const { db, log } = context;
  const ids = runs.map((run) => run.id);
  let tenths = 0;
  const figures = async (): Promise<RunExtent> => {
    const extent = await extentOf(db, dueAt, ids);
    const tenth = Math.floor((10 * extent.partsForecast) / Math.max(1, extent.parts));
    if (tenth > tenths) log.info({ dueAt, ...extent }, 'forecasting');
    tenths = tenth;
    return extent;
  };
  await withExecutor<DemandTask, void>(context, DEMAND_TASKS, { figures, progress }, async (executor) => {
    for (const run of runs) await doRun(context, executor, run);
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
