// Sales and forecasts as the report card's tests set them up: history by the day, runs of forecasts made by hand.

import { makeMonths } from '../../src/db/months';
import { runScoring } from '../../src/forecast/actions/accuracy/run';
import { LEVELS, type Series } from '../../src/forecaster/series';
import { learnSpread, spreadOf } from '../../src/forecaster/spread/spread';
import { dayNumber, dayOf } from '../../src/values/time';
import type { TestApp } from '../support/app';

/** The last day that is known when the tests' run begins: the run of 25 November, 2026. */
export const YESTERDAY = '2026-11-24';
/** 01:15 in Paris. */
export const NIGHT = new Date('2026-11-25T00:15:00Z');

export const daysBefore = (days: number, day = YESTERDAY): string => dayOf(dayNumber(day) - days);

const SALES = `
  INSERT INTO daily_sales (location_id, sku_id, channel, day, units, stocked_out)
  SELECT l.id, s.id, 'SHOP', u.day, u.units, u.stocked_out
  FROM unnest($3::date[], $4::int[], $5::bool[]) AS u(day, units, stocked_out), location l, sku s
  WHERE l.code = $1 AND s.code = $2
  ON CONFLICT (location_id, sku_id, day, channel, feed_id)
  DO UPDATE SET units = excluded.units, stocked_out = excluded.stocked_out`;

/** Units sold on consecutive days, the last of which is `lastDay`; null: the shelf was empty. */
export async function sold(
  app: TestApp,
  location: string,
  sku: string,
  units: readonly (number | null)[],
  lastDay = YESTERDAY,
): Promise<void> {
  const days = units.map((_, i) => daysBefore(units.length - 1 - i, lastDay));
  await app.db.rows(SALES, [location, sku, days, units.map((u) => u ?? 0), units.map((u) => u === null)]);
}

const RUN = `
  INSERT INTO forecast_run (due_at, cut_day, horizon, status, started_at, finished_at)
  VALUES ($1, $2, 28, 'DONE', $1, $1) RETURNING id`;
const FORECAST = `
  WITH night AS (
    INSERT INTO forecast_night (location_id, cut_day, run_id) SELECT id, $3::date, $4::int FROM location WHERE code = $1
    ON CONFLICT DO NOTHING)
  INSERT INTO demand_forecast (location_id, sku_id, cut_day, run_id, method, why, trials, mean, quantiles, spread, recent_mean)
  SELECT l.id, s.id, $3::date, $4::int, 'HAND', 'by hand', '[]', $5, $6, $7, 1 FROM location l, sku s
  WHERE l.code = $1 AND s.code = $2`;

let runs = 0;

/** What a run says of a SKU: the same mean and quantiles on every day. */
export interface Said {
  sku: string;
  mean: number;
  quantiles?: readonly number[];
}

/** The spread that the forecaster gives a series of this mean that varies a little. */
function spreadAround(mean: number): number[] {
  const values = Float64Array.from({ length: 200 }, (_, i) =>
    Math.max(0, Math.round(mean + ((i * 7) % 5) - 2)),
  );
  const series: Series = { key: 'x', groups: {}, start: 0, values };
  return spreadOf(series, 199, new Array(28).fill(mean), learnSpread([]));
}

/** A finished run of a location, as forecastDemand would have left it. */
export async function foreseen(
  app: TestApp,
  location: string,
  cutDay: string,
  said: readonly Said[],
): Promise<void> {
  await makeMonths(app.db, 'demand_forecast', [cutDay]);
  const dueAt = new Date(Date.parse(`${cutDay}T00:00:00Z`) + 86_400_000 + ++runs);
  const [run] = await app.db.rows<{ id: number }>(RUN, [dueAt, cutDay]);
  for (const { sku, mean, quantiles = LEVELS.map(() => mean) } of said) {
    const days = Array.from({ length: 28 }, () => mean);
    const all = quantiles.flatMap((q) => days.map(() => q));
    await app.db.rows(FORECAST, [location, sku, cutDay, run!.id, days, all, spreadAround(mean)]);
  }
}

/** The scoring job, as the timetable would run it. */
export function score(app: TestApp, dueAt = NIGHT): Promise<Record<string, number>> {
  return runScoring(app.parts, dueAt, async () => true);
}
