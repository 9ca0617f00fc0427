// Mutations of picking: waves, scans, picks undone, short picks, broken units, and marking orders as ready.

import { STAFF } from '../../access/rules/roleSets';
import { type ScannedUnits, unitsOfScan } from '../../catalog/queries/gtins';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { CATALOG_LIMITS, gtinProblem } from '../../catalog/rules/codes';
import { isLabel } from '../../catalog/rules/labels';
import { SKU_FIELD } from '../../catalog/schema/sku';
import type { Context } from '../../graphql/context';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { labelRulesAt } from '../../location/queries/labels';
import { checkCount, checkQuantity, checkText, refuse } from '../../refusals';
import { Transfer } from '../../transfer/schema/types';
import { scannedCode } from '../../values/text';
import { typedLine } from '../../values/typedText';
import { type Article, markReady, pickLine, type Scan, startPicking } from '../actions/pick';
import { reportBroken, type ShortPicked, shortPick } from '../actions/short';
import { undoPick } from '../actions/undoPick';
import { locationOfOrder } from '../queries/orderLocation';
import { ORDER } from '../rules/columns';
import { ORDER_LIMITS } from '../rules/limits';
import { ShortReasonEnum } from './enums';
import { Order } from './order';
import { changedOrder, orderField } from './orderMutation';
import { LinesOpen, WrongScan } from './refusals';

/** The article of a SKU code. @throws Refused NotFound, InvalidInput */
export async function articleOf(context: Context, sku: string, path: string): Promise<Article> {
  checkText(sku, path, ORDER_LIMITS.codeLength);
  return { id: (await skuIdsByCode(context.db, [sku])).get(sku)!, code: sku };
}

const startPickingSuccess: Success<{ orderIds: string[] }> = {
  description: 'The orders being picked. Read pickList for what to take from where.',
  authScopes: STAFF,
  fields: (t) => ({
    orders: t.prismaField({
      type: [Order],
      description: 'The orders being picked.',
      resolve: (query, { orderIds }, _args, context) =>
        context.db.prisma.order.findMany({
          ...query,
          where: { id: { in: orderIds } },
          orderBy: { id: 'asc' },
        }),
    }),
  }),
};

mutation('startPicking', {
  description: 'Starts to pick several orders of one shop together (a wave); all of them or none.',
  authScopes: STAFF,
  price: commandPrice('orders', 3 * LOCKED_LINE),
  sentLater: true,
  input: (t) => ({
    orders: t.globalIDList({
      required: true,
      for: [Order],
      description: `Orders of one shop to pick together, at most ${ORDER_LIMITS.waveOrders}.`,
    }),
  }),
  success: startPickingSuccess,
  refusals: [WrongState],
  execute: (input, context, request) => {
    checkCount(input.orders, 'orders', ORDER_LIMITS.waveOrders);
    const orderIds = [...new Set(input.orders.map((o) => o.id))];
    return startPicking(context.db, request({ orderIds }));
  },
});

/** The SKU and the units behind the scan of a GTIN or of a GS1 code. @throws Refused InvalidInput for a text that is neither */
async function scanned(context: Context, gtin: string, orderId: string): Promise<ScannedUnits | null> {
  checkText(gtin, 'gtin', CATALOG_LIMITS.scanLength);
  const problem = gtinProblem(gtin);
  if (problem !== null) refuse('InvalidInput', `${problem}; scan it again.`, { path: 'gtin' });
  const location = isLabel(gtin) ? await locationOfOrder(context.db, orderId) : null;
  return unitsOfScan(context.db, gtin, 'gtin', await labelRulesAt(context.db, location, [gtin]));
}

mutation('pickLine', {
  description: 'Records units of one line as picked, checked by scan; never more than the line needs.',
  authScopes: STAFF,
  price: commandPrice(),
  inputDescription:
    'With sku and gtin, the scan is checked against that line; with gtin alone, against all lines.',
  sentLater: true,
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    sku: t.string({ description: 'SKU code of the line being picked.' }),
    gtin: t.string({
      description:
        'The scanned GTIN-8, -12, -13 or -14, or a whole GS1 code that has one (01), such as a DataMatrix; or a logistic label with the GTIN and the count of its contents (02, 37).',
    }),
    quantity: t.int({
      required: true,
      defaultValue: 1,
      description: 'Units picked; with the GTIN of a case, cases picked.',
    }),
  }),
  success: changedOrder,
  refusals: [WrongState, WrongScan],
  execute: async (input, context, request) => {
    checkQuantity(input.quantity, 'quantity');
    const sku = input.sku == null ? null : await articleOf(context, input.sku, 'sku');
    if (sku === null && input.gtin == null)
      refuse('InvalidInput', 'gtin is missing; scan the article, or name its sku.', { path: 'gtin' });
    const found = input.gtin == null ? null : await scanned(context, input.gtin, input.order.id);
    const article = found && { id: found.id, code: found.code };
    const scan: Scan | null = input.gtin == null ? null : { gtin: scannedCode(input.gtin), article };
    const quantity = input.quantity * (found?.units ?? 1);
    const what = { orderId: input.order.id, sku, scan, quantity };
    return pickLine(context.db, request(what));
  },
});

