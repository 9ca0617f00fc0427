// GraphQL types of the numbers of a forecast: days ahead, sums over windows, and the trials of its backtest.

import { PLANNERS } from '../../access/rules/roleSets';
import { LEVELS, type Trial } from '../../forecaster/series';
import { averageOf, quantile } from '../../forecaster/spread/distribution';
import { sumBound, sumDistribution } from '../../forecaster/spread/spread';
import { builder } from '../../graphql/builder';
import { checkCount, checkQuantity, refuse } from '../../refusals';
import { daysAfter } from '../../values/time';
import type { StoredForecast } from '../queries/forecasts';

/** Days that a window of a sum may have, or begin ahead. */
const MAX_WINDOW_DAYS = 120;
const MAX_WINDOWS = 10;
const MAX_LEVELS = 20;

export interface Quantile {
  level: number;
  units: number;
}

export const ForecastQuantile = builder.objectRef<Quantile>('ForecastQuantile').implement({
  description: 'Demand is at most `units` with probability `level`.',
  authScopes: PLANNERS,
  fields: (t) => ({
    level: t.exposeFloat('level', { description: 'Probability.' }),
    units: t.exposeFloat('units', { description: 'Units.' }),
  }),
});

interface Day {
  day: string;
  mean: number;
  quantiles: Quantile[];
}

export const ForecastDay = builder.objectRef<Day>('ForecastDay').implement({
  description: 'One day of a forecast.',
  authScopes: PLANNERS,
  fields: (t) => ({
    day: t.expose('day', { type: 'Date', description: 'Local day.' }),
    mean: t.exposeFloat('mean', { description: 'Expected units.' }),
    quantiles: t.expose('quantiles', {
      type: [ForecastQuantile],
      description: `Quantiles at the levels ${LEVELS.join(', ')}.`,
    }),
  }),
});

interface DemandSum {
  fromDay: string;
  days: number;
  mean: number;
  /** Infinity: none. */
  bound: number;
  quantiles: Quantile[];
}

export const ForecastSum = builder.objectRef<DemandSum>('ForecastSum').implement({
  description: 'Demand over several days together. Its quantiles are not the sums of those of the days.',
  authScopes: PLANNERS,
  fields: (t) => ({
    fromDay: t.expose('fromDay', { type: 'Date', description: 'First day of the window.' }),
    days: t.exposeInt('days', { description: 'Number of days of the window.' }),
    mean: t.exposeFloat('mean', {
      description: 'Expected units: the mean of the distribution that has these quantiles.',
    }),
    bound: t.float({
      nullable: true,
      description:
        'Largest demand that is considered possible, from the largest such sum of the last year; the distribution ends there. Null with less than half a year of sales.',
      resolve: ({ bound }) => (Number.isFinite(bound) ? bound : null),
    }),
    quantiles: t.expose('quantiles', {
      type: [ForecastQuantile],
      description: 'Quantiles at the requested levels.',
    }),
  }),
});

export const ForecastTrial = builder.objectRef<Trial>('ForecastTrial').implement({
  description: 'Result of one method in the rolling backtest of this series.',
  authScopes: PLANNERS,
  fields: (t) => ({
    method: t.exposeString('method', { description: 'Name of the method.' }),
    rmsse: t.float({
      nullable: true,
      description:
        'Root mean squared error divided by that of the naive forecast; null if the method could not be tested.',
      resolve: (trial) => trial.rmsse,
    }),
    bias: t.float({
      nullable: true,
      description: 'Sum of forecasts divided by sum of sales, minus 1.',
      resolve: (trial) => trial.bias,
    }),
  }),
});

/** Quantiles at these levels. */
export const quantilesAt = (
  levels: readonly number[],
  units: (level: number, i: number) => number,
): Quantile[] => levels.map((level, i) => ({ level, units: units(level, i) }));

/** The days ahead of a forecast. */
export function daysOf({
  cutDay,
  mean,
  quantiles,
}: Pick<StoredForecast, 'cutDay' | 'mean' | 'quantiles'>): Day[] {
  return mean.map((units, i) => ({
    day: daysAfter(cutDay, i + 1),
    mean: units,
    quantiles: quantilesAt(LEVELS, (_, level) => quantiles[level]![i]!),
  }));
}

interface SumArgs {
  windows: readonly number[];
  from: number;
  levels: readonly number[];
}

/** Checks the windows and levels of sums. @throws Refused InvalidInput */
export function checkSumArgs({ windows, from, levels }: SumArgs): void {
  checkCount(windows, 'windows', MAX_WINDOWS);
  checkCount(levels, 'levels', MAX_LEVELS, 0);
  checkQuantity(from, 'from', 1, MAX_WINDOW_DAYS);
  for (const [i, days] of windows.entries()) checkQuantity(days, `windows.${i}`, 1, MAX_WINDOW_DAYS);
  for (const [i, level] of levels.entries()) {
    if (!(level > 0 && level < 1)) {
      const path = `levels.${i}`;
      refuse('InvalidInput', `${path} is ${level}; it must be a probability between 0 and 1.`, { path });
    }
  }
}

/** Its sums over windows. @throws Refused InvalidInput */
export function sumsOf(forecast: StoredForecast, args: SumArgs): DemandSum[] {
  checkSumArgs(args);
  const { windows, from, levels } = args;
  return windows.map((days) => {
    const distribution = sumDistribution(forecast, from, days);
    return {
      fromDay: daysAfter(forecast.cutDay, from),
      days,
      mean: averageOf(distribution),
      bound: sumBound(forecast, from, days),
      quantiles: quantilesAt(levels, (level) => quantile(distribution, level)),
    };
  });
}
