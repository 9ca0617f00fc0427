// Mutations at the counter: onMyWay, imHere, new pickup codes, and the handover.

import { STAFF, STOREFRONTS_OR_STAFF } from '../../access/rules/roleSets';
import { resolveSkuUnits } from '../../catalog/queries/skuUnits';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import type { Context } from '../../graphql/context';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { documentInputs } from '../../graphql/documentFields';
import { type InputFields, type InputOf, mutation } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { checkCount, checkQuantity, checkText, MAX_LINES, notFound, refuse } from '../../refusals';
import { checkedInput } from '../../values/document';
import { sumBySku } from '../../values/skuUnits';
import { documentNumber } from '../../values/text';
import { type CollectInput, collectOrder, imHere, onMyWay, reissuePickupCode } from '../actions/collect';
import { orderIdByNumber } from '../queries/orders';
import { hashPickupCode, parsePickupQr, pickupCodeProblem } from '../rules/code';
import { ORDER } from '../rules/columns';
import { checkName } from '../rules/customer';
import { ORDER_LIMITS } from '../rules/limits';
import { allowed } from './codeLimit';
import { Order } from './order';
import { changedOrder, ofOrder } from './orderMutation';
import {
  PaymentDue,
  PickupCodeLocked,
  TooManyCodeAttempts,
  TooManyNewCodes,
  WrongPickupCode,
} from './refusals';

mutation('reissuePickupCode', {
  description: 'Sends the customer a new pickup code; the previous one stops working.',
  authScopes: STOREFRONTS_OR_STAFF,
  price: commandPrice(),
  input: ofOrder,
  success: changedOrder,
  refusals: [WrongState, TooManyNewCodes],
  execute: (input, context, request) =>
    allowed(() => reissuePickupCode(context.secretKey)(context.db, request({ orderId: input.order.id }))),
});

mutation('onMyWay', {
  description: 'Records that the customer has set out. Only for an order that is READY.',
  authScopes: STOREFRONTS_OR_STAFF,
  price: commandPrice(),
  input: ofOrder,
  success: changedOrder,
  refusals: [WrongState],
  execute: (input, context, request) => onMyWay(context.db, request({ orderId: input.order.id })),
});

mutation('imHere', {
  description: 'Records that the customer has arrived. Only for an order that is READY.',
  authScopes: STOREFRONTS_OR_STAFF,
  price: commandPrice(),
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    ...documentInputs(t, ORDER, 'imHere'),
  }),
  success: changedOrder,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    const values = checkedInput(ORDER, 'imHere', input);
    return imHere(context.db, request({ orderId: input.order.id, ...values }));
  },
});

const collectOrderInput = (t: InputFields) => ({
  order: t.globalID({ description: 'Global ID of the order.', for: [Order] }),
  number: t.string({ description: 'Order number (C-…), instead of `order`.' }),
  code: t.string({ required: true, description: 'The pickup code as typed, or the text of the QR code.' }),
  collectedBy: t.string({ description: 'Name of the person who takes the goods, if it is another one.' }),
  lines: t.field({
    type: [SkuQuantityInput],
    description:
      'What is taken; omitted SKUs are not taken. If the whole list is omitted, everything is taken.',
  }),
  paid: t.boolean({
    required: true,
    defaultValue: false,
    description: 'Confirms that a PAY_IN_STORE order was paid.',
  }),
});

type CollectOrderRequest = InputOf<typeof collectOrderInput>;

/**
 * The order that is meant, and the code that was shown. A text that cannot be a code is refused here and does not count as an
 * attempt, because a scanning error is no guess. @throws Refused InvalidInput, NotFound
 */
async function shown(
  context: Context,
  input: CollectOrderRequest,
): Promise<{ orderId: string; code: string }> {
  checkText(input.code, 'code', ORDER_LIMITS.codeLength);
  const qr = parsePickupQr(input.code);
  const code = qr?.code ?? input.code;
  const problem = pickupCodeProblem(code);
  if (problem !== null) refuse('InvalidInput', `This is no pickup code: ${problem}.`, { path: 'code' });
  if (input.number != null) checkText(input.number, 'number', ORDER_LIMITS.codeLength);
  const named = input.number == null ? null : documentNumber(input.number);
  const number = named ?? qr?.orderNumber ?? null;
  if (input.order == null && number === null) {
    refuse('InvalidInput', 'order is missing; name it by order or number, or scan its QR code.', {
      path: 'order',
    });
  }
  const byNumber = number === null ? null : await orderIdByNumber(context.db, number);
  const orderId = input.order?.id ?? byNumber;
  if (orderId === null) throw notFound('Order', [number!]);
  const disagree = [named, qr?.orderNumber].some((n) => n != null && n !== number);
  if (disagree || (number !== null && byNumber !== orderId)) {
    refuse(
      'InvalidInput',
      'order, number and QR code name different orders; hand over the one of the code.',
      {
        path: 'code',
      },
    );
  }
  return { orderId, code };
}

async function takenOf(
  context: Context,
  lines: CollectOrderRequest['lines'],
): Promise<CollectInput['lines']> {
  if (lines == null) return null;
  checkCount(lines, 'lines', MAX_LINES);
  const bySku = new Map<string, number>();
  for (const [i, line] of lines.entries()) {
    checkText(line.sku, `lines.${i}.sku`, ORDER_LIMITS.codeLength);
    checkQuantity(line.quantity, `lines.${i}.quantity`, 0);
    bySku.set(line.sku, (bySku.get(line.sku) ?? 0) + line.quantity);
  }
  const units = [...bySku].map(([sku, quantity]) => ({ sku, quantity }));
  const taken = sumBySku(await resolveSkuUnits(context.db, units));
  return taken.map(({ skuId: id, sku: code, quantity }) => ({ sku: { id, code }, quantity }));
}

mutation('collectOrder', {
  description: 'Hands over an order, whole or in part, against its pickup code.',
  authScopes: STAFF,
  price: commandPrice('lines', LOCKED_LINE),
  inputDescription: 'The order by ID or number. A QR code names its order itself.',
  sentLater: true,
  input: collectOrderInput,
  success: changedOrder,
  refusals: [WrongState, WrongPickupCode, PickupCodeLocked, TooManyCodeAttempts, PaymentDue],
  execute: async (input, context, request) => {
    const { orderId, code } = await shown(context, input);
    const what: CollectInput = {
      orderId,
      codeHash: hashPickupCode(context.secretKey, orderId, code),
      collectedBy: input.collectedBy == null ? null : checkName(input.collectedBy, 'collectedBy'),
      lines: await takenOf(context, input.lines),
      paid: input.paid,
    };
    return allowed(() => collectOrder(context.db, request(what)));
  },
});
