// The demand forecast run of a due time: choose locations, fit once, then forecast partition after partition in worker threads.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import { makeMonths } from '../../../db/months';
import type { Db } from '../../../db/pool';
import { latestNights } from '../../../location/queries/nightlyLocations';
import { type Threads, threads } from '../../../runtime/threads';
import { dropOldMonths } from '../months';
import {
  closeRun,
  extentOf,
  type ForecastRunRecord,
  failuresOf,
  leftOut,
  openPartitions,
  openRuns,
} from '../runs';
import type { PartitionTimes } from './partition';
import type { DemandTask, DemandWorkerData } from './thread';

/** Days ahead. */
export const HORIZON_DAYS = 28;
/** Threads at most; each has one database connection, and holds one part and what was learned. */
const MAX_THREADS = 8;
/** A part takes seconds; one that takes so long never ends. */
const PARTITION_TIMEOUT_MS = 300_000;
const LEARN_TIMEOUT_MS = 900_000;
/** Tries of a part, before the run goes on without it and fails at its end. */
const PARTITION_TRIES = 3;
/** Parts that may fail before the run gives up: then it is not the parts. */
const MAX_FAILED_PARTITIONS = 10;
const PROGRESS_MS = 1_000;
const STAGES = ['read', 'forecast', 'write'] as const;
const WORKER = path.join(__dirname, './thread.ts');

export interface ForecastRunContext {
  db: Db;
  log: Logger;
  clock: () => Date;
}

/** Reports progress of the run; false: stop, it is another's now or will be. */
export type DemandProgress = (figures: Record<string, number>) => Promise<boolean>;

type DemandThreads = Threads<DemandTask, PartitionTimes | null>;

/** What all of one run's work shares. */
interface DemandRunWork extends ForecastRunContext {
  pool: DemandThreads;
  size: number;
  /** Aborts the work in progress: the run is left to another runner. */
  left: AbortSignal;
}

/** Reports the progress of the runs once a second until it is asked to leave them to another runner. */
function watch(
  { db, log }: ForecastRunContext,
  dueAt: Date,
  runs: readonly ForecastRunRecord[],
  progress: DemandProgress,
) {
  const leave = new AbortController();
  const ids = runs.map((run) => run.id);
  let tenths = 0;
  const report = async (): Promise<void> => {
    const extent = await extentOf(db, dueAt, ids);
    const tenth = Math.floor((10 * extent.partsDone) / Math.max(1, extent.parts));
    if (tenth > tenths) log.info({ dueAt, ...extent }, 'forecasting');
    tenths = tenth;
    if (!(await progress({ ...extent }))) {
      leave.abort(new Error('the rest of this night is left to another runner'));
    }
  };
  let reporting: Promise<void> | null = null;
  const timer = setInterval(() => {
    // A moment without the database is not the end: the parts find out for themselves.
    reporting ??= report()
      .catch((error: unknown) => log.debug({ err: error }, 'the progress of a night was not told'))
      .finally(() => {
        reporting = null;
      });
  }, PROGRESS_MS);
  return {
    left: leave.signal,
    async end(): Promise<void> {
      clearInterval(timer);
      await reporting;
    },
  };
}

/** Does one part, again if its thread died or it failed. @throws what it failed of the last time */
async function forecastPartitionWithRetries(
  work: DemandRunWork,
  runId: number,
  part: number,
): Promise<PartitionTimes | null> {
  const { log, clock, pool, left } = work;
  for (let tries = 1; ; tries += 1) {
    try {
      const signal = AbortSignal.any([left, AbortSignal.timeout(PARTITION_TIMEOUT_MS)]);
      return await pool.run({ runId, part, now: clock() }, { signal });
    } catch (error) {
      left.throwIfAborted();
      log.warn({ err: error, runId, part, tries }, 'a part of the forecast failed');
      if (tries >= PARTITION_TRIES) throw error;
    }
  }
}

/** Forecasts what is still to be done of a run, one lane a thread. @throws when parts failed, after all others */
async function forecastPartitions(work: DemandRunWork, run: ForecastRunRecord): Promise<void> {
  const { db, log, size, left } = work;
  const open = (await openPartitions(db, run.id)).values();
  const failed: { part: number; error: unknown }[] = [];
  const took = { read: 0, forecast: 0, write: 0 };
  const lane = async (): Promise<void> => {
    for (const part of open) {
      try {
        const times = await forecastPartitionWithRetries(work, run.id, part);
        for (const stage of STAGES) took[stage] += times?.[stage] ?? 0;
      } catch (error) {
        failed.push({ part, error });
      }
      if (left.aborted || failed.length >= MAX_FAILED_PARTITIONS) return;
    }
  };
  await Promise.all(Array.from({ length: size }, lane));
  left.throwIfAborted();
  const [first] = failed;
  if (first === undefined) {
    log.info({ runId: run.id, threads: size, threadMs: took }, 'a run’s parts are done');
    return;
  }
  const which = failed.map(({ part }) => part).join(', ');
  const why = first.error instanceof Error ? first.error.message : String(first.error);
  throw new Error(
    `parts ${which} of forecast run ${run.id} failed ${PARTITION_TRIES} times; the first: ${why}`,
    {
      cause: first.error,
    },
  );
}

async function doRuns(
  parts: ForecastRunContext,
  dueAt: Date,
  runs: readonly ForecastRunRecord[],
  progress: DemandProgress,
): Promise<void> {
  const { db, clock } = parts;
  const size = Math.min(availableParallelism(), MAX_THREADS);
  const databaseUrl = db.directUrl;
  const pool: DemandThreads = threads(WORKER, {
    size,
    workerData: { databaseUrl } satisfies DemandWorkerData,
  });
  const { left, end } = watch(parts, dueAt, runs, progress);
  try {
    for (const run of runs) {
      if (run.status === 'LEARNING') {
        const signal = AbortSignal.any([left, AbortSignal.timeout(LEARN_TIMEOUT_MS)]);
        await pool.run({ runId: run.id, part: null, now: clock() }, { signal });
      }
      await forecastPartitions({ ...parts, pool, size, left }, run);
      await closeRun(db, run.id, clock());
    }
  } finally {
    await end();
    await pool.close();
  }
}

/**
 * Forecasts the latest run at `dueAt` of every location whose run is not taken yet. Resumable at any point: what is
 * done is never done again. Memory grows with the threads (some 100 MB each), not with the series.
 * @param partShelves shelves of one part, PART_SKUS when left out
 */
export async function runDemandForecast(
  parts: ForecastRunContext,
  dueAt: Date,
  progress: DemandProgress,
  partShelves?: number,
): Promise<Record<string, number>> {
  const { db, clock, log } = parts;
  const nights = await latestNights(db, dueAt);
  const runs = await openRuns(db, dueAt, nights, HORIZON_DAYS, clock(), partShelves);
  if (runs.length > 0) {
    await makeMonths(
      db,
      'demand_forecast',
      runs.map((run) => run.cutDay),
    );
    await doRuns(parts, dueAt, runs, progress);
    await dropOldMonths(db, clock()).catch((error: unknown) =>
      log.warn({ err: error }, 'old forecasts were not dropped; the next night tries again'),
    );
  }
  const ids = runs.map((run) => run.id);
  const extent = await extentOf(db, dueAt, ids);
  if (extent.failed > 0) {
    log.warn({ failed: extent.failed, some: await failuresOf(db, ids) }, 'some series could not be forecast');
  }
  return extent.parts === 0 ? { places: 0 } : { ...extent, ...(await leftOut(db)) };
}
