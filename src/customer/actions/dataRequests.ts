// Requests about the personal data of customers, kept to prove what was done and when. They hold no personal data.

import { v7 as uuid } from 'uuid';
import type { Tx } from '../../db/pool';
import type { ErasureCause } from '../rules/retention';

/** A request to record. */
interface NewDataRequest {
  kind: 'EXPORT' | 'ERASURE' | 'RESTRICTION' | 'LIFTING';
  /** Left out: PERSON. */
  cause?: ErasureCause;
  customerId: string;
  actorId: number;
  isDone: boolean;
}

const INSERT = `
  INSERT INTO data_request (id, kind, cause, status, customer_id, actor_id, requested_at, due_at, finished_at)
  SELECT id, kind, cause, CASE WHEN done THEN 'DONE' ELSE 'PENDING' END::data_request_status, customer, actor, $1,
         $1::timestamptz + interval '1 month', CASE WHEN done THEN $1::timestamptz END
  FROM unnest($2::uuid[], $3::data_request_kind[], $4::data_request_cause[], $5::uuid[], $6::int[], $7::boolean[])
    AS n(id, kind, cause, customer, actor, done)`;

/** Records requests; answers their ids, in order. */
export async function insertDataRequests(
  tx: Tx,
  now: Date,
  requests: readonly NewDataRequest[],
): Promise<string[]> {
  const ids = requests.map(() => uuid());
  await tx.rows(INSERT, [
    ...[now, ids, requests.map((one) => one.kind), requests.map(({ cause = 'PERSON' }) => cause)],
    ...[requests.map((one) => one.customerId), requests.map((one) => one.actorId)],
    requests.map((one) => one.isDone),
  ]);
  return ids;
}

/** Records a request; answers its id. */
export async function insertDataRequest(tx: Tx, now: Date, request: NewDataRequest): Promise<string> {
  return (await insertDataRequests(tx, now, [request]))[0]!;
}
