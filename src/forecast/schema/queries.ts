// GraphQL queries of demand forecasts: one forecast, and pages of them.

import { PLANNERS } from '../../access/rules/roleSets';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { distinctIds } from '../../db/codes';
import { builder } from '../../graphql/builder';
import { keysetPage, MAX_ID, numbersCursor } from '../../graphql/keysetPages';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationIdsByCode, locationLookup } from '../../location/queries/locations';
import { checkCount, checkText, MAX_LINES, refuse } from '../../refusals';
import { optionalLine } from '../../values/typedText';
import type { ShelfKey } from '../queries/forecasts';
import { forecastPage } from '../queries/pages';
import { forecastOf } from './loaders';
import { DemandForecast, DemandForecastConnection } from './types';

const MAX_CODE = 100;
const MAX_CATEGORY = 200;
const CUT_DAY_DESCRIPTION =
  'Reads the newest run whose last known day is this one or earlier; the newest of all if omitted.';

builder.queryField('forecast', (t) =>
  t.field({
    type: DemandForecast,
    nullable: true,
    description:
      'The demand forecast of a SKU at a location; null if there is none, because it never sold there or is no longer sold.',
    authScopes: PLANNERS,
    args: {
      sku: t.arg.string({ required: true, description: 'SKU code.' }),
      location: t.arg.string({ required: true, description: 'Location code.' }),
      cutDay: t.arg({ type: 'Date', description: CUT_DAY_DESCRIPTION }),
    },
    resolve: async (_root, { sku, location, cutDay }, context) => {
      checkText(sku, 'sku', MAX_CODE);
      checkText(location, 'location', MAX_CODE);
      const [skuIds, locationIds] = await Promise.all([
        skuIdsByCode(context.db, [sku]),
        locationIdsByCode(context.db, [location]),
      ]);
      return forecastOf(context).load({
        skuId: skuIds.get(sku)!,
        locationId: locationIds.get(location)!,
        atCutDay: cutDay ?? null,
      });
    },
  }),
);

const DemandForecastFilter = builder.inputType('DemandForecastFilter', {
  description: 'Forecasts that meet every condition given.',
  fields: (t) => ({
    locations: t.stringList({ description: `Location codes. ${UNKNOWN_CODES}` }),
    category: t.string({ description: 'This category and those below it.' }),
    method: t.string({ description: 'The method that won.' }),
    minMean: t.float({ description: 'At least this many units a day.' }),
    cutDay: t.field({ type: 'Date', description: CUT_DAY_DESCRIPTION }),
  }),
});

const shelfCursor = numbersCursor<ShelfKey, ShelfKey>(
  2,
  MAX_ID,
  (s) => [s.locationId, s.skuId],
  ([locationId, skuId]) => ({ locationId: locationId!, skuId: skuId! }),
);

builder.queryField('forecasts', (t) =>
  t.connection(
    {
      type: DemandForecast,
      description: 'The newest demand forecasts of all locations, by location and SKU.',
      authScopes: PLANNERS,
      args: { filter: t.arg({ type: DemandForecastFilter }) },
      resolve: async (_root, args, context, info) => {
        const { locations, category, method, minMean, cutDay } = args.filter ?? {};
        if (locations) checkCount(locations, 'filter.locations', MAX_LINES);
        if (method != null) checkText(method, 'filter.method', MAX_CODE);
        if (minMean != null && !Number.isFinite(minMean)) {
          const path = 'filter.minMean';
          refuse('InvalidInput', `${path} is ${minMean}; it must be a number of units.`, { path });
        }
        const locationIds = locations
          ? distinctIds(await idsFound(context, info, locationLookup, locations))
          : null;
        const filter = {
          locationIds,
          category: optionalLine(category, 'filter.category', MAX_CATEGORY),
          method: method ?? null,
          minMean: minMean ?? null,
          atCutDay: cutDay ?? null,
        };
        return keysetPage(args, shelfCursor, (page) => forecastPage(context.reads, filter, page));
      },
    },
    DemandForecastConnection,
  ),
);
