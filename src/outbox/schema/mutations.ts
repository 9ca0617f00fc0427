// The outbox's acts: registering webhooks, their secrets, switching them, and another try for a dead delivery.

import { builder } from '../../graphql/builder';
import { commandRequest, IDEMPOTENCY_KEY_DESCRIPTION } from '../../graphql/commandRequest';
import type { Context } from '../../graphql/context';
import { encodeGlobalID } from '../../graphql/ids';
import { answering, answerUnion, refusalType, WrongState } from '../../graphql/refusal';
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
import { ADMINS, deliveryOf, OutboxMessage, Webhook, WebhookDelivery, webhookById } from './types';

const TooManyWebhooks = refusalType(
  'TooManyWebhooks',
  'As many webhooks are active as there may be.',
  (t) => ({
    most: t.exposeInt('most'),
  }),
);

const RegisterWebhookInput = builder.inputType('RegisterWebhookInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    url: t.string({ required: true, description: 'https only, to the public internet (development: any).' }),
    topics: t.stringList({
      required: true,
      description: `Topics, or all of a kind (order.*), or * for all but the notices, which carry personal data: name notice.* for them. There are: ${TOPICS.join(', ')}.`,
    }),
  }),
});

interface Secret {
  webhookId: string;
  generation: number;
}

/** The webhook and its secret, which is derived anew and stored nowhere. */
const secretFields = (name: string) =>
  builder.objectRef<Secret>(name).implement({
    authScopes: ADMINS,
    fields: (t) => ({
      webhook: t.field({
        type: Webhook,
        resolve: (done, _args, context) => webhookById(context).load(done.webhookId),
      }),
      secret: t.string({
        description:
          'Give it to the receiver, to verify signatures with (webhook-signature). It is not stored: only this answer has it.',
        resolve: (done, _args, { secretKey }) => endpointSecret(secretKey, done.webhookId, done.generation),
      }),
    }),
  });

const RegisterWebhookSuccess = secretFields('RegisterWebhookSuccess');
const RotateWebhookSecretSuccess = secretFields('RotateWebhookSecretSuccess');

/** @throws Refused InvalidInput */
function checkUrl(url: string, context: Context): void {
  const problem = webhookUrlProblem(url, { allowPrivate: context.config.webhooksToPrivateAddresses });
  if (problem !== null) refuse('InvalidInput', `url: ${problem}.`, { path: 'url' });
}

builder.mutationField('registerWebhook', (t) =>
  t.field({
    description: `Has messages sent to an address, signed (standardwebhooks.com), at least once, in no promised order. A notice that no webhook wanted in the last ${UNWANTED_HOURS} hours goes to it too.`,
    type: answerUnion('RegisterWebhook', RegisterWebhookSuccess, [TooManyWebhooks]),
    authScopes: ADMINS,
    args: { input: t.arg({ type: RegisterWebhookInput, required: true }) },
    resolve: answering('RegisterWebhookSuccess', async (_root, { input }, context) => {
      const { idempotencyKey, url, topics } = input;
      checkUrl(url, context);
      checkCount(topics, 'topics', WEBHOOK_LIMITS.topics);
      for (const [i, topic] of topics.entries()) checkPattern(topic, `topics.${i}`);
      return registerWebhook(
        context.db,
        commandRequest(context, idempotencyKey, { url, topics: [...new Set(topics)] }),
      );
    }),
  }),
);

/** The input of a mutation that names a webhook and nothing else. */
const oneWebhookInput = (name: string) =>
  builder.inputType(name, {
    fields: (t) => ({
      idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
      webhook: t.globalID({ required: true, for: [Webhook] }),
    }),
  });

/** A webhook by its uuid and by the id that clients know it by. */
const namedWebhook = ({ id }: { id: string }) => ({
  webhookId: id,
  webhookKey: encodeGlobalID('Webhook', id),
});

/** The success of a mutation that changed a webhook. */
const changedWebhook = (name: string) =>
  builder.objectRef<{ webhookId: string }>(name).implement({
    authScopes: ADMINS,
    fields: (t) => ({
      webhook: t.field({
        type: Webhook,
        resolve: (done, _args, context) => webhookById(context).load(done.webhookId),
      }),
    }),
  });

builder.mutationField('rotateWebhookSecret', (t) =>
  t.field({
    description: `Replaces a webhook's secret. For ${SECRET_OVERLAP_HOURS} hours messages are signed with the old one too.`,
    type: answerUnion('RotateWebhookSecret', RotateWebhookSecretSuccess),
    authScopes: ADMINS,
    args: { input: t.arg({ type: oneWebhookInput('RotateWebhookSecretInput'), required: true }) },
    resolve: answering('RotateWebhookSecretSuccess', (_root, { input }, context) =>
      rotateWebhookSecret(
        context.db,
        commandRequest(context, input.idempotencyKey, namedWebhook(input.webhook)),
      ),
    ),
  }),
);

const UpdateWebhookInput = builder.inputType('UpdateWebhookInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    webhook: t.globalID({ required: true, for: [Webhook] }),
    url: t.string({ description: 'The new address; left out, it stays.' }),
    topics: t.stringList({ description: 'Replaced as a whole; left out, they stay.' }),
  }),
});

