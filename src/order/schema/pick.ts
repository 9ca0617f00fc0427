// The shop's side as its tablet calls it: waves, scans, short picks, ready.

import { skuByGtin, skuIdsByCode } from '../../catalog/queries/skus';
import { gtinProblem } from '../../catalog/rules/codes';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { commandRequest, IDEMPOTENCY_KEY_DESCRIPTION } from '../../graphql/commandRequest';
import type { Context } from '../../graphql/context';
import { answering, answerUnion, WrongState } from '../../graphql/refusal';
import { checkCount, checkQuantity, checkText, refuse } from '../../refusals';
import { Transfer } from '../../transfer/schema/types';
import { scannedCode } from '../../values/text';
import { typedLine } from '../../values/typedText';
import { type Article, markReady, pickLine, type Scan, startPicking } from '../actions/pick';
import { type ShortPicked, shortPick } from '../actions/short';
import { ORDER_LIMITS } from '../rules/limits';
import { Order, ShortReasonEnum } from './order';
import { orderSuccess } from './orderMutation';
import { LinesOpen, WrongScan } from './refusals';

/** The article of a SKU code. @throws Refused NotFound, InvalidInput */
export async function articleOf(context: Context, sku: string, path: string): Promise<Article> {
  checkText(sku, path, ORDER_LIMITS.codeLength);
  return { id: (await skuIdsByCode(context.db, [sku])).get(sku)!, code: sku };
}

const StartPickingInput = builder.inputType('StartPickingInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    orders: t.globalIDList({
      required: true,
      for: [Order],
      description: `The orders of one shop to take off the shelves together, at most ${ORDER_LIMITS.waveOrders}.`,
    }),
  }),
});

const StartPickingSuccess = builder.objectRef<{ orderIds: string[] }>('StartPickingSuccess').implement({
  description: 'The wave; ask pickList for what to take from where.',
  authScopes: { roles: ['STAFF'] },
  fields: (t) => ({
    orders: t.prismaField({
      type: [Order],
      resolve: (query, { orderIds }, _args, context) =>
        context.db.prisma.order.findMany({
          ...query,
          where: { id: { in: orderIds } },
          orderBy: { id: 'asc' },
        }),
    }),
  }),
});

builder.mutationField('startPicking', (t) =>
  t.field({
    description: 'Takes several orders of one shop into a wave: all of them, or none.',
    type: answerUnion('StartPicking', StartPickingSuccess, [WrongState]),
    authScopes: { roles: ['STAFF'] },
    args: { input: t.arg({ type: StartPickingInput, required: true }) },
    resolve: answering('StartPickingSuccess', (_root, { input }, context) => {
      checkCount(input.orders, 'orders', ORDER_LIMITS.waveOrders);
      const orderIds = [...new Set(input.orders.map((o) => o.id))];
      return startPicking(context.db, commandRequest(context, input.idempotencyKey, { orderIds }));
    }),
  }),
);

const PickLineInput = builder.inputType('PickLineInput', {
  description: 'With sku and gtin the scan is checked against that line; with gtin alone against all lines.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    order: t.globalID({ required: true, for: [Order] }),
    sku: t.string({ description: 'SKU code of the line the picker is at.' }),
    gtin: t.string({ description: 'What was scanned: GTIN-8, -12, -13 or -14.' }),
    quantity: t.int({ required: true, defaultValue: 1, description: 'Units taken off the shelf.' }),
  }),
});

/** What was scanned. @throws Refused InvalidInput for what no bar code says */
async function scanOf(context: Context, gtin: string): Promise<Scan> {
  checkText(gtin, 'gtin', ORDER_LIMITS.codeLength);
  const problem = gtinProblem(gtin);
  if (problem !== null) refuse('InvalidInput', `${problem}; scan it again.`, { path: 'gtin' });
  return { gtin: scannedCode(gtin), article: await skuByGtin(context.db, gtin, 'gtin') };
}

