// Replays the ledger to the moment a reservation was decided.

import type { Tx } from '../../db/pool';
import { type ProvenLine, proveLine, type Replayed } from '../rules/proof';
import type { ReservationWithLines } from './reservations';

// Maximum number of moves that one batch of reservations posts: its certificates name the shelf's last move of the batch.
const BATCH_MOVES = 10_000;

// AVAILABLE changes only by moves whose source is the shelf's own location. The reservation's own move comes after those of
// the reservation it replaced and of expired ones, so the units they released count. All moves of a reservation belong to one
// command, one after the other: a line that got nothing has no move and is replayed to the first of the others, because the
// certificate's position is that of the whole batch. The units before it are computed from the stored sums, forwards over
// the moves since or backwards over those in between, so that a long history costs nothing. Every read is by key, LATERAL
// for single moves: an EXISTS was planned as a hash of the whole ledger.
const REPLAY = `
  WITH state AS MATERIALIZED (SELECT balanced_id, detached_id FROM ledger_state),
  first AS MATERIALIZED (
    SELECT own.id, own.command_id FROM unnest($3::int[], $4::bigint[], $5::int[]) AS k(sku_id, position, held)
    CROSS JOIN LATERAL (
      SELECT m.id, m.command_id FROM stock_move m
      WHERE k.held > 0 AND m.sku_id = k.sku_id AND m.from_location_id = $2 AND m.id <= k.position AND m.document_id = $1
        AND m.reason = 'HELD'
      ORDER BY m.id DESC LIMIT 1) own
    ORDER BY own.id LIMIT 1)
  SELECT k.sku_id AS "skuId", coalesce(own.quantity, 0) AS moved,
         coalesce((SELECT sum(b.quantity) FROM stock_move b
                   WHERE b.command_id = own.command_id AND b.sku_id = k.sku_id AND b.from_location_id = $2
                     AND b.reason = 'HOLD_RELEASED'), 0)::int AS own,
         CASE WHEN k.position = 0 THEN 0 ELSE
           coalesce((SELECT available FROM ledger_balance b WHERE b.location_id = $2 AND b.sku_id = k.sku_id), 0)
           + coalesce((SELECT sum(CASE WHEN m.to_bucket = 'AVAILABLE' THEN m.quantity
                                       WHEN m.from_bucket = 'AVAILABLE' THEN -m.quantity ELSE 0 END)
                       FROM stock_move m
                       WHERE m.sku_id = k.sku_id AND m.from_location_id = $2
                         AND m.id >= least(at.before, at.balanced) AND m.id < greatest(at.before, at.balanced)), 0)
             * CASE WHEN at.before < at.balanced THEN -1 ELSE 1 END END::int AS available,
         there.id IS NOT NULL AS "positionExists",
         k.position > 0
           AND k.position <= s.detached_id + CASE WHEN own.id IS NULL AND s.detached_id > 0 THEN ${BATCH_MOVES} ELSE 0 END
           AS detached
  FROM unnest($3::int[], $4::bigint[]) AS k(sku_id, position)
  LEFT JOIN first ON true
  LEFT JOIN LATERAL (
    SELECT m.id, m.quantity, m.command_id FROM stock_move m
    WHERE m.command_id = first.command_id AND m.sku_id = k.sku_id AND m.from_location_id = $2 AND m.document_id = $1
      AND m.reason = 'HELD'
    ORDER BY m.id DESC LIMIT 1) own ON true
  LEFT JOIN LATERAL (
    SELECT m.id FROM stock_move m
    WHERE m.id = k.position AND m.sku_id = k.sku_id AND (m.from_location_id = $2 OR m.to_location_id = $2)
    LIMIT 1) there ON true
  CROSS JOIN state s
  CROSS JOIN LATERAL (SELECT coalesce(own.id, first.id, k.position + 1) AS before, s.balanced_id + 1 AS balanced) at`;

/**
 * Compares every line of a reservation with the ledger at the moment it was decided, in one statement. Null: the moves of
 * that moment were detached from the ledger.
 */
export async function proofOf(tx: Tx, reservation: ReservationWithLines): Promise<ProvenLine[] | null> {
  const { lines } = reservation.certificate;
  const found = await tx.rows<Replayed & { detached: boolean }>(REPLAY, [
    reservation.id,
    reservation.locationId,
    lines.map((l) => l.skuId),
    lines.map((l) => l.position),
    lines.map((l) => l.held),
  ]);
  if (found.some((f) => f.detached)) return null;
  const bySku = new Map(found.map((f) => [f.skuId, f]));
  return lines.map((line) => proveLine(line, bySku.get(line.skuId)!));
}
