// The returns model learned over all SKUs at once, and the forecast of returns of one series.

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

/** Days of a week, and last weeks of a panel that the backtest forecasts. */
const WEEK_DAYS = 7;
const BACKTEST_WEEKS = 8;
/** Weeks of history that must precede the backtest. */
const BACKTEST_AFTER_WEEKS = 26;
/** Largest number of series for strengths and burstiness; more series do not change the result. */
export const LEARNT_FROM_SERIES = 4_000;

/** The returns model of all SKUs. Plain JSON. */
export interface LearntReturns {
  /** Share of returns that come back k weeks after the week of the sale, Σ = 1. */
  lag: number[];
  /** Parameter of the geometric lag that fits the sums best: share still out after one more week. */
  stillOut: number;
  drift: ReturnDrift;
  /** Factor over the usual rate, by category. */
  categories: Record<string, number>;
  /** Weight of the next coarser level, in returns, for a category, a SKU and a SKU at one location. */
  strengths: { category: number; sku: number; place: number };
  /** Excess dispersion of a series' returns (variance / mean − 1), without the uncertainty of its rate. */
  burst: number;
}

/**
 * Number of weeks in which a unit can come back, the week of the sale included, for a return window of `days`; at
 * most MAX_LAG_WEEKS.
 */
export function windowWeeks(days: number): number {
  return Math.min(MAX_LAG_WEEKS, Math.floor((WEEK_DAYS - 1 + days) / WEEK_DAYS) + 1);
}

/** The lag cut off after `weeks` weeks and scaled to sum to 1. */
export function withinWindow(lag: readonly number[], weeks: number): number[] {
  const kept = lag.slice(0, Math.max(1, weeks));
  const sum = kept.reduce((a, b) => a + b, 0);
  return sum > 0 ? kept.map((p) => p / sum) : kept.map((_, k) => (k === 0 ? 1 : 0));
}

/** Category factors, and the strengths of categories and SKUs, from the evidence of SKUs. */
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
 * Learns from SKUs over all locations: the lag, the drift of the usual rate, how much categories and SKUs differ, and
 * how bursty returns are (from the errors of a backtest over the last BACKTEST_WEEKS).
 * @param series on one axis of weeks that ends with the origin
 * @param matched units whose sale is known, by lag in weeks
 * @param weeks longest return window, from `windowWeeks`
 */
export function learnReturns(
  series: readonly ReturnSeries[],
  matched: MatchedLags,
  weeks: number,
): LearntReturns {
  const learnt = learnAll(series, matched, weeks);
  return { ...learnt, burst: learnBurst(series.slice(0, LEARNT_FROM_SERIES), learnt) };
}

/** Squared errors beyond the Poisson variance and the uncertainty of the rate, over the mean. */
function learnBurst(series: readonly ReturnSeries[], learnt: Omit<LearntReturns, 'burst'>): number {
  const length = series[0]?.sold.length ?? 0;
  const until = length - BACKTEST_WEEKS;
  if (until < BACKTEST_AFTER_WEEKS) return 0;
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

/** The rate of a series as factors on the usual rate, from the coarsest level to its own. */
export interface ReturnLevel {
  /** Returns per unit sold, all series together. */
  usualRate: number;
  category: number;
  /** Factor of the SKU over all locations; `own` is that of the series itself, where it is of one location. */
  sku: number;
  own: number;
  /** Evidence of the own factor: weighted returns, and those expected at the usual rate. */
  evidence: ReturnEvidence;
  /** Weight of the next coarser level, in returns. */
  strength: number;
}

/**
 * Shrinks the rate of a SKU over all locations towards that of its category.
 * @param weeks return window of the SKU, from `windowWeeks`
 */
export function levelOfSku(series: ReturnSeries, learnt: LearntReturns, weeks: number): ReturnLevel {
  const lag = withinWindow(learnt.lag, weeks);
  const evidence = evidenceOf(series, exposures(series.sold, lag), learnt.drift);
  const category = learnt.categories[series.category] ?? 1;
  const strength = learnt.strengths.sku;
  const sku = shrunkFactor(evidence, category, strength);
  return { usualRate: learnt.drift.now, category, sku, own: sku, evidence, strength };
}

/**
 * Shrinks the rate of a SKU at one location towards that of the SKU over all locations.
 * @param weeks return window of the SKU, from `windowWeeks`
 */
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

/**
 * Learns how much the locations of a SKU differ.
 * @returns the weight of the SKU's rate over all locations against that of one location, in returns
 */
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

/** Expected returns of one series; h = 1 … horizon are the weeks after the origin. */
export interface ReturnOutlook {
  /** Name of the location or SKU; '' for all together. */
  key: string;
  mean: number[];
  /** quantiles[level][week] in units, for each of LEVELS. */
  quantiles: number[][];
  /** The sum over the horizon. */
  sum: { mean: number; quantiles: number[] };
}

/**
 * An outlook whose weeks and sum are negative binomial.
 * @param mean expected units per week
 * @param varianceOf variance of a week, or of the sum, with this mean
 */
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
 * Forecasts the returns of one series from its past and expected sales at its rate. Where none of its own sales could
 * come back and returns came all the same (goods sold elsewhere), the mean returns of such weeks are expected to
 * continue.
 * @param weeks return window of the SKU, from `windowWeeks`
 * @param ahead units expected to be sold in each week ahead; its length is the horizon
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

/** Mean returns of the recent weeks in which no own sale could come back. */
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
