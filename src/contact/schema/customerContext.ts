// GraphQL query customerContext: all that an agent needs to serve a customer, and what to do next with reasons.

import { skuById } from '../../catalog/schema/sku';
import type { IdentifierKind } from '../../customer/rules/identifiers';
import type { CustomerView } from '../../customer/rules/view';
import { CUSTOMER_SERVICE } from '../../customer/schema/access';
import { Customer } from '../../customer/schema/customer';
import { CustomerKey, customerByKey } from '../../customer/schema/customerKey';
import { promisesOf, returnablesOf } from '../../customer/schema/promise';
import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { described } from '../../graphql/described';
import { encodeGlobalID } from '../../graphql/ids';
import { inOrderOf, loader } from '../../graphql/loaders';
import { MAX_CODE_ATTEMPTS } from '../../order/rules/code';
import { groupBy } from '../../values/lists';
import { MINUTE_MS } from '../../values/time';
import {
  lastContactIds,
  MAX_SERVED_ORDERS,
  MAX_SHOWN_CONTACTS,
  openCaseIds,
  openContactPromises,
  type PromiseRow,
  type ServedOrderRow,
  servedOrders,
  unitsNear,
} from '../queries/context';
import {
  type ReturnableOrder,
  type ServedOrder,
  type StatedKey,
  type Suggestion,
  type SuggestionKind,
  suggestionsFor,
} from '../rules/suggestions';
import { Contact, ServiceCase, ServiceChannelEnum } from './types';

const identifierIds = (view: CustomerView): number[] => view.identifiers.map(({ id }) => id);

const contactPromisesOf = loader<CustomerView, PromiseRow[]>(({ db }, views) =>
  Promise.all(views.map((view) => openContactPromises(db, identifierIds(view)))),
);

const ContactPromise = builder.objectRef<PromiseRow>('ContactPromise').implement({
  description:
    'What a customer was promised in a contact. It counts as open while its case is, until the retailer contacts the customer again.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    promise: t.exposeString('promise', { description: 'Code of what was promised, such as CALL_BACK.' }),
    promisedFor: t.expose('promisedFor', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when; null if no time was given.',
    }),
    overdueMinutes: t.int({
      description: 'Minutes since that time; 0 if it has not passed.',
      resolve: ({ promisedFor }, _args, { now }) =>
        promisedFor === null
          ? 0
          : Math.max(0, Math.floor((now.getTime() - promisedFor.getTime()) / MINUTE_MS)),
    }),
    channel: t.expose('channel', { type: ServiceChannelEnum, description: 'On which channel.' }),
    topic: t.exposeString('topic', { nullable: true, description: 'Code of what it is about.' }),
    orderNumber: t.exposeString('orderNumber', {
      nullable: true,
      description: 'Number of the order that it is about (C-…).',
    }),
  }),
});

const SuggestionKindEnum = builder.enumType('ServiceSuggestionKind', {
  description: 'What can be done for a customer, the most urgent first.',
  values: described<SuggestionKind>({
    CALL_BACK: 'What was promised in a contact is overdue: contact the customer.',
    TRANSFER: 'An order is late, and a location near its shop has units that it waits for: transfer them.',
    UNLOCK_PICKUP_CODE: 'A ready order accepts no pickup codes any more: unlock its code.',
    REMIND: 'The time to collect a ready order ends soon: remind the customer.',
    CANCELLATION: 'An order is very late and nothing else helps: offer to cancel it.',
    RETURN: 'A return window ends soon: offer to announce a return.',
  }),
});

const ServiceSuggestion = builder.objectRef<Suggestion>('ServiceSuggestion').implement({
  description: 'What an agent can do next for a customer: a mutation with its input, and the reason.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    kind: t.expose('kind', { type: SuggestionKindEnum, description: 'What it is.' }),
    reason: t.exposeString('reason', { description: 'Why, as an English sentence with its figures.' }),
    mutation: t.exposeString('mutation', { description: 'Name of the mutation that does it.' }),
    input: t.expose('input', {
      type: 'JSON',
      description: 'Its input, without the idempotencyKey and the fields of `toComplete`.',
    }),
    toComplete: t.exposeStringList('toComplete', {
      description: 'Required fields of the input that only the agent knows; empty if it is complete.',
    }),
    orderNumber: t.exposeString('orderNumber', {
      nullable: true,
      description: 'Number of the order that it is about (C-…); null if about none.',
    }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when it is of use, or when it was due; null if there is no such time.',
    }),
  }),
});

/** The last moment of a day, by the clock that is furthest behind: a suggestion is rather made a few hours longer. */
const endOfDay = (day: string): Date => new Date(Date.parse(`${day}T23:59:59Z`));

async function returnableOrders(
  context: Context,
  view: CustomerView,
): Promise<(Omit<ReturnableOrder, 'number' | 'id'> & { orderId: string })[]> {
  const lines = await returnablesOf(context).load(view);
  const open = lines.filter(({ units, announced }) => units > announced);
  const skus = await skuById(context).loadMany(open.map(({ skuId }) => skuId));
  const shown = open.map((line, i) => {
    const sku = skus[i]!;
    if (sku instanceof Error) throw sku;
    return { ...line, sku: sku.code, units: line.units - line.announced };
  });
  return [...groupBy(shown, ({ orderId }) => orderId)]
    .slice(0, MAX_SERVED_ORDERS)
    .map(([orderId, units]) => ({
      ...{ orderId, units },
      until: endOfDay(units.map(({ lastDay }) => lastDay).sort()[0]!),
    }));
}

