// Forecasts of sums over many series: categories, locations, all. The methods of single series, and last years' season.

import { BACKTEST_ORIGINS, stepOf } from './backtest';
import { classical, OF_FOUR } from './classical';
import { withoutOutliers } from './clean';
import { type LearnedMean, learnMean } from './mean';
import { treesForecast } from './pooledTrees';
import { seasonalLevel } from './seasonalLevel';
import { type Axis, knownAt, type Mark, type Panel, type Series } from './series';
import { type LearnedSpread, learnSpread, type PastForecast } from './spread/spread';
import { viewOf } from './view';

/** What was learned over the sums of a hierarchy. */
export interface LearnedSums {
  mean: LearnedMean;
  spread: LearnedSpread;
}

/** Name of the method: the mean of two that err differently; sums are too few to choose among methods by. */
export const LEVEL_METHOD = 'trees and seasonal level';
/** Past origins that the spread is learned from: a year of months, as there are few series. */
const PAST_ORIGINS = 13;

/** Learns over the sums at one origin. Reads no value after it, except marks. Deterministic. */
export function learnSums(panel: Panel, origin: number, horizon: number): LearnedSums {
  const step = stepOf(panel.axis, horizon);
  const longest = Math.max(0, ...panel.series.map(({ start }) => origin + 1 - start));
  // Half of the past at most: what is learned at the first past origin needs the other half.
  const origins = Math.max(BACKTEST_ORIGINS, Math.min(PAST_ORIGINS, Math.floor(longest / 2 / step)));
  const before = learnMean(upTo(panel, origin - origins * step), origin - origins * step, horizon);
  const pasts = panel.series.flatMap((series): PastForecast[] => {
    const calm = withoutOutliers(series);
    return Array.from({ length: origins }, (_, k) => origin - (origins - k) * step)
      .filter((at) => at >= series.start + step)
      .map((at) => ({
        series: calm,
        origin: at,
        mean: sumForecast(series, panel.axis, panel.marks, before, at, step),
      }));
  });
  return {
    mean: learnMean(upTo(panel, origin), origin, horizon),
    spread: learnSpread(pasts, panel.axis.period),
  };
}

function upTo(panel: Panel, origin: number): Panel {
  return { ...panel, series: panel.series.map((one) => knownAt(one, origin)) };
}

/** Expected units of one sum, h = 1 … horizon after `origin`. */
export function sumForecast(
  series: Series,
  axis: Axis,
  marks: readonly Mark[],
  learnt: LearnedMean,
  origin: number,
  horizon: number,
): number[] {
  const view = viewOf(knownAt(series, origin), axis, marks, learnt.rhythm, origin, horizon);
  const trees = learnt.trees && treesForecast(view, axis, learnt.trees, horizon);
  const seasonal = [trees, seasonalLevel(view, axis.period, horizon)].filter((mean) => mean !== null);
  const methods = seasonal.length > 0 ? seasonal : [classical(view, axis.period, horizon)[OF_FOUR]!];
  return Array.from(
    { length: horizon },
    (_, h) => methods.reduce((sum, mean) => sum + mean[h]!, 0) / methods.length,
  );
}
