// Reads of the outbox: pages of deliveries.

import type { Tx } from '../db/pool';

export type DeliveryStatus = 'PENDING' | 'DELIVERED' | 'DEAD' | 'CLOSED';

export interface DeliveryKey {
  messageId: string;
  endpointId: string;
}

/** The state of the delivery of one message to one endpoint. */
export interface Delivery extends DeliveryKey {
  status: DeliveryStatus;
  attempts: number;
  nextAttemptAt: Date;
  lastStatus: number | null;
  lastError: string | null;
  closedAt: Date | null;
}

const COLUMNS = `
  message_id AS "messageId", endpoint_id AS "endpointId", status, attempts, next_attempt_at AS "nextAttemptAt",
  last_status AS "lastStatus", last_error AS "lastError", closed_at AS "closedAt"`;

const BY_KEY = `
  SELECT ${COLUMNS} FROM webhook_delivery
  WHERE (message_id, endpoint_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))`;

/** These deliveries; unknown ones are left out. */
export function deliveriesOf(tx: Tx, keys: readonly DeliveryKey[]): Promise<Delivery[]> {
  return tx.rows<Delivery>(BY_KEY, [keys.map((k) => k.messageId), keys.map((k) => k.endpointId)]);
}

const pageOf = (condition: string): string => `
  SELECT ${COLUMNS} FROM webhook_delivery
  WHERE ${condition} AND ($5::uuid IS NULL OR endpoint_id = $5) AND ($2::uuid IS NULL OR (message_id, endpoint_id) < ($2::uuid, $3::uuid))
  ORDER BY message_id DESC, endpoint_id DESC LIMIT $4`;
const UNFINISHED_PAGE = pageOf("status <> 'DELIVERED' AND status = $1::delivery_status");
const PAGE = pageOf('($1::delivery_status IS NULL OR status = $1::delivery_status)');

/** A page of deliveries, the newest messages first (their ids grow with time), beyond `after`; null: of every status, of every webhook. */
export function deliveryPage(
  tx: Tx,
  { status, endpointId }: { status: DeliveryStatus | null; endpointId: string | null },
  after: DeliveryKey | null,
  limit: number,
): Promise<Delivery[]> {
  const sql = status === null || status === 'DELIVERED' ? PAGE : UNFINISHED_PAGE;
  return tx.rows<Delivery>(sql, [
    status,
    after?.messageId ?? null,
    after?.endpointId ?? null,
    limit,
    endpointId,
  ]);
}
