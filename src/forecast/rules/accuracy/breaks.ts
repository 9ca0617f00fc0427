// Detects series that break from their forecasts: sudden zeros, spikes, level shifts; from day-ahead forecasts and actual sales.

import { type Distribution, probabilityUpTo } from '../../../forecaster/spread/distribution';

/** One day: the forecast of the run before, and the actual sales. */
export interface WatchedDay {
  /** ISO day. */
  day: string;
  mean: number;
  actual: number;
  /** How surprising the day was, in standard deviations (`surpriseOf`). */
  surprise: number;
  /** Probability of no sale that the forecast gave the day. */
  zeroChance: number;
}

export const BREAK_KINDS = ['SUDDEN_ZERO', 'SPIKE', 'LEVEL_SHIFT'] as const;
export type BreakKind = (typeof BREAK_KINDS)[number];

/** A break with the numbers it was found by. */
export interface ForecastBreakFinding {
  kind: BreakKind;
  /** The day it began. */
  since: string;
  /** Days watched from then on. */
  days: number;
  /** Units forecast and sold on them. */
  expected: number;
  actual: number;
  /** What was compared (probability of the zeros; surprise of the day; CUSUM, below 0 for a fall) and with what. */
  statistic: number;
  threshold: number;
}

/** Days that are looked at together. */
export const WATCHED_DAYS = 28;
/** A run of zeros less probable than this under its forecasts is reported. */
export const ZERO_CHANCE = 1e-4;
/** A day this surprising is a spike when it also sold so many units more than forecast. */
export const SPIKE_SURPRISE = 3.5;
export const SPIKE_UNITS = 5;
/** A spike stays reported for so many days. */
export const SPIKE_DAYS = 3;
/** CUSUM: what is taken off each day, and where the alarm is (false alarm of a series every 9,600 days, by Siegmund). */
const CUSUM_SLACK = 0.5;
export const CUSUM_ALARM = 8;
/** Limits of the surprise of a single day in the CUSUM, and of the CUSUM itself. */
const CUSUM_MOST = 3;
const CUSUM_LIMIT = 12;
/** Limit of a surprise: the tails of the distributions are not known more exactly. */
const MOST_SURPRISE = 6;
/** Trigg's smoothing. */
const TRACKING_ALPHA = 0.1;

/**
 * How surprising `actual` was, as a standard normal deviate: the middle of its step of the distribution function
 * (mid-distribution transform, Parzen 2004; Czado, Gneiting & Held 2009 for counts), through the normal quantile.
 */
export function surpriseOf(distribution: Distribution, actual: number): number {
  const middle = (probabilityUpTo(distribution, actual - 1) + probabilityUpTo(distribution, actual)) / 2;
  return Math.min(MOST_SURPRISE, Math.max(-MOST_SURPRISE, normalQuantile(middle)));
}

const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
const LOW = 0.02425;

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, c) => sum * x + c, 0);

/** The standard normal quantile (Acklam's rational approximation, relative error below 1.2e-9); ±∞ at 0 and 1. */
export function normalQuantile(p: number): number {
  if (!(p > 0)) return Number.NEGATIVE_INFINITY;
  if (!(p < 1)) return Number.POSITIVE_INFINITY;
  if (p > 1 - LOW) return -normalQuantile(1 - p);
  if (p < LOW) {
    const q = Math.sqrt(-2 * Math.log(p));
    return horner(C, q) / (horner(D, q) * q + 1);
  }
  const q = p - 0.5;
  return (horner(A, q * q) * q) / (horner(B, q * q) * q * q + 1);
}

/**
 * Trigg's (1964) tracking signal: smoothed error over smoothed absolute error, from −1 (always too much forecast) to 1
 * (always too little); beyond ±0.5 the forecasts lean. 0 when nothing is known.
 */
export function trackingSignal(days: readonly Pick<WatchedDay, 'mean' | 'actual'>[]): number {
  let error = 0;
  let size = 0;
  for (const { mean, actual } of days) {
    error += TRACKING_ALPHA * (actual - mean - error);
    size += TRACKING_ALPHA * (Math.abs(actual - mean) - size);
  }
  return size > 0 ? error / size : 0;
}

