// GraphQL of dry runs: the effect of another policy in this run and in the long run.

import type { GraphQLResolveInfo } from 'graphql';
import { PLANNERS } from '../../access/rules/roleSets';
import { skuLookup } from '../../catalog/queries/skus';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { distinctIds } from '../../db/codes';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { described } from '../../graphql/described';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { checkMoney, Money, MoneyInput } from '../../graphql/money';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationLookup } from '../../location/queries/locations';
import { LOCATION_FIELD } from '../../location/schema/location';
import { checkCount, checkQuantity, refuse } from '../../refusals';
import { optionalLine } from '../../values/typedText';
import {
  MAX_WHAT_IF_SHELVES,
  type WHAT_IF_ORDERS,
  type WhatIfKey,
  type WhatIfMoney,
  type WhatIfResult,
  type WhatIfRow,
  type WhatIfSums,
} from '../queries/whatIf';
import type { DryRunFilter } from '../queries/whatIfShelves';
import type { Outlook, PolicyChange } from '../rules/simulateOutlook';
import { whatIfInThread } from './dryRunPool';
import { AbcClassEnum, ReplenishmentKindEnum, ServiceMeasureEnum } from './shared';

const MAX_CATEGORY = 200;
const MAX_CODES = 500;
const MAX_REVIEW_DAYS = 91;
const MAX_LEAD_DAYS = 365;
const [LEAST_SERVICE, MOST_SERVICE] = [0.5, 0.9999];

export const PolicyChangeInput = builder.inputType('PolicyChangeInput', {
  description: 'Changes of replenishment policies for a simulation. Omitted settings stay as they are.',
  fields: (t) => ({
    kind: t.field({ type: ReplenishmentKindEnum, description: 'The kind of the policy.' }),
    serviceMeasure: t.field({ type: ServiceMeasureEnum, description: 'How service is measured.' }),
    serviceLevel: t.float({ description: 'Service target of every class, 0.5 to 0.9999.' }),
    reviewDays: t.int({ description: 'Days between two reviews.' }),
    leadTimeDays: t.int({ description: 'Fixed days from order to receipt, for every source.' }),
  }),
});

export const DryRunFilterInput = builder.inputType('DryRunFilter', {
  description: 'SKUs and locations that meet every condition given.',
  fields: (t) => ({
    locations: t.stringList({ description: `Location codes; all if omitted. ${UNKNOWN_CODES}` }),
    skus: t.stringList({ description: `SKU codes; all if omitted. ${UNKNOWN_CODES}` }),
    category: t.string({ description: 'A category and those below it.' }),
    abc: t.field({ type: AbcClassEnum, description: 'Only SKUs of this class.' }),
  }),
});

/** The change as it is run. @throws Refused InvalidInput */
export function changeOf(input: typeof PolicyChangeInput.$inferInput, path: string): PolicyChange {
  const { kind, serviceMeasure, serviceLevel, reviewDays, leadTimeDays } = input;
  if (serviceLevel != null && !(serviceLevel >= LEAST_SERVICE && serviceLevel <= MOST_SERVICE)) {
    const message = `${path}.serviceLevel is ${serviceLevel}; it must be from ${LEAST_SERVICE} to ${MOST_SERVICE}, such as 0.98 for 98 %.`;
    refuse('InvalidInput', message, { path: `${path}.serviceLevel` });
  }
  if (reviewDays != null) checkQuantity(reviewDays, `${path}.reviewDays`, 1, MAX_REVIEW_DAYS);
  if (leadTimeDays != null) checkQuantity(leadTimeDays, `${path}.leadTimeDays`, 0, MAX_LEAD_DAYS);
  return {
    kind: kind ?? null,
    measure: serviceMeasure ?? null,
    serviceLevel: serviceLevel ?? null,
    reviewDays: reviewDays ?? null,
    leadTimeDays: leadTimeDays ?? null,
  };
}

