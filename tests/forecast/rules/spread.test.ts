// The spread of demand: distributions against numbers worked by hand, and what is learned from a made-up panel.

import fc from 'fast-check';
import { seeded } from '../../../src/forecaster/boost';
import { logGamma } from '../../../src/forecaster/logGamma';
import type { Series } from '../../../src/forecaster/series';
import {
  averageOf,
  expectedShortage,
  mixture,
  negativeBinomial,
  probabilityUpTo,
  quantile,
  sdOf,
} from '../../../src/forecaster/spread/distribution';
import {
  dayQuantiles,
  learnSpread,
  type PastForecast,
  spreadOf,
  sumBound,
  sumDistribution,
} from '../../../src/forecaster/spread/spread';
import type { MeanAndSpread } from '../../../src/forecaster/spread/stored';

const LEVELS = [0.5, 0.75, 0.9, 0.95, 0.975];

describe('distributions', () => {
  test('Poisson of mean 5: tables give P(D ≤ 9) = 0.9682, and E[(D − 5)+] is 5 · P(D = 5)', () => {
    const poisson = negativeBinomial(5, 5);
    expect(probabilityUpTo(poisson, 9)).toBeCloseTo(0.9682, 4);
    expect(expectedShortage(poisson, 5)).toBeCloseTo(5 * 0.175467, 4);
    expect(quantile(poisson, 0.95)).toBe(9);
    expect([averageOf(poisson), sdOf(poisson)]).toEqual([
      expect.closeTo(5, 4),
      expect.closeTo(Math.sqrt(5), 4),
    ]);
  });

  test('negative binomial of mean 2 and variance 4: ¼, ¼, 3/16, ⅛ …', () => {
    const demand = negativeBinomial(2, 4);
    expect([...demand.cdf.slice(0, 4)]).toEqual(
      [0.25, 0.5, 0.6875, 0.8125].map((p) => expect.closeTo(p, 10)),
    );
    expect(quantile(demand, 0.75)).toBe(3);
    // E[(D − 1)+] = E D − 1 + P(D = 0); of half a unit: between.
    expect(expectedShortage(demand, 1)).toBeCloseTo(1.25, 5);
    expect(expectedShortage(demand, 0.5)).toBeCloseTo(1.625, 5);
    expect(expectedShortage(demand, -1)).toBeCloseTo(3, 5);
  });

  test('numbers too large to count singly keep their mean and variance', () => {
    for (const [mean, variance] of [
      [1_000, 500_000],
      [100_000, 1e8],
      [5_000, 5_000],
    ] as const) {
      const demand = negativeBinomial(mean, variance);
      expect(averageOf(demand) / mean).toBeCloseTo(1, 3);
      expect(sdOf(demand) / Math.sqrt(variance)).toBeCloseTo(1, 1);
      expect(demand.cdf.length).toBeLessThanOrEqual(2_000);
    }
  });

  test('a lead time that is not certain mixes what each would need', () => {
    const mixed = mixture([
      { distribution: negativeBinomial(2, 4), probability: 0.5 },
      { distribution: negativeBinomial(0, 0), probability: 0.5 },
    ]);
    expect(probabilityUpTo(mixed, 0)).toBeCloseTo(0.625, 10);
    expect(averageOf(mixed)).toBeCloseTo(1, 5);
  });

  test('the logarithm of the gamma function: 6! and √π', () => {
    expect(Math.exp(logGamma(7))).toBeCloseTo(720, 6);
    expect(Math.exp(logGamma(0.5))).toBeCloseTo(Math.sqrt(Math.PI), 8);
  });
});

/** Sellers of many sizes; every other one sells in twos and threes. */
function panel(count: number, length: number, seed: number): Series[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => {
    const lumpy = index % 2 === 1;
    const level = 0.2 * 1.5 ** (index % 10);
    const demand = negativeBinomial(level, level * (lumpy ? 3 : 1));
    const values = Float64Array.from({ length }, () => quantile(demand, random()));
    return { key: `S${index}`, groups: {}, start: 0, values };
  });
}

/** What the trailing eight weeks forecast. */
function foreseen(series: Series, origin: number): number[] {
  const past = series.values.subarray(Math.max(0, origin - 55), origin + 1);
  return new Array<number>(28).fill(past.reduce((sum, value) => sum + value, 0) / past.length);
}

