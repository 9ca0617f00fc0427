// The nightly job: returns of every shelf with a history, once, from what was known by the cut; and what is read of them.

import { expectedReturns } from '../../src/forecast/queries/returns/forecasts';
import { returnsOn } from '../return/support';
import { startApp, type TestApp } from '../support/app';
import { putFacts, RETURNS_NIGHT, runReturnsNight, steadyFacts, storedReturns } from './returnsSupport';
import { CUT, dayAfter, putSkus } from './support';

let app: TestApp;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  await putFacts(app.db, [
    ...steadyFacts('paris', 'TENT-2', 3),
    ...steadyFacts('paris', 'LAMP', 1),
    ...steadyFacts('paris', 'MUG', 0),
    ...steadyFacts('lyon', 'TENT-2', 3),
    ...steadyFacts('lyon', 'MUG', 0),
  ]);
});
afterAll(() => app.close());

async function idsOf(location: string, sku: string): Promise<{ locationId: number; skuId: number }> {
  const [row] = await app.db.rows<{ locationId: number; skuId: number }>(
    'SELECT l.id AS "locationId", s.id AS "skuId" FROM location l, sku s WHERE l.code = $1 AND s.code = $2',
    [location, sku],
  );
  return row!;
}

test('a run forecasts what steady sales bring back, and twice is as good as once', async () => {
  const first = await runReturnsNight(app);
  expect(first).toMatchObject({
    ran: true,
    figures: { locations: 2, locationsDone: 2, forecasts: 5, withoutHistory: 0, learntFrom: 3 },
  });
  const rows = await storedReturns(app.db);
  expect(rows.map((row) => `${row.location} ${row.sku} ${row.cutDay}`)).toEqual([
    'lyon MUG 2026-11-24',
    'lyon TENT-2 2026-11-24',
    'paris LAMP 2026-11-24',
    'paris MUG 2026-11-24',
    'paris TENT-2 2026-11-24',
  ]);
  const of = (key: string) => rows.find((row) => `${row.location} ${row.sku}` === key)!;
  for (const row of rows) expect(row.sales).toEqual(new Array(12).fill(70));
  // Three of ten come back, seven days a week.
  for (const week of of('paris TENT-2').mean) expect(week).toBeCloseTo(21, 0);
  for (const week of of('paris LAMP').mean) expect(week).toBeCloseTo(7, 0);
  for (const week of of('paris MUG').mean) expect(week).toBeLessThan(0.7);
  // Nothing to do for an hour later, whose latest runs are the same; nor for another process.
  const hourLater = new Date(RETURNS_NIGHT.getTime() + 3_600_000);
  expect(await runReturnsNight(app, hourLater, 'another')).toMatchObject({
    ran: true,
    figures: { locations: 0 },
  });
  expect(await storedReturns(app.db)).toEqual(rows);
});

test('what came after the cut changes nothing: a run replayed beside it says the same', async () => {
  const before = await storedReturns(app.db);
  const days = Array.from({ length: 7 }, (_, i) => dayAfter(CUT, i + 1));
  await putFacts(
    app.db,
    days.map((day) => ({ location: 'paris', sku: 'TENT-2', day, units: 1_000, returned: 900 })),
  );
  await app.db.rows('DELETE FROM returns_run');
  const dueAt = new Date(RETURNS_NIGHT.getTime() + 60_000);
  expect(await runReturnsNight(app, dueAt)).toMatchObject({ figures: { forecasts: 5 } });
  expect(await storedReturns(app.db)).toEqual(before);
});

