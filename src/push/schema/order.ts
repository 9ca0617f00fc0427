// Subscriptions to orders: one order for its storefront or shop, and the queue of a shop's counter.

import { ORDER_READERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { type Caller, mayTouch, mustWorkAt } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import { orderKey, queueKey } from '../../graphql/hub/hub';
import { encodeGlobalID } from '../../graphql/ids';
import { Order } from '../../order/schema/order';
import { resolveLocation } from '../../order/schema/queries';
import { PickupQueue, queueNow } from '../../order/schema/queue';
import { notFound } from '../../refusals';
import { watching } from './watching';

/** Another storefront's order is answered as not found, not as forbidden, as in the rest of the API. @throws Refused NotFound */
function checkOrder(
  caller: Caller,
  id: string,
  order: { ownerId: number; locationId: number } | null,
): asserts order {
  if (order !== null && mayTouch(caller, order)) return;
  throw notFound('Order', [encodeGlobalID('Order', id)]);
}

builder.subscriptionField('orderChanged', (t) =>
  t.prismaField({
    type: Order,
    description: 'One order: as it is, then at every change of its status, lines or times.',
    authScopes: ORDER_READERS,
    args: { order: t.arg.globalID({ required: true, description: 'Global ID of the order.', for: [Order] }) },
    subscribe: async (_root, { order: { id } }, context) => {
      const order = await context.db.prisma.order.findUnique({
        where: { id },
        select: { ownerId: true, locationId: true },
      });
      return watching(context, {
        keys: [orderKey(id)],
        read: async () => id,
        // The owner and location of an order never change, but the caller's rights may.
        check: ({ caller }) => checkOrder(caller, id, order),
      }) as never;
    },
    resolve: (query, id, _args, context) =>
      context.db.prisma.order.findUniqueOrThrow({ ...query, where: { id: id as unknown as string } }),
  }),
);

builder.subscriptionField('pickupQueueChanged', (t) =>
  t.field({
    type: PickupQueue,
    description:
      'The queue of a shop: as it is, then at every change of one of its orders. Passing time is not a change: read pickupQueue from time to time for orders that have become late.',
    authScopes: STAFF_OR_PLANNERS,
    args: { location: t.arg.string({ required: true, description: 'Location code.' }) },
    subscribe: async (_root, { location }, context) => {
      const locationId = await resolveLocation(context, location, 'location');
      return watching(context, {
        keys: [queueKey(locationId)],
        read: async () => locationId,
        check: ({ caller }) => mustWorkAt(caller, locationId, location),
      });
    },
    resolve: (locationId, _args, context) => queueNow(context, locationId),
  }),
);
