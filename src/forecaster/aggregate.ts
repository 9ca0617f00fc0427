// Forecasts of intermittent demand over longer periods, brought back to one: ADIDA and iMAPA.

import { ses } from './ses';

/** No longer buckets than this are made, however rare the sales. */
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

/** Mean number of periods from sale to sale, rounded, at least 1. */
function meanGap(y: ArrayLike<number>, from: number, to: number): number {
  let sold = 0;
  for (let i = from; i < to; i++) if (y[i]! > 0) sold++;
  const gap = sold === 0 ? LONGEST : Math.round((to - from) / sold);
  return Math.max(1, Math.min(gap, LONGEST, Math.floor((to - from) / 4)));
}

/**
 * Aggregate-disaggregate: SES of sums over the mean gap between sales, divided back.
 * Nikolopoulos, K. et al. (2011), Journal of the Operational Research Society 62(3).
 */
export function adida(y: ArrayLike<number>, from = 0, to = y.length): number {
  const bucket = meanGap(y, from, to);
  return ses(buckets(y, bucket, from, to)) / bucket;
}

/**
 * The mean of ADIDA over every bucket from one period up to the mean gap.
 * Petropoulos, F. and Kourentzes, N. (2015), Journal of the Operational Research Society 66(6).
 */
export function imapa(y: ArrayLike<number>, from = 0, to = y.length): number {
  const longest = meanGap(y, from, to);
  let sum = 0;
  for (let bucket = 1; bucket <= longest; bucket++) {
    sum += ses(buckets(y, bucket, from, to)) / bucket;
  }
  return sum / longest;
}
