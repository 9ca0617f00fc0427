// Notifies every process of changes through PostgreSQL's NOTIFY: sent at commit, never before, never after a rollback.

import type { Tx } from './pool';

/**
 * Payloads: on channel `stock` like `12:345` (location:sku), on `orders` like `<order uuid>@12` (order@location).
 * A notice carries keys only; listeners read the present state.
 */
export type NoticeChannel = 'stock' | 'orders';

/** PostgreSQL takes payloads under 8,000 bytes. */
const MAX_PAYLOAD = 7_500;
const NOTIFY = 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload';

/** Queues notices for commit; keys are packed into as few payloads as possible. */
export async function notify(tx: Tx, channel: NoticeChannel, keys: readonly string[]): Promise<void> {
  const payloads: string[] = [];
  let payload = '';
  for (const key of new Set(keys)) {
    if (payload.length + key.length + 1 > MAX_PAYLOAD) {
      payloads.push(payload);
      payload = '';
    }
    payload = payload === '' ? key : `${payload} ${key}`;
  }
  if (payload !== '') payloads.push(payload);
  if (payloads.length > 0) await tx.rows(NOTIFY, [channel, payloads]);
}
