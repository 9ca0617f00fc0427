// The nightly job: every shelf with a history gets one forecast a run, from what was known by its cut.

import { startApp, type TestApp } from '../support/app';
import {
  CUT,
  dayAfter,
  historyOf,
  NIGHT,
  putSales,
  putSkus,
  runNight,
  SHELVES,
  storedForecasts,
} from './support';

let app: TestApp;
beforeEach(async () => {
  app = await startApp();
  await putSales(app.db, historyOf(SHELVES));
});
afterEach(() => app.close());

const shelvesOf = async (cutDay = CUT) =>
  (await storedForecasts(app.db)).filter((f) => f.cutDay === cutDay).map((f) => `${f.location} ${f.sku}`);
const ALL = ['lyon LAMP', 'lyon MUG', 'paris LAMP', 'paris MUG', 'paris SOCK-M', 'paris TENT-2'];

test('a run forecasts every shelf with a history, and counts what it left out', async () => {
  await app.db.rows("UPDATE sku SET active = false WHERE code = 'SOCK-M'");
  const outcome = await runNight(app);
  expect(outcome).toEqual({
    ran: true,
    figures: {
      locations: 2,
      parts: 2,
      partsForecast: 2,
      partsDone: 2,
      forecasts: 5,
      withoutHistory: 0,
      failed: 0,
      learntFrom: 5,
      closedLocations: 0,
      locationsWithoutHistory: 1,
      inactiveSkus: 1,
    },
  });
  const rows = await storedForecasts(app.db);
  expect(rows.map((f) => `${f.location} ${f.sku}`)).toEqual(ALL.filter((shelf) => !shelf.includes('SOCK')));
  for (const { mean, quantiles, cutDay, why, method } of rows) {
    expect({ cutDay, mean: mean.length, quantiles: quantiles.length }).toEqual({
      cutDay: CUT,
      mean: 28,
      quantiles: 140,
    });
    expect(Math.min(...mean)).toBeGreaterThan(0);
    expect(method.length * why.length).toBeGreaterThan(0);
    // Levels rise.
    for (let h = 0; h < 28; h += 1) expect(quantiles[h]!).toBeLessThanOrEqual(quantiles[4 * 28 + h]!);
  }
});

test('a closed location gets none', async () => {
  await app.db.rows("UPDATE location SET active = false WHERE code = 'lyon'");
  expect(await runNight(app)).toMatchObject({ figures: { locations: 1, forecasts: 4, closedLocations: 1 } });
  expect(await shelvesOf()).toEqual(ALL.filter((shelf) => shelf.startsWith('paris')));
});

test('a SKU that never sold but came in is forecast like its kind, one that came after the run is not', async () => {
  const feed = await app.token('FEED');
  const receive = (sku: string) =>
    app.gql(
      feed,
      `mutation { receiveStock(input: { idempotencyKey: "${sku}", location: "lyon", lines: [{ sku: "${sku}", quantity: 9 }] }) { __typename } }`,
    );
  app.wait(-24 * 60);
  expect((await receive('TENT-2')).data.receiveStock.__typename).toBe('ReceiveStockSuccess');
  app.wait(24 * 60);
  await receive('SOCK-M');
  expect(await runNight(app)).toMatchObject({ figures: { forecasts: 7, withoutHistory: 1 } });
  expect(await shelvesOf()).toContain('lyon TENT-2');
  expect(await shelvesOf()).not.toContain('lyon SOCK-M');
});

test('a second run changes nothing, nor does the next hour', async () => {
  await runNight(app);
  const before = await storedForecasts(app.db);
  expect(await runNight(app)).toEqual({ ran: false });
  expect(await runNight(app, new Date('2026-11-25T01:05:00Z'))).toEqual({
    ran: true,
    figures: { locations: 0 },
  });
  expect(await storedForecasts(app.db)).toEqual(before);
});

test('two runners and two due times at once: every run belongs to one run', async () => {
  const outcomes = await Promise.all([
    runNight(app, NIGHT, 'a'),
    runNight(app, NIGHT, 'b'),
    runNight(app, new Date('2026-11-25T01:05:00Z'), 'c'),
  ]);
  expect(outcomes.filter((o) => o.ran)).toHaveLength(2);
  const figures = outcomes.flatMap((o) => (o.ran && 'figures' in o ? [o.figures] : []));
  expect(figures.reduce((sum, f) => sum + (f.forecasts ?? 0), 0)).toBe(6);
  expect(await shelvesOf()).toEqual(ALL);
  const nights = await app.db.rows('SELECT location_id, count(*) FROM forecast_night GROUP BY 1');
  expect(nights).toMatchObject([{ count: 1 }, { count: 1 }]);
});

test('a location whose history comes in the morning is done at the next hour', async () => {
  await runNight(app);
  await putSales(app.db, historyOf([['depot', 'MUG']]));
  expect(await runNight(app, new Date('2026-11-25T08:05:00Z'))).toMatchObject({
    figures: { locations: 1, forecasts: 1 },
  });
  expect(await shelvesOf()).toEqual(['depot MUG', ...ALL]);
});

