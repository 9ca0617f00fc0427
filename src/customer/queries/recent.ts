// The newest interactions of customers' identifiers, from which a customer's documents and figures are found.

import type { CustomerView } from '../rules/view';

/** Of one identifier: older ones matter little for the customer of today. It bounds the work for a till's collective number. */
export const RECENT_INTERACTIONS = 1_000;

/**
 * A common table of the newest interactions: $1 identifiers, $2 the number of the view of each, $3 the storefront for which only
 * verified ones count (null: all count).
 */
export const RECENT = `
  recent AS MATERIALIZED (
    SELECT f.view, n.*
    FROM unnest($1::bigint[], $2::int[]) AS f(id, view)
    CROSS JOIN LATERAL (
      SELECT n.kind, n.at, n.channel, n.location_id, n.order_id, n.facts FROM interaction n
      WHERE n.identifier_id = f.id AND ($3::int IS NULL OR EXISTS (
        SELECT FROM interaction_identifier v
        WHERE v.interaction_id = n.id AND v.identifier_id = n.identifier_id AND v.verified_by IS NOT NULL))
      ORDER BY n.at DESC, n.id DESC LIMIT ${RECENT_INTERACTIONS}) n)`;

/** The parameters of RECENT. All views of a request are of one caller. */
export function recentParameters(views: readonly CustomerView[]): [number[], number[], number | null] {
  const pairs = views.flatMap((view, i) => view.identifiers.map(({ id }) => [id, i] as const));
  return [pairs.map(([id]) => id), pairs.map(([, i]) => i), views[0]?.vouchedBy ?? null];
}

/** Rows by view, in the order of the views. */
export function byView<R extends { view: number }>(
  views: readonly CustomerView[],
  rows: readonly R[],
): R[][] {
  const all: R[][] = views.map(() => []);
  for (const row of rows) all[row.view]!.push(row);
  return all;
}
