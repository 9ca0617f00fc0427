// Reads of access: which caller a bearer token stands for.

import { createHash } from 'node:crypto';
import type { Db } from '../db/pool';
import type { Caller, Role } from './rules';

/** What is stored of a token. Tokens are 256 random bits, so a fast hash is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

const CALLER = `
  SELECT a.id AS "actorId", a.name, a.role, t.expires_at AS "expiresAt",
         ARRAY(SELECT location_id FROM actor_location WHERE actor_id = a.id) AS "locationIds"
  FROM access_token t JOIN actor a ON a.id = t.actor_id
  WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND a.active`;

/** How long a token's answer is kept. A token revoked by another process works at most this much longer in this one. */
const CACHE_MS = 5_000;
const MAX_CACHED = 10_000;

interface Cached {
  caller: Caller | null;
  expiresAt: Date | null;
  until: number;
}
const caches = new WeakMap<Db, Map<string, Cached>>();

/** Forgets all callers, after a token, a role or a place was taken away: in this process it counts at once. */
export function forgetCallers(db: Db): void {
  // A new map, not an emptied one: a look-up under way puts its answer, read before, into the old one.
  caches.set(db, new Map());
}

/** The caller behind a token, or null when it is unknown, revoked or expired. */
export async function callerOf(db: Db, token: string, now: Date): Promise<Caller | null> {
  let cache = caches.get(db);
  if (cache === undefined || cache.size > MAX_CACHED) {
    cache = new Map();
    caches.set(db, cache);
  }
  const hash = hashToken(token);
  let cached = cache.get(hash);
  if (cached === undefined || cached.until < performance.now()) {
    const [row] = await db.rows<{
      actorId: number;
      name: string;
      role: Role;
      expiresAt: Date | null;
      locationIds: number[];
    }>(CALLER, [hash]);
    const caller = row
      ? { actorId: row.actorId, name: row.name, role: row.role, locationIds: new Set(row.locationIds) }
      : null;
    cached = { caller, expiresAt: row?.expiresAt ?? null, until: performance.now() + CACHE_MS };
    cache.set(hash, cached);
  }
  return cached.expiresAt !== null && cached.expiresAt <= now ? null : cached.caller;
}
