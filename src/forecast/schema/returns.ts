// Returns forecast as planners see them: weeks ahead, the cohorts they come from, and how the rate was come by.

import { PLANNERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { mustWorkAt } from '../../access/rules/roles';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { Sku, skuById } from '../../catalog/schema/sku';
import type { Cohort } from '../../forecaster/returns/cohorts';
import { LEVELS } from '../../forecaster/series';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { loader } from '../../graphql/loaders';
import { locationIdsByCode } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { checkText } from '../../refusals';
import { shelfKey } from '../../values/keys';
import { daysAfter } from '../../values/time';
import {
  currentReturns,
  type LocationReturns,
  locationReturnsOf,
  type ReturnsPast,
  returnsPasts,
  type StoredReturns,
} from '../queries/returns/forecasts';

const MAX_CODE = 100;
const WEEK_DAYS = 7;
const CUT_DAY_DESCRIPTION =
  'Reads the newest run whose last known day is this one or earlier; the newest of all if omitted.';

const pastOf = loader(
  ({ reads }: Context, forecasts: readonly StoredReturns[]): Promise<ReturnsPast[]> =>
    returnsPasts(reads, forecasts),
  (key) => `${shelfKey(key)}:${key.cutDay}`,
);

interface Quantile {
  level: number;
  units: number;
}

const ReturnQuantile = builder.objectRef<Quantile>('ReturnQuantile').implement({
  description: 'At most `units` come back with probability `level`.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({ level: t.exposeFloat('level'), units: t.exposeFloat('units') }),
});

interface Week {
  fromDay: string;
  throughDay: string;
  mean: number;
  quantiles: Quantile[];
}

const ReturnWeek = builder.objectRef<Week>('ReturnForecastWeek').implement({
  description: 'Seven local days ahead.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    fromDay: t.expose('fromDay', { type: 'Date' }),
    throughDay: t.expose('throughDay', { type: 'Date', description: 'Its last day.' }),
    mean: t.exposeFloat('mean', { description: 'Units expected back.' }),
    quantiles: t.expose('quantiles', {
      type: [ReturnQuantile],
      description: `At the levels ${LEVELS.join(', ')}.`,
    }),
  }),
});

/** The weeks ahead of a run. */
function weeksOf({
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

interface Sum {
  mean: number;
  resaleable: number;
  quantiles: Quantile[];
}

const ReturnSum = builder.objectRef<Sum>('ReturnForecastSum').implement({
  description: 'All weeks ahead together; the quantiles are not the sums of the weeks’.',
  authScopes: PLANNERS,
  fields: (t) => ({
    mean: t.exposeFloat('mean', { description: 'Units expected back.' }),
    resaleable: t.exposeFloat('resaleable', { description: 'Of them, units that can be sold again.' }),
    quantiles: t.expose('quantiles', { type: [ReturnQuantile] }),
  }),
});

interface DatedCohort extends Cohort {
  fromDay: string;
  throughDay: string;
}

const ReturnCohort = builder.objectRef<DatedCohort>('ReturnCohort').implement({
  description: 'What was sold in one week and can still come back.',
  authScopes: PLANNERS,
  fields: (t) => ({
    fromDay: t.expose('fromDay', { type: 'Date' }),
    throughDay: t.expose('throughDay', { type: 'Date', description: 'Its last day.' }),
    sold: t.exposeFloat('sold', { description: 'Units sold.' }),
    expected: t.exposeFloat('expected', { description: 'Units of it expected back in all.' }),
    returned: t.exposeFloat('returned', {
      description: 'Units of it that are back: those whose sale is known, and a share of the others.',
    }),
    toCome: t.exposeFloat('toCome', { description: 'Units of it still expected, until its window ends.' }),
  }),
});

interface PastWeek {
  fromDay: string;
  throughDay: string;
  sold: number;
  returned: number;
}

const ReturnPastWeek = builder.objectRef<PastWeek>('ReturnPastWeek').implement({
  description: 'Seven local days up to the cut.',
  authScopes: PLANNERS,
  fields: (t) => ({
    fromDay: t.expose('fromDay', { type: 'Date' }),
    throughDay: t.expose('throughDay', { type: 'Date', description: 'Its last day.' }),
    sold: t.exposeFloat('sold', { description: 'Units sold.' }),
    returned: t.exposeFloat('returned', { description: 'Units come back, whenever they were sold.' }),
  }),
});

const ReturnRate = builder.objectRef<StoredReturns>('ReturnRate').implement({
  description:
    'Units that come back of each one sold, and how that was come by: each level is shrunk to the one before.',
  authScopes: PLANNERS,
  fields: (t) => ({
    usual: t.float({ description: 'Of all SKUs at all places, of late.', resolve: (f) => f.usualRate }),
    category: t.float({
      description: 'Of its category.',
      resolve: (f) => f.usualRate * f.categoryFactor,
    }),
    sku: t.float({ description: 'Of the SKU at all places.', resolve: (f) => f.usualRate * f.skuFactor }),
    rate: t.float({
      description: 'Of the SKU at this place: what is used.',
      resolve: (f) => f.usualRate * f.ownFactor,
    }),
    seenReturned: t.exposeFloat('seenReturned', {
      description: 'Units seen to come back here; newer weeks count more.',
    }),
    seenUsual: t.exposeFloat('seenUsual', {
      description: 'Units that would have come back here at the usual rate, weighed alike.',
    }),
    strength: t.exposeFloat('strength', {
      description: 'Units that the SKU’s rate at all places weighed like, against those seen here.',
    }),
  }),
});

const ReturnForecast = builder.objectRef<StoredReturns>('ReturnForecast').implement({
  description: 'The returns foreseen in one night for one SKU at one place.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a location, SKU and night'),
      resolve: (f) => cacheId('ReturnForecast', f.locationId, f.skuId, f.cutDay),
    }),
    sku: t.field({ type: Sku, resolve: (f, _args, context) => skuById(context).load(f.skuId) }),
    location: t.field({
      type: Location,
      resolve: (f, _args, context) => locationById(context).load(f.locationId),
    }),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day that it knew of.' }),
    weeks: t.field({ type: [ReturnWeek], resolve: weeksOf }),
    sum: t.field({
      type: ReturnSum,
      resolve: ({ mean, sumQuantiles, resaleableShare }) => {
        const sum = mean.reduce((a, b) => a + b, 0);
        const quantiles = LEVELS.map((level, i) => ({ level, units: sumQuantiles[i]! }));
        return { mean: sum, resaleable: sum * resaleableShare, quantiles };
      },
    }),
    sales: t.exposeFloatList('sales', { description: 'Units expected to be sold, week by week ahead.' }),
    demandCutDay: t.field({
      type: 'Date',
      nullable: true,
      description: 'The night of the demand forecast behind `sales`; null: the mean of the last weeks is.',
      resolve: (f) => f.demandCutDay,
    }),
    rate: t.field({ type: ReturnRate, resolve: (f) => f }),
    windowWeeks: t.exposeInt('windowWeeks', {
      description: 'Weeks in which a unit can come back, that of its sale included.',
    }),
    resaleableShare: t.exposeFloat('resaleableShare', {
      description: 'Share of what comes back that can be sold again, shrunk to its category’s.',
    }),
    resaleableSeen: t.exposeInt('resaleableSeen', {
      description: 'Units of this SKU that it was learnt from.',
    }),
    lag: t.floatList({
      description: 'Share of what comes back that does so 0, 1, 2 … weeks after the week of its sale.',
      resolve: async (f, _args, context) => (await pastOf(context).load(f)).lag,
    }),
    cohorts: t.field({
      type: [ReturnCohort],
      description: 'The weeks of sales that can still come back, the youngest first.',
      resolve: async (f, _args, context) =>
        (await pastOf(context).load(f)).cohorts.map((cohort) => ({
          ...cohort,
          fromDay: daysAfter(f.cutDay, -cohort.age * WEEK_DAYS - WEEK_DAYS + 1),
          throughDay: daysAfter(f.cutDay, -cohort.age * WEEK_DAYS),
        })),
    }),
    history: t.field({
      type: [ReturnPastWeek],
      description: 'The weeks up to the cut, the oldest first.',
      resolve: async (f, _args, context) => {
        const { sold, returned } = await pastOf(context).load(f);
        return sold.map((units, w) => ({
          fromDay: daysAfter(f.cutDay, (w - sold.length) * WEEK_DAYS + 1),
          throughDay: daysAfter(f.cutDay, (w - sold.length + 1) * WEEK_DAYS),
          sold: units,
          returned: returned[w]!,
        }));
      },
    }),
  }),
});

