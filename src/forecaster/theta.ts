// The Theta method: exponential smoothing with half the drift of a straight line.

import { sesFit } from './ses';

/**
 * The standard Theta method (Assimakopoulos, V. and Nikolopoulos, K. 2000, IJF 16(4)) in the closed form of Hyndman,
 * R. J. and Billah, B. (2003), International Journal of Forecasting 19(2): the level of simple exponential smoothing
 * plus half the slope of the least-squares line.
 * @param y units per period without season; only y[from … to) is read
 * @returns units per period, h = 1 … horizon, not negative; all 0 for an empty range
 */
export function theta(y: ArrayLike<number>, horizon: number, from = 0, to = y.length): number[] {
  const n = to - from;
  if (n === 0) return new Array<number>(horizon).fill(0);
  const { level, alpha } = sesFit(y, from, to);
  const slope = slopeOf(y, from, to);
  const settled = (1 - (1 - alpha) ** n) / alpha;
  return Array.from({ length: horizon }, (_, h) => Math.max(0, level + (slope / 2) * (h + settled)));
}

/** Slope of the least-squares line through y[from … to) over time. */
function slopeOf(y: ArrayLike<number>, from: number, to: number): number {
  const n = to - from;
  if (n < 2) return 0;
  const middle = (n - 1) / 2;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (i - middle) * y[from + i]!;
  return (12 * sum) / (n * (n * n - 1));
}
