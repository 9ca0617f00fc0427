// The acts on suppliers and purchase orders as clients call them.

import type { Role } from '../../access/rules/roles';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { builder } from '../../graphql/builder';
import { commandRequest, IDEMPOTENCY_KEY_DESCRIPTION } from '../../graphql/commandRequest';
import type { Context } from '../../graphql/context';
import { answering, answerUnion, refusalType, WrongState } from '../../graphql/refusal';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkCount, checkQuantity, checkText, MAX_BULK, MAX_LINES, refuse } from '../../refusals';
import { scannedCode } from '../../values/text';
import { optionalNote, typedName } from '../../values/typedText';
import {
  closePurchaseOrderWith,
  createPurchaseOrder,
  placePurchaseOrderWith,
  receivePurchaseOrder,
  upsertSuppliers,
} from '../actions/commands';
import type { PurchaseFollower } from '../actions/draftMany';
import { type OverDeliveredLine, SUPPLIER_LIMITS } from '../rules';
import { PurchaseOrder, Supplier } from './types';

const MAX_NOTE = 500;
const PLANNERS: { roles: Role[] } = { roles: ['PLANNER'] };
const RECEIVERS: { roles: Role[] } = { roles: ['STAFF', 'PLANNER', 'FEED'] };

const PurchaseOrderLineInput = builder.inputType('PurchaseOrderLineInput', {
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, description: 'Sellable units.' }),
  }),
});

/** Checks the lines of a request and finds their SKUs. @throws Refused InvalidInput, NotFound */
async function linesOf(context: Context, lines: readonly { sku: string; quantity: number }[]) {
  checkCount(lines, 'lines', MAX_LINES);
  for (const [i, line] of lines.entries()) checkQuantity(line.quantity, `lines.${i}.quantity`);
  const skuIds = await skuIdsByCode(
    context.db,
    lines.map((l) => l.sku),
  );
  return lines.map(({ sku, quantity }) => ({ sku, skuId: skuIds.get(sku)!, quantity }));
}

/** The success of an act on one purchase order. */
function successType(name: string) {
  return builder.objectRef<{ purchaseId: string }>(name).implement({
    authScopes: RECEIVERS,
    fields: (t) => ({
      purchaseOrder: t.prismaField({
        type: PurchaseOrder,
        resolve: (query, { purchaseId }, _args, context) =>
          context.db.prisma.purchase.findUniqueOrThrow({ ...query, where: { id: purchaseId } }),
      }),
    }),
  });
}

const SupplierInput = builder.inputType('SupplierInput', {
  fields: (t) => ({
    code: t.string({ required: true }),
    name: t.string({ required: true }),
    leadTimeDays: t.int({ required: true, description: 'Days from order to delivery.' }),
  }),
});

const UpsertSuppliersInput = builder.inputType('UpsertSuppliersInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    suppliers: t.field({ type: [SupplierInput], required: true }),
  }),
});

const UpsertSuppliersSuccess = builder
  .objectRef<{ supplierIds: number[] }>('UpsertSuppliersSuccess')
  .implement({
    authScopes: { roles: ['PLANNER', 'FEED'] },
    fields: (t) => ({
      suppliers: t.prismaField({
        type: [Supplier],
        description: 'In the order asked.',
        resolve: async (query, { supplierIds }, _args, context) => {
          const where = { id: { in: supplierIds } };
          const rows = await context.db.prisma.supplier.findMany({ ...query, where });
          const byId = new Map(rows.map((row) => [row.id, row]));
          return supplierIds.map((id) => byId.get(id)!);
        },
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

interface SupplierFacts {
  code: string;
  name: string;
  leadTimeDays: number;
}

/** Checks suppliers, and answers them in the form in which they are kept. @throws Refused InvalidInput */
function checkSuppliers(suppliers: readonly SupplierFacts[]): SupplierFacts[] {
  checkCount(suppliers, 'suppliers', MAX_BULK);
  const seen = new Set<string>();
  return suppliers.map(({ code: typedCode, name, leadTimeDays }, i) => {
    const path = `suppliers.${i}`;
    const code = supplierCode(typedCode, `${path}.code`);
    checkQuantity(leadTimeDays, `${path}.leadTimeDays`, 0, SUPPLIER_LIMITS.leadTimeDays);
    if (seen.has(code)) {
      const message = `${path}.code '${code}' stands twice; name each supplier once.`;
      refuse('InvalidInput', message, { path: `${path}.code` });
    }
    seen.add(code);
    return { code, name: typedName(name, `${path}.name`, SUPPLIER_LIMITS.nameLength), leadTimeDays };
  });
}

builder.mutationField('upsertSuppliers', (t) =>
  t.field({
    description: 'Writes suppliers by code, new or changed.',
    type: answerUnion('UpsertSuppliers', UpsertSuppliersSuccess),
    authScopes: { roles: ['PLANNER', 'FEED'] },
    args: { input: t.arg({ type: UpsertSuppliersInput, required: true }) },
    resolve: answering('UpsertSuppliersSuccess', async (_root, { input }, context) => {
      const suppliers = checkSuppliers(input.suppliers);
      return upsertSuppliers(context.db, commandRequest(context, input.idempotencyKey, { suppliers }));
    }),
  }),
);

const EXPECTED_TOLD = 'When it should be delivered; the supplier’s lead time from the order when left out.';

const CreatePurchaseOrderInput = builder.inputType('CreatePurchaseOrderInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    supplier: t.string({ required: true, description: 'Supplier code.' }),
    location: t.string({ required: true, description: 'Location code: where it is delivered.' }),
    lines: t.field({ type: [PurchaseOrderLineInput], required: true }),
    expectedAt: t.field({ type: 'DateTime', description: EXPECTED_TOLD }),
    note: t.string(),
    order: t.boolean({ description: 'Place it at once; otherwise it is a DRAFT.' }),
  }),
});

builder.mutationField('createPurchaseOrder', (t) =>
  t.field({
    description: 'Drafts an order to a supplier, or places it at once.',
    type: answerUnion('CreatePurchaseOrder', successType('CreatePurchaseOrderSuccess')),
    authScopes: PLANNERS,
    args: { input: t.arg({ type: CreatePurchaseOrderInput, required: true }) },
    resolve: answering('CreatePurchaseOrderSuccess', async (_root, { input }, context) => {
      const { location } = input;
      const supplier = supplierCode(input.supplier, 'supplier');
      const note = optionalNote(input.note, 'note', MAX_NOTE);
      const lines = await linesOf(context, input.lines);
      const places = await locationIdsByCode(context.db, [location]);
      return createPurchaseOrder(
        context.db,
        commandRequest(context, input.idempotencyKey, {
          supplier,
          locationId: places.get(location)!,
          lines,
          expectedAt: input.expectedAt ?? null,
          note,
          order: input.order ?? false,
        }),
      );
    }),
  }),
);

const PlacePurchaseOrderInput = builder.inputType('PlacePurchaseOrderInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    purchaseOrder: t.globalID({ required: true, for: [PurchaseOrder] }),
    expectedAt: t.field({
      type: 'DateTime',
      description: 'What the supplier confirmed; otherwise as drafted or by lead time.',
    }),
  }),
});

