// The spread of demand around its mean: distributions of single periods and of sums over several, learned from what past forecasts missed.

import type { Forecast, Period, Series } from '../series';
import { COVERED, coveredAt, covering, RANKS, type RealizedSum, ranked, recalibrated } from './calibration';
import { type Distribution, negativeBinomial, quantile } from './distribution';
import { CADENCES, type Cadence, factsOf } from './facts';
import { describe, factorAndExcess, learnModel, type SpreadModel, type SumRows, startOf } from './model';

/** A forecast of the mean as it was, or would have been, made at a past origin; what came of it is in the series. */
export interface PastForecast {
  series: Series;
  origin: number;
  /** Expected units, h = 1 …, from periods up to `origin` only. */
  mean: readonly number[];
}

/** What is learned of spread over all series at once. Plain JSON. */
export interface LearnedSpread {
  period: Period;
  /** Numbers of periods whose sums were learned, ascending, the first is 1. */
  lengths: number[];
  model: SpreadModel;
  /** For each of COVERED the level of a single period's distribution that so many periods stayed within. */
  covering: number[];
  /** For each of RANKS how often sums really ranked below it. */
  ranks: number[];
}

/** What spread reads of a forecast. */
export type MeanAndSpread = Pick<Forecast, 'mean' | 'spread'>;

/** Past forecasts that are learned from at most, an even sample. */
const MOST_PASTS = 3_000;
/** Relative excess variance where nothing was stored: that of a lumpy seller. */
const EXCESS_UNLEARNT = 0.5;
/** Numbers stored per length: length, factor on the forecast, extra units a period, relative excess variance. */
const STORED = 4;
/** Numbers stored before them: how many lengths, and the levels that cover COVERED. */
const HEAD = 1 + COVERED.length + RANKS.length;

/** Rows that were gathered, with the index of the length of each. */
interface GatheredSums extends SumRows {
  lengthIndexes: number[];
}

/**
 * Learns where sums of demand come to lie around forecasts of past origins, and how wide: a negative binomial whose
 * mean and dispersion are boosted over all series at once, and how far its probabilities and levels are off.
 * Deterministic; at most MOST_PASTS are read.
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
  return { period, lengths, model, covering: covering(singles).map(round), ranks: ranked(sums).map(round) };
}

/** A row for each of the learned lengths of every past forecast (single periods twice), as far as it came. */
function gather(pasts: readonly PastForecast[], cadence: Cadence, lengths: readonly number[]): GatheredSums {
  const rows: number[][] = [];
  const actual: number[] = [];
  const expected: number[] = [];
  const lengthIndexes: number[] = [];
  const step = Math.max(1, pasts.length / MOST_PASTS);
  for (let at = 0; at < pasts.length; at += step) {
    const index = Math.floor(at);
    const past = pasts[index]!;
    const facts = factsOf(past.series, past.origin, past.mean, cadence, lengths);
    const start = startOf(facts);
    for (const lengthIndex of [0, ...lengths.keys()]) {
      const length = lengths[lengthIndex]!;
      if (length > past.mean.length) continue;
      // Windows are strewn over the horizon, another for each past and length.
      const from = 1 + ((7919 * index + 31 * rows.length) % (past.mean.length - length + 1));
      const units = actualSum(past.series, past.origin + from, length);
      if (!Number.isFinite(units)) continue;
      const sum = expectedSum(past.mean, from, length);
      rows.push(describe(facts, lengths, lengthIndex, sum));
      actual.push(Math.max(0, units));
      expected.push(start.factor * sum + start.extra * length);
      lengthIndexes.push(lengthIndex);
    }
  }
  return { rows, actual: Float64Array.from(actual), expected: Float64Array.from(expected), lengthIndexes };
}

/**
 * The numbers a forecast's distributions are made from: how many lengths, what calibration found, then for each
 * length the length, a factor on the forecast, extra units a period and the relative excess variance.
 */
