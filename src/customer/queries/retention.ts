// Reads which customers are past their time, and what keeps some of them: open documents, open cases, a restriction.

import type { Tx } from '../../db/pool';
import { OPEN_STATES } from '../../order/rules/status';
import type { RetentionTerms } from '../../values/retention';
import { yearsAfter } from '../../values/time';
import {
  ACTIVE_KINDS,
  CLOSING_KINDS,
  type CustomerTimes,
  customerTerm,
  type RetentionObstacle,
  type RetentionTerm,
} from '../rules/retention';
import { NAMED_IN_ORDER } from './erasure';

/** Which of these have to do with an open case. Cases belong to a module above this one, which gives these reads. */
export interface OpenCases {
  identifiers(tx: Tx, ids: readonly number[]): Promise<number[]>;
  orders(tx: Tx, ids: readonly string[]): Promise<string[]>;
  returns(tx: Tx, ids: readonly string[]): Promise<string[]>;
}

/** What retention is decided by. */
export interface RetentionParts {
  terms: RetentionTerms;
  cases: OpenCases;
  now: Date;
}

/** A customer or a document with its term. */
export interface Retained<Id> extends RetentionTerm {
  id: Id;
  /** Null: nothing keeps it past its time; of what is not due yet it is not looked for. */
  obstacle: RetentionObstacle | null;
}

/** Identifiers that one page reads. */
export const RETENTION_PAGE = 200;

// Each customer once, by the earliest of its identifiers that are not erased.
const PAGE = `
  SELECT i.id, i.customer_id AS "customerId",
         i.first_seen_at <= coalesce($3::timestamptz, 'infinity') AND NOT EXISTS (
           SELECT FROM identifier e WHERE e.customer_id = i.customer_id AND e.erased_at IS NULL AND e.id < i.id) AS "isFirst"
  FROM identifier i WHERE i.id > $1 AND i.erased_at IS NULL ORDER BY i.id LIMIT $2`;

/** Customers after the identifier `after`; with `collectedBy` only those that can be due by their first identifier. */
export async function customersAfter(
  tx: Tx,
  after: number,
  collectedBy: Date | null,
): Promise<{ customerIds: string[]; next: number | null }> {
  const rows = await tx.rows<{ id: number; customerId: string; isFirst: boolean }>(PAGE, [
    after,
    RETENTION_PAGE,
    collectedBy,
  ]);
  return {
    customerIds: rows.filter(({ isFirst }) => isFirst).map(({ customerId }) => customerId),
    next: rows.length < RETENTION_PAGE ? null : rows.at(-1)!.id,
  };
}

// By all interactions in which one of the identifiers stood, also as another customer's: who names an address uses it. An identifier
// that only ever stood in interactions of others goes with the last of these: it has no row here.
const TIMES = `
  SELECT c.id, greatest(i."seenAt", a."activeAt", r."requestedAt") AS "activeAt", a."documentAt"
  FROM unnest($1::uuid[]) AS c(id)
  CROSS JOIN LATERAL (
    SELECT array_agg(m.id) AS ids, array_agg(m.own_id) AS "ownIds", max(m.first_seen_at) AS "seenAt"
    FROM identifier m WHERE m.customer_id = c.id AND m.erased_at IS NULL) i
  CROSS JOIN LATERAL (
    SELECT max(n.at) FILTER (WHERE n.kind::text = ANY($2::text[]) AND n.facts->>'direction' IS DISTINCT FROM 'OUTBOUND') AS "activeAt",
           max(n.at) FILTER (WHERE n.kind::text = ANY($3::text[])) AS "documentAt",
           bool_or(n.identifier_id = ANY(i.ids)) AS "hasOwn", bool_or(w.erased_at IS NULL) AS "isOfOthers"
    FROM interaction_identifier o JOIN interaction n ON n.id = o.interaction_id JOIN identifier w ON w.id = n.identifier_id
    WHERE o.identifier_id = ANY(i.ids)) a
  CROSS JOIN LATERAL (
    SELECT max(q.requested_at) AS "requestedAt" FROM data_request q
    WHERE q.customer_id = ANY(i."ownIds") AND q.cause = 'PERSON' AND q.kind <> 'ERASURE') r
  WHERE i.ids IS NOT NULL AND (a."hasOwn" IS NOT FALSE OR NOT a."isOfOthers")`;

