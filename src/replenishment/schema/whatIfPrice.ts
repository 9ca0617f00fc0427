// GraphQL of dry runs with another price: expected units and revenue of one SKU, by location and day.

import { PLANNERS } from '../../access/rules/roleSets';
import { skuLookup } from '../../catalog/queries/skus';
import { distinctIds } from '../../db/codes';
import {
  MAX_PRICE_LOCATIONS,
  type WhatIfPriceDay,
  type WhatIfPriceLocation,
  type WhatIfPriceResult,
} from '../../forecast/queries/whatIfPrice';
import { builder } from '../../graphql/builder';
import { checkMoney, Money, MoneyInput } from '../../graphql/money';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationLookup } from '../../location/queries/locations';
import { LOCATION_FIELD } from '../../location/schema/location';
import { checkCount, refuse } from '../../refusals';
import { whatIfPriceInThread } from './dryRunPool';

const INTERVAL = 'with 80 % probability, as far as the response to prices is known';

const Day = builder.objectRef<WhatIfPriceDay>('WhatIfPriceDay').implement({
  description: 'Expected units of one local day.',
  authScopes: PLANNERS,
  fields: (t) => ({
    day: t.expose('day', { type: 'Date', description: 'Local day.' }),
    before: t.exposeFloat('before', { description: 'Expected at the announced price: the forecast.' }),
    after: t.exposeFloat('after', { description: 'Expected at the other price.' }),
    low: t.exposeFloat('low', { description: `Expected at the other price at least, ${INTERVAL}.` }),
    high: t.exposeFloat('high', { description: `Expected at the other price at most, ${INTERVAL}.` }),
  }),
});

type Units = 'before' | 'after' | 'low' | 'high';
const total = (days: readonly WhatIfPriceDay[], of: Units): number =>
  days.reduce((sum, day) => sum + day[of], 0);

interface PriceAtLocation extends WhatIfPriceLocation {
  currency: string;
}

const AtLocation = builder.objectRef<PriceAtLocation>('WhatIfPriceLocation').implement({
  description: 'One location of a simulation of a price.',
  authScopes: PLANNERS,
  fields: (t) => ({
    location: t.field(LOCATION_FIELD),
    announcedPrice: t.field({
      type: Money,
      nullable: true,
      description: 'The price announced for the first of the days; null if unknown.',
      resolve: ({ announcedMinor, currency }) =>
        announcedMinor === null ? null : { amountMinor: announcedMinor, currency },
    }),
    elasticity: t.float({
      nullable: true,
      description:
        'Percentage of demand gained for a price one percent lower; null if no price was ever seen to change.',
      resolve: ({ elasticity }) => elasticity?.value ?? null,
    }),
    elasticityError: t.float({
      nullable: true,
      description: 'Standard deviation of the elasticity.',
      resolve: ({ elasticity }) => elasticity?.sd ?? null,
    }),
    before: t.float({
      description: 'Units expected at announced prices.',
      resolve: ({ days }) => total(days, 'before'),
    }),
    after: t.float({
      description: 'Units expected at the other price.',
      resolve: ({ days }) => total(days, 'after'),
    }),
    days: t.expose('days', { type: [Day], description: 'Day by day.' }),
  }),
});

const sumOf = ({ locations }: WhatIfPriceResult, of: Units): number =>
  locations.reduce((sum, { days }) => sum + total(days, of), 0);

const WhatIfPrice = builder.objectRef<WhatIfPriceResult>('WhatIfPrice').implement({
  description: 'Expected units and revenue of one SKU at another price than the announced one.',
  authScopes: PLANNERS,
  fields: (t) => ({
    before: t.float({
      description: 'Units expected at announced prices.',
      resolve: (result) => sumOf(result, 'before'),
    }),
    after: t.float({
      description: 'Units expected at the other price.',
      resolve: (result) => sumOf(result, 'after'),
    }),
    low: t.float({
      description: `Expected at least, ${INTERVAL}.`,
      resolve: (result) => sumOf(result, 'low'),
    }),
    high: t.float({
      description: `Expected at most, ${INTERVAL}.`,
      resolve: (result) => sumOf(result, 'high'),
    }),
    revenueBefore: t.field({
      type: Money,
      nullable: true,
      description: 'Revenue expected at announced prices; null where one of them is unknown.',
      resolve: ({ locations, currency }) => {
        let amountMinor = 0;
        for (const { revenueBeforeMinor } of locations) {
          if (revenueBeforeMinor === null) return null;
          amountMinor += revenueBeforeMinor;
        }
        return { amountMinor, currency };
      },
    }),
    revenueAfter: t.field({
      type: Money,
      description: 'Revenue expected at the other price.',
      resolve: ({ locations, currency }) => ({
        amountMinor: locations.reduce((sum, { revenueAfterMinor }) => sum + revenueAfterMinor, 0),
        currency,
      }),
    }),
    locations: t.field({
      type: [AtLocation],
      description: 'The locations with a forecast of the SKU.',
      resolve: ({ locations, currency }) => locations.map((location) => ({ ...location, currency })),
    }),
  }),
});

builder.queryField('whatIfPrice', (t) =>
  t.field({
    type: WhatIfPrice,
    nullable: true,
    description: `Simulates another price of one SKU on some days ahead, with the current forecasts and what such prices did before. Changes nothing. At most ${MAX_PRICE_LOCATIONS} locations.`,
    authScopes: PLANNERS,
    args: {
      sku: t.arg.string({ required: true, description: 'SKU code.' }),
      locations: t.arg.stringList({ description: `Location codes; all if omitted. ${UNKNOWN_CODES}` }),
      price: t.arg({ type: MoneyInput, required: true, description: 'The other price of one unit.' }),
      fromDay: t.arg({ type: 'Date', required: true, description: 'First local day with this price.' }),
      toDay: t.arg({ type: 'Date', required: true, description: 'Last local day with this price.' }),
    },
    resolve: async (_root, { sku, locations, price, fromDay, toDay }, context, info) => {
      const money = checkMoney(price, 'price');
      if (money.amountMinor <= 0) {
        const message = `price.amountMinor is ${money.amountMinor}; it must be at least 1.`;
        refuse('InvalidInput', message, { path: 'price.amountMinor' });
      }
      if (locations != null) checkCount(locations, 'locations', MAX_PRICE_LOCATIONS);
      const [skuId] = distinctIds(await idsFound(context, info, skuLookup, [sku]));
      if (skuId === undefined) return null;
      const locationIds =
        locations == null ? null : distinctIds(await idsFound(context, info, locationLookup, locations));
      return whatIfPriceInThread(context, { skuId, locationIds, price: money, fromDay, toDay });
    },
  }),
);
