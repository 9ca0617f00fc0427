// Records who looked up which customer. A look-up that cannot be recorded is not answered.

import type { Tx } from '../../db/pool';

/** One look-up: a customer, and the field of the API that it was read through. */
export interface CustomerLookup {
  customerId: string;
  field: string;
}

const INSERT = `
  INSERT INTO customer_lookup (actor_id, customer_id, field, at)
  SELECT DISTINCT $1::int, l.customer_id, l.field, $2::timestamptz FROM unnest($3::uuid[], $4::text[]) AS l(customer_id, field)`;

/** Records the look-ups of one request. */
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
  ]);
}
