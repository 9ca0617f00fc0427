// Simple exponential smoothing, its level chosen by the one-step errors of the past.

/** Smoothing constants that are tried. */
const ALPHAS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5] as const;

/**
 * Level after the last value of `y` by simple exponential smoothing: l ← l + α(y − l), started at the first value.
 * Brown, R. G. (1959), Statistical Forecasting for Inventory Control.
 */
export function sesLevel(y: ArrayLike<number>, alpha: number, from = 0, to = y.length): number {
  if (to <= from) return 0;
  let level = y[from]!;
  for (let i = from + 1; i < to; i++) level += alpha * (y[i]! - level);
  return level;
}

/**
 * Level by the smoothing constant with the least sum of squared one-step errors, started at the mean of the first
 * values so that a first sale is not taken for the level.
 */
export function sesOptimised(y: ArrayLike<number>, from = 0, to = y.length): number {
  const length = to - from;
  if (length <= 0) return 0;
  const head = Math.min(length, 8);
  let start = 0;
  for (let i = 0; i < head; i++) start += y[from + i]! / head;
  let best = start;
  let least = Infinity;
  for (const alpha of ALPHAS) {
    let level = start;
    let squares = 0;
    for (let i = from; i < to; i++) {
      const error = y[i]! - level;
      squares += error * error;
      level += alpha * error;
    }
    if (squares < least) {
      least = squares;
      best = level;
    }
  }
  return best;
}
