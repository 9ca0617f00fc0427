// Reads of forecast returns: the expected returns that replenishment counts as supply, and the chart of one shelf.

import type { Tx } from '../../../db/pool';
import { type Cohort, cohortsOf } from '../../../forecaster/returns/cohorts';
import { type LearntReturns, withinWindow } from '../../../forecaster/returns/learn';
import { LEVELS } from '../../../forecaster/series';
import type { ShelfKey } from '../forecasts';
import { HISTORY_WEEKS, type ShelfWeeks, shelfWeeks } from './history';

/** Returns of one shelf expected within some days. */
export interface ExpectedReturns extends ShelfKey {
  /** Mean units that come back. */
  units: number;
  /** Mean units of them that can be sold again at once. */
  resaleableUnits: number;
  /** Cut day of the run; null where there is none, and then nothing is expected. */
  cutDay: string | null;
}

// The newest finished run before the first day: later forecasts were not known then. Days after the last
// forecast week repeat its daily rate.
const EXPECTED = `
  WITH newest_run AS (
    SELECT DISTINCT ON (location_id) location_id, cut_day FROM returns_night
    WHERE location_id = ANY($1::int[]) AND done_at IS NOT NULL AND cut_day < $3::date
    ORDER BY location_id, cut_day DESC)
  SELECT s.location_id AS "locationId", s.sku_id AS "skuId", n.cut_day AS "cutDay",
    coalesce(e.units, 0)::float8 AS units, coalesce(e.units * f.resaleable_share, 0)::float8 AS "resaleableUnits"
  FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS s (location_id, sku_id, ord)
  LEFT JOIN newest_run n USING (location_id)
  LEFT JOIN LATERAL (
    SELECT r.mean, r.resaleable_share FROM returns_forecast r
    WHERE r.location_id = s.location_id AND r.sku_id = s.sku_id AND r.cut_day = n.cut_day LIMIT 1) f ON true
  LEFT JOIN LATERAL (
    SELECT sum(f.mean[least(array_length(f.mean, 1), (($3::date - n.cut_day) + d - 1) / 7 + 1)] / 7) AS units
    FROM generate_series(0, $4::int - 1) AS d) e ON true
  ORDER BY s.ord`;

/**
 * Units expected to come back to these shelves in the `days` days from `fromDay` (YYYY-MM-DD) on, by the newest
 * finished run of their location before that day; one answer a shelf, in their order.
 */
export function expectedReturns(
  tx: Tx,
  shelves: readonly ShelfKey[],
  fromDay: string,
  days: number,
): Promise<ExpectedReturns[]> {
  const values = [shelves.map((s) => s.locationId), shelves.map((s) => s.skuId), fromDay, days];
  return tx.rows<ExpectedReturns>(EXPECTED, values);
}

/** Returns of one shelf as they were forecast in one run. h = 1 is the week from the day after `cutDay` on. */
export interface StoredReturns extends ShelfKey {
  cutDay: string;
  runId: number;
  /** Units a week. */
  mean: number[];
  /** One row a level of LEVELS, one number a week. */
  quantiles: number[][];
  /** Of all weeks together, one number a level. */
  sumQuantiles: number[];
  /** Units expected to be sold, week by week. */
  sales: number[];
  /** The demand forecast run it comes from; null: the mean of the last weeks. */
  demandCutDay: string | null;
  /** Weeks in which a unit can come back, that of its sale included. */
  windowWeeks: number;
  /** Units that come back of each one sold, all SKUs together; the factors are those over it. */
  usualRate: number;
  categoryFactor: number;
  skuFactor: number;
  ownFactor: number;
  /** Returns seen, and those that the usual rate would have had; newer weeks count more. */
  seenReturned: number;
  seenUsual: number;
  /** Returns that the rate of the SKU over all locations weighed like. */
  strength: number;
  resaleableShare: number;
  /** Units of this SKU that came back to us and were looked at. */
  resaleableSeen: number;
}

interface StoredReturnsRow extends Omit<StoredReturns, 'quantiles'> {
  quantiles: number[];
}

const NEWEST = `
  WITH newest_run AS (
    SELECT DISTINCT ON (location_id) location_id, cut_day FROM returns_night
    WHERE location_id = ANY($1::int[]) AND done_at IS NOT NULL AND ($3::date IS NULL OR cut_day <= $3)
    ORDER BY location_id, cut_day DESC)
  SELECT f.location_id AS "locationId", f.sku_id AS "skuId", f.cut_day AS "cutDay", f.run_id AS "runId", f.mean,
    f.quantiles, f.sum_quantiles AS "sumQuantiles", f.sales, f.demand_cut_day AS "demandCutDay",
    f.window_weeks AS "windowWeeks", f.usual_rate AS "usualRate", f.category_factor AS "categoryFactor",
    f.sku_factor AS "skuFactor", f.own_factor AS "ownFactor", f.seen_returned AS "seenReturned",
    f.seen_usual AS "seenUsual", f.strength, f.resaleable_share AS "resaleableShare",
    f.resaleable_seen AS "resaleableSeen"
  FROM (SELECT DISTINCT * FROM unnest($1::int[], $2::int[]) AS s (location_id, sku_id)) s JOIN newest_run USING (location_id)
  CROSS JOIN LATERAL (
    SELECT * FROM returns_forecast r
    WHERE r.location_id = s.location_id AND r.sku_id = s.sku_id AND r.cut_day = newest_run.cut_day LIMIT 1) f`;