/** Where these days (ascending, at most WATCHED_DAYS, days with an empty shelf left out) break from their forecasts. */
export function findBreaks(days: readonly WatchedDay[]): ForecastBreakFinding[] {
  const runs = suddenZeros(days);
  const last = runs[runs.length - 1];
  const zeros =
    last?.end === days.length
      ? [breakOf('SUDDEN_ZERO', days, last.first, Math.exp(last.log), ZERO_CHANCE)]
      : [];
  return [...zeros, ...spike(days), ...levelShift(days, runs)];
}

function breakOf(
  kind: BreakKind,
  days: readonly WatchedDay[],
  first: number,
  statistic: number,
  threshold: number,
): ForecastBreakFinding {
  const since = days.slice(first);
  return {
    kind,
    since: since[0]!.day,
    days: since.length,
    expected: since.reduce((sum, d) => sum + d.mean, 0),
    actual: since.reduce((sum, d) => sum + d.actual, 0),
    statistic,
    threshold,
  };
}

interface ZeroRun {
  first: number;
  /** The day after its last. */
  end: number;
  /** Logarithm of the probability that its forecasts together gave it. */
  log: number;
}

/** Runs of zeros to which their forecasts together gave less than ZERO_CHANCE. */
function suddenZeros(days: readonly WatchedDay[]): ZeroRun[] {
  const runs: ZeroRun[] = [];
  let run: ZeroRun | null = null;
  days.forEach(({ actual, zeroChance }, i) => {
    if (actual !== 0) run = null;
    else {
      if (run === null) {
        run = { first: i, end: i, log: 0 };
        runs.push(run);
      }
      run.end = i + 1;
      run.log += Math.log(Math.max(zeroChance, Number.MIN_VALUE));
    }
  });
  return runs.filter(({ log }) => log < Math.log(ZERO_CHANCE));
}

/** Days far above their forecasts among the last ones: an unannounced promotion, a bulk buyer or a wrong till line. */
function spike(days: readonly WatchedDay[]): ForecastBreakFinding[] {
  const isSpike = (d: WatchedDay | undefined): boolean =>
    d !== undefined && d.surprise >= SPIKE_SURPRISE && d.actual - d.mean >= SPIKE_UNITS;
  const recent = Math.max(0, days.length - SPIKE_DAYS);
  let first = days.findIndex((d, i) => i >= recent && isSpike(d));
  if (first < 0) return [];
  const top = Math.max(...days.slice(first).map((d) => (isSpike(d) ? d.surprise : 0)));
  while (isSpike(days[first - 1])) first--;
  return [breakOf('SPIKE', days, first, top, SPIKE_SURPRISE)];
}

/**
 * Page's (1954) two-sided tabular CUSUM of surprises; the shift began after the sum was last at zero (Montgomery 9.1).
 * Sudden zeros are reported as such and are no shift, also when they are over.
 */
function levelShift(days: readonly WatchedDay[], zeros: readonly ZeroRun[]): ForecastBreakFinding[] {
  let [up, down] = [0, 0];
  let [upSince, downSince] = [0, 0];
  days.forEach(({ surprise }, i) => {
    const isReportedZero = zeros.some(({ first, end }) => i >= first && i < end);
    const z = isReportedZero ? 0 : Math.min(CUSUM_MOST, Math.max(-CUSUM_MOST, surprise));
    up = Math.min(CUSUM_LIMIT, Math.max(0, up + z - CUSUM_SLACK));
    down = Math.min(CUSUM_LIMIT, Math.max(0, down - z - CUSUM_SLACK));
    if (up === 0) upSince = i + 1;
    if (down === 0) downSince = i + 1;
  });
  if (up >= CUSUM_ALARM) return [breakOf('LEVEL_SHIFT', days, upSince, up, CUSUM_ALARM)];
  if (down >= CUSUM_ALARM) return [breakOf('LEVEL_SHIFT', days, downSince, -down, -CUSUM_ALARM)];
  return [];
}
