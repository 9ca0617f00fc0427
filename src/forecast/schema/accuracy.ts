// GraphQL of forecast accuracy: rows, filters and totals.

import type { GraphQLResolveInfo } from 'graphql';
import { PLANNERS } from '../../access/rules/roleSets';
import { skuLookup } from '../../catalog/queries/skus';
import { Sku, skuById } from '../../catalog/schema/sku';
import { distinctIds } from '../../db/codes';
import { LEVELS } from '../../forecaster/series';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { described } from '../../graphql/described';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationLookup } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { checkCount, refuse } from '../../refusals';
import { dayNumber, dayOf } from '../../values/time';
import { optionalLine } from '../../values/typedText';
import {
  type AccuracyFilter,
  type AccuracyKey,
  type AccuracyRow,
  accuracyPage,
  allLocationIds,
  type GROUPINGS,
  type ORDERS,
} from '../queries/accuracy';
import { type AccuracyMeasures, HORIZONS, measuresOf } from '../rules/accuracy/scores';

const MAX_CATEGORY = 200;
/** Codes in one filter. */
const MAX_CODES = 500;
/** Runs that are looked at by default (the last 28 have not come to their last horizon), and at the most. */
export const USUAL_RUNS = 56;
const MAX_RUNS = 366;

const ForecastAccuracyGrouping = builder.enumType('ForecastAccuracyGrouping', {
  description: 'What accuracy is aggregated by.',
  values: described<(typeof GROUPINGS)[number]>({
    SERIES: 'One row for each SKU at a location.',
    CATEGORY: 'One row for each category.',
    LOCATION: 'One row for each location.',
    HORIZON: 'One row for each horizon.',
    CUT_DAY: 'One row for each cut day, which shows changes over time.',
  }),
});

const ForecastAccuracyOrderBy = builder.enumType('ForecastAccuracyOrderBy', {
  description: 'The order of the rows: by key, or worst first by a measure.',
  values: described<(typeof ORDERS)[number]>({
    KEY: 'By the key of the grouping.',
    ABSOLUTE_ERROR: 'Largest absolute error first.',
    WAPE: 'Largest WAPE first.',
    BIAS: 'Largest bias first.',
    MASE: 'Largest MASE first.',
    PINBALL_LOSS: 'Largest scaled pinball loss first.',
  }),
});

const ForecastHorizon = builder.enumType('ForecastHorizon', {
  description: 'How far ahead a day was forecast.',
  values: described<(typeof HORIZONS)[number]['name']>({
    DAY_1: 'The next day.',
    DAYS_2_TO_7: '2 to 7 days ahead.',
    DAYS_8_TO_14: '8 to 14 days ahead.',
    DAYS_15_TO_28: '15 to 28 days ahead.',
  }),
});

interface LevelAccuracy {
  level: number;
  coverage: number | null;
  pinballLoss: number;
}

const ForecastLevelAccuracy = builder.objectRef<LevelAccuracy>('ForecastLevelAccuracy').implement({
  description: 'Accuracy of one quantile.',
  authScopes: PLANNERS,
  fields: (t) => ({
    level: t.exposeFloat('level', { description: 'Level of the quantile.' }),
    coverage: t.exposeFloat('coverage', {
      nullable: true,
      description:
        'Share of days with sales at or below the quantile. If calibrated, it is the level or slightly more.',
    }),
    pinballLoss: t.exposeFloat('pinballLoss', { description: 'Sum of pinball losses in units.' }),
  }),
});

export interface ScoredGroup extends AccuracyRow {
  measures: AccuracyMeasures;
}

/** A measure as a field. */
const measure = (name: Exclude<keyof AccuracyMeasures, 'coverage'>, description: string) => ({
  nullable: true as const,
  description,
  resolve: ({ measures }: ScoredGroup) => measures[name],
});

