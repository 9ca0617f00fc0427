// The returns forecast run of a due time: choose locations, fit once, then forecast location after location in worker threads.

import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { latestNights } from '../../../location/queries/nightlyLocations';
import { type Threads, threads } from '../../../runtime/threads';
import { DAY_MS } from '../../../values/time';
import type { DemandProgress, ForecastRunContext } from '../demand/run';
import type { ReturnsTask } from './thread';

/** Weeks ahead. */
const HORIZON_WEEKS = 12;
/** Runs are kept for so many days. */
const KEEP_DAYS = 62;
const MAX_THREADS = 8;
const LEARN_TIMEOUT_MS = 900_000;
const LOCATION_TIMEOUT_MS = 900_000;
/** Tries of a location, before the run goes on without it and fails at its end. */
const LOCATION_TRIES = 3;
const PROGRESS_MS = 1_000;
const WORKER = path.join(__dirname, './thread.ts');

interface ReturnsRunRecord {
  id: number;
  hasLearnt: boolean;
}

type ReturnsThreads = Threads<ReturnsTask, null>;

// A location that never sold anything is not taken, so that its run is free when its history has come.
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
// Another due time has taken its runs in the same moment.
const EMPTY = `
  DELETE FROM returns_run r
  WHERE due_at = $1 AND learnt IS NULL AND NOT EXISTS (SELECT FROM returns_night n WHERE n.run_id = r.id)`;
const UNDONE = `
  SELECT id, learnt IS NOT NULL AS "hasLearnt" FROM returns_run r
  WHERE due_at = $1 AND EXISTS (SELECT FROM returns_night n WHERE n.run_id = r.id AND n.done_at IS NULL)
  ORDER BY cut_day`;
const PLACES = `
  SELECT location_id AS "locationId" FROM returns_night WHERE run_id = $1 AND done_at IS NULL ORDER BY location_id`;
const EXTENT = `
  SELECT count(*) AS places, count(n.done_at) AS "placesDone", coalesce(sum(n.forecasts), 0) AS forecasts,
    coalesce(sum(n.without_history), 0) AS "withoutHistory",
    (SELECT coalesce(sum(learnt_from), 0) FROM returns_run WHERE due_at = $1) AS "learntFrom"
  FROM returns_night n JOIN returns_run r ON r.id = n.run_id WHERE r.due_at = $1`;
const FORGET = 'DELETE FROM returns_run WHERE cut_day < $1::date AND started_at < $2';

/** How far the runs of a due time have come. */
async function extentOf(tx: Tx, dueAt: Date): Promise<Record<string, number>> {
  const [extent] = await tx.rows<Record<string, number>>(EXTENT, [dueAt]);
  return extent!;
}

/** Opens a run for each cut day that no run covers yet; answers all of the due time that are not done. */
function openRuns(
  db: Db,
  dueAt: Date,
  nights: readonly { locationId: number; cutDay: string }[],
  now: Date,
): Promise<ReturnsRunRecord[]> {
  return inTransaction(db, async (tx) => {
    const places = nights.map((night) => night.locationId);
    const days = nights.map((night) => night.cutDay);
    await tx.rows(OPEN, [places, days, dueAt, HORIZON_WEEKS, now]);
    await tx.rows(EMPTY, [dueAt]);
    return tx.rows<ReturnsRunRecord>(UNDONE, [dueAt]);
  });
}

/** Reports how far a due time's runs are, once a second at most. */
function progressReporter(db: Db, dueAt: Date, progress: DemandProgress): () => Promise<void> {
  let told = performance.now();
  return async () => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    if (!(await progress(await extentOf(db, dueAt))))
      throw new Error('another runner has taken this night over');
  };
}

/** Forecasts a location, again if its thread died or it failed: it goes on where it was. */
async function forecastLocationWithRetries(
  { log, clock }: ForecastRunContext,
  pool: ReturnsThreads,
  runId: number,
  locationId: number,
) {
  for (let tries = 1; ; tries += 1) {
    try {
      const task = { runId, locationId, now: clock() };
      await pool.run(task, { signal: AbortSignal.timeout(LOCATION_TIMEOUT_MS) });
      return;
    } catch (error) {
      log.warn({ err: error, runId, locationId, tries }, 'the returns of a place could not be forecast');
      if (tries >= LOCATION_TRIES) throw error;
    }
  }
}

/** @throws the first failure, after all other locations */
async function doRun(
  parts: ForecastRunContext,
  pool: ReturnsThreads,
  size: number,
  run: ReturnsRunRecord,
  report: () => Promise<void>,
): Promise<void> {
  const { db, clock } = parts;
  if (!run.hasLearnt) {
    const task = { runId: run.id, locationId: null, now: clock() };
    await pool.run(task, { signal: AbortSignal.timeout(LEARN_TIMEOUT_MS) });
  }
  const left = (await db.rows<{ locationId: number }>(PLACES, [run.id])).values();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const { locationId } of left) {
      await forecastLocationWithRetries(parts, pool, run.id, locationId).catch((error) =>
        failures.push(error),
      );
      await report();
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: size }, lane));
  const broken = ended.find((one) => one.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  if (failures.length > 0) throw failures[0];
}

/**
 * Forecasts returns of the latest run at `dueAt` of every location whose run is not taken yet. Resumable at any point:
 * what is done is not done again. Memory grows with the number of SKUs (about 2 KB each), not with the locations.
 */
export async function runReturnsForecast(
  parts: ForecastRunContext,
  dueAt: Date,
  progress: DemandProgress,
): Promise<Record<string, number>> {
  const { db, clock } = parts;
  const nights = await latestNights(db, dueAt);
  const runs = await openRuns(db, dueAt, nights, clock());
  if (runs.length > 0) {
    const size = Math.min(availableParallelism(), MAX_THREADS);
    const databaseUrl = db.directUrl;
    const pool: ReturnsThreads = threads(WORKER, { size, workerData: { databaseUrl } });
    const report = progressReporter(db, dueAt, progress);
    try {
      for (const run of runs) await doRun(parts, pool, size, run, report);
    } finally {
      await pool.close();
    }
    const before = new Date(clock().getTime() - KEEP_DAYS * DAY_MS);
    await db
      .rows(FORGET, [before.toISOString().slice(0, 10), before])
      .catch((error: unknown) => parts.log.warn({ err: error }, 'old returns forecasts were not forgotten'));
  }
  const extent = await extentOf(db, dueAt);
  return extent.places === 0 ? { places: 0 } : extent;
}
