// Records who looked up which customer. A look-up that cannot be recorded is not answered.

import { LISTED } from '../../access/queries/served';
import type { Tx } from '../../db/pool';

/** One look-up: a customer, and the field of the API that it was read through. */
export interface CustomerLookup {
  customerId: string;
  field: string;
}

const INSERT = `
  INSERT INTO customer_lookup (actor_id, customer_id, field, at)
  SELECT DISTINCT $1::int, l.customer_id, l.field, $2::timestamptz FROM unnest($3::uuid[], $4::text[]) AS l(customer_id, field)
  WHERE l.field <> $5 OR NOT EXISTS (
    SELECT FROM customer_lookup o
    WHERE o.customer_id = l.customer_id AND o.actor_id = $1 AND o.field = l.field AND o.at > $2::timestamptz - interval '1 hour')`;

/** Records the look-ups of one request. Whoever watches a list of cases is recorded once an hour for each customer in it. */
export async function logLookups(
  tx: Tx,
  { actorId, now }: { actorId: number; now: Date },
  lookups: readonly CustomerLookup[],
): Promise<void> {
  await tx.rows(INSERT, [
    actorId,
    now,
    lookups.map((one) => one.customerId),
    lookups.map((one) => one.field),
    LISTED,
  ]);
}
