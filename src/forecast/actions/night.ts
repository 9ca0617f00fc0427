// The night of a due time: which places, learn once, then part after part in worker threads, until all are done.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Db } from '../../db/pool';
import { latestNights } from '../../location/queries/nights';
import { type Threads, threads } from '../../threads';
import type { NightTask, NightWorkerData } from '../worker';
import { dropOldMonths, makeMonths } from './months';
import type { PartTimes } from './part';
import { closeRun, extentOf, leftOut, openParts, openRuns, type Run } from './runs';

/** The hour of a place's own clock at which its forecast is due: after its last sale, before its planners. */
export const FORECAST_HOUR = 1;
/** Days ahead. */
export const HORIZON_DAYS = 28;
/** Threads at most; each has one database connection, and holds one part and what was learnt. */
const MAX_THREADS = 8;
/** A part takes seconds; one that takes so long never ends. */
const PART_TIMEOUT_MS = 300_000;
const LEARN_TIMEOUT_MS = 900_000;
/** Tries of a part, before the night goes on without it and fails at its end. */
const PART_TRIES = 3;
/** Parts that may fail before the night gives up: then it is not the parts. */
const MAX_FAILED_PARTS = 10;
const PROGRESS_MS = 1_000;
const STAGES = ['read', 'forecast', 'write'] as const;
const WORKER = path.join(__dirname, '../worker.ts');

export interface NightParts {
  db: Db;
  log: Logger;
  clock: () => Date;
}

/** Says how far the night is; false: it is another's now. */
export type Progress = (figures: Record<string, number>) => Promise<boolean>;

/** Another runner has taken the night over: this one leaves it. */
class TakenOver extends Error {
  override message = 'another runner has taken this night over';
}

type Pool = Threads<NightTask, PartTimes | null>;

/** Tells how far a due time's runs are, once a second at most. */
function teller({ db, log }: NightParts, dueAt: Date, progress: Progress): () => Promise<void> {
  let told = 0;
  let tenths = 0;
  return async () => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    const extent = await extentOf(db, dueAt);
    const tenth = Math.floor((10 * extent.partsDone) / Math.max(1, extent.parts));
    if (tenth > tenths) log.info({ dueAt, ...extent }, 'forecasting');
    tenths = tenth;
    if (!(await progress({ ...extent }))) throw new TakenOver();
  };
}

/** Does one part, again if its thread died or it failed. @throws what it failed of the last time */
async function patientPart(
  { log, clock }: NightParts,
  pool: Pool,
  runId: number,
  part: number,
): Promise<PartTimes | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      const signal = AbortSignal.timeout(PART_TIMEOUT_MS);
      return await pool.run({ runId, part, now: clock() }, { signal });
    } catch (error) {
      log.warn({ err: error, runId, part, tries }, 'a part of the forecast failed');
      if (tries >= PART_TRIES) throw error;
    }
  }
}

/** Forecasts what is still to be done of a run, one lane a thread. @throws when parts failed, after all others */
async function doParts(
  parts: NightParts,
  pool: Pool,
  size: number,
  run: Run,
  tell: () => Promise<void>,
): Promise<void> {
  const left = (await openParts(parts.db, run.id)).values();
  const failed: { part: number; error: unknown }[] = [];
  const took = { read: 0, forecast: 0, write: 0 };
  const lane = async (): Promise<void> => {
    for (const part of left) {
      try {
        const times = await patientPart(parts, pool, run.id, part);
        for (const stage of STAGES) took[stage] += times?.[stage] ?? 0;
      } catch (error) {
        failed.push({ part, error });
      }
      if (failed.length >= MAX_FAILED_PARTS) return;
      await tell();
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: size }, lane));
  const broken = ended.find((lane) => lane.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  const [first] = failed;
  if (first === undefined) {
    parts.log.info({ runId: run.id, threads: size, threadMs: took }, 'a run’s parts are done');
    return;
  }
  const which = failed.map(({ part }) => part).join(', ');
  const why = first.error instanceof Error ? first.error.message : String(first.error);
  throw new Error(`parts ${which} of forecast run ${run.id} failed ${PART_TRIES} times; the first: ${why}`, {
    cause: first.error,
  });
}

async function doRuns(parts: NightParts, runs: readonly Run[], tell: () => Promise<void>): Promise<void> {
  const { db, clock } = parts;
  const size = Math.min(availableParallelism(), MAX_THREADS);
  const databaseUrl = db.pool.options.connectionString!;
  const pool: Pool = threads(WORKER, { size, workerData: { databaseUrl } satisfies NightWorkerData });
  try {
    for (const run of runs) {
      if (run.status === 'LEARNING') {
        const signal = AbortSignal.timeout(LEARN_TIMEOUT_MS);
        await pool.run({ runId: run.id, part: null, now: clock() }, { signal });
        await tell();
      }
      await doParts(parts, pool, size, run, tell);
      await closeRun(db, run.id, clock());
    }
  } finally {
    await pool.close();
  }
}

/**
 * Forecasts the latest night at `dueAt` of every place whose night is not taken yet. Resumable at any point: what is
 * done is never done again. Memory grows with the threads (some 100 MB each), not with the series.
 * @param partShelves shelves of one part, PART_SKUS when left out
 */
export async function forecastNight(
  parts: NightParts,
  dueAt: Date,
  progress: Progress,
  partShelves?: number,
): Promise<Record<string, number>> {
  const { db, clock, log } = parts;
  const nights = await latestNights(db, dueAt, FORECAST_HOUR);
  const runs = await openRuns(db, dueAt, nights, HORIZON_DAYS, clock(), partShelves);
  if (runs.length > 0) {
    await makeMonths(
      db,
      runs.map((run) => run.cutDay),
    );
    await doRuns(parts, runs, teller(parts, dueAt, progress));
    await dropOldMonths(db, clock()).catch((error: unknown) =>
      log.warn({ err: error }, 'old forecasts were not dropped; the next night tries again'),
    );
  }
  const extent = await extentOf(db, dueAt);
  return extent.parts === 0 ? { places: 0 } : { ...extent, ...(await leftOut(db)) };
}
