// Delivers the outbox: fans messages out to the webhooks that match them, and sends each until it is acknowledged.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Db } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { webhookAttempts } from '../../metrics';
import type { FinalPayload, Outgoing, PayloadCompleter } from '../rules/payload';
import { patternsOf } from '../rules/topics';
import { backoffSeconds, endpointSecret, retryAfterSeconds, webhookHeaders } from '../rules/webhooks';
import { SEND_LIMITS, type SendLimits, type SendResult, send } from './send';

export interface DeliverLimits {
  /** Messages fanned out in one transaction. */
  fanOut: number;
  /** Concurrent requests to one endpoint, which also limits those that a hanging endpoint blocks. */
  perEndpoint: number;
  /** Milliseconds of the lease of a claimed delivery: longer than a request may take. */
  leaseMs: number;
  /** Milliseconds after which a run claims nothing more. */
  runMs: number;
  /** Milliseconds between two polls for new work while some endpoint is still busy. */
  pollMs: number;
  send: SendLimits;
}

export const DELIVER_LIMITS: DeliverLimits = {
  fanOut: 500,
  perEndpoint: 4,
  leaseMs: 60_000,
  runMs: 30_000,
  pollMs: 500,
  send: SEND_LIMITS,
};

/** Dependencies of a dispatcher; the clock is read at every step, because a run may take half a minute. */
export interface Dispatcher {
  db: Db;
  log: Logger;
  clock: () => Date;
  secretKey: Buffer;
  config: { webhooksToPrivateAddresses: boolean };
}

/** The result of a run, in deliveries; `fannedOut` in messages. */
export interface Delivered extends Record<string, number> {
  fannedOut: number;
  delivered: number;
  failed: number;
  dead: number;
  closed: number;
}

const WAITING = `
  SELECT id FROM outbox WHERE fanned_out_at IS NULL ORDER BY created_at, id LIMIT $1 FOR UPDATE SKIP LOCKED`;
// Due at once by our clock and by the database's: when a clock that was an hour ahead is corrected, nothing waits an hour.
const ADDRESS = `
  INSERT INTO webhook_delivery (message_id, endpoint_id, status, next_attempt_at)
  SELECT o.id, e.id, 'PENDING', least($2, now())
  FROM outbox o JOIN webhook_endpoint e
    ON e.active AND e.topics && ${patternsOf('o.topic')}
  WHERE o.id = ANY($1::uuid[])
  ON CONFLICT DO NOTHING`;
const FANNED_OUT = 'UPDATE outbox SET fanned_out_at = $2 WHERE id = ANY($1::uuid[])';

/** Creates deliveries of waiting messages for every endpoint with a matching topic. Answers how many messages. */
function fanOut(db: Db, now: Date, limit: number): Promise<number> {
  return inTransaction(db, async (tx) => {
    const ids = (await tx.rows<{ id: string }>(WAITING, [limit])).map((m) => m.id);
    if (ids.length === 0) return 0;
    // A statement of its own: it sees endpoints that were registered while the rows were being locked.
    await tx.rows(ADDRESS, [ids, now]);
    await tx.rows(FANNED_OUT, [ids, now]);
    return ids.length;
  });
}

const DUE_ENDPOINTS = `
  SELECT e.id FROM webhook_endpoint e
  WHERE e.active AND e.id <> ALL($2::uuid[]) AND EXISTS (
    SELECT 1 FROM webhook_delivery d
    WHERE d.endpoint_id = e.id AND d.status = 'PENDING' AND d.next_attempt_at <= $1)
  ORDER BY e.id`;

interface ClaimedDelivery extends Outgoing {
  attempts: number;
  url: string;
  generation: number;
  previousSecretUntil: Date | null;
}

// A claim is a lease: if the process dies, another run takes the delivery after the lease has expired.
const CLAIM = `
  WITH due AS (
    SELECT message_id, endpoint_id FROM webhook_delivery
    WHERE endpoint_id = $1 AND status = 'PENDING' AND next_attempt_at <= $2
    ORDER BY next_attempt_at, message_id LIMIT $3 FOR UPDATE SKIP LOCKED)
  UPDATE webhook_delivery d SET attempts = d.attempts + 1, next_attempt_at = $4
  FROM due JOIN outbox o ON o.id = due.message_id JOIN webhook_endpoint e ON e.id = due.endpoint_id
  WHERE d.message_id = due.message_id AND d.endpoint_id = due.endpoint_id AND e.active
  RETURNING o.id, o.topic, o.payload, o.order_id AS "orderId", o.created_at AS "createdAt", d.attempts, e.url,
            e.secret_generation AS generation, e.previous_secret_until AS "previousSecretUntil"`;

// An attempt that outlived its lease may still record a success, but no longer a failure.
const MARK = `
  UPDATE webhook_delivery
  SET status = $4::delivery_status, next_attempt_at = $5, last_status = $6, last_error = $7, closed_at = $8
  WHERE message_id = $1 AND endpoint_id = $2 AND status = 'PENDING' AND (attempts = $3 OR $4 = 'DELIVERED')`;
const SWITCH_OFF = 'UPDATE webhook_endpoint SET active = false WHERE id = $1';

const GONE = 410;

type DeliveryOutcome = 'delivered' | 'failed' | 'dead' | 'closed';

/** The recorded result of an attempt. */
interface Note {
  outcome: DeliveryOutcome;
  nextAt: Date;
  status: number | null;
  error: string | null;
}

