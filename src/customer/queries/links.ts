// Reads what the customers around some identifiers follow from: every identifier that a JOIN could bring together with them, and all links between these.

import type { Tx } from '../../db/pool';
import type { IdentityLink, LinkedIdentifier } from '../rules/links';

// From the identifiers of the present customers along all JOINs, with effect or not: which of them have one depends on the others.
// A shared identifier is not followed, or half of the customers would hang together by the telephone of a shop.
const REGION = `
  WITH RECURSIVE region (id) AS (
    SELECT m.id FROM identifier t JOIN identifier m ON m.customer_id = t.customer_id WHERE t.id = ANY($1::bigint[])
    UNION
    SELECT n.id
    FROM region r JOIN identifier i ON i.id = r.id AND i.shared_reason IS NULL
    CROSS JOIN LATERAL (
      SELECT l.high_id AS id FROM identity_link l WHERE l.low_id = r.id AND l.kind = 'JOIN'
      UNION ALL SELECT l.low_id FROM identity_link l WHERE l.high_id = r.id AND l.kind = 'JOIN') n)
  SELECT i.id, i.kind, i.scope, i.shared_reason IS NOT NULL AS "isShared"
  FROM region r JOIN identifier i ON i.id = r.id ORDER BY i.id`;
const BETWEEN = `
  SELECT l.id, l.kind, l.low_id AS "lowId", l.high_id AS "highId", l.origin, (l.evidence->>'bits')::float8 AS bits
  FROM identity_link l WHERE l.low_id = ANY($1::bigint[]) AND l.high_id = ANY($1::bigint[]) ORDER BY l.id`;

/** Identifiers with all links between them. */
export interface LinkedRegion {
  identifiers: LinkedIdentifier[];
  links: IdentityLink[];
}

/** All links between these identifiers. */
export function linksBetween(tx: Tx, identifierIds: readonly number[]): Promise<IdentityLink[]> {
  return tx.rows<IdentityLink>(BETWEEN, [identifierIds]);
}

/** What the customers of these identifiers follow from. */
export async function linkedRegion(tx: Tx, identifierIds: readonly number[]): Promise<LinkedRegion> {
  const identifiers = await tx.rows<LinkedIdentifier>(REGION, [identifierIds]);
  const links = await linksBetween(
    tx,
    identifiers.map((one) => one.id),
  );
  return { identifiers, links };
}
