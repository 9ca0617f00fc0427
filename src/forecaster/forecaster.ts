// Entry points of the forecaster: `learn` fits models once over many series, `forecast` forecasts each series alone.

import { BACKTEST_ORIGINS, pool, stepOf } from './backtest';
import { pastOf, withoutOutliers } from './clean';
import { backtestsOf, type LearnedMeans, learnMean, meanOf, turnAt } from './mean';
import { type Axis, type Forecast, knownAt, type Mark, type Panel, type Series } from './series';
import { type LearnedSpread, learnSpread, type PastForecast, spreadAtTurn, spreadOf } from './spread/spread';
import { learnTurns, type PastTurn, suppositionWeight, TURN_EXCESS } from './turns';

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
  const scales = sample.series.map((one) => pastOf(one, origin, 1).scale);
  const pooled = pool(backtested, scales);
  const usual = pooled.methods.map(({ method }) => method);
  const calm = sample.series.map(withoutOutliers);
  const turns: PastTurn[] = [];
  const pasts = backtested.flatMap((backtests, index) =>
    backtests.flatMap(({ origin: at, forecasts, actual }): PastForecast[] => {
      const method = usual.find((name) => forecasts[name]);
      if (!method) return [];
      const turn = turnAt(sample.series[index]!, panel.axis, panel.marks, before, at, horizon);
      if (turn) turns.push({ turn, usual: forecasts[method]!, actual, scale: scales[index]! });
      return [{ series: calm[index]!, origin: at, mean: forecasts[method]! }];
    }),
  );
  const mean = learnMean(sample, origin, horizon);
  const spread = learnSpread(pasts, panel.axis.period);
  return { origin, horizon, mean, before, pooled, spread, turns: learnTurns(turns) };
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
  const { mean, method, trials, why, turn, usual } = meanOf(known, axis, marks, learnt, origin, horizon);
  const calm = withoutOutliers(known);
  const onUsual = spreadOf(calm, origin, usual, learnt.spread);
  const spread = turn
    ? spreadAtTurn(calm, origin, { mean: usual, spread: onUsual }, mean, learnt.spread, {
        weight: suppositionWeight(turn, learnt.turns ?? {}),
        excess: TURN_EXCESS[turn.kind],
      })
    : onUsual;
  return { key: series.key, origin, method, trials, why, mean, spread };
}
