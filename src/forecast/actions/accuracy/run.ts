// The scoring run of one due time: location after location in worker threads; one that fails does not keep the others.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Logger } from 'pino';
import type { Db } from '../../../db/pool';
import { latestNights } from '../../../location/queries/nightlyLocations';
import { type Threads, threads } from '../../../runtime/threads';
import { HOUR_MS } from '../../../values/time';
import { watchedThrough } from '../../queries/accuracyDue';
import { forgetOldScores, type LocationDay, type ScoreFigures } from './location';
import type { ScoreTask, ScoreWorkerData } from './thread';

/** Threads at most; each has one database connection, and holds a page of SKUs. */
const MAX_THREADS = 8;
/** A location takes seconds; one that takes so long never ends. */
const LOCATION_TIMEOUT_MS = 900_000;
const LOCATION_TRIES = 2;
const PROGRESS_MS = 1_000;
const WORKER = path.join(__dirname, './thread.ts');

export interface ScoringRunContext {
  db: Db;
  log: Logger;
  clock: () => Date;
}

/** Reports progress of the run; false: it is another's now. */
export type ScoringProgress = (figures: Record<string, number>) => Promise<boolean>;

/** Locations whose run began in the hour before `dueAt`, and those whose last one was missed. */
async function dueLocations(db: Db, dueAt: Date): Promise<LocationDay[]> {
  const due: LocationDay[] = [];
  for (const { locationId, cutDay, beganAt } of await latestNights(db, dueAt)) {
    const through =
      dueAt.getTime() - beganAt.getTime() < HOUR_MS ? null : await watchedThrough(db, locationId);
    if (through === null || through < cutDay) due.push({ locationId, cutDay });
  }
  return due;
}

type ScoringThreads = Threads<ScoreTask, ScoreFigures>;

/** Scores a location, again if its thread died. @throws what it failed of the last time */
async function scoreLocationWithRetries(
  { log, clock }: ScoringRunContext,
  pool: ScoringThreads,
  place: LocationDay,
): Promise<ScoreFigures> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await pool.run({ ...place, now: clock() }, { signal: AbortSignal.timeout(LOCATION_TIMEOUT_MS) });
    } catch (error) {
      log.warn({ err: error, ...place, tries }, 'the forecasts of a place were not scored');
      if (tries >= LOCATION_TRIES) throw error;
    }
  }
}

/** Scores locations, one lane a thread; adds to `total`, and answers what failed. @throws when the run is another's */
async function scoreLocations(
  parts: ScoringRunContext,
  places: readonly LocationDay[],
  total: Record<keyof ScoreFigures | 'places', number>,
  progress: ScoringProgress,
): Promise<unknown[]> {
  const size = Math.min(availableParallelism(), MAX_THREADS, places.length);
  const workerData: ScoreWorkerData = { databaseUrl: parts.db.directUrl };
  const pool: ScoringThreads = threads(WORKER, { size, workerData });
  const failures: unknown[] = [];
  const left = places.values();
  let told = performance.now();
  const lane = async (): Promise<void> => {
    for (const place of left) {
      try {
        const done = { places: 1, ...(await scoreLocationWithRetries(parts, pool, place)) };
        for (const [key, count] of Object.entries(done)) total[key as keyof typeof done] += count;
      } catch (error) {
        failures.push(error);
      }
      if (performance.now() - told < PROGRESS_MS) continue;
      told = performance.now();
      if (!(await progress({ ...total }))) throw new Error('another runner has taken this night over');
    }
  };
  try {
    await Promise.all(Array.from({ length: size }, lane));
  } finally {
    await pool.close();
  }
  return failures;
}

/**
 * Scores the latest run at `dueAt` of every location where it has just begun or was missed, then drops what is too old.
 * Resumable at any point: pages that are scored are not scored again. Memory grows with the threads, not the series.
 * @throws when locations failed, after all others are done
 */
export async function runScoring(
  parts: ScoringRunContext,
  dueAt: Date,
  progress: ScoringProgress,
): Promise<Record<string, number>> {
  const { db, log, clock } = parts;
  const places = await dueLocations(db, dueAt);
  const total = { places: 0, parts: 0, scores: 0, alertsOpened: 0, alertsEnded: 0 };
  if (places.length === 0) return total;
  const failures = await scoreLocations(parts, places, total, progress);
  await forgetOldScores(db, clock()).catch((error: unknown) =>
    log.warn({ err: error }, 'old scores were not dropped; the next night tries again'),
  );
  if (failures.length > 0)
    throw new Error(`${failures.length} of ${places.length} places were not scored`, { cause: failures[0] });
  return total;
}
