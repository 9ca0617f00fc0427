// Reads of erasures of whole customers, and of those who have to erase them as well.

import type { Tx } from '../../db/pool';
import type { ErasureCause } from '../rules/retention';

/** An erasure as it was requested. */
export interface ErasureRow {
  id: string;
  cause: ErasureCause;
  customerId: string;
  actorId: number;
  requestedAt: Date;
  dueAt: Date;
  /** Null: orders of the customer are still open. */
  finishedAt: Date | null;
  openOrders: number;
}

/** A system that was sent customer.erased. */
export interface ErasureReceiverRow {
  erasureId: string;
  webhookId: string;
  /** Empty: of a deleted webhook, in a row that an earlier release wrote. */
  host: string;
  isWebhookDeleted: boolean;
  dueAt: Date;
  acknowledgedAt: Date | null;
  actorId: number | null;
}

export type ErasureState = 'ORDERS_OPEN' | 'RECEIVERS_PENDING' | 'DONE';

/** How far an erasure is. */
export function erasureState(erasure: ErasureRow, receivers: readonly ErasureReceiverRow[]): ErasureState {
  if (erasure.finishedAt === null) return 'ORDERS_OPEN';
  return receivers.some(({ acknowledgedAt }) => acknowledgedAt === null) ? 'RECEIVERS_PENDING' : 'DONE';
}

/** Whether a receiver did not acknowledge in time. */
export function isLate(receiver: ErasureReceiverRow, now: Date): boolean {
  return receiver.acknowledgedAt === null && receiver.dueAt <= now;
}

/** Whether the erasure itself, or one of its receivers, is past its time. */
export function isOverdue(erasure: ErasureRow, receivers: readonly ErasureReceiverRow[], now: Date): boolean {
  return (erasure.finishedAt === null && erasure.dueAt <= now) || receivers.some((one) => isLate(one, now));
}

const PAGE = `
  SELECT r.id, r.cause, r.customer_id AS "customerId", r.actor_id AS "actorId", r.requested_at AS "requestedAt", r.due_at AS "dueAt",
         r.finished_at AS "finishedAt",
         (SELECT count(*)::int FROM erasure_order w WHERE w.request_id = r.id AND w.erased_at IS NULL) AS "openOrders"
  FROM data_request r
  WHERE r.kind = 'ERASURE' AND ($1::uuid IS NULL OR r.id < $1)
    AND ($3::timestamptz IS NULL OR (r.finished_at IS NULL AND r.due_at <= $3) OR EXISTS (
      SELECT FROM erasure_acknowledgement a
      WHERE a.request_id = r.id AND a.acknowledged_at IS NULL AND a.due_at <= $3))
  ORDER BY r.id DESC LIMIT $2`;

/** A page of erasures, the newest first (their ids grow with time); with `overdueAt` those alone that are past their time then. */
export function erasurePage(
  tx: Tx,
  overdueAt: Date | null,
  after: string | null,
  limit: number,
): Promise<ErasureRow[]> {
  return tx.rows<ErasureRow>(PAGE, [after, limit, overdueAt]);
}

/** An SQL expression of the host name, with the port, of an https or http address. */
export const hostOf = (url: string): string => `lower(substring(${url} FROM '^[^:]+://([^/?#]+)'))`;

const RECEIVERS = `
  SELECT a.request_id AS "erasureId", a.endpoint_id AS "webhookId",
         coalesce(nullif(a.host, ''), ${hostOf('e.url')}, '') AS host, e.id IS NULL AS "isWebhookDeleted",
         a.due_at AS "dueAt", a.acknowledged_at AS "acknowledgedAt", a.acknowledged_by_id AS "actorId"
  FROM erasure_acknowledgement a LEFT JOIN webhook_endpoint e ON e.id = a.endpoint_id
  WHERE a.request_id = ANY($1::uuid[]) ORDER BY a.endpoint_id`;

/** The receivers of these erasures. */
export function receiversOf(tx: Tx, erasureIds: readonly string[]): Promise<ErasureReceiverRow[]> {
  return tx.rows<ErasureReceiverRow>(RECEIVERS, [erasureIds]);
}
