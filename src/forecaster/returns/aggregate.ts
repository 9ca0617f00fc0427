// Returns of many SKUs together (a location, the whole chain): a distributed lag on past sales and on the sales expected ahead.

import { exposures, units } from './cohorts';
import { fitGeometricLag } from './lag';

/** Exponent of sales: returns grow more slowly than sales when a season doubles these. */
const POWER = 0.85;
/** Last weeks whose mean is the level of sales. */
const LEVEL_WEEKS = 6;
const YEAR_WEEKS = 52;
/** Exponent that shrinks the seasonal factors of last year towards 1. */
const SEASON_TRUST = 0.8;
/** Weeks on either side over which the season of last year is averaged. */
const SEASON_SMOOTH_WEEKS = 1;
const HALF_LIFE_WEEKS = 13;

/**
 * Seasonal factors of the weeks ahead: sales over the mean of the last LEVEL_WEEKS, as they were last year.
 * @param sold units per week; the last one is the week of the origin
 * @returns one factor a week; 1 where last year is unknown, 0 where nothing was sold then (the shops were closed)
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

/** Mean of the last LEVEL_WEEKS weeks without those in which nothing was sold, as the shops were closed. */
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

/** Expected units per week, and their dispersion (variance / mean, at least 1). */
export interface AggregateReturns {
  mean: number[];
  dispersion: number;
  /** Parameter of the geometric lag: share of returns that are still out after one more week. */
  stillOut: number;
}

/**
 * Forecasts the returns of many SKUs together. The rate is that of a usual week (a weighted median), so a single
 * customer who brings back a whole delivery widens the interval and does not raise the mean.
 * @param sold units per week; the last one is the week of the origin
 * @param returned units that came back per week, of the same length
 * @param weeks longest lag, the week of the sale included
 * @param ahead units expected to be sold in each week ahead; absent: the recent level with last year's season
 * @returns `mean` has one number for each week ahead
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
