// GraphQL of returns forecasts: weeks ahead, their cohorts, and the origin of the rate.

import { PLANNERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { mustWorkAt } from '../../access/rules/roles';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { LEVELS } from '../../forecaster/series';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { loader } from '../../graphql/loaders';
import { locationIdsByCode } from '../../location/queries/locations';
import { LOCATION_FIELD } from '../../location/schema/location';
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
import { ReturnCohort, ReturnPastWeek, ReturnRate, ReturnSum, ReturnWeek, weeksOf } from './returnNumbers';

const MAX_CODE = 100;
const WEEK_DAYS = 7;
const CUT_DAY_DESCRIPTION =
  'Reads the newest run whose last known day is this one or earlier; the newest of all if omitted.';

const pastOf = loader(
  ({ reads }: Context, forecasts: readonly StoredReturns[]): Promise<ReturnsPast[]> =>
    returnsPasts(reads, forecasts),
  (key) => `${shelfKey(key)}:${key.cutDay}`,
);

const ReturnForecast = builder.objectRef<StoredReturns>('ReturnForecast').implement({
  description: 'The return forecast of one run for one SKU at one location.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a location, SKU and run'),
      resolve: (f) => cacheId('ReturnForecast', f.locationId, f.skuId, f.cutDay),
    }),
    sku: t.field(SKU_FIELD),
    location: t.field(LOCATION_FIELD),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day whose data it used.' }),
    weeks: t.field({ type: [ReturnWeek], description: 'Week by week ahead.', resolve: weeksOf }),
    sum: t.field({
      type: ReturnSum,
      description: 'All weeks ahead together.',
      resolve: ({ mean, sumQuantiles, resaleableShare }) => {
        const sum = mean.reduce((a, b) => a + b, 0);
        const quantiles = LEVELS.map((level, i) => ({ level, units: sumQuantiles[i]! }));
        return { mean: sum, resaleable: sum * resaleableShare, quantiles };
      },
    }),
    sales: t.exposeFloatList('sales', { description: 'Expected sales, week by week ahead.' }),
    demandCutDay: t.field({
      type: 'Date',
      nullable: true,
      description:
        'Cut day of the demand forecast used for `sales`; null if the mean of recent weeks was used.',
      resolve: (f) => f.demandCutDay,
    }),
    rate: t.field({
      type: ReturnRate,
      description: 'Share of sold units that are returned.',
      resolve: (f) => f,
    }),
    windowWeeks: t.exposeInt('windowWeeks', {
      description: 'Weeks in which a unit can be returned, that of its sale included.',
    }),
    resaleableShare: t.exposeFloat('resaleableShare', {
      description: 'Share of returns fit for sale, shrunk to that of its category.',
    }),
    resaleableSeen: t.exposeInt('resaleableSeen', {
      description: 'Units of this SKU it was estimated from.',
    }),
    lag: t.floatList({
      description: 'Share of returns that come 0, 1, 2 … weeks after the week of the sale.',
      resolve: async (f, _args, context) => (await pastOf(context).load(f)).lag,
    }),
    cohorts: t.field({
      type: [ReturnCohort],
      description: 'Weeks of sales that can still be returned, most recent first.',
      resolve: async (f, _args, context) =>
        (await pastOf(context).load(f)).cohorts.map((cohort) => ({
          ...cohort,
          fromDay: daysAfter(f.cutDay, -cohort.age * WEEK_DAYS - WEEK_DAYS + 1),
          throughDay: daysAfter(f.cutDay, -cohort.age * WEEK_DAYS),
        })),
    }),
    history: t.field({
      type: [ReturnPastWeek],
      description: 'Weeks up to the cut day, oldest first.',
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
  description: 'The return forecast of a location for all its SKUs together: work for its counter.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a location and run'),
      resolve: (f) => cacheId('LocationReturnForecast', f.locationId, f.cutDay),
    }),
    location: t.field(LOCATION_FIELD),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day whose data it used.' }),
    weeks: t.field({ type: [ReturnWeek], description: 'Week by week ahead.', resolve: weeksOf }),
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
