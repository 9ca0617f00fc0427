// Mutations of returns.

import {
  ORDER_SERVICE,
  RETURN_READERS,
  STAFF_OR_FEEDS,
  STAFF_OR_PLANNERS,
} from '../../access/rules/roleSets';
import { resolveSkuUnits } from '../../catalog/queries/skuUnits';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { refusalType, WrongState } from '../../graphql/refusal';
import { labelRulesAt } from '../../location/queries/labels';
import { locationIdsByCode, locationLookup } from '../../location/queries/locations';
import { Order } from '../../order/schema/order';
import { checkCount, checkQuantity, MAX_LINES, refuse } from '../../refusals';
import { typedNote } from '../../values/typedText';
import { rejectReturn, requestReturn } from '../actions/announce';
import { receiveReturn } from '../actions/receive';
import type { Reference } from '../actions/terms';
import { RETURN, RETURN_LINE, receiptNumber } from '../rules';
import { Return, ReturnDisposition } from './types';

const REASON_DESCRIPTION = 'Why it is returned.';

const ReturnWindowClosed = refusalType(
  'ReturnWindowClosed',
  'The return window of this SKU has ended.',
  (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    soldAt: t.field({
      type: 'DateTime',
      description: 'When it was sold.',
      resolve: (refusal) => new Date(refusal.soldAt),
    }),
    lastDay: t.field({
      type: 'Date',
      description: 'The last day of the window, local to where it was bought.',
      resolve: (refusal) => refusal.lastDay,
    }),
  }),
);

const NotReturnable = refusalType(
  'NotReturnable',
  'The SKU was sold without a right of return: its return window was 0 days.',
  (t) => ({ sku: t.exposeString('sku', { description: 'SKU code.' }) }),
);

const TooManyReturned = refusalType(
  'TooManyReturned',
  'More units than were bought and not returned yet.',
  (t) => ({
    sku: t.exposeString('sku', { description: 'SKU code.' }),
    requested: t.exposeInt('requested', { description: 'Units requested.' }),
    returnable: t.exposeInt('returnable', { description: 'Units that can be returned.' }),
  }),
);

const ReceiptInput = builder.inputType('ReceiptInput', {
  description: 'A till receipt. What is stated first for a number is final.',
  fields: (t) => ({
    number: t.string({
      required: true,
      description: 'Unique in the whole chain. Stored in capitals without spaces.',
    }),
    soldAt: t.field({ type: 'DateTime', required: true, description: 'When it was sold.' }),
    lines: t.field({
      type: [SkuQuantityInput],
      required: true,
      description: 'At least the SKUs that are returned.',
    }),
  }),
});

const RequestReturnLineInput = builder.inputType('RequestReturnLineInput', {
  description: 'Units of one SKU to be returned.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, description: 'Units to be returned.' }),
    reason: t.string({ description: REASON_DESCRIPTION }),
  }),
});

const ReceiveReturnLineInput = builder.inputType('ReceiveReturnLineInput', {
  description: 'Returned units of one SKU.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code. A SKU may be in several lines.' }),
    quantity: t.int({ required: true, description: 'Units returned.' }),
    reason: t.string({ description: REASON_DESCRIPTION }),
    disposition: t.field({
      type: ReturnDisposition,
      required: true,
      description: 'What happens to the units.',
    }),
  }),
});

interface UnitsInput {
  sku: string;
  quantity: number;
}

/** Checks lines of SKUs and units, and finds the SKUs. @throws Refused InvalidInput, NotFound */
async function unitsOf<L extends UnitsInput>(
  context: Context,
  lines: readonly L[],
  path: string,
  location: string | null | undefined,
) {
  checkCount(lines, path, MAX_LINES);
  for (const [i, line] of lines.entries()) checkQuantity(line.quantity, `${path}.${i}.quantity`);
  const scans = lines.map(({ sku }) => sku);
  const labelRules = await labelRulesAt(context.db, location, scans);
  return resolveSkuUnits(context.db, lines, { path, labelRules });
}

async function linesOf<L extends UnitsInput & { reason?: string | null }>(
  context: Context,
  lines: readonly L[],
  location: string | null | undefined,
) {
  const resolved = await unitsOf(context, lines, 'lines', location);
  return resolved.map((line, i) => {
    const reason = typedNote(line.reason ?? '', `lines.${i}.reason`, RETURN_LINE.columns.reason.maxLength);
    return { ...line, reason };
  });
}

interface ReferenceInput {
  order?: { id: string } | null;
  receipt?: { number: string; soldAt: Date; lines: UnitsInput[] } | null;
  location?: string | null;
}

async function referenceOf(
  context: Context,
  { order, receipt, location }: ReferenceInput,
): Promise<Reference> {
  if (receipt == null) return { orderId: order?.id ?? null, receipt: null };
  const number = receiptNumber(receipt.number, 'receipt.number');
  const { soldAt } = receipt;
  const resolved = await unitsOf(context, receipt.lines, 'receipt.lines', location);
  const lines = resolved.map(({ skuId, quantity }) => ({ skuId, quantity }));
  return { orderId: null, receipt: { number, soldAt, lines } };
}

