// The forecaster: learns once over many series, then forecasts each one alone.

import { pool, REHEARSALS, stepOf } from './backtest';
import { pastOf, withoutOutliers } from './clean';
import { type LearnedMeans, learnMean, meanOf, rehearsalsOf } from './mean';
import type { Axis, Forecast, Mark, Panel, Series } from './series';
import { type LearnedSpread, learnSpread, type PastForecast, spreadOf } from './spread/spread';

/** What is learned over a panel up to an origin; plain JSON, to be stored and read back as it is. */
export interface LearnedModel extends LearnedMeans {
  origin: number;
  spread: LearnedSpread;
}

/** How learning may be bounded. */
export interface LearnOptions {
  /** Series that are learned from at most, an even sample of the panel's. */
  series?: number;
}

/** Series learned from by default. */
const SERIES = 2000;
/**
 * Learns over the panel what single series are too short or too noisy to show. Looks at no period after `origin`,
 * except at marks and prices, which are known in advance. Deterministic.
 */
export function learn(
  panel: Panel,
  origin: number,
  horizon: number,
  options: LearnOptions = {},
): LearnedModel {
  const most = Math.max(1, options.series ?? SERIES);
  const step = Math.max(1, panel.series.length / most);
  const series =
    step === 1
      ? panel.series
      : Array.from({ length: most }, (_, index) => panel.series[Math.floor(index * step)]!);
  const sample = { ...panel, series: series.map((one) => cut(one, origin)) };
  const before = learnMean(sample, origin - REHEARSALS * stepOf(panel.axis, horizon), horizon);
  const rehearsed = sample.series.map((one) =>
    rehearsalsOf(one, panel.axis, panel.marks, before, origin, horizon),
  );
  const pooled = pool(
    rehearsed,
    sample.series.map((one) => pastOf(one, origin, 1).scale),
  );
  const usual = pooled.methods.map(({ method }) => method);
  const calm = sample.series.map(withoutOutliers);
  const pasts = rehearsed.flatMap((rehearsals, index) =>
    rehearsals.flatMap(({ origin: at, forecasts }): PastForecast[] => {
      const method = usual.find((name) => forecasts[name]);
      return method ? [{ series: calm[index]!, origin: at, mean: forecasts[method]! }] : [];
    }),
  );
  const mean = learnMean(sample, origin, horizon);
  return { origin, horizon, mean, before, pooled, spread: learnSpread(pasts, panel.axis.period) };
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
 * Forecasts one series, h = 1 … horizon after `origin`, from its own past and what was learned. Pure; values after
 * `origin` are not looked at. Never NaN, negative or infinite, whatever the history.
 */
export function forecast(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  learnt: LearnedModel,
  origin: number,
  horizon: number,
): Forecast {
  const known = cut(series, origin);
  const { mean, method, trials, why } = meanOf(known, axis, marks, learnt, origin, horizon);
  const spread = spreadOf(withoutOutliers(known), origin, mean, learnt.spread);
  return { key: series.key, origin, method, trials, why, mean, spread };
}
