// What an order looks like to clients: its life, its lines, its promise; the person only to those who serve them.

import { ORDER_READERS, STAFF, STAFF_OR_PLANNERS, STOREFRONTS_OR_STAFF } from '../../access/rules/roleSets';
// Loaded for what it does: the orders' module follows the transfers its orders wait for.
import { connectionOf } from '../../graphql/connectionOf';
import '../actions/arrivals';
import { mayTouch, seesNumbers } from '../../access/rules/roles';
import { Sku, skuById } from '../../catalog/schema/sku';
import { personal } from '../../graphql/accessRule';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { partsLoader } from '../../graphql/lineLoaders';
import { Money } from '../../graphql/money';
import { ruleByObject } from '../../graphql/nullability';
import { calendarOf } from '../../location/schema/location';
import { Transfer } from '../../transfer/schema/types';
import { visibleOrders } from '../queries/orders';
import { pickupCode, pickupQrPayload } from '../rules/code';
import { collectByOf } from '../rules/collectBy';
import { amountOf } from '../rules/lines';
import type { ContactChannel } from '../rules/status';
import { OrderPromise, OrderSourcingStep, storedPromise } from './promise';

export const OrderStatusEnum = builder.enumType('OrderStatus', {
  values: {
    PLACED: { description: 'Waits to be picked.' },
    AWAITING_TRANSFER: { description: 'Waits for units from another place.' },
    PICKING: { description: 'Being taken off the shelves.' },
    READY: { description: 'Waits at the counter; the customer has been told.' },
    COLLECTED: { description: 'Handed over, whole or in part.' },
    CANCELLED: { description: 'Called off; see cancelReason.' },
    NO_SHOW: { description: 'Not fetched in time; the units are back on the shelf.' },
  } as const,
});
export const PaymentEnum = builder.enumType('Payment', { values: ['PAID', 'PAY_IN_STORE'] as const });
export const ContactChannelEnum = builder.enumType('ContactChannel', {
  description: 'How the customer wants to be told.',
  values: ['EMAIL', 'SMS', 'PHONE'] as const,
});
export const CancelReasonEnum = builder.enumType('CancelReason', {
  values: [
    'CUSTOMER_CHANGED_MIND',
    'PAYMENT_FAILED',
    'OUT_OF_STOCK',
    'DAMAGED',
    'SHOP_CLOSED',
    'FRAUD_SUSPECTED',
    'OTHER',
  ] as const,
});
export const ShortReasonEnum = builder.enumType('ShortReason', {
  values: ['NOT_FOUND', 'DAMAGED', 'WRONG_ITEM', 'OTHER'] as const,
});

interface StoredPrice {
  unitPriceMinor: number | null;
  largeUnitPriceMinor: bigint | null;
}

/** The line with its price, in whichever column that is. */
function withPrice<L extends StoredPrice>(line: L): L & { unitPriceMinor: number | null } {
  const { unitPriceMinor, largeUnitPriceMinor: large } = line;
  return { ...line, unitPriceMinor: unitPriceMinor ?? (large === null ? null : Number(large)) };
}

const SPLIT_HIDDEN =
  'Null for STOREFRONT tokens while units of the line are awaited and the shop had more of it than PUBLIC_STOCK_CAP (4): the two numbers would tell how many.';

/** Whether this caller may see how a line was split between the shop's own shelf and other locations. */
function isSplitSeen(line: { reserved: number; awaiting: number }, { caller, config }: Context): boolean {
  return seesNumbers(caller) || line.awaiting === 0 || line.reserved <= config.publicStockCap;
}

