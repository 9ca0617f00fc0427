// Acts on holds: reserving, extending, releasing, expiring, and handing a hold over to an order.

import type { Tx } from '../db/pool';
import { isPast, type ReservationStatus } from './rules';

/** A hold as it was when it was locked, and whether it was handed over. Lines that hold nothing are left out. */
export interface ReservationRow {
  id: string;
  /** The status before: a hold past its time may still say ACTIVE here (see `committed`). */
  status: ReservationStatus;
  ownerId: number;
  locationId: number;
  channel: string;
  holder: string | null;
  expiresAt: Date;
  lines: { skuId: number; quantity: number }[];
  /** It is COMMITTED now; its units stay RESERVED and belong to the order. */
  committed: boolean;
}

const LOCK_BY_ID = `
  SELECT r.id, r.status, r.owner_id AS "ownerId", r.location_id AS "locationId", r.channel, r.holder,
         r.expires_at AS "expiresAt",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('skuId', l.sku_id, 'quantity', l.quantity) ORDER BY l.sku_id), '[]')
          FROM reservation_line l WHERE l.reservation_id = r.id AND l.quantity > 0) AS lines
  FROM reservation r WHERE r.id = ANY($1::uuid[]) ORDER BY r.id FOR UPDATE`;

const END = `
  UPDATE reservation SET status = $2::reservation_status, ended_at = $3 WHERE id = ANY($1::uuid[])`;

/**
 * Locks these holds (in id order, before any shelf) and hands those that are ACTIVE and not past their time over to
 * orders. Posts nothing: the units stay RESERVED. Ids that don't exist are missing in the answer; whether the caller
 * may touch a hold is for the caller to ask, in the same transaction.
 */
export async function commitReservations(
  tx: Tx,
  now: Date,
  ids: readonly string[],
): Promise<Map<string, ReservationRow>> {
  const rows = await tx.rows<Omit<ReservationRow, 'committed'>>(LOCK_BY_ID, [ids]);
  const found = rows.map((r) => ({ ...r, committed: r.status === 'ACTIVE' && !isPast(r.expiresAt, now) }));
  const committed = found.filter((r) => r.committed).map((r) => r.id);
  if (committed.length > 0) await tx.rows(END, [committed, 'COMMITTED', now]);
  return new Map(found.map((r) => [r.id, r]));
}
