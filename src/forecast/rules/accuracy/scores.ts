// Accuracy of forecasts: sums that can be added over any days, series and runs, and the measures computed from them.

import { LEVELS } from '../../../forecaster/series';

/** Days in the season of the seasonal naive forecast: a week. */
const SEASON = 7;

/** Which days ahead a score is of: the first day, the rest of its week, the second week, what is beyond. */
export const HORIZONS = [
  { name: 'DAY_1', from: 1, to: 1 },
  { name: 'DAYS_2_TO_7', from: 2, to: 7 },
  { name: 'DAYS_8_TO_14', from: 8, to: 14 },
  { name: 'DAYS_15_TO_28', from: 15, to: 28 },
] as const;

/** What is added up over scored days. Every measure comes from these, so any grouping is a sum of rows. */
export interface ScoreSums {
  /** Days with a forecast and a known demand. */
  days: number;
  /** Days left out because the shelf was empty: what was sold then is no demand. */
  censoredDays: number;
  /** Units sold. */
  actual: number;
  /** Forecast less sold. */
  error: number;
  absError: number;
  /** Days of series that have a scale: two known days that differ. */
  scaledDays: number;
  /** Absolute errors in units of the series' own mean absolute first difference. */
  scaledAbs: number;
  /** Squared errors in units of its mean squared first difference. */
  scaledSquare: number;
  /** Mean pinball loss of LEVELS in units of the mean absolute first difference. */
  scaledPinball: number;
  /** Days of series that have a seasonal scale, and their absolute errors in units of the mean weekly difference. */
  seasonalDays: number;
  seasonalAbs: number;
  /** Absolute errors that the last known day, or the same weekday last known, would have had as forecasts. */
  naiveAbs: number;
  weekNaiveAbs: number;
  /** Pinball losses in units, and days at or under the quantile, of each of LEVELS. */
  pinball: number[];
  covered: number[];
}

/** Sums of no days: all zero. */
export function noScores(): ScoreSums {
  return {
    days: 0,
    censoredDays: 0,
    actual: 0,
    error: 0,
    absError: 0,
    scaledDays: 0,
    scaledAbs: 0,
    scaledSquare: 0,
    scaledPinball: 0,
    seasonalDays: 0,
    seasonalAbs: 0,
    naiveAbs: 0,
    weekNaiveAbs: 0,
    pinball: LEVELS.map(() => 0),
    covered: LEVELS.map(() => 0),
  };
}

/** A series' own scales, from the days before the forecast only; null where they cannot be had. */
export interface ErrorScales {
  /** Mean absolute first difference: the in-sample error of the naive forecast (Hyndman & Koehler 2006). */
  absolute: number | null;
  /** Mean squared first difference (RMSSE of Makridakis et al. 2022). */
  square: number | null;
  /** Mean absolute difference to the week before. */
  seasonal: number | null;
}

/** The scales of a past: from its first sale on; pairs with an unknown day (NaN) are passed over. */
export function scalesOf(past: Float64Array): ErrorScales {
  let first = 0;
  while (first < past.length && !(past[first]! > 0)) first++;
  const meanOver = (lag: number, of: (difference: number) => number): number | null => {
    let sum = 0;
    let pairs = 0;
    for (let t = first + lag; t < past.length; t++) {
      const difference = past[t]! - past[t - lag]!;
      if (Number.isNaN(difference)) continue;
      sum += of(difference);
      pairs++;
    }
    return sum > 0 ? sum / pairs : null;
  };
  return {
    absolute: meanOver(1, Math.abs),
    square: meanOver(1, (d) => d * d),
    seasonal: meanOver(SEASON, Math.abs),
  };
}

/** The naive forecasts that a past would have given. */
export interface NaiveForecasts {
  /** The last known day. */
  last: number;
  /** The last known day of the weekday of h = 1 … 7. */
  week: number[];
}

/** Naive forecasts of a past; a weekday never known takes the last known day, and nothing known at all is 0. */
export function naiveOf(past: Float64Array): NaiveForecasts {
  const known = (from: number, step: number): number | undefined => {
    for (let t = from; t >= 0; t -= step) if (!Number.isNaN(past[t]!)) return past[t]!;
    return undefined;
  };
  const last = known(past.length - 1, 1) ?? 0;
  const week = Array.from({ length: SEASON }, (_, i) => known(past.length - SEASON + i, SEASON) ?? last);
  return { last, week };
}

/** Loss of a quantile at `level` for an actual value: the pinball (quantile) loss of Koenker & Bassett 1978. */
export function pinballLoss(actual: number, foreseen: number, level: number): number {
  return actual >= foreseen ? level * (actual - foreseen) : (1 - level) * (foreseen - actual);
}

/** Consecutive days of a forecast as it was made. */
export interface PastForecastDays {
  /** Which day ahead the first of them is: 1 is the day after the cut. */
  from: number;
  mean: ArrayLike<number>;
  /** The days of LEVELS[0], then of LEVELS[1] …, each as long as `mean`. */
  quantiles: ArrayLike<number>;
}

