// The largest sum that is considered possible: how far past sums went beyond the largest one known before them.

import type { SpreadFacts } from './facts';

/** Past sums by length, with `largestKnown` before each. */
interface PastSums {
  actual: Float64Array;
  most: readonly number[];
  lengthIndexes: readonly number[];
}

/** Share of past sums that went further. */
const BEYOND = 0.01;
/** An expectation so many times as high as the largest sum known is as good a measure: the series has grown. */
const GROWN = 1.5;
/** Units added to both sides of the ratio, so that one unit more is little where the largest sum was one unit. */
const CALM_UNITS = 2;
/** Weight, in sums, of all lengths against those of one. */
const POOLED_WEIGHT = 2_000;
/** Where nothing was learned: a quarter more than ever. */
export const LEAST_REACH = 1.25;

/**
 * The largest sum of a length in the last year, in units, or a multiple of the expectation if that is more; Infinity
 * with less than half a year behind it, whose largest sum is poor evidence of a rare one.
 * @param expected units that the forecast expects over the length
 */
export function largestKnown({ cadence, known, most }: SpreadFacts, index: number, expected: number): number {
  return known >= cadence.windows[3] ? Math.max(most[index]!, GROWN * expected) : Infinity;
}

/**
 * For each length the ratio to the largest sum known before that only BEYOND of the past sums exceeded: an empirical
 * limit of the tail, pooled over all series, as the few sums of one series carry no information beyond their largest.
 * A length's own quantile is shrunk to that of all lengths.
 * @returns one ratio a length, at least LEAST_REACH
 */
export function learnReach({ actual, most, lengthIndexes }: PastSums, lengths: number): number[] {
  const ratios: number[][] = Array.from({ length: lengths }, () => []);
  for (const [i, units] of actual.entries())
    if (Number.isFinite(most[i]))
      ratios[lengthIndexes[i]!]!.push((units + CALM_UNITS) / (most[i]! + CALM_UNITS));
  const pooled = upper(ratios.flat());
  return ratios.map((own) => {
    const weight = own.length / (own.length + POOLED_WEIGHT);
    return Math.max(LEAST_REACH, weight * upper(own) + (1 - weight) * pooled);
  });
}

/** The value that a share BEYOND of the values exceeds. */
function upper(values: readonly number[]): number {
  if (values.length === 0) return LEAST_REACH;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((1 - BEYOND) * sorted.length))]!;
}

/** The largest sum that is considered possible, in units; Infinity where the largest known is. */
export function boundOf(largest: number, reach: number): number {
  return Math.max(1, reach * (largest + CALM_UNITS) - CALM_UNITS);
}