builder.mutationField('pickLine', (t) =>
  t.field({
    description: 'Takes units of one line off the shelf, checked by scan; never more than the line asks for.',
    type: answerUnion('PickLine', orderSuccess('PickLineSuccess'), [WrongState, WrongScan]),
    authScopes: { roles: ['STAFF'] },
    args: { input: t.arg({ type: PickLineInput, required: true }) },
    resolve: answering('PickLineSuccess', async (_root, { input }, context) => {
      checkQuantity(input.quantity, 'quantity');
      const sku = input.sku == null ? null : await articleOf(context, input.sku, 'sku');
      const scan = input.gtin == null ? null : await scanOf(context, input.gtin);
      if (sku === null && scan === null)
        refuse('InvalidInput', 'gtin is missing; scan the article, or name its sku.', { path: 'gtin' });
      const what = { orderId: input.order.id, sku, scan, quantity: input.quantity };
      return pickLine(context.db, commandRequest(context, input.idempotencyKey, what));
    }),
  }),
);

const ShortPickInput = builder.inputType('ShortPickInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    order: t.globalID({ required: true, for: [Order] }),
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, description: 'Units that are missing or not good.' }),
    reason: t.field({ type: ShortReasonEnum, required: true }),
    resource: t.boolean({
      required: true,
      defaultValue: true,
      description: 'Fetch them from elsewhere where possible; false: give them up.',
    }),
  }),
});

const ShortPickSuccess = builder.objectRef<ShortPicked>('ShortPickSuccess').implement({
  description: 'What became of the missing units: quantity = replacedHere + resourced + short.',
  authScopes: { roles: ['STAFF'] },
  fields: (t) => ({
    order: t.prismaField({
      type: Order,
      resolve: (query, { orderId }, _args, context) =>
        context.db.prisma.order.findUniqueOrThrow({ ...query, where: { id: orderId } }),
    }),
    sku: t.field({ type: Sku, resolve: (done, _args, context) => skuById(context).load(done.skuId) }),
    replacedHere: t.exposeInt('replacedHere', { description: 'To be picked from the same shelf instead.' }),
    resourced: t.exposeInt('resourced', { description: 'To come from elsewhere.' }),
    short: t.exposeInt('short', { description: 'Given up.' }),
    transfers: t.prismaField({
      type: [Transfer],
      resolve: (query, { transferIds }, _args, context) =>
        context.db.prisma.transfer.findMany({
          ...query,
          where: { id: { in: transferIds } },
          orderBy: { id: 'asc' },
        }),
    }),
  }),
});

builder.mutationField('shortPick', (t) =>
  t.field({
    description:
      'Reports units that are not there or not good: corrects the shelf, opens a count, and finds the units elsewhere or gives them up.',
    type: answerUnion('ShortPick', ShortPickSuccess, [WrongState]),
    authScopes: { roles: ['STAFF'] },
    args: { input: t.arg({ type: ShortPickInput, required: true }) },
    resolve: answering('ShortPickSuccess', async (_root, { input }, context) => {
      checkQuantity(input.quantity, 'quantity');
      const { quantity, reason, resource } = input;
      const sku = await articleOf(context, input.sku, 'sku');
      const what = { orderId: input.order.id, sku, quantity, reason, resource };
      return shortPick(context.db, commandRequest(context, input.idempotencyKey, what));
    }),
  }),
);

const MarkReadyInput = builder.inputType('MarkReadyInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    order: t.globalID({ required: true, for: [Order] }),
    stagingPlace: t.string({ required: true, description: 'Where the goods stand: a shelf, a locker.' }),
  }),
});

builder.mutationField('markReady', (t) =>
  t.field({
    description: 'The goods stand at their staging place: the customer gets a pickup code and is told, once.',
    type: answerUnion('MarkReady', orderSuccess('MarkReadySuccess'), [WrongState, LinesOpen]),
    authScopes: { roles: ['STAFF'] },
    args: { input: t.arg({ type: MarkReadyInput, required: true }) },
    resolve: answering('MarkReadySuccess', (_root, { input }, context) => {
      const stagingPlace = typedLine(input.stagingPlace, 'stagingPlace', ORDER_LIMITS.stagingPlaceLength);
      const what = { orderId: input.order.id, stagingPlace };
      return markReady(context.secretKey)(context.db, commandRequest(context, input.idempotencyKey, what));
    }),
  }),
);
