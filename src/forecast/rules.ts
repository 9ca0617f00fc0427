// The forecaster's door: learn once over many series, then foresee each one alone.

import { type LearntMean, learnMean, meanOf } from './rules/mean';
import type { Axis, Forecast, Mark, Panel, Series } from './rules/series';

/** What is learnt over a panel up to an origin; plain JSON, to be stored and read back as it is. */
export interface Learnt {
  origin: number;
  horizon: number;
  mean: LearntMean;
}

/** How learning may be bounded. */
export interface LearnOptions {
  /** Series that are learnt from at most, an even sample of the panel's. */
  series?: number;
}

/** Series learnt from unless told otherwise. */
const SERIES = 2000;

/**
 * Learns over the panel what single series are too short or too noisy to tell. Looks at no period after `origin`,
 * except at marks and prices, which are known in advance. Deterministic.
 */
export function learn(panel: Panel, origin: number, horizon: number, options: LearnOptions = {}): Learnt {
  const most = options.series ?? SERIES;
  const step = Math.max(1, panel.series.length / most);
  const series =
    step === 1
      ? panel.series
      : Array.from({ length: most }, (_, index) => panel.series[Math.floor(index * step)]!);
  const sample = { ...panel, series };
  return { origin, horizon, mean: learnMean(sample, origin, horizon) };
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
  const { mean, method, trials, why } = meanOf(series, axis, marks, learnt.mean, origin, horizon);
  return { key: series.key, origin, method, trials, why, mean, spread: [] };
}
