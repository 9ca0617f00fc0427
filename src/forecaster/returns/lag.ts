// The lag between sale and return in weeks, learned without bias although young cohorts are not complete.

import { exposures, type ReturnSeries, share, units } from './cohorts';

/** Share of returns in the week of the sale, for the geometric lag where nothing was learned. */
const EARLY_UNLEARNT = 0.5;
/** Candidates of q, the share of returns that are still out after one more week. */
const STILL_OUT: readonly number[] = [0.2, 0.35, 0.5, 0.65, 0.8];
/** Weight of the geometric lag, in returns, against the observed ones. */
const GEOMETRIC_RETURNS = 20;
const EM_ROUNDS = 30;
/** Weeks after which an observation counts half in the fit of the geometric lag. */
const HALF_LIFE_WEEKS = 13;

/**
 * Geometric lag (1 − q)·q^k, k = 0 … weeks − 1, scaled to sum to 1 (Toktay, Wein & Zenios 2000).
 * @param stillOut q, 0 … 1
 */
export function geometricLag(stillOut: number, weeks: number): number[] {
  const lag = Array.from({ length: weeks }, (_, k) => (1 - stillOut) * stillOut ** k);
  const sum = lag.reduce((a, b) => a + b, 0);
  return lag.map((p) => p / sum);
}

/** The smallest value at which the cumulative weight reaches half; 0 for no values. */
export function weightedMedian(values: readonly number[], weights: readonly number[]): number {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const half = weights.reduce((a, b) => a + b, 0) / 2;
  let sum = 0;
  for (const i of order) {
    sum += weights[i]!;
    if (sum >= half) return values[i]!;
  }
  return 0;
}

/** Returns explained by lagged sales: returned[w] ≈ rate · exposed[w]^power. */
export interface DistributedLag {
  /** Share of returns that are still out after one more week. */
  stillOut: number;
  rate: number;
  lag: number[];
}

/**
 * Fits sums of sales and returns by a geometric lag. For each candidate the rate is that of least absolute errors (a
 * weighted median, so that one customer with very many returns does not move it), with more weight on newer weeks;
 * the candidate of the least error wins.
 * @param sold units per week; the last one is the week of the origin
 * @param returned units that came back per week, of the same length
 * @param weeks longest lag, the week of the sale included
 * @param power exponent of the exposed sales; below 1, returns grow more slowly than sales
 */
export function fitGeometricLag(
  sold: Float64Array,
  returned: Float64Array,
  weeks: number,
  power = 1,
): DistributedLag {
  let best: DistributedLag & { error: number } = {
    stillOut: 1 - EARLY_UNLEARNT,
    rate: 0,
    lag: geometricLag(1 - EARLY_UNLEARNT, weeks),
    error: Number.POSITIVE_INFINITY,
  };
  for (const stillOut of STILL_OUT) {
    const lag = geometricLag(stillOut, weeks);
    const exposed = exposures(sold, lag);
    const ratios: number[] = [];
    const weights: number[] = [];
    for (let w = FIRST_WEEKS; w < sold.length; w += 1) {
      // In a week without any sale the shops were closed; it carries no information on open weeks.
      if (!(exposed[w]! > 0) || !(sold[w]! > 0)) continue;
      const size = exposed[w]! ** power;
      ratios.push(units(returned[w]) / size);
      weights.push(size * 0.5 ** ((sold.length - 1 - w) / HALF_LIFE_WEEKS));
    }
    const rate = weightedMedian(ratios, weights);
    const error = ratios.reduce((sum, ratio, i) => sum + weights[i]! * Math.abs(ratio - rate), 0);
    if (ratios.length > 0 && error < best.error) best = { stillOut, rate, lag, error };
  }
  const { error: _, ...fitted } = best;
  return fitted;
}

/** First weeks that are not fitted, as the returns in them were sold before. */
const FIRST_WEEKS = 2;

/** Observed returns whose sale is known, in units by lag in weeks. */
export type MatchedLags = readonly number[];

/**
 * The lag distribution of returns and the return rate, by maximum likelihood of the Poisson model returned[i, w] ~
 * Σ_k hazard[k] · sold[i, w − k]. A return whose sale is known counts at its lag; any other is distributed over the
 * cohorts of its own series (EM, Dempster, Laird & Rubin 1977). hazard[k] is divided by the units sold that have been
 * observed for k weeks: young cohorts count only for the lags they have reached, as in the estimate of Kaplan & Meier
 * (1958), so they do not lower the rate. A geometric lag, fitted to all series together, is the prior with the weight
 * of GEOMETRIC_RETURNS returns.
 * @param matched returns whose sale is known, by lag in weeks
 * @param weeks the return window in weeks: nothing is expected after it
 * @returns `lag` sums to 1; `rate` is returns per unit sold, 0 without sales or returns
 */
export function learnLag(
  series: readonly ReturnSeries[],
  matched: MatchedLags,
  weeks: number,
): { lag: number[]; rate: number; stillOut: number } {
  const length = series[0]?.sold.length ?? 0;
  const sold = new Float64Array(length);
  const returned = new Float64Array(length);
  for (const one of series)
    for (let w = 0; w < length; w += 1) {
      sold[w]! += one.sold[w]!;
      returned[w]! += one.returned[w]!;
    }
  const { stillOut, lag: geometric } = fitGeometricLag(sold, returned, weeks);
  const watched = new Float64Array(weeks);
  for (let k = 0; k < weeks; k += 1) for (let c = 0; c + k < length; c += 1) watched[k]! += sold[c]!;
  const allSold = watched[0] ?? 0;
  const allReturned = returned.reduce((a, b) => a + b, 0);
  if (!(allSold > 0) || !(allReturned > 0)) return { lag: geometric, rate: 0, stillOut };
  const unmatched = series.filter((one) => one.returned.some((r, w) => r > units(one.matched?.[w])));
  let rate = allReturned / allSold;
  let hazard = geometric.map((p) => p * rate);
  for (let round = 0; round < EM_ROUNDS; round += 1) {
    const came = Float64Array.from({ length: weeks }, (_, k) => units(matched[k]));
    for (const one of unmatched) sharedOut(one, hazard, came);
    // The geometric lag is pseudo-evidence: GEOMETRIC_RETURNS returns, out of as many sales as it takes to have them.
    const needed = GEOMETRIC_RETURNS / rate;
    hazard = hazard.map((_, k) => (came[k]! + GEOMETRIC_RETURNS * geometric[k]!) / (watched[k]! + needed));
    rate = hazard.reduce((a, b) => a + b, 0);
  }
  return { lag: hazard.map((h) => h / rate), rate, stillOut };
}

/** Adds the returns of a series whose sale is unknown to their probable lags. */
function sharedOut({ sold, returned, matched }: ReturnSeries, hazard: readonly number[], came: Float64Array) {
  for (let w = 0; w < returned.length; w += 1) {
    const unknown = returned[w]! - units(matched?.[w]);
    if (unknown > 0)
      share(sold, hazard, w, (k, part) => {
        came[k]! += unknown * part;
      });
  }
}
