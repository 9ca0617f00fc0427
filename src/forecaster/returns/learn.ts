// What is learned of returns over all SKUs at once, and the returns of one series forecast with it.

import { LEVELS } from '../series';
import { negativeBinomial, quantile } from '../spread/distribution';
import { exposures, MAX_LAG_WEEKS, type ReturnSeries, units } from './cohorts';
import { learnLag, type MatchedLags } from './lag';
import {
  addEvidence,
  evidenceOf,
  learnDrift,
  learnStrength,
  type ReturnDrift,
  type ReturnEvidence,
  shrunkFactor,
} from './level';

/** Days of a week, and weeks that the last weeks of a panel are rehearsed over. */
const WEEK_DAYS = 7;
const REHEARSED_WEEKS = 8;
/** Weeks that must lie before a rehearsal. */
const REHEARSED_AFTER_WEEKS = 26;
/** Series that strengths and bursts are learned from at most: more would give the same. */
export const LEARNT_FROM_SERIES = 4_000;

/** What is learned of returns over all SKUs at once. Plain JSON. */
export interface LearntReturns {
  /** Share of what comes back that does so k weeks after the week of its sale, Σ = 1. */
  lag: number[];
  /** Geometric lag that fits the sums best: share still out after another week. */
  stillOut: number;
  drift: ReturnDrift;
  /** Factor over the usual rate, by category. */
  categories: Record<string, number>;
  /** Returns that the level above weighs like, for a category, a SKU and a SKU at one location. */
  strengths: { category: number; sku: number; place: number };
  /** Variance of a series' returns over their mean, less 1, beyond what its rate is uncertain by. */
  burst: number;
}

/** Number of weeks from a sale's (0) to the last in which it can come back, with `days` to do so. */
export function windowWeeks(days: number): number {
  return Math.min(MAX_LAG_WEEKS, Math.floor((WEEK_DAYS - 1 + days) / WEEK_DAYS) + 1);
}

/** A lag that ends with its window. */
export function withinWindow(lag: readonly number[], weeks: number): number[] {
  const kept = lag.slice(0, Math.max(1, weeks));
  const sum = kept.reduce((a, b) => a + b, 0);
  return sum > 0 ? kept.map((p) => p / sum) : kept.map((_, k) => (k === 0 ? 1 : 0));
}

/** Category factors and strengths, of SKUs with their evidence. */
function learnLevels(evidences: readonly { category: string; evidence: ReturnEvidence }[]) {
  const sums = new Map<string, ReturnEvidence>();
  for (const { category, evidence } of evidences) {
    const sum = sums.get(category) ?? { returned: 0, usual: 0 };
    addEvidence(sum, evidence);
    sums.set(category, sum);
  }
  const category = learnStrength([...sums.values()].map((evidence) => ({ evidence, above: 1 })));
  const categories: Record<string, number> = {};
  for (const [name, evidence] of sums) categories[name] = shrunkFactor(evidence, 1, category);
  const sku = learnStrength(
    evidences.map(({ category: name, evidence }) => ({ evidence, above: categories[name]! })),
  );
  return { categories, strengths: { category, sku } };
}

function learnAll(
  series: readonly ReturnSeries[],
  matched: MatchedLags,
  weeks: number,
): Omit<LearntReturns, 'burst'> {
  const length = series[0]?.sold.length ?? 0;
  const sold = new Float64Array(length);
  const returned = new Float64Array(length);
  for (const one of series)
    for (let w = 0; w < length; w += 1) {
      sold[w]! += units(one.sold[w]);
      returned[w]! += units(one.returned[w]);
    }
  const { lag, stillOut } = learnLag(series.slice(0, LEARNT_FROM_SERIES), matched, weeks);
  const drift = learnDrift(sold, returned, lag);
  const evidences = series.map((one) => ({
    category: one.category,
    evidence: evidenceOf(one, exposures(one.sold, lag), drift),
  }));
  const { categories, strengths } = learnLevels(evidences);
  return { lag, stillOut, drift, categories, strengths: { ...strengths, place: strengths.sku } };
}

/**
 * Learns from SKUs over all locations: when things come back, how the usual rate drifted, how much categories and SKUs
 * differ, and how bursty returns are (from what the last REHEARSED_WEEKS missed, forecast from before them).
 * @param series on one axis of weeks that ends with the origin
 * @param matched units by lag of those whose sale is known
 * @param weeks longest return window, as of `windowWeeks`
 */
export function learnReturns(
  series: readonly ReturnSeries[],
  matched: MatchedLags,
  weeks: number,
): LearntReturns {
  const learnt = learnAll(series, matched, weeks);
  return { ...learnt, burst: learnBurst(series.slice(0, LEARNT_FROM_SERIES), learnt) };
}

/** Excess of the squared misses over Poisson's and the rate's own uncertainty, in units of the mean. */
function learnBurst(series: readonly ReturnSeries[], learnt: Omit<LearntReturns, 'burst'>): number {
  const length = series[0]?.sold.length ?? 0;
  const until = length - REHEARSED_WEEKS;
  if (until < REHEARSED_AFTER_WEEKS) return 0;
  const before = {
    rates: learnt.drift.rates.slice(0, until),
    now: learnt.drift.rates[until - 1]!,
  };
  let excess = 0;
  let expected = 0;
  for (const one of series) {
    const past = { ...one, sold: one.sold.subarray(0, until), returned: one.returned.subarray(0, until) };
    const exposed = exposures(one.sold, learnt.lag);
    const evidence = evidenceOf(past, exposed, before);
    const above = learnt.categories[one.category] ?? 1;
    const factor = shrunkFactor(evidence, above, learnt.strengths.sku);
    let mean = 0;
    let came = 0;
    for (let w = until; w < length; w += 1) {
      mean += factor * before.now * exposed[w]!;
      came += units(one.returned[w]);
    }
    const shape = evidence.returned + learnt.strengths.sku;
    excess += (came - mean) ** 2 - mean - mean ** 2 / shape;
    expected += mean;
  }
  return expected > 0 ? Math.max(0, excess / expected) : 0;
}