const shortPickSuccess: Success<ShortPicked> = {
  description: 'What happened to the missing units: quantity = replacedHere + resourced + short.',
  authScopes: STAFF,
  fields: (t) => ({
    order: orderField(t),
    sku: t.field(SKU_FIELD),
    replacedHere: t.exposeInt('replacedHere', {
      description: 'Units to be picked from remaining stock of the same location.',
    }),
    resourced: t.exposeInt('resourced', { description: 'Units that come from another location.' }),
    short: t.exposeInt('short', { description: 'Units given up.' }),
    transfers: t.prismaField({
      type: [Transfer],
      description: 'Transfers that bring units from other locations.',
      resolve: (query, { transferIds }, _args, context) =>
        context.db.prisma.transfer.findMany({
          ...query,
          where: { id: { in: transferIds } },
          orderBy: { id: 'asc' },
        }),
    }),
  }),
};

mutation('shortPick', {
  description:
    'Reports units of a line as missing or unusable: corrects the stock, opens a count, and sources the units elsewhere or gives them up.',
  authScopes: STAFF,
  price: commandPrice(),
  sentLater: true,
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, description: 'Units that are missing or unusable.' }),
    reason: t.field({ type: ShortReasonEnum, required: true, description: 'What is wrong with them.' }),
    resource: t.boolean({
      required: true,
      defaultValue: true,
      description: 'Sources the units elsewhere if possible; false gives them up.',
    }),
  }),
  success: shortPickSuccess,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    checkQuantity(input.quantity, 'quantity');
    const { quantity, reason, resource } = input;
    const sku = await articleOf(context, input.sku, 'sku');
    const what = { orderId: input.order.id, sku, quantity, reason, resource };
    return shortPick(context.db, request(what));
  },
});

mutation('undoPick', {
  description:
    'Takes back a pick: units of a line go back to the stock of the location and are to be picked again; they stay promised to the order.',
  authScopes: STAFF,
  price: commandPrice(),
  sentLater: true,
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, defaultValue: 1, description: 'Picked units that go back.' }),
  }),
  success: changedOrder,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    checkQuantity(input.quantity, 'quantity');
    const sku = await articleOf(context, input.sku, 'sku');
    return undoPick(context.db, request({ orderId: input.order.id, sku, quantity: input.quantity }));
  },
});

mutation('reportBroken', {
  description:
    'Reports picked units of a line as broken: they go to quarantine, the stock of the location is counted, and others are picked here, sourced elsewhere or given up. An order that was READY and gets others is prepared again: its pickup code is void, and its customer is notified.',
  authScopes: STAFF,
  price: commandPrice(),
  sentLater: true,
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, defaultValue: 1, description: 'Picked units that are broken.' }),
    resource: t.boolean({
      required: true,
      defaultValue: true,
      description:
        'Replaces the units from this location or other locations if possible; false gives them up.',
    }),
  }),
  success: shortPickSuccess,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    checkQuantity(input.quantity, 'quantity');
    const { quantity, resource } = input;
    const sku = await articleOf(context, input.sku, 'sku');
    return reportBroken(context.db, request({ orderId: input.order.id, sku, quantity, resource }));
  },
});

mutation('markReady', {
  description:
    'Marks an order as ready at its staging place: the customer gets a pickup code and one notification.',
  authScopes: STAFF,
  price: commandPrice(),
  sentLater: true,
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    stagingArea: t.string({
      required: true,
      description: 'Where the goods are, such as a shelf or locker at the counter.',
    }),
  }),
  success: changedOrder,
  refusals: [WrongState, LinesOpen],
  execute: (input, context, request) => {
    const stagingPlace = typedLine(input.stagingArea, 'stagingArea', ORDER.columns.stagingPlace.maxLength);
    const what = { orderId: input.order.id, stagingPlace };
    return markReady(context.secretKey)(context.db, request(what));
  },
});
