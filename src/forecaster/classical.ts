// The classical methods, each as a forecast of one series from what is seen of it.

import { adida, imapa } from './aggregate';
import { croston, sba, tsb } from './croston';
import { LENGTHS_OF } from './lengths';
import type { Period } from './series';
import { ses } from './ses';
import { theta } from './theta';
import type { View } from './view';

/** Forecasts by method, h = 1 … horizon. */
export type Candidates = Record<string, number[]>;

/** Years that levels are smoothed over. */
const YEARS = 3;

/** Name of the combination of four methods, the best of the classical ones. */
export const OF_FOUR = 'mean of four';

/** Mean of the last `count` values. */
export function movingMean(y: ArrayLike<number>, count: number): number {
  const from = Math.max(0, y.length - count);
  let sum = 0;
  for (let i = from; i < y.length; i++) sum += y[i]!;
  return y.length > from ? sum / (y.length - from) : 0;
}

/**
 * All classical forecasts of a view. The flat methods see the series without weekday and marks, and their level is
 * given these back; naive and seasonal naive see it as it is. "mean of four" is the mean of a long moving mean, TSB,
 * iMAPA and the mean of the same weekday (Petropoulos & Svetunkov 2020 on simple combinations, IJF 36(1)).
 */
export function classical({ past, clear, factors }: View, period: Period, horizon: number): Candidates {
  const { y } = past;
  const { windows, cycle, year } = LENGTHS_OF[period];
  const n = y.length;
  // What was longer ago than that moves no level; it would only cost time.
  const level = clear.subarray(Math.max(0, n - YEARS * year));
  const ahead = factors.subarray(n, n + horizon);
  const lift = (units: number) => Array.from(ahead, (factor) => units * factor);
  const moving = movingMean(clear, windows[3]!);
  const rates = { tsb: tsb(level), imapa: imapa(level) };
  const own = sameDays(y, cycle, horizon, windows[3]!);
  const drift = theta(level, horizon);
  const rate = croston(level);
  return {
    naive: new Array<number>(horizon).fill(y[n - 1] ?? 0),
    ...(cycle > 1 && {
      'seasonal naive': Array.from(
        { length: horizon },
        (_, h) => y[n - cycle + (h % cycle)] ?? y[n - 1] ?? 0,
      ),
    }),
    'moving mean': lift(movingMean(clear, windows[2]!)),
    SES: lift(ses(level)),
    Croston: lift(rate),
    SBA: lift(sba(level)),
    TSB: lift(rates.tsb),
    ADIDA: lift(adida(level)),
    iMAPA: lift(rates.imapa),
    Theta: Array.from(ahead, (factor, h) => factor * drift[h]!),
    [OF_FOUR]: Array.from(ahead, (factor, h) => (factor * (moving + rates.tsb + rates.imapa) + own[h]!) / 4),
  };
}

/** Mean of the values a whole number of cycles before each period ahead, within the last `window` values. */
function sameDays(y: Float64Array, cycle: number, horizon: number, window: number): number[] {
  const means: number[] = [];
  for (let d = 0; d < Math.min(cycle, horizon); d++) {
    let sum = 0;
    let count = 0;
    for (let i = y.length - cycle + d; i >= Math.max(0, y.length - window); i -= cycle) {
      sum += y[i]!;
      count++;
    }
    means.push(count > 0 ? sum / count : movingMean(y, window));
  }
  return Array.from({ length: horizon }, (_, h) => means[h % cycle]!);
}
