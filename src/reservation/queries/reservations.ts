// Reads of reservations: by id and by page.

import type { Tx } from '../../db/pool';
import type { Certificate, ReservationStatus } from '../rules/reservation';

/** A reservation as it is stored, without its lines. */
export interface ReservationRecord {
  id: string;
  ownerId: number;
  locationId: number;
  channel: string;
  holder: string | null;
  /** As stored; `statusAt` gives the status at a time. */
  status: ReservationStatus;
  expiresAt: Date;
  createdAt: Date;
  endedAt: Date | null;
}

/** A reservation with its lines: those of its certificate, which never change. */
export interface ReservationWithLines extends ReservationRecord {
  certificate: Certificate;
}

const COLUMNS = `
  r.id, r.owner_id AS "ownerId", r.location_id AS "locationId", r.channel, r.holder, r.status,
  r.expires_at AS "expiresAt", r.created_at AS "createdAt", r.ended_at AS "endedAt"`;

const BY_ID = `SELECT ${COLUMNS} FROM reservation r WHERE r.id = ANY($1::uuid[])`;
const WITH_LINES = `SELECT ${COLUMNS}, r.certificate FROM reservation r WHERE r.id = ANY($1::uuid[])`;
const CERTIFICATES = 'SELECT r.id, r.certificate FROM reservation r WHERE r.id = ANY($1::uuid[])';

/** The reservations of these ids, in no order; unknown ones are missing. */
export function reservationsById(tx: Tx, ids: readonly string[]): Promise<ReservationRecord[]> {
  return tx.rows<ReservationRecord>(BY_ID, [ids]);
}

/** The reservations of these ids with their lines, in no order; unknown ones are missing. */
export function reservationsWithLines(tx: Tx, ids: readonly string[]): Promise<ReservationWithLines[]> {
  return tx.rows<ReservationWithLines>(WITH_LINES, [ids]);
}

/** The certificates of these reservations, in no order. Pages do not read them: one of 200 lines is 20 kB to parse. */
export function certificatesById(
  tx: Tx,
  ids: readonly string[],
): Promise<{ id: string; certificate: Certificate }[]> {
  return tx.rows<{ id: string; certificate: Certificate }>(CERTIFICATES, [ids]);
}

/** Which reservations to list; null means any. `status` is the one at the time of reading. */
export interface ReservationFilter {
  ownerId: number | null;
  locationIds: readonly number[] | null;
  holder: string | null;
  status: ReservationStatus | null;
}

// Ids are uuids of version 7: their order is the order in which the reservations were made.
const page = (direction: 'ASC' | 'DESC'): string => `
  SELECT ${COLUMNS} FROM reservation r
  WHERE ($1::int IS NULL OR r.owner_id = $1) AND ($2::int[] IS NULL OR r.location_id = ANY($2))
    AND ($3::text IS NULL OR r.holder = $3)
    AND ($4::text IS NULL
         OR CASE WHEN r.status = 'ACTIVE' AND r.expires_at <= $5 THEN 'EXPIRED' ELSE r.status::text END = $4)
    AND ($6::uuid IS NULL OR r.id < $6) AND ($7::uuid IS NULL OR r.id > $7)
  ORDER BY r.id ${direction} LIMIT $8`;
const NEWEST_FIRST = page('DESC');
const OLDEST_FIRST = page('ASC');

/** A page of reservations by keyset: those older than `after` and newer than `before`, from the requested end. */
export function reservationPage(
  tx: Tx,
  now: Date,
  filter: ReservationFilter,
  cut: { after: string | null; before: string | null; limit: number; oldestFirst: boolean },
): Promise<ReservationRecord[]> {
  return tx.rows<ReservationRecord>(cut.oldestFirst ? OLDEST_FIRST : NEWEST_FIRST, [
    filter.ownerId,
    filter.locationIds,
    filter.holder,
    filter.status,
    now,
    cut.after,
    cut.before,
    cut.limit,
  ]);
}
