// Distributions of demand around its mean: of single periods and of sums over several, learned from the errors of past forecasts.

import type { Period, Series } from '../series';
import { boundOf, LEAST_REACH, largestKnown, learnReach } from './bound';
import { COVERED, coveredAt, covering, type RealizedSum, ranked, recalibrated } from './calibration';
import { atMost, type Distribution, negativeBinomial, quantile } from './distribution';
import { CADENCES, type Cadence, factsOf } from './facts';
import {
  describe,
  factorAndExcess,
  isNearZero,
  LEAST_UNITS,
  learnModel,
  type SpreadModel,
  type SumRows,
  startOf,
  YEAR_SHARE,
} from './model';
import { type LearnedSilences, learnSilences, type PastSilence, usualGap } from './silence';
import { HEAD, type MeanAndSpread, round, storedAt } from './stored';

/** A forecast of the mean from a past origin; `series` has the actual values. */
export interface PastForecast {
  series: Series;
  origin: number;
  /** Expected units, h = 1 …, from periods up to `origin` only. */
  mean: readonly number[];
}

/** The spread model of all series. Plain JSON. */
export interface LearnedSpread {
  period: Period;
  /** Numbers of periods whose sums were learned, ascending, the first is 1. */
  lengths: number[];
  model: SpreadModel;
  /** For each of COVERED, the level of a single period's distribution that covered this share (`covering`). */
  covering: number[];
  /** For each of RANKS, the share of sums that ranked below it (`ranked`). */
  ranks: number[];
  /** By length: how far beyond the largest sum known before them past sums reached (`learnReach`). Absent before 1.1. */
  reach?: number[];
  /** What silences longer than usual came to. Absent before 1.1. */
  silences?: LearnedSilences;
}

/** Largest number of past forecasts to learn from, sampled evenly. */
const MOST_PASTS = 3_000;
/** Rows with the index of the length of each. */
interface GatheredSums extends SumRows {
  lengthIndexes: number[];
  /** Largest sum of that length known before it (`largestKnown`). */
  most: number[];
  silences: LearnedSilences;
}

/**
 * Learns the distribution of sums of demand around the forecasts of past origins: a negative binomial whose mean and
 * dispersion are boosted over all series at once, then the calibration of probabilities and levels. Deterministic; at
 * most MOST_PASTS forecasts are read.
 */
export function learnSpread(pasts: readonly PastForecast[], period: Period = 'DAY'): LearnedSpread {
  const cadence = CADENCES[period];
  const horizon = pasts.reduce((most, { mean }) => Math.max(most, mean.length), 1);
  const lengths = cadence.lengths.filter((length) => length <= horizon);
  const gathered = gather(pasts, cadence, lengths);
  const model = learnModel(gathered);
  const singles: RealizedSum[] = [];
  const sums: RealizedSum[] = [];
  for (const [i, row] of gathered.rows.entries()) {
    const { factor, excess } = factorAndExcess(model, row);
    const mean = factor * gathered.expected[i]!;
    const distribution = negativeBinomial(mean, mean + excess * mean * mean);
    (gathered.lengthIndexes[i] === 0 ? singles : sums).push({ units: gathered.actual[i]!, distribution });
  }
  return {
    ...{ period, lengths, model },
    ...{ covering: covering(singles).map(round), ranks: ranked(sums).map(round) },
    reach: learnReach(gathered, lengths.length).map(round),
    silences: gathered.silences,
  };
}

/**
 * One row for each learned length of every past forecast (two for single periods), as far as the actual values are
 * known.
 */
