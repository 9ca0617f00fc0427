// A file of series as it is read: one row a series, and what was strange about its cells.

import type { Period } from '../../forecaster/series';

/** One row of a file. */
export interface SeriesRow {
  key: string;
  groups: Record<string, string>;
  /** Units from period 0 on; NaN where the file has no number. */
  values: Float64Array;
}

/** What was strange about the cells of a file; each kind with the first cell in which it was seen. */
export interface CellOddities {
  unknown: Oddity;
  notNumbers: Oddity;
  negative: Oddity;
}

export interface Oddity {
  count: number;
  first: string | null;
}

/** A file of series that can be read any number of times. */
export interface SeriesSource {
  file: string;
  period: Period;
  /** Date of period 0 where the file itself has it. */
  firstDay: string | null;
  /** Number of periods there are columns for. */
  periods: number;
  /** What period number n is called in the file. */
  nameOf(number: number): string;
  /** @param oddities counts are added to it */
  rows(oddities?: CellOddities): AsyncGenerator<SeriesRow, void, undefined>;
}

export function noOddities(): CellOddities {
  const none = (): Oddity => ({ count: 0, first: null });
  return { unknown: none(), notNumbers: none(), negative: none() };
}
