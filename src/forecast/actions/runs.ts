// The runs of a due time: which locations they cover, the partitions they are cut into, and how far they have come.

import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import type { LearnedModel } from '../../forecaster/forecaster';
import { shelfPage } from '../../sales/queries/series';

/** One cut day of one due time. */
export interface ForecastRunRecord {
  id: number;
  cutDay: string;
  horizon: number;
  status: 'LEARNING' | 'FORECASTING' | 'DONE';
}

/** Shelves of one part: few enough that a kill loses little work, enough to be worth a transaction. */
export const PARTITION_SKUS = 500;

interface LocationCutDay {
  locationId: number;
  cutDay: string;
}

/** The SKUs from … to of one location. */
interface PartitionRange extends LocationCutDay {
  fromSkuId: number;
  toSkuId: number;
}

// A location that never sold anything is not taken, so that its cut day is free once it has a history.
const FREE = `
  SELECT n.location_id AS "locationId", n.cut_day AS "cutDay"
  FROM unnest($1::int[], $2::date[]) AS n (location_id, cut_day)
  WHERE NOT EXISTS (SELECT FROM forecast_night f WHERE f.location_id = n.location_id AND f.cut_day = n.cut_day)
    AND EXISTS (SELECT FROM daily_sales s WHERE s.location_id = n.location_id AND s.day <= n.cut_day)
  ORDER BY n.location_id`;

const OPEN = `
  WITH opened AS (
    INSERT INTO forecast_run (due_at, cut_day, horizon, started_at)
    SELECT DISTINCT $3::timestamptz, n.cut_day, $4::smallint, $5::timestamptz
    FROM unnest($2::date[]) AS n (cut_day)
    ON CONFLICT (due_at, cut_day) DO NOTHING RETURNING id, cut_day)
  INSERT INTO forecast_night (location_id, cut_day, run_id)
  SELECT n.location_id, n.cut_day, o.id
  FROM unnest($1::int[], $2::date[]) AS n (location_id, cut_day) JOIN opened o USING (cut_day)
  ON CONFLICT DO NOTHING`;

const CUT = `
  INSERT INTO forecast_part (run_id, number, location_id, from_sku_id, to_sku_id)
  SELECT n.run_id, row_number() OVER (PARTITION BY n.run_id ORDER BY p.location_id, p.first), p.location_id, p.first, p.last
  FROM unnest($2::int[], $3::date[], $4::int[], $5::int[]) AS p (location_id, cut_day, first, last)
  JOIN forecast_night n ON n.location_id = p.location_id AND n.cut_day = p.cut_day
  JOIN forecast_run r ON r.id = n.run_id WHERE r.due_at = $1`;

// A concurrent due time has taken all cut days of this run.
const DROP_EMPTY = `
  DELETE FROM forecast_run r
  WHERE due_at = $1 AND status = 'LEARNING' AND NOT EXISTS (SELECT FROM forecast_night n WHERE n.run_id = r.id)`;

/** Minutes without progress after which a later due time finishes the run of an earlier one: learning never takes so long. */
const ORPHANED_MINUTES = 60;

// Otherwise an earlier run that failed too often would block its cut days permanently.
const UNDONE = `
  SELECT id, cut_day AS "cutDay", horizon, status FROM forecast_run r
  WHERE status <> 'DONE' AND (due_at = $1 OR (due_at < $1 AND started_at < $2
    AND NOT EXISTS (SELECT FROM forecast_part p WHERE p.run_id = r.id AND p.done_at >= $2)
    AND NOT EXISTS (SELECT FROM forecast_draft d WHERE d.run_id = r.id AND d.made_at >= $2)))
  ORDER BY due_at = $1, cut_day`;

/** Cuts a run's shelves into parts. */
async function slicesOf(db: Db, locationDay: LocationCutDay, shelves: number): Promise<PartitionRange[]> {
  const slices: PartitionRange[] = [];
  for (let after = 0; ; ) {
    const page = await shelfPage(db, locationDay.locationId, after, shelves);
    if (page.length > 0) slices.push({ ...locationDay, fromSkuId: page[0]!, toSkuId: page.at(-1)! });
    if (page.length < shelves) return slices;
    after = page.at(-1)!;
  }
}

/**
 * Opens a run for each cut day that no run covers yet, cut into parts; then returns all runs of the due time
 * that are not done, also those that an earlier attempt has opened, and abandoned ones of earlier due times.
 */
export async function openRuns(
  db: Db,
  dueAt: Date,
  locationDays: readonly LocationCutDay[],
  horizon: number,
  now: Date,
  shelves = PARTITION_SKUS,
): Promise<ForecastRunRecord[]> {
  const locationIds = locationDays.map((n) => n.locationId);
  const days = locationDays.map((n) => n.cutDay);
  const free = await db.rows<LocationCutDay>(FREE, [locationIds, days]);
  const slices: PartitionRange[] = [];
  for (const locationDay of free) slices.push(...(await slicesOf(db, locationDay, shelves)));
  return inTransaction(db, async (tx) => {
    if (slices.length > 0) {
      await tx.rows(OPEN, [free.map((n) => n.locationId), free.map((n) => n.cutDay), dueAt, horizon, now]);
      await tx.rows(CUT, [
        dueAt,
        slices.map((s) => s.locationId),
        slices.map((s) => s.cutDay),
        slices.map((s) => s.fromSkuId),
        slices.map((s) => s.toSkuId),
      ]);
      await tx.rows(DROP_EMPTY, [dueAt]);
    }
    return tx.rows<ForecastRunRecord>(UNDONE, [dueAt, new Date(now.getTime() - ORPHANED_MINUTES * 60_000)]);
  });
}

