// Forecasts of sums in the nightly run: shelves, categories, locations and the chain add up, and a sum that breaks harms no shelf.

import { startApp, type TestApp } from '../support/app';
import {
  CUT,
  historyOf,
  largestGap,
  putSales,
  runNight,
  SHELVES,
  storedForecasts,
  storedLevels,
} from './support';

const HORIZON = 28;
let app: TestApp;
beforeEach(async () => {
  app = await startApp();
});
afterEach(() => app.close());

const run = async () =>
  (await app.db.rows('SELECT status, level_error FROM forecast_run ORDER BY id')).at(-1);
const totalOf = (units: readonly number[]): number => units.reduce((sum, each) => sum + each, 0);
const DONE = { status: 'DONE', level_error: null };

test('shelves add up to category and location, these to categories, locations and the chain, to the cent on every day', async () => {
  await putSales(app.db, historyOf(SHELVES, 500));
  await runNight(app);
  expect(await run()).toEqual(DONE);
  const levels = await storedLevels(app.db);
  const cells = levels.filter((row) => row.category !== null && row.location !== null);
  const categories = levels.filter((row) => row.category !== null && row.location === null);
  const locations = levels.filter((row) => row.category === null && row.location !== null);
  const [chain, ...others] = levels.filter((row) => row.category === null && row.location === null);
  expect([cells.length, locations.length, others.length]).toEqual([
    levels.length - categories.length - 3,
    2,
    0,
  ]);
  expect(categories.length).toBeGreaterThan(1);
  const cents = (units: number): number => Math.round(units * 100) / 100;
  for (let h = 0; h < HORIZON; h += 1) {
    const sums = [cells, categories, locations].map((rows) => totalOf(rows.map(({ mean }) => mean[h]!)));
    for (const sum of sums) expect(cents(sum)).toBe(cents(chain!.mean[h]!));
    for (const { category, location, mean } of [...categories, ...locations]) {
      const below = cells.filter((cell) => category === null || cell.category === category);
      const sum = totalOf(
        below.filter((cell) => location === null || cell.location === location).map((c) => c.mean[h]!),
      );
      expect(Math.round(sum * 1e4)).toBe(Math.round(mean[h]! * 1e4));
    }
  }
  expect(await largestGap(app.db)).toBeLessThan(0.01);
  // Not the shelves as they are on their own.
  expect(cells.some(({ scaleMean }) => Math.abs(scaleMean! - 1) > 0.001)).toBe(true);
  for (const { scaleMean } of cells) {
    expect(scaleMean).toBeGreaterThan(0.4);
    expect(scaleMean).toBeLessThan(2.5);
  }
  for (const { quantiles } of levels)
    for (let h = 0; h < HORIZON; h += 1)
      expect(quantiles[h]!).toBeLessThanOrEqual(quantiles[4 * HORIZON + h]!);
  const [sold] = await app.db.rows<{ units: number }>(
    "SELECT sum(units)::int AS units FROM daily_sales WHERE day > '2026-11-24'::date - 182",
  );
  expect(totalOf(chain!.history)).toBe(sold!.units);
  expect(chain!.history).toHaveLength(182);
});

test('one location with one SKU: every level is that shelf', async () => {
  await putSales(app.db, historyOf([['paris', 'LAMP']]));
  await runNight(app);
  expect(await run()).toEqual(DONE);
  const levels = await storedLevels(app.db);
  expect(levels).toHaveLength(4);
  expect(new Set(levels.map(({ mean }) => mean.join())).size).toBe(1);
  expect(await largestGap(app.db)).toBeLessThan(0.01);
});

test('a category without name, and one whose only shelf never sold', async () => {
  await app.db.rows("UPDATE sku SET category = '' WHERE code = 'LAMP'");
  await app.db.rows("UPDATE sku SET category = 'New' WHERE code = 'SOCK-M'");
  await putSales(app.db, historyOf(SHELVES.filter(([, sku]) => sku !== 'SOCK-M')));
  app.wait(-24 * 60);
  const { data } = await app.gql(
    await app.token('FEED'),
    'mutation { receiveStock(input: { idempotencyKey: "new", location: "lyon", lines: [{ sku: "SOCK-M", quantity: 9 }] }) { __typename } }',
  );
  expect(data.receiveStock.__typename).toBe('ReceiveStockSuccess');
  app.wait(24 * 60);
  await runNight(app);
  expect(await run()).toEqual(DONE);
  const levels = await storedLevels(app.db);
  expect(levels.find((row) => row.category === '' && row.location === 'paris')).toBeDefined();
  const fresh = levels.find((row) => row.category === 'New' && row.location === 'lyon')!;
  expect(totalOf(fresh.mean)).toBeGreaterThanOrEqual(0);
  expect(fresh.mean.every(Number.isFinite)).toBe(true);
  expect(await largestGap(app.db)).toBeLessThan(0.01);
});

