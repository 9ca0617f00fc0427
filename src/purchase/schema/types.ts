// GraphQL types of suppliers and purchase orders: the documents and the lists.

import { INTERNAL } from '../../access/rules/roleSets';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage, numberedPage } from '../../graphql/connections';
import { documentFields } from '../../graphql/documentFields';
import { documentKey, whereKey } from '../../graphql/documentKey';
import { partsLoader } from '../../graphql/lineLoaders';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkText } from '../../refusals';
import { scannedCode } from '../../values/text';
import { purchasesWhere, visiblePurchases } from '../queries';
import { PURCHASE, SUPPLIER_LIMITS } from '../rules';

export const Supplier = builder.prismaNode('Supplier', {
  id: { field: 'id' },
  nullable: true,
  description: 'Who sells to the retailer.',
  authScopes: INTERNAL,
  fields: (t) => ({
    code: t.exposeString('code', { description: 'The retailer’s own code; never changes.' }),
    name: t.exposeString('name'),
    leadTimeDays: t.exposeInt('leadTimeDays', { description: 'Days from order to delivery.' }),
  }),
});

const SupplierConnection = connectionOf(Supplier);

const PurchaseOrderStatus = builder.enumType('PurchaseOrderStatus', {
  description: 'DRAFT → ORDERED → PARTIALLY_RECEIVED → RECEIVED, or CLOSED when the rest will not come.',
  values: ['DRAFT', 'ORDERED', 'PARTIALLY_RECEIVED', 'RECEIVED', 'CLOSED'] as const,
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
    sku: t.field({ type: Sku, resolve: (line, _args, context) => skuById(context).load(line.skuId) }),
    quantity: t.exposeInt('quantity', { description: 'Units ordered.' }),
    received: t.exposeInt('received', { description: 'Units that came, over all deliveries.' }),
    outstanding: t.int({
      select: { quantity: true, received: true },
      description: 'Units that have not come; after CLOSED they will not.',
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
  description: 'Units ordered from a supplier for one place.',
  authScopes: INTERNAL,
  fields: (t) => ({
    ...documentFields(t, PURCHASE, { purchase_status: PurchaseOrderStatus }),
    supplier: t.relation('supplier'),
    location: t.relation('location', { description: 'Where it is delivered.' }),
    lines: t.field({
      type: [PurchaseLine],
      resolve: (purchase, _args, context) => linesOf(context).load(purchase.id),
    }),
  }),
});

const PurchaseOrderConnection = connectionOf(PurchaseOrder);

const PurchaseOrderFilter = builder.inputType('PurchaseOrderFilter', {
  fields: (t) => ({
    location: t.string({ description: 'Location code.' }),
    supplier: t.string({ description: 'Supplier code.' }),
    statuses: t.field({ type: [PurchaseOrderStatus], description: 'All when left out.' }),
    expectedBefore: t.field({ type: 'DateTime', description: 'Expected before this instant.' }),
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
    description: 'The purchase order with this ID; null if there is none or this token may not read it.',
    authScopes: INTERNAL,
    args: { by: t.arg({ type: PurchaseOrderKeyInput, required: true }) },
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
        const places = location == null ? null : await locationIdsByCode(context.db, [location]);
        return context.db.prisma.purchase.findMany({
          ...documentPage(query),
          where: purchasesWhere(context.caller, {
            locationId: places?.get(location!) ?? null,
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