test('replenishment reads what comes back in any days from one on, as it was known before that day', async () => {
  const tent = await idsOf('paris', 'TENT-2');
  const nobody = await idsOf('depot', 'TENT-2');
  const from = dayAfter(CUT, 1);
  const [week, none] = await expectedReturns(app.db, [tent, nobody], from, 7);
  expect(week!.units).toBeCloseTo(21, 0);
  // Nothing was looked at yet: four of five are taken to be as good as new.
  expect(week!.resaleableUnits).toBeCloseTo(0.8 * week!.units, 6);
  expect(week!.cutDay).toBe(CUT);
  expect(none).toEqual({ ...nobody, units: 0, resaleableUnits: 0, cutDay: null });
  const [days] = await expectedReturns(app.db, [tent], dayAfter(from, 3), 10);
  expect(days!.units).toBeCloseTo(30, 0);
  // Beyond the weeks forecast it goes on like the last of them.
  const [long] = await expectedReturns(app.db, [tent], from, 365);
  expect(long!.units).toBeCloseTo(3 * 365, -2);
  // A day that was before the run knows nothing of it.
  expect((await expectedReturns(app.db, [tent], CUT, 7))[0]).toMatchObject({ units: 0, cutDay: null });
});

const QUERY = `query ($sku: String!, $location: String!) {
  returnForecast(sku: $sku, location: $location) {
    sku { code } location { code } cutDay demandCutDay windowWeeks resaleableShare resaleableSeen sales lag
    weeks { fromDay throughDay mean quantiles { level units } }
    sum { mean resaleable quantiles { level units } }
    rate { usual category sku rate seenReturned seenUsual strength }
    cohorts { fromDay throughDay sold expected returned toCome }
    history { fromDay throughDay sold returned }
  }
}`;

test('a planner sees the weeks ahead, the cohorts behind them, and how the rate was come by', async () => {
  const { data, errors } = await app.gql(planner, QUERY, { sku: 'TENT-2', location: 'paris' });
  expect(errors).toBeUndefined();
  const { weeks, cohorts, rate, history, lag, sum, ...rest } = data.returnForecast;
  expect(rest).toMatchObject({
    sku: { code: 'TENT-2' },
    location: { code: 'paris' },
    cutDay: CUT,
    demandCutDay: null,
    windowWeeks: 8,
    resaleableShare: expect.closeTo(0.8),
    resaleableSeen: 0,
  });
  expect(weeks).toHaveLength(12);
  expect(weeks[0]).toMatchObject({ fromDay: '2026-11-25', throughDay: '2026-12-01' });
  expect(sum.mean).toBeCloseTo(
    weeks.reduce((a: number, week: { mean: number }) => a + week.mean, 0),
    3,
  );
  expect(sum.resaleable).toBeCloseTo(sum.mean * rest.resaleableShare, 3);
  expect(weeks[0].quantiles.map((q: { level: number }) => q.level)).toEqual([0.5, 0.75, 0.9, 0.95, 0.975]);
  expect(weeks[0].quantiles[0].units).toBeGreaterThan(10);
  expect(rate.rate).toBeCloseTo(0.3, 1);
  // Its rate lies above the usual one, which counts mugs that nobody brings back.
  expect(rate.usual).toBeLessThan(rate.rate);
  expect(history).toHaveLength(65);
  expect(history.at(-1)).toEqual({ fromDay: '2026-11-18', throughDay: CUT, sold: 70, returned: 21 });
  expect(lag).toHaveLength(8);
  expect(lag.reduce((a: number, b: number) => a + b, 0)).toBeCloseTo(1, 6);
  expect(cohorts).toHaveLength(8);
  expect(cohorts[0]).toMatchObject({ fromDay: '2026-11-18', throughDay: CUT, sold: 70 });
  expect(cohorts[0].expected).toBeCloseTo(21, 0);
  expect(cohorts[7].toCome).toBe(0);
  for (const c of cohorts) expect(c.returned + c.toCome).toBeLessThanOrEqual(c.sold);
});

