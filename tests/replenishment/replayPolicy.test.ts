// Policy replay: real history under two policies through HTTP, with forecasts as of then; and no look ahead.

import { forecast, learn } from '../../src/forecaster/forecaster';
import type { Axis, Series } from '../../src/forecaster/series';
import { drawn } from '../../src/replenishment/rules/simulate';
import {
  ForecastsThen,
  knownAt,
  learnThen,
  type RemakeModel,
  reviewCuts,
  reviewDaysOf,
} from '../../src/replenishment/rules/simulateReplay';
import { daysBefore, sold } from '../forecast/accuracySupport';
import { startApp, type TestApp } from '../support/app';
import { CUT, cutLater, putForecasts, replenishmentOn } from './support';

const OUTCOME = 'demand served lost averageStock daysOfSupply fillRate cycleService orders unitsOrdered';
const QUERY = `
  query ($weeks: Int!, $a: PolicyChangeInput, $b: PolicyChangeInput!, $filter: DryRunFilter, $first: Int!) {
    replayPolicy(weeks: $weeks, a: $a, b: $b, filter: $filter) {
      shelfCount fromDay toDay forecastsRead forecastsMade censoredDays
      a { ${OUTCOME} } b { ${OUTCOME} } difference { averageStock fillRate cycleService orders lost }
      shelves(first: $first) { location { code } sku { code } a { ${OUTCOME} } b { ${OUTCOME} }
        difference { averageStock lost } stockDifference { amountMinor currency } } } }` as const;

/** Units of a day that are even on average, and the same in every run. */
const units = (seed: string, most: number) => (day: number) => Math.floor(drawn(seed, day) * (most + 1));
const DAYS = 180;
const history = (seed: string, most: number) => Array.from({ length: DAYS }, (_, i) => units(seed, most)(i));

