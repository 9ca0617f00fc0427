// A forecast as planners see it, with all that a chart of it needs.

import { PLANNERS } from '../../access/rules/roleSets';
import { Sku, skuById } from '../../catalog/schema/sku';
import { LEVELS } from '../../forecaster/series';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { nightAt } from '../../location/rules/nightlyWindow';
import { Location, locationById } from '../../location/schema/location';
import { checkQuantity } from '../../refusals';
import type { CalendarEvent } from '../../sales/rules/calendar';
import { levelOf, StockLevel } from '../../stock/schema/level';
import { daysAfter } from '../../values/time';
import type { PastDay, RunRow } from '../queries/context';
import { concerns } from '../queries/events';
import type { StoredForecast } from '../queries/forecasts';
import { chartPath } from '../rules/chart/link';
import { eventsIn, onOrderOf, pastOf, runOf } from './loaders';
import { daysOf, ForecastDay, ForecastSum, ForecastTrial, sumsOf } from './numbers';

/** Days of history in one answer at most, and when no number is asked for. */
const MAX_HISTORY_DAYS = 1_900;
const USUAL_HISTORY_DAYS = 180;
const USUAL_WINDOWS = [7, 14, 28];

const SalesDay = builder.objectRef<PastDay>('ForecastHistoryDay').implement({
  description: 'What was sold on one local day.',
  authScopes: PLANNERS,
  fields: (t) => ({
    day: t.expose('day', { type: 'Date' }),
    units: t.exposeFloat('units'),
    stockedOut: t.exposeBoolean('stockedOut', {
      description: 'The shelf was empty for all or part of the day: more may have been wanted than was sold.',
    }),
    priceMinor: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'Revenue of one unit, in minor units: of that day, or of the last day with a sale. Sales have no currency, so it is no Money.',
      resolve: (day) => day.priceMinor,
    }),
  }),
});

const ForecastEvent = builder.objectRef<CalendarEvent>('ForecastEvent').implement({
  description: 'An event of the calendar that concerns this shelf.',
  authScopes: PLANNERS,
  fields: (t) => ({
    code: t.exposeString('code'),
    name: t.exposeString('name'),
    kind: t.exposeString('kind', { description: 'HOLIDAY, PROMOTION, CLOSED or OTHER.' }),
    fromDay: t.expose('fromDay', { type: 'Date' }),
    toDay: t.expose('toDay', { type: 'Date', description: 'Its last day.' }),
    priceFactor: t.float({
      nullable: true,
      description: 'Expected price over the usual one.',
      resolve: (event) => event.priceFactor,
    }),
  }),
});

const ForecastRun = builder.objectRef<RunRow>('ForecastRun').implement({
  description: 'The night’s run that made a forecast.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a run'),
      resolve: (run) => cacheId('ForecastRun', run.id),
    }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'The due time of the job forecastDemand.' }),
    cutDay: t.expose('cutDay', { type: 'Date' }),
    horizonDays: t.int({ resolve: (run) => run.horizon }),
    learntFrom: t.int({
      nullable: true,
      description: 'Series that it learnt from, over all its places.',
      resolve: (run) => run.learntFrom,
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.field({ type: 'DateTime', nullable: true, resolve: (run) => run.finishedAt }),
  }),
});

/** The day before today at the forecast's location: the last that is wholly known. */
async function yesterdayAt(context: Context, locationId: number): Promise<string> {
  const { timeZone } = await locationById(context).load(locationId);
  return nightAt(timeZone, context.now, 0).cutDay;
}

async function eventsOf(context: Context, forecast: StoredForecast, days: number): Promise<CalendarEvent[]> {
  checkQuantity(days, 'historyDays', 0, MAX_HISTORY_DAYS);
  const [sku, location, events] = await Promise.all([
    skuById(context).load(forecast.skuId),
    locationById(context).load(forecast.locationId),
    eventsIn(context).load({
      fromDay: daysAfter(forecast.cutDay, 1 - days),
      throughDay: daysAfter(forecast.cutDay, forecast.mean.length),
    }),
  ]);
  const { code, category } = sku;
  const place = { sku: code, category, location: location.code, country: location.country };
  return events.filter((event) => concerns(event, place));
}

