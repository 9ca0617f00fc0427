// Erases what names the person in identifiers and in what hangs on them: statements, proofs of consents, reasons of links, exports.

import type { Tx } from '../../db/pool';
import type { ErasureCause } from '../rules/retention';

// What a person requested stays so, whatever a term adds later.
const SUPPRESS = `
  INSERT INTO suppressed_identifier AS s (kind, scope, hash, erased_at, cause)
  SELECT kind, scope, hash, $2, $3::data_request_cause FROM identifier WHERE id = ANY($1::bigint[]) AND erased_at IS NULL
  ORDER BY kind, scope, hash
  ON CONFLICT (kind, scope, hash) DO UPDATE SET erased_at = EXCLUDED.erased_at, cause = EXCLUDED.cause
  WHERE s.cause = 'RETENTION'`;
const EMPTY_IDENTIFIERS = `
  UPDATE identifier SET value = NULL, hash = 'erased:' || id, erased_at = $2
  WHERE id = ANY($1::bigint[]) AND erased_at IS NULL`;
// By the identifiers $1. Interactions of orders, returns and sales hold units, amounts and times only; they stay in the totals.
const EMPTY_THE_REST = [
  'DELETE FROM person_record WHERE identifier_id = ANY($1::bigint[])',
  `UPDATE interaction SET facts = '{}' WHERE identifier_id = ANY($1::bigint[]) AND kind = 'PROFILE' AND facts <> '{}'`,
  'UPDATE consent SET proof = NULL WHERE identifier_id = ANY($1::bigint[]) AND proof IS NOT NULL',
  `UPDATE identity_link SET reason = NULL
   WHERE (low_id = ANY($1::bigint[]) OR high_id = ANY($1::bigint[])) AND reason IS NOT NULL`,
  `UPDATE link_proposal SET status = 'SUPERSEDED'
   WHERE status = 'PROPOSED' AND (low_id = ANY($1::bigint[]) OR high_id = ANY($1::bigint[]))`,
  `DELETE FROM customer_export e USING data_request r
   WHERE r.id = e.request_id AND r.customer_id IN (SELECT own_id FROM identifier WHERE id = ANY($1::bigint[]))`,
];
// The job that makes an export ends with a change of this row, and rolls its files back when it finds it done.
const END_EXPORTS = `
  UPDATE data_request SET status = 'DONE', finished_at = $2
  WHERE kind = 'EXPORT' AND status = 'PENDING'
    AND customer_id IN (SELECT own_id FROM identifier WHERE id = ANY($1::bigint[]))`;
/**
 * Erases these identifiers under the lock of customers. Their hashes go to the suppression list: after a request for good, at the end of
 * a term until the person does something again, so that the unchanged file of the next day does not bring the person back.
 */
export async function eraseIdentifiers(
  tx: Tx,
  now: Date,
  ids: readonly number[],
  cause: ErasureCause,
): Promise<void> {
  await tx.rows(SUPPRESS, [ids, now, cause]);
  await tx.rows(EMPTY_IDENTIFIERS, [ids, now]);
  for (const statement of EMPTY_THE_REST) await tx.rows(statement, [ids]);
  await tx.rows(END_EXPORTS, [ids, now]);
}
