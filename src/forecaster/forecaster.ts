// Entry points of the forecaster: `learn` fits models once over many series, `forecast` forecasts each series alone.

import { BACKTEST_ORIGINS, pool, stepOf } from './backtest';
import { pastOf, withoutOutliers } from './clean';
import { backtestsOf, type LearnedMeans, learnMean, meanOf } from './mean';
import { type Axis, type Forecast, knownAt, type Mark, type Panel, type Series } from './series';
import { type LearnedSpread, learnSpread, type PastForecast, spreadOf } from './spread/spread';

/** What was learned over a panel up to an origin. Plain JSON, stored and read back unchanged. */
export interface LearnedModel extends LearnedMeans {
  origin: number;
  spread: LearnedSpread;
}

/** Limits of learning. */
export interface LearnOptions {
  /** Largest number of series to learn from, sampled evenly over the panel; SERIES if omitted. */
  series?: number;
}

/** Series learned from by default. */
const SERIES = 2000;
/**
 * Learns over the panel what single series are too short or too noisy to show. Reads no value after `origin`, except
 * marks and prices, which are known in advance. Deterministic.
 * @param origin number of the last known period on the panel's axis
 * @param horizon periods ahead that will be forecast, 1 or more
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
  const sample = { ...panel, series: series.map((one) => knownAt(one, origin)) };
  const before = learnMean(sample, origin - BACKTEST_ORIGINS * stepOf(panel.axis, horizon), horizon);
  const backtested = sample.series.map((one) =>
    backtestsOf(one, panel.axis, panel.marks, before, origin, horizon),
  );
  const pooled = pool(
    backtested,
    sample.series.map((one) => pastOf(one, origin, 1).scale),
  );
  const usual = pooled.methods.map(({ method }) => method);
  const calm = sample.series.map(withoutOutliers);
  const pasts = backtested.flatMap((backtests, index) =>
    backtests.flatMap(({ origin: at, forecasts }): PastForecast[] => {
      const method = usual.find((name) => forecasts[name]);
      return method ? [{ series: calm[index]!, origin: at, mean: forecasts[method]! }] : [];
    }),
  );
  const mean = learnMean(sample, origin, horizon);
  return { origin, horizon, mean, before, pooled, spread: learnSpread(pasts, panel.axis.period) };
}

/**
 * Forecasts one series, h = 1 … horizon after `origin`, from its own past and the learned model. Pure; values after
 * `origin` are not read.
 * @param marks marks of the panel, those ahead included
 * @returns mean in units per period, one number a period, never NaN, negative or infinite; `spread` for the functions
 * of spread/spread.ts
 */
export function forecast(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  learnt: LearnedModel,
  origin: number,
  horizon: number,
): Forecast {
  const known = knownAt(series, origin);
  const { mean, method, trials, why } = meanOf(known, axis, marks, learnt, origin, horizon);
  const spread = spreadOf(withoutOutliers(known), origin, mean, learnt.spread);
  return { key: series.key, origin, method, trials, why, mean, spread };
}