/** Kinds of identifiers by which a customer is named in a contact, the best first. */
const NAMING: readonly IdentifierKind[] = [
  'EMAIL',
  'PHONE',
  'LOYALTY_CARD',
  'TILL_CUSTOMER',
  'SOCIAL_HANDLE',
];

function namingIdentifier({ identifiers }: CustomerView): StatedKey | null {
  const own = identifiers.filter(({ value, sharedReason }) => value !== null && sharedReason === null);
  for (const wanted of NAMING) {
    const found = own.find(({ kind }) => kind === wanted);
    if (found !== undefined) return { kind: wanted, value: found.value!, scope: found.scope };
  }
  return null;
}

/** The open orders with what locations near them have. */
async function ordersToServe(
  context: Context,
  open: Awaited<ReturnType<ReturnType<typeof promisesOf>['load']>>,
  facts: ReadonlyMap<string, ServedOrderRow>,
): Promise<ServedOrder[]> {
  const waiting = open.flatMap(({ orderId, isLate, isAtRisk }) => {
    const found = facts.get(orderId);
    return found !== undefined && (isLate || isAtRisk) && found.awaited.length > 0 ? [found] : [];
  });
  const { nearKm } = context.config.service.suggestions;
  const near = await unitsNear(context.db, context.now, nearKm, waiting);
  return open.flatMap(({ orderId, waitsFor, lateMinutes, isAtRisk, collectBy }) => {
    const found = facts.get(orderId);
    if (found === undefined) return [];
    const { number, location, contactChannel, codeAttempts, awaited } = found;
    return {
      ...{ id: encodeGlobalID('Order', orderId), number, location, contactChannel, awaited },
      ...{ lateMinutes, isAtRisk, collectBy, isReady: waitsFor === 'COLLECTION' },
      isCodeLocked: codeAttempts >= MAX_CODE_ATTEMPTS,
      near: near[waiting.indexOf(found)] ?? [],
    };
  });
}

async function suggestionsOf(context: Context, view: CustomerView): Promise<Suggestion[]> {
  const [promised, promises, returnables] = await Promise.all([
    promisesOf(context).load(view),
    contactPromisesOf(context).load(view),
    returnableOrders(context, view),
  ]);
  const open = promised.slice(0, MAX_SERVED_ORDERS);
  const rows = await servedOrders(
    context.db,
    [...open, ...returnables].map(({ orderId }) => orderId),
  );
  const facts = new Map(rows.map((row) => [row.orderId, row]));
  const served = {
    orders: await ordersToServe(context, open, facts),
    promises,
    identifier: namingIdentifier(view),
    returnables: returnables.flatMap(({ orderId, ...one }) => {
      const number = facts.get(orderId)?.number;
      return number === undefined ? [] : [{ ...one, id: encodeGlobalID('Order', orderId), number }];
    }),
  };
  return suggestionsFor(served, context.now, context.config.service.suggestions);
}

const CustomerContext = builder.objectRef<CustomerView>('CustomerContext').implement({
  description: 'All that an agent needs to serve a customer.',
  authScopes: CUSTOMER_SERVICE,
  fields: (t) => ({
    customer: t.field({
      type: Customer,
      description:
        'The customer: identifiers and how each is known, open orders and their lateness, what may be returned, preferences and consents.',
      resolve: (view) => view,
    }),
    lastContacts: t.prismaField({
      type: [Contact],
      description: `The last contacts on any channel, the latest first; at most ${MAX_SHOWN_CONTACTS}.`,
      resolve: async (query, view, _args, { db }) => {
        const ids = await lastContactIds(db, identifierIds(view));
        const rows = await db.prisma.contact.findMany({ ...query, where: { id: { in: ids } } });
        return inOrderOf(ids, rows, ({ id }) => id).filter((row) => row !== null);
      },
    }),
    openCases: t.prismaField({
      type: [ServiceCase],
      description: `Open cases, that with the latest contact first; at most ${MAX_SHOWN_CONTACTS}.`,
      resolve: async (query, view, _args, { db }) => {
        const ids = await openCaseIds(db, identifierIds(view));
        const rows = await db.prisma.serviceCase.findMany({ ...query, where: { id: { in: ids } } });
        return inOrderOf(ids, rows, ({ id }) => id).filter((row) => row !== null);
      },
    }),
    contactPromises: t.field({
      type: [ContactPromise],
      description: 'What was promised in contacts and is not done, the earliest first.',
      resolve: (view, _args, context) => contactPromisesOf(context).load(view),
    }),
    suggestions: t.field({
      type: [ServiceSuggestion],
      description:
        'What to do next, the most urgent first; empty if nothing has to be done. Units near the shops of late orders are counted now, and nothing is reserved.',
      resolve: (view, _args, context) => suggestionsOf(context, view),
    }),
  }),
});

builder.queryField('customerContext', (t) =>
  t.field({
    type: CustomerContext,
    nullable: true,
    description:
      'All that an agent needs to serve the customer with this key, in one request; null if there is none. Each look-up is recorded.',
    authScopes: CUSTOMER_SERVICE,
    args: { by: t.arg({ type: CustomerKey, required: true, description: 'A key of the customer.' }) },
    resolve: (_root, { by }, context) => customerByKey(context, by, 'customerContext'),
  }),
);
