// Mutations of suppliers and purchase orders.

import { INTERNAL, PLANNERS, PLANNERS_OR_FEEDS } from '../../access/rules/roleSets';
import { resolveSkuUnits } from '../../catalog/queries/skuUnits';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { commandPrice, LOCKED_LINE, WRITTEN_ROW } from '../../graphql/cost/price';
import { documentInputs } from '../../graphql/documentFields';
import { mutation, type Success } from '../../graphql/mutation';
import { refusalType, WrongState } from '../../graphql/refusal';
import { locationIdsByCode } from '../../location/queries/locations';
import { validTimeOfDay } from '../../location/rules/hours';
import { checkCount, checkQuantity, checkText, MAX_BULK, MAX_LINES, refuse } from '../../refusals';
import { checkedInput } from '../../values/document';
import { scannedCode } from '../../values/text';
import { typedName } from '../../values/typedText';
import {
  closePurchaseOrderWith,
  createPurchaseOrder,
  placePurchaseOrderWith,
  receivePurchaseOrder,
  type SupplierFacts,
  upsertSuppliers,
} from '../actions/commands';
import type { PurchaseFollower } from '../actions/draftMany';
import { type OverDeliveredLine, PURCHASE, SUPPLIER_LIMITS } from '../rules';
import { PurchaseOrder, Supplier } from './types';

/** Checks the lines of a request and finds their SKUs. @throws Refused InvalidInput, NotFound */
export async function purchaseUnits(context: Context, lines: readonly { sku: string; quantity: number }[]) {
  checkCount(lines, 'lines', MAX_LINES);
  for (const [i, line] of lines.entries()) checkQuantity(line.quantity, `lines.${i}.quantity`);
  const resolved = await resolveSkuUnits(context.db, lines);
  return resolved.map(({ sku, skuId, quantity }) => ({ sku, skuId, quantity }));
}

/** The success of a mutation of one purchase order. */
export const changedPurchaseOrder: Success<{ purchaseId: string }> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    purchaseOrder: t.prismaField({
      type: PurchaseOrder,
      resolve: (query, { purchaseId }, _args, context) =>
        context.db.prisma.purchase.findUniqueOrThrow({ ...query, where: { id: purchaseId } }),
    }),
  }),
};

const SupplierInput = builder.inputType('SupplierInput', {
  description: 'A supplier to create or change.',
  fields: (t) => ({
    code: t.string({
      required: true,
      description: 'The retailer’s own code. It identifies the supplier permanently.',
    }),
    name: t.string({ required: true, description: 'Name of the supplier.' }),
    leadTimeDays: t.int({ required: true, description: 'Days from order to delivery.' }),
    orderCutOff: t.string({
      description:
        'Local time, HH:MM, until which an order counts as of the day. Unchanged if omitted; null for none.',
    }),
  }),
});

/** A supplier's code as it is kept and looked up. @throws Refused InvalidInput */
function supplierCode(typed: string, path: string): string {
  checkText(typed, path, SUPPLIER_LIMITS.codeLength);
  const code = scannedCode(typed);
  checkText(code, path, SUPPLIER_LIMITS.codeLength);
  return code;
}

/** Checks a cut-off time. @throws Refused InvalidInput */
function checkCutOff(time: string, path: string): void {
  if (validTimeOfDay(time)) return;
  refuse('InvalidInput', `${path} '${time}' is not a time from 00:00 to 23:59 (HH:MM).`, { path });
}

/** Checks suppliers, and answers them in the form in which they are kept. @throws Refused InvalidInput */
function checkSuppliers(suppliers: readonly SupplierFacts[]): SupplierFacts[] {
  checkCount(suppliers, 'suppliers', MAX_BULK);
  const seen = new Set<string>();
  return suppliers.map(({ code: typedCode, name, leadTimeDays, orderCutOff }, i) => {
    const path = `suppliers.${i}`;
    const code = supplierCode(typedCode, `${path}.code`);
    checkQuantity(leadTimeDays, `${path}.leadTimeDays`, 0, SUPPLIER_LIMITS.leadTimeDays);
    if (orderCutOff != null) checkCutOff(orderCutOff, `${path}.orderCutOff`);
    if (seen.has(code)) {
      const message = `${path}.code '${code}' occurs twice; name each supplier once.`;
      refuse('InvalidInput', message, { path: `${path}.code` });
    }
    seen.add(code);
    return {
      code,
      name: typedName(name, `${path}.name`, SUPPLIER_LIMITS.nameLength),
      leadTimeDays,
      orderCutOff,
    };
  });
}

const upsertSuppliersSuccess: Success<{ supplierIds: number[] }> = {
  authScopes: PLANNERS_OR_FEEDS,
  fields: (t) => ({
    suppliers: t.prismaField({
      type: [Supplier],
      description: 'The suppliers, in the order of the request.',
      resolve: async (query, { supplierIds }, _args, context) => {
        const where = { id: { in: supplierIds } };
        const rows = await context.db.prisma.supplier.findMany({ ...query, where });
        const byId = new Map(rows.map((row) => [row.id, row]));
        return supplierIds.map((id) => byId.get(id)!);
      },
    }),
  }),
};

