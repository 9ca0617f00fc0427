// Features of the spread of a series: levels over short and long windows, periods without demand, and the variation of its sums.

import type { Period, Series } from '../series';

/** Windows over which the past of a series is read, in periods. */
export interface Cadence {
  /** A short window, and about a month, two months, half a year and a year. */
  windows: readonly [number, number, number, number, number];
  /** Periods on either side of the same season a year ago. */
  margin: number;
  /** Numbers of periods whose sums are learned; other numbers are interpolated. */
  lengths: readonly number[];
  /** Periods of a weekly cycle; 1: none. */
  cycle: number;
}

/** The cadence of each period. */
export const CADENCES: Readonly<Record<Period, Cadence>> = {
  DAY: { windows: [7, 28, 56, 182, 364], margin: 14, lengths: [1, 2, 4, 7, 10, 14, 21, 28], cycle: 7 },
  WEEK: { windows: [2, 4, 8, 26, 52], margin: 2, lengths: [1, 2, 3, 4, 8, 13], cycle: 1 },
  MONTH: { windows: [2, 3, 6, 12, 24], margin: 1, lengths: [1, 2, 3, 4, 6, 12], cycle: 1 },
};

/** Features of the past of one series at an origin. */
export interface SpreadFacts {
  cadence: Cadence;
  /** Mean of the forecast over its horizon. */
  expected: number;
  /** Mean units a period over each of the cadence's windows. */
  levels: number[];
  /** Share of periods without demand in the last two months and in the last year. */
  quiet: number;
  quietYear: number;
  /** Periods since the last demand, known ones among them, and known periods of the last year. */
  silence: number;
  knownSilence: number;
  /** Periods with demand, and the longest gap between two of them, in known periods. */
  sales: number;
  longestGap: number;
  known: number;
  /** Largest demand of one period in the last year. */
  peak: number;
  /** By length: log of the relative excess variance of sums around the level before them, over a year and recently. */
  excess: number[];
  excessLately: number[];
  /** By length: median and 90 % quantile of the sums of the last year. */
  middle: number[];
  high: number[];
  /** By length: largest sum of the last year, in units. */
  most: number[];
  /** Prefix sums of units and of known periods, from which any range is computed. */
  units: Float64Array;
  counts: Float64Array;
}

/** Weight of the level before a sum, against the level of the year, when the variation of sums is measured. */
const TRACKING = 0.8;
/** Weight of the prior, in sums, against the observed variation of a series. */
const PRIOR_SUMS = 2;
/** Least share of known periods of a range for its sum to count; the sum is then scaled up to the whole range. */
const KNOWN_SHARE = 0.75;

/**
 * Features of a series from its values up to and including `origin`; stock-out periods count as unknown.
 * @param mean expected units per period from the origin on
 * @param lengths numbers of periods whose sums are described
 */
export function factsOf(
  series: Series,
  origin: number,
  mean: readonly number[],
  cadence: Cadence,
  lengths: readonly number[],
): SpreadFacts {
  const [, , trail, , year] = cadence.windows;
  const last = Math.min(origin - series.start, series.values.length - 1);
  // Before its first sale an item was not on sale: these zeros carry no information on its spread.
  let base = 0;
  while (base <= last && !(series.values[base]! > 0)) base++;
  base = Math.max(base, last + 1 - year - trail);
  const size = Math.max(0, last + 1 - base);
  const units = new Float64Array(size + 1);
  const counts = new Float64Array(size + 1);
  let quiet = 0;
  let quietYear = 0;
  let peak = 0;
  let silence = size;
  for (let i = 0; i < size; i++) {
    const value = series.censored?.[base + i] ? Number.NaN : series.values[base + i]!;
    const seen = Number.isFinite(value);
    const amount = seen ? Math.max(0, value) : 0;
    units[i + 1] = units[i]! + amount;
    counts[i + 1] = counts[i]! + (seen ? 1 : 0);
    if (amount > 0) silence = size - 1 - i;
    if (!seen || i < size - year) continue;
    if (amount > peak) peak = amount;
    if (amount > 0) continue;
    quietYear++;
    if (i >= size - trail) quiet++;
  }
  const knownAmongLast = (count: number) => counts[size]! - counts[Math.max(0, size - count)]!;
  const expected = mean.reduce((sum, value) => sum + value, 0) / Math.max(1, mean.length);
  const levels = cadence.windows.map((window) => {
    const seen = knownAmongLast(window);
    return seen > 0 ? (units[size]! - units[Math.max(0, size - window)]!) / seen : expected;
  });
  const facts: SpreadFacts = {
    cadence,
    expected,
    levels,
    quiet: quiet / Math.max(1, knownAmongLast(trail)),
    quietYear: quietYear / Math.max(1, knownAmongLast(year)),
    silence,
    ...gapsOf(units, counts),
    known: knownAmongLast(year),
    peak,
    excess: [],
    excessLately: [],
    middle: [],
    high: [],
    most: [],
    units,
    counts,
  };
  const factors = weekFactors(origin, mean, expected, cadence.cycle);
  for (const length of lengths) swings(facts, length, factors, series.start + base);
  return facts;
}

