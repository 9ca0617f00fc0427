// Policy replay as planners ask for it: the last weeks of real history under two policies, side by side.

import { PLANNERS } from '../../access/rules/roleSets';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { MAX_PAGE, USUAL_PAGE } from '../../graphql/limits';
import { Money } from '../../graphql/money';
import { Location, locationById } from '../../location/schema/location';
import { checkQuantity } from '../../refusals';
import {
  MAX_REPLAY_FORECASTS,
  MAX_REPLAY_SHELVES,
  MAX_REPLAY_WEEKS,
  type ReplayResult,
  type ReplayRow,
} from '../queries/replay';
import { measuresOfSimulated, type Simulated } from '../rules/simulate';
import { WARM_UP_DAYS } from '../rules/simulateReplay';
import { replayInThread } from './dryRunPool';
import { changeOf, DryRunFilterInput, dryRunFilter, PolicyChangeInput } from './whatIf';

const LEAST_WEEKS = 1;

const ReplayOutcome = builder.objectRef<Simulated>('ReplayOutcome').implement({
  description: 'What the counted days came to under one policy. Units.',
  authScopes: PLANNERS,
  fields: (t) => ({
    demand: t.exposeFloat('demand', { description: 'Wanted: what was really sold.' }),
    served: t.exposeFloat('served', { description: 'Sold from the simulated shelf.' }),
    lost: t.exposeFloat('lost', { description: 'Wanted when it was empty.' }),
    averageStock: t.float({
      nullable: true,
      description: 'On hand at the close of an average day, all shelves together.',
      resolve: averageStock,
    }),
    daysOfSupply: t.float({
      nullable: true,
      description: 'Average stock over average demand a day.',
      resolve: (s) => measuresOfSimulated(s).daysOfSupply,
    }),
    fillRate: t.float({ nullable: true, resolve: (s) => measuresOfSimulated(s).fillRate }),
    cycleService: t.float({
      nullable: true,
      description: 'Share of review cycles in which nothing was missed.',
      resolve: (s) => measuresOfSimulated(s).cycleService,
    }),
    orders: t.exposeInt('orders', { description: 'Order lines.' }),
    unitsOrdered: t.exposeFloat('unitsOrdered'),
  }),
});

/** Shelves live their days beside each other. */
interface CountedShelves extends Simulated {
  shelves?: number;
}

function averageStock(s: CountedShelves): number | null {
  const average = measuresOfSimulated(s).averageStock;
  return average === null ? null : average * (s.shelves ?? 1);
}

const ReplayDifference = builder
  .objectRef<{ a: CountedShelves; b: CountedShelves }>('ReplayDifference')
  .implement({
    description: 'B less A.',
    authScopes: PLANNERS,
    fields: (t) => {
      const difference = (description: string, of: (s: CountedShelves) => number | null) =>
        t.float({
          nullable: true,
          description,
          resolve: ({ a, b }) => {
            const [before, after] = [of(a), of(b)];
            return before === null || after === null ? null : after - before;
          },
        });
      return {
        averageStock: difference('Units on hand at the close of an average day.', averageStock),
        fillRate: difference('Share of the units wanted.', (s) => measuresOfSimulated(s).fillRate),
        cycleService: difference('Share of the review cycles.', (s) => measuresOfSimulated(s).cycleService),
        orders: difference('Order lines.', (s) => s.orders),
        lost: difference('Units.', (s) => s.lost),
      };
    },
  });

const ReplayShelf = builder.objectRef<ReplayRow>('ReplayShelf').implement({
  description: 'One shelf under both policies.',
  authScopes: PLANNERS,
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: (row, _args, context) => skuById(context).load(row.skuId) }),
    location: t.field({
      type: Location,
      resolve: (row, _args, context) => locationById(context).load(row.locationId),
    }),
    a: t.field({ type: ReplayOutcome, resolve: (row) => row.a }),
    b: t.field({ type: ReplayOutcome, resolve: (row) => row.b }),
    difference: t.field({ type: ReplayDifference, resolve: (row) => row }),
    stockDifference: t.field({
      type: Money,
      nullable: true,
      description: 'Money that B’s average stock takes more, at cost; null where that is not known.',
      resolve: ({ a, b, unitCostMinor, costCurrency }) => {
        const more = (averageStock(b) ?? 0) - (averageStock(a) ?? 0);
        return unitCostMinor === null || costCurrency === null
          ? null
          : { amountMinor: Math.round(more * unitCostMinor), currency: costCurrency };
      },
    }),
  }),
});

