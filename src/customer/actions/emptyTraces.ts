// Erases what stands beside the identifiers of a person: baskets that became no order, keys made of hashes, and addresses of contacts.

import type { Tx } from '../../db/pool';

/** Most reservations of one holder that are emptied. A holder with more is no basket or visitor, but one name for many. */
const MAX_RESERVATIONS = 1_000;
// The holders of the orders $1, and the accounts among the identifiers $2, which storefronts may use as holders.
const EMPTY_HOLDERS = `
  WITH holders AS (
    SELECT DISTINCT r.owner_id::text AS owner, r.holder
    FROM customer_order o JOIN reservation r ON r.id = o.reservation_id
    WHERE o.id = ANY($1::uuid[]) AND r.holder IS NOT NULL
    UNION
    SELECT i.scope, i.value FROM identifier i
    WHERE i.id = ANY($2::bigint[]) AND i.kind = 'WEB_ACCOUNT' AND i.value IS NOT NULL)
  UPDATE reservation e SET holder = NULL
  FROM (
    SELECT n.id FROM holders h CROSS JOIN LATERAL (
      SELECT r.id FROM reservation r WHERE r.holder = h.holder AND r.owner_id::text = h.owner
      ORDER BY r.id DESC LIMIT $3) n
    ORDER BY n.id) f
  WHERE e.id = f.id`;

// The keys of imported statements are made of hashes of identifiers, by which the person could be found in what stays.
const EMPTY_KEYS = `
  UPDATE interaction SET source_key = 'erased:' || id
  WHERE identifier_id = ANY($1::bigint[]) AND source LIKE 'customers:%' AND source_key NOT LIKE 'erased:%'`;
const EMPTY_LINKS = `
  UPDATE contact SET link = NULL WHERE identifier_id = ANY($1::bigint[]) AND link IS NOT NULL`;

/**
 * Erases by what the person could still be found or reached: the storefront's id of the basket or visitor in all reservations, also in
 * those that became no order, keys of imports, and addresses in help desks. Before orders and identifiers are erased, which lead there.
 */
export async function emptyTraces(
  tx: Tx,
  identifierIds: readonly number[],
  orderIds: readonly string[],
): Promise<void> {
  await tx.rows(EMPTY_HOLDERS, [orderIds, identifierIds, MAX_RESERVATIONS]);
  await tx.rows(EMPTY_KEYS, [identifierIds]);
  await tx.rows(EMPTY_LINKS, [identifierIds]);
}
