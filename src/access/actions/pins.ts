// PINs: set by their person, reset and unlocked by a manager, and checked at the sign-in on a shared tablet.

import { randomBytes } from 'node:crypto';
import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { checkState, Forbidden, notFound } from '../../refusals';
import { HOUR_MS } from '../../values/time';
import { pinOf, type StoredPin } from '../queries/devices';
import { canBePin, faultOfPin, PIN_LIMITS, type PinFault, startPin } from '../rules/pin';
import type { Caller, Role } from '../rules/roles';
import { mustManage } from './devices';
import { type Command, defineCommand } from './execute';
import { hashPin, isPin } from './pinHash';
import { insertSession, type OpeningSession } from './sessions';

const NONCE_BYTES = 32;

/** The settings of PINs. */
export interface PinRules {
  secretKey: Buffer;
  pinLength: number;
  pinAttempts: number;
}

const SET = `
  INSERT INTO pin (actor_id, hash, set_at, expires_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (actor_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at, expires_at = excluded.expires_at,
    attempts = 0`;

/** Sets a person's own PIN, which was checked. It is no command: a stored hash of the request would be a fast hash of the PIN. */
export async function setPin(
  db: Db,
  { secretKey }: PinRules,
  { actorId, pin, now }: { actorId: number; pin: string; now: Date },
): Promise<void> {
  await db.rows(SET, [actorId, await hashPin(secretKey, actorId, pin), now, null]);
}

interface ManagedPerson {
  name: string;
  role: Role;
  active: boolean;
  manager: boolean;
  locationIds: number[];
}

const PERSON = `
  SELECT a.name, a.role, a.active, a.manager,
         ARRAY(SELECT location_id FROM actor_location WHERE actor_id = a.id) AS "locationIds"
  FROM actor a WHERE a.id = $1 AND a.id <> 0 FOR NO KEY UPDATE OF a`;

/**
 * Locks a person whose PIN the actor decides about: an administrator about all staff, a manager about the staff of the own
 * shops who are no managers. @throws Forbidden @throws Refused NotFound, WrongState
 */
async function lockPerson(tx: Tx, actor: Caller, actorId: number, key: string): Promise<ManagedPerson> {
  mustManage(actor);
  const [person] = await tx.rows<ManagedPerson>(PERSON, [actorId]);
  const isAdmin = actor.role === 'ADMIN';
  const isColleague = person?.locationIds.some((id) => actor.locationIds.has(id));
  if (person?.role !== 'STAFF' || !(isAdmin || isColleague)) throw notFound('Actor', [key]);
  if (person.manager && !isAdmin) {
    throw new Forbidden(`${person.name} is a manager too; ask an administrator.`);
  }
  return person;
}

const END_PIN_SESSIONS = `
  UPDATE session SET revoked_at = $2 WHERE actor_id = $1 AND revoked_at IS NULL AND sign_in = 'PIN'`;

/** The start PIN is derived from `nonce` and the server's secret; the nonce alone is useless. */
export interface PinReset {
  actorId: number;
  nonce: string;
  length: number;
  expiresAt: string;
}

/**
 * Gives a person a start PIN, which the person replaces at the next sign-in, and ends the sessions that the old PIN opened.
 * @throws Forbidden @throws Refused NotFound, WrongState
 */
export function resetPin({ secretKey, pinLength }: PinRules) {
  return defineCommand(
    'resetPin',
    async (tx, command: Command<{ actorId: number; key: string }>): Promise<PinReset> => {
      const { input, actor, now } = command;
      const { name, active } = await lockPerson(tx, actor, input.actorId, input.key);
      checkState('Actor', name, active ? 'ACTIVE' : 'INACTIVE', ['ACTIVE'], 'given a PIN');
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      const pin = startPin(secretKey, nonce, pinLength);
      const expiresAt = new Date(now.getTime() + PIN_LIMITS.startHours * HOUR_MS);
      const hash = await hashPin(secretKey, input.actorId, pin);
      await tx.rows(SET, [input.actorId, hash, now, expiresAt]);
      await tx.rows(END_PIN_SESSIONS, [input.actorId, now]);
      return { actorId: input.actorId, nonce, length: pinLength, expiresAt: expiresAt.toISOString() };
    },
  );
}

const ATTEMPTS = 'SELECT attempts FROM pin WHERE actor_id = $1 FOR UPDATE';
const UNLOCK = 'UPDATE pin SET attempts = 0 WHERE actor_id = $1';

/** Lets a person whose PIN is locked try again; the PIN stays the same. @throws Forbidden @throws Refused NotFound, WrongState */
export function unlockPin({ pinAttempts }: PinRules) {
  return defineCommand(
    'unlockPin',
    async (tx, command: Command<{ actorId: number; key: string }>): Promise<{ actorId: number }> => {
      const { input, actor } = command;
      const { name } = await lockPerson(tx, actor, input.actorId, input.key);
      const [pin] = await tx.rows<{ attempts: number }>(ATTEMPTS, [input.actorId]);
      const state = pin === undefined ? 'NONE' : pin.attempts >= pinAttempts ? 'LOCKED' : 'OPEN';
      checkState('Pin', name, state, ['LOCKED'], 'unlocked');
      await tx.rows(UNLOCK, [input.actorId]);
      return { actorId: input.actorId };
    },
  );
}