test('shelves without returns forecasts, unknown codes and other roles', async () => {
  expect(
    (await app.gql(planner, QUERY, { sku: 'SOCK-M', location: 'paris' })).data.returnForecast,
  ).toBeNull();
  const unknown = await app.gql(planner, QUERY, { sku: 'NO-SUCH', location: 'paris' });
  expect(unknown.errors?.[0]?.message).toContain('NO-SUCH');
  const staff = await app.token('STAFF', undefined, ['paris']);
  const forbidden = await app.gql(staff, QUERY, { sku: 'TENT-2', location: 'paris' });
  expect(forbidden.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
});

test('the counter sees what its usual weeks bring, of its own location', async () => {
  const staff = await app.token('STAFF', undefined, ['paris']);
  const AT =
    'query ($location: String!) { locationReturnForecast(location: $location) { cutDay weeks { mean quantiles { units } } } }';
  const { data } = await app.gql(staff, AT, { location: 'paris' });
  expect(data.locationReturnForecast.cutDay).toBe(CUT);
  expect(data.locationReturnForecast.weeks[0].mean).toBeCloseTo(28, -1);
  const elsewhere = await app.gql(staff, AT, { location: 'lyon' });
  expect(elsewhere.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
});

test('a demand forecast is what will be sold, where there is one', async () => {
  const { locationId, skuId } = await idsOf('paris', 'TENT-2');
  const cutDay = dayAfter(CUT, 7);
  await app.db.rows(`CREATE TABLE demand_forecast_test PARTITION OF demand_forecast DEFAULT`);
  await app.db.rows(
    `WITH run AS (INSERT INTO forecast_run (due_at, cut_day, horizon, status, started_at, finished_at)
         VALUES ('2026-12-02T00:05:00Z', $3, 28, 'DONE', '2026-12-02T00:05:00Z', '2026-12-02T00:06:00Z') RETURNING id),
       night AS (INSERT INTO forecast_night (location_id, cut_day, run_id) SELECT $1, $3::date, id FROM run)
     INSERT INTO demand_forecast (location_id, sku_id, cut_day, run_id, method, why, trials, mean, quantiles, spread, recent_mean)
     SELECT $1, $2, $3::date, id, 'none', 'a test', '[]', array_fill(20::real, '{28}'), array_fill(20::real, '{140}'), '{}', 20
     FROM run`,
    [locationId, skuId, cutDay],
  );
  await runReturnsNight(app, new Date('2026-12-02T01:10:00Z'));
  const rows = (await storedReturns(app.db)).filter((row) => row.cutDay === cutDay);
  const of = (key: string) => rows.find((row) => `${row.location} ${row.sku}` === key)!;
  for (const week of of('paris TENT-2').sales) expect(week).toBeCloseTo(140, 3);
  expect(of('paris LAMP').sales[0]).toBeCloseTo((7 / 8) * 70, 3);
});

test('units that were looked at at our counters say what share can be sold again', async () => {
  const [other] = await putSkus(app.db, 1);
  await putFacts(app.db, steadyFacts('lyon', other!, 2, 100));
  const staff = await app.token('STAFF', undefined, ['lyon']);
  const line = (disposition: string) => ({ sku: 'TENT-2', quantity: 90, disposition });
  const { answer } = await returnsOn(app).act('receiveReturn', staff, {
    receipt: {
      number: 'K7-1',
      soldAt: '2026-11-20T10:00:00.000Z',
      lines: [{ sku: 'TENT-2', quantity: 180 }],
    },
    location: 'lyon',
    lines: [line('RESTOCK'), line('SCRAP')],
  });
  expect(answer.return).toMatchObject({ status: 'RECEIVED' });
  const sharesOf = async (cutDay: string) => {
    const rows = (await storedReturns(app.db)).filter((row) => row.cutDay === cutDay);
    return new Map(rows.map((row) => [`${row.location} ${row.sku}`, row.resaleableShare]));
  };
  // The run of that morning knows nothing of it yet, the next one does.
  await app.db.rows('DELETE FROM returns_run');
  await runReturnsNight(app, new Date(RETURNS_NIGHT.getTime() + 120_000));
  expect((await sharesOf(CUT)).get('lyon TENT-2')).toBeCloseTo(0.8, 6);
  await runReturnsNight(app, new Date(RETURNS_NIGHT.getTime() + 86_400_000));
  const shares = await sharesOf(dayAfter(CUT, 1));
  expect(shares.get('lyon TENT-2')).toBeCloseTo(0.5, 1);
  expect(shares.get('paris TENT-2')).toBe(shares.get('lyon TENT-2'));
  // A SKU of another category leans on all together.
  expect(shares.get(`lyon ${other}`)).toBeLessThan(0.6);
  expect(shares.get(`lyon ${other}`)).toBeGreaterThan(0.5);
});
