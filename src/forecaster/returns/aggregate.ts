// Returns of many SKUs together (a location, the chain): a distributed lag on sales, of which next weeks' are forecast too.

import { exposures, units } from './cohorts';
import { fitGeometricLag } from './lag';

/** Returns grow more slowly than sales do when a season doubles those. */
const POWER = 0.85;
/** Weeks that the level of sales is the mean of. */
const LEVEL_WEEKS = 6;
const YEAR_WEEKS = 52;
/** Part of last year's season that is believed. */
const SEASON_TRUST = 0.8;
/** Weeks to either side that last year's season is averaged over. */
const SEASON_SMOOTH_WEEKS = 1;
const HALF_LIFE_WEEKS = 13;

/**
 * Sales of the weeks ahead over the mean of the last LEVEL_WEEKS, as last year's went: 1 where last year is not known,
 * 0 where nothing was sold (the shops were closed).
 */
export function seasonAhead(sold: Float64Array, horizon: number): number[] {
  const last = sold.length - 1;
  let then = 0;
  let weeks = 0;
  for (let j = 0; j < LEVEL_WEEKS; j += 1) {
    const before = units(sold[last - j - YEAR_WEEKS]);
    if (!(units(sold[last - j]) > 0) || !(before > 0)) continue;
    then += before;
    weeks += 1;
  }
  return Array.from({ length: horizon }, (_, i) => {
    const at = last + ((i % YEAR_WEEKS) + 1) - YEAR_WEEKS;
    if (weeks === 0 || at < 0) return 1;
    if (!(units(sold[at]) > 0)) return 0;
    return (around(sold, at, last) / (then / weeks)) ** SEASON_TRUST;
  });
}

function around(sold: Float64Array, at: number, last: number): number {
  let sum = 0;
  let weeks = 0;
  for (let w = at - SEASON_SMOOTH_WEEKS; w <= at + SEASON_SMOOTH_WEEKS; w += 1) {
    if (w > last || !(units(sold[w]) > 0)) continue;
    sum += sold[w]!;
    weeks += 1;
  }
  return sum / weeks;
}

/** Mean of the last weeks; those in which nothing at all was sold, as the shops were closed, do not count. */
function recentLevel(sold: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let w = Math.max(0, sold.length - LEVEL_WEEKS); w < sold.length; w += 1) {
    if (!(sold[w]! > 0)) continue;
    sum += units(sold[w]);
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

/** Expected returns a week, and how much more they vary than single parcels would: variance / mean. */
export interface AggregateReturns {
  mean: number[];
  dispersion: number;
  /** Share still out after another week, of the geometric lag that fitted best. */
  stillOut: number;
}

/**
 * Forecasts returns of many SKUs together, robustly: the rate is that of the usual week, so that single customers who
 * bring back a whole delivery widen the interval and do not lift the mean.
 * @param ahead units that will be sold a week; absent: the recent level with last year's season
 */
export function forecastAggregateReturns(
  sold: Float64Array,
  returned: Float64Array,
  horizon: number,
  weeks: number,
  ahead?: readonly number[],
): AggregateReturns {
  const { stillOut, rate, lag } = fitGeometricLag(sold, returned, weeks, POWER);
  const level = recentLevel(sold);
  const next = ahead ?? seasonAhead(sold, horizon).map((factor) => factor * level);
  const exposed = exposures(sold, lag, next);
  const fitted = Array.from(exposed, (e) => rate * e ** POWER);
  let squares = 0;
  let expected = 0;
  for (let w = 2; w < sold.length; w += 1) {
    const weight = 0.5 ** ((sold.length - 1 - w) / (2 * HALF_LIFE_WEEKS));
    squares += weight * (units(returned[w]) - fitted[w]!) ** 2;
    expected += weight * fitted[w]!;
  }
  return {
    mean: fitted.slice(sold.length),
    dispersion: expected > 0 ? Math.max(1, squares / expected) : 1,
    stillOut,
  };
}