function gather(pasts: readonly PastForecast[], cadence: Cadence, lengths: readonly number[]): GatheredSums {
  const rows: number[][] = [];
  const actual: number[] = [];
  const expected: number[] = [];
  const lengthIndexes: number[] = [];
  const most: number[] = [];
  const step = Math.max(1, pasts.length / MOST_PASTS);
  const drawn = Array.from({ length: Math.ceil(pasts.length / step) }, (_, k) => Math.floor(k * step));
  const silences = learnSilences(drawn.flatMap((index) => silenceOf(pasts[index]!, cadence)));
  for (const index of drawn) {
    const past = pasts[index]!;
    const facts = factsOf(past.series, past.origin, past.mean, cadence, lengths);
    const start = startOf(facts, silences);
    for (const lengthIndex of [0, ...lengths.keys()]) {
      const length = lengths[lengthIndex]!;
      if (length > past.mean.length) continue;
      // Windows are spread over the horizon, a different one for each past forecast and length.
      const from = 1 + ((7919 * index + 31 * rows.length) % (past.mean.length - length + 1));
      const units = actualSum(past.series, past.origin + from, length);
      if (!Number.isFinite(units)) continue;
      const sum = expectedSum(past.mean, from, length);
      rows.push(describe(facts, lengths, lengthIndex, sum));
      actual.push(Math.max(0, units));
      expected.push(start.factor * sum + start.extra * length);
      lengthIndexes.push(lengthIndex);
      most.push(largestKnown(facts, lengthIndex, expected.at(-1)!));
    }
  }
  return {
    rows,
    actual: Float64Array.from(actual),
    expected: Float64Array.from(expected),
    lengthIndexes,
    most,
    silences,
  };
}

/** A past forecast near zero in a silence that was longer than usual; none for most. */
function silenceOf({ series, origin, mean }: PastForecast, cadence: Cadence): PastSilence[] {
  const facts = factsOf(series, origin, mean, cadence, []);
  if (!isNearZero(facts) || usualGap(facts) > 0.5) return [];
  const units = actualSum(series, origin + 1, mean.length);
  const usual = YEAR_SHARE * facts.levels[4]! * mean.length;
  return Number.isFinite(units) && usual > 0 ? [{ facts, share: Math.max(0, units) / usual }] : [];
}

/**
 * The numbers stored with a forecast, from which its distributions are computed: the number of lengths, the
 * calibrated levels and ranks, then for each length the length, a factor on the forecast, extra units per period,
 * the relative excess variance, and the largest sum that is considered possible.
 * @param mean expected units per period, h = 1 … horizon
 */
export function spreadOf(
  series: Series,
  origin: number,
  mean: readonly number[],
  learnt: LearnedSpread,
): number[] {
  const { lengths, model } = learnt;
  const facts = factsOf(series, origin, mean, CADENCES[learnt.period], lengths);
  const start = startOf(facts, learnt.silences);
  const stored = [lengths.length, ...learnt.covering, ...learnt.ranks];
  let leastMean = 0;
  let leastVariance = 0;
  let leastBound = 0;
  for (const [index, length] of lengths.entries()) {
    const sum = expectedSum(mean, 1, length);
    const { factor, excess } = factorAndExcess(model, describe(facts, lengths, index, sum));
    const foreseen = factor * (start.factor * sum + start.extra * length);
    // Mean and variance of a longer sum are never below those of a shorter one.
    const units = Math.max(foreseen, leastMean);
    const variance = Math.max(units + excess * units * units, leastVariance);
    leastMean = units;
    leastVariance = variance;
    leastBound = Math.max(
      leastBound,
      boundOf(largestKnown(facts, index, units), learnt.reach?.[index] ?? LEAST_REACH),
    );
    const raised = units / foreseen;
    stored.push(
      length,
      round(raised * factor * start.factor),
      round(raised * factor * start.extra),
      round((variance - units) / (units * units)),
      round(leastBound),
    );
  }
  return stored;
}

/**
 * The same numbers for a series at a turn, whose past is no measure of what is ahead: the distribution of the usual forecast
 * mixed with one around the turn's.
 * @param usual the forecast without the turn
 * @param mean the published one
 * @param supposed weight of the turn's distribution, 0 … 1, and its relative excess variance
 */
