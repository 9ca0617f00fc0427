// Records the use of sessions, at most twice a minute for each.

import { LRUCache } from 'lru-cache';
import { renewSession } from '../access/actions/sessions';
import type { Parts } from '../graphql/context';

/** How often the use of a session is recorded. A quarter of the shortest idle time that can be set. */
const RENEW_EVERY_MS = 30_000;
const MAX_REMEMBERED = 10_000;

export class SessionRenewals {
  /** When this process last recorded the use of a session, by its hash. */
  readonly #renewed = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(private readonly parts: Pick<Parts, 'db' | 'clock'>) {}

  async renew(hash: string): Promise<void> {
    const now = this.parts.clock();
    const before = this.#renewed.get(hash);
    if (before !== undefined && now.getTime() - before < RENEW_EVERY_MS) return;
    this.#renewed.set(hash, now.getTime());
    await renewSession(this.parts.db, hash, now);
  }
}
