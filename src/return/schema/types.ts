// GraphQL types of returns: the document, its lines, the lists, and the returns of an order.

import { RETURN_READERS } from '../../access/rules/roleSets';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { isArchived } from '../../graphql/archive';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage } from '../../graphql/connections';
import type { Context } from '../../graphql/context';
import { documentFields } from '../../graphql/documentFields';
import { documentKey, whereKey } from '../../graphql/documentKey';
import { partsLoader } from '../../graphql/lineLoaders';
import { locationLookup } from '../../location/queries/locations';
import { Order } from '../../order/schema/order';
import { returnsWhere, visibleReturns } from '../queries';
import { RETURN, RETURN_LINE, receiptNumber } from '../rules';

const MAX_OF_AN_ORDER = 100;

const ReturnStatusEnum = builder.enumType('ReturnStatus', {
  description: 'State of a return.',
  values: {
    REQUESTED: { description: 'Announced; the customer still has the goods.' },
    RECEIVED: {
      description: 'Goods were received. More parcels may follow until everything announced has come.',
    },
    REJECTED: { description: 'Rejected; see rejectReason.' },
  } as const,
});

export const ReturnDisposition = builder.enumType('ReturnDisposition', {
  description: 'What happens to returned units.',
  values: {
    RESTOCK: { description: 'As good as new: on sale again.' },
    QUARANTINE: { description: 'To be inspected; not for sale.' },
    SCRAP: { description: 'Written off.' },
    RETURN_TO_VENDOR: { description: 'Sent back to the supplier.' },
  } as const,
});

const ReturnLine = builder.prismaObject('ReturnLine', {
  description: 'Units of one SKU, announced or received.',
  authScopes: RETURN_READERS,
  fields: (t) => ({
    id: t.id({
      select: { returnId: true, line: true },
      description: cacheIdOf('a line of a return'),
      resolve: ({ returnId, line }) => cacheId('ReturnLine', returnId, line),
    }),
    sku: t.field(SKU_FIELD),
    ...documentFields(t, RETURN_LINE, { disposition: ReturnDisposition }),
  }),
});

/** What was announced, and what came. */
const linesOf = partsLoader(
  ({ db }, returnIds) =>
    db.prisma.returnLine.findMany({ where: { returnId: { in: returnIds } }, orderBy: { line: 'asc' } }),
  (line) => line.returnId,
);

/** The lines of a return as the caller may see them: those in the archive without what the customer wrote. */
async function shownLines(context: Context, { id, closedAt }: { id: string; closedAt: Date | null }) {
  const lines = await linesOf(context).load(id);
  return isArchived(context, closedAt) ? lines.map((line) => ({ ...line, reason: '' })) : lines;
}

export const Return = builder.prismaNode('Return', {
  id: { field: 'id' },
  nullable: true,
  // Another storefront's return is not found rather than forbidden.
  findUnique: (id, context) => ({ id, AND: visibleReturns(context.caller) }),
  description: 'Goods that a customer brings back, bought and returned at any location.',
  authScopes: RETURN_READERS,
  fields: (t) => ({
    ...documentFields(t, RETURN, { return_status: ReturnStatusEnum }, 'closedAt'),
    location: t.relation('location', { description: 'Where it is announced for, or was received.' }),
    order: t.relation('order', {
      nullable: true,
      description:
        'The order it was bought with; null for a purchase at a till, and if the caller may not read the order.',
    }),
    orderNumber: t.string({
      nullable: true,
      description: 'Number of the order (C-…); null for a purchase at a till.',
      select: { order: { select: { number: true } } },
      resolve: (found) => found.order?.number ?? null,
    }),
    announced: t.field({
      type: [ReturnLine],
      description: 'Announced units.',
      resolve: async (found, _args, context) =>
        (await shownLines(context, found)).filter((line) => line.disposition === null),
    }),
    lines: t.field({
      type: [ReturnLine],
      description: 'Received units.',
      resolve: async (found, _args, context) =>
        (await shownLines(context, found)).filter((line) => line.disposition !== null),
    }),
    receivedWith: t.relation('receivedWith', {
      nullable: true,
      description: 'Another return of the same purchase with which its goods were received.',
    }),
  }),
});

const ReturnConnection = connectionOf(Return);

builder.prismaObjectField('Order', 'returns', (t) =>
  t.relation('returns', {
    description: 'Returns of it, announced and received.',
    authScopes: RETURN_READERS,
    query: { orderBy: { id: 'asc' }, take: MAX_OF_AN_ORDER },
  }),
);

const ReturnFilter = builder.inputType('ReturnFilter', {
  description: 'Returns that meet every condition given.',
  fields: (t) => ({
    location: t.string({ description: 'Location code.' }),
    order: t.globalID({ for: [Order] }),
    receipt: t.string({ description: 'Number of a till receipt.' }),
    statuses: t.field({
      type: [ReturnStatusEnum],
      description: 'Only returns in these states; all if omitted.',
    }),
  }),
});

const ReturnKeyInput = documentKey(Return, 'R-…');

builder.queryFields((t) => ({
  return: t.prismaField({
    type: Return,
    nullable: true,
    description: 'The return with this number or ID; null if there is none or this token may not read it.',
    authScopes: RETURN_READERS,
    args: { by: t.arg({ type: ReturnKeyInput, required: true, description: 'Number or ID of the return.' }) },
    resolve: (query, _root, { by }, context) =>
      context.db.prisma.return.findFirst({
        ...query,
        where: { ...whereKey(by), AND: visibleReturns(context.caller) },
      }),
  }),
  returns: t.prismaConnection(
    {
      type: Return,
      cursor: 'id',
      description: 'Returns, newest first. Storefronts see their own.',
      authScopes: RETURN_READERS,
      args: { filter: t.arg({ type: ReturnFilter }) },
      resolve: async (query, _root, { filter }, context) => {
        const { location, order, receipt, statuses } = filter ?? {};
        const locationId = await locationLookup.idOf(context.db, location);
        return context.db.prisma.return.findMany({
          ...documentPage(query),
          where: returnsWhere(context.caller, {
            locationId,
            orderId: order?.id ?? null,
            receipt: receipt == null ? null : receiptNumber(receipt, 'filter.receipt'),
            statuses: statuses ?? null,
          }),
          orderBy: { id: 'desc' },
        });
      },
    },
    ReturnConnection,
  ),
}));
