// Reads of what was forecast: the newest finished forecasts of many shelves at once, and a location's, page by page.

import type { Tx } from '../../db/pool';
import { type Forecast, LEVELS, type Trial } from '../../forecaster/series';
import { shelfKey } from '../../values/keys';
import { dayNumber } from '../../values/time';

/** One SKU at one location. */
export interface ShelfKey {
  locationId: number;
  skuId: number;
}

/** A forecast as it was stored. h = 1 is the day after `cutDay`; `origin` counts days from 1970-01-01 to `cutDay`. */
export interface StoredForecast extends Forecast, ShelfKey {
  /** The last local day that was known, YYYY-MM-DD. */
  cutDay: string;
  runId: number;
  /** Units a day: one row a level of LEVELS, one number a day ahead. */
  quantiles: number[][];
  /** Mean units a day over the last RECENT_DAYS known days. */
  recentMean: number;
}

/** The newest finished run of a location. */
export interface LocationRun {
  locationId: number;
  cutDay: string;
  runId: number;
  dueAt: Date;
  finishedAt: Date;
  /** Days ahead. */
  horizon: number;
  /** Number of series that the run learned from. */
  learntFrom: number;
}

/** Days that `recentMean` is the mean of, at most. */
export const RECENT_DAYS = 28;

// A location has some dozens of runs: they are kept for KEEP_FORECAST_DAYS.
const NEWEST_RUNS = `
  SELECT DISTINCT ON (n.location_id) n.location_id AS "locationId", n.cut_day AS "cutDay", n.run_id AS "runId",
    r.due_at AS "dueAt", r.finished_at AS "finishedAt", r.horizon, coalesce(r.learnt_from, 0) AS "learntFrom"
  FROM forecast_night n JOIN forecast_run r ON r.id = n.run_id
  WHERE n.location_id = ANY($1::int[]) AND r.status = 'DONE' AND ($2::date IS NULL OR n.cut_day <= $2)
  ORDER BY n.location_id, n.cut_day DESC`;

/** The newest finished run of each location, at or before a cut day if one is given; locations without one are left out. */
export function currentRuns(
  tx: Tx,
  locationIds: readonly number[],
  atCutDay: string | null = null,
): Promise<LocationRun[]> {
  return tx.rows<LocationRun>(NEWEST_RUNS, [[...new Set(locationIds)], atCutDay]);
}

/** A row of demand_forecast as COLUMNS reads it. */
export interface ForecastRow extends ShelfKey {
  cutDay: string;
  runId: number;
  method: string;
  why: string;
  trials: Trial[];
  mean: number[];
  quantiles: number[];
  spread: number[];
  recentMean: number;
}

/** Columns of demand_forecast under the name f. */
export const COLUMNS = `
  f.location_id AS "locationId", f.sku_id AS "skuId", f.cut_day AS "cutDay", f.run_id AS "runId", f.method, f.why, f.trials,
  f.mean, f.quantiles, f.spread, f.recent_mean AS "recentMean"`;

// LIMIT 1 keeps the planner at one primary key lookup per shelf, whatever it estimates for the number of shelves.
const CURRENT = `
  WITH newest_run AS (
    SELECT DISTINCT ON (n.location_id) n.location_id, n.cut_day
    FROM forecast_night n JOIN forecast_run r ON r.id = n.run_id
    WHERE n.location_id = ANY($1::int[]) AND r.status = 'DONE' AND ($3::date IS NULL OR n.cut_day <= $3)
    ORDER BY n.location_id, n.cut_day DESC)
  SELECT ${COLUMNS}
  FROM (SELECT DISTINCT * FROM unnest($1::int[], $2::int[]) AS s (location_id, sku_id)) s JOIN newest_run USING (location_id)
  CROSS JOIN LATERAL (
    SELECT * FROM demand_forecast d
    WHERE d.location_id = s.location_id AND d.sku_id = s.sku_id AND d.cut_day = newest_run.cut_day LIMIT 1) f`;

/** Converts a row to a StoredForecast. */
export function storedForecast({ quantiles, ...row }: ForecastRow): StoredForecast {
  const horizon = row.mean.length;
  return {
    ...row,
    key: shelfKey(row),
    origin: dayNumber(row.cutDay),
    quantiles: LEVELS.map((_, i) => quantiles.slice(i * horizon, (i + 1) * horizon)),
  };
}

/**
 * The forecasts of these shelves in the newest finished run of their location, at or before a cut day if one is given.
 * Shelves without one are left out; in no particular order.
 */
export async function currentForecasts(
  tx: Tx,
  shelves: readonly ShelfKey[],
  atCutDay: string | null = null,
): Promise<StoredForecast[]> {
  const values = [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId), atCutDay];
  return (await tx.rows<ForecastRow>(CURRENT, values)).map(storedForecast);
}
