// One reservation by pgbench: a transaction of separate statements that writes the same rows as ours.

import type { Script } from './yardstickPgbench';

/** Shelves to draw from, by ids without gaps. */
export interface Range {
  firstLocation: number;
  lastLocation: number;
  firstSku: number;
  lastSku: number;
}

/** The rows that one reservation writes here: inserted into four tables, changed in two. */
export const YARDSTICK_WRITES =
  'command +1 and 1 changed, stock_move +1, stock_level 1 changed, reservation +1, reservation_line +1';

// In pgbench's favour: it reads nothing but the shelf (ours also checks expired reservations, safety stock, and
// whether SKU and location are still sold), it never finds a key used before, and its ids and keys grow like ours do.
const HOLD = `
\\set location random(:firstLocation, :lastLocation)
\\set sku random(:firstSku, :lastSku)
BEGIN;
INSERT INTO command (actor_id, key, action, request_hash, created_at)
  VALUES (:actor, ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint)::text || '-' || (:client_id)::text, 'reserveStock',
          'aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFg', now())
  ON CONFLICT (actor_id, key) DO NOTHING RETURNING id AS command \\gset
SELECT available FROM stock_level WHERE location_id = :location AND sku_id = :sku FOR UPDATE \\gset
INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, document_id,
                        command_id, created_at)
  VALUES (:sku, :location, 'AVAILABLE', :location, 'RESERVED', 1, 'HELD', uuidv7(), :command, now())
  RETURNING id AS position, document_id AS hold \\gset
UPDATE stock_level SET available = available - 1, reserved = reserved + 1, position = :position, updated_at = now()
  WHERE location_id = :location AND sku_id = :sku;
INSERT INTO reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at)
  VALUES (:hold, :actor, :location, 'ONLINE', 'ACTIVE', now() + interval '1 day',
          jsonb_build_object('asOf', now(), 'lines', jsonb_build_array(jsonb_build_object(
            'skuId', (:sku)::int, 'requested', 1, 'held', 1, 'wasAvailable', (:available)::int, 'safetyStock', 0,
            'remaining', (:available)::int - 1, 'position', (:position)::bigint))), now());
INSERT INTO reservation_line (reservation_id, sku_id, requested, quantity) VALUES (:hold, :sku, 1, 1);
UPDATE command SET outcome = jsonb_build_object('value', jsonb_build_object(
    'id', (:hold)::uuid, 'ownerId', (:actor)::int, 'locationId', (:location)::int, 'channel', 'ONLINE', 'holder', NULL,
    'expiresAt', now() + interval '1 day', 'createdAt', now(),
    'certificate', jsonb_build_object('asOf', now(), 'lines', jsonb_build_array(jsonb_build_object(
      'skuId', (:sku)::int, 'requested', 1, 'held', 1, 'wasAvailable', (:available)::int, 'safetyStock', 0,
      'remaining', (:available)::int - 1, 'position', (:position)::bigint)))))
  WHERE id = :command;
`;
// A transaction with NOTIFY prevents all others with NOTIFY from committing at the same time, including its write to the disk.
const NOTICE = "SELECT pg_notify('stock', (:location)::text || ':' || (:sku)::text);\n";

/** The script. `notice`: with the NOTIFY that ours sends, which PostgreSQL allows to only one commit at a time. */
export function reservationScript(range: Range, actorId: number, notice: boolean): Script {
  return {
    text: `${HOLD}${notice ? NOTICE : ''}COMMIT;\n`,
    variables: { ...range, actor: actorId },
    requests: 1,
  };
}
