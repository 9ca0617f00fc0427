// The rolling backtest: what is backtested, how methods are pooled, and when a series gets a method of its own.

import { type BacktestForecast, backtest, choose, pool } from '../../../src/forecaster/backtest';
import type { Axis, Series } from '../../../src/forecaster/series';

const axis: Axis = { period: 'DAY', firstDay: null };
const flat = (units: number) => [units, units];
const forecastFrom = (
  origin: number,
  forecasts: Record<string, number>,
  actual: number[],
): BacktestForecast => ({
  origin,
  actual,
  forecasts: Object.fromEntries(Object.entries(forecasts).map(([method, units]) => [method, flat(units)])),
});
const pooled = {
  methods: [
    { method: 'steady', rmsse: 0.7, bias: 0 },
    { method: 'rival', rmsse: 0.8, bias: 0 },
  ],
  series: 40,
};

test('backtests stand a horizon apart, end at the origin, and hide what an empty shelf held down', () => {
  const values = Float64Array.from({ length: 60 }, (_, i) => i + 1);
  const censored = new Uint8Array(60);
  censored[49] = 1;
  const series: Series = { key: 'A', groups: {}, start: 100, values, censored };
  const asked: number[] = [];
  const backtests = backtest(series, axis, 159, 10, (at) => {
    asked.push(at);
    return {};
  });
  expect(asked).toEqual([129, 139, 149]);
  expect(backtests[1]!.actual).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, Number.NaN]);
  // Eight periods must be known before a backtest.
  expect(backtest(series, axis, 135, 10, () => ({})).map(({ origin }) => origin)).toEqual([115, 125]);
});

test('a series keeps the best method over all unless another is clearly better in every backtest', () => {
  const three = (rival: number[]) =>
    rival.map((units, k) => forecastFrom(k, { steady: 4, rival: units }, [2, 2]));
  const chosen = (backtests: BacktestForecast[]) => choose(backtests, 4, 1, pooled, ['rival', 'steady']);
  // Errors of 2 against 1, three times: RMSSE 1 against 0.5.
  const won = chosen(three([3, 3, 3]));
  expect(won.method).toBe('rival');
  expect(won.why).toBe(
    'rival had RMSSE 0.500 over 3 past origins against 1.000 by steady, and was the better in each.',
  );
  expect(won.trials).toEqual([
    { method: 'rival', rmsse: 0.5, bias: 0.5 },
    { method: 'steady', rmsse: 1, bias: 1 },
  ]);
  // Worse in one, hardly better in all, or not tried in one: kept.
  expect(chosen(three([2, 2, 5])).method).toBe('steady');
  expect(chosen(three([3.95, 3.95, 3.95])).method).toBe('steady');
  expect(chosen(three([3, 3])).method).toBe('steady');
});

test('a stretch without a sale shows something of a steady seller only', () => {
  const none = [1, 2, 3].map((k) => forecastFrom(k, { steady: 1, rival: 0 }, [0, 0]));
  expect(choose(none, 1, 0.1, pooled, ['steady', 'rival']).method).toBe('steady');
  const long = none.map((one) => ({
    ...one,
    actual: new Array<number>(28).fill(0),
    forecasts: { steady: new Array<number>(28).fill(1), rival: new Array<number>(28).fill(0) },
  }));
  expect(choose(long, 1, 0.5, pooled, ['steady', 'rival']).method).toBe('rival');
});

test('over all series the least RMSSE is best, but not when it comes of forecasting nothing', () => {
  const sparse = Array.from({ length: 10 }, () => [forecastFrom(0, { nothing: 0, rate: 0.55 }, [0, 1])]);
  const { methods, series } = pool(sparse, new Array(10).fill(1));
  expect(series).toBe(10);
  expect(methods.map(({ method }) => method)).toEqual(['rate', 'nothing']);
  expect(methods[1]!.bias).toBe(-1);
  expect(pool([], [])).toEqual({ methods: [], series: 0 });
});

test('a method that most series are too short for is not preferred for all', () => {
  const backtested = Array.from({ length: 10 }, (_, k) => [
    forecastFrom(0, k === 0 ? { steady: 1, rare: 2 } : { steady: 1 }, [2, 2]),
  ]);
  expect(pool(backtested, new Array(10).fill(1)).methods.map(({ method }) => method)).toEqual(['steady']);
});