const ClosePurchaseOrderInput = builder.inputType('ClosePurchaseOrderInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    purchaseOrder: t.globalID({ required: true, for: [PurchaseOrder] }),
  }),
});

/** Declares the mutations that place and drop drafts; the module of proposals passes what then becomes of its own. */
export function addDraftMutations(follower: PurchaseFollower): void {
  const placePurchaseOrder = placePurchaseOrderWith(follower);
  const closePurchaseOrder = closePurchaseOrderWith(follower);

  builder.mutationFields((t) => ({
    placePurchaseOrder: t.field({
      description: 'A draft becomes an order to the supplier.',
      type: answerUnion('PlacePurchaseOrder', successType('PlacePurchaseOrderSuccess'), [WrongState]),
      authScopes: PLANNERS,
      args: { input: t.arg({ type: PlacePurchaseOrderInput, required: true }) },
      resolve: answering('PlacePurchaseOrderSuccess', (_root, { input }, context) =>
        placePurchaseOrder(
          context.db,
          commandRequest(context, input.idempotencyKey, {
            purchaseId: input.purchaseOrder.id,
            expectedAt: input.expectedAt ?? null,
          }),
        ),
      ),
    }),
    closePurchaseOrder: t.field({
      description: 'What has not come will not come; a draft is dropped.',
      type: answerUnion('ClosePurchaseOrder', successType('ClosePurchaseOrderSuccess'), [WrongState]),
      authScopes: PLANNERS,
      args: { input: t.arg({ type: ClosePurchaseOrderInput, required: true }) },
      resolve: answering('ClosePurchaseOrderSuccess', (_root, { input }, context) =>
        closePurchaseOrder(
          context.db,
          commandRequest(context, input.idempotencyKey, { purchaseId: input.purchaseOrder.id }),
        ),
      ),
    }),
  }));
}

const OverDeliveredLineType = builder.objectRef<OverDeliveredLine>('OverDeliveredLine').implement({
  description: 'A SKU of which more came than is accepted.',
  authScopes: RECEIVERS,
  fields: (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    ordered: t.exposeInt('ordered'),
    received: t.exposeInt('received', { description: 'Units that had come before.' }),
    delivered: t.exposeInt('delivered', { description: 'Units of this delivery.' }),
    acceptable: t.exposeInt('acceptable', { description: 'Units that would have been accepted.' }),
  }),
});

const OverDelivered = refusalType(
  'OverDelivered',
  'More came than is accepted; nothing was booked.',
  (t) => ({
    number: t.exposeString('number', { description: 'The purchase order’s, P-…' }),
    lines: t.field({ type: [OverDeliveredLineType], resolve: (refusal) => refusal.lines }),
  }),
);

const ReceivePurchaseOrderInput = builder.inputType('ReceivePurchaseOrderInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    purchaseOrder: t.globalID({ required: true, for: [PurchaseOrder] }),
    lines: t.field({
      type: [PurchaseOrderLineInput],
      required: true,
      description: 'What came with this delivery.',
    }),
    close: t.boolean({ description: 'What is still missing will not come: the order is closed.' }),
  }),
});

builder.mutationField('receivePurchaseOrder', (t) =>
  t.field({
    description: 'Books a delivery, whole or a part; a tenth more than ordered is accepted.',
    type: answerUnion('ReceivePurchaseOrder', successType('ReceivePurchaseOrderSuccess'), [
      WrongState,
      OverDelivered,
    ]),
    authScopes: RECEIVERS,
    args: { input: t.arg({ type: ReceivePurchaseOrderInput, required: true }) },
    resolve: answering('ReceivePurchaseOrderSuccess', async (_root, { input }, context) =>
      receivePurchaseOrder(
        context.db,
        commandRequest(context, input.idempotencyKey, {
          purchaseId: input.purchaseOrder.id,
          lines: await linesOf(context, input.lines),
          close: input.close ?? false,
        }),
      ),
    ),
  }),
);