/** Why a person could not sign in with a PIN. */
export type PinRefusal =
  | { kind: 'NO_PIN' | 'PIN_LOCKED' | 'START_PIN_EXPIRED' | 'NEW_PIN_NEEDED' | 'PIN_UNCHANGED' }
  | { kind: 'WRONG_PIN'; attemptsLeft: number }
  | { kind: 'WEAK_PIN'; fault: PinFault };

// Counted before it is compared: of guesses that arrive together no more are compared than may be wrong in a row.
const CLAIM = `
  UPDATE pin SET attempts = attempts + 1 WHERE actor_id = $1 AND attempts < $2 AND hash = $3 RETURNING attempts`;

/** Compares a PIN with the stored one, and counts the attempt. Null: it is right. */
export async function tryPin(
  db: Db,
  { secretKey, pinAttempts }: PinRules,
  { actorId, pin, stored, now }: { actorId: number; pin: string; stored: StoredPin | null; now: Date },
): Promise<PinRefusal | null> {
  if (stored === null) return { kind: 'NO_PIN' };
  if (stored.attempts >= pinAttempts) return { kind: 'PIN_LOCKED' };
  if (stored.expiresAt !== null && stored.expiresAt <= now) return { kind: 'START_PIN_EXPIRED' };
  const [claimed] = await db.rows<{ attempts: number }>(CLAIM, [actorId, pinAttempts, stored.hash]);
  if (claimed === undefined) return { kind: 'PIN_LOCKED' };
  if (canBePin(pin) && (await isPin(secretKey, actorId, pin, stored.hash))) return null;
  const attemptsLeft = pinAttempts - claimed.attempts;
  return attemptsLeft <= 0 ? { kind: 'PIN_LOCKED' } : { kind: 'WRONG_PIN', attemptsLeft };
}

const RIGHT = 'UPDATE pin SET attempts = 0 WHERE actor_id = $1 AND hash = $2 RETURNING actor_id AS "actorId"';
const REPLACE = `
  UPDATE pin SET hash = $3, set_at = $4, expires_at = NULL, attempts = 0 WHERE actor_id = $1 AND hash = $2
  RETURNING actor_id AS "actorId"`;
const USED = `
  UPDATE device SET used_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id`;
const END_ON_DEVICE = 'UPDATE session SET revoked_at = $2 WHERE device_id = $1 AND revoked_at IS NULL';

export interface PinSignIn {
  actorId: number;
  pin: string;
  /** Replaces a start PIN. */
  newPin: string | null;
  device: { id: number; locationId: number };
  times: Pick<OpeningSession, 'idleSeconds' | 'lifeSeconds' | 'now'>;
}

/**
 * Opens the session of a person on a shared tablet; the one that was open on it ends. A start PIN must be replaced in the same
 * request. Of a PIN that was reset, or a tablet that was revoked, while the PIN was compared, no session is opened.
 */
export async function signInWithPin(
  db: Db,
  rules: PinRules,
  { actorId, pin, newPin, device, times }: PinSignIn,
): Promise<{ secret: string } | { refusal: PinRefusal }> {
  const { now } = times;
  const stored = await pinOf(db, actorId, device.locationId);
  const refusal = await tryPin(db, rules, { actorId, pin, stored, now });
  if (refusal !== null || stored === null) return { refusal: refusal ?? { kind: 'NO_PIN' } };
  const isStart = stored.expiresAt !== null;
  let newHash: string | null = null;
  if (isStart) {
    const problem = newPinProblem(rules, pin, newPin);
    if (problem !== null) {
      await db.rows(RIGHT, [actorId, stored.hash]);
      return { refusal: problem };
    }
    newHash = await hashPin(rules.secretKey, actorId, newPin!);
  }
  return inTransaction(db, async (tx): Promise<{ secret: string } | { refusal: PinRefusal }> => {
    const kept =
      newHash === null
        ? await tx.rows<{ actorId: number }>(RIGHT, [actorId, stored.hash])
        : await tx.rows<{ actorId: number }>(REPLACE, [actorId, stored.hash, newHash, now]);
    const used = await tx.rows<{ id: number }>(USED, [device.id, now]);
    if (kept.length === 0 || used.length === 0) return { refusal: { kind: 'NO_PIN' } };
    await tx.rows(END_ON_DEVICE, [device.id, now]);
    const opened = await insertSession(tx, { actorId, signIn: 'PIN', deviceId: device.id, ...times });
    return opened ?? { refusal: { kind: 'NO_PIN' } };
  });
}

/** Why the new PIN does not replace a start PIN; null: it does. */
function newPinProblem({ pinLength }: PinRules, pin: string, newPin: string | null): PinRefusal | null {
  if (newPin === null) return { kind: 'NEW_PIN_NEEDED' };
  if (newPin === pin) return { kind: 'PIN_UNCHANGED' };
  const fault = faultOfPin(newPin, pinLength);
  return fault === null ? null : { kind: 'WEAK_PIN', fault };
}
