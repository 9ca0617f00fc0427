// Simple exponential smoothing, with the constant of the least one-step errors.

/** Candidates of the smoothing constant. */
const ALPHAS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5] as const;
/** First values whose mean is the starting level, so that one first sale does not set it. */
const HEAD = 8;

/** A smoothed level and the constant it was smoothed with. */
export interface SesFit {
  level: number;
  alpha: number;
}

/**
 * Simple exponential smoothing, l ← l + α(y − l), of y[from … to), with the constant of the least sum of squared
 * one-step errors. Brown, R. G. (1959), Statistical Forecasting for Inventory Control.
 * @returns level in units per period; 0 for an empty range
 */
export function sesFit(
  y: ArrayLike<number>,
  from = 0,
  to = y.length,
  alphas: readonly number[] = ALPHAS,
): SesFit {
  const head = Math.min(to - from, HEAD);
  let start = 0;
  for (let i = 0; i < head; i++) start += y[from + i]! / head;
  // All constants in one pass: their recursions are independent, so the processor overlaps them.
  const count = alphas.length;
  const levels = new Float64Array(count).fill(start);
  const squares = new Float64Array(count);
  const rates = Float64Array.from(alphas);
  for (let i = from; i < to; i++) {
    const value = y[i]!;
    for (let a = 0; a < count; a++) {
      const error = value - levels[a]!;
      squares[a]! += error * error;
      levels[a]! += rates[a]! * error;
    }
  }
  let best = 0;
  for (let a = 1; a < count; a++) if (squares[a]! < squares[best]!) best = a;
  return { level: levels[best]!, alpha: alphas[best]! };
}

/** The level of `sesFit`: expected units per period, the same for every period ahead. */
export function ses(y: ArrayLike<number>, from = 0, to = y.length): number {
  return sesFit(y, from, to).level;
}
