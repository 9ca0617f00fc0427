// Lengths in periods that suit days, weeks and months: windows of moving means, the cycle of a week, the year.

import type { Period } from './series';

export interface Lengths {
  /** Windows of moving means, shortest first; the third and fourth are the usual levels. */
  windows: readonly number[];
  /** Periods of a year, rounded to whole cycles. */
  year: number;
  /** Periods of a cycle: a week of days. */
  cycle: number;
  /** Periods ahead that one prediction of the trees covers. */
  block: number;
}

export const LENGTHS_OF: Readonly<Record<Period, Lengths>> = {
  DAY: { windows: [7, 14, 28, 56, 91, 182, 364], year: 364, cycle: 7, block: 7 },
  WEEK: { windows: [2, 4, 8, 13, 26, 39, 52], year: 52, cycle: 1, block: 4 },
  MONTH: { windows: [2, 3, 4, 6, 9, 12, 24], year: 12, cycle: 1, block: 3 },
};
