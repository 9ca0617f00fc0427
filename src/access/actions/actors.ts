// Commands of administrators: actors (persons and programs that may use the API) and their access tokens.

import { randomBytes } from 'node:crypto';
import type { Tx } from '../../db/pool';
import { checkInstant, checkState, notFound, refuse } from '../../refusals';
import { DAY_MS } from '../../values/time';
import { hashToken } from '../queries/callers';
import {
  ACTOR_LIMITS,
  type ActorFacts,
  accessToken,
  checkActor,
  checkPageOrigins,
  hintOf,
} from '../rules/actor';
import { BOUND_ROLES, type Role } from '../rules/roles';
import { type Command, defineCommand } from './execute';
import { endSessionsOf } from './sessions';

const NONCE_BYTES = 32;

// Names are unique and one administrator must remain: these commands check all actors, so an advisory lock serializes them.
const TAKE_TURNS = `SELECT pg_advisory_xact_lock(hashtext('comptoir actors'))`;
const NAMED = 'SELECT id FROM actor WHERE name = $1';
const LOCATIONS_BY_CODE = 'SELECT id, code FROM location WHERE code = ANY($1::text[])';
const ADMINS = `
  SELECT count(*) AS left FROM actor WHERE role = 'ADMIN' AND active AND id <> $1`;

const INSERT =
  'INSERT INTO actor (name, role, created_at, channels, manager) VALUES ($1, $2::role, $3, $4, $5) RETURNING id';
const WORKS_AT = 'INSERT INTO actor_location (actor_id, location_id) SELECT $1, unnest($2::int[])';
const WORKS_NOWHERE = 'DELETE FROM actor_location WHERE actor_id = $1';
const UPDATE =
  'UPDATE actor SET name = $2, role = $3::role, active = $4, channels = $5, manager = $6 WHERE id = $1';

// Actor 0 is the program itself and cannot be changed. FOR NO KEY UPDATE lets an actor's own commands insert rows that
// refer to it meanwhile: otherwise a busy actor could never be deactivated.
const ACTOR = `
  SELECT a.name, a.role, a.active, a.channels, a.manager,
         ARRAY(SELECT l.code FROM actor_location al JOIN location l ON l.id = al.location_id
               WHERE al.actor_id = a.id ORDER BY l.code) AS locations
  FROM actor a WHERE a.id = $1 AND a.id <> 0 FOR NO KEY UPDATE OF a`;

async function refuseTakenName(tx: Tx, name: string): Promise<void> {
  const [taken] = await tx.rows(NAMED, [name]);
  if (taken !== undefined) {
    refuse('InvalidInput', `name '${name}' is another actor's already; choose another.`, { path: 'name' });
  }
}

async function findLocationIds(tx: Tx, codes: readonly string[]): Promise<number[]> {
  const rows = await tx.rows<{ id: number; code: string }>(LOCATIONS_BY_CODE, [codes]);
  const known = new Set(rows.map((row) => row.code));
  const unknown = codes.filter((code) => !known.has(code));
  if (unknown.length > 0) {
    throw notFound('Location', unknown);
  }
  return rows.map((row) => row.id);
}

/** Locks and reads an actor. `key` is the id as the client sent it. @throws Refused NotFound */
async function lockActor(tx: Tx, actorId: number, key: string): Promise<ActorFacts> {
  const [actor] = await tx.rows<ActorFacts>(ACTOR, [actorId]);
  if (actor === undefined) throw notFound('Actor', [key]);
  return actor;
}

/** Creates an actor, without any token yet. @throws Refused InvalidInput, NotFound */
export const createActor = defineCommand(
  'createActor',
  async (tx, { input, now }: Command<Omit<ActorFacts, 'active'>>): Promise<{ actorId: number }> => {
    checkActor({ ...input, active: true });
    await tx.rows(TAKE_TURNS);
    await refuseTakenName(tx, input.name);
    const locationIds = await findLocationIds(tx, input.locations);
    const [made] = await tx.rows<{ id: number }>(INSERT, [
      input.name,
      input.role,
      now,
      input.channels,
      input.manager,
    ]);
    await tx.rows(WORKS_AT, [made!.id, locationIds]);
    return { actorId: made!.id };
  },
);

export interface UpdateActorInput {
  actorId: number;
  key: string;
  /** Omitted fields keep their values. */
  told: {
    name?: string;
    role?: Role;
    locations?: string[];
    channels?: string[];
    active?: boolean;
    manager?: boolean;
  };
}

/** Whether an actor may do other things than before. */
function areRightsChanged(before: ActorFacts, after: ActorFacts): boolean {
  const rights = ({ role, active, manager, locations, channels }: ActorFacts): string =>
    JSON.stringify([role, active, manager, [...locations].sort(), [...channels].sort()]);
  return rights(before) !== rights(after);
}

