// A series' past made fit to be learned from: cut at the origin, leading zeros away, gaps and empty shelves filled in.

import type { Series } from './series';

/** What is known of a series up to its origin, without holes. */
export interface CleanPast {
  /** Number of the period of y[0]: that of the first sale. */
  first: number;
  /** Number of the last period: y[y.length − 1] is that of the origin. */
  origin: number;
  /** Units a period, never negative, never NaN, outliers pulled in; empty when nothing was ever sold. */
  y: Float64Array;
  /** Mean squared first difference of the known values, the scale of RMSSE; 0 when it is not defined. */
  scale: number;
}

/** A value this many times the spread of its neighbours above the highest quantile is pulled in. */
const OUTLIER = 8;
/** Periods on either side that a gap is filled from. */
const NEIGHBOURS = 28;

/**
 * The past of `series` up to and with period `origin`; nothing beyond it is looked at.
 *
 * Negative values count as nothing sold, infinite ones as not known. Not known is not zero: gaps are filled with
 * the mean of the known values around them on the same weekday. A period of an empty shelf is a lower bound of the
 * demand: it counts the larger of what was sold and what its neighbours show. One enormous value (a typing error, a
 * single wholesale order) is winsorised so that it does not become the level; it stays in `series.values`.
 *
 * @param cycle length of the season within which periods compare: 7 for days, 1 otherwise.
 */
export function pastOf(series: Series, origin: number, cycle: number): CleanPast {
  const length = Math.min(series.values.length, origin - series.start + 1);
  let from = 0;
  while (from < length && !(series.values[from]! > 0 && series.values[from]! < Infinity)) from++;
  if (from >= length) return { first: origin + 1, origin, y: new Float64Array(0), scale: 0 };
  const total = origin - series.start + 1 - from;
  const y = new Float64Array(total);
  const missing = new Uint8Array(total);
  let holes = 0;
  for (let i = 0; i < total; i++) {
    const value = from + i < length ? series.values[from + i]! : Number.NaN;
    if (!Number.isFinite(value)) missing[i] = 1;
    else {
      y[i] = Math.max(value, 0);
      if (series.censored?.[from + i]) missing[i] = 2;
    }
    if (missing[i]) holes++;
  }
  const scale = scaleOf(y, missing);
  pullIn(y, missing);
  if (holes > 0) fill(y, missing, cycle);
  return { first: series.start + from, origin, y, scale };
}

/** Mean squared difference of neighbours that are both known: the one-step error of the naive forecast. */
function scaleOf(y: Float64Array, missing: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 1; i < y.length; i++) {
    if (missing[i] === 1 || missing[i - 1] === 1) continue;
    sum += (y[i]! - y[i - 1]!) ** 2;
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** Winsorises: values far above anything else seen come down to a multiple of the second largest. */
function pullIn(y: Float64Array, missing: Uint8Array): void {
  const cap = capOf(y, (i) => missing[i] !== 1);
  for (let i = 0; i < y.length; i++) if (y[i]! > cap) y[i] = cap;
}

/** The value above which others are pulled in; Infinity where there is nothing so far above the rest. */
function capOf(y: Float64Array, known: (i: number) => boolean): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  let largest = 0;
  for (let i = 0; i < y.length; i++) {
    if (!known(i)) continue;
    const value = y[i]!;
    if (value > largest) largest = value;
    sum += value;
    squares += value * value;
    count++;
  }
  if (count < 8) return Infinity;
  // Without its largest value: one typing error would widen the spread that is to judge it.
  const mean = (sum - largest) / (count - 1);
  const sd = Math.sqrt(Math.max(0, (squares - largest * largest) / (count - 1) - mean * mean));
  const cap = mean + OUTLIER * Math.max(sd, Math.sqrt(mean), 1);
  return largest <= 2 * cap ? Infinity : cap;
}

/** The same pulled in for what learns from `series.values` itself; the series as it is where there is nothing. */
export function withoutOutliers(series: Series): Series {
  const { values } = series;
  const cap = capOf(values, (i) => values[i]! >= 0 && values[i]! < Infinity);
  if (cap === Infinity) return series;
  return { ...series, values: values.map((value) => (value > cap && value < Infinity ? cap : value)) };
}

/** Fills what is not known, and lifts what an empty shelf held down, from known periods around it. */
function fill(y: Float64Array, missing: Uint8Array, cycle: number): void {
  const known = y.slice();
  for (let i = 0; i < y.length; i++) {
    if (!missing[i]) continue;
    const estimate =
      around(known, missing, i, cycle) ?? around(known, missing, i, 1) ?? before(known, missing, i);
    y[i] = missing[i] === 2 ? Math.max(known[i]!, estimate) : estimate;
  }
}

/** Mean of the known values at whole cycles from i, up to four on either side or NEIGHBOURS periods. */
function around(y: Float64Array, missing: Uint8Array, i: number, cycle: number): number | undefined {
  let sum = 0;
  let count = 0;
  for (let step = cycle; step <= NEIGHBOURS; step += cycle) {
    if (i - step >= 0 && !missing[i - step]) {
      sum += y[i - step]!;
      count++;
    }
    if (i + step < y.length && !missing[i + step]) {
      sum += y[i + step]!;
      count++;
    }
  }
  return count > 0 ? sum / count : undefined;
}

/** Mean of the NEIGHBOURS known values before i, however long ago: a series that is not known further keeps its level. */
function before(y: Float64Array, missing: Uint8Array, i: number): number {
  let sum = 0;
  let count = 0;
  for (let j = i - 1; j >= 0 && count < NEIGHBOURS; j--) {
    if (missing[j]) continue;
    sum += y[j]!;
    count++;
  }
  return count > 0 ? sum / count : 0;
}
