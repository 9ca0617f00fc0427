// Weekday profiles pooled over groups: factors of the days of a week, estimated from many series rather than from one.

import type { CleanPast } from './clean';
import type { Series } from './series';

/** Length of the cycle in days; the day of the cycle is the period number mod 7. */
export const WEEK = 7;

/** Day of the cycle of a period, 0 … 6, also before period 0. */
export const weekdayOf = (period: number) => ((period % WEEK) + WEEK) % WEEK;

/** Number of last periods that a profile is learned from: a year. */
const SPAN = 364;
/** Units that the coarser profile counts for against the sales of a group, and of a single series. */
const GROUP_PRIOR = 6000;
const SERIES_PRIOR = 1500;
const ROUNDS = 3;

/** Factors by day of the cycle, mean 1, for all and for every value of every grouping. */
export interface LearnedProfile {
  all: number[];
  /** groupings[name][value] = factors on top of `all`. */
  groupings: Record<string, Record<string, number[]>>;
}

/**
 * Units by day of the cycle (7 numbers) over whole weeks of the past, from index `from` on; the last year by default.
 */
export function weekSums(past: CleanPast, from = Math.max(0, past.y.length - SPAN)): Float64Array {
  const sums = new Float64Array(WEEK);
  const whole = past.y.length - Math.floor((past.y.length - from) / WEEK) * WEEK;
  for (let i = whole, day = weekdayOf(past.first + whole); i < past.y.length; i++) {
    sums[day]! += past.y[i]!;
    if (++day === WEEK) day = 0;
  }
  return sums;
}

/** Factors observed / expected by day, shrunk to 1 by `prior` units and scaled to mean 1. */
function ratios(observed: Float64Array, expected: Float64Array, prior: number): number[] {
  const factors = Array.from(observed, (units, d) => (units + prior / WEEK) / (expected[d]! + prior / WEEK));
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / WEEK;
  return factors.map((factor) => factor / mean);
}

/**
 * Learns weekday factors as a product: a common factor × one factor for each grouping of a series, fitted in turn
 * (iterative proportional fitting, Deming and Stephan 1940) and shrunk as a gamma prior shrinks Poisson rates.
 * @param sums units by day of the cycle, one `weekSums` a series
 */
export function learnProfile(series: readonly Series[], sums: readonly Float64Array[]): LearnedProfile {
  const total = new Float64Array(WEEK);
  for (const one of sums) for (let d = 0; d < WEEK; d++) total[d]! += one[d]!;
  const units = total.reduce((sum, value) => sum + value, 0);
  const all = ratios(total, new Float64Array(WEEK).fill(units / WEEK), 1);
  const learnt: LearnedProfile = { all, groupings: {} };
  const names = [...new Set(series.flatMap((one) => Object.keys(one.groups)))].sort();
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const before = learnt.groupings[name];
      const seen: Record<string, { observed: Float64Array; expected: Float64Array }> = {};
      series.forEach((one, index) => {
        const value = one.groups[name];
        if (value === undefined) return;
        seen[value] ??= { observed: new Float64Array(WEEK), expected: new Float64Array(WEEK) };
        const { observed, expected } = seen[value];
        const own = sums[index]!;
        const mean = own.reduce((sum, entry) => sum + entry, 0) / WEEK;
        const factors = productOf(learnt, one);
        for (let d = 0; d < WEEK; d++) {
          observed[d]! += own[d]!;
          expected[d]! += (mean * factors[d]!) / (before?.[value]?.[d] ?? 1);
        }
      });
      learnt.groupings[name] = Object.fromEntries(
        Object.entries(seen).map(([value, { observed, expected }]) => [
          value,
          ratios(observed, expected, GROUP_PRIOR),
        ]),
      );
    }
  }
  return learnt;
}

/** Factors of the groups of a series: the product of the common ones and those of its groups, scaled to mean 1. */
export function productOf({ all, groupings }: LearnedProfile, { groups }: Series): Float64Array {
  const factors = Float64Array.from(all);
  const count = factors.length;
  for (const name of Object.keys(groups)) {
    const of = groupings[name]?.[groups[name]!];
    if (of) for (let d = 0; d < count; d++) factors[d]! *= of[d]!;
  }
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / count;
  for (let d = 0; d < count; d++) factors[d]! /= mean;
  return factors;
}

/**
 * Weekday factors of one series: those of its groups, adjusted by its own sales `sums` as far as these outweigh the
 * prior. 7 numbers, mean 1.
 */
export function ownProfile(learnt: LearnedProfile, series: Series, sums: Float64Array): Float64Array {
  const factors = productOf(learnt, series);
  const mean = sums.reduce((sum, units) => sum + units, 0) / WEEK;
  let total = 0;
  for (let d = 0; d < WEEK; d++) {
    factors[d]! *= (sums[d]! + SERIES_PRIOR / WEEK) / (mean * factors[d]! + SERIES_PRIOR / WEEK);
    total += factors[d]!;
  }
  for (let d = 0; d < WEEK; d++) factors[d]! *= WEEK / total;
  return factors;
}