export const ForecastAccuracy = builder.objectRef<ScoredGroup>('ForecastAccuracy').implement({
  description:
    'Accuracy of forecasts compared with later sales. Days without stock are excluded and counted. A measure is null if it is undefined: nothing was sold, or there is no scale.',
  authScopes: PLANNERS,
  fields: (t) => ({
    location: t.field({
      type: Location,
      nullable: true,
      description: 'The location, by SERIES or LOCATION.',
      resolve: ({ locationId }, _args, context) =>
        locationId === null ? null : locationById(context).load(locationId),
    }),
    sku: t.field({
      type: Sku,
      nullable: true,
      description: 'The SKU, by SERIES.',
      resolve: ({ skuId }, _args, context) => (skuId === null ? null : skuById(context).load(skuId)),
    }),
    category: t.exposeString('category', { nullable: true, description: 'The category, by CATEGORY.' }),
    horizon: t.field({
      type: ForecastHorizon,
      nullable: true,
      description: 'The horizon, by HORIZON.',
      resolve: ({ horizonFrom }) => HORIZONS.find(({ from }) => from === horizonFrom)?.name ?? null,
    }),
    cutDay: t.expose('cutDay', {
      type: 'Date',
      nullable: true,
      description: 'By CUT_DAY: the last day that its forecasts knew.',
    }),
    days: t.exposeInt('days', {
      description: 'Scored days: each day of each series, as often as it was forecast.',
    }),
    censoredDays: t.exposeInt('censoredDays', {
      description: 'Days excluded because stock ran out: their sales are not the demand.',
    }),
    actual: t.exposeFloat('actual', { description: 'Units sold.' }),
    forecast: t.float({ description: 'Units forecast.', resolve: ({ measures }) => measures.forecast }),
    absoluteError: t.float({
      description: 'Sum of absolute errors by day, in units.',
      resolve: (row) => row.absError,
    }),
    wape: t.float(
      measure('wape', 'Weighted absolute percentage error: absolute error divided by units sold.'),
    ),
    bias: t.float(
      measure('bias', 'Units forecast divided by units sold, minus 1; positive if forecasts were too high.'),
    ),
    mase: t.float(measure('mase', 'Mean absolute scaled error; below 1 is better than the naive forecast.')),
    maseSeasonal: t.float(
      measure('maseSeasonal', 'Mean absolute scaled error, scaled by the same weekday of the week before.'),
    ),
    rmsse: t.float(measure('rmsse', 'Root mean squared scaled error.')),
    spl: t.float(measure('spl', 'Mean scaled pinball loss over the quantiles.')),
    wql: t.float(
      measure(
        'wql',
        'Weighted quantile loss: twice the pinball loss divided by units sold, averaged over the quantiles.',
      ),
    ),
    levels: t.field({
      type: [ForecastLevelAccuracy],
      description: 'Accuracy by quantile.',
      resolve: ({ measures, pinball }) =>
        LEVELS.map((level, i) => ({
          level,
          coverage: measures.coverage[i] ?? null,
          pinballLoss: pinball[i]!,
        })),
    }),
    naiveWape: t.float(
      measure('naiveWape', 'WAPE of the naive forecast (the last known day) on the same days.'),
    ),
    weekNaiveWape: t.float(
      measure('weekNaiveWape', 'WAPE of the same weekday last known, on the same days.'),
    ),
    valueAdded: t.float(
      measure('valueAdded', 'naiveWape − wape: what forecasting is worth; below 0, it does harm.'),
    ),
    valueAddedWeekly: t.float(measure('valueAddedWeekly', 'weekNaiveWape − wape.')),
  }),
});

const ForecastAccuracyConnection = connectionOf(ForecastAccuracy);

const ForecastAccuracyFilter = builder.inputType('ForecastAccuracyFilter', {
  description: 'Scores that meet every condition given.',
  fields: (t) => ({
    fromCutDay: t.field({
      type: 'Date',
      description: `First cut day; ${USUAL_RUNS} days up to toCutDay if omitted.`,
    }),
    toCutDay: t.field({ type: 'Date', description: 'Last cut day; yesterday if omitted.' }),
    locations: t.stringList({ description: `Location codes; all if omitted. ${UNKNOWN_CODES}` }),
    skus: t.stringList({ description: `SKU codes; all if omitted. ${UNKNOWN_CODES}` }),
    category: t.string({ description: 'A category and those below it.' }),
    horizons: t.field({ type: [ForecastHorizon], description: 'Only these horizons; all if omitted.' }),
  }),
});

