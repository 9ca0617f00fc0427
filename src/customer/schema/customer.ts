// GraphQL type of a customer, with what was verified and what is only claimed kept apart.

import { builder } from '../../graphql/builder';
import { loader } from '../../graphql/loaders';
import { claimedIdentifiers } from '../queries/persons';
import { nameOf } from '../rules/survivorship';
import type { CustomerView } from '../rules/view';
import { CUSTOMER_READERS, CUSTOMER_SERVICE } from './access';
import { ChannelPurchases, CustomerFigures, figuresOf, purchasesOf } from './figures';
import { CustomerIdentifier, type ShownIdentifier, shownIdentifiers } from './identifier';
import { CustomerAttribute, CustomerPreferences, preferencesOf, valuesOf } from './person';
import { CustomerPromise, CustomerReturnable, promisesOf, returnablesOf } from './promise';
import { lookUp } from './views';

const claimedOf = loader<CustomerView, ShownIdentifier[]>(async ({ db }, views) =>
  (await claimedIdentifiers(db, views)).map((own, i) =>
    own.map((one) => ({ ...one, view: views[i]!, isClaimedOnly: true, lastClaimedAt: one.lastAt })),
  ),
);

export const Customer = builder.node(builder.objectRef<CustomerView>('Customer'), {
  description:
    'One customer behind all channels. Customers follow from the log of links: one that was joined with another is found by its old IDs too. Figures and documents come from the newest 1,000 interactions of each identifier.',
  authScopes: CUSTOMER_READERS,
  id: { resolve: (view) => view.customerId },
  // A storefront finds customers by the account it vouches for, never by an id.
  // An error in place of a customer is answered for that one alone, so that a restricted one does not refuse the others.
  loadManyWithoutCache: (ids: string[], context) =>
    Promise.all(
      ids.map((id) =>
        context.caller.role === 'STOREFRONT'
          ? null
          : lookUp(context, id, 'node').catch((error: Error) => error as never),
      ),
    ),
  fields: (t) => ({
    identifiers: t.field({
      type: [CustomerIdentifier],
      description: 'The identifiers of the customer, the earliest first.',
      resolve: shownIdentifiers,
    }),
    claimedIdentifiers: t.field({
      type: [CustomerIdentifier],
      description:
        'Identifiers that the customer stated but nobody verified, the last stated first; at most 50.',
      authScopes: CUSTOMER_SERVICE,
      resolve: (view, _args, context) => claimedOf(context).load(view),
    }),
    name: t.string({
      nullable: true,
      description: 'Name of the person; null if unknown.',
      authScopes: CUSTOMER_SERVICE,
      resolve: async (view, _args, context) => nameOf(await valuesOf(context).load(view)),
    }),
    attributes: t.field({
      type: [CustomerAttribute],
      description:
        'What is known of the person. Of statements that differ the verified one counts, then the latest, then that of the most trusted source.',
      authScopes: CUSTOMER_SERVICE,
      resolve: (view, _args, context) => valuesOf(context).load(view),
    }),
    preferences: t.field({
      type: CustomerPreferences,
      description: 'What the customer prefers.',
      authScopes: CUSTOMER_SERVICE,
      resolve: (view, _args, context) => preferencesOf(context).load(view),
    }),
    openOrders: t.field({
      type: [CustomerPromise],
      description: 'Open orders, the earliest promise first. Storefronts see their own.',
      resolve: (view, _args, context) => promisesOf(context).load(view),
    }),
    returnables: t.field({
      type: [CustomerReturnable],
      description:
        'Collected goods whose return window is open, the newest first. Storefronts see those of their own orders.',
      resolve: (view, _args, context) => returnablesOf(context).load(view),
    }),
    purchases: t.field({
      type: [ChannelPurchases],
      description: 'What the customer bought, by channel and currency, the channel used last first.',
      authScopes: CUSTOMER_SERVICE,
      resolve: (view, _args, context) => purchasesOf(context).load(view),
    }),
    figures: t.field({
      type: CustomerFigures,
      description: 'How the orders of the customer went.',
      authScopes: CUSTOMER_SERVICE,
      resolve: (view, _args, context) => figuresOf(context).load(view),
    }),
  }),
});
