// Bounded cache of recently valid tokens: for when the database is unreachable, and to distinguish guesses from known callers.

import { LRUCache } from 'lru-cache';
import type { Caller } from '../rules/roles';

/** How long a token is remembered after it was last found good, or last served from here. */
const REMEMBERED_MS = 15 * 60_000;
/** Maximum of cached tokens; beyond it the least recently seen one is evicted. */
const MAX_REMEMBERED = 10_000;

interface Remembered {
  /** Null: its rights may have changed since, and only that it was good is known. */
  caller: Caller | null;
  expiresAt: Date | null;
}

/**
 * By the hash of the token. An entry grants only what the callers of this module use it for: /metrics while the
 * database is away, and a lookup when so many wrong tokens came from one address that unknown tokens are no longer
 * looked up.
 */
export class RecentCallers {
  readonly #kept = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS });

  /** Notes that a token is good; true when that was not known. */
  see(hash: string, caller: Caller, expiresAt: Date | null): boolean {
    const before = this.#kept.get(hash);
    this.#kept.set(hash, { caller, expiresAt });
    return before?.caller == null;
  }

  has(hash: string): boolean {
    return this.#kept.has(hash);
  }

  /** The caller as last seen; reading renews the entry, so that it does not expire during a long outage. */
  callerOf(hash: string, now: Date): Caller | null {
    const found = this.#kept.get(hash);
    if (found === undefined || (found.expiresAt !== null && found.expiresAt <= now)) return null;
    this.#kept.set(hash, { ...found });
    return found.caller;
  }

  /** The token is not good any more. */
  drop(hash: string): void {
    this.#kept.delete(hash);
  }

  /** Some right was removed: from here on it is only known of each token that it was good. */
  clearRights(): void {
    for (const remembered of this.#kept.values()) remembered.caller = null;
  }
}