/** What is known of a day that was forecast: units; NaN is not known, censored is a shelf that was empty. */
export interface KnownDemand {
  actual: number;
  censored: boolean;
}

/** Scores all days of a claim; `known(h)` returns the actual demand. Days that are not known yet are not counted. */
export function scoreDays(
  claimed: PastForecastDays,
  known: (h: number) => KnownDemand,
  scales: ErrorScales,
  naive: NaiveForecasts,
): ScoreSums {
  const sums = noScores();
  for (let i = 0; i < claimed.mean.length; i++) {
    const h = claimed.from + i;
    const { actual, censored } = known(h);
    if (censored) sums.censoredDays++;
    if (censored || Number.isNaN(actual)) continue;
    scoreDay(sums, claimed, i, actual, scales);
    sums.naiveAbs += Math.abs(actual - naive.last);
    sums.weekNaiveAbs += Math.abs(actual - naive.week[(h - 1) % SEASON]!);
  }
  return sums;
}

function scoreDay(
  sums: ScoreSums,
  claimed: PastForecastDays,
  i: number,
  actual: number,
  scales: ErrorScales,
): void {
  const error = claimed.mean[i]! - actual;
  sums.days++;
  sums.actual += actual;
  sums.error += error;
  sums.absError += Math.abs(error);
  let loss = 0;
  LEVELS.forEach((level, l) => {
    const quantile = claimed.quantiles[l * claimed.mean.length + i]!;
    const one = pinballLoss(actual, quantile, level);
    loss += one / LEVELS.length;
    sums.pinball[l]! += one;
    if (actual <= quantile) sums.covered[l]! += 1;
  });
  if (scales.absolute !== null && scales.square !== null) {
    sums.scaledDays++;
    sums.scaledAbs += Math.abs(error) / scales.absolute;
    sums.scaledSquare += (error * error) / scales.square;
    sums.scaledPinball += loss / scales.absolute;
  }
  if (scales.seasonal !== null) {
    sums.seasonalDays++;
    sums.seasonalAbs += Math.abs(error) / scales.seasonal;
  }
}

/** The measures of a group's sums. Null where they are not defined: nothing sold, or no day with a scale. */
export interface AccuracyMeasures {
  /** Sum of forecasts. */
  forecast: number;
  /** Σ|error| / Σ sold (Kolassa & Schütz 2007). */
  wape: number | null;
  /** Σ forecast / Σ sold − 1: above 0, too much was forecast. */
  bias: number | null;
  /** Mean absolute scaled error (Hyndman & Koehler 2006): under 1, better than the naive forecast was on the past. */
  mase: number | null;
  /** The same against the week before. */
  maseSeasonal: number | null;
  /** Root of the mean squared scaled error, over all days of the group (RMSSE of one series: Makridakis et al. 2022). */
  rmsse: number | null;
  /** Mean scaled pinball loss over LEVELS (SPL of Makridakis et al. 2022b). */
  spl: number | null;
  /** 2 Σ pinball loss / Σ sold, mean of LEVELS (weighted quantile loss). */
  wql: number | null;
  /** Share of days at or under the quantile of each of LEVELS; calibrated, it is the level (on units a little above). */
  coverage: (number | null)[];
  /** WAPE that the naive and the weekly naive forecast would have had on the same days. */
  naiveWape: number | null;
  weekNaiveWape: number | null;
  /** WAPE that the forecast saves against them: its value added (Gilliland 2010); below 0 the forecast is worse than they are. */
  valueAdded: number | null;
  valueAddedWeekly: number | null;
}

/** The measures of sums. */
export function measuresOf(sums: ScoreSums): AccuracyMeasures {
  const over = (sum: number, by: number): number | null => (by > 0 ? sum / by : null);
  const wape = over(sums.absError, sums.actual);
  const naiveWape = over(sums.naiveAbs, sums.actual);
  const weekNaiveWape = over(sums.weekNaiveAbs, sums.actual);
  const square = over(sums.scaledSquare, sums.scaledDays);
  const pinball = sums.pinball.reduce((a, b) => a + b, 0) / LEVELS.length;
  const less = (a: number | null, b: number | null): number | null =>
    a === null || b === null ? null : a - b;
  return {
    forecast: sums.actual + sums.error,
    wape,
    bias: over(sums.error, sums.actual),
    mase: over(sums.scaledAbs, sums.scaledDays),
    maseSeasonal: over(sums.seasonalAbs, sums.seasonalDays),
    rmsse: square === null ? null : Math.sqrt(square),
    spl: over(sums.scaledPinball, sums.scaledDays),
    wql: over(2 * pinball, sums.actual),
    coverage: sums.covered.map((days) => over(days, sums.days)),
    naiveWape,
    weekNaiveWape,
    valueAdded: less(naiveWape, wape),
    valueAddedWeekly: less(weekNaiveWape, wape),
  };
}
