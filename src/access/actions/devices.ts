// Shared tablets: announced by a manager, enrolled by a code, and revoked.

import { randomBytes } from 'node:crypto';
import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { checkText, Forbidden, notFound, refuse } from '../../refusals';
import { MINUTE_MS } from '../../values/time';
import { DEVICE_LIMITS, enrolmentCode, hashOfDevice, hashOfEnrolmentCode } from '../rules/device';
import { type Caller, mustWorkAt } from '../rules/roles';
import { type Command, defineCommand } from './execute';

const NONCE_BYTES = 32;

/** @throws Forbidden for callers who manage no shop */
export function mustManage(actor: Caller): void {
  if (actor.role !== 'ADMIN' && actor.manager !== true) {
    throw new Forbidden(
      `${actor.name} is not a manager; ask the shop's manager, or an administrator to make one with updateActor.`,
    );
  }
}

interface LocationKey {
  id: number;
  code: string;
}

const LOCATION = 'SELECT id, code FROM location WHERE code = $1';

/** The location with this code, which the actor manages. @throws Refused NotFound @throws Forbidden */
export async function managedLocation(tx: Tx, actor: Caller, code: string): Promise<LocationKey> {
  mustManage(actor);
  const [location] = await tx.rows<LocationKey>(LOCATION, [code]);
  if (location === undefined) throw notFound('Location', [code]);
  mustWorkAt(actor, location.id, location.code);
  return location;
}

// One after the other for each location, so that its tablets can be counted.
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtext('comptoir devices'), $1)`;
const COUNT = 'SELECT count(*) AS devices FROM device WHERE location_id = $1 AND revoked_at IS NULL';
const DROP_UNUSED = `
  UPDATE device SET revoked_at = $2 WHERE location_id = $1 AND revoked_at IS NULL AND secret_hash IS NULL
    AND code_expires_at <= $2`;
const INSERT = `
  INSERT INTO device (location_id, name, created_at, created_by, code_hash, code_expires_at)
  VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`;

/** The code is derived from `nonce` and the server's secret; the nonce alone is useless. */
export interface DeviceMade {
  deviceId: number;
  nonce: string;
}

/**
 * Announces a tablet of a location, which the code enrols within a quarter of an hour, once.
 * @throws Forbidden @throws Refused InvalidInput, NotFound
 */
export function createDevice(secretKey: Buffer) {
  return defineCommand(
    'createDevice',
    async (tx, command: Command<{ location: string; name: string }>): Promise<DeviceMade> => {
      const { input, actor, now } = command;
      checkText(input.name, 'name', DEVICE_LIMITS.nameLength);
      const location = await managedLocation(tx, actor, input.location);
      await tx.rows(TAKE_TURNS, [location.id]);
      await tx.rows(DROP_UNUSED, [location.id, now]);
      const [found] = await tx.rows<{ devices: number }>(COUNT, [location.id]);
      if (found!.devices >= DEVICE_LIMITS.perLocation) {
        const message = `location ${location.code} has ${found!.devices} tablets already; revoke those that are no longer used.`;
        refuse('InvalidInput', message, { path: 'location' });
      }
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      const expiresAt = new Date(now.getTime() + DEVICE_LIMITS.codeMinutes * MINUTE_MS);
      const [made] = await tx.rows<{ id: number }>(INSERT, [
        ...[location.id, input.name, now, actor.actorId],
        ...[hashOfEnrolmentCode(enrolmentCode(secretKey, nonce)), expiresAt],
      ]);
      return { deviceId: made!.id, nonce };
    },
  );
}

const BY_CODE = `
  SELECT id, code_expires_at AS "expiresAt", (secret_hash IS NOT NULL) AS "isUsed", revoked_at AS "revokedAt"
  FROM device WHERE code_hash = $1 FOR NO KEY UPDATE`;
const ENROL = 'UPDATE device SET secret_hash = $2, enrolled_at = $3 WHERE id = $1';
const REPLACE =
  'UPDATE device SET revoked_at = $2 WHERE secret_hash = $1 AND revoked_at IS NULL RETURNING id';

/** Why a code enrols no tablet. */
export type EnrolmentFault = 'UNKNOWN_CODE' | 'CODE_USED' | 'CODE_EXPIRED';

interface EnrolmentCodeRow {
  id: number;
  expiresAt: Date;
  isUsed: boolean;
  revokedAt: Date | null;
}

/** Enrols the tablet with this code, once; `replaced` is the hash of the secret that it brings from an earlier enrolment. */
export function enrolDevice(
  db: Db,
  { code, replaced, now }: { code: string; replaced: string | null; now: Date },
): Promise<{ secret: string } | { fault: EnrolmentFault }> {
  const secret = randomBytes(NONCE_BYTES).toString('base64url');
  return inTransaction(db, async (tx) => {
    const hash = hashOfEnrolmentCode(code);
    const [device] = hash === null ? [] : await tx.rows<EnrolmentCodeRow>(BY_CODE, [hash]);
    if (device === undefined) return { fault: 'UNKNOWN_CODE' };
    if (device.isUsed) return { fault: 'CODE_USED' };
    if (device.revokedAt !== null || device.expiresAt <= now) return { fault: 'CODE_EXPIRED' };
    if (replaced !== null) {
      const [old] = await tx.rows<{ id: number }>(REPLACE, [replaced, now]);
      if (old !== undefined) await tx.rows(END_SESSIONS, [old.id, now]);
    }
    await tx.rows(ENROL, [device.id, hashOfDevice(secret), now]);
    return { secret };
  });
}

const FIND = `
  SELECT d.location_id AS "locationId", l.code AS "locationCode" FROM device d JOIN location l ON l.id = d.location_id
  WHERE d.id = $1 FOR NO KEY UPDATE OF d`;
const REVOKE = 'UPDATE device SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1';
const END_SESSIONS = 'UPDATE session SET revoked_at = $2 WHERE device_id = $1 AND revoked_at IS NULL';

/**
 * Revokes a tablet for good, and ends the session on it. That of another shop is not found.
 * @throws Forbidden @throws Refused NotFound
 */
export const revokeDevice = defineCommand(
  'revokeDevice',
  async (
    tx,
    { input, actor, now }: Command<{ deviceId: number; key: string }>,
  ): Promise<{ deviceId: number }> => {
    mustManage(actor);
    const [device] = await tx.rows<{ locationId: number; locationCode: string }>(FIND, [input.deviceId]);
    const isOwn =
      actor.role === 'ADMIN' || (device !== undefined && actor.locationIds.has(device.locationId));
    if (device === undefined || !isOwn) throw notFound('Device', [input.key]);
    await tx.rows(REVOKE, [input.deviceId, now]);
    await tx.rows(END_SESSIONS, [input.deviceId, now]);
    return { deviceId: input.deviceId };
  },
);