/** What the client sent as the first release took it: number and reasons as they were typed. */
function asTyped<W extends Reference & { lines: { reason: string }[] }>(
  what: W,
  { receipt, lines }: { receipt?: { number: string } | null; lines: readonly { reason?: string | null }[] },
): W {
  return {
    ...what,
    receipt: what.receipt && { ...what.receipt, number: receipt!.number },
    lines: what.lines.map((line, i) => ({ ...line, reason: lines[i]!.reason ?? '' })),
  };
}

/** @throws Refused InvalidInput unless exactly one of these is given */
function checkOneOf(given: Record<string, unknown>): void {
  const names = Object.keys(given);
  const count = names.filter((name) => given[name] != null).length;
  if (count !== 1) {
    const message = `${count} of ${names.join(', ')} are given; give exactly one, which identifies the purchase.`;
    refuse('InvalidInput', message, { path: names[0]! });
  }
}

const changedReturn: Success<{ returnId: string }> = {
  authScopes: RETURN_READERS,
  fields: (t) => ({
    return: t.prismaField({
      type: Return,
      resolve: (query, { returnId }, _args, context) =>
        context.db.prisma.return.findUniqueOrThrow({ ...query, where: { id: returnId } }),
    }),
  }),
};

mutation('requestReturn', {
  description:
    'Announces a return: a storefront for its own orders, an agent for orders of customers whom it serves, staff for any purchase.',
  authScopes: ORDER_SERVICE,
  price: commandPrice('lines', LOCKED_LINE),
  input: (t) => ({
    order: t.globalID({
      for: [Order],
      description: 'Global ID of the collected order; either this or `receipt`.',
    }),
    receipt: t.field({ type: ReceiptInput, description: 'For a purchase at a till; staff only.' }),
    location: t.string({
      description: 'Code of the location it will be brought to; the order’s own if omitted.',
    }),
    lines: t.field({ type: [RequestReturnLineInput], required: true, description: 'What will be returned.' }),
  }),
  success: changedReturn,
  refusals: [WrongState, NotReturnable, ReturnWindowClosed, TooManyReturned],
  execute: async (input, context, request) => {
    const { order, receipt, location } = input;
    checkOneOf({ order, receipt });
    if (receipt != null && location == null) {
      const message = 'location is missing; a receipt does not name where the goods will be brought.';
      refuse('InvalidInput', message, { path: 'location' });
    }
    const reference = await referenceOf(context, input);
    const lines = await linesOf(context, input.lines, location);
    const locationId = await locationLookup.idOf(context.db, location);
    const what = { ...reference, locationId, lines };
    return requestReturn(context.db, request(what, asTyped(what, input)));
  },
});

mutation('receiveReturn', {
  description:
    'Takes goods back, announced or not, bought here or elsewhere; each line decides where its units go. An announced return may arrive in several parcels; goods that come with only an order or receipt settle the open announcements of that purchase.',
  authScopes: STAFF_OR_FEEDS,
  price: commandPrice('lines', LOCKED_LINE),
  sentLater: true,
  input: (t) => ({
    return: t.globalID({
      for: [Return],
      description:
        'Global ID of the announced return; either this, `order` or `receipt`. Use it again for each further parcel.',
    }),
    order: t.globalID({ for: [Order], description: 'Global ID of the collected order.' }),
    receipt: t.field({ type: ReceiptInput, description: 'For a purchase at a till.' }),
    location: t.string({ required: true, description: 'Code of the location where the goods are now.' }),
    lines: t.field({ type: [ReceiveReturnLineInput], required: true, description: 'What was received.' }),
  }),
  success: changedReturn,
  refusals: [WrongState, NotReturnable, ReturnWindowClosed, TooManyReturned],
  execute: async (input, context, request) => {
    const { return: announced, order, receipt, location } = input;
    checkOneOf({ return: announced, order, receipt });
    const reference = await referenceOf(context, input);
    const lines = await linesOf(context, input.lines, location);
    const locationIds = await locationIdsByCode(context.db, [location]);
    const what = {
      ...reference,
      returnId: announced?.id ?? null,
      locationId: locationIds.get(location)!,
      locationCode: location,
      lines,
    };
    return receiveReturn(context.db, request(what, asTyped(what, input)));
  },
});

mutation('rejectReturn', {
  description: 'Rejects an announced return. For staff of the location it is announced for.',
  authScopes: STAFF_OR_PLANNERS,
  price: commandPrice(),
  input: (t) => ({
    return: t.globalID({ required: true, for: [Return] }),
    reason: t.string({ required: true, description: 'Why, as a text for the customer.' }),
  }),
  success: changedReturn,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    const reason = typedNote(input.reason, 'reason', RETURN.columns.rejectReason.maxLength, 1);
    return rejectReturn(context.db, request({ returnId: input.return.id, reason }));
  },
});
