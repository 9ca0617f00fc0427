// GraphQL of erasures of whole customers: the report of what is still to be done, and the acknowledgement of receivers.

import { ACTOR_FIELD, ActorSummary, actorById } from '../../access/schema/summary';
import { personal } from '../../graphql/accessRule';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { commandPrice } from '../../graphql/cost/price';
import { described } from '../../graphql/described';
import { encodeGlobalID, UUID } from '../../graphql/ids';
import { forwardPage, uuidCursor } from '../../graphql/keysetPages';
import { loader } from '../../graphql/loaders';
import { mutation, type Success } from '../../graphql/mutation';
import { Webhook } from '../../outbox/schema/types';
import { refuse } from '../../refusals';
import { acknowledgeErasure } from '../actions/acknowledgeErasure';
import {
  type ErasureReceiverRow,
  type ErasureRow,
  erasurePage,
  erasureState,
  isLate,
  isOverdue,
  receiversOf,
} from '../queries/erasures';
import type { ErasureCause } from '../rules/retention';
import { CUSTOMER_STEWARDS } from './access';

/** Programs acknowledge with the token of a feed, people with that of a data steward. */
const ACKNOWLEDGERS = { roles: personal(['FEED', 'DATA_STEWARD']) };

const ErasureStateEnum = builder.enumType('ErasureState', {
  description: 'How far an erasure is.',
  values: {
    ORDERS_OPEN: { description: 'Orders of the customer are open. Each is erased when it is closed.' },
    RECEIVERS_PENDING: {
      description: 'Everything here is erased; a receiver of customer.erased did not acknowledge yet.',
    },
    DONE: { description: 'Everything here is erased, and every receiver acknowledged.' },
  } as const,
});

const ErasureCauseEnum = builder.enumType('ErasureCause', {
  description: 'Why a customer was erased.',
  values: described<ErasureCause>({
    PERSON: 'It was requested.',
    RETENTION: 'The term of retention had passed: applyRetention did it, and left the closed documents.',
  }),
});

const ErasureReceiver = builder.objectRef<ErasureReceiverRow>('ErasureReceiver').implement({
  description:
    'A webhook that got customer.erased about an erasure. It stays a receiver when it is deleted; a data steward can then acknowledge for it.',
  authScopes: ACKNOWLEDGERS,
  fields: (t) => ({
    webhookId: t.id({
      description: 'Global ID of the webhook.',
      resolve: ({ webhookId }) => encodeGlobalID('Webhook', webhookId),
    }),
    host: t.exposeString('host', {
      description:
        'Host name of the webhook when the customer was erased; empty if it is not known any more.',
    }),
    isWebhookDeleted: t.exposeBoolean('isWebhookDeleted', {
      description: 'Whether the webhook was deleted since.',
    }),
    acknowledgeBy: t.expose('dueAt', { type: 'DateTime', description: 'Until when it should acknowledge.' }),
    acknowledgedAt: t.expose('acknowledgedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was acknowledged first; null if it was not.',
    }),
    acknowledgedBy: t.field({
      type: ActorSummary,
      nullable: true,
      description: 'Who acknowledged; null if it was not acknowledged.',
      resolve: ({ actorId }, _args, context) => (actorId === null ? null : actorById(context).load(actorId)),
    }),
    isOverdue: t.boolean({
      description: 'Whether it did not acknowledge in time.',
      resolve: (receiver, _args, { now }) => isLate(receiver, now),
    }),
  }),
});

const receiversOfErasure = loader<string, ErasureReceiverRow[]>(
  async ({ db }, ids) => {
    const receivers = await receiversOf(db, ids);
    return ids.map((id) => receivers.filter(({ erasureId }) => erasureId === id));
  },
  undefined,
  false,
);

