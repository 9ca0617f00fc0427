// GraphQL of the forecasts of sums: of a category, a location, a group of locations, or the chain.

import { PLANNERS } from '../../access/rules/roleSets';
import { boundTo, mustWorkAt } from '../../access/rules/roles';
import { distinctIds } from '../../db/codes';
import { LEVELS } from '../../forecaster/series';
import { quantile } from '../../forecaster/spread/distribution';
import { expectedSum, sumDistribution } from '../../forecaster/spread/spread';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { described } from '../../graphql/described';
import { locationIdsByCode } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { checkCount, checkQuantity, checkText, MAX_LINES, refuse } from '../../refusals';
import { daysAfter } from '../../values/time';
import { optionalLine } from '../../values/typedText';
import {
  exactly,
  groupLocationIds,
  LEVEL_HISTORY_DAYS,
  type LevelCell,
  type LevelForecastRecord,
  levelForecast,
} from '../queries/levels';
import { chartPath, MAX_CHART_LOCATIONS } from '../rules/chart/link';
import { type LevelDay, LevelForecastSum, LevelHistoryDay, type LevelSum } from './levelNumbers';
import { checkSumArgs, daysOf, ForecastDay, quantilesAt } from './numbers';

const MAX_CODE = 100;
const MAX_CATEGORY = 200;
const USUAL_HISTORY_DAYS = 84;
const WEEK = 7;

interface LevelPart {
  category: string | null;
  locationId: number | null;
  cells: LevelCell[];
}

const meansOf = (cells: readonly LevelCell[], of: 'mean' | 'shelves'): number[] =>
  cells[0]!.mean.map((_, h) => exactly(cells.reduce((sum, cell) => sum + cell[of][h]!, 0)));
const totalOf = (units: readonly number[]): number => exactly(units.reduce((sum, each) => sum + each, 0));
const weeksOf = (means: readonly number[]): number[] =>
  Array.from({ length: Math.ceil(means.length / WEEK) }, (_, w) =>
    totalOf(means.slice(w * WEEK, (w + 1) * WEEK)),
  );

const LevelForecastPart = builder.objectRef<LevelPart>('LevelForecastPart').implement({
  description: 'One category or location of a sum. All parts together are the sum, in each of their numbers.',
  authScopes: PLANNERS,
  fields: (t) => ({
    category: t.exposeString('category', { nullable: true, description: 'The category, by CATEGORY.' }),
    location: t.field({
      type: Location,
      nullable: true,
      description: 'The location, by LOCATION.',
      resolve: ({ locationId }, _args, context) =>
        locationId === null ? null : locationById(context).load(locationId),
    }),
    mean: t.float({
      description: 'Expected units over all days ahead.',
      resolve: ({ cells }) => totalOf(meansOf(cells, 'mean')),
    }),
    unscaledMean: t.float({
      description: 'Units expected of its SKUs on their own, before their forecasts were scaled to the sum.',
      resolve: ({ cells }) => totalOf(meansOf(cells, 'shelves')),
    }),
    weeks: t.floatList({
      description: 'Expected units of the weeks ahead.',
      resolve: ({ cells }) => weeksOf(meansOf(cells, 'mean')),
    }),
    days: t.floatList({
      description: 'Expected units of the days ahead.',
      resolve: ({ cells }) => meansOf(cells, 'mean'),
    }),
  }),
});

const GROUPINGS = ['CATEGORY', 'LOCATION'] as const;

const LevelForecastGrouping = builder.enumType('LevelForecastGrouping', {
  description: 'What a sum is broken down by.',
  values: described<(typeof GROUPINGS)[number]>({
    CATEGORY: 'One part for each topmost category.',
    LOCATION: 'One part for each location.',
  }),
});

function partsOf({ cells }: LevelForecastRecord, by: (typeof GROUPINGS)[number]): LevelPart[] {
  const parts = new Map<string | number, LevelPart>();
  for (const cell of cells) {
    const key = by === 'CATEGORY' ? cell.category : cell.locationId;
    const part = parts.get(key) ?? {
      category: by === 'CATEGORY' ? cell.category : null,
      locationId: by === 'LOCATION' ? cell.locationId : null,
      cells: [],
    };
    parts.set(key, part);
    part.cells.push(cell);
  }
  return [...parts.values()].sort((a, b) =>
    a.category === null || b.category === null ? 0 : a.category < b.category ? -1 : 1,
  );
}

