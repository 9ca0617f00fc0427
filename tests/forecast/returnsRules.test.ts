// Cohorts, lags, shrinkage and seasons against numbers worked by hand.

import fc from 'fast-check';
import { logGamma } from '../../src/forecaster/logGamma';
import { seasonAhead } from '../../src/forecaster/returns/aggregate';
import { salesAhead, wholeWeeks } from '../../src/forecaster/returns/ahead';
import { cohortsOf, exposures, type ReturnSeries } from '../../src/forecaster/returns/cohorts';
import { fitGeometricLag, geometricLag, learnLag, weightedMedian } from '../../src/forecaster/returns/lag';
import {
  forecastSeriesReturns,
  learnReturns,
  levelAtLocation,
  levelOfSku,
  windowWeeks,
  withinWindow,
} from '../../src/forecaster/returns/learn';
import { learnStrength, shrunkFactor } from '../../src/forecaster/returns/level';
import { learnResale } from '../../src/forecaster/returns/resale';

const series = (
  sold: number[],
  returned: number[],
  matched?: number[],
  category = '',
  key = 'a',
): ReturnSeries => ({
  key,
  category,
  sold: Float64Array.from(sold),
  returned: Float64Array.from(returned),
  ...(matched && { matched: Float64Array.from(matched) }),
});
const times = <T>(count: number, value: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => value(i));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('cohorts', () => {
  test('units sold move to the weeks in which they would come back', () => {
    // 100 sold, half back in the week, half in the next: 50, then 50 and half of 20, then 10, then what is to be sold.
    const exposed = exposures(Float64Array.of(100, 20, 0), [0.5, 0.5], [8, 0]);
    expect([...exposed]).toEqual([100, 60, 10, 4, 4]);
    // Week 0 knows of half of its lags only: sales before it are taken to have been like its own.
    expect(exposed[0]).toBe(100);
  });

  test('what each cohort has seen come back, and what it has still to come', () => {
    // Lag: half in the week of the sale, 30 % in the next, 20 % in the one after. Rate 10 %.
    const cohorts = cohortsOf(series([100, 200, 50], [0, 0, 0]), [0.5, 0.3, 0.2], 0.1);
    expect(cohorts).toEqual([
      { age: 0, sold: 50, expected: 5, returned: 0, toCome: expect.closeTo(2.5) },
      { age: 1, sold: 200, expected: 20, returned: 0, toCome: expect.closeTo(4) },
      { age: 2, sold: 100, expected: 10, returned: 0, toCome: 0 },
    ]);
  });

  test('a return of unknown sale is shared out by probability, one of a known sale is where it belongs', () => {
    // In the last week one unit came back: from the 50 of that week (weight 25) or the 200 of the week before (60).
    const unknown = cohortsOf(series([0, 200, 50], [0, 0, 1]), [0.5, 0.3, 0.2], 0.1);
    expect(unknown[0]!.returned).toBeCloseTo(25 / 85);
    expect(unknown[1]!.returned).toBeCloseTo(60 / 85);
    const known = cohortsOf(series([0, 200, 50], [0, 0, 1], [0, 0, 1]), [0.5, 0.3, 0.2], 0.1, [0, 1]);
    expect(known.map((c) => c.returned)).toEqual([0, 1, 0]);
  });

  test('no more is still to come than is with the customers', () => {
    const [young] = cohortsOf(series([0, 10], [0, 9], [0, 9]), [0.2, 0.8], 0.9, [9]);
    expect(young).toEqual({ age: 0, sold: 10, expected: 9, returned: 9, toCome: 1 });
  });

  test('a window is whole weeks from the week of the sale on, and nothing is expected after it', () => {
    expect(windowWeeks(0)).toBe(1);
    expect(windowWeeks(1)).toBe(2);
    // Sold on the last day of its week, 30 days later is in the 5th week after; on the first, in the 4th.
    expect(windowWeeks(30)).toBe(6);
    expect(withinWindow([0.4, 0.4, 0.2], 2)).toEqual([0.5, 0.5]);
    const learnt = learnReturns([series([10, 10, 10, 10], [0, 5, 5, 5])], [], 3);
    const once = series([0, 0, 0, 40], [0, 0, 0, 0]);
    const level = levelOfSku(once, learnt, 3);
    const { mean } = forecastSeriesReturns(once, learnt, 3, level, [0, 0, 0, 0]);
    expect(mean[0]).toBeGreaterThan(0);
    expect(mean[1]).toBeGreaterThan(0);
    expect(mean.slice(2)).toEqual([0, 0]);
  });
});