export function spreadAtTurn(
  series: Series,
  origin: number,
  usual: MeanAndSpread,
  mean: readonly number[],
  learnt: LearnedSpread,
  { weight, excess }: { weight: number; excess: number },
): number[] {
  const { lengths } = learnt;
  const facts = factsOf(series, origin, mean, CADENCES[learnt.period], lengths);
  const stored = usual.spread.slice(0, HEAD);
  const horizon = mean.length;
  // The usual forecast as a share of this one: over the horizon, as it may have none of its first periods.
  const share =
    expectedSum(mean, 1, horizon) > 0
      ? expectedSum(usual.mean, 1, horizon) / expectedSum(mean, 1, horizon)
      : 1;
  let leastBound = 0;
  for (const [index, length] of lengths.entries()) {
    const of = storedAt(usual.spread, length);
    const sum = expectedSum(mean, 1, length);
    const without = of.factor * share * sum + of.extra * length;
    const extra = LEAST_UNITS * length;
    const units = (1 - weight) * without + weight * (sum + extra);
    const squares =
      (1 - weight) * (without + (1 + of.excess) * without * without) +
      weight * (sum + extra + (1 + excess) * (sum + extra) ** 2);
    const largest = largestKnown(facts, index, sum);
    leastBound = Math.max(leastBound, of.bound, boundOf(largest, learnt.reach?.[index] ?? LEAST_REACH));
    stored.push(
      length,
      round((1 - weight) * of.factor * share + weight),
      round((1 - weight) * of.extra + weight * LEAST_UNITS),
      round(Math.max(0, (squares - units) / (units * units) - 1)),
      round(leastBound),
    );
  }
  return stored;
}

/**
 * Quantiles of the demand in period h, in whole units.
 * @param h periods after the origin, 1 or more
 * @returns one number for each of `levels`
 */
export function dayQuantiles(forecast: MeanAndSpread, h: number, levels: readonly number[]): number[] {
  const distribution = sumDistribution(forecast, h, 1);
  const covering = forecast.spread.slice(1, 1 + COVERED.length);
  return levels.map((level) =>
    quantile(distribution, covering.length < COVERED.length ? level : coveredAt(covering, level)),
  );
}

/**
 * The largest demand over h = from … from + length − 1 that is considered possible, in units; Infinity where none is
 * known. More demand counts as so much.
 */
export function sumBound({ mean, spread }: MeanAndSpread, from: number, length: number): number {
  const { bound } = storedAt(spread, length);
  if (from === 1) return bound;
  // A later range that expects more than the first may reach further in proportion.
  const first = expectedSum(mean, 1, length);
  return first > 0 ? bound * Math.max(1, expectedSum(mean, from, length) / first) : bound;
}

/**
 * The demand over h = from … from + length − 1 (from ≥ 1) without bound and recalibration: to judge how rare an actual
 * demand was, which may be beyond all that was considered possible.
 */
export function unboundedDistribution(
  { mean, spread }: MeanAndSpread,
  from: number,
  length: number,
): Distribution {
  const { factor, extra, excess } = storedAt(spread, length);
  const units = factor * expectedSum(mean, from, length) + extra * length;
  return negativeBinomial(units, units + excess * units * units);
}

/** The distribution of the demand over h = from … from + length − 1 (from ≥ 1), also beyond the horizon. */
export function sumDistribution(forecast: MeanAndSpread, from: number, length: number): Distribution {
  const unbounded = unboundedDistribution(forecast, from, length);
  const distribution = atMost(unbounded, sumBound(forecast, from, length));
  if (length === 1 || forecast.spread.length < HEAD) return distribution;
  return recalibrated(distribution, forecast.spread.slice(1 + COVERED.length, HEAD));
}

/**
 * Expected units over h = from … from + length − 1; beyond the horizon the last seven periods of the mean repeat (all
 * of it below 14 periods).
 */
export function expectedSum(mean: readonly number[], from: number, length: number): number {
  const cycle = mean.length >= 14 ? 7 : mean.length;
  let sum = 0;
  for (let h = from; h < from + length; h++) {
    if (h <= mean.length) sum += mean[h - 1]!;
    else if (cycle > 0) sum += mean[mean.length - cycle + ((h - 1 - mean.length) % cycle)]!;
  }
  return Math.max(0, sum);
}

/** Actual units of `length` periods from period `first` on; NaN where one is unknown or a stock-out. */
function actualSum(series: Series, first: number, length: number): number {
  let sum = 0;
  for (let t = first - series.start; t < first - series.start + length; t++)
    sum += series.censored?.[t] ? Number.NaN : (series.values[t] ?? Number.NaN);
  return sum;
}
