// Opens, renews and ends the sessions of people.

import { randomBytes } from 'node:crypto';
import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { notFound } from '../../refusals';
import { DAY_MS } from '../../values/time';
import { hashOfSession, SESSION_LIMITS, type SignIn } from '../rules/session';
import { type Command, defineCommand } from './execute';

const SECRET_BYTES = 32;

export interface OpeningSession {
  actorId: number;
  signIn: SignIn;
  /** The hash of the token that it is opened with, and ends with. */
  tokenHash?: string;
  /** The shared tablet that it is opened on, and ends with. */
  deviceId?: number;
  idleSeconds: number;
  lifeSeconds: number;
  now: Date;
}

// The lock is that of updateActor: a session is opened before a change of the actor's rights, which then ends it, or after
// it. Sessions of one actor are opened one after the other, so that they can be counted.
const INSERT = `
  WITH a AS (SELECT id FROM actor WHERE id = $1 AND id <> 0 AND active FOR NO KEY UPDATE)
  INSERT INTO session (actor_id, secret_hash, sign_in, access_token_id, created_at, used_at, idle_seconds, idle_at, expires_at,
    device_id)
  SELECT id, $2, $3::sign_in, (SELECT id FROM access_token WHERE token_hash = $4), $5, $5, $6::int,
         $5::timestamptz + $6::int * interval '1 second', $7::timestamptz, $8
  FROM a
  RETURNING id`;
const END_OLDEST = `
  UPDATE session SET revoked_at = $2
  WHERE actor_id = $1 AND revoked_at IS NULL
    AND id NOT IN (SELECT id FROM session WHERE actor_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT $3)`;
const DELETE_OLD = 'DELETE FROM session WHERE actor_id = $1 AND expires_at < $2';

/**
 * Opens a session with a new secret, which is returned once and not stored. A secret that a browser brought is never used
 * again, so a session cannot be prepared for another person. Null: the actor is inactive.
 */
export async function insertSession(tx: Tx, opening: OpeningSession): Promise<{ secret: string } | null> {
  const { actorId, signIn, tokenHash, deviceId, idleSeconds, lifeSeconds, now } = opening;
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const expiresAt = new Date(now.getTime() + lifeSeconds * 1_000);
  const opened = await tx.rows<{ id: number }>(INSERT, [
    ...[actorId, hashOfSession(secret), signIn, tokenHash ?? null, now, idleSeconds, expiresAt],
    deviceId ?? null,
  ]);
  if (opened.length === 0) return null;
  await tx.rows(END_OLDEST, [actorId, now, SESSION_LIMITS.perActor]);
  await tx.rows(DELETE_OLD, [actorId, new Date(now.getTime() - SESSION_LIMITS.keptDays * DAY_MS)]);
  return { secret };
}

/** The same in a transaction of its own. */
export function openSession(db: Db, opening: OpeningSession): Promise<{ secret: string } | null> {
  return inTransaction(db, (tx) => insertSession(tx, opening));
}

const RENEW = `
  UPDATE session SET used_at = $2::timestamptz, idle_at = $2::timestamptz + idle_seconds * interval '1 second'
  WHERE secret_hash = $1 AND used_at < $2::timestamptz AND idle_at > $2::timestamptz`;

/** Records that a session is in use; one that has ended stays so. */
export async function renewSession(tx: Tx, hash: string, now: Date): Promise<void> {
  await tx.rows(RENEW, [hash, now]);
}

const END = 'UPDATE session SET revoked_at = $2 WHERE secret_hash = $1 AND revoked_at IS NULL RETURNING id';

/** Ends a session for good; false: there was none. The cache of callers is to be cleared afterwards. */
export async function endSession(tx: Tx, hash: string, now: Date): Promise<boolean> {
  return (await tx.rows<{ id: number }>(END, [hash, now])).length > 0;
}

const END_ALL = 'UPDATE session SET revoked_at = $2 WHERE actor_id = $1 AND revoked_at IS NULL';

/** Ends all sessions of an actor whose rights change, in the same transaction. */
export async function endSessionsOf(tx: Tx, actorId: number, now: Date): Promise<void> {
  await tx.rows(END_ALL, [actorId, now]);
}

const REVOKE = `
  UPDATE session SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 AND (actor_id = $3 OR $4::boolean)
  RETURNING id`;

/**
 * Revokes a session for good; one that is revoked stays so. Only an administrator may revoke that of another, which for
 * all others is not found. @throws Refused NotFound
 */
export const revokeSession = defineCommand(
  'revokeSession',
  async (
    tx,
    { input, actor, now }: Command<{ sessionId: number; key: string }>,
  ): Promise<{ sessionId: number }> => {
    const values = [input.sessionId, now, actor.actorId, actor.role === 'ADMIN'];
    const [revoked] = await tx.rows<{ id: number }>(REVOKE, values);
    if (revoked === undefined) throw notFound('Session', [input.key]);
    return { sessionId: input.sessionId };
  },
);
