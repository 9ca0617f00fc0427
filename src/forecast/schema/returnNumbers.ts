// Parts of return forecasts in GraphQL: weeks ahead, sums, cohorts of sales, past weeks, and the rate.

import { PLANNERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import type { Cohort } from '../../forecaster/returns/cohorts';
import { LEVELS } from '../../forecaster/series';
import { builder } from '../../graphql/builder';
import { daysAfter } from '../../values/time';
import type { LocationReturns, StoredReturns } from '../queries/returns/forecasts';
import type { Quantile } from './numbers';

const WEEK_DAYS = 7;

const ReturnQuantile = builder.objectRef<Quantile>('ReturnQuantile').implement({
  description: 'At most `units` are returned with probability `level`.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    level: t.exposeFloat('level', { description: 'Probability.' }),
    units: t.exposeFloat('units', { description: 'Units.' }),
  }),
});

export interface Week {
  fromDay: string;
  throughDay: string;
  mean: number;
  quantiles: Quantile[];
}

export const ReturnWeek = builder.objectRef<Week>('ReturnForecastWeek').implement({
  description: 'Seven days of a return forecast.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    fromDay: t.expose('fromDay', { type: 'Date', description: 'First local day.' }),
    throughDay: t.expose('throughDay', { type: 'Date', description: 'Last local day.' }),
    mean: t.exposeFloat('mean', { description: 'Units expected to be returned.' }),
    quantiles: t.expose('quantiles', {
      type: [ReturnQuantile],
      description: `Quantiles at the levels ${LEVELS.join(', ')}.`,
    }),
  }),
});

/** The weeks ahead of a run. */
export function weeksOf({
  cutDay,
  mean,
  quantiles,
}: Pick<LocationReturns, 'cutDay' | 'mean' | 'quantiles'>): Week[] {
  return mean.map((units, h) => ({
    fromDay: daysAfter(cutDay, h * WEEK_DAYS + 1),
    throughDay: daysAfter(cutDay, (h + 1) * WEEK_DAYS),
    mean: units,
    quantiles: LEVELS.map((level, i) => ({ level, units: quantiles[i]![h]! })),
  }));
}

interface SummedReturns {
  mean: number;
  resaleable: number;
  quantiles: Quantile[];
}

export const ReturnSum = builder.objectRef<SummedReturns>('ReturnForecastSum').implement({
  description: 'All weeks ahead together. The quantiles are not the sums of those of the weeks.',
  authScopes: PLANNERS,
  fields: (t) => ({
    mean: t.exposeFloat('mean', { description: 'Units expected to be returned.' }),
    resaleable: t.exposeFloat('resaleable', { description: 'Of these, units expected to be fit for sale.' }),
    quantiles: t.expose('quantiles', {
      type: [ReturnQuantile],
      description: 'Quantiles at the levels 0.5, 0.75, 0.9, 0.95 and 0.975.',
    }),
  }),
});

interface DatedCohort extends Cohort {
  fromDay: string;
  throughDay: string;
}

export const ReturnCohort = builder.objectRef<DatedCohort>('ReturnCohort').implement({
  description: 'The sales of one week that can still be returned.',
  authScopes: PLANNERS,
  fields: (t) => ({
    fromDay: t.expose('fromDay', { type: 'Date', description: 'First local day.' }),
    throughDay: t.expose('throughDay', { type: 'Date', description: 'Last local day.' }),
    sold: t.exposeFloat('sold', { description: 'Units sold.' }),
    expected: t.exposeFloat('expected', { description: 'Units of it expected to be returned in all.' }),
    returned: t.exposeFloat('returned', {
      description: 'Units of it returned so far: those whose sale is known, and a share of the others.',
    }),
    toCome: t.exposeFloat('toCome', {
      description: 'Units of it still expected until its return window ends.',
    }),
  }),
});

interface PastWeek {
  fromDay: string;
  throughDay: string;
  sold: number;
  returned: number;
}

export const ReturnPastWeek = builder.objectRef<PastWeek>('ReturnPastWeek').implement({
  description: 'Seven days before the cut day.',
  authScopes: PLANNERS,
  fields: (t) => ({
    fromDay: t.expose('fromDay', { type: 'Date', description: 'First local day.' }),
    throughDay: t.expose('throughDay', { type: 'Date', description: 'Last local day.' }),
    sold: t.exposeFloat('sold', { description: 'Units sold.' }),
    returned: t.exposeFloat('returned', { description: 'Units returned, whenever they were sold.' }),
  }),
});

export const ReturnRate = builder.objectRef<StoredReturns>('ReturnRate').implement({
  description:
    'Share of sold units that are returned, and how it was estimated: each level is shrunk to the one before.',
  authScopes: PLANNERS,
  fields: (t) => ({
    usual: t.float({ description: 'Of all SKUs at all locations, recently.', resolve: (f) => f.usualRate }),
    category: t.float({
      description: 'Of its category.',
      resolve: (f) => f.usualRate * f.categoryFactor,
    }),
    sku: t.float({ description: 'Of this SKU at all locations.', resolve: (f) => f.usualRate * f.skuFactor }),
    rate: t.float({
      description: 'The share used: of this SKU at this location.',
      resolve: (f) => f.usualRate * f.ownFactor,
    }),
    seenReturned: t.exposeFloat('seenReturned', {
      description: 'Units returned here; recent weeks weigh more.',
    }),
    seenUsual: t.exposeFloat('seenUsual', {
      description: 'Units that would have been returned here at the usual rate, with the same weights.',
    }),
    strength: t.exposeFloat('strength', {
      description: 'Weight of the SKU’s rate at all locations, in units, compared with those observed here.',
    }),
  }),
});
