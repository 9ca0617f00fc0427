// Forecasts of intermittent demand over longer buckets, divided back to one period: ADIDA and iMAPA.

import { ses } from './ses';

/** Longest bucket, in periods, however rare the sales are. */
const LONGEST = 28;

/** Sums of `bucket` consecutive values, counted back from the end; an incomplete first bucket is dropped. */
function buckets(y: ArrayLike<number>, bucket: number, from: number, to: number): Float64Array {
  const count = Math.floor((to - from) / bucket);
  const sums = new Float64Array(count);
  const start = to - count * bucket;
  for (let b = 0, i = start; b < count; b++) {
    let sum = 0;
    for (let j = 0; j < bucket; j++, i++) sum += y[i]!;
    sums[b] = sum;
  }
  return sums;
}

/**
 * Mean number of periods between sales in y[from … to), rounded; at least 1, at most LONGEST and a quarter of the
 * past.
 */
function meanGap(y: ArrayLike<number>, from: number, to: number): number {
  let sold = 0;
  for (let i = from; i < to; i++) if (y[i]! > 0) sold++;
  const gap = sold === 0 ? LONGEST : Math.round((to - from) / sold);
  return Math.max(1, Math.min(gap, LONGEST, Math.floor((to - from) / 4)));
}

/**
 * Aggregate–disaggregate forecast (ADIDA): simple exponential smoothing of sums over the mean gap between sales,
 * divided back to one period.
 * Nikolopoulos, K. et al. (2011), Journal of the Operational Research Society 62(3).
 * @param y units per period; only y[from … to) is read
 * @returns expected units per period, the same for every period ahead
 */
export function adida(y: ArrayLike<number>, from = 0, to = y.length): number {
  const bucket = meanGap(y, from, to);
  return ses(buckets(y, bucket, from, to)) / bucket;
}

/**
 * Mean of the ADIDA forecasts over every bucket length from one period to the mean gap between sales.
 * Petropoulos, F. and Kourentzes, N. (2015), Journal of the Operational Research Society 66(6).
 * @param y units per period; only y[from … to) is read
 * @returns expected units per period, the same for every period ahead
 */
export function imapa(y: ArrayLike<number>, from = 0, to = y.length): number {
  const longest = meanGap(y, from, to);
  let sum = 0;
  for (let bucket = 1; bucket <= longest; bucket++) {
    sum += ses(buckets(y, bucket, from, to)) / bucket;
  }
  return sum / longest;
}
