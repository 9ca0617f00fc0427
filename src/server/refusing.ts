// Answers requests beyond a limit: counted, in the usual error form, and delayed so that refusals are no load themselves.

import type { Response } from 'express';
import { answerError } from '../graphql/errors';
import { limitedRequests } from '../metrics';
import { showRate } from './rateHeaders';
import { RATES, type RateName, type RateState } from './rates';

/** The limits that a request can meet, as labels of comptoir_limited_requests_total. */
export type LimitName = RateName | 'concurrency' | 'turn' | 'connection' | 'busy';

/** Refusals that are answered at once in a second; further ones are answered some second later. */
const AT_ONCE = 200;
const SECOND_MS = 1_000;
/** Refusals that wait at a time; further ones are answered at once, and their connections closed. */
const MAX_WAITING = 2_000;

export interface LimitRefusal {
  limit: LimitName;
  status: 429 | 503;
  retryAfterSeconds: number;
  message: string;
}

const CODES = { 429: 'TOO_MANY_REQUESTS', 503: 'UNAVAILABLE' } as const;

/**
 * Refuses requests. A client that retries the moment it is refused would keep the process busy with refusing, to the
 * detriment of all others. So refusals beyond so many a second are answered half a second to one and a half later.
 */
export class Refuser {
  #second = Number.NEGATIVE_INFINITY;
  #given = 0;
  #waiting = 0;

  refuse(res: Response, { limit, status, retryAfterSeconds, message }: LimitRefusal): void {
    limitedRequests.inc({ limit });
    const answer = (): void => {
      res.setHeader('retry-after', String(retryAfterSeconds));
      answerError(res, status, CODES[status], message);
    };
    const now = performance.now();
    if (now - this.#second >= SECOND_MS) {
      this.#second = now;
      this.#given = 0;
    }
    this.#given += 1;
    const isFull = this.#waiting >= MAX_WAITING;
    if (this.#given <= AT_ONCE || isFull) {
      if (isFull) res.setHeader('connection', 'close');
      answer();
      return;
    }
    this.#waiting += 1;
    setTimeout(
      () => {
        this.#waiting -= 1;
        if (!res.destroyed) answer();
      },
      // Spread, so that clients that are refused together do not come again together.
      SECOND_MS * (0.5 + Math.random()),
    ).unref();
  }

  /** Refuses a request beyond a rate. */
  refuseRate(res: Response, state: RateState): void {
    const { name, limit, resetSeconds } = state;
    const { counts, windowSeconds, setting } = RATES[name];
    showRate(res, state);
    this.refuse(res, {
      limit: name,
      status: 429,
      retryAfterSeconds: resetSeconds,
      message: `More than ${limit} ${counts} came within ${windowSeconds} s; try again in ${resetSeconds} s. The limit is this server's setting ${setting}.`,
    });
  }
}