describe('through HTTP', () => {
  let app: TestApp;
  let planner: string;
  const lamps = history('lamp', 8);
  const mugs = history('mug', 3);

  beforeAll(async () => {
    app = await startApp();
    planner = await app.token('PLANNER');
    const on = replenishmentOn(app, planner, await app.token('ADMIN'));
    await on.supplier();
    await on.offer('LAMP', { unitCost: { amountMinor: 1_000, currency: 'EUR' } });
    await on.policy({ reviewDays: 7 });
    await sold(app, 'paris', 'LAMP', lamps);
    await sold(app, 'paris', 'MUG', mugs);
    await putForecasts(app.db, [
      ['paris', 'LAMP', 4],
      ['paris', 'MUG', 1.5],
    ]);
  }, 60_000);
  afterAll(() => app.close());

  const ask = (variables: object, token = planner) =>
    app.gql(token, QUERY, { weeks: 6, b: {}, first: 50, ...variables });
  async function replay(variables: object) {
    const answer = await ask(variables);
    expect(answer.errors).toBeUndefined();
    return answer.data.replayPolicy;
  }

  test('the counted weeks are the last ones, and what was wanted is what was sold', async () => {
    const result = await replay({});
    expect(result).toMatchObject({ shelfCount: 2, fromDay: daysBefore(41), toDay: CUT, censoredDays: 0 });
    const total = [...lamps.slice(-42), ...mugs.slice(-42)].reduce((a, b) => a + b, 0);
    for (const side of [result.a, result.b]) {
      expect(side.demand).toBe(total);
      expect(side.served + side.lost).toBe(total);
      expect(side.fillRate).toBeCloseTo(side.served / total, 12);
    }
    // 42 and 14 days of warming up, reviewed once a week.
    expect(result.forecastsMade).toBe(2 * 8);
    expect(result.forecastsRead).toBe(0);
  });

  test('the same policy twice makes no difference', async () => {
    const { a, b, difference } = await replay({});
    expect(b).toEqual(a);
    expect(difference).toEqual({ averageStock: 0, fillRate: 0, cycleService: 0, orders: 0, lost: 0 });
  });

  test('more service holds more stock and loses less, by shelf and in all', async () => {
    const { a, b, difference, shelves } = await replay({
      a: { serviceLevel: 0.6 },
      b: { serviceLevel: 0.99 },
    });
    expect(b.averageStock).toBeGreaterThan(a.averageStock);
    expect(b.lost).toBeLessThan(a.lost);
    expect(b.fillRate).toBeGreaterThan(0.95);
    expect(difference.averageStock).toBeCloseTo(b.averageStock - a.averageStock, 9);
    expect(difference.lost).toBeCloseTo(b.lost - a.lost, 9);
    const FIGURES = ['demand', 'lost', 'orders', 'averageStock'] as const;
    for (const side of ['a', 'b'] as const) {
      const sum = (key: (typeof FIGURES)[number]) => shelves.reduce((total, s) => total + s[side][key], 0);
      const whole = { a, b }[side];
      for (const key of FIGURES) expect(sum(key)).toBeCloseTo(whole[key], 6);
    }
    const lamp = shelves.find((s) => s.sku.code === 'LAMP');
    expect(Math.abs(lamp.stockDifference.amountMinor - lamp.difference.averageStock * 1_000)).toBeLessThan(1);
    expect(shelves.find((s) => s.sku.code === 'MUG').stockDifference).toBeNull();
    const [worst, ...rest] = shelves.map((s) => Math.abs(s.difference.lost));
    expect(worst).toBeGreaterThanOrEqual(Math.max(...rest));
  });

  test('rarer reviews order less often', async () => {
    const { a, b } = await replay({
      a: { reviewDays: 1 },
      b: { reviewDays: 14 },
      filter: { skus: ['LAMP'] },
    });
    expect(b.orders).toBeLessThan(a.orders / 3);
    expect(b.averageStock).toBeGreaterThan(a.averageStock);
  });

  test('forecasts that were made on a review’s run are taken instead', async () => {
    // A run seven days ago that foresaw nothing at all for lamps.
    const before = await replay({ filter: { skus: ['LAMP'] } });
    await putForecasts(app.db, [['paris', 'LAMP', 400]], cutLater(-7));
    const after = await replay({ filter: { skus: ['LAMP'] } });
    expect(after).toMatchObject({ forecastsRead: 1, forecastsMade: 7 });
    expect(after.a.unitsOrdered).toBeGreaterThan(before.a.unitsOrdered + 1_000);
    await app.db.rows(`DELETE FROM demand_forecast WHERE cut_day = $1::date`, [cutLater(-7)]);
    await app.db.rows(`DELETE FROM forecast_night WHERE cut_day = $1::date`, [cutLater(-7)]);
  });

  test('what sold after a review does not change what it ordered', async () => {
    const filter = { skus: ['LAMP'] };
    const before = await replay({ filter, weeks: 2 });
    // The last review is seven days ago: what is sold since is met by what was ordered before.
    await sold(app, 'paris', 'LAMP', [500]);
    const after = await replay({ filter, weeks: 2 });
    await sold(app, 'paris', 'LAMP', lamps.slice(-1));
    expect(after.a.demand).toBeGreaterThan(before.a.demand + 400);
    expect([after.a.orders, after.a.unitsOrdered]).toEqual([before.a.orders, before.a.unitsOrdered]);
  });

  test('days with an empty shelf are counted', async () => {
    await sold(app, 'paris', 'MUG', [null, null]);
    const { censoredDays } = await replay({ filter: { skus: ['MUG'] } });
    await sold(app, 'paris', 'MUG', mugs.slice(-2));
    expect(censoredDays).toBe(2);
  });

  test('nothing matches: nothing replayed', async () => {
    const result = await replay({ filter: { locations: ['lyon'] } });
    expect(result).toMatchObject({ shelfCount: 0, fromDay: null, shelves: [] });
    expect(result.a).toMatchObject({ demand: 0, averageStock: null, fillRate: null });
  });

  test.each([
    [{ weeks: 0 }, 'INVALID_INPUT', 'weeks is 0; it must be a whole number from 1 to 26'],
    [{ weeks: 27 }, 'INVALID_INPUT', 'weeks is 27'],
    [{ a: { serviceLevel: 2 } }, 'INVALID_INPUT', 'a.serviceLevel is 2'],
    [{ b: { reviewDays: 92 } }, 'INVALID_INPUT', 'b.reviewDays is 92'],
    [{ filter: { skus: ['NONE'] } }, 'NOT_FOUND', 'Unknown SKU: NONE'],
    [{ first: 0 }, 'INVALID_INPUT', 'first is 0'],
    [{ first: 100_000 }, 'INVALID_INPUT', 'first is 100000'],
  ])('%j is refused', async (variables, code, said) => {
    const { errors } = await ask(variables);
    expect(errors?.[0]?.extensions?.code).toBe(code);
    expect(errors?.[0]?.message).toContain(said);
  });

  test('more shelves than a replay may have are refused before anything is simulated', async () => {
    await app.db.rows(`INSERT INTO sku (code, name) SELECT 'X' || i, 'X' FROM generate_series(1, 600) i`);
    await app.db.rows(
      `INSERT INTO demand_forecast SELECT f.location_id, s.id, cut_day, run_id, method, why, trials, mean, quantiles, spread,
         recent_mean FROM demand_forecast f, sku s, sku l
       WHERE s.code LIKE 'X%' AND f.sku_id = l.id AND l.code = 'LAMP' AND f.cut_day = $1::date`,
      [CUT],
    );
    const { errors } = await ask({ weeks: 1 });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', path: 'filter' });
    expect(errors?.[0]?.message).toContain('602 shelves; at most 500');
    await app.db.rows(`DELETE FROM demand_forecast USING sku s WHERE s.id = sku_id AND s.code LIKE 'X%'`);
  });

  test('only planners may ask', async () => {
    for (const role of ['STAFF', 'STOREFRONT', 'FEED'] as const)
      expect((await ask({}, await app.token(role))).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });
});

describe('what was known then', () => {
  const axis: Axis = { period: 'DAY', firstDay: '2026-01-01' };
  const series: Series = {
    key: '1:1',
    groups: {},
    start: 0,
    values: Float64Array.from(history('known', 6)),
    censored: new Uint8Array(DAYS),
    prices: new Float64Array(DAYS).fill(100),
  };
  const learnt = learn({ axis, series: [knownAt(series, 99)], marks: [] }, 99, 28);
  const again: RemakeModel = { axis, marks: [], learnt };

  const later: Series = {
    ...series,
    values: series.values.map((v, i) => (i > 120 ? v * 50 + 7 : v)),
    censored: series.censored!.map((_, i) => (i > 120 ? 1 : 0)),
    prices: series.prices!.map((p, i) => (i > 120 ? 1 : p)),
  };

  test('a series as it was known ends there, and its last price goes on', () => {
    const known = knownAt(later, 122);
    expect([known.values.length, known.censored!.length]).toEqual([123, 123]);
    expect([...known.values].slice(-2)).toEqual([...later.values].slice(121, 123));
    expect([...knownAt(later, 120).prices!]).toEqual(new Array(121 + 28).fill(100));
    expect([...known.prices!].slice(120)).toEqual([100, ...new Array(2 + 28).fill(1)]);
    expect(knownAt(later, -1).values).toHaveLength(0);
  });

  test('a forecast made again does not see units, empty shelves or prices of later days', () => {
    const then = new ForecastsThen({ series, stored: new Map() }, again);
    const other = new ForecastsThen({ series: later, stored: new Map() }, again);
    expect(other.at(120)).toEqual(then.at(120));
    expect(other.at(150)).not.toEqual(then.at(150));
  });

  test('what is learned knows nothing of the first replayed day or any after it', () => {
    const sample = [series, { ...series, key: '1:2', values: series.values.map((v) => v + 1) }];
    const changed = sample.map((one) => ({
      ...one,
      values: one.values.map((v, i) => (i > 120 ? v * 50 + 7 : v)),
    }));
    expect(learnThen(axis, changed, [], 121, 200)).toEqual(learnThen(axis, sample, [], 121, 200));
    expect(learnThen(axis, changed, [], 140, 200)).not.toEqual(learnThen(axis, sample, [], 140, 200));
  });

  test('a forecast is made or read once, whichever policy asks', () => {
    const stored = { mean: [1], spread: [] };
    const then = new ForecastsThen({ series, stored: new Map([[110, stored]]) }, again);
    expect(then.at(110)).toBe(stored);
    expect(then.at(110)).toBe(stored);
    expect(then.at(111)).toBe(then.at(111));
    expect([then.read, then.made]).toEqual([1, 1]);
    const made = forecast(knownAt(series, 111), axis, [], learnt, 111, 28);
    expect(then.at(111)).toEqual(made);
  });

  test('reviews are the evenings before the first day and every so many days on', () => {
    expect(reviewCuts(100, 120, 7)).toEqual([99, 106, 113]);
    expect(reviewCuts(100, 100, 7)).toEqual([99]);
    expect(reviewDaysOf({ review: { days: 5, weekdays: [] } })).toBe(5);
    expect(reviewDaysOf({ review: { days: 5, weekdays: [1, 4] } })).toBe(4);
  });
});