const KEEP_LEARNT = `
  UPDATE forecast_run SET learnt = $2::jsonb, learnt_from = $3, status = 'FORECASTING'
  WHERE id = $1 AND status = 'LEARNING' RETURNING 1 AS kept`;

/** Stores what a run has learned, once; later attempts use it. False: it was stored before. */
export async function saveLearned(
  tx: Tx,
  runId: number,
  learnt: LearnedModel,
  learntFrom: number,
): Promise<boolean> {
  return (await tx.rows(KEEP_LEARNT, [runId, JSON.stringify(learnt), learntFrom])).length > 0;
}

const TO_FORECAST = `
  SELECT number FROM forecast_part p WHERE run_id = $1 AND done_at IS NULL
    AND NOT EXISTS (SELECT FROM forecast_draft d WHERE d.run_id = p.run_id AND d.number = p.number)
  ORDER BY number`;
const TO_WRITE = 'SELECT number FROM forecast_part WHERE run_id = $1 AND done_at IS NULL ORDER BY number';

/** Numbers of the parts that are still to be forecast. */
export async function partitionsToForecast(tx: Tx, runId: number): Promise<number[]> {
  return (await tx.rows<{ number: number }>(TO_FORECAST, [runId])).map((part) => part.number);
}

/** Numbers of the parts whose forecasts are still to be written. */
export async function partitionsToWrite(tx: Tx, runId: number): Promise<number[]> {
  return (await tx.rows<{ number: number }>(TO_WRITE, [runId])).map((part) => part.number);
}

const LEVEL_ERROR = 'SELECT level_error AS "levelError" FROM forecast_run WHERE id = $1';

/** Why the shelves of a run are not scaled to their sums; null: they are, or it is not decided yet. */
export async function levelErrorOf(tx: Tx, runId: number): Promise<string | null> {
  const [run] = await tx.rows<{ levelError: string | null }>(LEVEL_ERROR, [runId]);
  return run?.levelError ?? null;
}

const CLOSE = `
  UPDATE forecast_run r SET status = 'DONE', finished_at = $2
  WHERE id = $1 AND status = 'FORECASTING'
    AND NOT EXISTS (SELECT FROM forecast_part p WHERE p.run_id = r.id AND p.done_at IS NULL)`;

/** Records that a run is done, when all its parts are: from now on its forecasts are the newest of its locations. */
export async function closeRun(tx: Tx, runId: number, now: Date): Promise<void> {
  await tx.rows(CLOSE, [runId, now]);
}

/** How far the runs of a due time have come. */
export interface RunExtent {
  locations: number;
  parts: number;
  /** Parts that are forecast; done once they are scaled to their sums and written. */
  partsForecast: number;
  partsDone: number;
  forecasts: number;
  /** SKUs that never sold at their location and are not stocked there: they get no forecast. */
  withoutHistory: number;
  /** Series whose forecast failed; forecast_part.failures has their names and errors. */
  failed: number;
  learntFrom: number;
}

const EXTENT = `
  WITH run AS (SELECT id, learnt_from FROM forecast_run WHERE due_at = $1 OR id = ANY($2::int[]))
  SELECT (SELECT count(*) FROM forecast_night WHERE run_id IN (SELECT id FROM run)) AS locations,
    (SELECT coalesce(sum(learnt_from), 0) FROM run) AS "learntFrom",
    count(*) AS parts, count(*) FILTER (WHERE p.done_at IS NOT NULL OR d.number IS NOT NULL) AS "partsForecast",
    count(p.done_at) AS "partsDone", coalesce(sum(p.forecasts), 0) AS forecasts,
    coalesce(sum(p.without_history), 0) AS "withoutHistory", coalesce(sum(p.failed), 0) AS failed
  FROM forecast_part p LEFT JOIN forecast_draft d ON d.run_id = p.run_id AND d.number = p.number
  WHERE p.run_id IN (SELECT id FROM run)`;

/** Counts what the runs of a due time, and these others, have done so far. */
export async function extentOf(tx: Tx, dueAt: Date, runIds: readonly number[]): Promise<RunExtent> {
  const [extent] = await tx.rows<RunExtent>(EXTENT, [dueAt, runIds]);
  return extent!;
}

const FAILURES = `
  SELECT p.location_id AS "locationId", f.failure FROM forecast_part p CROSS JOIN LATERAL jsonb_array_elements(p.failures) AS f (failure)
  WHERE p.run_id = ANY($1::int[]) AND p.failed > 0 ORDER BY p.run_id, p.number LIMIT 20`;

/** Some of the series of these runs whose forecast failed, and why. */
export function failuresOf(tx: Tx, runIds: readonly number[]): Promise<object[]> {
  return tx.rows(FAILURES, [runIds]);
}

const LEFT_OUT = `
  SELECT (SELECT count(*) FROM location WHERE NOT active) AS "closedLocations",
    (SELECT count(*) FROM location l WHERE active
      AND NOT EXISTS (SELECT FROM daily_sales s WHERE s.location_id = l.id)) AS "locationsWithoutHistory",
    (SELECT count(*) FROM sku WHERE NOT active) AS "inactiveSkus"`;

/** What gets no forecast at all: closed locations, locations without history, and SKUs that are no longer sold. */
export async function leftOut(
  tx: Tx,
): Promise<{ closedLocations: number; locationsWithoutHistory: number; inactiveSkus: number }> {
  const [counts] = await tx.rows<Awaited<ReturnType<typeof leftOut>>>(LEFT_OUT);
  return counts!;
}
