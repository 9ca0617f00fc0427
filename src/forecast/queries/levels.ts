// Reads of the forecasts of sums: of categories, locations, groups of locations and the chain, added up from the cells of a run.

import type { Tx } from '../../db/pool';
import { LEVELS } from '../../forecaster/series';
import { dayQuantiles } from '../../forecaster/spread/spread';
import type { MeanAndSpread } from '../../forecaster/spread/stored';
import { onItsMean, summedForecast } from '../../forecaster/spread/summed';

/** Days of history stored with a forecast of a sum: half a year, for charts and scores. */
export const LEVEL_HISTORY_DAYS = 182;

/** A sum that is asked for. */
export interface LevelSelection {
  /** A topmost category; null: all. */
  category: string | null;
  /** Null: all locations. */
  locationIds: readonly number[] | null;
  /** The newest runs at or before this day; null: the newest. */
  atCutDay: string | null;
}

/** Forecast of a category at a location, as a part of a sum. */
export interface LevelCell extends MeanAndSpread {
  runId: number;
  category: string;
  locationId: number;
  /** What its shelves expected on their own. */
  shelves: number[];
  /** Units sold a day up to the cut day; NaN where nothing is known. */
  history: number[];
}

/** The forecast of a sum. */
export interface LevelForecastRecord extends MeanAndSpread {
  category: string | null;
  cutDay: string;
  cells: LevelCell[];
  /** It has all locations of its runs. */
  isWhole: boolean;
  /** Units a day: one row a level of LEVELS, one number a day ahead. */
  quantiles: number[][];
  /** Units sold a day up to the cut day; NaN where nothing is known. */
  history: number[];
}

// Locations in other time zones have another cut day for some hours: the newest day is taken for which all of them have one.
const CUT_DAY = `
  WITH newest AS (
    SELECT n.location_id, max(n.cut_day) AS cut_day FROM forecast_night n JOIN forecast_run r ON r.id = n.run_id
    WHERE r.status = 'DONE' AND r.reconciled_at IS NOT NULL AND r.level_error IS NULL
      AND ($1::int[] IS NULL OR n.location_id = ANY($1::int[])) AND ($2::date IS NULL OR n.cut_day <= $2)
    GROUP BY 1)
  SELECT min(cut_day) AS "cutDay" FROM newest WHERE cut_day >= (SELECT max(cut_day) - 1 FROM newest)`;

const CELLS = `
  SELECT f.run_id AS "runId", coalesce(f.category, '') AS category, coalesce(f.location_id, 0) AS "locationId", f.mean,
    f.shelves, f.spread, f.history
  FROM forecast_night n JOIN forecast_run r ON r.id = n.run_id
  JOIN level_forecast f ON f.run_id = n.run_id AND f.location_id = n.location_id AND f.category IS NOT NULL
  WHERE n.cut_day = $1::date AND r.status = 'DONE' AND ($2::text IS NULL OR f.category = $2)
  ORDER BY f.location_id, f.category`;

// The nodes that the asked for sum may be, or be a part of.
const WHOLES = `
  SELECT f.run_id AS "runId", f.location_id AS "locationId", f.mean, f.spread
  FROM forecast_run r JOIN level_forecast f ON f.run_id = r.id
  WHERE r.cut_day = $1::date AND r.status = 'DONE' AND f.category IS NOT DISTINCT FROM $2::text
    AND (f.location_id IS NULL OR f.location_id = $3::int)
  ORDER BY f.run_id, f.number`;

interface WholeRow extends MeanAndSpread {
  runId: number;
  locationId: number | null;
}

/** Means are kept in ten-thousandths of a unit, in which sums are exact. */
const PRECISION = 1e4;
/** Rounded so that sums of rounded numbers are exact. */
export const exactly = (units: number): number => Math.round(units * PRECISION) / PRECISION;

/** The forecast of the cells as one: as it was stored if they were forecast as one, else made of theirs. */
function forecastOf(
  cells: readonly LevelCell[],
  all: readonly LevelCell[],
  wholes: readonly WholeRow[],
): MeanAndSpread {
  const mean = cells[0]!.mean.map((_, h) => exactly(cells.reduce((sum, cell) => sum + cell.mean[h]!, 0)));
  const [only] = cells;
  if (cells.length === 1) return onItsMean({ mean, spread: only!.spread });
  const runIds = new Set(cells.map(({ runId }) => runId));
  for (const { runId, locationId, spread } of wholes) {
    const of = all.filter(
      (cell) => cell.runId === runId && (locationId === null || cell.locationId === locationId),
    );
    if (
      runIds.size === 1 &&
      runIds.has(runId) &&
      of.length === cells.length &&
      of.every((cell) => cells.includes(cell))
    )
      return onItsMean({ mean, spread });
  }
  const whole = wholes.find(({ runId, locationId }) => runIds.has(runId) && locationId === null);
  if (whole === undefined) return { mean, spread: [] };
  const of = all.filter((cell) => cell.runId === whole.runId);
  return { ...summedForecast(cells, { whole, cells: of }), mean };
}

function historyOf(cells: readonly LevelCell[]): number[] {
  const days = Math.max(0, ...cells.map(({ history }) => history.length));
  return Array.from({ length: days }, (_, i) => {
    const known = cells.map(({ history }) => history[history.length - days + i]!).filter(Number.isFinite);
    return known.length === 0 ? Number.NaN : known.reduce((sum, units) => sum + units, 0);
  });
}

/** The forecast of a sum in the newest run for which it is known; null without one. */
export async function levelForecast(tx: Tx, selection: LevelSelection): Promise<LevelForecastRecord | null> {
  const { category, locationIds, atCutDay } = selection;
  const [newest] = await tx.rows<{ cutDay: string | null }>(CUT_DAY, [locationIds, atCutDay]);
  const cutDay = newest?.cutDay ?? null;
  if (cutDay === null) return null;
  const all = await tx.rows<LevelCell>(CELLS, [cutDay, category]);
  const selected = locationIds === null ? null : new Set(locationIds);
  const cells = all.filter(({ locationId }) => selected?.has(locationId) ?? true);
  if (cells.length === 0) return null;
  const single = new Set(cells.map(({ locationId }) => locationId)).size === 1 ? cells[0]!.locationId : null;
  const wholes = await tx.rows<WholeRow>(WHOLES, [cutDay, category, single]);
  const forecast = forecastOf(cells, all, wholes);
  const byDay = forecast.mean.map((units, i) =>
    units === 0 ? LEVELS.map(() => 0) : dayQuantiles(forecast, i + 1, LEVELS),
  );
  return {
    ...{ ...forecast, category, cutDay, cells, history: historyOf(cells) },
    isWhole: cells.length === all.length,
    quantiles: LEVELS.map((_, level) => byDay.map((quantiles) => quantiles[level]!)),
  };
}

const OF_GROUP = 'SELECT id FROM location WHERE groups @> ARRAY[$1::text] ORDER BY id';

/** Ids of the locations of a group, also of those that are closed by now. */
export async function groupLocationIds(tx: Tx, group: string): Promise<number[]> {
  return (await tx.rows<{ id: number }>(OF_GROUP, [group])).map(({ id }) => id);
}
