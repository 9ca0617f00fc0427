// Scores of forecasts of sums: against the units sold since, for every level, and read over the API.

import { LEVELS } from '../../src/forecaster/series';
import { startApp, type TestApp } from '../support/app';
import { score } from './accuracySupport';
import { dayAfter, historyOf, putSales, runNight, SHELVES } from './support';

// Two runs of forecasts.
jest.setTimeout(120_000);

const CUT_BEFORE = '2026-10-19';
let app: TestApp;
let planner: string;

beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  await app.db.rows("UPDATE location SET groups = '{CITY}' WHERE code IN ('paris', 'lyon')");
  await putSales(app.db, historyOf([...SHELVES, ['depot', 'LAMP']], 300));
  await runNight(app, new Date('2026-10-20T00:05:00Z'));
  await runNight(app);
  await score(app);
});
afterAll(() => app.close());

interface ScoreRow {
  category: string | null;
  location: string | null;
  from: number;
  days: number;
  actual: number;
  error: number;
  absError: number;
  pinball: number[];
  covered: number[];
}

const scores = () =>
  app.db.rows<ScoreRow>(
    `SELECT s.category, l.code AS location, s.horizon_from AS "from", s.days, s.actual, s.error, s.abs_error AS "absError",
       s.pinball, s.covered
     FROM level_score s LEFT JOIN location l ON l.id = s.location_id WHERE s.cut_day = $1
     ORDER BY 1 NULLS FIRST, 2 NULLS FIRST, 3`,
    [CUT_BEFORE],
  );

/** Units sold on a day by the shelves of a sum. */
async function soldOn(day: string, category: string | null, location: string | null): Promise<number> {
  const [row] = await app.db.rows<{ units: number }>(
    `SELECT coalesce(sum(d.units), 0)::int AS units FROM daily_sales d JOIN sku s ON s.id = d.sku_id
     JOIN location l ON l.id = d.location_id
     WHERE d.day = $1 AND ($2::text IS NULL OR split_part(s.category, '/', 1) = $2) AND ($3::text IS NULL OR l.code = $3)`,
    [day, category, location],
  );
  return row!.units;
}

test('every sum has the scores of its own days, at every horizon', async () => {
  const levels = await app.db.rows<{
    category: string | null;
    location: string | null;
    mean: number[];
    quantiles: number[];
  }>(
    `SELECT f.category, l.code AS location, f.mean, f.quantiles FROM level_forecast f LEFT JOIN location l ON l.id = f.location_id
     WHERE f.cut_day = $1`,
    [CUT_BEFORE],
  );
  const all = await scores();
  expect(all).toHaveLength(4 * levels.length);
  for (const { category, location, mean, quantiles } of levels) {
    const score = all.find((s) => s.category === category && s.location === location && s.from === 2)!;
    const expected = {
      actual: 0,
      error: 0,
      absError: 0,
      pinball: LEVELS.map(() => 0),
      covered: LEVELS.map(() => 0),
    };
    for (let h = 2; h <= 7; h += 1) {
      const units = await soldOn(dayAfter(CUT_BEFORE, h), category, location);
      expected.actual += units;
      expected.error += mean[h - 1]! - units;
      expected.absError += Math.abs(mean[h - 1]! - units);
      for (const [i, level] of LEVELS.entries()) {
        const quantile = quantiles[28 * i + h - 1]!;
        expected.pinball[i]! +=
          units >= quantile ? level * (units - quantile) : (1 - level) * (quantile - units);
        if (units <= quantile) expected.covered[i]! += 1;
      }
    }
    expect(score.days).toBe(6);
    expect(score.covered).toEqual(expected.covered);
    for (const key of ['actual', 'error', 'absError'] as const)
      expect(score[key]).toBeCloseTo(expected[key], 6);
    for (const [i, loss] of expected.pinball.entries()) expect(score.pinball[i]).toBeCloseTo(loss, 6);
  }
  // Sums of what was sold add up over the levels.
  const actualOf = (rows: ScoreRow[]): number => rows.reduce((sum, row) => sum + row.actual, 0);
  const [chain, cells, locations] = [
    all.filter((s) => s.category === null && s.location === null),
    all.filter((s) => s.category !== null && s.location !== null),
    all.filter((s) => s.category === null && s.location !== null),
  ].map(actualOf);
  expect([cells, locations]).toEqual([chain, chain]);
});

test('scoring again changes nothing', async () => {
  const before = await scores();
  await score(app);
  expect(await scores()).toEqual(before);
});

test('planners see the accuracy of a sum by horizon; a group that is no sum of its own has none', async () => {
  const query = `query ($category: String, $group: String, $cutDay: Date) {
    levelForecast(category: $category, locationGroup: $group, cutDay: $cutDay) {
      accuracy { horizon days actual forecast wape bias wql mase naiveWape levels { level coverage pinballLoss } } } }`;
  const chain = await app.gql(planner, query, {});
  expect(chain.errors).toBeUndefined();
  const { accuracy } = chain.data.levelForecast!;
  expect(accuracy.map(({ horizon, days }) => [horizon, days])).toEqual([
    ['DAY_1', 1],
    ['DAYS_2_TO_7', 6],
    ['DAYS_8_TO_14', 7],
    ['DAYS_15_TO_28', 14],
  ]);
  for (const { actual, forecast, wape, bias, wql, mase } of accuracy) {
    expect(forecast / actual - 1).toBeCloseTo(bias!, 6);
    expect(Math.abs(bias!)).toBeLessThanOrEqual(wape! + 1e-9);
    expect(wql).toBeGreaterThan(0);
    expect(mase).toBeNull();
  }
  const outdoor = await app.gql(planner, query, { category: 'Outdoor' });
  expect(outdoor.data.levelForecast!.accuracy).toHaveLength(4);
  const city = await app.gql(planner, query, { group: 'CITY' });
  expect(city.data.levelForecast!.accuracy).toEqual([]);
});
