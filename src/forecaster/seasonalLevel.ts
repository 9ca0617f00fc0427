// A level that follows last years' season: for sums over many series, which are calm enough to show it.

import { movingMean } from './classical';
import { LENGTHS_OF } from './lengths';
import type { Period } from './series';
import type { View } from './view';

/** Past years whose season is read. */
const YEARS = 4;
/** Share of the year that the season is read over, on either side of a period. */
const HALF = 10 / 364;
/** Share of past years' change that is expected again. */
const BELIEVED = 0.75;

/**
 * Recent level × the change over the same range in past years (their geometric mean, shrunk by BELIEVED): a
 * multiplicative season without parameters to fit.
 * @returns units per period, h = 1 … horizon; null with less than a year and a window behind it
 */
export function seasonalLevel(
  { past, clear, factors }: View,
  period: Period,
  horizon: number,
): number[] | null {
  const { windows, year } = LENGTHS_OF[period];
  const base = windows[2]!;
  const half = Math.max(1, Math.round(HALF * year));
  const n = past.y.length;
  if (n < year + base) return null;
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = sums[i]! + clear[i]!;
  const mean = (from: number, to: number): number => (sums[to + 1]! - sums[from]!) / (to - from + 1);
  const level = movingMean(clear, base);
  // A thousandth of the level keeps the ratio finite where nothing was sold then.
  const calm = level / 1000;
  return Array.from({ length: horizon }, (_, index) => {
    let logs = 0;
    let years = 0;
    for (let ago = year; ago <= YEARS * year; ago += year) {
      const then = n + index - ago;
      const before = n - 1 - ago;
      if (before - base + 1 < 0) break;
      const season = mean(Math.max(0, then - half), Math.min(n - 1, then + half));
      logs += Math.log((season + calm) / (mean(before - base + 1, before) + calm));
      years++;
    }
    const change = level > 0 ? Math.exp((BELIEVED * logs) / Math.max(1, years)) : 0;
    return level * change * factors[n + index]!;
  });
}