export const LevelForecast = builder.objectRef<LevelForecastRecord>('LevelForecast').implement({
  description:
    'The demand forecast of a sum: of all SKUs of a category, at some locations or all. It is the sum of the forecasts of its SKUs, day by day.',
  authScopes: PLANNERS,
  fields: (t) => ({
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day whose sales it used.' }),
    category: t.exposeString('category', { nullable: true, description: 'The category; null for all.' }),
    locations: t.field({
      type: [Location],
      description: 'The locations that it is the sum of: the requested ones that have a forecast.',
      resolve: ({ cells }, _args, context) =>
        [...new Set(cells.map(({ locationId }) => locationId))].map((id) => locationById(context).load(id)),
    }),
    days: t.field({
      type: [ForecastDay],
      description: 'Day by day, from the day after the cut day on.',
      resolve: daysOf,
    }),
    mean: t.float({
      description: 'Expected units over all days ahead.',
      resolve: ({ mean }) => totalOf(mean),
    }),
    unscaledMean: t.float({
      description: 'Units expected of its SKUs on their own, before their forecasts were scaled to the sum.',
      resolve: ({ cells }) => totalOf(meansOf(cells, 'shelves')),
    }),
    sums: t.field({
      type: [LevelForecastSum],
      description: 'Demand over whole windows.',
      args: {
        windows: t.arg.intList({
          required: true,
          defaultValue: [7, 14, 28],
          description: 'Lengths of the windows in days, also beyond the horizon; at most 10.',
        }),
        from: t.arg.int({
          required: true,
          defaultValue: 1,
          description: 'First day of the windows, in days after the cut day.',
        }),
        levels: t.arg.floatList({
          required: true,
          defaultValue: [...LEVELS],
          description: 'Levels of the quantiles; at most 20.',
        }),
      },
      resolve: (forecast, args): LevelSum[] => {
        checkSumArgs(args);
        return args.windows.map((days) => {
          const distribution = sumDistribution(forecast, args.from, days);
          return {
            fromDay: daysAfter(forecast.cutDay, args.from),
            days,
            mean: exactly(expectedSum(forecast.mean, args.from, days)),
            quantiles: quantilesAt(args.levels, (level) => quantile(distribution, level)),
          };
        });
      },
    }),
    chartUrl: t.string({
      nullable: true,
      description: `URL of a chart (SVG) on this server. It is signed: it needs no token and works for 30 days. It always shows the newest run. Null for more than ${MAX_CHART_LOCATIONS} of the locations.`,
      resolve: async ({ category, cells, isWhole }, _args, context) => {
        const ids = isWhole ? [] : [...new Set(cells.map(({ locationId }) => locationId))];
        if (ids.length > MAX_CHART_LOCATIONS) return null;
        const locations = await Promise.all(ids.map((id) => locationById(context).load(id)));
        const charted = { category, locations: locations.map(({ code }) => code) };
        return chartPath(context.secretKey, charted, context.now);
      },
    }),
    parts: t.field({
      type: [LevelForecastPart],
      description: 'The sum broken down.',
      args: {
        by: t.arg({ type: LevelForecastGrouping, required: true, description: 'What it is broken down by.' }),
      },
      resolve: (forecast, { by }) => partsOf(forecast, by),
    }),
    history: t.field({
      type: [LevelHistoryDay],
      description: 'Units sold up to the cut day, as they were known then; oldest first.',
      args: {
        days: t.arg.int({ required: true, defaultValue: USUAL_HISTORY_DAYS, description: 'Number of days.' }),
      },
      resolve: ({ cutDay, history }, { days }): LevelDay[] => {
        checkQuantity(days, 'days', 1, LEVEL_HISTORY_DAYS);
        const last = history.slice(-days);
        return last.map((units, i) => ({
          day: daysAfter(cutDay, i + 1 - last.length),
          units: Number.isNaN(units) ? null : units,
        }));
      },
    }),
  }),
});

interface LevelArgs {
  category?: string | null;
  locations?: readonly string[] | null;
  locationGroup?: string | null;
}

/** The locations of a request, of those that the caller may see; null: all. @throws Refused NotFound, Forbidden */
async function locationsOf(
  context: Context,
  { locations, locationGroup }: LevelArgs,
): Promise<number[] | null> {
  const bound = boundTo(context.caller);
  if (locations != null && locationGroup != null)
    refuse('InvalidInput', 'Name locations or a locationGroup, not both.', { path: 'locationGroup' });
  if (locations != null) {
    checkCount(locations, 'locations', MAX_LINES);
    for (const [i, code] of locations.entries()) checkText(code, `locations.${i}`, MAX_CODE);
    const ids = await locationIdsByCode(context.db, locations);
    for (const code of locations) mustWorkAt(context.caller, ids.get(code)!, code);
    return distinctIds(ids);
  }
  if (locationGroup == null) return bound === null ? null : [...bound];
  checkText(locationGroup, 'locationGroup', MAX_CODE);
  const ids = await groupLocationIds(context.db, locationGroup);
  if (ids.length === 0)
    refuse('NotFound', `No location is in the group '${locationGroup}'; look at Location.groups.`, {
      what: 'LocationGroup',
      keys: [locationGroup],
    });
  return bound === null ? ids : ids.filter((id) => bound.includes(id));
}

builder.queryField('levelForecast', (t) =>
  t.field({
    type: LevelForecast,
    nullable: true,
    description:
      'The demand forecast of a category at some locations or all; null if there is none. All such forecasts of one cut day add up exactly.',
    authScopes: PLANNERS,
    args: {
      category: t.arg.string({ description: 'A topmost category; all if omitted.' }),
      locations: t.arg.stringList({
        description: 'Location codes; all locations of the caller if omitted.',
      }),
      locationGroup: t.arg.string({ description: 'Code of a group of locations, instead of their codes.' }),
      cutDay: t.arg({
        type: 'Date',
        description:
          'Reads the newest runs whose last known day is this one or earlier; the newest of all if omitted.',
      }),
    },
    resolve: async (_root, args, context) => {
      const category = optionalLine(args.category, 'category', MAX_CATEGORY);
      if (category?.includes('/')) {
        const top = category.split('/', 1)[0];
        refuse(
          'InvalidInput',
          `category is '${category}'; sums are forecast by topmost category: '${top}'.`,
          {
            path: 'category',
          },
        );
      }
      const locationIds = await locationsOf(context, args);
      return levelForecast(context.reads, { category, locationIds, atCutDay: args.cutDay ?? null });
    },
  }),
);
