// Input and output of the forecaster: series of units per period, marks and prices, and a forecast.

/** Length of one period of a series. */
export type Period = 'DAY' | 'WEEK' | 'MONTH';

/** Levels of the quantiles stored and shown for every forecast. */
export const LEVELS: readonly number[] = [0.5, 0.75, 0.9, 0.95, 0.975];

/** The common axis of a panel: periods are numbered 0, 1, 2 … */
export interface Axis {
  period: Period;
  /** ISO date of period 0; null when unknown, and days then have no weekday and no season. */
  firstDay: string | null;
}

/** Units of one SKU at one location, one number per period. */
export interface Series {
  key: string;
  /** Groups of the series by name of the grouping: { category: 'FOODS', location: 'CA_1' }. */
  groups: Readonly<Record<string, string>>;
  /** Number of the period of values[0]. */
  start: number;
  /** Units demanded; NaN where unknown. Units sold in periods in `censored` are a lower bound of the demand. */
  values: Float64Array;
  /** 1 where the shelf was empty for all or part of the period; as long as `values`. Absent: never. */
  censored?: Uint8Array;
  /**
   * Price per unit from `start` on, also after the last value where known; NaN where unknown. Absent: unknown
   * throughout.
   */
  prices?: Float64Array;
}

/** An event known in advance that falls on certain periods: a holiday, a promotion, a pay day. */
export interface Mark {
  name: string;
  /** The series it concerns, by one of their groups; null: all. */
  of: { grouping: string; value: string } | null;
  /** Numbers of its periods, ascending. */
  periods: readonly number[];
}

/** Series on one axis with the marks that concern them. */
export interface Panel {
  axis: Axis;
  series: readonly Series[];
  marks: readonly Mark[];
}

/** Result of one method in the rolling backtest of a series. */
export interface Trial {
  method: string;
  /** Root mean squared error divided by that of the one-step naive forecast; null: the method could not be tried. */
  rmsse: number | null;
  /** Sum of forecasts / sum of sales − 1. */
  bias: number | null;
}

/** Forecast of one series from one origin. Plain data, stored unchanged. */
export interface Forecast {
  key: string;
  /** Number of the last period that was known: h = 1 is period origin + 1. */
  origin: number;
  /** The method that won the rolling backtest, and what was tried. */
  method: string;
  trials: Trial[];
  /** One sentence on the reason for this method. */
  why: string;
  /** Expected units, h = 1 … horizon. */
  mean: number[];
  /** Numbers from which the distributions of days and sums are computed; only spread/spread.ts interprets them. */
  spread: number[];
}

/** The series without the values after the origin. */
export function knownAt(series: Series, origin: number): Series {
  const length = Math.max(0, origin + 1 - series.start);
  if (series.values.length <= length) return series;
  return {
    ...series,
    values: series.values.subarray(0, length),
    censored: series.censored?.subarray(0, length),
  };
}

/** Units of all periods together. */
export function totalOf(units: readonly number[]): number {
  return units.reduce((sum, each) => sum + each, 0);
}