/** Gaps between periods with demand, from the prefix sums of units and of known periods. */
function gapsOf(
  units: Float64Array,
  counts: Float64Array,
): Pick<SpreadFacts, 'knownSilence' | 'sales' | 'longestGap'> {
  const size = units.length - 1;
  let sales = 0;
  let longestGap = 0;
  let soldAt = 0;
  for (let i = 0; i < size; i++) {
    if (!(units[i + 1]! > units[i]!)) continue;
    if (sales > 0) longestGap = Math.max(longestGap, counts[i]! - counts[soldAt]!);
    soldAt = i + 1;
    sales++;
  }
  return { knownSilence: counts[size]! - counts[soldAt]!, sales, longestGap };
}

/** Weekday factors of the forecast; the index is the period number mod cycle. */
function weekFactors(origin: number, mean: readonly number[], expected: number, cycle: number): Float64Array {
  const sums = new Float64Array(cycle);
  const counts = new Float64Array(cycle);
  for (let h = 1; h <= mean.length; h++) {
    sums[(origin + h) % cycle]! += mean[h - 1]!;
    counts[(origin + h) % cycle]!++;
  }
  return sums.map((sum, d) => (expected > 0 && counts[d]! > 0 ? sum / counts[d]! / expected : 1));
}

/** Units of the range [from, from + length), scaled up over what is unknown in it; NaN: too little is known. */
export function unitsOf({ units, counts }: SpreadFacts, from: number, length: number): number {
  const seen = counts[from + length]! - counts[from]!;
  if (seen < KNOWN_SHARE * length) return Number.NaN;
  return ((units[from + length]! - units[from]!) * length) / seen;
}

/** Variation of the sums of `length` periods over the last year around the level known before each. */
function swings(facts: SpreadFacts, length: number, factors: Float64Array, firstPeriod: number): void {
  const { units, counts, cadence, levels } = facts;
  const [, month, trail, , year] = cadence.windows;
  const size = units.length - 1;
  const cycle = cadence.cycle;
  // Long sums overlap much: a step of a cycle loses little and costs a seventh.
  const step = length < cycle ? Math.min(2, length) : cycle;
  const sums: number[] = [];
  let over = 1;
  let squares = PRIOR_SUMS;
  let overLately = 1;
  let squaresLately = PRIOR_SUMS;
  for (let from = Math.max(0, size - year); from + length <= size; from += step) {
    const sum = unitsOf(facts, from, length);
    if (!Number.isFinite(sum)) continue;
    sums.push(sum);
    const low = Math.max(0, from - trail);
    const seen = counts[from]! - counts[low]!;
    if (seen < month / 2) continue;
    const level = (TRACKING * (units[from]! - units[low]!)) / seen + (1 - TRACKING) * levels[4]!;
    let spanned = length;
    if (length < cycle) {
      spanned = 0;
      for (let k = 0; k < length; k++) spanned += factors[(firstPeriod + from + k) % cycle]!;
    }
    const foreseen = level * spanned;
    if (!(foreseen > 0)) continue;
    // Weighed so that a sum far above one unit counts once and a tiny one hardly.
    const weight = 1 / (1 + foreseen) ** 2;
    const excess = ((sum - foreseen) ** 2 - foreseen) * weight;
    const square = foreseen * foreseen * weight;
    over += excess;
    squares += square;
    if (from < size - 2 * trail) continue;
    overLately += excess;
    squaresLately += square;
  }
  sums.sort((a, b) => a - b);
  facts.excess.push(Math.log(Math.max(0.01, over / squares)));
  facts.excessLately.push(Math.log(Math.max(0.01, overLately / squaresLately)));
  facts.middle.push(sums[Math.floor(0.5 * sums.length)] ?? 0);
  facts.high.push(sums[Math.min(sums.length - 1, Math.floor(0.9 * sums.length))] ?? 0);
  facts.most.push(sums[sums.length - 1] ?? 0);
}
