// Mutations that place and cancel orders.

import { DEFAULT_CHANNEL, resolveChannel } from '../../access/rules/channels';
import { ORDER_SERVICE, STOREFRONTS_OR_STAFF } from '../../access/rules/roleSets';
import { QuotaExceeded } from '../../access/schema/quotas';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { documentInputs } from '../../graphql/documentFields';
import { encodeGlobalID } from '../../graphql/ids';
import { type InputFields, type InputOf, mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { resolveUnitsAt } from '../../location/queries/labels';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkCount, checkQuantity, checkText, MAX_LINES, refuse } from '../../refusals';
import { Reservation } from '../../reservation/schema/types';
import { NotEnoughStock } from '../../stock/schema/refusals';
import { checkedInput } from '../../values/document';
import { sumBySku } from '../../values/skuUnits';
import { optionalNote } from '../../values/typedText';
import type { PlaceInput } from '../actions/basket';
import { cancelOrder } from '../actions/cancel';
import { placeOrder } from '../actions/place';
import { dialledFrom } from '../queries/orders';
import { ORDER } from '../rules/columns';
import { checkCustomer, firstReleaseCustomer } from '../rules/customer';
import { ORDER_LIMITS } from '../rules/limits';
import { isInternational } from '../rules/phone';
import { CancelReasonEnum, ContactChannelEnum, PaymentEnum } from './enums';
import { Order } from './order';
import { changedOrder, type Done, orderField } from './orderMutation';

const OrderCustomerInput = builder.inputType('OrderCustomerInput', {
  description: 'The person who collects the order.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Name of the person.' }),
    email: t.string({ description: 'Required for contactChannel EMAIL.' }),
    phone: t.string({
      description:
        'Required for contactChannel SMS or PHONE. A number without country code is read as one of the location’s country. Stored in the form +33612345678.',
    }),
    contactChannel: t.field({
      type: ContactChannelEnum,
      required: true,
      defaultValue: 'EMAIL',
      description: 'How the customer is notified.',
    }),
    account: t.string({
      description:
        'ID of the person’s account. Of a STOREFRONT it counts as verified: send it only while the person is signed in.',
    }),
    loyaltyCard: t.string({ description: 'Number of the person’s loyalty card.' }),
    emailVerified: t.boolean({
      description: 'Whether you have verified that the e-mail address is this person’s.',
    }),
    phoneVerified: t.boolean({ description: 'Whether you have verified that the number is this person’s.' }),
    loyaltyCardVerified: t.boolean({
      description: 'Whether you have verified that the loyalty card is this person’s.',
    }),
  }),
});

const placeOrderInput = (t: InputFields) => ({
  reservation: t.globalID({
    for: [Reservation],
    description: 'Global ID of the reservation that becomes the order, with its location, channel and units.',
  }),
  location: t.string({ description: 'Location code; only without a reservation.' }),
  lines: t.field({
    type: [SkuQuantityInput],
    description: 'What is ordered; only without a reservation.',
  }),
  channel: t.string({
    description: `Sales channel; only without a reservation. ${DEFAULT_CHANNEL} if omitted, or a storefront’s first channel. A storefront gets FORBIDDEN for a channel that is not its own.`,
  }),
  customer: t.field({
    type: OrderCustomerInput,
    required: true,
    description: 'The person who collects the order.',
  }),
  payment: t.field({ type: PaymentEnum, required: true, description: 'How the order is paid.' }),
  ...documentInputs(t, ORDER, 'placeOrder'),
  allowTransfer: t.boolean({
    required: true,
    defaultValue: false,
    description:
      'Transfers missing units from other locations. Not for a reservation, whose units are at its location.',
  }),
  allowPartial: t.boolean({
    required: true,
    defaultValue: false,
    description:
      'Takes the available units of each line instead of refusing the whole order. STOREFRONT tokens get at most PUBLIC_STOCK_CAP (4) of an incomplete line, so that exact stock is not disclosed.',
  }),
});

type PlaceOrderRequest = InputOf<typeof placeOrderInput>;

/** Checks that an order is requested in one of the two ways. @throws Refused InvalidInput */
function checkOneSource(input: PlaceOrderRequest): void {
  const wrong = (message: string, path: string) => refuse('InvalidInput', message, { path });
  if (input.reservation == null) {
    if (input.location == null)
      wrong('location is missing; name a shop, or a reservation instead.', 'location');
    if (input.lines == null)
      wrong('lines are missing; list what is ordered, or name a reservation.', 'lines');
    return;
  }
  for (const field of ['location', 'lines', 'channel'] as const) {
    if (input[field] != null)
      wrong(`${field} is given beside a reservation, which has its own; leave it out.`, field);
  }
}