const sumQuantile = (forecast: MeanAndSpread, from: number, length: number, level: number): number =>
  quantile(sumDistribution(forecast, from, length), level);

const ORIGIN = 560;
const sellers = panel(160, 700, 1);
const known = (series: Series): Series => ({ ...series, values: series.values.subarray(0, ORIGIN + 1) });
const pasts: PastForecast[] = [84, 56, 28].flatMap((back) =>
  sellers.map((series) => ({
    series: known(series),
    origin: ORIGIN - back,
    mean: foreseen(series, ORIGIN - back),
  })),
);
const learnt = learnSpread(pasts);
const forecastOf = (series: Series) => {
  const mean = foreseen(series, ORIGIN);
  return { mean, spread: spreadOf(series, ORIGIN, mean, learnt) };
};

describe('what is learned', () => {
  test('quantiles of sums and of days cover what they say on days that nobody has seen', () => {
    const inside = { days: 0, sums: 0 };
    for (const series of sellers) {
      const forecast = forecastOf(known(series));
      const high = sumQuantile(forecast, 1, 9, 0.9);
      const sum = series.values.subarray(ORIGIN + 1, ORIGIN + 10).reduce((total, value) => total + value, 0);
      // Whole units: half of those that lie on the quantile count as inside.
      inside.sums += (Number(sum <= high) + Number(sum < high)) / 2 / sellers.length;
      for (let h = 1; h <= 28; h++)
        if (series.values[ORIGIN + h]! <= dayQuantiles(forecast, h, [0.95])[0]!)
          inside.days += 1 / 28 / sellers.length;
    }
    expect(inside.sums).toBeGreaterThan(0.85);
    expect(inside.sums).toBeLessThan(0.94);
    expect(inside.days).toBeGreaterThan(0.94);
    expect(inside.days).toBeLessThan(0.97);
  });

  test('who sells in lumps is forecast wider than who sells evenly', () => {
    const width = (index: number) => {
      const distribution = sumDistribution(forecastOf(known(sellers[index]!)), 1, 7);
      return sdOf(distribution) ** 2 / averageOf(distribution);
    };
    const mean = (parity: number) =>
      sellers.reduce((sum, _, i) => sum + (i % 2 === parity ? width(i) : 0), 0) / (sellers.length / 2);
    expect(mean(1)).toBeGreaterThan(1.5 * mean(0));
  });

  test('the same past teaches the same, survives being stored, and what comes later changes nothing', () => {
    expect(learnSpread(pasts)).toEqual(learnt);
    const stored = JSON.parse(JSON.stringify(learnt)) as typeof learnt;
    const mean = foreseen(sellers[3]!, ORIGIN);
    const spread = spreadOf(known(sellers[3]!), ORIGIN, mean, learnt);
    expect(spreadOf(sellers[3]!, ORIGIN, mean, stored)).toEqual(spread);
    expect(spread.length).toBeLessThanOrEqual(68);
  });

  test('higher levels and longer sums want no less, also between the learned lengths and beyond the horizon', () => {
    for (const series of sellers.slice(0, 40)) {
      const forecast = forecastOf(known(series));
      for (const h of [1, 14, 28, 40]) {
        const quantiles = dayQuantiles(forecast, h, LEVELS);
        expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b));
      }
      for (const level of [0.5, 0.95]) {
        const sums = Array.from({ length: 60 }, (_, i) => sumQuantile(forecast, 1, i + 1, level));
        // Single periods are not recalibrated by sums; from two on each day can only add.
        expect(sums.slice(1)).toEqual(sums.slice(1).sort((a, b) => a - b));
      }
    }
  });

  test('a fast seller that fell silent may come back: its high quantiles are not nothing', () => {
    const values = Float64Array.from({ length: ORIGIN + 1 }, (_, t) => (t > ORIGIN - 70 ? 0 : 6));
    const mean = new Array<number>(28).fill(0);
    const spread = spreadOf({ key: 'G', groups: {}, start: 0, values }, ORIGIN, mean, learnt);
    expect(averageOf(sumDistribution({ mean, spread }, 1, 14))).toBeGreaterThan(0);
  });

  test('no sum is considered possible that is far beyond the largest of the last year', () => {
    // One day of 40 units a quarter, nothing between: its variance alone would allow sums of hundreds.
    const values = Float64Array.from({ length: ORIGIN + 1 }, (_, t) => (t % 91 === 5 ? 40 : 0));
    const mean = new Array<number>(28).fill(40 / 91);
    const forecast = {
      mean,
      spread: spreadOf({ key: 'L', groups: {}, start: 0, values }, ORIGIN, mean, learnt),
    };
    for (const length of [7, 9, 14, 28, 60]) {
      const bound = sumBound(forecast, 1, length);
      expect(sumQuantile(forecast, 1, length, 0.9999)).toBeLessThanOrEqual(Math.ceil(bound));
      expect(bound).toBeGreaterThan(40);
    }
    // Whatever was learned of others' tails, it is no multiple of the largest sum that this one ever had.
    expect(sumBound(forecast, 1, 7)).toBeLessThan(80);
    expect(sumQuantile(forecast, 1, 7, 0.9999)).toBeLessThan(80);
    const twice = { ...forecast, mean: mean.map((units, i) => (i < 7 ? units : 2 * units)) };
    expect(sumBound(twice, 8, 7)).toBeCloseTo(2 * sumBound(twice, 1, 7));
  });

  test('less than half a year of sales has no largest sum to go by, and neither has a forecast of release 1.0', () => {
    const values = Float64Array.from({ length: 100 }, (_, t) => t % 3);
    const mean = new Array<number>(28).fill(1);
    const young = { mean, spread: spreadOf({ key: 'Y', groups: {}, start: 0, values }, 99, mean, learnt) };
    expect(sumBound(young, 1, 7)).toBe(Infinity);
    expect(sumBound(young, 1, 9)).toBe(Infinity);
    const now = forecastOf(known(sellers[4]!));
    const head = now.spread.length - 5 * now.spread[0]!;
    const then = now.spread.filter((_, i) => i < head || (i - head) % 5 !== 4);
    expect(sumBound({ mean: now.mean, spread: then }, 1, 7)).toBe(Infinity);
    for (const [length, level] of [
      [1, 0.5],
      [7, 0.9],
      [9, 0.5],
      [40, 0.9],
    ] as const)
      expect(sumQuantile({ mean: now.mean, spread: then }, 1, length, level)).toBe(
        sumQuantile(now, 1, length, level),
      );
  });

  test('nothing learned still gives a distribution', () => {
    const nothing = learnSpread([]);
    const mean = [2, 2, 2];
    const forecast = { mean, spread: spreadOf(known(sellers[0]!), ORIGIN, mean, nothing) };
    expect(sumQuantile(forecast, 1, 3, 0.95)).toBeGreaterThan(6);
    expect(sumQuantile({ mean, spread: [] }, 1, 3, 0.95)).toBeGreaterThan(6);
    expect(sumQuantile({ mean: [], spread: [] }, 1, 3, 0.95)).toBe(0);
  });
});

