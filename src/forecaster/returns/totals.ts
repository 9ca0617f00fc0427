// Forecast of returns from weekly sales and returns: in total, by location and by SKU.

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

/** Units (or order lines) of one SKU sold at one location in one week. Weeks are integers on one axis. */
export interface SoldInWeek {
  sku: string;
  location: string;
  week: number;
  quantity: number;
}

/** Units of one SKU returned at one location in one week; `soldWeek` is null where the sale is unknown. */
export interface ReturnedInWeek extends SoldInWeek {
  soldWeek: number | null;
}

/** Outlooks of the total, of each location, and of each SKU over all locations. */
export interface ReturnsForecast {
  total: ReturnOutlook;
  locations: ReturnOutlook[];
  skus: ReturnOutlook[];
}

/** Weeks of history that are read, the week of the origin included: two years and a season on either side. */
export const HISTORY_WEEKS = 130;

interface ReturnTotals {
  sold: Float64Array;
  returned: Float64Array;
}

/** The rows up to the origin as series on one axis of weeks that ends with the origin. */
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
 * Distributes the total over the locations, each with its own rate, shrunk towards the usual one, on its own sales.
 * Returns of one location are too rare for a usual week, so its rate is a mean, and only the total uses the robust
 * rate.
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
 * Forecasts returns from weekly rows; no row of a week after `origin` is read. The means of the locations add up to
 * the total, which uses the robust rate of a usual week; the mean of a SKU is that of its own distribution.
 * @param origin last known week
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
