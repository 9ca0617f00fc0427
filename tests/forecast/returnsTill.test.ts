// A till's returns forecast as a whole: nothing of the future, parts that add up, and histories of every bad kind.

import { forecastAggregateReturns } from '../../src/forecaster/returns/aggregate';
import { forecastReturns, type ReturnedInWeek, type SoldInWeek } from '../../src/forecaster/returns/totals';

const times = <T>(count: number, value: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => value(i));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** A till of two SKUs at two locations with season, bursts and half of the sales known. */
function till(weeks: number): { sold: SoldInWeek[]; returned: ReturnedInWeek[] } {
  const sold: SoldInWeek[] = [];
  const returned: ReturnedInWeek[] = [];
  for (let week = 1; week <= weeks; week += 1)
    for (const [i, sku] of ['A', 'B', 'C'].entries())
      for (const [j, place] of ['x', 'y'].entries()) {
        const quantity = 20 + ((week * (3 + i) + 7 * j) % 13);
        sold.push({ sku, location: place, week, quantity });
        if ((week + i) % (2 + j) === 0) {
          const soldWeek = week % 2 === 0 && week > 2 ? week - 2 : null;
          returned.push({ sku, location: place, week, soldWeek, quantity: 1 + i });
        }
      }
  return { sold, returned };
}

describe('a till’s returns forecast', () => {
  test('what happens after the origin changes nothing', () => {
    const { sold, returned } = till(100);
    const asked = forecastReturns(sold, returned, 80, 8);
    const known = <T extends SoldInWeek>(rows: readonly T[]) => rows.filter((row) => row.week <= 80);
    expect(forecastReturns(known(sold), known(returned), 80, 8)).toEqual(asked);
    const wild = [
      ...known(returned),
      ...times(50, (i) => ({ sku: 'A', location: 'x', week: 81 + (i % 10), soldWeek: 79, quantity: 999 })),
    ];
    expect(forecastReturns(sold, wild, 80, 8)).toEqual(asked);
  });

  test('the locations add up to the total, quantiles rise, and the SKUs come near the total', () => {
    const { sold, returned } = till(100);
    const { total, locations, skus } = forecastReturns(sold, returned, 100, 4);
    total.mean.forEach((mean, h) => {
      expect(sum(locations.map((location) => location.mean[h]!))).toBeCloseTo(mean, 6);
    });
    for (const outlook of [total, ...locations, ...skus]) {
      expect(outlook.sum.mean).toBeCloseTo(sum(outlook.mean), 6);
      for (let h = 0; h < 4; h += 1)
        for (let i = 1; i < 5; i += 1)
          expect(outlook.quantiles[i]![h]!).toBeGreaterThanOrEqual(outlook.quantiles[i - 1]![h]!);
    }
    const actual = sum(returned.filter((row) => row.week > 60).map((row) => row.quantity)) / 40;
    expect(total.mean[0]).toBeGreaterThan(0.7 * actual);
    expect(total.mean[0]).toBeLessThan(1.3 * actual);
    expect(sum(skus.map((sku) => sku.mean[0]!))).toBeCloseTo(actual, -1);
  });

  const sale = (week: number, quantity: number): SoldInWeek => ({ sku: 'A', location: 'x', week, quantity });
  const back = (week: number, quantity: number, soldWeek: number | null = null): ReturnedInWeek => ({
    ...sale(week, quantity),
    soldWeek,
  });
  const bad: [string, SoldInWeek[], ReturnedInWeek[]][] = [
    ['nothing at all', [], []],
    ['one sale', [sale(10, 1)], []],
    ['one sale that came back', [sale(9, 1)], [back(10, 1, 9)]],
    ['everything comes back', times(10, (w) => sale(w + 1, 5)), times(10, (w) => back(w + 1, 5, w + 1))],
    ['more comes back than was sold', times(10, (w) => sale(w + 1, 1)), times(10, (w) => back(w + 1, 9))],
    ['returns without any sale', [], times(10, (w) => back(w + 1, 2))],
    [
      'numbers that are none',
      [sale(1, Number.NaN), sale(9, 10), sale(2, -5)],
      [back(10, Number.NaN), back(9, -1)],
    ],
    ['a gap of years', [sale(-500, 100), sale(10, 1)], [back(-400, 50)]],
    ['one huge week', [...times(30, (w) => sale(w - 19, 5)), sale(10, 1e9)], [back(10, 1e6)]],
    ['weeks of the future', [sale(11, 100), sale(10, 3)], [back(12, 5, 11)]],
  ];
  test.each(bad)('%s', (_what, sold, returned) => {
    const { total, locations, skus } = forecastReturns(sold, returned, 10, 8);
    for (const outlook of [total, ...locations, ...skus]) {
      expect(outlook.mean).toHaveLength(8);
      for (const value of [
        ...outlook.mean,
        ...outlook.quantiles.flat(),
        outlook.sum.mean,
        ...outlook.sum.quantiles,
      ]) {
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(0);
      }
    }
  });

  test('returns of what was sold elsewhere go on as they were', () => {
    const { skus } = forecastReturns(
      times(30, (w) => ({ ...sale(w + 1, 10), sku: 'B' })),
      times(30, (w) => back(w + 1, 2)),
      30,
      4,
    );
    expect(skus.find((sku) => sku.key === 'A')!.mean).toEqual([2, 2, 2, 2]);
  });

  test('a location whose sales double is forecast somewhat less than double, and a spread is never below Poisson’s', () => {
    const sold = Float64Array.from(times(40, () => 1_000));
    const returned = Float64Array.from(times(40, (w) => 20 + (w % 3)));
    const calm = forecastAggregateReturns(
      sold,
      returned,
      8,
      10,
      times(8, () => 1_000),
    );
    const double = forecastAggregateReturns(
      sold,
      returned,
      8,
      10,
      times(8, () => 2_000),
    );
    expect(calm.mean[7]).toBeCloseTo(21, 0);
    expect(double.mean[7]! / calm.mean[7]!).toBeGreaterThan(1.6);
    expect(double.mean[7]! / calm.mean[7]!).toBeLessThan(2);
    expect(calm.dispersion).toBe(1);
  });
});
