// What is forecast and what comes out: series of units per period, what is known beside them, and a forecast.

/** Length of one period of a series. */
export type Period = 'DAY' | 'WEEK' | 'MONTH';

/** Levels of the quantiles that are kept and shown for every forecast. */
export const LEVELS: readonly number[] = [0.5, 0.75, 0.9, 0.95, 0.975];

/** The common axis of a panel: periods are numbered 0, 1, 2 … */
export interface Axis {
  period: Period;
  /** ISO date of period 0; null when it is not known, and days then have no weekday and no season. */
  firstDay: string | null;
}

/** Units of one SKU at one location, one number a period. */
export interface Series {
  key: string;
  /** Groups it belongs to, by name of the grouping: { category: 'FOODS', location: 'CA_1' }. */
  groups: Readonly<Record<string, string>>;
  /** Number of the period of values[0]. */
  start: number;
  /** Units demanded; NaN where nothing is known. Units sold on days in `censored` are a lower bound of the demand. */
  values: Float64Array;
  /** 1 where the shelf was empty for all or part of the period; as long as `values`. Absent: never. */
  censored?: Uint8Array;
  /** Price per unit from `start` on, also beyond the last value where it is known; NaN where not. Absent: not known. */
  prices?: Float64Array;
}

/** Something known in advance that falls on certain periods: a holiday, a promotion, a pay day. */
export interface Mark {
  name: string;
  /** The series it concerns, by one of their groups; null: all. */
  of: { grouping: string; value: string } | null;
  /** Numbers of its periods, ascending. */
  periods: readonly number[];
}

/** Series on one axis with what is known beside them. */
export interface Panel {
  axis: Axis;
  series: readonly Series[];
  marks: readonly Mark[];
}

/** How one method did in a series' rolling backtest. */
export interface Trial {
  method: string;
  /** Root mean squared error over that of the one-step naive forecast; null: it could not be tried. */
  rmsse: number | null;
  /** Sum of forecasts / sum of sales − 1. */
  bias: number | null;
}

/** What is forecast for one series from one origin on. Plain data: it is stored as it is. */
export interface Forecast {
  key: string;
  /** Number of the last period that was known: h = 1 is period origin + 1. */
  origin: number;
  /** The method that won the rolling backtest, and what was tried. */
  method: string;
  trials: Trial[];
  /** In a sentence: why this method. */
  why: string;
  /** Expected units, h = 1 … horizon. */
  mean: number[];
  /** What the distributions of days and of sums are made from: numbers whose meaning only `spread` knows. */
  spread: number[];
}
