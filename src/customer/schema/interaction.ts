// GraphQL type of an interaction: one entry of a customer's timeline, with links to its documents.

import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { Location, locationById } from '../../location/schema/location';
import { Order } from '../../order/schema/order';
import { Return } from '../../return/schema/types';
import type { TimelineRow } from '../queries/timeline';
import type { CustomerView } from '../rules/view';
import { CUSTOMER_READERS, CUSTOMER_SERVICE } from './access';
import { orderById, returnById } from './documents';
import { InteractionKindEnum } from './enums';
import { CustomerIdentifier, shownIdentifiers } from './identifier';

/** An interaction as it is shown with a customer. */
export interface ShownInteraction extends TimelineRow {
  view: CustomerView;
}

export const Interaction = builder.objectRef<ShownInteraction>('Interaction').implement({
  description: 'What the retailer and a customer had to do with each other at one time.',
  authScopes: CUSTOMER_READERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('an interaction'),
      resolve: ({ id }) => cacheId('Interaction', id),
    }),
    kind: t.expose('kind', { type: InteractionKindEnum, description: 'What happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    channel: t.exposeString('channel', { description: 'Channel, such as ONLINE or PHONE.' }),
    source: t.exposeString('source', { description: 'The system that reported it, such as `order`.' }),
    isVerified: t.exposeBoolean('isVerified', {
      description: 'Whether it was verified there that the identifier belongs to the person.',
    }),
    identifier: t.field({
      type: CustomerIdentifier,
      nullable: true,
      description: 'The identifier by which it belongs to the customer.',
      resolve: ({ view, identifierId }) =>
        shownIdentifiers(view).find(({ id }) => id === identifierId) ?? null,
    }),
    location: t.field({
      type: Location,
      nullable: true,
      description: 'Where it happened; null if at no location.',
      resolve: ({ locationId }, _args, context) =>
        locationId === null ? null : locationById(context).load(locationId),
    }),
    order: t.field({
      type: Order,
      nullable: true,
      description: 'The order that it is about; null if about none, or one that this token may not read.',
      resolve: ({ orderId }, _args, context) => (orderId === null ? null : orderById(context).load(orderId)),
    }),
    return: t.field({
      type: Return,
      nullable: true,
      description: 'The return that it is about; null if about none, or one that this token may not read.',
      resolve: ({ returnId }, _args, context) =>
        returnId === null ? null : returnById(context).load(returnId),
    }),
    facts: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Further facts of the interaction: codes, counts and amounts.',
      authScopes: CUSTOMER_SERVICE,
      resolve: ({ facts }) => facts,
    }),
  }),
});

export const InteractionConnection = connectionOf(Interaction);