const LIVE = `
  SELECT i.id, i.customer_id AS "customerId", i.restricted_at IS NOT NULL AS "isRestricted"
  FROM identifier i WHERE i.customer_id = ANY($1::uuid[]) AND i.erased_at IS NULL ORDER BY i.id`;

// A document that was closed since is not recorded yet; neither is what changed after the position of the recording.
const IN_OPEN_DOCUMENTS = `
  SELECT o.identifier_id AS id
  FROM interaction_identifier o JOIN interaction n ON n.id = o.interaction_id
  LEFT JOIN customer_order d ON d.id = n.order_id LEFT JOIN customer_return r ON r.id = n.return_id
  WHERE o.identifier_id = ANY($1::bigint[]) AND (
    d.status = ANY($2::order_status[]) OR d.closed_at > $3 OR r.status = 'REQUESTED' OR r.closed_at > $3
    OR EXISTS (SELECT FROM customer_return b WHERE b.order_id = d.id AND (b.status = 'REQUESTED' OR b.closed_at > $3)))
  UNION
  SELECT i.id
  FROM customer_order o JOIN identifier i ON i.id = ANY($1::bigint[]) AND ${NAMED_IN_ORDER}
  WHERE o.updated_at > coalesce((SELECT position_at FROM interaction_source WHERE name = 'order'), '-infinity')
    AND o.erased_at IS NULL`;

/** The customers among these with their terms; those past their time with what keeps them all the same. */
export async function retainedCustomers(
  tx: Tx,
  { terms, cases, now }: RetentionParts,
  customerIds: readonly string[],
): Promise<Retained<string>[]> {
  if (customerIds.length === 0) return [];
  const rows = await tx.rows<CustomerTimes & { id: string }>(TIMES, [
    customerIds,
    ACTIVE_KINDS,
    CLOSING_KINDS,
  ]);
  const all = rows.map((row) => ({ id: row.id, ...customerTerm(row, terms) }));
  const due = all.filter(({ dueAt }) => dueAt <= now).map(({ id }) => id);
  const live = await liveIdentifiers(tx, due);
  const ids = live.map(({ id }) => id);
  const open = new Set<number>();
  if (ids.length > 0) {
    const values = [ids, OPEN_STATES, yearsAfter(now, -terms.contractYears)];
    for (const { id } of await tx.rows<{ id: number }>(IN_OPEN_DOCUMENTS, values)) open.add(id);
  }
  const inCase = new Set(ids.length === 0 ? [] : await cases.identifiers(tx, ids));
  const obstacles = new Map<string, RetentionObstacle>();
  // The later ones win: of several obstacles of a customer a restriction is named first.
  const marks: [RetentionObstacle, (one: LiveIdentifier) => boolean][] = [
    ['OPEN_CASE', ({ id }) => inCase.has(id)],
    ['OPEN_DOCUMENT', ({ id }) => open.has(id)],
    ['RESTRICTED', ({ isRestricted }) => isRestricted],
  ];
  for (const [obstacle, isMarked] of marks)
    for (const one of live) if (isMarked(one)) obstacles.set(one.customerId, obstacle);
  return all.map((one) => ({ ...one, obstacle: obstacles.get(one.id) ?? null }));
}

/** An identifier of a customer that is not erased. */
interface LiveIdentifier {
  id: number;
  customerId: string;
  isRestricted: boolean;
}

/** The identifiers of these customers that are not erased. */
export async function liveIdentifiers(tx: Tx, customerIds: readonly string[]): Promise<LiveIdentifier[]> {
  return customerIds.length === 0 ? [] : tx.rows<LiveIdentifier>(LIVE, [customerIds]);
}