/** The filter with ids. @throws Refused InvalidInput, NotFound */
export async function dryRunFilter(
  context: Context,
  info: GraphQLResolveInfo,
  { locations, skus, category, abc }: typeof DryRunFilterInput.$inferInput,
): Promise<DryRunFilter> {
  if (locations != null) checkCount(locations, 'filter.locations', MAX_CODES);
  if (skus != null) checkCount(skus, 'filter.skus', MAX_CODES);
  return {
    locationIds:
      locations == null ? null : distinctIds(await idsFound(context, info, locationLookup, locations)),
    skuIds: skus == null ? null : distinctIds(await idsFound(context, info, skuLookup, skus)),
    category: optionalLine(category, 'filter.category', MAX_CATEGORY),
    abc: abc ?? null,
  };
}

const OutlookType = builder.objectRef<Outlook>('ReplenishmentOutlook').implement({
  description:
    'Expected results of a policy for one SKU at one location; units per week unless stated otherwise.',
  authScopes: PLANNERS,
  fields: (t) => ({
    level: t.exposeFloat('level', { description: 'Units the position is raised to or compared with.' }),
    safetyStock: t.exposeFloat('safetyStock', { description: 'Units against uncertainty.' }),
    averageStock: t.exposeFloat('averageStock', { description: 'Average stock at the end of a day.' }),
    demandPerWeek: t.exposeFloat('demandPerWeek', { description: 'Units demanded.' }),
    lostPerWeek: t.exposeFloat('lostPerWeek', { description: 'Units demanded and not available.' }),
    fillRate: t.exposeFloat('fillRate', { description: 'Share of demanded units sold from stock.' }),
    cycleService: t.exposeFloat('cycleService', {
      description: 'Probability that stock lasts between two deliveries.',
    }),
    ordersPerWeek: t.exposeFloat('ordersPerWeek', { description: 'Number of orders.' }),
    orderUnits: t.exposeInt('orderUnits', {
      description: 'Units that would be ordered if the next run were a review.',
    }),
    shortUnits: t.exposeFloat('shortUnits', {
      description: 'Units expected to be missing before the next order arrives.',
    }),
  }),
});

const whole = (amountMinor: number): number => Math.round(amountMinor);

const WhatIfShelf = builder.objectRef<WhatIfRow>('WhatIfShelf').implement({
  description: 'One SKU at one location before and after a change.',
  authScopes: PLANNERS,
  fields: (t) => ({
    sku: t.field(SKU_FIELD),
    location: t.field(LOCATION_FIELD),
    before: t.field({
      type: OutlookType,
      description: 'With the current policy.',
      resolve: (row) => row.before,
    }),
    after: t.field({
      type: OutlookType,
      description: 'With the changed policy.',
      resolve: (row) => row.after,
    }),
    stockChange: t.field({
      type: Money,
      nullable: true,
      description: 'Cost of the additional average stock; null if unknown.',
      resolve: ({ before, after, unitCostMinor, costCurrency }) =>
        unitCostMinor === null || costCurrency === null
          ? null
          : {
              amountMinor: whole((after.averageStock - before.averageStock) * unitCostMinor),
              currency: costCurrency,
            },
    }),
  }),
});

interface Totals {
  sums: WhatIfSums;
  money: WhatIfMoney[];
}

const WhatIfTotals = builder.objectRef<Totals>('WhatIfTotals').implement({
  description: 'Sums over all SKUs and locations of a simulation. Money by currency, where it is known.',
  authScopes: PLANNERS,
  fields: (t) => {
    const sum = (name: keyof WhatIfSums, description: string) =>
      t.float({ description, resolve: ({ sums }) => sums[name] });
    const money = (name: Exclude<keyof WhatIfMoney, 'currency'>, description: string) =>
      t.field({
        type: [Money],
        description,
        resolve: (totals) => totals.money.map((m) => ({ amountMinor: whole(m[name]), currency: m.currency })),
      });
    return {
      averageStock: sum('averageStock', 'Average units on hand at the end of a day.'),
      demandPerWeek: sum('demandPerWeek', 'Units demanded per week.'),
      lostPerWeek: sum('lostPerWeek', 'Units demanded and not available, per week.'),
      ordersPerWeek: sum('ordersPerWeek', 'Order lines per week.'),
      orderUnits: sum(
        'orderUnits',
        'Units that would be ordered if the next run were a review of everything.',
      ),
      shortUnits: sum('shortUnits', 'Units expected to be missing before the next order arrives.'),
      fillRate: t.float({
        nullable: true,
        description: 'Share of demanded units sold from stock; null without demand.',
        resolve: ({ sums: { demandPerWeek, lostPerWeek } }) =>
          demandPerWeek > 0 ? demandPerWeek / (demandPerWeek + lostPerWeek) : null,
      }),
      stock: money('stockMinor', 'Cost of the average stock.'),
      orders: money('orderMinor', 'Cost of these orders.'),
      lostRevenuePerWeek: money('lostMinor', 'Price of the units demanded and not available, per week.'),
    };
  },
});

