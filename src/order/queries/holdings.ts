// Reads of the units that actors have now: reservations and open orders by actor, and reservations by holder.

import type { Tx } from '../../db/pool';

/** What one actor, or one of its holders, has now. */
export interface HoldingRow {
  actorId: number;
  /** Null: the actor as a whole, or its reservations without a holder. */
  holder: string | null;
  reservations: number;
  reservedUnits: number;
  /** Since when the oldest of its holders has had units without a pause. */
  since: Date | null;
  /** Orders not collected yet; null by holder, because orders have no holder. */
  openOrders: number | null;
  orderedUnits: number | null;
  /** What the page is sorted by. */
  rank: number;
}

export type HoldingOrder = 'RESERVED_UNITS' | 'RESERVATIONS' | 'ORDERED_UNITS';

/** The row after which a page begins. */
export type HoldingKey = Pick<HoldingRow, 'rank' | 'actorId'> & { holder: string };

// Expired reservations do not count. ORDER BY forces the index that has no ended ones.
const ACTIVE = `
  SELECT owner_id, holder, units, coalesce(held_since, created_at) AS since FROM reservation
  WHERE status = 'ACTIVE' AND expires_at > $1::timestamptz ORDER BY expires_at OFFSET 0`;

const page = (rows: string): string => `
  SELECT a.id AS "actorId", h.holder, h.reservations, h.units AS "reservedUnits", h.since, h.orders AS "openOrders",
         h.ordered AS "orderedUnits", h.rank
  FROM (
    SELECT r.*, CASE $2::text WHEN 'RESERVATIONS' THEN r.reservations WHEN 'ORDERED_UNITS' THEN coalesce(r.ordered, 0)
                ELSE r.units END AS rank
    FROM (${rows}) r) h
  JOIN actor a ON a.id = h.owner_id
  WHERE ($3::text IS NULL OR a.name = $3)
    AND ($4::int IS NULL OR h.rank < $4
         OR h.rank = $4 AND (h.owner_id, coalesce(h.holder, '')) > ($5::int, $6::text))
  ORDER BY h.rank DESC, h.owner_id, coalesce(h.holder, '') LIMIT $7`;

const BY_ACTOR = page(`
  SELECT coalesce(r.owner_id, o.owner_id) AS owner_id, NULL::text AS holder, coalesce(r.reservations, 0) AS reservations,
         coalesce(r.units, 0) AS units, r.since, coalesce(o.orders, 0) AS orders, coalesce(o.ordered, 0) AS ordered
  FROM (SELECT owner_id, count(*)::int AS reservations, sum(units)::int AS units, min(since) AS since
        FROM (${ACTIVE}) x GROUP BY 1) r
  FULL JOIN (
    SELECT c.owner_id, count(*)::int AS orders, coalesce(sum(l.units), 0)::int AS ordered
    FROM (SELECT id, owner_id FROM customer_order WHERE status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY')
          ORDER BY owner_id, customer_phone OFFSET 0) c
    CROSS JOIN LATERAL (
      SELECT sum(reserved + awaiting + staged) AS units FROM order_line WHERE order_id = c.id) l
    GROUP BY 1) o USING (owner_id)`);

const BY_HOLDER = page(`
  SELECT owner_id, holder, count(*)::int AS reservations, sum(units)::int AS units, min(since) AS since,
         NULL::int AS orders, NULL::int AS ordered
  FROM (${ACTIVE}) x GROUP BY 1, 2`);

/** A page of actors or holders by the units they have now, largest first. */
export function holdingPage(
  tx: Tx,
  now: Date,
  request: { by: 'ACTOR' | 'HOLDER'; orderBy: HoldingOrder; actor: string | null },
  after: HoldingKey | null,
  limit: number,
): Promise<HoldingRow[]> {
  return tx.rows<HoldingRow>(request.by === 'ACTOR' ? BY_ACTOR : BY_HOLDER, [
    now,
    request.orderBy,
    request.actor,
    after?.rank ?? null,
    after?.actorId ?? null,
    after?.holder ?? null,
    limit,
  ]);
}
