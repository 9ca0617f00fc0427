// SQL that locks and writes reservations, set-wise; used by every command of the module.

import { lockedColumns } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import type { Shelf } from '../../stock/ledger';
import { pastHolds } from '../../stock/queries/levels';
import type { LockedRow } from '../../values/document';
import { RESERVATION, type ReservationStatus, type Reserved } from '../rules/reservation';

/** A reservation under its lock. Lines that reservation nothing are left out. */
export interface LockedHold extends LockedRow<typeof RESERVATION> {
  locationCode: string;
  /** Since when its holder has had units without a pause. */
  since: Date;
  lines: { skuId: number; quantity: number }[];
}

const COLUMNS = `
  ${lockedColumns(RESERVATION, 'r')}, p.code AS "locationCode",
  coalesce(r.held_since, r.created_at) AS since,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('skuId', l.sku_id, 'quantity', l.quantity) ORDER BY l.sku_id), '[]')
   FROM reservation_line l WHERE l.reservation_id = r.id AND l.quantity > 0) AS lines`;

const LOCK_BY_ID = `
  SELECT ${COLUMNS} FROM reservation r JOIN location p ON p.id = r.location_id
  WHERE r.id = ANY($1::uuid[]) ORDER BY r.id FOR UPDATE OF r`;

/** Locks these reservations in id order; unknown ids are missing in the answer. */
export function lockHoldsById(tx: Tx, ids: readonly string[]): Promise<LockedHold[]> {
  return tx.rows<LockedHold>(LOCK_BY_ID, [ids]);
}

// Nobody waits here: a reservation that another transaction has in hand is extended, ended or swept by it.
const LOCK_PAST = `
  SELECT ${COLUMNS} FROM reservation r JOIN location p ON p.id = r.location_id
  WHERE r.status = 'ACTIVE' AND r.expires_at <= $1 ORDER BY r.expires_at LIMIT $2 FOR UPDATE OF r SKIP LOCKED`;

/** Locks up to `limit` ACTIVE holds past their time, those that nobody else has locked. */
export function lockPastHolds(tx: Tx, now: Date, limit: number): Promise<LockedHold[]> {
  return tx.rows<LockedHold>(LOCK_PAST, [now, limit]);
}

// A reservation that does not exist yet cannot be locked, so its holder is: two processes must not both make the first, nor both
// grant the last units that a holder may have, wherever they are.
const LOCK_HOLDERS = `
  SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended(concat_ws(':', owner_id, holder), 0) AS key
    FROM unnest($1::int[], $2::text[]) AS k(owner_id, holder) ORDER BY 1) keys`;

// By key on every side, whatever the planner knows: a join over all ACTIVE holds was seen to take 250 ms on tables
// that had grown since they were analyzed. Past ones of everywhere, because the index of a location has all it ever had.
const FIND = `
  WITH past AS MATERIALIZED (${pastHolds('$6')})
  SELECT o.id FROM unnest($1::int[], $2::int[], $3::text[]) AS k(owner_id, location_id, holder)
  CROSS JOIN LATERAL (
    SELECT id FROM reservation r
    WHERE r.owner_id = k.owner_id AND r.location_id = k.location_id AND r.holder = k.holder AND r.status = 'ACTIVE'
    LIMIT 1) o
  UNION
  SELECT past.id FROM past
  CROSS JOIN LATERAL (
    SELECT 1 FROM reservation_line l JOIN unnest($4::int[], $5::int[]) AS s(location_id, sku_id)
      ON s.location_id = past.location_id AND s.sku_id = l.sku_id
    WHERE l.reservation_id = past.id AND l.quantity > 0 LIMIT 1) wanted
  WHERE past.location_id = ANY($4::int[])`;

/** Who may have a reservation, or may be about to make one. */
interface ReservationHolder {
  ownerId: number;
  locationId: number;
  holder: string | null;
}

/**
 * The ACTIVE holds of these holders, and those past their time that keep units of these shelves; both statements are
 * sent at once. Looking first and locking then is safe: no reservation can become theirs or past its time in between, only cease
 * to be.
 */