type AccuracyFilterInput = typeof ForecastAccuracyFilter.$inferInput;

/** @throws Refused InvalidInput */
function cutDayRange(
  context: Context,
  { fromCutDay, toCutDay }: AccuracyFilterInput,
): { fromCutDay: string; toCutDay: string } {
  const to = dayNumber(toCutDay ?? dayOf(dayNumber(context.now.toISOString().slice(0, 10)) - 1));
  const from = fromCutDay == null ? to - USUAL_RUNS + 1 : dayNumber(fromCutDay);
  if (from > to || to - from >= MAX_RUNS) {
    const message = `fromCutDay … toCutDay are ${to - from + 1} days; ask for 1 to ${MAX_RUNS}.`;
    refuse('InvalidInput', message, { path: 'filter.fromCutDay' });
  }
  return { fromCutDay: dayOf(from), toCutDay: dayOf(to) };
}

/** @throws Refused InvalidInput, NotFound */
async function filterOf(
  context: Context,
  info: GraphQLResolveInfo,
  request: AccuracyFilterInput,
): Promise<AccuracyFilter> {
  const { locations, skus, category, horizons } = request;
  if (locations != null) checkCount(locations, 'filter.locations', MAX_CODES);
  if (skus != null) checkCount(skus, 'filter.skus', MAX_CODES);
  if (horizons != null) checkCount(horizons, 'filter.horizons', HORIZONS.length);
  return {
    ...cutDayRange(context, request),
    locationIds:
      locations == null
        ? await allLocationIds(context.db)
        : distinctIds(await idsFound(context, info, locationLookup, locations)),
    skuIds: skus == null ? null : distinctIds(await idsFound(context, info, skuLookup, skus)),
    horizonsFrom: HORIZONS.filter(({ name }) => horizons?.includes(name) ?? true).map(({ from }) => from),
    category: optionalLine(category, 'filter.category', MAX_CATEGORY),
  };
}

const MAX_KEY = 250;
const accuracyCursor: CursorForm<AccuracyKey, AccuracyKey> = {
  write: ({ rank, key }) => `${rank} ${key}`,
  read(text) {
    const [, rank = '', key = ''] =
      /^(\d{1,20}(?:\.\d{1,10})?(?:e[+-]\d{1,3})?) ([^\0]{0,250})$/.exec(text) ?? [];
    return rank === '' || key.length > MAX_KEY ? null : { rank: Number(rank), key };
  },
};

builder.queryField('forecastAccuracy', (t) =>
  t.connection(
    {
      type: ForecastAccuracy,
      forwardOnly: true,
      description: 'Accuracy of past forecasts, aggregated by series, category, location, horizon or run.',
      authScopes: PLANNERS,
      args: {
        by: t.arg({
          type: ForecastAccuracyGrouping,
          required: true,
          description: 'What the scores are aggregated by.',
        }),
        filter: t.arg({ type: ForecastAccuracyFilter }),
        orderBy: t.arg({
          type: ForecastAccuracyOrderBy,
          defaultValue: 'KEY',
          required: true,
          description: 'The order of the rows.',
        }),
      },
      resolve: async (_root, { by, filter, orderBy, ...args }, context, info) => {
        const request = await filterOf(context, info, filter ?? {});
        return forwardPage<ScoredGroup, AccuracyKey>(args, accuracyCursor, async (after, limit) => {
          const rows = await accuracyPage(context.reads, by, request, orderBy, after, limit);
          return rows.map((row) => ({ ...row, measures: measuresOf(row) }));
        });
      },
    },
    ForecastAccuracyConnection,
  ),
);
