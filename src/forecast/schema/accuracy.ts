// The report card of forecasts as planners see it.

import type { GraphQLResolveInfo } from 'graphql';
import { PLANNERS } from '../../access/rules/roleSets';
import { skuBook } from '../../catalog/queries/skus';
import { Sku, skuById } from '../../catalog/schema/sku';
import { distinctIds } from '../../db/codes';
import { LEVELS } from '../../forecaster/series';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationBook } from '../../location/queries/locations';
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
  GROUPINGS,
  ORDERS,
} from '../queries/accuracy';
import { type AccuracyMeasures, HORIZONS, measuresOf } from '../rules/accuracy/scores';

const MAX_CATEGORY = 200;
/** Codes in one filter. */
const MAX_CODES = 500;
/** Runs that are looked at by default (the last 28 have not come to their last horizon), and at the most. */
export const USUAL_RUNS = 56;
const MAX_RUNS = 366;

const ForecastAccuracyGrouping = builder.enumType('ForecastAccuracyGrouping', {
  description: 'What the scores are added up by. CUT_DAY shows drift over time.',
  values: GROUPINGS,
});

const ForecastAccuracyOrderBy = builder.enumType('ForecastAccuracyOrderBy', {
  description: 'What comes first: the grouping’s own order (KEY), or the worst by a measure.',
  values: ORDERS,
});

const ForecastHorizon = builder.enumType('ForecastHorizon', {
  description: 'How far ahead a day was foreseen.',
  values: HORIZONS.map(({ name }) => name),
});

interface LevelAccuracy {
  level: number;
  coverage: number | null;
  pinballLoss: number;
}

const ForecastLevelAccuracy = builder.objectRef<LevelAccuracy>('ForecastLevelAccuracy').implement({
  description: 'How one quantile did.',
  authScopes: PLANNERS,
  fields: (t) => ({
    level: t.exposeFloat('level'),
    coverage: t.exposeFloat('coverage', {
      nullable: true,
      description: 'Share of days at or under the quantile: calibrated, it is the level, or a little more.',
    }),
    pinballLoss: t.exposeFloat('pinballLoss', { description: 'Pinball loss in units, added up.' }),
  }),
});

export interface ScoredGroup extends AccuracyRow {
  measures: AccuracyMeasures;
}

export const ForecastAccuracy = builder.objectRef<ScoredGroup>('ForecastAccuracy').implement({
  description:
    'How good forecasts were, against what was sold since. Days with an empty shelf are left out and counted. A measure is null where it cannot be said: nothing sold, or no scale.',
  authScopes: PLANNERS,
  fields: (t) => {
    const measure = (name: Exclude<keyof AccuracyMeasures, 'coverage'>, description: string) =>
      t.float({ nullable: true, description, resolve: ({ measures }) => measures[name] });
    return {
      location: t.field({
        type: Location,
        nullable: true,
        description: 'By SERIES and by LOCATION.',
        resolve: ({ locationId }, _args, context) =>
          locationId === null ? null : locationById(context).load(locationId),
      }),
      sku: t.field({
        type: Sku,
        nullable: true,
        description: 'By SERIES.',
        resolve: ({ skuId }, _args, context) => (skuId === null ? null : skuById(context).load(skuId)),
      }),
      category: t.exposeString('category', { nullable: true, description: 'By CATEGORY.' }),
      horizon: t.field({
        type: ForecastHorizon,
        nullable: true,
        description: 'By HORIZON.',
        resolve: ({ horizonFrom }) => HORIZONS.find(({ from }) => from === horizonFrom)?.name ?? null,
      }),
      cutDay: t.expose('cutDay', {
        type: 'Date',
        nullable: true,
        description: 'By CUT_DAY: the last day that its forecasts knew.',
      }),
      days: t.exposeInt('days', {
        description: 'Days scored: each day of each series, as often as foreseen.',
      }),
      censoredDays: t.exposeInt('censoredDays', {
        description: 'Days left out: the shelf was empty, and what sold then is no demand.',
      }),
      actual: t.exposeFloat('actual', { description: 'Units sold.' }),
      forecast: t.float({ description: 'Units foreseen.', resolve: ({ measures }) => measures.forecast }),
      absoluteError: t.float({
        description: 'Units missed, added up by day.',
        resolve: (row) => row.absError,
      }),
      wape: measure('wape', 'Units missed over units sold.'),
      bias: measure('bias', 'Units foreseen over units sold, less 1: above 0, too much was foreseen.'),
      mase: measure(
        'mase',
        'Mean absolute scaled error: under 1, better than the naive forecast was before.',
      ),
      maseSeasonal: measure('maseSeasonal', 'The same against the same weekday of the week before.'),
      rmsse: measure('rmsse', 'Root of the mean squared scaled error.'),
      spl: measure('spl', 'Mean scaled pinball loss over the quantiles.'),
      wql: measure(
        'wql',
        'Weighted quantile loss: twice the pinball loss over units sold, mean of the quantiles.',
      ),
      levels: t.field({
        type: [ForecastLevelAccuracy],
        resolve: ({ measures, pinball }) =>
          LEVELS.map((level, i) => ({
            level,
            coverage: measures.coverage[i] ?? null,
            pinballLoss: pinball[i]!,
          })),
      }),
      naiveWape: measure('naiveWape', 'WAPE of the naive forecast (the last known day) on the same days.'),
      weekNaiveWape: measure('weekNaiveWape', 'WAPE of the same weekday last known, on the same days.'),
      valueAdded: measure(
        'valueAdded',
        'naiveWape − wape: what forecasting is worth; below 0, it does harm.',
      ),
      valueAddedWeekly: measure('valueAddedWeekly', 'weekNaiveWape − wape.'),
    };
  },
});

const ForecastAccuracyConnection = connectionOf(ForecastAccuracy);

const ForecastAccuracyFilter = builder.inputType('ForecastAccuracyFilter', {
  fields: (t) => ({
    fromCutDay: t.field({
      type: 'Date',
      description: `First cut day; ${USUAL_RUNS} days up to toCutDay when left out.`,
    }),
    toCutDay: t.field({ type: 'Date', description: 'Last cut day; yesterday when left out.' }),
    locations: t.stringList({ description: `Location codes; all when left out. ${UNKNOWN_CODES}` }),
    skus: t.stringList({ description: `SKU codes; all when left out. ${UNKNOWN_CODES}` }),
    category: t.string({ description: 'A category and all below it.' }),
    horizons: t.field({ type: [ForecastHorizon], description: 'All when left out.' }),
  }),
});

type AccuracyFilterInput = typeof ForecastAccuracyFilter.$inferInput;

/** @throws Refused InvalidInput */
function nightsOf(
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
    ...nightsOf(context, request),
    locationIds:
      locations == null
        ? await allLocationIds(context.db)
        : distinctIds(await idsFound(context, info, locationBook, locations)),
    skuIds: skus == null ? null : distinctIds(await idsFound(context, info, skuBook, skus)),
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