function judge(sent: SendResult, attempts: number, now: Date): Note {
  const { status } = sent;
  if (status !== null && status >= 200 && status < 300) {
    return { outcome: 'delivered', nextAt: now, status, error: null };
  }
  const redirected = status !== null && status >= 300 && status < 400;
  const error = sent.error ?? `answered ${status}${redirected ? ', and redirects are not followed' : ''}`;
  const wait = status === GONE ? null : backoffSeconds(attempts, Math.random());
  if (wait === null) return { outcome: 'dead', nextAt: now, status, error };
  // The receiver's Retry-After is respected.
  const seconds = Math.max(wait, retryAfterSeconds(sent.retryAfter, now));
  return { outcome: 'failed', nextAt: new Date(now.getTime() + seconds * 1_000), status, error };
}

const STATUS = { delivered: 'DELIVERED', failed: 'PENDING', dead: 'DEAD', closed: 'CLOSED' } as const;

async function mark(to: Dispatcher, endpointId: string, message: ClaimedDelivery, note: Note): Promise<void> {
  const closedAt = note.outcome === 'failed' ? null : to.clock();
  await to.db.rows(MARK, [
    message.id,
    endpointId,
    message.attempts,
    STATUS[note.outcome],
    note.nextAt,
    note.status,
    note.error,
    closedAt,
  ]);
  webhookAttempts.inc({ outcome: note.outcome });
}

/** Sends one claimed message to its endpoint and records the result. */
async function attempt(
  to: Dispatcher,
  endpointId: string,
  message: ClaimedDelivery,
  payload: FinalPayload,
  limits: SendLimits,
): Promise<DeliveryOutcome> {
  const now = to.clock();
  if ('closed' in payload) {
    await mark(to, endpointId, message, {
      outcome: 'closed',
      nextAt: now,
      status: null,
      error: payload.closed,
    });
    return 'closed';
  }
  const { generation, previousSecretUntil } = message;
  const generations =
    previousSecretUntil !== null && previousSecretUntil > now ? [generation, generation - 1] : [generation];
  const body = JSON.stringify({
    type: message.topic,
    timestamp: message.createdAt.toISOString(),
    data: payload.data,
  });
  const headers = webhookHeaders(
    generations.map((g) => endpointSecret(to.secretKey, endpointId, g)),
    { id: message.id, timestamp: Math.floor(now.getTime() / 1_000), body },
  );
  const allowPrivate = to.config.webhooksToPrivateAddresses;
  const note = judge(
    await send(message.url, headers, body, { allowPrivate, limits }),
    message.attempts,
    to.clock(),
  );
  await mark(to, endpointId, message, note);
  if (note.status === GONE) {
    await to.db.rows(SWITCH_OFF, [endpointId]);
    to.log.warn({ webhook: endpointId }, 'a webhook answered 410 Gone and was switched off');
  }
  return note.outcome;
}

/** Sends what is due to one endpoint, a few at a time, until nothing is due or time is up. False if the endpoint cannot be reached. */
async function serve(
  to: Dispatcher,
  endpointId: string,
  write: PayloadCompleter,
  limits: DeliverLimits,
  run: { done: Delivered; stopAt: number },
): Promise<boolean> {
  while (performance.now() < run.stopAt) {
    const now = to.clock();
    const lease = new Date(now.getTime() + limits.leaseMs);
    const claimed = await to.db.rows<ClaimedDelivery>(CLAIM, [endpointId, now, limits.perEndpoint, lease]);
    if (claimed.length === 0) return true;
    const payloads = await write(claimed);
    const outcomes = await Promise.all(
      claimed.map((m) => attempt(to, endpointId, m, payloads.get(m.id) ?? { data: m.payload }, limits.send)),
    );
    for (const outcome of outcomes) run.done[outcome] += 1;
    if (outcomes.every((o) => o === 'failed' || o === 'dead')) return false;
  }
  return true;
}

/**
 * One run of a dispatcher: fans out, then sends to all endpoints concurrently, so that a hanging
 * one does not delay the others. Any number of runs may be active, because deliveries are claimed. Each message is sent to
 * an endpoint at least once, under the same id at every attempt, in no guaranteed order.
 * A message that no endpoint wants is closed; registerWebhook and setWebhookActive open those of the last hours again.
 */
export async function deliverOutbox(
  to: Dispatcher,
  write: PayloadCompleter,
  limits: DeliverLimits = DELIVER_LIMITS,
): Promise<Delivered> {
  const done: Delivered = { fannedOut: 0, delivered: 0, failed: 0, dead: 0, closed: 0 };
  const run = { done, stopAt: performance.now() + limits.runMs };
  const serving = new Map<string, Promise<void>>();
  // Endpoints that cannot be reached are skipped until the next run.
  const resting: string[] = [];
  const errors: unknown[] = [];
  while (performance.now() < run.stopAt) {
    const count = await fanOut(to.db, to.clock(), limits.fanOut);
    done.fannedOut += count;
    const passedBy = [...serving.keys(), ...resting];
    for (const { id } of await to.db.rows<{ id: string }>(DUE_ENDPOINTS, [to.clock(), passedBy])) {
      const sending = serve(to, id, write, limits, run)
        .catch((error) => {
          errors.push(error);
          return false;
        })
        .then((well) => {
          serving.delete(id);
          if (!well) resting.push(id);
        });
      serving.set(id, sending);
    }
    if (serving.size > 0)
      await Promise.race([...serving.values(), sleep(limits.pollMs, undefined, { ref: false })]);
    else if (count < limits.fanOut) break;
  }
  await Promise.all(serving.values());
  if (errors.length > 0) throw errors[0];
  return done;
}
