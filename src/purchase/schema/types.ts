// GraphQL types of suppliers and purchase orders: the documents and the lists.

import { INTERNAL } from '../../access/rules/roleSets';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage, numberedPage } from '../../graphql/connections';
import { documentFields } from '../../graphql/documentFields';
import { documentKey, whereKey } from '../../graphql/documentKey';
import { partsLoader } from '../../graphql/lineLoaders';
import { locationLookup } from '../../location/queries/locations';
import { checkText } from '../../refusals';
import { scannedCode } from '../../values/text';
import { purchasesWhere, visiblePurchases } from '../queries';
import { PURCHASE, SUPPLIER_LIMITS } from '../rules';

export const Supplier = builder.prismaNode('Supplier', {
  id: { field: 'id' },
  nullable: true,
  description: 'A company that sells to the retailer.',
  authScopes: INTERNAL,
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The retailer’s own code. It never changes.' }),
    name: t.exposeString('name', { description: 'Name of the supplier.' }),
    leadTimeDays: t.exposeInt('leadTimeDays', {
      description: 'Days from order to delivery, as stated by the supplier.',
    }),
    orderCutOff: t.exposeString('orderCutOff', {
      nullable: true,
      description:
        'Local time of the location, HH:MM, until which an order counts as of the day. Null if there is none.',
    }),
  }),
});

const SupplierConnection = connectionOf(Supplier);

const PurchaseOrderStatus = builder.enumType('PurchaseOrderStatus', {
  description: 'State of a purchase order.',
  values: {
    DRAFT: { description: 'Not ordered yet.' },
    ORDERED: { description: 'Ordered; nothing was delivered yet.' },
    PARTIALLY_RECEIVED: { description: 'A part was delivered.' },
    RECEIVED: { description: 'Delivered in full.' },
    CLOSED: { description: 'Closed; what is missing will not come.' },
  } as const,
});

const PurchaseLine = builder.prismaObject('PurchaseLine', {
  name: 'PurchaseOrderLine',
  description: 'One SKU of a purchase order.',
  authScopes: INTERNAL,
  fields: (t) => ({
    id: t.id({
      select: { purchaseId: true, skuId: true },
      description: cacheIdOf('a SKU of a purchase order'),
      resolve: (line) => cacheId('PurchaseOrderLine', line.purchaseId, line.skuId),
    }),
    sku: t.field(SKU_FIELD),
    quantity: t.exposeInt('quantity', { description: 'Units ordered.' }),
    received: t.exposeInt('received', { description: 'Units delivered so far.' }),
    outstanding: t.int({
      select: { quantity: true, received: true },
      description: 'Units not delivered; for CLOSED they will not come.',
      resolve: (line) => Math.max(0, line.quantity - line.received),
    }),
  }),
});

const linesOf = partsLoader(
  ({ db }, purchaseIds) =>
    db.prisma.purchaseLine.findMany({
      where: { purchaseId: { in: purchaseIds } },
      orderBy: { skuId: 'asc' },
    }),
  (line) => line.purchaseId,
);

export const PurchaseOrder = builder.prismaNode('Purchase', {
  name: 'PurchaseOrder',
  id: { field: 'id' },
  nullable: true,
  // What is ordered for another shop is not found rather than forbidden.
  findUnique: (id, context) => ({ id, AND: visiblePurchases(context.caller) }),
  description: 'Units ordered from a supplier for one location.',
  authScopes: INTERNAL,
  fields: (t) => ({
    ...documentFields(t, PURCHASE, { purchase_status: PurchaseOrderStatus }),
    supplier: t.relation('supplier', { description: 'The supplier.' }),
    location: t.relation('location', { description: 'Where it is delivered.' }),
    lines: t.field({
      type: [PurchaseLine],
      description: 'What is ordered.',
      resolve: (purchase, _args, context) => linesOf(context).load(purchase.id),
    }),
  }),
});

const PurchaseOrderConnection = connectionOf(PurchaseOrder);

const PurchaseOrderFilter = builder.inputType('PurchaseOrderFilter', {
  description: 'Purchase orders that meet every condition given.',
  fields: (t) => ({
    location: t.string({ description: 'Location code.' }),
    supplier: t.string({ description: 'Supplier code.' }),
    statuses: t.field({
      type: [PurchaseOrderStatus],
      description: 'Only purchase orders in these states; all if omitted.',
    }),
    expectedBefore: t.field({ type: 'DateTime', description: 'Only those expected before this time.' }),
  }),
});

const PurchaseOrderKeyInput = documentKey(PurchaseOrder, 'P-…');

builder.queryFields((t) => ({
  supplier: t.prismaField({
    type: Supplier,
    nullable: true,
    description: 'The supplier with this code; null if there is none.',
    authScopes: INTERNAL,
    args: { code: t.arg.string({ required: true, description: 'Supplier code.' }) },
    resolve: (query, _root, { code }, context) => {
      checkText(code, 'code', SUPPLIER_LIMITS.codeLength);
      return context.db.prisma.supplier.findUnique({ ...query, where: { code: scannedCode(code) } });
    },
  }),
  suppliers: t.prismaConnection(
    {
      type: Supplier,
      cursor: 'id',
      description: 'Suppliers, oldest first.',
      authScopes: INTERNAL,
      resolve: (query, _root, _args, context) =>
        context.db.prisma.supplier.findMany({ ...numberedPage(query), orderBy: { id: 'asc' } }),
    },
    SupplierConnection,
  ),
  purchaseOrder: t.prismaField({
    type: PurchaseOrder,
    nullable: true,
    description:
      'The purchase order with this number or ID; null if there is none or this token may not read it.',
    authScopes: INTERNAL,
    args: {
      by: t.arg({
        type: PurchaseOrderKeyInput,
        required: true,
        description: 'Number or ID of the purchase order.',
      }),
    },
    resolve: (query, _root, { by }, context) =>
      context.db.prisma.purchase.findFirst({
        ...query,
        where: { ...whereKey(by), AND: visiblePurchases(context.caller) },
      }),
  }),
  purchaseOrders: t.prismaConnection(
    {
      type: PurchaseOrder,
      cursor: 'id',
      description: 'Purchase orders, newest first. Staff see those for their own locations.',
      authScopes: INTERNAL,
      args: { filter: t.arg({ type: PurchaseOrderFilter }) },
      resolve: async (query, _root, { filter }, context) => {
        const { location, supplier, statuses, expectedBefore } = filter ?? {};
        if (supplier != null) checkText(supplier, 'filter.supplier', SUPPLIER_LIMITS.codeLength);
        const locationId = await locationLookup.idOf(context.db, location);
        return context.db.prisma.purchase.findMany({
          ...documentPage(query),
          where: purchasesWhere(context.caller, {
            locationId,
            supplier: supplier == null ? null : scannedCode(supplier),
            statuses: statuses ?? null,
            expectedBefore: expectedBefore ?? null,
          }),
          orderBy: { id: 'desc' },
        });
      },
    },
    PurchaseOrderConnection,
  ),
}));
