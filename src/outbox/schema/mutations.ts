// Mutations of the outbox: registering webhooks, their secrets, switching them, and retrying a dead delivery.

import { ADMINS } from '../../access/rules/roleSets';
import type { Context } from '../../graphql/context';
import { commandPrice } from '../../graphql/cost/price';
import { encodeGlobalID } from '../../graphql/ids';
import { type InputFields, mutation, type Success } from '../../graphql/mutation';
import { refusalType, WrongState } from '../../graphql/refusal';
import { checkCount, refuse } from '../../refusals';
import {
  deleteWebhook,
  registerWebhook,
  retryDelivery,
  rotateWebhookSecret,
  sendTestMessage,
  setWebhookActive,
  updateWebhook,
} from '../actions/webhooks';
import {
  checkPattern,
  SECRET_OVERLAP_HOURS,
  TEST_TOPIC,
  TOPICS,
  UNWANTED_HOURS,
  WEBHOOK_LIMITS,
} from '../rules/topics';
import { endpointSecret, webhookUrlProblem } from '../rules/webhooks';
import { deliveryOf, OutboxMessage, Webhook, WebhookDelivery, webhookById } from './types';

const TooManyWebhooks = refusalType(
  'TooManyWebhooks',
  'The maximum number of active webhooks is reached.',
  (t) => ({
    limit: t.exposeInt('most', { description: 'The maximum.' }),
  }),
);

interface Secret {
  webhookId: string;
  generation: number;
}

/** The webhook and its secret, which is derived anew and stored nowhere. */
const secretFields: Success<Secret> = {
  authScopes: ADMINS,
  fields: (t) => ({
    webhook: t.field({
      type: Webhook,
      resolve: (done, _args, context) => webhookById(context).load(done.webhookId),
    }),
    secret: t.string({
      description:
        'Key to verify signatures with (header webhook-signature). It is not stored and only in this answer.',
      resolve: (done, _args, { secretKey }) => endpointSecret(secretKey, done.webhookId, done.generation),
    }),
  }),
};

/** @throws Refused InvalidInput */
function checkUrl(url: string, context: Context): void {
  const problem = webhookUrlProblem(url, { allowPrivate: context.config.webhooksToPrivateAddresses });
  if (problem !== null) refuse('InvalidInput', `url: ${problem}.`, { path: 'url' });
}

mutation('registerWebhook', {
  description: `Registers a URL that messages are sent to: signed (standardwebhooks.com), at least once, in no guaranteed order. Notices that no webhook has taken in the last ${UNWANTED_HOURS} hours are sent to it too.`,
  authScopes: ADMINS,
  price: commandPrice(),
  input: (t) => ({
    url: t.string({
      required: true,
      description: 'An https URL in the public internet (any URL in development).',
    }),
    topics: t.stringList({
      required: true,
      description: `Topics, or all of a kind (order.*), or * for all except notices. Notices contain personal data and have to be named (notice.*). Topics: ${TOPICS.join(', ')}.`,
    }),
  }),
  success: secretFields,
  refusals: [TooManyWebhooks],
  execute: async (input, context, request) => {
    const { url, topics } = input;
    checkUrl(url, context);
    checkCount(topics, 'topics', WEBHOOK_LIMITS.topics);
    for (const [i, topic] of topics.entries()) checkPattern(topic, `topics.${i}`);
    return registerWebhook(context.db, request({ url, topics: [...new Set(topics)] }));
  },
});

/** The input of a mutation that names a webhook and nothing else. */
const oneWebhookInput = (t: InputFields) => ({ webhook: t.globalID({ required: true, for: [Webhook] }) });

/** A webhook by its uuid and by the id that clients know it by. */
const namedWebhook = ({ id }: { id: string }) => ({
  webhookId: id,
  webhookKey: encodeGlobalID('Webhook', id),
});

/** The success of a mutation that changed a webhook. */
const changedWebhook: Success<{ webhookId: string }> = {
  authScopes: ADMINS,
  fields: (t) => ({
    webhook: t.field({
      type: Webhook,
      resolve: (done, _args, context) => webhookById(context).load(done.webhookId),
    }),
  }),
};

mutation('rotateWebhookSecret', {
  description: `Replaces a webhook’s secret. For ${SECRET_OVERLAP_HOURS} hours messages are signed with the previous one as well.`,
  authScopes: ADMINS,
  price: commandPrice(),
  input: oneWebhookInput,
  success: secretFields,
  execute: (input, context, request) => rotateWebhookSecret(context.db, request(namedWebhook(input.webhook))),
});

