// GraphQL of policy replay: the last weeks of real history under two policies, side by side.

import { PLANNERS } from '../../access/rules/roleSets';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { MAX_PAGE, USUAL_PAGE } from '../../graphql/limits';
import { Money } from '../../graphql/money';
import { LOCATION_FIELD } from '../../location/schema/location';
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
  description: 'Simulated results of one policy over the counted days, in units.',
  authScopes: PLANNERS,
  fields: (t) => ({
    demand: t.exposeFloat('demand', { description: 'Units demanded: what was really sold.' }),
    served: t.exposeFloat('served', { description: 'Units sold from simulated stock.' }),
    lost: t.exposeFloat('lost', { description: 'Units demanded without stock.' }),
    averageStock: t.float({
      nullable: true,
      description: 'Average units on hand at the end of a day, over all SKUs and locations.',
      resolve: averageStock,
    }),
    daysOfSupply: t.float({
      nullable: true,
      description: 'Average stock divided by average demand a day.',
      resolve: (s) => measuresOfSimulated(s).daysOfSupply,
    }),
    fillRate: t.float({
      nullable: true,
      description: 'Units served divided by units demanded; null without demand.',
      resolve: (s) => measuresOfSimulated(s).fillRate,
    }),
    cycleService: t.float({
      nullable: true,
      description: 'Share of review cycles without lost units.',
      resolve: (s) => measuresOfSimulated(s).cycleService,
    }),
    orders: t.exposeInt('orders', { description: 'Number of order lines.' }),
    unitsOrdered: t.exposeFloat('unitsOrdered', { description: 'Units ordered.' }),
  }),
});

/** Sums over simulated shelves. */
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
    description: 'Results of the second policy minus those of the first.',
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
        averageStock: difference('Difference of average units on hand.', averageStock),
        fillRate: difference('Difference of fill rates.', (s) => measuresOfSimulated(s).fillRate),
        cycleService: difference('Difference of cycle service.', (s) => measuresOfSimulated(s).cycleService),
        orders: difference('Difference of order lines.', (s) => s.orders),
        lost: difference('Difference of lost units.', (s) => s.lost),
      };
    },
  });

const ReplayShelf = builder.objectRef<ReplayRow>('ReplayShelf').implement({
  description: 'One SKU at one location with both policies.',
  authScopes: PLANNERS,
  fields: (t) => ({
    sku: t.field(SKU_FIELD),
    location: t.field(LOCATION_FIELD),
    a: t.field({ type: ReplayOutcome, description: 'Results of the first policy.', resolve: (row) => row.a }),
    b: t.field({
      type: ReplayOutcome,
      description: 'Results of the second policy.',
      resolve: (row) => row.b,
    }),
    difference: t.field({
      type: ReplayDifference,
      description: 'Results of the second policy minus those of the first.',
      resolve: (row) => row,
    }),
    stockDifference: t.field({
      type: Money,
      nullable: true,
      description: 'Cost of the additional average stock of the second policy; null if unknown.',
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
  description: `Past weeks simulated with two policies. ${WARM_UP_DAYS} further days before them serve as warm-up.`,
  authScopes: PLANNERS,
  fields: (t) => ({
    shelfCount: t.exposeInt('shelves', {
      description: 'Number of SKUs at locations that were simulated: those with sales.',
    }),
    fromDay: t.expose('fromDay', {
      type: 'Date',
      nullable: true,
      description: 'First counted day; null if nothing was simulated.',
    }),
    toDay: t.expose('toDay', {
      type: 'Date',
      nullable: true,
      description: 'Last counted day; null if nothing was simulated.',
    }),
    a: t.field({
      type: ReplayOutcome,
      description: 'Results of the first policy.',
      resolve: (result) => counted(result, 'a'),
    }),
    b: t.field({
      type: ReplayOutcome,
      description: 'Results of the second policy.',
      resolve: (result) => counted(result, 'b'),
    }),
    difference: t.field({
      type: ReplayDifference,
      description: 'Results of the second policy minus those of the first.',
      resolve: (result) => ({ a: counted(result, 'a'), b: counted(result, 'b') }),
    }),
    forecastsRead: t.exposeInt('forecastsRead', {
      description: 'Forecasts read that were made at that time.',
    }),
    forecastsMade: t.exposeInt('forecastsMade', {
      description: 'Forecasts made now, from data known at that time.',
    }),
    censoredDays: t.exposeInt('censoredDays', {
      description: 'Counted days on which stock really ran out: demand was higher than these sales.',
    }),
    shelves: t.field({
      type: [ReplayShelf],
      description: 'SKUs at locations with the largest differences of lost sales, then of stock.',
      args: {
        first: t.arg.int({
          defaultValue: USUAL_PAGE,
          required: true,
          description: 'Number of rows to return.',
        }),
      },
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
    description: `Simulates the last weeks of real sales with two policies, each review with the forecast of that time: stock, fill rate, orders, lost units. Each location is simulated alone, so its source never runs short. Changes nothing. At most ${MAX_REPLAY_SHELVES} SKUs at locations, ${MAX_REPLAY_WEEKS} weeks and ${MAX_REPLAY_FORECASTS} reviews.`,
    authScopes: PLANNERS,
    args: {
      weeks: t.arg.int({
        required: true,
        description: `Number of counted weeks, up to ${MAX_REPLAY_WEEKS}.`,
      }),
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
      return replayInThread(context, request);
    },
  }),
);
