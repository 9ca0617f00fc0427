// Commands on webhooks: register, change, delete, rotate the secret, send a test message, retry a delivery.

import { v7 as uuid } from 'uuid';
import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { checkState, notFound, refuse } from '../../refusals';
import { HOUR_MS } from '../../values/time';
import {
  patternsOf,
  SECRET_OVERLAP_HOURS,
  TEST_TOPIC,
  tooManyWebhooks,
  UNWANTED_HOURS,
  WEBHOOK_LIMITS,
} from '../rules/topics';

const ACTIVE = 'SELECT count(*)::int AS active FROM webhook_endpoint WHERE active';
const REGISTER = `
  INSERT INTO webhook_endpoint (id, url, topics, created_at) VALUES ($1, $2, $3::text[], $4)`;

// Also waits for messages being fanned out at this moment and re-reads them, so that none is missed.
const REOPEN_UNWANTED = `
  UPDATE outbox o SET fanned_out_at = NULL
  WHERE o.created_at > $1
    AND ${patternsOf('o.topic')} && $2::text[]
    AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.message_id = o.id)`;

/** @throws Refused TooManyWebhooks */
async function checkRoom(tx: Tx): Promise<void> {
  const [row] = await tx.rows<{ active: number }>(ACTIVE);
  if (row!.active >= WEBHOOK_LIMITS.endpoints) throw tooManyWebhooks();
}

function reopenUnwanted(tx: Tx, now: Date, topics: readonly string[]): Promise<unknown> {
  return tx.rows(REOPEN_UNWANTED, [new Date(now.getTime() - UNWANTED_HOURS * HOUR_MS), topics]);
}

/**
 * Registers an address for topics; the caller has checked both. Recent messages without a matching webhook are sent to it too.
 * The answer has no secret: it is derived from the id and the generation. @throws Refused TooManyWebhooks
 */
export const registerWebhook = defineCommand(
  'registerWebhook',
  async (tx, { input, now }: Command<{ url: string; topics: string[] }>) => {
    await checkRoom(tx);
    const id = uuid();
    await tx.rows(REGISTER, [id, input.url, input.topics, now]);
    await reopenUnwanted(tx, now, input.topics);
    return { webhookId: id, generation: 1 };
  },
);

interface Endpoint {
  id: string;
  url: string;
  active: boolean;
  topics: string[];
  generation: number;
}

const LOCK = `
  SELECT id, url, active, topics, secret_generation AS generation FROM webhook_endpoint WHERE id = $1 FOR UPDATE`;

async function lockWebhook(tx: Tx, id: string, key: string): Promise<Endpoint> {
  const [endpoint] = await tx.rows<Endpoint>(LOCK, [id]);
  if (endpoint === undefined) {
    throw notFound('Webhook', [key]);
  }
  return endpoint;
}

/** A webhook, by its uuid and by the global id that clients know it by. */
interface WebhookInput {
  webhookId: string;
  webhookKey: string;
}

const ROTATE = `
  UPDATE webhook_endpoint SET secret_generation = secret_generation + 1, previous_secret_until = $2 WHERE id = $1`;

/** Replaces the secret; the previous one also signs for SECRET_OVERLAP_HOURS. @throws Refused NotFound */
export const rotateWebhookSecret = defineCommand(
  'rotateWebhookSecret',
  async (tx, { input, now }: Command<WebhookInput>) => {
    const { id, generation } = await lockWebhook(tx, input.webhookId, input.webhookKey);
    const until = new Date(now.getTime() + SECRET_OVERLAP_HOURS * HOUR_MS);
    await tx.rows(ROTATE, [id, until]);
    return { webhookId: id, generation: generation + 1, previousUntil: until.toISOString() };
  },
);

const SET_ACTIVE = 'UPDATE webhook_endpoint SET active = $2 WHERE id = $1';

/** Switches a webhook on or off; its waiting deliveries keep waiting while it is off. @throws Refused NotFound, TooManyWebhooks */
export const setWebhookActive = defineCommand(
  'setWebhookActive',
  async (tx, { input, now }: Command<WebhookInput & { active: boolean }>) => {
    const endpoint = await lockWebhook(tx, input.webhookId, input.webhookKey);
    if (input.active && !endpoint.active) {
      await checkRoom(tx);
      await reopenUnwanted(tx, now, endpoint.topics);
    }
    await tx.rows(SET_ACTIVE, [endpoint.id, input.active]);
    return { webhookId: endpoint.id };
  },
);

