// GraphQL queries of orders: one order, pages that a tablet can synchronize by, a shop's queue and its pick list.

import { queryFromInfo } from '@pothos/plugin-prisma';
import { resolveCursorConnection } from '@pothos/plugin-relay';
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { ORDER_READERS } from '../../access/rules/roleSets';
import { mustWorkAt } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { documentKey, whereKey } from '../../graphql/documentKey';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkText } from '../../refusals';
import { type OrderKey, ordersPage, visibleOrders } from '../queries/orders';
import { ORDER_LIMITS } from '../rules/limits';
import { OrderStatusEnum } from './enums';
import { Order, OrderConnection } from './order';

const PAGE = { defaultSize: 50, maxSize: 200 };

/** The id of a location that the caller may read. @throws Refused NotFound @throws Forbidden */
export async function resolveLocation(context: Context, code: string, path: string): Promise<number> {
  checkText(code, path, ORDER_LIMITS.codeLength);
  const id = (await locationIdsByCode(context.db, [code])).get(code)!;
  if (context.caller.role !== 'STOREFRONT') mustWorkAt(context.caller, id, code);
  return id;
}

const OrderKeyInput = documentKey(Order, 'C-…');

builder.queryFields((t) => ({
  order: t.prismaField({
    type: Order,
    nullable: true,
    description: 'The order with this number or ID; null if there is none or this token may not read it.',
    authScopes: ORDER_READERS,
    args: { by: t.arg({ type: OrderKeyInput, required: true, description: 'Number or ID of the order.' }) },
    resolve: (query, _root, { by }, { caller, db }) =>
      db.prisma.order.findFirst({ ...query, where: { ...whereKey(by), AND: visibleOrders(caller) } }),
  }),
}));

const OrderFilterInput = builder.inputType('OrderFilter', {
  description: 'Orders that meet every condition given.',
  fields: (t) => ({
    location: t.string({ description: 'Location code.' }),
    statuses: t.field({
      type: [OrderStatusEnum],
      description: 'Only orders in these states; all if omitted.',
    }),
    placedFrom: t.field({ type: 'DateTime', description: 'Only orders placed at or after this time.' }),
    placedTo: t.field({ type: 'DateTime', description: 'Only orders placed before this time.' }),
    updatedSince: t.field({
      type: 'DateTime',
      description:
        'For synchronisation: what changed at or after this time, least recently changed first. Continue with the last updatedAt minus one minute, because a slow commit may become visible late.',
    }),
  }),
});

const CURSOR = /^(\d{1,15}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function keyOf(cursor: string | undefined): OrderKey | null {
  if (cursor === undefined) return null;
  const [, at, id] = CURSOR.exec(cursor) ?? [];
  const instant = new Date(Number(at));
  if (id !== undefined && !Number.isNaN(instant.getTime())) return { at: instant, id };
  throw new GraphQLError('This is not a cursor; send the cursor of an earlier page.', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

const nodesOf = (context: Context, info: GraphQLResolveInfo) =>
  queryFromInfo({ context, info, typeName: 'Order', paths: [['nodes'], ['edges', 'node']] });

builder.queryField('orders', (t) =>
  t.connection(
    {
      type: Order,
      description: 'Orders, newest first: a storefront’s own, or those of the locations the caller works at.',
      authScopes: ORDER_READERS,
      args: { filter: t.arg({ type: OrderFilterInput }) },
      resolve: async (_root, { filter, ...args }, context, info) => {
        const wanted = {
          locationId:
            filter?.location == null
              ? null
              : await resolveLocation(context, filter.location, 'filter.location'),
          statuses: filter?.statuses ?? null,
          placedFrom: filter?.placedFrom ?? null,
          placedTo: filter?.placedTo ?? null,
          updatedSince: filter?.updatedSince ?? null,
        };
        const load = (page: ReturnType<typeof ordersPage>, take: number) =>
          context.db.prisma.order.findMany({ ...nodesOf(context, info), ...page, take });
        return resolveCursorConnection<ReturnType<typeof load>>(
          {
            args,
            ...PAGE,
            toCursor: (order) =>
              `${(wanted.updatedSince === null ? order.placedAt : order.updatedAt).getTime()}:${order.id}`,
          },
          ({ after, before, limit, inverted }) =>
            load(
              ordersPage(context.caller, wanted, { after: keyOf(after), before: keyOf(before), inverted }),
              limit,
            ),
        );
      },
    },
    OrderConnection,
  ),
);