const OrderLine = builder.prismaObject('OrderLine', {
  description:
    'One SKU of an order; quantity = reserved + awaiting + staged + collected + cancelled + short.',
  authScopes: ORDER_READERS,
  fields: (t) => ({
    id: t.id({
      select: { orderId: true, skuId: true },
      description: cacheIdOf('a SKU of an order'),
      resolve: (line) => cacheId('OrderLine', line.orderId, line.skuId),
    }),
    sku: t.field({ type: Sku, resolve: (line, _args, context) => skuById(context).load(line.skuId) }),
    quantity: t.exposeInt('quantity', { description: 'Units ordered.' }),
    reserved: t.int({
      nullable: true,
      description: `Promised, still on the shelf. ${SPLIT_HIDDEN}`,
      resolve: (line, _args, context) => (isSplitSeen(line, context) ? line.reserved : null),
    }),
    awaiting: t.int({
      nullable: true,
      description: `To come from another place. ${SPLIT_HIDDEN}`,
      resolve: (line, _args, context) => (isSplitSeen(line, context) ? line.awaiting : null),
    }),
    staged: t.exposeInt('staged', { description: 'Picked, waiting at the counter.' }),
    collected: t.exposeInt('collected', { description: 'With the customer.' }),
    cancelled: t.exposeInt('cancelled', { description: 'Called off or not taken.' }),
    short: t.exposeInt('short', { description: 'Not there, and nowhere else.' }),
    shortReason: t.expose('shortReason', { type: ShortReasonEnum, nullable: true }),
    returned: t.exposeInt('returned', { description: 'Of those collected, brought back since.' }),
    price: t.field({
      type: Money,
      nullable: true,
      description: 'Of one unit, as it was when the order was placed.',
      resolve: (line) => {
        const { unitPriceMinor: amountMinor, currency } = withPrice(line);
        return amountMinor === null || currency === null ? null : { amountMinor, currency };
      },
    }),
  }),
});

const linesOf = partsLoader(
  ({ db }, orderIds) =>
    db.prisma.orderLine.findMany({ where: { orderId: { in: orderIds } }, orderBy: { skuId: 'asc' } }),
  (line) => line.orderId,
);

interface Contact {
  name: string;
  email: string | null;
  phone: string | null;
  contactChannel: ContactChannel;
}

const OrderCustomer = builder.objectRef<Contact>('OrderCustomer').implement({
  description: 'Who fetches the order.',
  authScopes: STOREFRONTS_OR_STAFF,
  fields: (t) => ({
    name: t.exposeString('name'),
    email: t.exposeString('email', { nullable: true }),
    phone: t.exposeString('phone', { nullable: true }),
    contactChannel: t.expose('contactChannel', { type: ContactChannelEnum }),
  }),
});

const MAX_TRANSFERS = 100;
const SERVING = { roles: personal<'STOREFRONT' | 'STAFF'>(['STOREFRONT', 'STAFF']) };