export function spreadOf(
  series: Series,
  origin: number,
  mean: readonly number[],
  learnt: LearnedSpread,
): number[] {
  const { lengths, model } = learnt;
  const facts = factsOf(series, origin, mean, CADENCES[learnt.period], lengths);
  const start = startOf(facts);
  const stored = [lengths.length, ...learnt.covering, ...learnt.ranks];
  let leastMean = 0;
  let leastVariance = 0;
  for (const [index, length] of lengths.entries()) {
    const sum = expectedSum(mean, 1, length);
    const { factor, excess } = factorAndExcess(model, describe(facts, lengths, index, sum));
    const foreseen = factor * (start.factor * sum + start.extra * length);
    // A longer stretch never wants less, nor is it surer.
    const units = Math.max(foreseen, leastMean);
    const variance = Math.max(units + excess * units * units, leastVariance);
    leastMean = units;
    leastVariance = variance;
    const raised = units / foreseen;
    stored.push(
      length,
      round(raised * factor * start.factor),
      round(raised * factor * start.extra),
      round((variance - units) / (units * units)),
    );
  }
  return stored;
}

const round = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : 0);

/** Quantiles of the demand of period h (1 is the first after the origin) at each of `levels`, whole units. */
export function dayQuantiles(forecast: MeanAndSpread, h: number, levels: readonly number[]): number[] {
  const distribution = sumDistribution(forecast, h, 1);
  const covering = forecast.spread.slice(1, 1 + COVERED.length);
  return levels.map((level) =>
    quantile(distribution, covering.length < COVERED.length ? level : coveredAt(covering, level)),
  );
}

/** The quantile at `level` of the sum over h = from … from + length − 1 (from ≥ 1), whole units. */
export function sumQuantile(forecast: MeanAndSpread, from: number, length: number, level: number): number {
  return quantile(sumDistribution(forecast, from, length), level);
}

/** The distribution of the sum over h = from … from + length − 1 (from ≥ 1), also beyond the horizon. */
export function sumDistribution(forecast: MeanAndSpread, from: number, length: number): Distribution {
  const { factor, extra, excess } = storedAt(forecast.spread, length);
  const mean = factor * expectedSum(forecast.mean, from, length) + extra * length;
  const distribution = negativeBinomial(mean, mean + excess * mean * mean);
  if (length === 1 || forecast.spread.length < HEAD) return distribution;
  return recalibrated(distribution, forecast.spread.slice(1 + COVERED.length, HEAD));
}

/** Between two lengths the logarithm of the length decides; beyond the last all stays as there. */
function storedAt(
  spread: readonly number[],
  length: number,
): { factor: number; extra: number; excess: number } {
  const count = spread[0] ?? 0;
  if (!(count > 0) || spread.length < HEAD + count * STORED)
    return { factor: 1, extra: 0, excess: EXCESS_UNLEARNT };
  let at = HEAD;
  while (at + STORED < HEAD + count * STORED && spread[at]! < length) at += STORED;
  const high = { factor: spread[at + 1]!, extra: spread[at + 2]!, excess: spread[at + 3]! };
  if (spread[at]! <= length || at === HEAD) return high;
  const low = { factor: spread[at - 3]!, extra: spread[at - 2]!, excess: spread[at - 1]! };
  const share = Math.log(length / spread[at - STORED]!) / Math.log(spread[at]! / spread[at - STORED]!);
  const between = (a: number, b: number) => a + share * (b - a);
  return {
    factor: between(low.factor, high.factor),
    extra: between(low.extra, high.extra),
    excess: between(low.excess, high.excess),
  };
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

/** Units of `length` periods from period `first` on; NaN where one is unknown or the shelf was empty. */
function actualSum(series: Series, first: number, length: number): number {
  let sum = 0;
  for (let t = first - series.start; t < first - series.start + length; t++)
    sum += series.censored?.[t] ? Number.NaN : (series.values[t] ?? Number.NaN);
  return sum;
}