const rowsOf = (quantiles: readonly number[], weeks: number): number[][] =>
  LEVELS.map((_, i) => quantiles.slice(i * weeks, (i + 1) * weeks));

/**
 * What was forecast for these shelves in the newest finished run of their location, at or before a cut day if one is
 * given. Shelves without are left out; in no particular order.
 */
export async function currentReturns(
  tx: Tx,
  shelves: readonly ShelfKey[],
  atCutDay: string | null = null,
): Promise<StoredReturns[]> {
  const rows = await tx.rows<StoredReturnsRow>(NEWEST, [
    shelves.map((s) => s.locationId),
    shelves.map((s) => s.skuId),
    atCutDay,
  ]);
  return rows.map((row) => ({ ...row, quantiles: rowsOf(row.quantiles, row.mean.length) }));
}

/** Returns of all SKUs of a location together: of its usual week. */
export interface LocationReturns {
  locationId: number;
  cutDay: string;
  mean: number[];
  quantiles: number[][];
}

const BY_LOCATION = `
  SELECT DISTINCT ON (location_id) location_id AS "locationId", cut_day AS "cutDay", mean, quantiles FROM returns_night
  WHERE location_id = ANY($1::int[]) AND done_at IS NOT NULL AND ($2::date IS NULL OR cut_day <= $2)
  ORDER BY location_id, cut_day DESC`;

/** The newest finished run of each location, at or before a cut day if one is given; locations without are left out. */
export async function locationReturnsOf(
  tx: Tx,
  locationIds: readonly number[],
  atCutDay: string | null = null,
): Promise<LocationReturns[]> {
  const rows = await tx.rows<Omit<LocationReturns, 'quantiles'> & { quantiles: number[] }>(BY_LOCATION, [
    locationIds,
    atCutDay,
  ]);
  return rows.map((row) => ({ ...row, quantiles: rowsOf(row.quantiles, row.mean.length) }));
}

/** The data behind a shelf's forecast: its weeks up to the cut, and the cohorts that can still come back. */
export interface ReturnsPast {
  /** Units sold and come back, week by week; the last one ends with the cut day. */
  sold: number[];
  returned: number[];
  /** Share of what comes back that does so k weeks after the week of its sale. */
  lag: number[];
  /** The youngest first: that of the week that ends with the cut day. */
  cohorts: Cohort[];
}

const LAGS = `SELECT id, learnt -> 'returns' -> 'lag' AS lag FROM returns_run WHERE id = ANY($1::int[])`;

/** The data behind these forecasts, in their order; one read per location and run. */
export async function returnsPasts(tx: Tx, forecasts: readonly StoredReturns[]): Promise<ReturnsPast[]> {
  const runIds = [...new Set(forecasts.map((f) => f.runId))];
  const lags = new Map(
    (await tx.rows<{ id: number; lag: LearntReturns['lag'] }>(LAGS, [runIds])).map((r) => [r.id, r.lag]),
  );
  const groups = new Map<string, StoredReturns[]>();
  for (const forecast of forecasts) {
    const key = `${forecast.locationId} ${forecast.cutDay}`;
    groups.set(key, [...(groups.get(key) ?? []), forecast]);
  }
  const pasts = new Map<StoredReturns, ReturnsPast>();
  for (const group of groups.values()) {
    const { locationId, cutDay } = group[0]!;
    const skuIds = [...new Set(group.map((f) => f.skuId))];
    const shelves = new Map((await shelfWeeks(tx, locationId, skuIds, cutDay)).map((s) => [s.skuId, s]));
    for (const forecast of group)
      pasts.set(forecast, pastOf(forecast, shelves.get(forecast.skuId), lags.get(forecast.runId)!));
  }
  return forecasts.map((forecast) => pasts.get(forecast)!);
}

function pastOf(
  { windowWeeks, usualRate, ownFactor }: StoredReturns,
  shelf: ShelfWeeks | undefined,
  learntLag: readonly number[],
): ReturnsPast {
  const lag = withinWindow(learntLag, windowWeeks);
  const none = new Float64Array(HISTORY_WEEKS);
  const { sold, returned } = shelf ?? { sold: none, returned: none };
  const cohorts =
    shelf === undefined
      ? []
      : cohortsOf({ key: '', ...shelf }, lag, usualRate * ownFactor, shelf.matchedByAge);
  return { sold: [...sold], returned: [...returned], lag, cohorts };
}