const largestFirst = (rows: readonly ReplayRow[]): ReplayRow[] =>
  [...rows].sort(
    (x, y) =>
      Math.abs(y.b.lost - y.a.lost) - Math.abs(x.b.lost - x.a.lost) ||
      Math.abs(y.b.stockDays - y.a.stockDays) - Math.abs(x.b.stockDays - x.a.stockDays) ||
      x.skuId - y.skuId ||
      x.locationId - y.locationId,
  );

const counted = (result: ReplayResult, side: 'a' | 'b'): CountedShelves => ({
  ...result[side],
  shelves: result.shelves,
});

const Replay = builder.objectRef<ReplayResult>('PolicyReplay').implement({
  description: `Real history lived through again under two policies. ${WARM_UP_DAYS} days before the counted ones warm up.`,
  authScopes: PLANNERS,
  fields: (t) => ({
    shelfCount: t.exposeInt('shelves', { description: 'Shelves that were replayed: those that sell.' }),
    fromDay: t.expose('fromDay', { type: 'Date', nullable: true, description: 'The first counted day.' }),
    toDay: t.expose('toDay', { type: 'Date', nullable: true }),
    a: t.field({ type: ReplayOutcome, resolve: (result) => counted(result, 'a') }),
    b: t.field({ type: ReplayOutcome, resolve: (result) => counted(result, 'b') }),
    difference: t.field({
      type: ReplayDifference,
      resolve: (result) => ({ a: counted(result, 'a'), b: counted(result, 'b') }),
    }),
    forecastsRead: t.exposeInt('forecastsRead', { description: 'Forecasts that were made on those nights.' }),
    forecastsMade: t.exposeInt('forecastsMade', {
      description: 'Forecasts made again, from nothing that was not known then.',
    }),
    censoredDays: t.exposeInt('censoredDays', {
      description: 'Counted days of shelves that were really empty: what sold then is less than was wanted.',
    }),
    shelves: t.field({
      type: [ReplayShelf],
      description: 'Those whose lost sales, then stock, differ most.',
      args: { first: t.arg.int({ defaultValue: USUAL_PAGE, required: true }) },
      resolve: ({ rows }, { first }) => {
        checkQuantity(first, 'first', 1, MAX_PAGE);
        return largestFirst(rows).slice(0, first);
      },
    }),
  }),
});

builder.queryField('replayPolicy', (t) =>
  t.field({
    type: Replay,
    description: `The last weeks of real sales under two policies, each review with the forecast of its night: stock, fill rate, orders, lost units. Each shelf alone: its source is never short. Touches nothing. At most ${MAX_REPLAY_SHELVES} shelves, ${MAX_REPLAY_WEEKS} weeks and ${MAX_REPLAY_FORECASTS} reviews.`,
    authScopes: PLANNERS,
    args: {
      weeks: t.arg.int({ required: true, description: `Counted weeks, up to ${MAX_REPLAY_WEEKS}.` }),
      a: t.arg({ type: PolicyChangeInput, description: 'The first policy; the current policy if omitted.' }),
      b: t.arg({
        type: PolicyChangeInput,
        required: true,
        description: 'The second policy, as changes of the current one.',
      }),
      filter: t.arg({ type: DryRunFilterInput }),
    },
    resolve: async (_root, { weeks, a, b, filter }, context, info) => {
      checkQuantity(weeks, 'weeks', LEAST_WEEKS, MAX_REPLAY_WEEKS);
      const request = {
        a: changeOf(a ?? {}, 'a'),
        b: changeOf(b, 'b'),
        weeks,
        filter: await dryRunFilter(context, info, filter ?? {}),
      };
      return replayInThread(context.db, request, context.now);
    },
  }),
);