test('each location has its own run: at one due time there may be two cut days', async () => {
  await app.db.rows("UPDATE location SET time_zone = 'Pacific/Kiritimati' WHERE code = 'paris'");
  await app.db.rows("UPDATE location SET time_zone = 'Pacific/Honolulu' WHERE code = 'lyon'");
  await runNight(app, new Date('2026-11-24T11:05:00Z'));
  expect(await shelvesOf('2026-11-24')).toEqual(ALL.filter((shelf) => shelf.startsWith('paris')));
  expect(await shelvesOf('2026-11-23')).toEqual(ALL.filter((shelf) => shelf.startsWith('lyon')));
});

test('a past run uses nothing later than its cut', async () => {
  const past = new Date('2026-11-11T00:05:00Z');
  await runNight(app, past);
  const seen = await storedForecasts(app.db);
  expect(seen.every((f) => f.cutDay === '2026-11-10')).toBe(true);
  const other = await startApp();
  try {
    const known = historyOf(SHELVES).filter((fact) => fact.day <= '2026-11-10');
    const later = known.map((fact) => ({
      ...fact,
      day: dayAfter(fact.day, 200),
      units: fact.units * 50 + 7,
    }));
    await putSales(other.db, [...known, ...later.filter((fact) => fact.day > '2026-11-10')]);
    await runNight(other, past);
    expect(await storedForecasts(other.db)).toEqual(seen);
  } finally {
    await other.close();
  }
});

test('bad history gets an answer', async () => {
  const skus = await putSkus(app.db, 8);
  const days = (count: number, units: (i: number) => number, sku: string, last = CUT) =>
    Array.from({ length: count }, (_, i) => ({
      location: 'paris',
      sku,
      day: dayAfter(last, i - count + 1),
      units: units(i),
    }));
  await putSales(app.db, [
    ...days(1, () => 3, skus[0]!),
    ...days(400, (i) => (i === 200 ? 2_000_000_000 : 1), skus[1]!),
    ...days(60, () => 0, skus[2]!),
    ...days(90, () => 0, skus[3]!).map((fact) => ({ ...fact, stockedOut: true })),
    ...days(30, () => 5, skus[4]!, '2031-01-01'),
    ...days(3_650, (i) => i % 3, skus[5]!),
    ...[...days(20, () => 4, skus[6]!, '2024-01-01'), ...days(20, () => 4, skus[6]!)],
    ...days(40, () => 2_000_000_000, skus[7]!),
  ]);
  expect(await runNight(app)).toMatchObject({ figures: { forecasts: 6 + 7, withoutHistory: 1, failed: 0 } });
  const bad = (await storedForecasts(app.db)).filter((f) => f.sku.startsWith('BULK'));
  expect(bad).toHaveLength(7);
  for (const { mean, quantiles, recentMean } of bad) {
    for (const units of [...mean, ...quantiles, recentMean]) {
      expect(Number.isFinite(units)).toBe(true);
      expect(units).toBeGreaterThanOrEqual(0);
    }
  }
  // What is made of them can be asked for and drawn.
  const planner = await app.token('PLANNER');
  for (const { sku } of bad) {
    const { errors } = await app.gql(
      planner,
      `{ forecast(sku: "${sku}", location: "paris") { days { mean quantiles { units } } sums(windows: [28, 120]) { mean quantiles { units } } history { units } } }`,
    );
    expect(errors).toBeUndefined();
    const headers = { authorization: `Bearer ${planner}` };
    expect((await fetch(`${app.url}/charts/forecast/${sku}/paris.svg`, { headers })).status).toBe(200);
  }
});

test('old months are dropped with their runs, and what is needed stays', async () => {
  await runNight(app, new Date('2026-09-10T00:05:00Z'));
  await runNight(app);
  const months = () =>
    app.db.rows<{ name: string }>(
      "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'demand_forecast'::regclass ORDER BY 1",
    );
  expect(await months()).toEqual([{ name: 'demand_forecast_2026_09' }, { name: 'demand_forecast_2026_11' }]);
  // Two runs of long ago, made yesterday, are as young as yesterday.
  app.wait(61 * 24 * 60);
  await runNight(app, app.parts.clock());
  expect((await months()).map((m) => m.name)).toEqual([
    'demand_forecast_2026_09',
    'demand_forecast_2026_11',
    'demand_forecast_2027_01',
  ]);
  // November's last days may still be wanted.
  app.wait(3 * 24 * 60);
  await runNight(app, app.parts.clock());
  expect((await months()).map((m) => m.name)).toEqual(['demand_forecast_2026_11', 'demand_forecast_2027_01']);
  expect(await app.db.rows("SELECT FROM forecast_run WHERE cut_day < '2026-11-01'")).toEqual([]);
});
