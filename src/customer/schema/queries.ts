// GraphQL queries of customers: one customer by any of its identifiers, and the timeline over all channels.

import { NAME_SEARCH } from '../../access/queries/served';
import { builder } from '../../graphql/builder';
import { forwardPage, numbersCursor } from '../../graphql/keysetPages';
import { Order } from '../../order/schema/order';
import { checkCount, checkText, refuse } from '../../refusals';
import { customersNamed, MAX_NAMESAKES, nameWords } from '../queries/nameSearch';
import { type TimelineFilter, type TimelineKey, timelinePage } from '../queries/timeline';
import { CUSTOMER_READERS, CUSTOMER_SERVICE } from './access';
import { Customer } from './customer';
import { CustomerKey, customerByKey } from './customerKey';
import { InteractionKindEnum } from './enums';
import { Interaction, InteractionConnection, type ShownInteraction } from './interaction';
import { lookUp } from './views';

const LOGGED = 'Each look-up by another caller than a storefront is recorded.';

builder.queryField('customer', (t) =>
  t.field({
    type: Customer,
    nullable: true,
    description: `The customer with this key; null if there is none. A storefront finds the accounts that it vouched for, and sees what was verified of them. ${LOGGED}`,
    authScopes: CUSTOMER_READERS,
    args: { by: t.arg({ type: CustomerKey, required: true, description: 'A key of the customer.' }) },
    resolve: (_root, { by }, context) => customerByKey(context, by, 'customer'),
  }),
);

const MAX_NAME = 200;

builder.queryField('customersByName', (t) =>
  t.field({
    type: [Customer],
    description: `Customers of whom this name is stated, the best match first, at most ${MAX_NAMESAKES}. Each word may have one typing error; accents, capitals and the order of words do not matter. Customers whose processing is restricted are not found. Each customer found is recorded, which is no look-up that lets an agent act.`,
    authScopes: CUSTOMER_SERVICE,
    args: {
      name: t.arg.string({
        required: true,
        description: 'First name, surname or both; initials do not count.',
      }),
    },
    resolve: async (_root, { name }, context) => {
      checkText(name, 'name', MAX_NAME);
      const words = nameWords(name);
      if (words.length === 0)
        refuse('InvalidInput', 'name has no word of two letters or more; give a first name or a surname.', {
          path: 'name',
        });
      const ids = await customersNamed(context.db, words);
      const found = await Promise.all(ids.map((id) => lookUp(context, id, NAME_SEARCH)));
      return found.filter((view) => view !== null);
    },
  }),
);

const InteractionFilter = builder.inputType('InteractionFilter', {
  description: 'Interactions that meet every condition given.',
  fields: (t) => ({
    kinds: t.field({ type: [InteractionKindEnum], description: 'Only these kinds; all if omitted.' }),
    channels: t.stringList({ description: 'Only these channels; all if omitted.' }),
    from: t.field({ type: 'DateTime', description: 'Only interactions at or after this time.' }),
    to: t.field({ type: 'DateTime', description: 'Only interactions before this time.' }),
    order: t.globalID({ for: [Order], description: 'Only interactions about this order.' }),
  }),
});

const MAX_CHANNELS = 50;
const MAX_CHANNEL_LENGTH = 64;
const MAX_KINDS = 50;

/** The filter as it is read. @throws Refused InvalidInput */
function readFilter(filter: typeof InteractionFilter.$inferInput | null | undefined): TimelineFilter {
  const { kinds = null, channels = null, from = null, to = null, order = null } = filter ?? {};
  if (kinds !== null) checkCount(kinds, 'filter.kinds', MAX_KINDS);
  if (channels !== null) {
    checkCount(channels, 'filter.channels', MAX_CHANNELS);
    for (const [i, channel] of channels.entries())
      checkText(channel, `filter.channels.${i}`, MAX_CHANNEL_LENGTH);
  }
  if (from !== null && to !== null && from >= to)
    refuse('InvalidInput', 'filter.to is not after filter.from; no interaction can be between them.', {
      path: 'filter.to',
    });
  return { kinds, channels, from, to, orderId: order?.id ?? null };
}

const CURSOR = numbersCursor<ShownInteraction, TimelineKey>(
  2,
  Number.MAX_SAFE_INTEGER,
  ({ at, id }) => [at.getTime(), id],
  ([at, id]) => ({ at: new Date(at!), id: id! }),
);

builder.queryField('customerTimeline', (t) =>
  t.connection(
    {
      type: Interaction,
      forwardOnly: true,
      nullable: true,
      description: `What the retailer and a customer had to do with each other, over all channels, newest first; null if there is no customer with this key. A storefront sees what was verified. ${LOGGED}`,
      authScopes: CUSTOMER_READERS,
      args: {
        by: t.arg({ type: CustomerKey, required: true, description: 'A key of the customer.' }),
        filter: t.arg({ type: InteractionFilter }),
      },
      resolve: async (_root, { by, filter, ...args }, context) => {
        const wanted = readFilter(filter);
        const view = await customerByKey(context, by, 'customerTimeline');
        if (view === null) return null;
        return forwardPage(args, CURSOR, async (after, limit) =>
          (await timelinePage(context.db, view, wanted, after, limit)).map((row) => ({ ...row, view })),
        );
      },
    },
    InteractionConnection,
  ),
);