const CHANGE = 'UPDATE webhook_endpoint SET url = $2, topics = $3::text[] WHERE id = $1';

/**
 * Changes the address of a webhook, its topics, or both; null stays as it is. Its id, its secret and its waiting deliveries
 * stay, and these are sent to the new address. @throws Refused NotFound
 */
export const updateWebhook = defineCommand(
  'updateWebhook',
  async (tx, { input, now }: Command<WebhookInput & { url: string | null; topics: string[] | null }>) => {
    const { id, url, topics } = await lockWebhook(tx, input.webhookId, input.webhookKey);
    await tx.rows(CHANGE, [id, input.url ?? url, input.topics ?? topics]);
    if (input.topics !== null) await reopenUnwanted(tx, now, input.topics);
    return { webhookId: id };
  },
);

const DELETE = 'DELETE FROM webhook_endpoint WHERE id = $1';

/** Deletes a webhook with its deliveries, those that wait too; the messages stay. @throws Refused NotFound */
export const deleteWebhook = defineCommand('deleteWebhook', async (tx, { input }: Command<WebhookInput>) => {
  const { id } = await lockWebhook(tx, input.webhookId, input.webhookKey);
  await tx.rows(DELETE, [id]);
  return { webhookId: id };
});

const TEST_MESSAGE = `
  INSERT INTO outbox (id, topic, payload, created_at, fanned_out_at) VALUES ($1, $2, $3::jsonb, $4, $4)`;
const TEST_DELIVERY = `
  INSERT INTO webhook_delivery (message_id, endpoint_id, status, next_attempt_at) VALUES ($1, $2, 'PENDING', $3)`;

/**
 * Sends a message of the topic TEST_TOPIC to this webhook alone, signed and retried like any other, whatever its topics
 * are. @throws Refused NotFound, WrongState while the webhook is switched off
 */
export const sendTestMessage = defineCommand(
  'sendTestMessage',
  async (tx, { input, now }: Command<WebhookInput>) => {
    const { id, active } = await lockWebhook(tx, input.webhookId, input.webhookKey);
    checkState('Webhook', input.webhookKey, active ? 'ACTIVE' : 'SWITCHED_OFF', ['ACTIVE'], 'tested');
    const messageId = uuid();
    const payload = { webhookId: input.webhookKey, sentAt: now.toISOString() };
    await tx.rows(TEST_MESSAGE, [messageId, TEST_TOPIC, JSON.stringify(payload), now]);
    await tx.rows(TEST_DELIVERY, [messageId, id, now]);
    return { messageId, webhookId: id };
  },
);

const LOCK_DELIVERY = `
  SELECT status::text FROM webhook_delivery WHERE message_id = $1 AND endpoint_id = $2 FOR UPDATE`;
const RETRY = `
  UPDATE webhook_delivery SET status = 'PENDING', attempts = 0, next_attempt_at = $3, closed_at = NULL
  WHERE message_id = $1 AND endpoint_id = $2`;

/**
 * Gives a delivery all its attempts again, the first at once, under the same message id: one that is dead, or one that
 * waits for its next attempt. @throws Refused NotFound, WrongState
 */
export const retryDelivery = defineCommand(
  'retryDelivery',
  async (tx, { input, now }: Command<WebhookInput & { messageId: string; messageKey: string }>) => {
    const { messageId, webhookId, messageKey } = input;
    const [delivery] = await tx.rows<{ status: string }>(LOCK_DELIVERY, [messageId, webhookId]);
    if (delivery === undefined) {
      refuse('NotFound', `Message ${messageKey} never was for webhook ${input.webhookKey}.`, {
        what: 'WebhookDelivery',
        keys: [messageKey, input.webhookKey],
      });
    }
    checkState('Delivery of message', messageKey, delivery.status, ['DEAD', 'PENDING'], 'tried again');
    await tx.rows(RETRY, [messageId, webhookId, now]);
    return { messageId, webhookId };
  },
);