/** Where the rate of a series comes from: factors over the usual rate, from the widest to its own. */
export interface ReturnLevel {
  /** Usual rate: units that come back of each unit sold, all series together. */
  usualRate: number;
  category: number;
  /** Of the SKU over all locations, and of the series itself where it is one location's. */
  sku: number;
  own: number;
  /** What the own factor was shrunk from: weighted returns, and those at the usual rate. */
  evidence: ReturnEvidence;
  /** Returns that the level above weighed like. */
  strength: number;
}

/** Shrinks the rate of a SKU over all locations towards its category's. */
export function levelOfSku(series: ReturnSeries, learnt: LearntReturns, weeks: number): ReturnLevel {
  const lag = withinWindow(learnt.lag, weeks);
  const evidence = evidenceOf(series, exposures(series.sold, lag), learnt.drift);
  const category = learnt.categories[series.category] ?? 1;
  const strength = learnt.strengths.sku;
  const sku = shrunkFactor(evidence, category, strength);
  return { usualRate: learnt.drift.now, category, sku, own: sku, evidence, strength };
}

/** Shrinks the rate of a SKU at one location towards that of the SKU. */
export function levelAtLocation(
  series: ReturnSeries,
  learnt: LearntReturns,
  weeks: number,
  sku: Pick<ReturnLevel, 'category' | 'sku'>,
): ReturnLevel {
  const lag = withinWindow(learnt.lag, weeks);
  const evidence = evidenceOf(series, exposures(series.sold, lag), learnt.drift);
  const strength = learnt.strengths.place;
  const own = shrunkFactor(evidence, sku.sku, strength);
  return { usualRate: learnt.drift.now, category: sku.category, sku: sku.sku, own, evidence, strength };
}

/** Learns how much locations differ in a SKU: the weight, in returns, that the SKU has against its own location. */
export function learnLocationStrength(
  sample: readonly { series: ReturnSeries; weeks: number; sku: number }[],
  learnt: LearntReturns,
): number {
  return learnStrength(
    sample.map(({ series, weeks, sku }) => ({
      evidence: evidenceOf(series, exposures(series.sold, withinWindow(learnt.lag, weeks)), learnt.drift),
      above: sku,
    })),
  );
}

/** Returns expected of one series, h = 1 … horizon being the weeks after the origin. */
export interface ReturnOutlook {
  /** '' for all together, the location's or the SKU's name otherwise. */
  key: string;
  mean: number[];
  /** One row a level of LEVELS, one number a week. */
  quantiles: number[][];
  /** The sum over the horizon. */
  sum: { mean: number; quantiles: number[] };
}

/** An outlook whose weeks and sum are negative binomial with variances as `varianceOf` says. */
export function outlookOf(
  key: string,
  mean: readonly number[],
  varianceOf: (mean: number) => number,
): ReturnOutlook {
  const at = (m: number): number[] => {
    const distribution = negativeBinomial(m, varianceOf(m));
    return LEVELS.map((level) => quantile(distribution, level));
  };
  const sum = mean.reduce((a, b) => a + b, 0);
  const weeks = mean.map(at);
  return {
    key,
    mean: [...mean],
    quantiles: LEVELS.map((_, i) => weeks.map((week) => week[i]!)),
    sum: { mean: sum, quantiles: at(sum) },
  };
}

/**
 * Forecasts the returns of one series: cohorts sold, and to be sold, at its level. Where nothing of it was sold that
 * could come back and something does all the same (sold elsewhere), what came in such weeks is expected to go on.
 * @param ahead units expected to be sold in each week ahead
 */
export function forecastSeriesReturns(
  series: ReturnSeries,
  learnt: LearntReturns,
  weeks: number,
  level: ReturnLevel,
  ahead: readonly number[],
): ReturnOutlook {
  const exposed = exposures(series.sold, withinWindow(learnt.lag, weeks), ahead.map(units));
  const rate = level.own * level.usualRate;
  const elsewhere = soldElsewhere(series, exposed);
  const mean = Array.from(exposed.subarray(series.sold.length), (e) => (e > 0 ? rate * e : elsewhere));
  const shape = level.evidence.returned + level.strength;
  return outlookOf(series.key, mean, (m) => m * (1 + learnt.burst) + (m * m) / shape);
}

/** Mean returns of recent weeks in which nothing of the series itself could come back. */
function soldElsewhere({ returned }: ReturnSeries, exposed: Float64Array): number {
  let came = 0;
  let count = 0;
  for (let w = Math.max(0, returned.length - ELSEWHERE_WEEKS); w < returned.length; w += 1) {
    if (exposed[w]! > 0) continue;
    came += units(returned[w]);
    count += 1;
  }
  return count > 0 ? came / count : 0;
}

const ELSEWHERE_WEEKS = 26;
