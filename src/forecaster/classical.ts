// The classical methods: forecasts of one series from its own past.

import { adida, imapa } from './aggregate';
import { croston, sba, tsb } from './croston';
import { LENGTHS_OF } from './lengths';
import type { Period } from './series';
import { ses } from './ses';
import { theta } from './theta';
import type { View } from './view';

/** Expected units per period by the name of the method, h = 1 … horizon. */
export type Candidates = Record<string, number[]>;

/** Years of history that levels are smoothed over. */
const YEARS = 3;

/** Name of the combination of four methods, the best of the classical ones. */
export const OF_FOUR = 'mean of four';

/** Mean of the last `count` values, or of all when there are fewer; 0 for none. */
export function movingMean(y: ArrayLike<number>, count: number): number {
  const from = Math.max(0, y.length - count);
  let sum = 0;
  for (let i = from; i < y.length; i++) sum += y[i]!;
  return y.length > from ? sum / (y.length - from) : 0;
}

/**
 * Forecasts of all classical methods, h = 1 … horizon. The flat methods read the series without weekday and mark
 * effects, and their level is multiplied by these factors again. "naive" and "seasonal naive" read the series itself.
 * "mean of four" is the mean of a long moving mean, TSB, iMAPA and the mean of the same weekday (simple combinations:
 * Petropoulos & Svetunkov 2020, IJF 36(1)).
 * @returns units per period by method; without history all are 0
 */
export function classical({ past, clear, factors }: View, period: Period, horizon: number): Candidates {
  const { y } = past;
  const { windows, cycle, year } = LENGTHS_OF[period];
  const n = y.length;
  // Older values no longer change a smoothed level and only cost time.
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

/**
 * Forecast of each period ahead: mean of the values at the same position of the cycle within the last `window`
 * values.
 */
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
