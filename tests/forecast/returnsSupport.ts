// A history of sales and returns for the small world, and returns forecasts made through the job runner.

import { JobRunner } from '../../jobs/runner';
import { type Job, TIMETABLE } from '../../jobs/timetable';
import type { Tx } from '../../src/db/pool';
import type { TestApp } from '../support/app';
import { CUT, dayAfter } from './support';

/** 02:10 in Paris of the day that tests start on: the cut is Tuesday, 2026-11-24. */
export const RETURNS_NIGHT = new Date('2026-11-25T01:10:00.000Z');

export interface ReturnsFact {
  location: string;
  sku: string;
  day: string;
  units: number;
  returned: number;
}

const FACTS = `
  INSERT INTO daily_sales (location_id, sku_id, channel, day, units, returned_units)
  SELECT l.id, s.id, 'shop', x.day, x.units, x.returned
  FROM unnest($1::text[], $2::text[], $3::date[], $4::int[], $5::int[]) AS x (location, sku, day, units, returned)
  JOIN location l ON l.code = x.location JOIN sku s ON s.code = x.sku`;

/** Writes daily facts as they are. */
export async function putFacts(db: Tx, facts: readonly ReturnsFact[]): Promise<void> {
  await db.rows(FACTS, [
    facts.map((f) => f.location),
    facts.map((f) => f.sku),
    facts.map((f) => f.day),
    facts.map((f) => f.units),
    facts.map((f) => f.returned),
  ]);
}

/** Ten units sold every day, and `back` of them back a week later, up to and with `last`. */
export function steadyFacts(
  location: string,
  sku: string,
  back: number,
  days = 280,
  last = CUT,
): ReturnsFact[] {
  return Array.from({ length: days }, (_, i) => ({
    location,
    sku,
    day: dayAfter(last, i - days + 1),
    units: 10,
    returned: i >= 7 ? back : 0,
  }));
}

function nightly(): Job {
  return TIMETABLE.find((job) => job.name === 'forecastReturns')!;
}

/** Runs the run through a runner of its own. */
export function runReturnsNight(app: TestApp, dueAt = RETURNS_NIGHT, runner = 'tests') {
  return new JobRunner(app.parts, [nightly()], runner).runDue(nightly(), dueAt);
}

export interface ReturnsRow {
  location: string;
  sku: string;
  cutDay: string;
  mean: number[];
  quantiles: number[];
  sales: number[];
  ownFactor: number;
  resaleableShare: number;
}

/** All forecasts there are, in the order of their keys. */
export function storedReturns(db: Tx): Promise<ReturnsRow[]> {
  return db.rows<ReturnsRow>(
    `SELECT l.code AS location, s.code AS sku, f.cut_day AS "cutDay", f.mean, f.quantiles, f.sales,
       f.own_factor AS "ownFactor", f.resaleable_share AS "resaleableShare"
     FROM returns_forecast f JOIN location l ON l.id = f.location_id JOIN sku s ON s.id = f.sku_id
     ORDER BY f.cut_day, l.code, s.code`,
  );
}
