// Requests about the personal data of customers, kept to prove what was done and when. They hold no personal data.

import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/pool';

/** A request to record. */
interface NewDataRequest {
  kind: 'EXPORT' | 'ERASURE' | 'RESTRICTION' | 'LIFTING';
  customerId: string;
  actorId: number;
  isDone: boolean;
}

const INSERT = `
  INSERT INTO data_request (id, kind, cause, status, customer_id, actor_id, requested_at, due_at, finished_at)
  VALUES ($1, $2::data_request_kind, 'PERSON', $3::data_request_status, $4, $5, $6, $6::timestamptz + interval '1 month', $7)`;

/** Records a request; answers its id. */
export async function insertDataRequest(
  tx: Tx,
  now: Date,
  { kind, customerId, actorId, isDone }: NewDataRequest,
): Promise<string> {
  const id = uuid();
  await tx.rows(INSERT, [
    ...[id, kind, isDone ? 'DONE' : 'PENDING', customerId],
    ...[actorId, now, isDone ? now : null],
  ]);
  return id;
}