mutation('updateWebhook', {
  description:
    'Changes a webhook’s URL or topics. Its ID and secret stay; pending deliveries go to the new URL.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: (t) => ({
    webhook: t.globalID({ required: true, for: [Webhook] }),
    url: t.string({ description: 'New address; unchanged if omitted.' }),
    topics: t.stringList({ description: 'Replaces the whole list; unchanged if omitted.' }),
  }),
  success: changedWebhook,
  execute: async (input, context, request) => {
    const { webhook, url = null, topics = null } = input;
    if (url === null && topics === null) {
      refuse('InvalidInput', 'Neither url nor topics is given; state what is to be changed.', {
        path: 'url',
      });
    }
    if (url !== null) checkUrl(url, context);
    if (topics !== null) checkCount(topics, 'topics', WEBHOOK_LIMITS.topics);
    for (const [i, topic] of (topics ?? []).entries()) checkPattern(topic, `topics.${i}`);
    return updateWebhook(
      context.db,
      request({
        ...namedWebhook(webhook),
        url,
        topics: topics && [...new Set(topics)],
      }),
    );
  },
});

const deleteWebhookSuccess: Success<{ webhookId: string }> = {
  authScopes: ADMINS,
  fields: (t) => ({
    deletedWebhookId: t.id({
      description: 'Global ID of the deleted webhook.',
      resolve: (done) => encodeGlobalID('Webhook', done.webhookId),
    }),
  }),
};

mutation('deleteWebhook', {
  description:
    'Deletes a webhook with its deliveries, pending ones included. The messages stay, and so does what it acknowledged.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: oneWebhookInput,
  success: deleteWebhookSuccess,
  execute: (input, context, request) => deleteWebhook(context.db, request(namedWebhook(input.webhook))),
});

mutation('setWebhookActive', {
  description: 'Activates or deactivates a webhook. Pending deliveries wait while it is inactive.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: (t) => ({
    webhook: t.globalID({ required: true, for: [Webhook] }),
    active: t.boolean({ required: true, description: 'Whether messages are sent to it.' }),
  }),
  success: changedWebhook,
  refusals: [TooManyWebhooks],
  execute: (input, context, request) =>
    setWebhookActive(
      context.db,
      request({
        ...namedWebhook(input.webhook),
        active: input.active,
      }),
    ),
});

const retryDeliverySuccess: Success<{ messageId: string; webhookId: string }> = {
  authScopes: ADMINS,
  fields: (t) => ({
    delivery: t.field({
      type: WebhookDelivery,
      resolve: (done, _args, context) =>
        deliveryOf(context, { messageId: done.messageId, endpointId: done.webhookId }),
    }),
  }),
};

mutation('retryDelivery', {
  description:
    'Gives a dead or pending delivery all its attempts again, the first one at once, under the same webhook-id.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: (t) => ({
    message: t.globalID({ required: true, for: [OutboxMessage] }),
    webhook: t.globalID({ required: true, for: [Webhook] }),
  }),
  success: retryDeliverySuccess,
  refusals: [WrongState],
  execute: (input, context, request) =>
    retryDelivery(
      context.db,
      request({
        messageId: input.message.id,
        messageKey: encodeGlobalID('OutboxMessage', input.message.id),
        ...namedWebhook(input.webhook),
      }),
    ),
});

const sendTestMessageSuccess: Success<{ messageId: string; webhookId: string }> = {
  authScopes: ADMINS,
  fields: (t) => ({
    delivery: t.field({
      type: WebhookDelivery,
      description: 'The delivery of the message. Read webhookDeliveries later for its result.',
      resolve: (done, _args, context) =>
        deliveryOf(context, { messageId: done.messageId, endpointId: done.webhookId }),
    }),
  }),
};

mutation('sendTestMessage', {
  description: `Sends a message of the topic ${TEST_TOPIC} to this webhook only, whatever its topics are; signed and retried like any other.`,
  authScopes: ADMINS,
  price: commandPrice(),
  input: oneWebhookInput,
  success: sendTestMessageSuccess,
  refusals: [WrongState],
  execute: (input, context, request) => sendTestMessage(context.db, request(namedWebhook(input.webhook))),
});
