// Forecasts of sums over many series: categories, locations, all. The methods of single series, and last years' season.

import { BACKTEST_ORIGINS, stepOf } from './backtest';
import { OF_FOUR } from './classical';
import { withoutOutliers } from './clean';
import { candidates, type LearnedMean, learnMean, TREES } from './mean';
import { seasonalLevel } from './seasonalLevel';
import type { Axis, Mark, Panel, Series } from './series';
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

function upTo({ series, ...panel }: Panel, origin: number): Panel {
  return {
    ...panel,
    series: series.map((one) => ({
      ...one,
      values: one.values.subarray(0, Math.max(0, origin + 1 - one.start)),
    })),
  };
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
  const known = { ...series, values: series.values.subarray(0, Math.max(0, origin + 1 - series.start)) };
  const all = candidates(known, axis, marks, learnt, origin, horizon);
  const season = seasonalLevel(
    viewOf(known, axis, marks, learnt.rhythm, origin, horizon),
    axis.period,
    horizon,
  );
  const seasonal = [all[TREES], season].filter((mean) => mean != null);
  const methods = seasonal.length > 0 ? seasonal : [all[OF_FOUR]!];
  return Array.from(
    { length: horizon },
    (_, h) => methods.reduce((sum, mean) => sum + mean[h]!, 0) / methods.length,
  );
}
