// GraphQL types of the outbox for administrators: webhooks, messages, and the state of each delivery.

import { GraphQLError } from 'graphql';
import { ADMINS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage } from '../../graphql/connections';
import { UUID } from '../../graphql/ids';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { loaderById } from '../../graphql/loaders';
import { type Delivery, type DeliveryKey, deliveriesOf, deliveryPage } from '../queries';
import { checkPattern, SECRET_OVERLAP_HOURS } from '../rules/topics';

export const Webhook = builder.prismaNode('WebhookEndpoint', {
  variant: 'Webhook',
  id: { field: 'id' },
  nullable: true,
  description: 'A URL that messages are sent to, signed by the Standard Webhooks specification.',
  authScopes: ADMINS,
  fields: (t) => ({
    url: t.exposeString('url', { description: 'The address.' }),
    topics: t.exposeStringList('topics', {
      description: 'Topics, or all of a kind: order.placed, order.*; * means all except notices (notice.*).',
    }),
    active: t.exposeBoolean('active', { description: 'If false, its deliveries wait.' }),
    secretGeneration: t.exposeInt('secretGeneration', {
      description: 'Number of secrets it has had, starting with 1.',
    }),
    previousSecretUntil: t.expose('previousSecretUntil', {
      type: 'DateTime',
      nullable: true,
      description: `Until then messages are signed with the previous secret as well (${SECRET_OVERLAP_HOURS} hours after a rotation).`,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const WebhookConnection = connectionOf(Webhook);

const MAX_DELIVERIES = 200;

export const OutboxMessage = builder.prismaNode('OutboxMessage', {
  id: { field: 'id' },
  nullable: true,
  description: 'A message to be sent to webhooks.',
  authScopes: ADMINS,
  fields: (t) => ({
    webhookId: t.exposeString('id', { description: 'Value of the header webhook-id of every delivery.' }),
    topic: t.exposeString('topic', { description: 'What it is about, such as order.placed.' }),
    payload: t.field({
      type: 'JSON',
      description: 'IDs and facts. Personal data and pickup codes are added when it is sent.',
      resolve: (message) => message.payload,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    fannedOutAt: t.expose('fannedOutAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its webhooks were chosen. Without deliveries after that, no webhook wanted it.',
    }),
    deliveries: t.field({
      type: [WebhookDelivery],
      description: 'One for each webhook that wanted it.',
      select: { webhookDeliveries: { take: MAX_DELIVERIES } },
      resolve: (message) => message.webhookDeliveries,
    }),
  }),
});

const OutboxMessageConnection = connectionOf(OutboxMessage);

const messageById = loaderById('message', ({ db }, ids: string[]) =>
  db.prisma.outboxMessage.findMany({ where: { id: { in: ids } } }),
);
export const webhookById = loaderById('webhook', ({ db }, ids: string[]) =>
  db.prisma.webhookEndpoint.findMany({ where: { id: { in: ids } } }),
);

const keyOf = (key: DeliveryKey): string => `${key.messageId} ${key.endpointId}`;

/** Deliveries by message and webhook, read again after each command that changed them. */
export async function deliveryOf(
  context: Parameters<typeof messageById>[0],
  key: DeliveryKey,
): Promise<Delivery> {
  const [found] = await deliveriesOf(context.db, [key]);
  if (found === undefined) throw new Error(`no delivery ${keyOf(key)}`);
  return found;
}

const DeliveryStatusEnum = builder.enumType('DeliveryStatus', {
  description: 'State of a delivery.',
  values: {
    PENDING: { description: 'Due now, or later after a failed attempt.' },
    DELIVERED: { description: 'Answered with a 2xx status.' },
    DEAD: {
      description: 'Given up after all attempts, or because the URL no longer exists; see retryDelivery.',
    },
    CLOSED: { description: 'Not to be sent any more; see lastError.' },
  } as const,
});

export const WebhookDelivery = builder.objectRef<Delivery>('WebhookDelivery');
WebhookDelivery.implement({
  description: 'The delivery of one message to one webhook.',
  authScopes: ADMINS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a message and webhook'),
      resolve: (d) => cacheId('WebhookDelivery', d.messageId, d.endpointId),
    }),
    message: t.field({
      type: OutboxMessage,
      description: 'The message.',
      resolve: (delivery, _args, context) => messageById(context).load(delivery.messageId),
    }),
    webhook: t.field({
      type: Webhook,
      description: 'The webhook.',
      resolve: (delivery, _args, context) => webhookById(context).load(delivery.endpointId),
    }),
    status: t.expose('status', { type: DeliveryStatusEnum, description: 'State of the delivery.' }),
    attempts: t.exposeInt('attempts', { description: 'Attempts so far.' }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried next; null if it is not.',
      resolve: (d) => (d.status === 'PENDING' ? d.nextAttemptAt : null),
    }),
    lastStatus: t.exposeInt('lastStatus', {
      nullable: true,
      description: 'HTTP status of the last answer; null if there was none.',
    }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'Why the last attempt failed; null if it did not.',
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was delivered or given up.',
    }),
  }),
});

const WebhookDeliveryConnection = connectionOf(WebhookDelivery);

builder.queryField('webhooks', (t) =>
  t.prismaConnection(
    {
      type: Webhook,
      cursor: 'id',
      description: 'Registered webhooks, newest first.',
      authScopes: ADMINS,
      resolve: (query, _root, _args, context) =>
        context.db.prisma.webhookEndpoint.findMany({ ...documentPage(query), orderBy: { id: 'desc' } }),
    },
    WebhookConnection,
  ),
);

const OutboxMessageFilter = builder.inputType('OutboxMessageFilter', {
  description: 'Messages that meet every condition given.',
  fields: (t) => ({
    topic: t.string({ description: 'A topic, or all of a kind: order.*' }),
    order: t.globalID({ description: 'Global ID of an order: only messages about it.' }),
    waiting: t.boolean({ description: 'Only those whose webhooks are not chosen yet, or only the others.' }),
  }),
});

builder.queryField('outboxMessages', (t) =>
  t.prismaConnection(
    {
      type: OutboxMessage,
      cursor: 'id',
      description: 'Messages for webhooks, newest first.',
      authScopes: ADMINS,
      args: { filter: t.arg({ type: OutboxMessageFilter }) },
      resolve: (query, _root, { filter }, context) => {
        const { topic, order, waiting } = filter ?? {};
        if (topic != null) checkPattern(topic, 'filter.topic');
        if (order != null && order.typename !== 'Order') {
          throw new GraphQLError('filter.order must be the id of an Order.', {
            extensions: { code: 'BAD_USER_INPUT' },
          });
        }
        return context.db.prisma.outboxMessage.findMany({
          ...documentPage(query),
          where: {
            topic:
              topic == null || topic === '*'
                ? undefined
                : topic.endsWith('*')
                  ? { startsWith: topic.slice(0, -1) }
                  : topic,
            orderId: order?.id,
            fannedOutAt: waiting == null ? undefined : waiting ? null : { not: null },
          },
          orderBy: { id: 'desc' },
        });
      },
    },
    OutboxMessageConnection,
  ),
);

const deliveryCursor: CursorForm<Delivery, DeliveryKey> = {
  write: keyOf,
  read(text) {
    const [messageId = '', endpointId = ''] = text.split(' ');
    return UUID.test(messageId) && UUID.test(endpointId) ? { messageId, endpointId } : null;
  },
};

const WebhookDeliveryFilter = builder.inputType('WebhookDeliveryFilter', {
  description: 'Deliveries that meet every condition given.',
  fields: (t) => ({
    status: t.field({ type: DeliveryStatusEnum, description: 'Only deliveries in this state.' }),
    webhook: t.globalID({ for: [Webhook], description: 'Only deliveries to this webhook.' }),
  }),
});

builder.queryField('webhookDeliveries', (t) =>
  t.connection(
    {
      type: WebhookDelivery,
      forwardOnly: true,
      description:
        'Deliveries of messages to webhooks, newest first. Those in DEAD can be sent again with retryDelivery.',
      authScopes: ADMINS,
      args: { filter: t.arg({ type: WebhookDeliveryFilter }) },
      resolve: (_root, { filter, ...args }, context) =>
        forwardPage(args, deliveryCursor, (after, limit) =>
          deliveryPage(
            context.db,
            { status: filter?.status ?? null, endpointId: filter?.webhook?.id ?? null },
            after,
            limit,
          ),
        ),
    },
    WebhookDeliveryConnection,
  ),
);