const WhatIfOrderEnum = builder.enumType('WhatIfOrderBy', {
  description: 'The order of the rows.',
  values: described<(typeof WHAT_IF_ORDERS)[number]>({
    KEY: 'By SKU and location.',
    LOST_CHANGE: 'Largest change of lost units first.',
    STOCK_CHANGE: 'Largest change of stock first.',
  }),
});

const NUMBER = String.raw`(\d{1,15}(?:\.\d{1,6})?)`;
const CURSOR = new RegExp(`^${NUMBER} (\\d{1,10}) (\\d{1,10})$`);
const whatIfCursor: CursorForm<WhatIfRow, WhatIfKey> = {
  write: ({ rank, skuId, locationId }) => `${rank} ${skuId} ${locationId}`,
  read(text) {
    const [, rank, skuId, locationId] = CURSOR.exec(text) ?? [];
    return rank === undefined
      ? null
      : { rank: Number(rank), skuId: Number(skuId), locationId: Number(locationId) };
  },
};

const WhatIfConnection = connectionOf<typeof WhatIfShelf, { result: WhatIfResult }>(WhatIfShelf, {
  name: 'WhatIf',
  fields: (t) => ({
    shelves: t.int({
      description: 'Number of SKUs at locations in the simulation: those with a forecast.',
      resolve: ({ result }) => result.shelves,
    }),
    before: t.field({
      type: WhatIfTotals,
      description: 'Totals with the current policies.',
      resolve: ({ result }) => result.before,
    }),
    after: t.field({
      type: WhatIfTotals,
      description: 'Totals with the changed policies.',
      resolve: ({ result }) => result.after,
    }),
  }),
});

builder.queryField('whatIf', (t) =>
  t.connection(
    {
      type: WhatIfShelf,
      forwardOnly: true,
      description: `Simulates a change of policies or budgets with the current forecasts: totals, and a page of the SKUs at locations. Changes nothing. At most ${MAX_WHAT_IF_SHELVES} SKUs at locations.`,
      authScopes: PLANNERS,
      args: {
        change: t.arg({ type: PolicyChangeInput, required: true, description: 'Changes of the policies.' }),
        budget: t.arg({
          type: MoneyInput,
          description: 'Money for the purchases of the next run, after the change.',
        }),
        filter: t.arg({ type: DryRunFilterInput }),
        orderBy: t.arg({
          type: WhatIfOrderEnum,
          defaultValue: 'KEY',
          required: true,
          description: 'The order of the rows.',
        }),
      },
      resolve: async (_root, { change, budget, filter, orderBy, ...args }, context, info) => {
        const request = {
          change: changeOf(change, 'change'),
          budget: budget == null ? null : checkMoney(budget, 'budget'),
          filter: await dryRunFilter(context, info, filter ?? {}),
          order: orderBy,
        };
        let result: WhatIfResult | undefined;
        const page = await forwardPage<WhatIfRow, WhatIfKey>(args, whatIfCursor, async (after, limit) => {
          result = await whatIfInThread(context, { ...request, after, limit });
          return result.rows;
        });
        return { ...page, result: result! };
      },
    },
    WhatIfConnection,
  ),
);
