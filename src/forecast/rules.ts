// The forecaster's door: learn once over many series, then foresee each one alone.

import { type LearntMean, learnMean, meanOf } from './rules/mean';
import type { Axis, Forecast, Mark, Panel, Series } from './rules/series';
import { type LearntSpread, learnSpread, type PastForecast, spreadOf } from './rules/spread';

/** What is learnt over a panel up to an origin; plain JSON, to be stored and read back as it is. */
export interface Learnt {
  origin: number;
  horizon: number;
  mean: LearntMean;
  /** The mean as it would have been learnt some horizons ago: what the spread and the trials are judged by. */
  before: LearntMean;
  spread: LearntSpread;
}

/** How learning may be bounded. */
export interface LearnOptions {
  /** Series that are learnt from at most, an even sample of the panel's. */
  series?: number;
}

/** Series learnt from unless told otherwise. */
const SERIES = 2000;
/** Past origins, a horizon apart, from which forecasts are made to see what they miss. */
const REHEARSALS = 2;

/**
 * Learns over the panel what single series are too short or too noisy to tell. Looks at no period after `origin`,
 * except at marks and prices, which are known in advance. Deterministic.
 */
export function learn(panel: Panel, origin: number, horizon: number, options: LearnOptions = {}): Learnt {
  const most = Math.max(1, options.series ?? SERIES);
  const step = Math.max(1, panel.series.length / most);
  const series =
    step === 1
      ? panel.series
      : Array.from({ length: most }, (_, index) => panel.series[Math.floor(index * step)]!);
  const sample = { ...panel, series };
  const before = learnMean(sample, origin - REHEARSALS * horizon, horizon);
  const pasts: PastForecast[] = [];
  for (let back = REHEARSALS; back >= 1; back--) {
    const at = origin - back * horizon;
    for (const one of series) {
      if (one.start > at) continue;
      pasts.push({
        series: cut(one, origin),
        origin: at,
        mean: meanOf(one, panel.axis, panel.marks, before, at, horizon).mean,
      });
    }
  }
  return { origin, horizon, mean: learnMean(sample, origin, horizon), before, spread: learnSpread(pasts) };
}

/** The series as it was known at the origin. */
function cut(series: Series, origin: number): Series {
  const length = Math.max(0, origin + 1 - series.start);
  if (series.values.length <= length) return series;
  return {
    ...series,
    values: series.values.subarray(0, length),
    censored: series.censored?.subarray(0, length),
  };
}

/**
 * Forecasts one series, h = 1 … horizon after `origin`, from its own past and what was learnt. Pure; values after
 * `origin` are not looked at. Never NaN, negative or infinite, whatever the history.
 */
export function forecast(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  learnt: Learnt,
  origin: number,
  horizon: number,
): Forecast {
  const known = cut(series, origin);
  const { mean, method, trials, why } = meanOf(known, axis, marks, learnt.mean, origin, horizon);
  const spread = spreadOf(known, origin, mean, learnt.spread);
  return { key: series.key, origin, method, trials, why, mean, spread };
}
