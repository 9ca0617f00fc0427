// Reads the timeline of a customer: interactions of every channel, newest first.

import type { Tx } from '../../db/pool';
import type { InteractionKind } from '../rules/interactions';
import type { CustomerView } from '../rules/view';

/** One interaction of a timeline. */
export interface TimelineRow {
  id: number;
  kind: InteractionKind;
  source: string;
  at: Date;
  recordedAt: Date;
  channel: string;
  locationId: number | null;
  identifierId: number;
  orderId: string | null;
  returnId: string | null;
  facts: unknown;
  /** Whether the identifier by which it belongs to the customer was verified there. */
  isVerified: boolean;
}

/** Which interactions to list; null means any. */
export interface TimelineFilter {
  kinds: readonly InteractionKind[] | null;
  channels: readonly string[] | null;
  from: Date | null;
  to: Date | null;
  orderId: string | null;
}

/** The interaction after which a page begins. */
export interface TimelineKey {
  at: Date;
  id: number;
}

/** Rows of the largest page, and one more that shows whether there is another. */
const MAX_ROWS = 201;

const VERIFIED = `EXISTS (
          SELECT FROM interaction_identifier v
          WHERE v.interaction_id = n.id AND v.identifier_id = n.identifier_id AND v.verified_by IS NOT NULL)`;

/*
 * The newest interactions of each identifier come from its index, a page of each at most, and are merged: so a page costs the same for
 * a customer with ten interactions and one with a hundred thousand. A plan is made once for all values, and where it has to guess that
 * few rows pass the filters, the planner reads and sorts all interactions of the identifier. So the limit of each identifier is a
 * constant, and only the filters that are given stand in the text.
 */
const statementOf = (filters: readonly string[]): string => `
  SELECT n.*, o.verified_by IS NOT NULL AS "isVerified"
  FROM (
    SELECT n.*
    FROM unnest($1::bigint[]) AS f(id)
    CROSS JOIN LATERAL (
      SELECT n.id, n.kind, n.source, n.at, n.recorded_at AS "recordedAt", n.channel, n.location_id AS "locationId",
             n.identifier_id AS "identifierId", n.order_id AS "orderId", n.return_id AS "returnId", n.facts
      FROM interaction n
      WHERE ${[
        'n.identifier_id = f.id',
        "(n.at, n.id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::bigint, 0))",
        ...filters,
      ].join('\n        AND ')}
      ORDER BY n.at DESC, n.id DESC LIMIT ${MAX_ROWS}) n
    ORDER BY n.at DESC, n.id DESC LIMIT $4) n
  JOIN interaction_identifier o ON o.interaction_id = n.id AND o.identifier_id = n."identifierId"
  ORDER BY n.at DESC, n.id DESC`;

/** A page of the timeline of a customer as the caller sees it. */
export function timelinePage(
  tx: Tx,
  view: CustomerView,
  filter: TimelineFilter,
  after: TimelineKey | null,
  limit: number,
): Promise<TimelineRow[]> {
  const values: unknown[] = [
    view.identifiers.map(({ id }) => id),
    // A time without an id stands for the moment before it: `to` itself is not in the list.
    ...(after === null ? [filter.to, null] : [after.at, after.id]),
    limit,
  ];
  const filters: string[] = view.vouchedBy === null ? [] : [VERIFIED];
  const given: [value: unknown, condition: (parameter: string) => string][] = [
    [filter.from, (from) => `n.at >= ${from}::timestamptz`],
    [filter.kinds, (kinds) => `n.kind::text = ANY(${kinds}::text[])`],
    [filter.channels, (channels) => `n.channel = ANY(${channels}::text[])`],
    [filter.orderId, (order) => `n.order_id = ${order}::uuid`],
  ];
  for (const [value, condition] of given) {
    if (value === null) continue;
    values.push(value);
    filters.push(condition(`$${values.length}`));
  }
  return tx.rows<TimelineRow>(statementOf(filters), values);
}