/**
 * Changes an actor; tokens of an inactive actor are refused, and its sessions end when its rights change. When its role changes, locations are kept if the new role can be
 * bound to locations, channels if it is STOREFRONT.
 * @throws Refused InvalidInput, also for the last administrator; NotFound
 */
export const updateActor = defineCommand(
  'updateActor',
  async (tx, { input, now }: Command<UpdateActorInput>): Promise<{ actorId: number }> => {
    const { actorId, told } = input;
    await tx.rows(TAKE_TURNS);
    const before = await lockActor(tx, actorId, input.key);
    const role = told.role ?? before.role;
    const kept = BOUND_ROLES.includes(role) ? before.locations : [];
    const after: ActorFacts = {
      name: told.name ?? before.name,
      role,
      locations: told.locations ?? kept,
      channels: told.channels ?? (role === 'STOREFRONT' ? before.channels : []),
      active: told.active ?? before.active,
      manager: told.manager ?? (role === 'STAFF' && before.manager),
    };
    checkActor(after);
    if (after.name !== before.name) await refuseTakenName(tx, after.name);
    const locationIds = await findLocationIds(tx, after.locations);
    const wasAdmin = before.role === 'ADMIN' && before.active;
    if (wasAdmin && !(after.role === 'ADMIN' && after.active)) {
      const [admins] = await tx.rows<{ left: number }>(ADMINS, [actorId]);
      if (admins!.left === 0) {
        const path = after.active ? 'role' : 'active';
        refuse('InvalidInput', `${before.name} is the last active ADMIN; make another one first.`, { path });
      }
    }
    await tx.rows(UPDATE, [actorId, after.name, after.role, after.active, after.channels, after.manager]);
    await tx.rows(WORKS_NOWHERE, [actorId]);
    await tx.rows(WORKS_AT, [actorId, locationIds]);
    if (areRightsChanged(before, after)) await endSessionsOf(tx, actorId, now);
    return { actorId };
  },
);

const TOKENS = 'SELECT count(*) AS tokens FROM access_token WHERE actor_id = $1 AND revoked_at IS NULL';
const INSERT_TOKEN = `
  INSERT INTO access_token (actor_id, token_hash, hint, created_at, expires_at, page_origins)
  VALUES ($1, $2, $3, $4, $5, coalesce($6::text[], '{}'))
  RETURNING id`;

export interface CreateTokenInput {
  actorId: number;
  key: string;
  /** Null: never. */
  expiresAt: Date | null;
  /** Origins of the pages of a publishable token; null: a secret token. */
  pageOrigins: string[] | null;
}

/** The token is derived from `nonce` and the server's secret; the nonce alone is useless. */
export interface TokenMade {
  tokenId: number;
  nonce: string;
}

/** Creates a token of an active actor; only its hash is stored. @throws Refused InvalidInput, NotFound, WrongState */
export function createToken(secretKey: Buffer) {
  return defineCommand(
    'createToken',
    async (tx, { input, now }: Command<CreateTokenInput>): Promise<TokenMade> => {
      const { actorId, expiresAt, pageOrigins } = input;
      const actor = await lockActor(tx, actorId, input.key);
      checkState('Actor', actor.name, actor.active ? 'ACTIVE' : 'INACTIVE', ['ACTIVE'], 'given tokens');
      if (pageOrigins !== null) checkPageOrigins(pageOrigins, actor.role);
      if (expiresAt !== null) {
        const [soonest, latest] = [1, ACTOR_LIMITS.tokenDays * DAY_MS].map(
          (ms) => new Date(now.getTime() + ms),
        );
        checkInstant(expiresAt, 'expiresAt', soonest!, latest!);
      }
      const [found] = await tx.rows<{ tokens: number }>(TOKENS, [actorId]);
      if (found!.tokens >= ACTOR_LIMITS.tokens) {
        const message = `${actor.name} has ${found!.tokens} tokens; revoke one that is not needed first.`;
        refuse('InvalidInput', message, { path: 'actor' });
      }
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      const token = accessToken(secretKey, nonce, pageOrigins !== null);
      const [made] = await tx.rows<{ id: number }>(INSERT_TOKEN, [
        actorId,
        hashToken(token),
        hintOf(token),
        now,
        expiresAt,
        pageOrigins,
      ]);
      return { tokenId: made!.id, nonce };
    },
  );
}

const REVOKE = `
  UPDATE access_token SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 AND actor_id <> 0 RETURNING id`;

/** Revokes a token for good; one that is revoked stays so. @throws Refused NotFound */
export const revokeToken = defineCommand(
  'revokeToken',
  async (tx, { input, now }: Command<{ tokenId: number; key: string }>): Promise<{ tokenId: number }> => {
    const [revoked] = await tx.rows(REVOKE, [input.tokenId, now]);
    if (revoked === undefined) {
      throw notFound('AccessToken', [input.key]);
    }
    return { tokenId: input.tokenId };
  },
);
