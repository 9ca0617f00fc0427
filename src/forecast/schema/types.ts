// GraphQL type of a demand forecast, with the fields that its chart needs.

import { PLANNERS } from '../../access/rules/roleSets';
import { SKU_FIELD, skuById } from '../../catalog/schema/sku';
import { LEVELS } from '../../forecaster/series';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { nightlyWindowAt } from '../../location/rules/nightlyWindow';
import { LOCATION_FIELD, locationById } from '../../location/schema/location';
import { checkQuantity } from '../../refusals';
import type { CalendarEvent } from '../../sales/rules/calendar';
import { CalendarEventKind } from '../../sales/schema/calendar';
import { levelOf, StockLevel } from '../../stock/schema/level';
import { daysAfter } from '../../values/time';
import type { PastDay, RunRow } from '../queries/context';
import { concerns } from '../queries/events';
import type { StoredForecast } from '../queries/forecasts';
import { chartPath } from '../rules/chart/link';
import { eventsIn, onOrderOf, pastOf, runOf } from './loaders';
import { daysOf, ForecastDay, ForecastSum, ForecastTrial, sumsOf } from './numbers';

/** Most days of history in one answer, and the default. */
const MAX_HISTORY_DAYS = 1_900;
const USUAL_HISTORY_DAYS = 180;
const USUAL_WINDOWS = [7, 14, 28];

const SalesDay = builder.objectRef<PastDay>('ForecastHistoryDay').implement({
  description: 'Sales of one local day.',
  authScopes: PLANNERS,
  fields: (t) => ({
    day: t.expose('day', { type: 'Date', description: 'Local day.' }),
    units: t.exposeFloat('units', { description: 'Units sold.' }),
    stockedOut: t.exposeBoolean('stockedOut', {
      description: 'True if stock ran out on this day: demand may have been higher than sales.',
    }),
    priceMinor: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Price of a unit in minor units of currency, on that day or on the last day with a sale.',
      resolve: (day) => day.priceMinor,
    }),
  }),
});

const ForecastEvent = builder.objectRef<CalendarEvent>('ForecastEvent').implement({
  description: 'A calendar event that concerns this SKU and location.',
  authScopes: PLANNERS,
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Code of the event.' }),
    name: t.exposeString('name', { description: 'Name of the event.' }),
    kind: t.expose('kind', { type: CalendarEventKind, description: 'What kind of event it is.' }),
    fromDay: t.expose('fromDay', { type: 'Date', description: 'First local day.' }),
    toDay: t.expose('toDay', { type: 'Date', description: 'Last local day.' }),
    priceFactor: t.float({
      nullable: true,
      description: 'Expected price divided by the usual one; null if unchanged.',
      resolve: (event) => event.priceFactor,
    }),
  }),
});

const ForecastRun = builder.objectRef<RunRow>('ForecastRun').implement({
  description: 'The run that made a forecast.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a run'),
      resolve: (run) => cacheId('ForecastRun', run.id),
    }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'Due time of the job forecastDemand.' }),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day whose sales it used.' }),
    horizonDays: t.int({ description: 'Number of days forecast.', resolve: (run) => run.horizon }),
    learntFrom: t.int({
      nullable: true,
      description: 'Number of series it learnt from, over all locations.',
      resolve: (run) => run.learntFrom,
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime' }),
    finishedAt: t.field({ type: 'DateTime', nullable: true, resolve: (run) => run.finishedAt }),
  }),
});

/** The day before today at the forecast's location: the last that is wholly known. */
async function yesterdayAt(context: Context, locationId: number): Promise<string> {
  const { timeZone } = await locationById(context).load(locationId);
  return nightlyWindowAt(timeZone, context.now, 0).cutDay;
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
  const target = { sku: code, category, location: location.code, country: location.country };
  return events.filter((event) => concerns(event, target));
}

export const DemandForecast = builder.objectRef<StoredForecast>('DemandForecast').implement({
  description: 'The demand forecast of one run for one SKU at one location.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a location, SKU and run'),
      resolve: (f) => cacheId('DemandForecast', f.locationId, f.skuId, f.cutDay),
    }),
    sku: t.field(SKU_FIELD),
    location: t.field(LOCATION_FIELD),
    cutDay: t.expose('cutDay', { type: 'Date', description: 'The last local day whose sales it used.' }),
    method: t.exposeString('method', { description: 'The method that won the rolling backtest.' }),
    methodReason: t.exposeString('why', { description: 'In a sentence: why this method.' }),
    trials: t.expose('trials', {
      type: [ForecastTrial],
      description: 'The methods tested, with their results.',
    }),
    recentMean: t.exposeFloat('recentMean', {
      description: 'Units a day over the last 28 known days with stock.',
    }),
    days: t.field({
      type: [ForecastDay],
      description: 'Day by day, from the day after the cut day on.',
      resolve: daysOf,
    }),
    sums: t.field({
      type: [ForecastSum],
      description: 'Demand over whole windows, which stock has to cover.',
      args: {
        windows: t.arg.intList({
          required: true,
          defaultValue: USUAL_WINDOWS,
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
      resolve: sumsOf,
    }),
    history: t.field({
      type: [SalesDay],
      description: 'Sales up to the cut day, from the first known day on.',
      args: {
        days: t.arg.int({ required: true, defaultValue: USUAL_HISTORY_DAYS, description: 'Number of days.' }),
      },
      resolve: ({ locationId, skuId, cutDay }, { days }, context) => {
        checkQuantity(days, 'days', 1, MAX_HISTORY_DAYS);
        const fromDay = daysAfter(cutDay, 1 - days);
        return pastOf(context).load({ locationId, skuId, fromDay, throughDay: cutDay });
      },
    }),
    actuals: t.field({
      type: [SalesDay],
      description: 'Sales since the cut day, up to yesterday; empty for the latest run.',
      resolve: async ({ locationId, skuId, cutDay, mean }, _args, context) => {
        const fromDay = daysAfter(cutDay, 1);
        const ends = [await yesterdayAt(context, locationId), daysAfter(cutDay, mean.length)];
        const throughDay = ends.sort()[0]!;
        return pastOf(context).load({ locationId, skuId, fromDay, throughDay });
      },
    }),
    events: t.field({
      type: [ForecastEvent],
      description: 'Calendar events of the days ahead and of the given past.',
      args: {
        historyDays: t.arg.int({
          required: true,
          defaultValue: USUAL_HISTORY_DAYS,
          description: 'Number of past days.',
        }),
      },
      resolve: (forecast, { historyDays }, context) => eventsOf(context, forecast, historyDays),
    }),
    stock: t.field({
      type: StockLevel,
      description: 'Stock on hand and in transit now.',
      resolve: ({ locationId, skuId }, _args, context) => levelOf(context).load({ locationId, skuId }),
    }),
    onOrder: t.field({
      type: 'BigInt',
      description: 'Units ordered from suppliers for this location and not delivered yet.',
      resolve: ({ locationId, skuId }, _args, context) => onOrderOf(context).load({ locationId, skuId }),
    }),
    run: t.field({
      type: ForecastRun,
      description: 'The run.',
      resolve: (forecast, _args, context) => runOf(context).load(forecast.runId),
    }),
    chartUrl: t.string({
      description:
        'URL of a chart (SVG) on this server. It is signed: it needs no token and works for 30 days. It always shows the newest run.',
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
