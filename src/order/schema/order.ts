// The GraphQL type of orders: status, lines, promise, and the customer for callers that serve them.

import { ORDER_READERS, STAFF, STAFF_OR_PLANNERS, STOREFRONTS_OR_STAFF } from '../../access/rules/roleSets';
import { mayTouch } from '../../access/rules/roles';
import { ActorSummary, actorOf } from '../../access/schema/summary';
import { personal } from '../../graphql/accessRule';
import { ARCHIVED, isArchived } from '../../graphql/archive';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { documentFields } from '../../graphql/documentFields';
import { Money } from '../../graphql/money';
import { ruleByObject } from '../../graphql/nullability';
import { calendarOf } from '../../location/schema/location';
import { Transfer } from '../../transfer/schema/types';
import { visibleOrders } from '../queries/orders';
import { pickupCode, pickupQrPayload } from '../rules/code';
import { collectByOf } from '../rules/collectBy';
import { ORDER } from '../rules/columns';
import type { Customer } from '../rules/customer';
import { amountOf } from '../rules/lines';
import { CancelReasonEnum, ContactChannelEnum, OrderStatusEnum, PaymentEnum } from './enums';
import { linesOf, OrderLine, withPrice } from './orderLine';
import { OrderPromise, OrderSourcingStep, storedPromise } from './promise';

type Contact = Required<Omit<Customer, 'emailVerified' | 'phoneVerified' | 'loyaltyCardVerified'>>;

const OrderCustomer = builder.objectRef<Contact>('OrderCustomer').implement({
  description: 'The person who collects the order.',
  authScopes: STOREFRONTS_OR_STAFF,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the person.' }),
    email: t.exposeString('email', { nullable: true, description: 'E-mail address.' }),
    phone: t.exposeString('phone', {
      nullable: true,
      description: 'Telephone number in international form, such as +33612345678.',
    }),
    contactChannel: t.expose('contactChannel', {
      type: ContactChannelEnum,
      description: 'How the customer is notified.',
    }),
    account: t.exposeString('account', { nullable: true, description: 'ID of the account at a storefront.' }),
    loyaltyCard: t.exposeString('loyaltyCard', {
      nullable: true,
      description: 'Number of the loyalty card.',
    }),
  }),
});

/** The customer of an order in the archive. */
const NOBODY = { name: ARCHIVED, email: null, phone: null, account: null, loyaltyCard: null };
const MAX_TRANSFERS = 100;
const SERVING = { roles: personal<'STOREFRONT' | 'STAFF'>(['STOREFRONT', 'STAFF']) };

export const Order = builder.prismaNode('Order', {
  id: { field: 'id' },
  nullable: true,
  // Another storefront's order is answered as not found, not as forbidden.
  findUnique: (id, context) => ({ id, AND: visibleOrders(context.caller) }),
  description: 'A click-and-collect order, from placed to collected.',
  authScopes: ruleByObject<Parameters<typeof mayTouch>[1]>(ORDER_READERS.roles, (order, { caller }) =>
    mayTouch(caller, order),
  ),
  fields: (t) => ({
    ...documentFields(
      t,
      ORDER,
      { order_status: OrderStatusEnum, payment: PaymentEnum, cancel_reason: CancelReasonEnum },
      'closedAt',
    ),
    location: t.relation('location', { description: 'Where it is collected.' }),
    lines: t.field({
      type: [OrderLine],
      description: 'What is ordered.',
      resolve: (o, _args, context) => linesOf(context).load(o.id),
    }),
    transfers: t.relation('transfers', {
      description: 'Transfers that bring units it waits for.',
      authScopes: STAFF_OR_PLANNERS,
      query: { orderBy: { id: 'asc' }, take: MAX_TRANSFERS },
    }),
    total: t.field({
      type: Money,
      nullable: true,
      description:
        'Price of all units except cancelled and short ones; null if prices are missing or in several currencies.',
      resolve: async (o, _args, context) =>
        amountOf(
          (await linesOf(context).load(o.id)).map(withPrice),
          (l) => l.quantity - l.cancelled - l.short,
        ),
    }),
    customer: t.field({
      type: OrderCustomer,
      description:
        'The person who collects the order. RETENTION_CONTRACT_YEARS after it was closed only administrators see who it was; for others the name is `archived`.',
      authScopes: SERVING,
      resolve: (o, _args, context) =>
        isArchived(context, o.closedAt)
          ? { ...NOBODY, contactChannel: o.contactChannel }
          : {
              name: o.customerName,
              email: o.customerEmail,
              phone: o.customerPhone,
              contactChannel: o.contactChannel,
              account: o.customerAccount,
              loyaltyCard: o.loyaltyCard,
            },
    }),
    promise: t.field({
      type: OrderPromise,
      description: 'When it was promised to be ready, with the calculation.',
      resolve: (o) => ({ readyAt: o.promisedAt, stored: storedPromise(o.promise) }),
    }),
    sourcing: t.field({
      type: [OrderSourcingStep],
      description: 'Why its missing units come from the locations they come from.',
      authScopes: STAFF_OR_PLANNERS,
      resolve: (o) => storedPromise(o.promise).sourcing ?? [],
    }),
    picker: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'The member of staff who picks it.',
      authScopes: STAFF,
      resolve: ({ pickerId }, _args, context) => actorOf(context, pickerId),
    }),
    collectBy: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'If not collected by then it becomes a NO_SHOW. A closing day entered later moves it to a later open day, never to an earlier one.',
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
    handedOverBy: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'The member of staff who handed it over.',
      authScopes: STAFF,
      resolve: ({ handedOverById }, _args, context) => actorOf(context, handedOverById),
    }),
    pickupCode: t.string({
      nullable: true,
      description:
        'The code to hand over against, for the storefront to display while the order is READY. Never visible to staff.',
      authScopes: { roles: ['STOREFRONT'] },
      resolve: (o, _args, { caller, secretKey }) =>
        caller.role === 'STOREFRONT' && o.status === 'READY'
          ? pickupCode(secretKey, o.id, o.codeGeneration)
          : null,
    }),
    pickupQr: t.string({
      nullable: true,
      description: 'The same code as the text of a QR code (alphanumeric mode).',
      authScopes: { roles: ['STOREFRONT'] },
      resolve: (o, _args, { caller, secretKey }) =>
        caller.role === 'STOREFRONT' && o.status === 'READY'
          ? pickupQrPayload(o.number, pickupCode(secretKey, o.id, o.codeGeneration))
          : null,
    }),
  }),
});

export const OrderConnection = connectionOf(Order);

builder.prismaObjectField(Transfer, 'order', (t) =>
  t.field({
    type: Order,
    nullable: true,
    description:
      'The order that waits for it; null if there is none, and for staff of other shops than the order’s.',
    select: { order: true },
    resolve: ({ order }, _args, context) => (order && mayTouch(context.caller, order) ? order : null),
  }),
);
