// A history for the small world, runs run through the runner, and forecasts put there by hand.

import { JobRunner } from '../../jobs/runner';
import { type Job, TIMETABLE } from '../../jobs/timetable';
import type { Tx } from '../../src/db/pool';
import type { TestApp } from '../support/app';

/** 01:05 in Paris of the day that tests start on: the cut is Tuesday, 2026-11-24. */
export const NIGHT = new Date('2026-11-25T00:05:00.000Z');
export const CUT = '2026-11-24';

/** Units that a made-up shelf sells on day i: more at weekends, and in waves, so that no two series are the same. */
function unitsOn(i: number, shelf: number): number {
  const weekend = i % 7 >= 5 ? 2 : 1;
  return Math.max(0, Math.round(((shelf % 5) + 1) * weekend * (1 + 0.5 * Math.sin(i * (1 + shelf) * 1.7))));
}

const SALES = `
  INSERT INTO daily_sales (location_id, sku_id, channel, day, units, revenue_minor, stocked_out)
  SELECT l.id, s.id, 'shop', x.day, x.units, x.units::bigint * 1000, x.stocked_out
  FROM unnest($1::text[], $2::text[], $3::date[], $4::int[], $5::boolean[])
    AS x (location, sku, day, units, stocked_out)
  JOIN location l ON l.code = x.location JOIN sku s ON s.code = x.sku`;

export interface Fact {
  location: string;
  sku: string;
  day: string;
  units: number;
  stockedOut?: boolean;
}

/** Writes daily facts as they are. */
export async function putSales(db: Tx, facts: readonly Fact[]): Promise<void> {
  await db.rows(SALES, [
    facts.map((f) => f.location),
    facts.map((f) => f.sku),
    facts.map((f) => f.day),
    facts.map((f) => f.units),
    facts.map((f) => f.stockedOut ?? false),
  ]);
}

/** The day so many days after another. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}

/** History of `days` days up to and with `last` for these shelves, every one another. */
export function historyOf(
  shelves: readonly [location: string, sku: string][],
  days = 200,
  last = CUT,
): Fact[] {
  return shelves.flatMap(([location, sku], shelf) =>
    Array.from({ length: days }, (_, i) => ({
      location,
      sku,
      day: dayAfter(last, i - days + 1),
      units: unitsOn(i, shelf),
      stockedOut: i % 50 === 40,
    })).filter((fact) => fact.units > 0 || fact.stockedOut),
  );
}

/** Shelves of the small world that sell: all four SKUs in Paris, two in Lyon, none in the depot. */
export const SHELVES: [string, string][] = [
  ['paris', 'TENT-2'],
  ['paris', 'LAMP'],
  ['paris', 'SOCK-M'],
  ['paris', 'MUG'],
  ['lyon', 'LAMP'],
  ['lyon', 'MUG'],
];

/** Many more SKUs (BULK-0001 …), for parts that are more than one. */
export async function putSkus(db: Tx, count: number): Promise<string[]> {
  const rows = await db.rows<{ code: string }>(
    `INSERT INTO sku (code, name, category)
     SELECT 'BULK-' || to_char(i, 'FM0000'), 'Bulk ' || i, 'Bulk/' || i % 7 FROM generate_series(1, $1) AS i RETURNING code`,
    [count],
  );
  return rows.map((row) => row.code);
}

/** The job as the timetable has it. */
export function nightly(name = 'forecastDemand'): Job {
  return TIMETABLE.find((job) => job.name === name)!;
}

/** A runner of the run. */
export function runnerOf(app: TestApp, name = 'tests'): JobRunner {
  return new JobRunner(app.parts, [nightly()], name);
}

/** Runs the run through a runner of its own. */
export function runNight(app: TestApp, dueAt = NIGHT, runner = 'tests') {
  return runnerOf(app, runner).runDue(nightly(), dueAt);
}

export interface ForecastRow {
  location: string;
  sku: string;
  cutDay: string;
  runId: number;
  method: string;
  mean: number[];
  quantiles: number[];
  spread: number[];
  recentMean: number;
  why: string;
  trials: unknown[];
}

/** All forecasts there are, in the order of their keys. */
export function storedForecasts(db: Tx): Promise<ForecastRow[]> {
  return db.rows<ForecastRow>(
    `SELECT l.code AS location, s.code AS sku, f.cut_day AS "cutDay", f.run_id AS "runId", f.method, f.mean, f.quantiles,
       f.spread, f.recent_mean AS "recentMean", f.why, f.trials
     FROM demand_forecast f JOIN location l ON l.id = f.location_id JOIN sku s ON s.id = f.sku_id
     ORDER BY f.cut_day, l.code, s.code`,
  );
}

export interface LevelRow {
  category: string | null;
  location: string | null;
  mean: number[];
  shelves: number[];
  quantiles: number[];
  history: number[];
  scaleMean: number | null;
}

/** All forecasts of sums there are, in the order in which they are stored. */
export function storedLevels(db: Tx): Promise<LevelRow[]> {
  return db.rows<LevelRow>(
    `SELECT f.category, l.code AS location, f.mean, f.shelves, f.quantiles, f.history, f.scale_mean AS "scaleMean"
     FROM level_forecast f LEFT JOIN location l ON l.id = f.location_id ORDER BY f.cut_day, f.run_id, f.number`,
  );
}

/** The sum of the means of the shelves of each cell less the cell's own, the largest in units; null without cells. */
export async function largestGap(db: Tx): Promise<number | null> {
  const [row] = await db.rows<{ gap: number | null }>(
    `SELECT max(abs(c.units - coalesce(d.units, 0))) AS gap
     FROM (SELECT f.run_id, f.location_id, f.category, m.h, m.units FROM level_forecast f
             CROSS JOIN LATERAL unnest(f.mean) WITH ORDINALITY AS m (units, h)
           WHERE f.category IS NOT NULL AND f.location_id IS NOT NULL) c
     LEFT JOIN (SELECT f.run_id, f.location_id, split_part(s.category, '/', 1) AS category, m.h, sum(m.units) AS units
                FROM demand_forecast f JOIN sku s ON s.id = f.sku_id
                CROSS JOIN LATERAL unnest(f.mean) WITH ORDINALITY AS m (units, h) GROUP BY 1, 2, 3, 4) d
       USING (run_id, location_id, category, h)`,
  );
  return row!.gap;
}
