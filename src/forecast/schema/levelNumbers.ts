// GraphQL of the numbers of a sum: its demand over windows, and what was sold on a day.

import { PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { ForecastQuantile, type Quantile } from './numbers';

export interface LevelSum {
  fromDay: string;
  days: number;
  mean: number;
  quantiles: Quantile[];
}

export const LevelForecastSum = builder.objectRef<LevelSum>('LevelForecastSum').implement({
  description:
    'Demand of a sum over several days together. Its quantiles are not the sums of those of the days.',
  authScopes: PLANNERS,
  fields: (t) => ({
    fromDay: t.expose('fromDay', { type: 'Date', description: 'First day of the window.' }),
    days: t.exposeInt('days', { description: 'Number of days of the window.' }),
    mean: t.exposeFloat('mean', { description: 'Expected units: the sum of the means of the days.' }),
    quantiles: t.expose('quantiles', {
      type: [ForecastQuantile],
      description: 'Quantiles at the requested levels.',
    }),
  }),
});

export interface LevelDay {
  day: string;
  units: number | null;
}

export const LevelHistoryDay = builder.objectRef<LevelDay>('LevelForecastHistoryDay').implement({
  description: 'Units sold on one local day by all SKUs of a sum.',
  authScopes: PLANNERS,
  fields: (t) => ({
    day: t.expose('day', { type: 'Date', description: 'Local day.' }),
    units: t.exposeFloat('units', {
      nullable: true,
      description: 'Units sold; null if all were closed or unknown.',
    }),
  }),
});
