// Receivers of customer.erased: they are sent a message at an erasure, and acknowledge that they erased the customer as well.

import { type Command, defineCommand } from '../../access/actions/execute';
import type { Tx } from '../../db/pool';
import { enqueue } from '../../outbox/actions/enqueue';
import { patternsOf } from '../../outbox/rules/topics';
import { notFound, refuse } from '../../refusals';
import { DAY_MS } from '../../values/time';
import { hostOf } from '../queries/erasures';
import type { ErasureCause } from '../rules/retention';

/** Most numbers of orders, and most former ids, that one message lists: a message is one JSON document. */
export const LISTED_IN_MESSAGE = 1000;

// Locked, so that a webhook that is deleted at the same time is left out. One that is deleted later stays a receiver, with its host name.
const INSERT_RECEIVERS = `
  INSERT INTO erasure_acknowledgement (request_id, endpoint_id, due_at, host)
  SELECT r.id, e.id, $2, e.host
  FROM unnest($1::uuid[]) AS r(id) CROSS JOIN (
    SELECT e.id, ${hostOf('e.url')} AS host FROM webhook_endpoint e
    WHERE e.active AND e.topics && ${patternsOf("'customer.erased'::text")} ORDER BY e.id FOR KEY SHARE) e`;
const FORMER_IDS = `
  SELECT DISTINCT n.request AS "requestId", i.own_id AS id
  FROM unnest($1::uuid[], $2::bigint[]) AS n(request, id) JOIN identifier i ON i.id = n.id ORDER BY i.own_id`;

interface ErasedPerson {
  requestId: string;
  identifierIds: readonly number[];
  /** Numbers of the orders that are erased with the customer, open ones too. */
  numbers: readonly string[];
}

/** Sends customer.erased, which names the customer by ids and numbers of orders only, and records who has to acknowledge it. */
export async function notifyReceivers(
  tx: Tx,
  now: Date,
  { cause, acknowledgeDays }: { cause: ErasureCause; acknowledgeDays: number },
  persons: readonly ErasedPerson[],
): Promise<void> {
  const acknowledgeBy = new Date(now.getTime() + acknowledgeDays * DAY_MS);
  await tx.rows(INSERT_RECEIVERS, [persons.map(({ requestId }) => requestId), acknowledgeBy]);
  const rows = await tx.rows<{ requestId: string; id: string }>(FORMER_IDS, [
    persons.flatMap(({ requestId, identifierIds }) => identifierIds.map(() => requestId)),
    persons.flatMap(({ identifierIds }) => identifierIds),
  ]);
  const customerIds = new Map(persons.map(({ requestId }) => [requestId, [] as string[]]));
  for (const { requestId, id } of rows) customerIds.get(requestId)!.push(id);
  const messages = persons.map(({ requestId, numbers }) => ({
    topic: 'customer.erased' as const,
    payload: {
      ...{
        erasureId: requestId,
        cause,
        customerIds: customerIds.get(requestId)!.slice(0, LISTED_IN_MESSAGE),
      },
      ...{ orders: numbers.slice(0, LISTED_IN_MESSAGE), orderCount: numbers.length },
      ...{ erasedAt: now.toISOString(), acknowledgeBy: acknowledgeBy.toISOString() },
    },
  }));
  await enqueue(tx, now, messages);
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
