// Reads which closed orders, and returns without an order of ours, are past their time, and what keeps some of them.

import type { Tx } from '../../db/pool';
import { OPEN_STATES } from '../../order/rules/status';
import { yearsAfter } from '../../values/time';
import { documentTerm, type RetentionObstacle } from '../rules/retention';
import type { Retained, RetentionParts } from './retention';

/** Documents that one page reads. */
const DOCUMENT_PAGE = 200;

/** Documents whose personal data is erased at the end of their term. */
export type RetainedDocument = 'orders' | 'returns';

/** A position in the list of closed documents, by when they were closed. */
export interface ClosedPosition {
  at: Date | null;
  id: string;
}
export const FIRST_CLOSED: ClosedPosition = { at: null, id: '00000000-0000-0000-0000-000000000000' };

interface ClosedRow {
  id: string;
  closedAt: Date;
  /** When the last document of the same sale was closed. */
  lastClosedAt: Date;
}

// A return of an order belongs to it, and lengthens its term.
const ORDERS = `
  SELECT o.id, o.closed_at AS "closedAt", greatest(o.closed_at, r.at) AS "lastClosedAt"
  FROM customer_order o
  CROSS JOIN LATERAL (SELECT max(closed_at) AS at FROM customer_return WHERE order_id = o.id) r
  WHERE o.closed_at IS NOT NULL AND o.erased_at IS NULL AND o.status <> ALL($5::order_status[])
    AND o.closed_at <= $1 AND (o.closed_at, o.id) > (coalesce($2::timestamptz, '-infinity'), $3::uuid)
  ORDER BY o.closed_at, o.id LIMIT $4`;
const HAS_TEXT = `(r.reject_reason <> 'erased' OR EXISTS (
    SELECT FROM return_line l WHERE l.return_id = r.id AND l.reason NOT IN ('', 'erased')))`;
const RETURNS = `
  SELECT r.id, r.closed_at AS "closedAt", r.closed_at AS "lastClosedAt"
  FROM customer_return r
  WHERE r.closed_at IS NOT NULL AND r.order_id IS NULL AND ${HAS_TEXT}
    AND r.closed_at <= $1 AND (r.closed_at, r.id) > (coalesce($2::timestamptz, '-infinity'), $3::uuid)
  ORDER BY r.closed_at, r.id LIMIT $4`;

const OBSTACLES_OF_ORDERS = `
  SELECT n.order_id AS id, 'RESTRICTED' AS obstacle
  FROM interaction n JOIN interaction_identifier o ON o.interaction_id = n.id JOIN identifier i ON i.id = o.identifier_id
  WHERE n.order_id = ANY($1::uuid[]) AND i.restricted_at IS NOT NULL
  UNION
  SELECT r.order_id, 'OPEN_DOCUMENT' FROM customer_return r
  WHERE r.order_id = ANY($1::uuid[]) AND (r.status = 'REQUESTED' OR r.closed_at > $2)`;
const OBSTACLES_OF_RETURNS = `
  SELECT n.return_id AS id, 'RESTRICTED' AS obstacle
  FROM interaction n JOIN interaction_identifier o ON o.interaction_id = n.id JOIN identifier i ON i.id = o.identifier_id
  WHERE n.return_id = ANY($1::uuid[]) AND i.restricted_at IS NOT NULL`;

interface ObstacleRow {
  id: string;
  obstacle: RetentionObstacle;
}

const EARLIEST = `
  SELECT
    (SELECT min(o.closed_at) FROM customer_order o
     WHERE o.closed_at IS NOT NULL AND o.erased_at IS NULL AND o.closed_at > $1) AS orders,
    (SELECT r.closed_at FROM customer_return r
     WHERE r.closed_at IS NOT NULL AND r.order_id IS NULL AND r.closed_at > $1 AND ${HAS_TEXT}
     ORDER BY r.closed_at, r.id LIMIT 1) AS returns`;

/** When the first document was closed after this time that is not erased; null: none was. */
export async function earliestClosedAfter(tx: Tx, at: Date): Promise<Record<RetainedDocument, Date | null>> {
  const [row] = await tx.rows<{ orders: Date | null; returns: Date | null }>(EARLIEST, [at]);
  return row!;
}

async function pageOf(
  tx: Tx,
  which: RetainedDocument,
  before: Date,
  after: ClosedPosition,
): Promise<ClosedRow[]> {
  const values = [before, after.at, after.id, DOCUMENT_PAGE];
  return which === 'orders'
    ? tx.rows<ClosedRow>(ORDERS, [...values, OPEN_STATES])
    : tx.rows<ClosedRow>(RETURNS, values);
}

/** What keeps some of these closed documents past their time. */
export async function documentObstacles(
  tx: Tx,
  which: RetainedDocument,
  { cases, terms, now }: RetentionParts,
  ids: readonly string[],
): Promise<Map<string, RetentionObstacle>> {
  if (ids.length === 0) return new Map();
  const inCases = await cases[which](tx, ids);
  const found =
    which === 'orders'
      ? await tx.rows<ObstacleRow>(OBSTACLES_OF_ORDERS, [ids, yearsAfter(now, -terms.documentYears)])
      : await tx.rows<ObstacleRow>(OBSTACLES_OF_RETURNS, [ids]);
  const rows: ObstacleRow[] = [...inCases.map((id) => ({ id, obstacle: 'OPEN_CASE' as const })), ...found];
  // A restriction is named before other obstacles.
  rows.sort((a, b) => Number(a.obstacle === 'RESTRICTED') - Number(b.obstacle === 'RESTRICTED'));
  return new Map(rows.map(({ id, obstacle }) => [id, obstacle]));
}

/** Closed documents whose own term has passed, after a position: with those whose return lengthens it, which are not due. */
export async function retainedDocuments(
  tx: Tx,
  which: RetainedDocument,
  parts: RetentionParts,
  after: ClosedPosition,
): Promise<{ documents: Retained<string>[]; next: ClosedPosition | null }> {
  const { terms, now } = parts;
  const rows = await pageOf(tx, which, yearsAfter(now, -terms.documentYears), after);
  const all = rows.map(({ id, lastClosedAt }) => ({ id, ...documentTerm(lastClosedAt, terms) }));
  const due = all.filter(({ dueAt }) => dueAt <= now).map(({ id }) => id);
  const obstacles = await documentObstacles(tx, which, parts, due);
  const last = rows.at(-1);
  return {
    documents: all.map((one) => ({ ...one, obstacle: obstacles.get(one.id) ?? null })),
    next: last === undefined || rows.length < DOCUMENT_PAGE ? null : { at: last.closedAt, id: last.id },
  };
}
