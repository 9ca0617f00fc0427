// SQL that locks and writes sets of reservations; used by every command of the module.

import { lockedColumns } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import type { Shelf } from '../../stock/ledger';
import { pastReservations } from '../../stock/queries/levels';
import type { LockedRow } from '../../values/document';
import { RESERVATION, type ReservationStatus, type Reserved } from '../rules/reservation';

/** A reservation under its lock. Lines without units are left out. */
export interface LockedReservation extends LockedRow<typeof RESERVATION> {
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
export function lockReservationsById(tx: Tx, ids: readonly string[]): Promise<LockedReservation[]> {
  return tx.rows<LockedReservation>(LOCK_BY_ID, [ids]);
}

// SKIP LOCKED, because a reservation locked by another transaction is being extended, ended or swept there.
const LOCK_PAST = `
  SELECT ${COLUMNS} FROM reservation r JOIN location p ON p.id = r.location_id
  WHERE r.status = 'ACTIVE' AND r.expires_at <= $1 ORDER BY r.expires_at LIMIT $2 FOR UPDATE OF r SKIP LOCKED`;

/** Locks up to `limit` ACTIVE reservations past their time, except those locked by other transactions. */
export function lockPastReservations(tx: Tx, now: Date, limit: number): Promise<LockedReservation[]> {
  return tx.rows<LockedReservation>(LOCK_PAST, [now, limit]);
}

// A reservation that does not exist yet cannot be locked, so its holder is: two processes must not both make a holder's first
// reservation, nor both grant the last units of its quota, at whichever location.
const LOCK_HOLDERS = `
  SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended(concat_ws(':', owner_id, holder), 0) AS key
    FROM unnest($1::int[], $2::text[]) AS k(owner_id, holder) ORDER BY 1) keys`;

// LATERAL forces look-ups by key: a join over all ACTIVE reservations was seen to take 250 ms on tables that had grown since
// they were analyzed. Expired ones are read of all locations, because the index by location also contains all ended ones.
const FIND = `
  WITH past AS MATERIALIZED (${pastReservations('$6')})
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

/** A holder that may have a reservation at a location, or be about to make one. */
interface ReservationHolder {
  ownerId: number;
  locationId: number;
  holder: string | null;
}

/**
 * Finds the ACTIVE reservations of these holders, and the expired ones with units of these shelves; both statements are sent
 * at once. Finding first and locking afterwards is safe: in between, a reservation can only leave this set, never join it.
 */
export async function findReservations(
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
 * Locks these reservations in id order and answers the ACTIVE ones. One that was extended while this waited is in the answer
 * with its new time; one that ended is not, though it is locked.
 */
export async function lockActive(tx: Tx, ids: readonly string[]): Promise<LockedReservation[]> {
  if (ids.length === 0) return [];
  const reservations = await lockReservationsById(tx, [...new Set(ids)]);
  return reservations.filter((h) => h.status === 'ACTIVE');
}

const END = `
  UPDATE reservation SET status = $2::reservation_status, ended_at = $3 WHERE id = ANY($1::uuid[])`;

/** Ends locked reservations, each with its last status. */
export async function endReservations(
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

/** A new reservation as it is inserted. */
export interface NewReservation extends Reserved {
  holder: string | null;
  /** Not null when it was replaced in the batch that made it. */
  endedAt: Date | null;
  /** Since when its holder has had units without a pause; null: since it was made. */
  since: Date | null;
}

/** Inserts new reservations and their lines. */
export async function insertReservations(tx: Tx, reservations: readonly NewReservation[]): Promise<void> {
  if (reservations.length === 0) return;
  const lines = reservations.flatMap((h) => h.certificate.lines.map((l) => ({ ...l, id: h.id })));
  await tx.rows(INSERT, [
    reservations.map((h) => h.id),
    reservations.map((h) => h.ownerId),
    reservations.map((h) => h.locationId),
    reservations.map((h) => h.channel),
    reservations.map((h) => h.holder),
    reservations.map((h) => (h.endedAt === null ? 'ACTIVE' : 'RELEASED')),
    reservations.map((h) => h.expiresAt),
    reservations.map((h) => JSON.stringify(h.certificate)),
    reservations.map((h) => h.createdAt),
    reservations.map((h) => h.endedAt),
    reservations.map((h) => h.certificate.lines.reduce((units, l) => units + l.held, 0)),
    reservations.map((h) => h.since),
    lines.map((l) => l.id),
    lines.map((l) => l.skuId),
    lines.map((l) => l.requested),
    lines.map((l) => l.held),
  ]);
}
