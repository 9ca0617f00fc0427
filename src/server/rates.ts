// Rate limits: requests per caller and period, by token and by address, for all processes of this program together.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config/config';
import type { CallerLimits } from '../config/edge';
import { fromSiblings, toSiblings } from '../runtime/processes';

declare module '../runtime/processes' {
  interface News {
    /** What callers have used up at one process since its last report. */
    ratesUsed: [rate: RateName, used: [key: string, requests: number][]][];
  }
}

export type RateName =
  | 'token'
  | 'address'
  | 'no-token'
  | 'wrong-token'
  | 'wrong-pin'
  | 'page'
  | 'page-reservation';

/** What each rate counts, for how long, and the setting that limits it. */
export const RATES: Record<
  RateName,
  { counts: string; windowSeconds: number; setting: string; limit: keyof CallerLimits }
> = {
  token: {
    counts: 'requests of this token',
    windowSeconds: 10,
    setting: 'RATE_PER_TOKEN',
    limit: 'ratePerToken',
  },
  address: {
    counts: 'requests from this address',
    windowSeconds: 10,
    setting: 'RATE_PER_ADDRESS',
    limit: 'ratePerAddress',
  },
  'no-token': {
    counts: 'requests without a good token from this address',
    windowSeconds: 10,
    setting: 'RATE_WITHOUT_TOKEN',
    limit: 'rateWithoutToken',
  },
  'wrong-token': {
    counts: 'unknown tokens from this address',
    windowSeconds: 60,
    setting: 'WRONG_TOKENS_PER_ADDRESS',
    limit: 'wrongTokensPerAddress',
  },
  page: {
    counts: 'requests of pages from this address',
    windowSeconds: 10,
    setting: 'RATE_PER_PAGE_ADDRESS',
    limit: 'ratePerPageAddress',
  },
  'page-reservation': {
    counts: 'reservations of pages from this address',
    windowSeconds: 600,
    setting: 'PAGE_RESERVATIONS_PER_ADDRESS',
    limit: 'pageReservationsPerAddress',
  },
  'wrong-pin': {
    counts: 'wrong PINs on this tablet',
    windowSeconds: 900,
    setting: 'WRONG_PINS_PER_DEVICE',
    limit: 'wrongPinsPerDevice',
  },
};

/** What is left of a rate after one request. */
export interface RateState {
  name: RateName;
  isExceeded: boolean;
  limit: number;
  remaining: number;
  /** Seconds until the window ends and the whole rate is there again. */
  resetSeconds: number;
}

/** How often processes report to each other what was used: for so long a caller may be ahead of its limit. */
const REPORT_EVERY_MS = 100;
/** Keys of one rate in a report. What further ones use is counted by this process alone. */
const MAX_REPORTED = 500;

class Rate {
  readonly limiter: RateLimiterMemory;
  readonly used = new Map<string, number>();

  constructor(limit: number, windowSeconds: number) {
    this.limiter = new RateLimiterMemory({ points: limit, duration: windowSeconds, keyPrefix: '' });
  }
}

/**
 * Each process counts by itself and reports to its siblings ten times a second, which add that to their own counts.
 * Asking the first process for every request, as the library's limiter for clusters does, would cost more than an empty
 * query.
 */
export class Rates {
  readonly #rates = new Map<RateName, Rate>();
  readonly #hasSiblings: boolean;
  #timer: NodeJS.Timeout | null = null;

  constructor({ callerLimits, apiProcesses }: Pick<Config, 'callerLimits' | 'apiProcesses'>) {
    for (const [name, { limit, windowSeconds }] of Object.entries(RATES)) {
      // A limit of 0 is none: that rate is not counted.
      if (callerLimits[limit] > 0)
        this.#rates.set(name as RateName, new Rate(callerLimits[limit], windowSeconds));
    }
    this.#hasSiblings = apiProcesses > 1;
    if (this.#hasSiblings) fromSiblings('ratesUsed', (news) => this.#addFromSibling(news));
  }

  /** Counts one request of this key; null where the rate has no limit. */
  async count(name: RateName, key: string): Promise<RateState | null> {
    const rate = this.#rates.get(name);
    if (rate === undefined) return null;
    this.#note(rate, key, 1);
    try {
      return this.#state(name, rate, false, await rate.limiter.consume(key));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return this.#state(name, rate, true, refused);
    }
  }

  /** Takes back a count. */
  async uncount(name: RateName, key: string): Promise<void> {
    const rate = this.#rates.get(name);
    if (rate === undefined) return;
    this.#note(rate, key, -1);
    await rate.limiter.reward(key);
  }

  #state(name: RateName, { limiter }: Rate, isExceeded: boolean, left: RateLimiterRes): RateState {
    const resetSeconds = Math.max(1, Math.ceil(left.msBeforeNext / 1_000));
    return { name, isExceeded, limit: limiter.points, remaining: left.remainingPoints, resetSeconds };
  }

  #note({ used }: Rate, key: string, requests: number): void {
    if (!this.#hasSiblings) return;
    const before = used.get(key);
    if (before === undefined && used.size >= MAX_REPORTED) return;
    used.set(key, (before ?? 0) + requests);
    this.#timer ??= setTimeout(() => this.#report(), REPORT_EVERY_MS).unref();
  }

  #report(): void {
    this.#timer = null;
    const news: [RateName, [string, number][]][] = [];
    for (const [name, { used }] of this.#rates) {
      const counts = [...used].filter(([, requests]) => requests !== 0);
      if (counts.length > 0) news.push([name, counts]);
      used.clear();
    }
    if (news.length > 0) void toSiblings('ratesUsed', news);
  }

  #addFromSibling(news: [RateName, [string, number][]][]): void {
    for (const [name, used] of news) {
      for (const [key, requests] of used) void this.#rates.get(name)?.limiter.penalty(key, requests);
    }
  }
}