test('on a day when a location is closed its sums are 0 too', async () => {
  await app.db.rows(
    `INSERT INTO calendar_event (code, name, kind, from_day, to_day, location_id, updated_at)
     SELECT 'SHUT', 'Stocktaking', 'CLOSED', '2026-12-01', '2026-12-02', id, now() FROM location WHERE code = 'lyon'`,
  );
  await putSales(app.db, historyOf(SHELVES, 300));
  await runNight(app);
  for (const { location, mean, quantiles } of await storedLevels(app.db)) {
    const shut = [mean[6], mean[7], quantiles[4 * HORIZON + 6]];
    if (location === 'lyon') expect(shut).toEqual([0, 0, 0]);
    else expect(Math.min(...(shut as number[]))).toBeGreaterThan(0);
    expect(mean[8]).toBeGreaterThan(0);
  }
  expect(await largestGap(app.db)).toBeLessThan(0.01);
});

const means = async () =>
  (await storedForecasts(app.db)).map(({ location, sku, mean, spread }) => [
    location,
    sku,
    ...mean,
    ...spread,
  ]);

test('a sum that breaks harms no shelf: they are published as they are on their own, and the reason is kept', async () => {
  await putSales(app.db, historyOf(SHELVES));
  await app.db.rows(
    "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no sums'; END $$",
  );
  await app.db.rows(
    'CREATE TRIGGER fail BEFORE INSERT ON level_forecast FOR EACH ROW EXECUTE FUNCTION fail()',
  );
  expect(await runNight(app)).toMatchObject({
    ran: true,
    figures: { forecasts: 6, partsDone: 2, failed: 0 },
  });
  expect(await run()).toEqual({ status: 'DONE', level_error: 'no sums' });
  expect(await storedLevels(app.db)).toEqual([]);
  const alone = await means();
  expect(alone).toHaveLength(6);
  // The same night with sums differs by its scales alone.
  await app.db.rows('DROP FUNCTION fail CASCADE');
  for (const table of ['demand_forecast', 'forecast_run', 'job_run'])
    await app.db.rows(`DELETE FROM ${table}`);
  await runNight(app);
  expect(await run()).toEqual(DONE);
  expect(await means()).not.toEqual(alone);
});

test('a run of which an earlier release has forecast parts is not scaled: its sums would not be those of all shelves', async () => {
  await putSales(app.db, historyOf(SHELVES));
  await app.db.rows("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$");
  await app.db.rows(
    'CREATE TRIGGER fail BEFORE UPDATE ON forecast_part FOR EACH ROW WHEN (NEW.number = 2) EXECUTE FUNCTION fail()',
  );
  expect(await runNight(app)).toMatchObject({ error: { message: expect.stringContaining('part') } });
  await app.db.rows('DROP FUNCTION fail CASCADE');
  await app.db.rows(
    `INSERT INTO demand_forecast (location_id, sku_id, cut_day, run_id, method, why, trials, mean, quantiles, spread, recent_mean)
     SELECT p.location_id, p.from_sku_id, r.cut_day, r.id, 'naive', '', '[]', array_fill(1::real, ARRAY[28]),
       array_fill(1::real, ARRAY[140]), '{}', 1
     FROM forecast_part p JOIN forecast_run r ON r.id = p.run_id WHERE p.number = 2`,
  );
  await app.db.rows(
    "UPDATE forecast_part SET done_at = now(), forecasts = 1, without_history = 0, failed = 0, failures = '[]' WHERE number = 2",
  );
  expect(await runNight(app)).toMatchObject({ ran: true, figures: { partsDone: 2, partsForecast: 2 } });
  expect(await run()).toEqual({ status: 'DONE', level_error: '1 parts were forecast by an earlier release' });
  expect(await storedLevels(app.db)).toEqual([]);
  const rows = await storedForecasts(app.db);
  expect(rows.filter(({ method }) => method === 'naive')).toHaveLength(1);
  expect(rows.length).toBeGreaterThan(2);
  expect(await app.db.rows('SELECT FROM forecast_draft')).toEqual([]);
});

test('forecasts of sums go with the runs of their month', async () => {
  await putSales(app.db, historyOf(SHELVES));
  await runNight(app, new Date('2026-09-10T00:05:00Z'));
  expect((await storedLevels(app.db)).length).toBeGreaterThan(0);
  app.wait(64 * 24 * 60);
  await runNight(app, app.parts.clock());
  const days = await app.db.rows<{ cutDay: string }>(
    'SELECT DISTINCT cut_day AS "cutDay" FROM level_forecast',
  );
  expect(days.every(({ cutDay }) => cutDay > CUT)).toBe(true);
});