describe('the lag', () => {
  test('geometric lags sum to one, and the median of weighted values is where half the weight lies', () => {
    expect(geometricLag(0.5, 3)).toEqual([4 / 7, 2 / 7, 1 / 7]);
    expect(weightedMedian([3, 1, 2], [1, 1, 1])).toBe(2);
    expect(weightedMedian([3, 1, 2], [5, 1, 1])).toBe(3);
    expect(weightedMedian([], [])).toBe(0);
  });

  test('young cohorts do not lower the rate', () => {
    // 1,000 sold a week, of which 60 come back in the week after and 40 in the one after that. Whatever the week in
    // which it is asked, ten per cent come back.
    const units = (weeks: number) => times(weeks, () => 1_000);
    const back = (weeks: number) => times(weeks, (w) => (w >= 1 ? 60 : 0) + (w >= 2 ? 40 : 0));
    for (const weeks of [6, 12, 60]) {
      const returned = back(weeks);
      const matched = [0, 60 * (weeks - 1), 40 * (weeks - 2)];
      const learnt = learnLag([series(units(weeks), returned, returned)], matched, 4);
      expect(learnt.rate).toBeGreaterThan(0.094);
      expect(learnt.rate).toBeLessThan(0.106);
    }
    // A naive rate of six weeks would have said 460 of 6,000.
    expect(sum(back(6)) / 6_000).toBeLessThan(0.08);
  });

  test('a burst of sales in the last week lowers no rate either', () => {
    const before = series(
      [...times(20, () => 100)],
      times(20, (w) => (w >= 3 ? 10 : 0)),
    );
    const rateOf = (last: number) => {
      const sold = [...before.sold, last];
      const returned = [...before.returned, 10];
      return learnLag([series(sold, returned, returned)], [0, 0, 0, 180], 6).rate;
    };
    expect(rateOf(10_000)).toBeCloseTo(rateOf(100), 2);
  });

  test('without any known sale the lag is found from uneven sales', () => {
    // Three weeks later a fifth comes back, and nobody says of which sale.
    const sold = times(80, (w) => ((w * 7) % 11) * 20 + (w % 5 === 0 ? 400 : 0));
    const returned = sold.map((_, w) => (w >= 3 ? Math.round(sold[w - 3]! / 5) : 0));
    const { lag, rate } = learnLag([series(sold, returned)], [], 8);
    expect(lag.indexOf(Math.max(...lag))).toBe(3);
    expect(lag[3]).toBeGreaterThan(0.7);
    expect(rate).toBeCloseTo(0.2, 1);
  });

  test('one customer’s sack of returns does not move a geometric fit', () => {
    const sold = Float64Array.from(times(40, () => 500));
    const returned = Float64Array.from(times(40, () => 10));
    const calm = fitGeometricLag(sold, returned, 12);
    returned[30] = 400;
    expect(fitGeometricLag(sold, returned, 12).rate).toBeCloseTo(calm.rate, 6);
    expect(calm.rate).toBeCloseTo(0.02, 6);
  });
});