test('weeks and months have lengths of their own', () => {
  const weekly = learnSpread(
    pasts.map((past) => ({ ...past, mean: past.mean.slice(0, 8) })),
    'WEEK',
  );
  expect(weekly.lengths).toEqual([1, 2, 3, 4, 8]);
});

test('whatever the history, quantiles are whole, finite and not negative', () => {
  const value = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 30 }),
    fc.constant(Number.NaN),
    fc.integer({ min: -50, max: -1 }),
    fc.integer({ min: 1e6, max: 1e9 }),
  );
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 120 }),
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 28 }),
      fc.integer({ min: 0, max: 800 }),
      fc.array(fc.boolean(), { maxLength: 120 }),
      (values, mean, start, empty) => {
        const censored = Uint8Array.from(values, (_, i) => (empty[i] ? 1 : 0));
        const series = { key: 'X', groups: {}, start, values: Float64Array.from(values), censored };
        const spread = spreadOf(series, ORIGIN, mean, learnt);
        expect(spread.every(Number.isFinite)).toBe(true);
        for (const length of [1, 3, 9, 45]) {
          const sum = sumQuantile({ mean, spread }, 2, length, 0.95);
          expect(Number.isInteger(sum) && sum >= 0).toBe(true);
        }
        const days = dayQuantiles({ mean, spread }, 1, LEVELS);
        expect(days.every((units) => Number.isInteger(units) && units >= 0)).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});
