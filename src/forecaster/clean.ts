// The past of a series prepared for learning: cut at the origin, without leading zeros, with gaps and stock-outs filled in.

import type { Series } from './series';

/** The past of a series from its first sale up to its origin, without gaps. */
export interface CleanPast {
  /** Number of the period of y[0]: that of the first sale. */
  first: number;
  /** Number of the last period: y[y.length − 1] is that of the origin. */
  origin: number;
  /** Units per period, never negative or NaN, winsorised; empty when nothing was ever sold. */
  y: Float64Array;
  /** Mean squared first difference of the known values, the scale of RMSSE; 0 when it is not defined. */
  scale: number;
}

/** A value more than this many standard deviations above the mean of the other values is winsorised. */
const OUTLIER = 8;
/** Periods on either side that a gap is filled from. */
const NEIGHBOURS = 28;

/**
 * The cleaned past of `series` up to and including period `origin`; later values are not read.
 *
 * Negative values count as 0, infinite ones as unknown. Gaps are not zero demand: they are filled with the mean of
 * the known values around them on the same weekday. Sales in a period with an empty shelf are a lower bound of the
 * demand: the larger of these sales and the mean of the neighbours is used. One very large value (a typing error, a
 * single wholesale order) is winsorised so that it does not become the level; it stays in `series.values`.
 * @param cycle length of the season within which periods compare: 7 for days, 1 otherwise
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

/** Mean squared difference of consecutive known values: the one-step error of the naive forecast, in units². */
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

/** Winsorises in place: values above `capOf` are lowered to it. */
function pullIn(y: Float64Array, missing: Uint8Array): void {
  const cap = capOf(y, (i) => missing[i] !== 1);
  for (let i = 0; i < y.length; i++) if (y[i]! > cap) y[i] = cap;
}

/** The winsorisation limit; Infinity where no value is far above the others, or fewer than eight are known. */
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
  // The largest value is left out: one typing error would widen the standard deviation that it is compared with.
  const mean = (sum - largest) / (count - 1);
  const sd = Math.sqrt(Math.max(0, (squares - largest * largest) / (count - 1) - mean * mean));
  const cap = mean + OUTLIER * Math.max(sd, Math.sqrt(mean), 1);
  return largest <= 2 * cap ? Infinity : cap;
}

/** The series with `values` winsorised, for learners that read them directly; the same object when nothing changes. */
export function withoutOutliers(series: Series): Series {
  const { values } = series;
  const cap = capOf(values, (i) => values[i]! >= 0 && values[i]! < Infinity);
  if (cap === Infinity) return series;
  return { ...series, values: values.map((value) => (value > cap && value < Infinity ? cap : value)) };
}

/** Fills unknown periods, and raises periods censored by an empty shelf, from the known periods around them. */
function fill(y: Float64Array, missing: Uint8Array, cycle: number): void {
  const known = y.slice();
  for (let i = 0; i < y.length; i++) {
    if (!missing[i]) continue;
    const estimate =
      around(known, missing, i, cycle) ?? around(known, missing, i, 1) ?? before(known, missing, i);
    y[i] = missing[i] === 2 ? Math.max(known[i]!, estimate) : estimate;
  }
}

/**
 * Mean of the known values at multiples of `cycle` from i, up to NEIGHBOURS periods on either side; undefined for
 * none.
 */
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

/** Mean of the last NEIGHBOURS known values before i, however long ago: a series without recent data keeps its level. */
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