describe('the level', () => {
  test('log Γ of known values', () => {
    expect(logGamma(1)).toBeCloseTo(0, 9);
    expect(logGamma(5)).toBeCloseTo(Math.log(24), 9);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 9);
  });

  test('nothing seen is the level above; much seen is its own; between, worked by hand', () => {
    expect(shrunkFactor({ returned: 0, usual: 0 }, 1.7, 4)).toBeCloseTo(1.7);
    expect(shrunkFactor({ returned: 3_000, usual: 1_000 }, 1, 4)).toBeCloseTo(3, 1);
    // (6 + 2) / (3 + 2 / 0.5) = 8 / 7
    expect(shrunkFactor({ returned: 6, usual: 3 }, 0.5, 2)).toBeCloseTo(8 / 7);
    expect(shrunkFactor({ returned: 6, usual: 3 }, 0, 2)).toBe(0);
  });

  test('it lies between what was seen and the level above, for any numbers', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        fc.double({ min: 0.01, max: 1e4, noNaN: true }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        (returned, usual, above, strength) => {
          const own = returned / usual;
          const factor = shrunkFactor({ returned, usual }, above, strength);
          expect(factor).toBeGreaterThanOrEqual(Math.min(own, above) * (1 - 1e-9));
          expect(factor).toBeLessThanOrEqual(Math.max(own, above) * (1 + 1e-9));
        },
      ),
    );
  });

  test('SKUs that differ are shrunk little, SKUs that do not are shrunk much', () => {
    const seen = (returned: number) => ({ evidence: { returned, usual: 10 }, above: 1 });
    expect(learnStrength(times(200, (i) => seen(i % 2 === 0 ? 0 : 20)))).toBeLessThanOrEqual(1);
    expect(learnStrength(times(200, () => seen(10)))).toBe(50);
    expect(learnStrength([])).toBe(2);
  });

  test('a location leans on its SKU, that on its category', () => {
    const busy = (share: number, category: string, key: string) =>
      series(
        times(60, () => 100),
        times(60, () => 100 * share),
        undefined,
        category,
        key,
      );
    const skus = [
      ...times(8, (i) => busy(0.3, 'shoes', `s${i}`)),
      ...times(8, (i) => busy(0.02, 'mugs', `m${i}`)),
    ];
    const learnt = learnReturns(skus, [], 6);
    const rateOf = (one: ReturnSeries) => levelOfSku(one, learnt, 6).own * learnt.drift.now;
    const newborn = (category: string) =>
      series(
        times(60, (w) => (w === 59 ? 1 : 0)),
        times(60, () => 0),
        undefined,
        category,
      );
    expect(rateOf(newborn('shoes'))).toBeGreaterThan(0.2);
    expect(rateOf(newborn('mugs'))).toBeLessThan(0.04);
    // A category that it is not known is like all together.
    expect(rateOf(newborn('hats'))).toBeGreaterThan(0.1);
    expect(rateOf(newborn('hats'))).toBeLessThan(0.2);
    const sku = levelOfSku(skus[0]!, learnt, 6);
    const place = levelAtLocation(newborn('shoes'), learnt, 6, sku);
    expect(place.own).toBeCloseTo(sku.sku, 0);
  });
});

describe('sales ahead', () => {
  test('whole weeks of a daily forecast that begins before the cut', () => {
    const daily = times(28, (d) => d);
    expect(wholeWeeks(daily, 0, 12)).toEqual([21, 70, 119, 168]);
    expect(wholeWeeks(daily, 3, 12)).toEqual([42, 91, 140]);
    expect(wholeWeeks(daily, 0, 2)).toEqual([21, 70]);
    expect(wholeWeeks([-7, 0, 0, 0, 0, 0, 3], 0, 1)).toEqual([3]);
  });

  test('beyond a forecast the season goes on; a young shelf is not thinned by weeks it did not live', () => {
    expect(salesAhead(new Float64Array(4), [10, 30], [1, 1, 2, 0])).toEqual([10, 30, 40, 0]);
    expect(salesAhead(Float64Array.of(0, 0, 6, 2), [], [1, 0.5])).toEqual([4, 2]);
    expect(salesAhead(new Float64Array(4), [], [1, 1])).toEqual([0, 0]);
  });

  test('last year’s season: what rose rises, and shops that were closed are closed', () => {
    const sold = Float64Array.from(
      times(60, (w) => (w === 11 ? 0 : w === 9 || w === 10 || w === 8 ? 200 : 100)),
    );
    const season = seasonAhead(sold, 6);
    // Weeks 8 … 13 of last year are ahead: high, high, high, closed, usual, usual; four fifths of it is believed.
    expect(season[1]).toBeCloseTo(2 ** 0.8, 6);
    expect(season[3]).toBe(0);
    expect(season[5]).toBeCloseTo(1, 6);
    expect(seasonAhead(Float64Array.of(1, 2, 3), 2)).toEqual([1, 1]);
  });
});

describe('resaleable', () => {
  test('nobody looked: what is assumed; many looked: what they saw', () => {
    expect(learnResale([])(1, 'x')).toEqual({ share: 0.8, seen: 0 });
    const share = learnResale([
      { skuId: 1, category: 'shoes', seen: 1_000, restocked: 900 },
      { skuId: 2, category: 'mugs', seen: 1_000, restocked: 100 },
      { skuId: 3, category: 'mugs', seen: 2, restocked: 2 },
    ]);
    expect(share(1, 'shoes').share).toBeCloseTo(0.9, 1);
    expect(share(2, 'mugs').share).toBeCloseTo(0.1, 1);
    // Two good mugs do not make all mugs good; one that was never looked at is like the others.
    expect(share(3, 'mugs').share).toBeLessThan(0.8);
    expect(share(4, 'mugs').share).toBeLessThan(0.5);
    expect(share(4, 'shoes').share).toBeGreaterThan(0.6);
  });
});
