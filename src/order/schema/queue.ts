// GraphQL types for a shop's tablet: the queue of its counter and the pick list of its wave.

import { STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { SKU_FIELD, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { LOCATION_FIELD } from '../../location/schema/location';
import { checkCount } from '../../refusals';
import { QUEUE_LISTS, type QueueList, queueLists, type WaveLine, waveLines } from '../queries/orders';
import { ORDER_LIMITS } from '../rules/limits';
import { Order } from './order';
import { resolveLocation } from './queries';

const OrderQueueList = builder.objectRef<{ count: number; ids: string[] }>('OrderQueueList').implement({
  description: `Orders of a queue, most urgent first, at most ${ORDER_LIMITS.queueOrders}.`,
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'Number of orders, those beyond the list included.' }),
    orders: t.prismaField({
      type: [Order],
      description: 'The orders.',
      resolve: async (query, { ids }, _args, context) => {
        const rows = await context.db.prisma.order.findMany({ ...query, where: { id: { in: ids } } });
        const rank = new Map(ids.map((id, i) => [id, i]));
        return rows.sort((a, b) => rank.get(a.id)! - rank.get(b.id)!);
      },
    }),
  }),
});

const LIST_DESCRIPTIONS: Record<QueueList, string> = {
  toPick: 'To be picked, earliest promise first.',
  waitingForTransfer: 'Waiting for units from another location.',
  picking: 'Being picked.',
  ready: 'Waiting at the counter: customers who have arrived first, then those on their way.',
  late: 'Not ready although the promised time has passed.',
  overdue: 'Not collected in time; the units will be available again soon.',
};

interface Queue {
  locationId: number;
  asOf: Date;
  lists: Record<QueueList, { count: number; ids: string[] }>;
}

export const PickupQueue = builder.objectRef<Queue>('PickupQueue');
PickupQueue.implement({
  description:
    'The open orders of a shop, grouped by what has to be done next. An order can be in two lists.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a location'),
      resolve: (queue) => cacheId('PickupQueue', queue.locationId),
    }),
    location: t.field(LOCATION_FIELD),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When this was true.' }),
    ...Object.fromEntries(
      QUEUE_LISTS.map((list) => [
        list,
        t.field({
          type: OrderQueueList,
          description: LIST_DESCRIPTIONS[list],
          resolve: (queue) => queue.lists[list],
        }),
      ]),
    ),
  }),
});

/** The present queue of a location; the calling code has checked access. */
export async function queueNow({ db, now }: Context, locationId: number): Promise<Queue> {
  const lists = await queueLists(db, locationId, now, ORDER_LIMITS.queueOrders);
  return { locationId, asOf: now, lists };
}

builder.queryField('pickupQueue', (t) =>
  t.field({
    description: 'The open orders of a shop, grouped by what has to be done next.',
    type: PickupQueue,
    authScopes: STAFF_OR_PLANNERS,
    args: { location: t.arg.string({ required: true, description: 'Location code.' }) },
    resolve: async (_root, { location }, context) =>
      queueNow(context, await resolveLocation(context, location, 'location')),
  }),
);

const PickListTake = builder.objectRef<WaveLine>('PickListTake').implement({
  description: 'Units of a SKU for one order.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    order: t.prismaField({
      type: Order,
      description: 'The order.',
      resolve: (query, { orderId }, _args, context) =>
        context.db.prisma.order.findUniqueOrThrow({ ...query, where: { id: orderId } }),
    }),
    quantity: t.exposeInt('toPick', { description: 'Units still to pick.' }),
    staged: t.exposeInt('staged', { description: 'Units already picked.' }),
  }),
});

const PickListLine = builder.objectRef<{ skuId: number; takes: WaveLine[] }>('PickListLine').implement({
  description: 'One SKU to pick for several orders.',
  authScopes: STAFF_OR_PLANNERS,
  fields: (t) => ({
    sku: t.field(SKU_FIELD),
    pickPosition: t.string({
      description: 'Position in the walking order of pickers; lines are sorted by it.',
      resolve: async (line, _args, context) => (await skuById(context).load(line.skuId)).pickPosition,
    }),
    quantity: t.int({
      description: 'Units to pick for all orders together.',
      resolve: ({ takes }) => takes.reduce((sum, take) => sum + take.toPick, 0),
    }),
    takes: t.field({
      type: [PickListTake],
      description: 'The units by order.',
      resolve: (line) => line.takes,
    }),
  }),
});

builder.queryField('pickList', (t) =>
  t.field({
    description: `What to pick for the orders in PICKING, in walking order; at most ${ORDER_LIMITS.pickListLines} lines of orders.`,
    type: [PickListLine],
    authScopes: STAFF_OR_PLANNERS,
    args: {
      location: t.arg.string({ required: true, description: 'Location code.' }),
      orders: t.arg.globalIDList({
        for: [Order],
        description: 'Only these orders; all orders in PICKING if omitted.',
      }),
    },
    resolve: async (_root, { location, orders }, context) => {
      if (orders != null) checkCount(orders, 'orders', ORDER_LIMITS.waveOrders);
      const locationId = await resolveLocation(context, location, 'location');
      const ids = orders?.map((o) => o.id) ?? null;
      const rows = await waveLines(context.db, locationId, ids, ORDER_LIMITS.pickListLines);
      const stops = new Map<number, WaveLine[]>();
      for (const row of rows) stops.set(row.skuId, [...(stops.get(row.skuId) ?? []), row]);
      return [...stops].map(([skuId, takes]) => ({ skuId, takes }));
    },
  }),
);
