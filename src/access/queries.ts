// Reads of access: which caller a bearer token stands for.

import { createHash } from 'node:crypto';
import DataLoader from 'dataloader';
import type { Db } from '../db/pool';
import { fromSiblings, toSiblings } from '../processes';
import type { Caller, Role } from './rules';

declare module '../processes' {
  interface News {
    /** A token, a role or a place was taken away. */
    callersForgotten: true;
  }
}

/** What is stored of a token. Tokens are 256 random bits, so a fast hash is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

const CALLERS = `
  SELECT t.token_hash AS hash, a.id AS "actorId", a.name, a.role, t.expires_at AS "expiresAt",
         ARRAY(SELECT location_id FROM actor_location WHERE actor_id = a.id) AS "locationIds", a.channels
  FROM access_token t JOIN actor a ON a.id = t.actor_id
  WHERE t.token_hash = ANY($1::text[]) AND t.revoked_at IS NULL AND a.active`;

/** How long a token's answer is kept. A token revoked on another machine works at most this much longer on this one. */
const CACHE_MS = 5_000;
/** Of each kind. Whoever sends wrong tokens only puts out other wrong ones. */
const MAX_CACHED = 10_000;

interface Row {
  hash: string;
  actorId: number;
  name: string;
  role: Role;
  expiresAt: Date | null;
  locationIds: number[];
  channels: string[];
}
interface Found {
  caller: Caller;
  expiresAt: Date | null;
}
class Cache {
  readonly good = new Map<string, Found & { until: number }>();
  /** Until when a hash is not looked up again. */
  readonly wrong = new Map<string, number>();
  /** Look-ups that have not begun: those of one turn of the event loop go together. */
  readonly callers: DataLoader<string, Found | null>;

  constructor(db: Db) {
    this.callers = new DataLoader((hashes) => readCallers(db, hashes), {
      cache: false,
      batchScheduleFn: (begin) => setImmediate(begin),
    });
  }
}
let caches = new WeakMap<Db, Cache>();
fromSiblings('callersForgotten', () => {
  caches = new WeakMap();
});

/** Forgets all callers, after a token, a role or a place was taken away: when it resolves, that counts in all this program. */
export async function forgetCallers(db: Db): Promise<void> {
  // A new cache, not an emptied one: a look-up under way puts its answer, read before, into the old one.
  caches.set(db, new Cache(db));
  await toSiblings('callersForgotten', true);
}

async function readCallers(db: Db, hashes: readonly string[]): Promise<(Found | null)[]> {
  const rows = await db.rows<Row>(CALLERS, [[...new Set(hashes)]]);
  const found = new Map(
    rows.map(({ hash, actorId, name, role, expiresAt, locationIds, channels }): [string, Found] => [
      hash,
      { caller: { actorId, name, role, locationIds: new Set(locationIds), channels }, expiresAt },
    ]),
  );
  return hashes.map((hash) => found.get(hash) ?? null);
}

function keep<V>(kept: Map<string, V>, hash: string, value: V): void {
  if (kept.size >= MAX_CACHED) kept.clear();
  kept.set(hash, value);
}

/** The caller behind a token, or null when it is unknown, revoked or expired. */
export async function callerOf(db: Db, token: string, now: Date): Promise<Caller | null> {
  let cache = caches.get(db);
  if (cache === undefined) {
    cache = new Cache(db);
    caches.set(db, cache);
  }
  // Looked up by its hash: how long that takes tells nothing about any token.
  const hash = hashToken(token);
  const moment = performance.now();
  const held = cache.good.get(hash);
  let known: Found | null = held ?? null;
  if (held === undefined || held.until < moment) {
    if ((cache.wrong.get(hash) ?? 0) >= moment) return null;
    known = await cache.callers.load(hash);
    const until = performance.now() + CACHE_MS;
    if (known === null) {
      cache.good.delete(hash);
      keep(cache.wrong, hash, until);
    } else keep(cache.good, hash, { ...known, until });
  }
  if (known === null || (known.expiresAt !== null && known.expiresAt <= now)) return null;
  return known.caller;
}
