// The returns that are still to come, from the rows of a till: all together, per location and per SKU.

import { type AggregateReturns, forecastAggregateReturns, seasonAhead } from './aggregate';
import { salesAhead } from './ahead';
import { MAX_LAG_WEEKS, type ReturnSeries, units } from './cohorts';
import {
  forecastSeriesReturns,
  type LearntReturns,
  learnReturns,
  levelOfSku,
  outlookOf,
  type ReturnOutlook,
} from './learn';

/** Units (or order lines) of one SKU sold at one location in one week. Weeks are whole numbers on one axis. */
export interface SoldInWeek {
  sku: string;
  location: string;
  week: number;
  quantity: number;
}

/** What came back of one SKU at one location in one week; `soldWeek` is null where the purchase is not known. */
export interface ReturnedInWeek extends SoldInWeek {
  soldWeek: number | null;
}

/** All together, each location, and each SKU over all locations. */
export interface ReturnsForecast {
  total: ReturnOutlook;
  locations: ReturnOutlook[];
  skus: ReturnOutlook[];
}

/** Weeks of history that are looked at, the origin's included: two years, and a season either side. */
export const HISTORY_WEEKS = 130;

interface ReturnTotals {
  sold: Float64Array;
  returned: Float64Array;
}

/** The rows up to the origin as series on one axis of weeks that ends with it. */
function panelOf(sold: readonly SoldInWeek[], returned: readonly ReturnedInWeek[], origin: number) {
  const known = (row: SoldInWeek) => row.week <= origin && row.week > origin - HISTORY_WEEKS;
  const first = sold.reduce((least, row) => (known(row) ? Math.min(least, row.week) : least), origin);
  const length = origin - first + 1;
  const empty = (): ReturnTotals => ({ sold: new Float64Array(length), returned: new Float64Array(length) });
  const total = empty();
  const locations = new Map<string, ReturnTotals>();
  const skus = new Map<string, ReturnTotals & { matched: Float64Array }>();
  const matched = new Array<number>(MAX_LAG_WEEKS).fill(0);
  const of = (row: SoldInWeek) => {
    const location = locations.get(row.location) ?? empty();
    const sku = skus.get(row.sku) ?? { ...empty(), matched: new Float64Array(length) };
    locations.set(row.location, location);
    skus.set(row.sku, sku);
    return { location, sku };
  };
  for (const row of sold) {
    if (!known(row)) continue;
    const { location, sku } = of(row);
    for (const sums of [total, location, sku]) sums.sold[row.week - first]! += units(row.quantity);
  }
  for (const row of returned) {
    if (!known(row) || row.week < first) continue;
    const { location, sku } = of(row);
    for (const sums of [total, location, sku]) sums.returned[row.week - first]! += units(row.quantity);
    const lag = row.soldWeek === null ? -1 : row.week - row.soldWeek;
    if (lag < 0 || row.soldWeek! < first) continue;
    sku.matched[row.week - first]! += units(row.quantity);
    if (lag < MAX_LAG_WEEKS) matched[lag]! += units(row.quantity);
  }
  return { total, locations, skus, matched };
}

/**
 * The total shared out over the locations: each at its own rate, shrunk towards the usual one, on its own sales. Rare
 * returns have no usual week, so a location's rate is a mean, and only the sum of the locations is the robust one.
 */
function forecastLocations(
  locations: ReadonlyMap<string, ReturnTotals>,
  learnt: LearntReturns,
  season: readonly number[],
  all: AggregateReturns,
): ReturnOutlook[] {
  const outlooks = [...locations].map(([key, sums]) => {
    const series = { key, category: '', ...sums };
    const level = levelOfSku(series, learnt, MAX_LAG_WEEKS);
    return forecastSeriesReturns(series, learnt, MAX_LAG_WEEKS, level, salesAhead(series.sold, [], season));
  });
  const scale = all.mean.map((mean, h) => {
    const sum = outlooks.reduce((a, { mean: part }) => a + part[h]!, 0);
    return sum > 0 ? mean / sum : 0;
  });
  return outlooks.map(({ key, mean }) =>
    outlookOf(
      key,
      mean.map((m, h) => m * scale[h]!),
      (m) => m * Math.max(all.dispersion, 1 + learnt.burst),
    ),
  );
}

/**
 * Forecasts returns from the rows of a till: nothing of a week after `origin` is looked at. The locations' means add up to
 * the total's. That one is robust, of the usual week; a SKU's is the mean of its own distribution.
 * @param horizon weeks ahead, 1 or more
 */
export function forecastReturns(
  sold: readonly SoldInWeek[],
  returned: readonly ReturnedInWeek[],
  origin: number,
  horizon: number,
): ReturnsForecast {
  const { total, locations, skus, matched } = panelOf(sold, returned, origin);
  const all = forecastAggregateReturns(total.sold, total.returned, horizon, MAX_LAG_WEEKS);
  const series: ReturnSeries[] = [...skus].map(([key, sums]) => ({ key, category: '', ...sums }));
  const learnt = learnReturns(series, matched, MAX_LAG_WEEKS);
  const season = seasonAhead(total.sold, horizon);
  return {
    total: outlookOf('', all.mean, (m) => m * all.dispersion),
    locations: forecastLocations(locations, learnt, season, all),
    skus: series.map((one) => {
      const level = levelOfSku(one, learnt, MAX_LAG_WEEKS);
      return forecastSeriesReturns(one, learnt, MAX_LAG_WEEKS, level, salesAhead(one.sold, [], season));
    }),
  };
}