export async function findHolds(
  tx: Tx,
  now: Date,
  holders: readonly ReservationHolder[],
  shelves: readonly Shelf[],
): Promise<string[]> {
  const named = holders.filter((h) => h.holder !== null);
  const keys = [
    named.map((h) => h.ownerId),
    named.map((h) => h.locationId),
    named.map((h) => h.holder),
  ] as const;
  const locked = named.length > 0 ? tx.rows(LOCK_HOLDERS, [keys[0], keys[2]]) : [];
  const [found] = await Promise.all([
    tx.rows<{ id: string }>(FIND, [
      ...keys,
      shelves.map((s) => s.locationId),
      shelves.map((s) => s.skuId),
      now,
    ]),
    locked,
  ]);
  return found.map((f) => f.id);
}

/**
 * Locks these reservations in id order, those of them that are ACTIVE. One that was extended while we waited is in the answer
 * too, with its new time; one that ended is not, though it is locked.
 */
export async function lockActive(tx: Tx, ids: readonly string[]): Promise<LockedHold[]> {
  if (ids.length === 0) return [];
  const holds = await lockHoldsById(tx, [...new Set(ids)]);
  return holds.filter((h) => h.status === 'ACTIVE');
}

const END = `
  UPDATE reservation SET status = $2::reservation_status, ended_at = $3 WHERE id = ANY($1::uuid[])`;

/** Ends locked holds, each with its last status. */
export async function endHolds(
  tx: Tx,
  now: Date,
  ends: { id: string; status: Exclude<ReservationStatus, 'ACTIVE'> }[],
): Promise<void> {
  const statuses = [...new Set(ends.map((e) => e.status))];
  await Promise.all(
    statuses.map((status) => {
      const ids = ends.filter((e) => e.status === status).map((e) => e.id);
      return tx.rows(END, [ids, status, now]);
    }),
  );
}

const INSERT = `
  WITH made AS (
    INSERT INTO reservation (id, owner_id, location_id, channel, holder, status, expires_at, certificate, created_at,
                             ended_at, units, held_since)
    SELECT id, owner_id, location_id, channel, holder, status::reservation_status, expires_at, certificate::jsonb,
           created_at, ended_at, units, held_since
    FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[],
                $9::timestamptz[], $10::timestamptz[], $11::int[], $12::timestamptz[])
      AS u(id, owner_id, location_id, channel, holder, status, expires_at, certificate, created_at, ended_at, units,
           held_since))
  INSERT INTO reservation_line (reservation_id, sku_id, requested, quantity)
  SELECT * FROM unnest($13::uuid[], $14::int[], $15::int[], $16::int[])`;

/** A new hold as it is written. */
export interface NewHold extends Reserved {
  holder: string | null;
  /** It was replaced in the batch that made it. */
  endedAt: Date | null;
  /** Since when its holder has had units without a pause; null: since it was made. */
  since: Date | null;
}

/** Writes new holds and their lines. */
export async function insertHolds(tx: Tx, holds: readonly NewHold[]): Promise<void> {
  if (holds.length === 0) return;
  const lines = holds.flatMap((h) => h.certificate.lines.map((l) => ({ ...l, id: h.id })));
  await tx.rows(INSERT, [
    holds.map((h) => h.id),
    holds.map((h) => h.ownerId),
    holds.map((h) => h.locationId),
    holds.map((h) => h.channel),
    holds.map((h) => h.holder),
    holds.map((h) => (h.endedAt === null ? 'ACTIVE' : 'RELEASED')),
    holds.map((h) => h.expiresAt),
    holds.map((h) => JSON.stringify(h.certificate)),
    holds.map((h) => h.createdAt),
    holds.map((h) => h.endedAt),
    holds.map((h) => h.certificate.lines.reduce((units, l) => units + l.held, 0)),
    holds.map((h) => h.since),
    lines.map((l) => l.id),
    lines.map((l) => l.skuId),
    lines.map((l) => l.requested),
    lines.map((l) => l.held),
  ]);
}