builder.mutationField('updateWebhook', (t) =>
  t.field({
    description:
      'Changes a webhook’s address or topics. Its id and secret stay; what waits for it goes to the new address.',
    type: answerUnion('UpdateWebhook', changedWebhook('UpdateWebhookSuccess')),
    authScopes: ADMINS,
    args: { input: t.arg({ type: UpdateWebhookInput, required: true }) },
    resolve: answering('UpdateWebhookSuccess', async (_root, { input }, context) => {
      const { idempotencyKey, webhook, url = null, topics = null } = input;
      if (url === null && topics === null) {
        refuse('InvalidInput', 'Neither url nor topics is given; say what is to be changed.', {
          path: 'url',
        });
      }
      if (url !== null) checkUrl(url, context);
      if (topics !== null) checkCount(topics, 'topics', WEBHOOK_LIMITS.topics);
      for (const [i, topic] of (topics ?? []).entries()) checkPattern(topic, `topics.${i}`);
      return updateWebhook(
        context.db,
        commandRequest(context, idempotencyKey, {
          ...namedWebhook(webhook),
          url,
          topics: topics && [...new Set(topics)],
        }),
      );
    }),
  }),
);

const DeleteWebhookSuccess = builder.objectRef<{ webhookId: string }>('DeleteWebhookSuccess').implement({
  authScopes: ADMINS,
  fields: (t) => ({
    deletedWebhookId: t.id({
      description: 'The id of the webhook that is gone.',
      resolve: (done) => encodeGlobalID('Webhook', done.webhookId),
    }),
  }),
});

builder.mutationField('deleteWebhook', (t) =>
  t.field({
    description: 'Deletes a webhook and its deliveries, also those that wait. The messages themselves stay.',
    type: answerUnion('DeleteWebhook', DeleteWebhookSuccess),
    authScopes: ADMINS,
    args: { input: t.arg({ type: oneWebhookInput('DeleteWebhookInput'), required: true }) },
    resolve: answering('DeleteWebhookSuccess', (_root, { input }, context) =>
      deleteWebhook(context.db, commandRequest(context, input.idempotencyKey, namedWebhook(input.webhook))),
    ),
  }),
);

const SetWebhookActiveInput = builder.inputType('SetWebhookActiveInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    webhook: t.globalID({ required: true, for: [Webhook] }),
    active: t.boolean({ required: true }),
  }),
});

builder.mutationField('setWebhookActive', (t) =>
  t.field({
    description: 'Switches a webhook on or off. What is due to it waits while it is off.',
    type: answerUnion('SetWebhookActive', changedWebhook('SetWebhookActiveSuccess'), [TooManyWebhooks]),
    authScopes: ADMINS,
    args: { input: t.arg({ type: SetWebhookActiveInput, required: true }) },
    resolve: answering('SetWebhookActiveSuccess', (_root, { input }, context) =>
      setWebhookActive(
        context.db,
        commandRequest(context, input.idempotencyKey, {
          ...namedWebhook(input.webhook),
          active: input.active,
        }),
      ),
    ),
  }),
);

const RetryDeliveryInput = builder.inputType('RetryDeliveryInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    message: t.globalID({ required: true, for: [OutboxMessage] }),
    webhook: t.globalID({ required: true, for: [Webhook] }),
  }),
});

const RetryDeliverySuccess = builder
  .objectRef<{ messageId: string; webhookId: string }>('RetryDeliverySuccess')
  .implement({
    authScopes: ADMINS,
    fields: (t) => ({
      delivery: t.field({
        type: WebhookDelivery,
        resolve: (done, _args, context) =>
          deliveryOf(context, { messageId: done.messageId, endpointId: done.webhookId }),
      }),
    }),
  });

builder.mutationField('retryDelivery', (t) =>
  t.field({
    description:
      'Gives a dead or a waiting delivery all its attempts again, the first one at once, under the same webhook-id.',
    type: answerUnion('RetryDelivery', RetryDeliverySuccess, [WrongState]),
    authScopes: ADMINS,
    args: { input: t.arg({ type: RetryDeliveryInput, required: true }) },
    resolve: answering('RetryDeliverySuccess', (_root, { input }, context) =>
      retryDelivery(
        context.db,
        commandRequest(context, input.idempotencyKey, {
          messageId: input.message.id,
          messageKey: encodeGlobalID('OutboxMessage', input.message.id),
          ...namedWebhook(input.webhook),
        }),
      ),
    ),
  }),
);

const SendTestMessageSuccess = builder
  .objectRef<{ messageId: string; webhookId: string }>('SendTestMessageSuccess')
  .implement({
    authScopes: ADMINS,
    fields: (t) => ({
      delivery: t.field({
        type: WebhookDelivery,
        description: 'How sending it stands; ask webhookDeliveries again to see what became of it.',
        resolve: (done, _args, context) =>
          deliveryOf(context, { messageId: done.messageId, endpointId: done.webhookId }),
      }),
    }),
  });

builder.mutationField('sendTestMessage', (t) =>
  t.field({
    description: `Sends a message of the topic ${TEST_TOPIC} to this webhook alone, signed and retried like any other, whatever its topics are.`,
    type: answerUnion('SendTestMessage', SendTestMessageSuccess, [WrongState]),
    authScopes: ADMINS,
    args: { input: t.arg({ type: oneWebhookInput('SendTestMessageInput'), required: true }) },
    resolve: answering('SendTestMessageSuccess', (_root, { input }, context) =>
      sendTestMessage(context.db, commandRequest(context, input.idempotencyKey, namedWebhook(input.webhook))),
    ),
  }),
);
