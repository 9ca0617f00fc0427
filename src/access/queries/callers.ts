// Looks up the caller of a bearer token or of a session.

import { createHash } from 'node:crypto';
import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import type { Db } from '../../db/pool';
import { fromSiblings, toSiblings } from '../../runtime/processes';
import type { Caller, Role } from '../rules/roles';
import { RecentCallers } from './recentCallers';

declare module '../../runtime/processes' {
  interface News {
    /** A token was revoked, or a role or a location of an actor was removed. */
    callersChanged: true;
    /** A token was found good for the first time in a while. */
    callerSeen: { hash: string; caller: Omit<Caller, 'locationIds'>; expiresAt: string | null };
  }
}

/** What is stored of a token. Tokens are 256 random bits, so a fast hash is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** True for the tokens of the demonstration chain, which are printed in its documents; real ones are random. */
export function isDemonstrationToken(token: string): boolean {
  return /^demo-/i.test(token);
}

// A session ends with the token that it was opened with. On a shared tablet it is bound to the location of the tablet.
const CALLERS = `
  WITH credential AS (
    SELECT token_hash AS hash, actor_id, expires_at, NULL::int AS location_id, page_origins FROM access_token
    WHERE token_hash = ANY($1::text[]) AND revoked_at IS NULL
    UNION ALL
    SELECT s.secret_hash, s.actor_id, least(s.expires_at, s.idle_at, t.expires_at), d.location_id, '{}'::text[]
    FROM session s LEFT JOIN access_token t ON t.id = s.access_token_id LEFT JOIN device d ON d.id = s.device_id
    WHERE s.secret_hash = ANY($1::text[]) AND s.revoked_at IS NULL AND t.revoked_at IS NULL)
  SELECT c.hash, a.id AS "actorId", a.name, a.role, c.expires_at AS "expiresAt",
         ARRAY(SELECT location_id FROM actor_location
               WHERE actor_id = a.id AND location_id = coalesce(c.location_id, location_id)) AS "locationIds",
         a.channels, a.manager, c.page_origins AS "pageOrigins"
  FROM credential c JOIN actor a ON a.id = c.actor_id WHERE a.active`;

/** How long a token's answer is kept. A token revoked on another machine works at most this much longer on this one. */
const CACHE_MS = 5_000;
/** Entries of each kind. Wrong tokens have their own cache, so sending many of them evicts only other wrong tokens. */
const MAX_CACHED = 10_000;

interface CallerRow {
  hash: string;
  actorId: number;
  name: string;
  role: Role;
  expiresAt: Date | null;
  locationIds: number[];
  channels: string[];
  manager: boolean;
  pageOrigins: string[];
}
interface CallerLookup {
  caller: Caller;
  expiresAt: Date | null;
}
class CallerCache {
  readonly good = new LRUCache<string, CallerLookup>({ max: MAX_CACHED, ttl: CACHE_MS });
  /** Hashes that are not looked up again for a while. */
  readonly wrong = new LRUCache<string, true>({ max: MAX_CACHED, ttl: CACHE_MS });
  /** Lookups that have not begun: those of one turn of the event loop are batched. */
  readonly callers: DataLoader<string, CallerLookup | null>;

  constructor(db: Db) {
    this.callers = new DataLoader((hashes) => readCallers(db, hashes), {
      cache: false,
      batchScheduleFn: (begin) => setImmediate(begin),
    });
  }
}
let caches = new WeakMap<Db, CallerCache>();
const recent = new RecentCallers();
fromSiblings('callersChanged', () => {
  caches = new WeakMap();
  recent.clearRights();
});
fromSiblings('callerSeen', ({ hash, caller, expiresAt }) => {
  recent.see(hash, { ...caller, locationIds: new Set() }, expiresAt === null ? null : new Date(expiresAt));
});

/** Remembers a good token, here and in the other processes of this program. */
function rememberSeen(hash: string, { caller, expiresAt }: CallerLookup): void {
  if (!recent.see(hash, caller, expiresAt)) return;
  const { actorId, name, role } = caller;
  const seen = { hash, caller: { actorId, name, role }, expiresAt: expiresAt?.toISOString() ?? null };
  void toSiblings('callerSeen', seen);
}

/**
 * Clears the cache of callers after a token was revoked or a role or location removed. When it resolves, all processes
 * of this program have done so.
 */
export async function clearCallerCache(db: Db): Promise<void> {
  // A new cache, not an emptied one: a lookup under way stores its answer, which was read before, in the old one.
  caches.set(db, new CallerCache(db));
  recent.clearRights();
  await toSiblings('callersChanged', true);
}

async function readCallers(db: Db, hashes: readonly string[]): Promise<(CallerLookup | null)[]> {
  const rows = await db.rows<CallerRow>(CALLERS, [[...new Set(hashes)]]);
  const found = new Map(
    rows.map(({ hash, expiresAt, locationIds, ...row }): [string, CallerLookup] => [
      hash,
      { caller: { ...row, locationIds: new Set(locationIds) }, expiresAt },
    ]),
  );
  return hashes.map((hash) => found.get(hash) ?? null);
}

function cacheOf(db: Db): CallerCache {
  let cache = caches.get(db);
  if (cache === undefined) {
    cache = new CallerCache(db);
    caches.set(db, cache);
  }
  return cache;
}

const isOver = ({ expiresAt }: CallerLookup, now: Date): boolean => expiresAt !== null && expiresAt <= now;

/**
 * The caller behind the token or session with this hash, or null when it is unknown, revoked or expired. Looked up by the
 * hash: how long that takes reveals nothing about any token. What has expired by the cache is looked up again, because the
 * use of a session moves its end.
 */
export async function callerByHash(db: Db, hash: string, now: Date): Promise<Caller | null> {
  const cache = cacheOf(db);
  let known = cache.good.get(hash);
  if (known === undefined || isOver(known, now)) {
    if (cache.wrong.has(hash)) return null;
    known = (await cache.callers.load(hash)) ?? undefined;
    if (known === undefined || isOver(known, now)) {
      if (known === undefined) recent.drop(hash);
      cache.good.delete(hash);
      cache.wrong.set(hash, true);
      return null;
    }
    cache.good.set(hash, known);
    rememberSeen(hash, known);
  }
  return known.caller;
}

/**
 * Whether a token was valid in the last quarter of an hour. Used only to distinguish guesses from known callers; it
 * grants nothing.
 */
export function wasGoodLately(hash: string): boolean {
  return recent.has(hash);
}

/** True for a token that was looked up a moment ago and is not good. */
export function isKnownWrong(db: Db, hash: string): boolean {
  return cacheOf(db).wrong.has(hash);
}

/** The caller of a token at its last lookup in the database, for answers that must be given without the database. */
export function callerRemembered(hash: string, now: Date): Caller | null {
  return recent.callerOf(hash, now);
}