const Erasure = builder.objectRef<ErasureRow>('Erasure').implement({
  description: 'The erasure of a whole customer, here and at the receivers of customer.erased.',
  authScopes: CUSTOMER_STEWARDS,
  fields: (t) => ({
    id: t.id({ description: cacheIdOf('an erasure'), resolve: ({ id }) => cacheId('Erasure', id) }),
    erasureId: t.exposeString('id', { description: 'Its id, as customer.erased names it.' }),
    customerId: t.id({
      description: 'Global ID that the customer was erased by.',
      resolve: ({ customerId }) => encodeGlobalID('Customer', customerId),
    }),
    cause: t.expose('cause', { type: ErasureCauseEnum, description: 'Why the customer was erased.' }),
    state: t.field({
      type: ErasureStateEnum,
      description: 'How far it is.',
      resolve: async (erasure, _args, context) =>
        erasureState(erasure, await receiversOfErasure(context).load(erasure.id)),
    }),
    isOverdue: t.boolean({
      description: 'Whether its orders or one of its receivers are past their time.',
      resolve: async (erasure, _args, context) =>
        isOverdue(erasure, await receiversOfErasure(context).load(erasure.id), context.now),
    }),
    requestedAt: t.expose('requestedAt', { type: 'DateTime', description: 'When it was requested.' }),
    requestedBy: t.field({
      ...ACTOR_FIELD,
      description: 'Who requested it.',
    }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      description: 'Until when the law wants it done: a month after the request.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When everything here was erased; null while orders of the customer are open.',
    }),
    openOrders: t.exposeInt('openOrders', { description: 'Orders that are erased when they are closed.' }),
    receivers: t.field({
      type: [ErasureReceiver],
      description: 'The webhooks that got customer.erased.',
      resolve: ({ id }, _args, context) => receiversOfErasure(context).load(id),
    }),
  }),
});
const ErasureConnection = connectionOf(Erasure);

const CURSOR = uuidCursor<ErasureRow>(({ id }) => id);

const ErasureReportFilter = builder.inputType('ErasureFilter', {
  description: 'Erasures that meet every condition given.',
  fields: (t) => ({
    overdue: t.boolean({
      description: 'With true: only those that are past their time, here or at a receiver.',
    }),
  }),
});

builder.queryField('erasureReport', (t) =>
  t.connection(
    {
      type: Erasure,
      forwardOnly: true,
      description: 'Erasures of whole customers, the newest first, and what is still to be done.',
      authScopes: CUSTOMER_STEWARDS,
      args: { filter: t.arg({ type: ErasureReportFilter }) },
      resolve: (_root, { filter, ...args }, { db, now }) =>
        forwardPage(args, CURSOR, (after, limit) =>
          erasurePage(db, filter?.overdue === true ? now : null, after, limit),
        ),
    },
    ErasureConnection,
  ),
);

const acknowledged: Success<{ erasureId: string; webhookId: string }> = {
  authScopes: ACKNOWLEDGERS,
  fields: (t) => ({
    receiver: t.field({
      type: ErasureReceiver,
      nullable: true,
      description: 'The receiver, as it is now; null if an earlier release deleted it with its webhook.',
      resolve: async ({ erasureId, webhookId }, _args, context) => {
        const receivers = await receiversOfErasure(context).load(erasureId);
        return receivers.find((one) => one.webhookId === webhookId) ?? null;
      },
    }),
  }),
};

mutation('acknowledgeErasure', {
  description:
    'Records that the system behind a webhook, which got customer.erased, erased the customer as well. Acknowledged again, the first time stays.',
  authScopes: ACKNOWLEDGERS,
  price: commandPrice(),
  input: (t) => ({
    erasureId: t.string({ required: true, description: 'erasureId of the message.' }),
    webhook: t.globalID({
      required: true,
      for: [Webhook],
      description: 'Global ID of the webhook that got the message, as registerWebhook answered it.',
    }),
  }),
  success: acknowledged,
  execute: ({ erasureId, webhook: { id } }, context, request) => {
    if (!UUID.test(erasureId)) {
      refuse('InvalidInput', `erasureId is '${erasureId.slice(0, 80)}'; send the erasureId of the message.`, {
        path: 'erasureId',
      });
    }
    const webhookKey = encodeGlobalID('Webhook', id);
    return acknowledgeErasure(context.db, request({ erasureId, webhookId: id, webhookKey }));
  },
});