mutation('upsertSuppliers', {
  description: 'Creates suppliers and changes existing ones, by code.',
  authScopes: PLANNERS_OR_FEEDS,
  price: commandPrice('suppliers', WRITTEN_ROW),
  input: (t) => ({
    suppliers: t.field({
      type: [SupplierInput],
      required: true,
      description: 'Suppliers to create or change.',
    }),
  }),
  success: upsertSuppliersSuccess,
  execute: async (input, context, request) => {
    const suppliers = checkSuppliers(input.suppliers);
    return upsertSuppliers(context.db, request({ suppliers }));
  },
});

mutation('createPurchaseOrder', {
  description: 'Creates a purchase order as a draft, or orders at once.',
  authScopes: PLANNERS,
  price: commandPrice('lines', LOCKED_LINE),
  input: (t) => ({
    supplier: t.string({ required: true, description: 'Supplier code.' }),
    location: t.string({ required: true, description: 'Code of the location it is delivered to.' }),
    lines: t.field({ type: [SkuQuantityInput], required: true, description: 'What to order.' }),
    ...documentInputs(t, PURCHASE, 'createPurchaseOrder'),
    order: t.boolean({ description: 'Orders at once; a DRAFT if omitted.' }),
  }),
  success: changedPurchaseOrder,
  execute: async (input, context, request) => {
    const { location } = input;
    const supplier = supplierCode(input.supplier, 'supplier');
    const values = checkedInput(PURCHASE, 'createPurchaseOrder', input);
    const lines = await purchaseUnits(context, input.lines);
    const locationIds = await locationIdsByCode(context.db, [location]);
    return createPurchaseOrder(
      context.db,
      request({
        supplier,
        locationId: locationIds.get(location)!,
        lines,
        ...values,
        order: input.order ?? false,
      }),
    );
  },
});

/** Declares the mutations that place and drop drafts; the module of proposals passes what then becomes of its own. */
export function addDraftMutations(follower: PurchaseFollower): void {
  const placePurchaseOrder = placePurchaseOrderWith(follower);
  const closePurchaseOrder = closePurchaseOrderWith(follower);

  mutation('placePurchaseOrder', {
    description: 'Orders a draft from its supplier.',
    authScopes: PLANNERS,
    price: commandPrice(),
    input: (t) => ({
      purchaseOrder: t.globalID({ required: true, for: [PurchaseOrder] }),
      expectedAt: t.field({
        type: 'DateTime',
        description: 'Delivery time confirmed by the supplier; as drafted or by lead time if omitted.',
      }),
    }),
    success: changedPurchaseOrder,
    refusals: [WrongState],
    execute: (input, context, request) =>
      placePurchaseOrder(
        context.db,
        request({
          purchaseId: input.purchaseOrder.id,
          expectedAt: input.expectedAt ?? null,
        }),
      ),
  });

  mutation('closePurchaseOrder', {
    description: 'Closes a purchase order whose missing units will not come; cancels a draft.',
    authScopes: PLANNERS,
    price: commandPrice(),
    input: (t) => ({
      purchaseOrder: t.globalID({ required: true, for: [PurchaseOrder] }),
    }),
    success: changedPurchaseOrder,
    refusals: [WrongState],
    execute: (input, context, request) =>
      closePurchaseOrder(context.db, request({ purchaseId: input.purchaseOrder.id })),
  });
}

const OverDeliveredLineType = builder.objectRef<OverDeliveredLine>('OverDeliveredLine').implement({
  description: 'A SKU with too many units delivered.',
  authScopes: INTERNAL,
  fields: (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    ordered: t.exposeInt('ordered', { description: 'Units ordered.' }),
    received: t.exposeInt('received', { description: 'Units delivered before.' }),
    delivered: t.exposeInt('delivered', { description: 'Units of this delivery.' }),
    acceptable: t.exposeInt('acceptable', { description: 'Units that would be accepted.' }),
  }),
});

const OverDelivered = refusalType(
  'OverDelivered',
  'More was delivered than is accepted; nothing was posted.',
  (t) => ({
    number: t.exposeString('number', { description: 'Number of the purchase order (P-…).' }),
    lines: t.field({
      type: [OverDeliveredLineType],
      description: 'The SKUs concerned.',
      resolve: (refusal) => refusal.lines,
    }),
  }),
);

mutation('receivePurchaseOrder', {
  description: 'Records a delivery, whole or partial. Up to a tenth more than ordered is accepted.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  sentLater: true,
  input: (t) => ({
    purchaseOrder: t.globalID({ required: true, for: [PurchaseOrder] }),
    lines: t.field({
      type: [SkuQuantityInput],
      required: true,
      description: 'What was delivered.',
    }),
    close: t.boolean({ description: 'Closes the purchase order: what is missing will not come.' }),
  }),
  success: changedPurchaseOrder,
  refusals: [WrongState, OverDelivered],
  execute: async (input, context, request) =>
    receivePurchaseOrder(
      context.db,
      request({
        purchaseId: input.purchaseOrder.id,
        lines: await purchaseUnits(context, input.lines),
        close: input.close ?? false,
      }),
    ),
});
