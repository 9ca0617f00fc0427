// Reads shared tablets and the people who may sign in on them.

import type { Tx } from '../../db/pool';
import type { Role } from '../rules/roles';

/** A tablet that is enrolled and not revoked. */
export interface DeviceRow {
  id: number;
  name: string;
  locationId: number;
  locationCode: string;
  locationName: string;
}

const BY_SECRET = `
  SELECT d.id, d.name, l.id AS "locationId", l.code AS "locationCode", l.name AS "locationName"
  FROM device d JOIN location l ON l.id = d.location_id
  WHERE d.secret_hash = $1 AND d.revoked_at IS NULL`;

/** The tablet with this secret; null when there is none, or it was revoked. */
export async function deviceBySecret(tx: Tx, hash: string): Promise<DeviceRow | null> {
  const [row] = await tx.rows<DeviceRow>(BY_SECRET, [hash]);
  return row ?? null;
}

/** A person of a shop, and the state of the PIN. */
export interface TabletPersonRow {
  actorId: number;
  name: string;
  role: Role;
  manager: boolean;
  hasPin: boolean;
  /** Of a start PIN that is not replaced yet; else null. */
  startExpiresAt: Date | null;
  attempts: number;
  setAt: Date | null;
}

/** People whom a list of one location has at most. */
const MAX_PEOPLE = 500;

const OF_LOCATION = `
  SELECT a.id AS "actorId", a.name, a.role, a.manager, (p.actor_id IS NOT NULL) AS "hasPin",
         p.expires_at AS "startExpiresAt", coalesce(p.attempts, 0) AS attempts, p.set_at AS "setAt"
  FROM actor_location al JOIN actor a ON a.id = al.actor_id LEFT JOIN pin p ON p.actor_id = a.id
  WHERE al.location_id = $1 AND a.active AND a.role = 'STAFF'
  ORDER BY a.name LIMIT ${MAX_PEOPLE}`;

/** The staff of a location, by name. */
export function tabletPeople(tx: Tx, locationId: number): Promise<TabletPersonRow[]> {
  return tx.rows<TabletPersonRow>(OF_LOCATION, [locationId]);
}

const STORED = `
  SELECT p.hash, p.attempts, p.expires_at AS "expiresAt"
  FROM pin p JOIN actor a ON a.id = p.actor_id
    JOIN actor_location al ON al.actor_id = a.id AND al.location_id = $2
  WHERE p.actor_id = $1 AND a.active AND a.role = 'STAFF'`;

/** A PIN as it is stored. */
export interface StoredPin {
  hash: string;
  attempts: number;
  /** Of a start PIN; else null. */
  expiresAt: Date | null;
}

/** The PIN of a person who works at the location; null: there is none, or no such person. */
export async function pinOf(tx: Tx, actorId: number, locationId: number): Promise<StoredPin | null> {
  const [row] = await tx.rows<StoredPin>(STORED, [actorId, locationId]);
  return row ?? null;
}

const OF_PERSON = 'SELECT hash, attempts, expires_at AS "expiresAt" FROM pin WHERE actor_id = $1';

/** The PIN of a person; null: there is none. */
export async function pinOfPerson(tx: Tx, actorId: number): Promise<StoredPin | null> {
  const [row] = await tx.rows<StoredPin>(OF_PERSON, [actorId]);
  return row ?? null;
}