export const Order = builder.prismaNode('Order', {
  id: { field: 'id' },
  nullable: true,
  // Another's order is not found rather than forbidden.
  findUnique: (id, context) => ({ id, AND: visibleOrders(context.caller) }),
  description: 'A click-and-collect order, from placed to collected.',
  authScopes: ruleByObject<Parameters<typeof mayTouch>[1]>(ORDER_READERS.roles, (order, { caller }) =>
    mayTouch(caller, order),
  ),
  fields: (t) => ({
    number: t.exposeString('number', { description: 'For people: C-… Numbers do not count up.' }),
    status: t.expose('status', { type: OrderStatusEnum }),
    location: t.relation('location'),
    channel: t.exposeString('channel'),
    lines: t.field({ type: [OrderLine], resolve: (o, _args, context) => linesOf(context).load(o.id) }),
    transfers: t.relation('transfers', {
      description: 'What brings the units it awaits.',
      authScopes: STAFF_OR_PLANNERS,
      query: { orderBy: { id: 'asc' }, take: MAX_TRANSFERS },
    }),
    payment: t.expose('payment', { type: PaymentEnum }),
    paidAt: t.expose('paidAt', { type: 'DateTime', nullable: true }),
    total: t.field({
      type: Money,
      nullable: true,
      description:
        'For all units but those cancelled or short; null without prices or in several currencies.',
      resolve: async (o, _args, context) =>
        amountOf(
          (await linesOf(context).load(o.id)).map(withPrice),
          (l) => l.quantity - l.cancelled - l.short,
        ),
    }),
    customer: t.field({
      type: OrderCustomer,
      authScopes: SERVING,
      resolve: (o) => ({
        name: o.customerName,
        email: o.customerEmail,
        phone: o.customerPhone,
        contactChannel: o.contactChannel,
      }),
    }),
    note: t.exposeString('note', { nullable: true, authScopes: SERVING }),
    promise: t.field({
      type: OrderPromise,
      resolve: (o) => ({ readyAt: o.promisedAt, stored: storedPromise(o.promise) }),
    }),
    sourcing: t.field({
      type: [OrderSourcingStep],
      description: 'Why its missing units come from where they come from.',
      authScopes: STAFF_OR_PLANNERS,
      resolve: (o) => storedPromise(o.promise).sourcing ?? [],
    }),
    placedAt: t.expose('placedAt', { type: 'DateTime' }),
    pickingAt: t.expose('pickingAt', { type: 'DateTime', nullable: true }),
    picker: t.string({
      nullable: true,
      authScopes: STAFF,
      select: { picker: { select: { name: true } } },
      resolve: (o) => o.picker?.name ?? null,
    }),
    stagingPlace: t.exposeString('stagingPlace', {
      nullable: true,
      description: 'Where its goods stand.',
      authScopes: STAFF,
    }),
    readyAt: t.expose('readyAt', { type: 'DateTime', nullable: true }),
    collectBy: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Not fetched by then it is a no-show. A closing entered since moves it to a later open day, never to an earlier one.',
      select: {
        status: true,
        readyAt: true,
        collectBy: true,
        location: {
          select: { timeZone: true, weeklyHours: true, hoursExceptions: true, pickupKeepDays: true },
        },
      },
      resolve: ({ status, readyAt, collectBy, location }) =>
        status !== 'READY'
          ? collectBy
          : collectByOf({
              readyAt,
              collectBy,
              calendar: calendarOf(location),
              policy: { keepDays: location.pickupKeepDays },
            }),
    }),
    remindedAt: t.expose('remindedAt', { type: 'DateTime', nullable: true }),
    onTheWayAt: t.expose('onTheWayAt', { type: 'DateTime', nullable: true }),
    arrivedAt: t.expose('arrivedAt', { type: 'DateTime', nullable: true }),
    arrivalNote: t.exposeString('arrivalNote', {
      nullable: true,
      description: 'Where the customer is: a bay, a car.',
      authScopes: SERVING,
    }),
    closedAt: t.expose('closedAt', { type: 'DateTime', nullable: true }),
    collectedBy: t.exposeString('collectedBy', {
      nullable: true,
      description: 'Who took the goods, when it was another person.',
      authScopes: SERVING,
    }),
    handedOverBy: t.string({
      nullable: true,
      authScopes: STAFF,
      select: { handedOverBy: { select: { name: true } } },
      resolve: (o) => o.handedOverBy?.name ?? null,
    }),
    cancelReason: t.expose('cancelReason', { type: CancelReasonEnum, nullable: true }),
    cancelNote: t.exposeString('cancelNote', { nullable: true, authScopes: SERVING }),
    codeAttempts: t.exposeInt('codeAttempts', {
      description: 'Wrong codes shown since the last one was issued.',
      authScopes: STAFF,
    }),
    pickupCode: t.string({
      nullable: true,
      description: 'For the front end to show its customer, while the order is READY. Staff never see it.',
      authScopes: { roles: ['STOREFRONT'] },
      resolve: (o, _args, { caller, secretKey }) =>
        caller.role === 'STOREFRONT' && o.status === 'READY'
          ? pickupCode(secretKey, o.id, o.codeGeneration)
          : null,
    }),
    pickupQr: t.string({
      nullable: true,
      description: 'The same as the text of a QR code (alphanumeric mode).',
      authScopes: { roles: ['STOREFRONT'] },
      resolve: (o, _args, { caller, secretKey }) =>
        caller.role === 'STOREFRONT' && o.status === 'READY'
          ? pickupQrPayload(o.number, pickupCode(secretKey, o.id, o.codeGeneration))
          : null,
    }),
    erasedAt: t.expose('erasedAt', { type: 'DateTime', nullable: true }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
});

export const OrderConnection = connectionOf(Order);

builder.prismaObjectField(Transfer, 'order', (t) =>
  t.field({
    type: Order,
    nullable: true,
    description: 'The order that waits for it; null also for the staff of other shops than the order’s.',
    select: { order: true },
    resolve: ({ order }, _args, context) => (order && mayTouch(context.caller, order) ? order : null),
  }),
);