export const DemandForecast = builder.objectRef<StoredForecast>('DemandForecast').implement({
  description: 'The demand foreseen in one night for one SKU at one place.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a location, SKU and night'),
      resolve: (f) => cacheId('DemandForecast', f.locationId, f.skuId, f.cutDay),
    }),
    sku: t.field({ type: Sku, resolve: (f, _args, context) => skuById(context).load(f.skuId) }),
    location: t.field({
      type: Location,
      resolve: (f, _args, context) => locationById(context).load(f.locationId),
    }),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day that it knew of.' }),
    method: t.exposeString('method', { description: 'What won the rolling backtest.' }),
    methodReason: t.exposeString('why', { description: 'In a sentence: why this method.' }),
    trials: t.expose('trials', { type: [ForecastTrial], description: 'What was tried, and how it did.' }),
    recentMean: t.exposeFloat('recentMean', {
      description: 'Units a day over the last 28 days that were known and had stock.',
    }),
    days: t.field({
      type: [ForecastDay],
      description: 'Day after day from the day after the cut on.',
      resolve: daysOf,
    }),
    sums: t.field({
      type: [ForecastSum],
      description: 'Demand over whole windows: what stock must cover.',
      args: {
        windows: t.arg.intList({
          required: true,
          defaultValue: USUAL_WINDOWS,
          description: 'Days of each window; also beyond the horizon.',
        }),
        from: t.arg.int({
          required: true,
          defaultValue: 1,
          description: 'They begin so many days after the cut.',
        }),
        levels: t.arg.floatList({ required: true, defaultValue: [...LEVELS] }),
      },
      resolve: sumsOf,
    }),
    history: t.field({
      type: [SalesDay],
      description: 'What was sold up to the cut, from the first day known on.',
      args: { days: t.arg.int({ required: true, defaultValue: USUAL_HISTORY_DAYS }) },
      resolve: ({ locationId, skuId, cutDay }, { days }, context) => {
        checkQuantity(days, 'days', 1, MAX_HISTORY_DAYS);
        const fromDay = daysAfter(cutDay, 1 - days);
        return pastOf(context).load({ locationId, skuId, fromDay, throughDay: cutDay });
      },
    }),
    actuals: t.field({
      type: [SalesDay],
      description: 'What was sold since the cut, up to yesterday: empty for the latest night.',
      resolve: async ({ locationId, skuId, cutDay, mean }, _args, context) => {
        const fromDay = daysAfter(cutDay, 1);
        const ends = [await yesterdayAt(context, locationId), daysAfter(cutDay, mean.length)];
        const throughDay = ends.sort()[0]!;
        return pastOf(context).load({ locationId, skuId, fromDay, throughDay });
      },
    }),
    events: t.field({
      type: [ForecastEvent],
      description: 'Events of the calendar that concern it, in the days ahead and so many days of the past.',
      args: { historyDays: t.arg.int({ required: true, defaultValue: USUAL_HISTORY_DAYS }) },
      resolve: (forecast, { historyDays }, context) => eventsOf(context, forecast, historyDays),
    }),
    stock: t.field({
      type: StockLevel,
      description: 'What is there and on its way now.',
      resolve: ({ locationId, skuId }, _args, context) => levelOf(context).load({ locationId, skuId }),
    }),
    onOrder: t.field({
      type: 'BigInt',
      description: 'Units ordered from suppliers for this place that have not come yet.',
      resolve: ({ locationId, skuId }, _args, context) => onOrderOf(context).load({ locationId, skuId }),
    }),
    run: t.field({
      type: ForecastRun,
      resolve: (forecast, _args, context) => runOf(context).load(forecast.runId),
    }),
    chartUrl: t.string({
      description:
        'Its picture (SVG) for a mail or a wiki, on the address of this API: signed, so that it needs no token, and good for 30 days. Always of the newest night.',
      resolve: async (forecast, _args, context) => {
        const [sku, location] = await Promise.all([
          skuById(context).load(forecast.skuId),
          locationById(context).load(forecast.locationId),
        ]);
        return chartPath(context.secretKey, { sku: sku.code, location: location.code }, context.now);
      },
    }),
  }),
});

export const DemandForecastConnection = connectionOf(DemandForecast);