async function directOf(context: Context, input: PlaceOrderRequest): Promise<PlaceInput['direct']> {
  if (input.location == null || input.lines == null) return null;
  checkCount(input.lines, 'lines', MAX_LINES);
  const bySku = new Map<string, number>();
  for (const [i, line] of input.lines.entries()) {
    checkText(line.sku, `lines.${i}.sku`, ORDER_LIMITS.codeLength);
    checkQuantity(line.quantity, `lines.${i}.quantity`);
    bySku.set(line.sku, (bySku.get(line.sku) ?? 0) + line.quantity);
    checkQuantity(bySku.get(line.sku)!, `lines.${i}.quantity`);
  }
  checkText(input.location, 'location', ORDER_LIMITS.codeLength);
  const channel = resolveChannel(context.caller, input.channel, 'channel');
  const locationIds = await locationIdsByCode(context.db, [input.location]);
  const units = [...bySku].map(([sku, quantity]) => ({ sku, quantity }));
  // Two codes can stand for one SKU; refusals use the first one.
  const lines = sumBySku(await resolveUnitsAt(context.db, input.location, units));
  return { locationId: locationIds.get(input.location)!, channel, lines };
}

/** The location's country, for a customer's telephone number without a country code. */
async function phoneCountry(
  context: Context,
  { phone }: { phone?: string | null },
  reservationId: string | null,
  direct: PlaceInput['direct'],
): Promise<string | null> {
  if (phone == null || isInternational(phone)) return null;
  return dialledFrom(context.db, reservationId, direct?.locationId ?? null);
}

const OrderShortfall = builder
  .objectRef<{ sku: string; requested: number; placed: number }>('OrderShortfall')
  .implement({
    description: 'A line that could not be ordered in full.',
    authScopes: STOREFRONTS_OR_STAFF,
    fields: (t) => ({
      sku: t.exposeString('sku', { description: 'SKU code.' }),
      requested: t.exposeInt('requested', { description: 'Units requested.' }),
      placed: t.exposeInt('placed', { description: 'Units ordered.' }),
    }),
  });

const placeOrderSuccess: Success<Done & { shortfall: { sku: string; requested: number; placed: number }[] }> =
  {
    description: 'The new order.',
    authScopes: STOREFRONTS_OR_STAFF,
    fields: (t) => ({
      order: orderField(t),
      shortfall: t.field({
        type: [OrderShortfall],
        description:
          'With allowPartial, the lines that could not be ordered in full. Empty for a reservation, whose answer listed them.',
        resolve: (done) => done.shortfall,
      }),
    }),
  };

mutation('placeOrder', {
  description:
    'Places a click-and-collect order, from a reservation or directly. With a reservation its units are never available to others in between.',
  authScopes: STOREFRONTS_OR_STAFF,
  price: commandPrice('lines', 3 * LOCKED_LINE),
  inputDescription: 'Either a reservation, or a location and lines.',
  input: placeOrderInput,
  success: placeOrderSuccess,
  refusals: [NotEnoughStock, WrongState, QuotaExceeded],
  execute: async (input, context, request) => {
    checkOneSource(input);
    const { reservation, customer, payment, allowTransfer, allowPartial } = input;
    const reservationId = reservation?.id ?? null;
    const direct = await directOf(context, input);
    const what = {
      reservationId,
      reservationKey: reservation ? encodeGlobalID('Reservation', reservation.id) : '',
      direct,
      customer: checkCustomer(customer, await phoneCountry(context, customer, reservationId, direct)),
      payment,
      ...checkedInput(ORDER, 'placeOrder', input),
      allowTransfer,
      allowPartial,
    };
    const before = { ...what, customer: firstReleaseCustomer(customer), note: input.note?.trim() || null };
    return placeOrder(context.db, request(what, before));
  },
});

mutation('cancelOrder', {
  description:
    'Cancels an order at any time before it is collected and releases its units. AGENT tokens cancel orders of customers whom they serve.',
  authScopes: ORDER_SERVICE,
  price: commandPrice(),
  input: (t) => ({
    order: t.globalID({ required: true, for: [Order] }),
    reason: t.field({ type: CancelReasonEnum, required: true, description: 'Why it is cancelled.' }),
    note: t.string({ description: 'Free text for the retailer’s staff.' }),
  }),
  success: changedOrder,
  refusals: [WrongState],
  execute: async (input, context, request) => {
    const note = optionalNote(input.note, 'note', ORDER.columns.cancelNote.maxLength);
    const what = { orderId: input.order.id, reason: input.reason, note };
    return cancelOrder(context.db, request(what));
  },
});
