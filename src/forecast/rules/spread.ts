// The spread of demand around its mean: distributions of single periods and of sums over several, learnt from what past forecasts missed.

import type { Forecast, Series } from './series';
import { type Distribution, negativeBinomial, quantile } from './spread/distribution';

/** A forecast of the mean as it was, or would have been, made at a past origin; what came of it is in the series. */
export interface PastForecast {
  series: Series;
  origin: number;
  /** Expected units, h = 1 …, from periods up to `origin` only. */
  mean: readonly number[];
}

/** What is learnt of spread over all series at once. Plain JSON. */
export interface LearntSpread {
  /** Relative variance that a sum of LENGTHS[i] periods has beyond Poisson's, pooled over all series. */
  excess: number[];
}

/** What spread reads of a forecast. */
export type Foreseen = Pick<Forecast, 'mean' | 'spread'>;

/** Numbers of periods whose sums are learnt; others lie between or beyond them. */
const LENGTHS = [1, 2, 4, 7, 14, 28];
/** Relative excess variance where nothing was learnt: that of a lumpy seller. */
const EXCESS_UNLEARNT = 0.5;
/** Own sums that weigh as much as all that was learnt of the other series. */
const POOLED_WEIGHT = 8;

/** Learns the spread that sums of demand have around forecasts of past origins (negative binomial, by moments). */
export function learnSpread(pasts: readonly PastForecast[]): LearntSpread {
  const excess = LENGTHS.map((length, i) => {
    let squares = 0;
    let over = 0;
    for (const { series, origin, mean } of pasts)
      for (let from = 0; from + length <= mean.length; from += length) {
        const actual = sumOf(series, origin + 1 + from, length);
        let expected = 0;
        for (let h = from; h < from + length; h++) expected += mean[h]!;
        if (!Number.isFinite(actual) || !(expected > 0)) continue;
        // Each window weighs by its own size, so that big sellers do not decide for all.
        over += ((actual - expected) ** 2 - expected) / (1 + expected) ** 2;
        squares += (expected / (1 + expected)) ** 2;
      }
    return squares > 0 ? Math.max(0.01, over / squares) : EXCESS_UNLEARNT / Math.sqrt(i + 1);
  });
  return { excess };
}

/** The numbers a forecast's distributions are made from: relative excess variance of sums of LENGTHS periods. */
export function spreadOf(
  series: Series,
  origin: number,
  _mean: readonly number[],
  learnt: LearntSpread,
): number[] {
  const last = Math.min(origin, series.start + series.values.length - 1);
  return LENGTHS.map((length, i) => {
    const pooled = learnt.excess[i]!;
    const sums: number[] = [];
    for (let end = last; end - length + 1 >= series.start && last - end < 364; end -= length)
      sums.push(sumOf(series, end - length + 1, length));
    const known = sums.filter(Number.isFinite);
    if (known.length < 2) return pooled;
    const average = known.reduce((a, b) => a + b, 0) / known.length;
    if (!(average > 0)) return pooled;
    const variance = known.reduce((a, b) => a + (b - average) ** 2, 0) / (known.length - 1);
    const own = Math.max(0, (variance - average) / average ** 2);
    return (known.length * own + POOLED_WEIGHT * pooled) / (known.length + POOLED_WEIGHT);
  });
}

/** Quantiles of the demand of period h (1 is the first after the origin) at each of `levels`, whole units. */
export function dayQuantiles(forecast: Foreseen, h: number, levels: readonly number[]): number[] {
  const distribution = sumDistribution(forecast, h, 1);
  return levels.map((level) => quantile(distribution, level));
}

/** The quantile at `level` of the sum over h = from … from + length − 1 (from ≥ 1), whole units. */
export function sumQuantile(forecast: Foreseen, from: number, length: number, level: number): number {
  return quantile(sumDistribution(forecast, from, length), level);
}

/** The distribution of the sum over h = from … from + length − 1 (from ≥ 1), also beyond the horizon. */
export function sumDistribution(forecast: Foreseen, from: number, length: number): Distribution {
  const expected = expectedSum(forecast.mean, from, length);
  const excess = excessAt(forecast.spread, length);
  return negativeBinomial(expected, expected + excess * expected * expected);
}

/** Units expected over h = from … from + length − 1; beyond the horizon its last seven periods, or all, repeat. */
export function expectedSum(mean: readonly number[], from: number, length: number): number {
  const cycle = mean.length >= 14 ? 7 : mean.length;
  let sum = 0;
  for (let h = from; h < from + length; h++) {
    if (h <= mean.length) sum += mean[h - 1]!;
    else if (cycle > 0) sum += mean[mean.length - cycle + ((h - 1 - mean.length) % cycle)]!;
  }
  return Math.max(0, sum);
}

/** Between two lengths the logarithm of the length decides; beyond the last the excess stays. */
function excessAt(spread: readonly number[], length: number): number {
  const above = LENGTHS.findIndex((known) => known >= length);
  if (above < 0) return spread[LENGTHS.length - 1] ?? EXCESS_UNLEARNT;
  const high = spread[above] ?? EXCESS_UNLEARNT;
  if (above === 0 || LENGTHS[above] === length) return high;
  const low = spread[above - 1] ?? EXCESS_UNLEARNT;
  const share = Math.log(length / LENGTHS[above - 1]!) / Math.log(LENGTHS[above]! / LENGTHS[above - 1]!);
  return low + share * (high - low);
}

/** Units of `length` periods from period `first` on; NaN where one is unknown or the shelf was empty. */
function sumOf(series: Series, first: number, length: number): number {
  let sum = 0;
  for (let t = first - series.start; t < first - series.start + length; t++)
    sum += series.censored?.[t] ? Number.NaN : (series.values[t] ?? Number.NaN);
  return sum;
}
