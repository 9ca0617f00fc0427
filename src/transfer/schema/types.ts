// GraphQL types of transfers: the document, its lines, and the lists.

import { TRANSFER_READERS } from '../../access/rules/roleSets';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage } from '../../graphql/connections';
import { documentFields } from '../../graphql/documentFields';
import { documentKey, whereKey } from '../../graphql/documentKey';
import { partsLoader } from '../../graphql/lineLoaders';
import { locationLookup } from '../../location/queries/locations';
import { refuse } from '../../refusals';
import { transfersWhere, visibleTransfers } from '../queries';
import { TRANSFER } from '../rules';

const TransferStatusEnum = builder.enumType('TransferStatus', {
  description: 'State of a transfer.',
  values: {
    DRAFT: { description: 'Created; its units are reserved at the source.' },
    DISPATCHED: { description: 'In transit.' },
    RECEIVED: { description: 'Received at the destination.' },
    CANCELLED: { description: 'Cancelled before it was dispatched, or recalled on its way.' },
  } as const,
});

const TransferLine = builder.prismaObject('TransferLine', {
  description: 'One SKU of a transfer.',
  authScopes: TRANSFER_READERS,
  fields: (t) => ({
    id: t.id({
      select: { transferId: true, skuId: true },
      description: cacheIdOf('a SKU of a transfer'),
      resolve: (line) => cacheId('TransferLine', line.transferId, line.skuId),
    }),
    sku: t.field(SKU_FIELD),
    quantity: t.exposeInt('quantity', { description: 'Units to send.' }),
    received: t.exposeInt('received', { description: 'Units received at the destination; 0 until then.' }),
    freed: t.exposeInt('freed', {
      description:
        'Units that its order does not wait for any more: they arrive as stock of the destination.',
    }),
    counted: t.exposeInt('counted', {
      nullable: true,
      description: 'Units of the last count that needed an approval; null if there was none.',
    }),
  }),
});

const linesOf = partsLoader(
  ({ db }, transferIds) =>
    db.prisma.transferLine.findMany({
      where: { transferId: { in: transferIds } },
      orderBy: { skuId: 'asc' },
    }),
  (line) => line.transferId,
);

export const Transfer = builder.prismaNode('Transfer', {
  id: { field: 'id' },
  nullable: true,
  // Another shop's transfer is not found rather than forbidden.
  findUnique: (id, context) => ({ id, AND: visibleTransfers(context.caller) }),
  description: 'Units on their way from one location to another.',
  authScopes: TRANSFER_READERS,
  fields: (t) => ({
    ...documentFields(t, TRANSFER, { transfer_status: TransferStatusEnum }),
    from: t.relation('fromLocation', { description: 'Source.' }),
    to: t.relation('toLocation', { description: 'Destination.' }),
    lines: t.field({
      type: [TransferLine],
      description: 'What is transferred.',
      resolve: (transfer, _args, context) => linesOf(context).load(transfer.id),
    }),
    orderNumber: t.string({
      nullable: true,
      select: { order: { select: { number: true } } },
      description: 'Number of the order that waits for its units (C-…); null if none does.',
      resolve: (transfer) => transfer.order?.number ?? null,
    }),
    awaitsApproval: t.boolean({
      select: { status: true, countedAt: true },
      description:
        'Whether it was counted with a large discrepancy that a planner has to approve or have counted again.',
      resolve: ({ status, countedAt }) => status === 'DISPATCHED' && countedAt !== null,
    }),
  }),
});

const TransferConnection = connectionOf(Transfer);

const TransferDirectionEnum = builder.enumType('TransferDirection', {
  description: 'Direction of a transfer, seen from a location.',
  values: {
    OUTGOING: { description: 'Leaves the location.' },
    INCOMING: { description: 'Comes to the location.' },
  } as const,
});

const TransferFilter = builder.inputType('TransferFilter', {
  description: 'Transfers that meet every condition given.',
  fields: (t) => ({
    location: t.string({ description: 'Location code: transfers that leave it or come to it.' }),
    direction: t.field({ type: TransferDirectionEnum, description: 'Direction, seen from `location`.' }),
    statuses: t.field({
      type: [TransferStatusEnum],
      description: 'Only transfers in these states; all if omitted.',
    }),
    awaitsApproval: t.boolean({
      description: 'Only those whose receipt waits for approval, or only the others.',
    }),
  }),
});

const TransferKeyInput = documentKey(Transfer, 'T-…');

builder.queryFields((t) => ({
  transfer: t.prismaField({
    type: Transfer,
    nullable: true,
    description: 'The transfer with this number or ID; null if there is none or this token may not read it.',
    authScopes: TRANSFER_READERS,
    args: {
      by: t.arg({ type: TransferKeyInput, required: true, description: 'Number or ID of the transfer.' }),
    },
    resolve: (query, _root, { by }, context) =>
      context.db.prisma.transfer.findFirst({
        ...query,
        where: { ...whereKey(by), AND: visibleTransfers(context.caller) },
      }),
  }),
  transfers: t.prismaConnection(
    {
      type: Transfer,
      cursor: 'id',
      description: 'Transfers, newest first. Staff see those from and to their own locations.',
      authScopes: TRANSFER_READERS,
      args: { filter: t.arg({ type: TransferFilter }) },
      resolve: async (query, _root, { filter }, context) => {
        const { location, direction, statuses, awaitsApproval } = filter ?? {};
        if (direction != null && location == null) {
          const message = 'filter.direction needs filter.location: the location it is seen from.';
          refuse('InvalidInput', message, { path: 'filter.direction' });
        }
        const locationId = await locationLookup.idOf(context.db, location);
        return context.db.prisma.transfer.findMany({
          ...documentPage(query),
          where: transfersWhere(context.caller, {
            locationId,
            direction: direction ?? null,
            statuses: statuses ?? null,
            awaitsApproval: awaitsApproval ?? null,
          }),
          orderBy: { id: 'desc' },
        });
      },
    },
    TransferConnection,
  ),
}));
