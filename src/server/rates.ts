// How much one caller may send in a time: counted by token and by address, for all processes of this program together.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config';
import { fromSiblings, toSiblings } from '../processes';

declare module '../processes' {
  interface News {
    /** What callers have spent at one process since it last said so. */
    ratesSpent: [limit: RateName, spent: [key: string, points: number][]][];
  }
}

export type RateName = 'token' | 'address' | 'no-token' | 'wrong-token';

/** One request's place in a rate. */
export interface RateTaken {
  name: RateName;
  allowed: boolean;
  limit: number;
  windowSeconds: number;
  remaining: number;
  /** Seconds until the window begins anew. */
  resetSeconds: number;
}

/** How often processes tell each other what was spent: so long a caller may be ahead of its limit. */
const SHARE_EVERY_MS = 100;
/** Keys that one process tells of one limit at a time. The others are counted where they were spent. */
const MAX_SHARED = 500;

interface Rate {
  limiter: RateLimiterMemory;
  windowSeconds: number;
  spent: Map<string, number>;
}

function rate(points: number, windowSeconds: number): Rate {
  const limiter = new RateLimiterMemory({ points, duration: windowSeconds, keyPrefix: '' });
  return { limiter, windowSeconds, spent: new Map() };
}

function taken(name: RateName, rate: Rate, allowed: boolean, found: RateLimiterRes): RateTaken {
  return {
    name,
    allowed,
    limit: rate.limiter.points,
    windowSeconds: rate.windowSeconds,
    remaining: found.remainingPoints,
    resetSeconds: Math.max(1, Math.ceil(found.msBeforeNext / 1_000)),
  };
}

/**
 * Each process counts by itself and tells its siblings ten times a second what was spent, which they count as well. To
 * ask the first process for every request (the library's own way of sharing) would cost more than an empty query does.
 */
export class Rates {
  readonly #rates: Record<RateName, Rate>;
  readonly #shares: boolean;
  #timer: NodeJS.Timeout | null = null;

  constructor({ callerLimits, apiProcesses }: Pick<Config, 'callerLimits' | 'apiProcesses'>) {
    this.#rates = {
      token: rate(callerLimits.ratePerToken, 1),
      address: rate(callerLimits.ratePerAddress, 1),
      'no-token': rate(callerLimits.rateWithoutToken, 10),
      'wrong-token': rate(callerLimits.wrongTokensPerAddress, 60),
    };
    this.#shares = apiProcesses > 1;
    if (this.#shares) fromSiblings('ratesSpent', (news) => this.#hear(news));
  }

  /** Takes one request out of what the key may send. */
  async take(name: RateName, key: string): Promise<RateTaken> {
    const rate = this.#rates[name];
    this.#note(rate, key, 1);
    try {
      return taken(name, rate, true, await rate.limiter.consume(key));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return taken(name, rate, false, refused);
    }
  }

  /** Gives back what turned out not to count. */
  async giveBack(name: RateName, key: string): Promise<void> {
    const rate = this.#rates[name];
    this.#note(rate, key, -1);
    await rate.limiter.reward(key);
  }

  #note({ spent }: Rate, key: string, points: number): void {
    if (!this.#shares) return;
    const before = spent.get(key);
    if (before === undefined && spent.size >= MAX_SHARED) return;
    spent.set(key, (before ?? 0) + points);
    this.#timer ??= setTimeout(() => this.#tell(), SHARE_EVERY_MS).unref();
  }

  #tell(): void {
    this.#timer = null;
    const news = (Object.entries(this.#rates) as [RateName, Rate][]).flatMap(([name, { spent }]) => {
      const told = [...spent].filter(([, points]) => points !== 0);
      spent.clear();
      return told.length > 0 ? [[name, told] as [RateName, [string, number][]]] : [];
    });
    if (news.length > 0) void toSiblings('ratesSpent', news);
  }

  #hear(news: [RateName, [string, number][]][]): void {
    for (const [name, spent] of news) {
      const { limiter } = this.#rates[name];
      for (const [key, points] of spent) void limiter.penalty(key, points);
    }
  }
}
