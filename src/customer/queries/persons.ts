// Reads what is known of customers as persons: statements about them, how their identifiers were verified, and which ones are only claimed.

import type { Tx } from '../../db/pool';
import type { PersonStatement } from '../rules/survivorship';
import type { CustomerView } from '../rules/view';
import type { FoundIdentifier } from './identifiers';
import { byView } from './recent';

const MAX_STATEMENTS = 200;
const MAX_OCCURRENCES = 500;
/** Newest interactions of an identifier in which claimed identifiers are looked for. */
const CLAIMS_IN = 200;

const STATEMENTS = `
  SELECT f.view, r.*
  FROM unnest($1::bigint[], $2::int[]) AS f(id, view)
  CROSS JOIN LATERAL (
    SELECT r.interaction_id AS "interactionId", r.source, r.at, r.is_verified AS "isVerified", r.full_name AS "fullName",
           r.first_name AS "firstName", r.surname, r.birth_date AS "birthDate", r.birth_place AS "birthPlace", r.street,
           r.postal_code AS "postalCode", r.city, r.country, r.gender, r.occupation, r.language,
           r.contact_channel AS "contactChannel"
    FROM person_record r WHERE r.identifier_id = f.id ORDER BY r.at DESC LIMIT ${MAX_STATEMENTS}) r`;

/** The newest statements about each customer. */
export async function personStatements(tx: Tx, views: readonly CustomerView[]): Promise<PersonStatement[][]> {
  const pairs = views.flatMap((view, i) => view.identifiers.map(({ id }) => [id, i] as const));
  const rows = await tx.rows<PersonStatement & { view: number }>(STATEMENTS, [
    pairs.map(([id]) => id),
    pairs.map(([, i]) => i),
  ]);
  return byView(views, rows);
}

/** When an identifier was verified last, and by whom: an actor, 0 for the program itself. */
export interface Verification {
  id: number;
  verifiedById: number;
  verifiedAt: Date;
}

const VERIFICATIONS = `
  SELECT f.id, coalesce(v.verified_by, 0) AS "verifiedById", n.at AS "verifiedAt"
  FROM unnest($1::bigint[]) AS f(id)
  CROSS JOIN LATERAL (
    SELECT o.interaction_id, o.verified_by
    FROM (SELECT interaction_id, verified_by FROM interaction_identifier WHERE identifier_id = f.id
          ORDER BY interaction_id DESC LIMIT ${MAX_OCCURRENCES}) o
    WHERE o.verified_by IS NOT NULL ORDER BY o.interaction_id DESC LIMIT 1) v
  JOIN interaction n ON n.id = v.interaction_id`;

/** The last verification of each identifier; those never verified are left out. */
export function lastVerifications(tx: Tx, identifierIds: readonly number[]): Promise<Verification[]> {
  return tx.rows<Verification>(VERIFICATIONS, [identifierIds]);
}

/** An identifier that stood beside a customer's in an interaction without belonging to the customer. */
export interface ClaimedIdentifier extends FoundIdentifier {
  view: number;
  times: number;
  lastAt: Date;
}

const CLAIMED = `
  SELECT c.view, i.id, i.kind, i.scope, i.hash, i.value, i.own_id AS "ownId", i.customer_id AS "customerId",
         i.shared_reason AS "sharedReason", c.times, c."lastAt"
  FROM (
    SELECT f.view, f.customer_id, o.identifier_id, count(*)::int AS times, max(n.at) AS "lastAt"
    FROM unnest($1::bigint[], $2::int[], $3::uuid[]) AS f(id, view, customer_id)
    CROSS JOIN LATERAL (
      SELECT n.id, n.at FROM interaction n WHERE n.identifier_id = f.id
      ORDER BY n.at DESC, n.id DESC LIMIT ${CLAIMS_IN}) n
    JOIN interaction_identifier o ON o.interaction_id = n.id
    GROUP BY 1, 2, 3) c
  JOIN identifier i ON i.id = c.identifier_id AND i.customer_id <> c.customer_id
  ORDER BY c."lastAt" DESC, i.id`;

/** Most claimed identifiers of one customer that are shown. */
export const MAX_CLAIMED = 50;

/** The identifiers that each customer claimed last. */
export async function claimedIdentifiers(
  tx: Tx,
  views: readonly CustomerView[],
): Promise<ClaimedIdentifier[][]> {
  const pairs = views.flatMap((view, i) => view.identifiers.map(({ id }) => [id, i] as const));
  const rows = await tx.rows<ClaimedIdentifier>(CLAIMED, [
    pairs.map(([id]) => id),
    pairs.map(([, i]) => i),
    pairs.map(([, i]) => views[i]!.customerId),
  ]);
  return byView(views, rows).map((own) => own.slice(0, MAX_CLAIMED));
}