builder.queryField('returnForecast', (t) =>
  t.field({
    type: ReturnForecast,
    nullable: true,
    description:
      'The forecast of returns for a SKU at a location; null if there is none, because nothing of it was sold or returned there.',
    authScopes: PLANNERS,
    args: {
      sku: t.arg.string({ required: true, description: 'SKU code.' }),
      location: t.arg.string({ required: true, description: 'Location code.' }),
      cutDay: t.arg({ type: 'Date', description: CUT_DAY_DESCRIPTION }),
    },
    resolve: async (_root, { sku, location, cutDay }, context) => {
      checkText(sku, 'sku', MAX_CODE);
      const locationId = await locationIdOf(context, location);
      const skuId = (await skuIdsByCode(context.db, [sku])).get(sku)!;
      const [found] = await currentReturns(context.reads, [{ locationId, skuId }], cutDay ?? null);
      return found ?? null;
    },
  }),
);

async function locationIdOf(context: Context, code: string): Promise<number> {
  checkText(code, 'location', MAX_CODE);
  return (await locationIdsByCode(context.db, [code])).get(code)!;
}

const LocationReturnForecast = builder.objectRef<LocationReturns>('LocationReturnForecast').implement({
  description: 'The returns of all SKUs together that a place’s usual weeks bring: work for its counter.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a location and night'),
      resolve: (f) => cacheId('LocationReturnForecast', f.locationId, f.cutDay),
    }),
    location: t.field({
      type: Location,
      resolve: (f, _args, context) => locationById(context).load(f.locationId),
    }),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day that it knew of.' }),
    weeks: t.field({ type: [ReturnWeek], resolve: weeksOf }),
  }),
});

builder.queryField('locationReturnForecast', (t) =>
  t.field({
    type: LocationReturnForecast,
    nullable: true,
    description: 'The forecast of returns for a location, all SKUs together; null if there is none.',
    authScopes: STAFF_OR_PLANNERS,
    args: {
      location: t.arg.string({ required: true, description: 'Location code.' }),
      cutDay: t.arg({ type: 'Date', description: CUT_DAY_DESCRIPTION }),
    },
    resolve: async (_root, { location, cutDay }, context) => {
      const locationId = await locationIdOf(context, location);
      mustWorkAt(context.caller, locationId, location);
      const [found] = await locationReturnsOf(context.reads, [locationId], cutDay ?? null);
      return found ?? null;
    },
  }),
);
