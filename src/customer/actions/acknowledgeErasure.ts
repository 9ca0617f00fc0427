// Receivers of customer.erased: they are sent a message at an erasure, and acknowledge that they erased the customer as well.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { enqueue } from '../../outbox/actions/enqueue';
import { patternsOf } from '../../outbox/rules/topics';
import { notFound, refuse } from '../../refusals';
import { DAY_MS } from '../../values/time';
import { hostOf } from '../queries/erasures';

/** Most numbers of orders, and most former ids, that one message lists: a message is one JSON document. */
export const LISTED_IN_MESSAGE = 1000;

// Locked, so that a webhook that is deleted at the same time is left out. One that is deleted later stays a receiver, with its host name.
const INSERT_RECEIVERS = `
  INSERT INTO erasure_acknowledgement (request_id, endpoint_id, due_at, host)
  SELECT $1, e.id, $2, ${hostOf('e.url')} FROM webhook_endpoint e
  WHERE e.active AND e.topics && ${patternsOf("'customer.erased'::text")} ORDER BY e.id FOR KEY SHARE`;
const FORMER_IDS = `
  SELECT DISTINCT own_id AS id FROM identifier WHERE id = ANY($1::bigint[]) ORDER BY own_id LIMIT $2`;

interface ErasedPerson {
  requestId: string;
  identifierIds: readonly number[];
  /** Numbers of all orders of the customer, open ones too. */
  numbers: readonly string[];
  acknowledgeDays: number;
}

/** Sends customer.erased, which names the customer by ids and numbers of orders only, and records who has to acknowledge it. */
export async function notifyReceivers(
  tx: Tx,
  now: Date,
  { requestId, identifierIds, numbers, acknowledgeDays }: ErasedPerson,
): Promise<void> {
  const acknowledgeBy = new Date(now.getTime() + acknowledgeDays * DAY_MS);
  await tx.rows(INSERT_RECEIVERS, [requestId, acknowledgeBy]);
  const customers = await tx.rows<{ id: string }>(FORMER_IDS, [identifierIds, LISTED_IN_MESSAGE]);
  const payload = {
    ...{ erasureId: requestId, customerIds: customers.map(({ id }) => id) },
    ...{ orders: numbers.slice(0, LISTED_IN_MESSAGE), orderCount: numbers.length },
    ...{ erasedAt: now.toISOString(), acknowledgeBy: acknowledgeBy.toISOString() },
  };
  await enqueue(tx, now, [{ topic: 'customer.erased', payload }]);
}

const LOCK = `SELECT id FROM data_request WHERE id = $1 AND kind = 'ERASURE' FOR UPDATE`;
const ACKNOWLEDGE = `
  UPDATE erasure_acknowledgement
  SET acknowledged_at = coalesce(acknowledged_at, $3),
      acknowledged_by_id = CASE WHEN acknowledged_at IS NULL THEN $4 ELSE acknowledged_by_id END
  WHERE request_id = $1 AND endpoint_id = $2 RETURNING request_id AS "erasureId"`;

interface Acknowledged {
  erasureId: string;
  webhookId: string;
  webhookKey: string;
}

/**
 * Records that the system behind a webhook erased the customer. Acknowledged again, the first time stays.
 * @throws Refused NotFound, InvalidInput for a webhook that got no message about this erasure
 */
export const acknowledgeErasure = defineCommand(
  'acknowledgeErasure',
  async (tx: Tx, { input, actor, now }: Command<Acknowledged>) => {
    const { erasureId, webhookId, webhookKey } = input;
    const [found] = await tx.rows<{ id: string }>(LOCK, [erasureId]);
    if (found === undefined) throw notFound('Erasure', [erasureId]);
    const values = [erasureId, webhookId, now, actor.actorId];
    const changed = await tx.rows<{ erasureId: string }>(ACKNOWLEDGE, values);
    if (changed.length === 0) {
      const message = `The webhook ${webhookKey} is no receiver of erasure ${erasureId}; erasureReport lists its receivers.`;
      refuse('InvalidInput', message, { path: 'webhook' });
    }
    return { erasureId, webhookId };
  },
);
