// GraphQL types of a customer's figures: purchases by channel, and how orders went.

import { builder } from '../../graphql/builder';
import { loader } from '../../graphql/loaders';
import { Money } from '../../graphql/money';
import { type ChannelRow, type FiguresRow, orderFigures, purchasesByChannel } from '../queries/documents';
import type { CustomerView } from '../rules/view';
import { CUSTOMER_SERVICE } from './access';

export const purchasesOf = loader<CustomerView, ChannelRow[]>(({ db }, views) =>
  purchasesByChannel(db, views),
);

export const ChannelPurchases = builder.objectRef<ChannelRow>('ChannelPurchases').implement({
  description: 'What a customer bought through one channel, in one currency.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    channel: t.exposeString('channel', { description: 'Sales channel.' }),
    purchases: t.exposeInt('purchases', { description: 'Collected orders and purchases at tills.' }),
    lastAt: t.expose('lastAt', { type: 'DateTime', description: 'When the last one was.' }),
    value: t.field({
      type: Money,
      nullable: true,
      description: 'Their value without what was returned; null if no price is known.',
      resolve: ({ amountMinor, currency }) =>
        amountMinor === null || currency === null ? null : { amountMinor, currency },
    }),
  }),
});

const NO_ORDERS: Omit<FiguresRow, 'view'> = {
  ...{ orders: 0, collected: 0, cancelled: 0, noShows: 0, minutesToReady: null },
  ...{ promises: 0, kept: 0, unitsCollected: 0, unitsReturned: 0 },
};

export const figuresOf = loader<CustomerView, Omit<FiguresRow, 'view'>>(async ({ db }, views) =>
  (await orderFigures(db, views)).map((row) => row ?? NO_ORDERS),
);

export const CustomerFigures = builder.objectRef<Omit<FiguresRow, 'view'>>('CustomerFigures').implement({
  description: 'How the orders of a customer went.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    orders: t.exposeInt('orders', { description: 'Orders placed.' }),
    collected: t.exposeInt('collected', { description: 'Orders collected.' }),
    cancelled: t.exposeInt('cancelled', { description: 'Orders cancelled.' }),
    noShows: t.exposeInt('noShows', { description: 'Orders not collected in time.' }),
    minutesToReady: t.exposeFloat('minutesToReady', {
      nullable: true,
      description: 'Median of the minutes from placed to ready; null if no order was ready yet.',
    }),
    promises: t.exposeInt('promises', { description: 'Orders that became ready and had a promised time.' }),
    keptPromises: t.exposeInt('kept', { description: 'Orders of these that were ready by then.' }),
    unitsCollected: t.exposeInt('unitsCollected', { description: 'Units collected.' }),
    unitsReturned: t.exposeInt('unitsReturned', { description: 'Units of these that were returned.' }),
    returnRate: t.float({
      nullable: true,
      description: 'Share of the units collected that were returned, 0 to 1; null if none was collected.',
      resolve: ({ unitsCollected, unitsReturned }) =>
        unitsCollected === 0 ? null : unitsReturned / unitsCollected,
    }),
  }),
});
