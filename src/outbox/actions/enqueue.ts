// Writes messages to the outbox in the transaction of the change they report.

import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/pool';
import type { Topic } from '../rules/topics';

export interface Message {
  topic: Topic;
  orderId?: string | null;
  payload: Record<string, unknown>;
}

const ENQUEUE = `
  INSERT INTO outbox (id, topic, payload, order_id, created_at)
  SELECT id, topic, payload::jsonb, order_id, $5
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS m(id, topic, payload, order_id)`;

/** Puts messages in the outbox, to be sent by the dispatch job at least once under the id they get here. */
export async function enqueue(tx: Tx, now: Date, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  await tx.rows(ENQUEUE, [
    messages.map(() => uuid()),
    messages.map((m) => m.topic),
    messages.map((m) => JSON.stringify(m.payload)),
    messages.map((m) => m.orderId ?? null),
    now,
  ]);
}
