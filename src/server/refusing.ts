// How a request is refused at the edge: counted, answered like any error, and not so fast that the refusals are a load themselves.

import type { Response } from 'express';
import { answerError } from '../graphql/errors';
import { limitedRequests } from '../metrics';

/** The limits that a request can meet at the edge, as labels of comptoir_limited_requests_total. */
export type LimitName =
  | 'token'
  | 'address'
  | 'no-token'
  | 'wrong-token'
  | 'concurrency'
  | 'share'
  | 'connection'
  | 'busy';

/** Refusals that are answered at once in a second; who is refused beyond is answered some second later. */
const AT_ONCE = 200;
const SECOND_MS = 1_000;
/** Refusals that wait at a time; past it they are answered at once, and their connections closed. */
const MAX_WAITING = 2_000;

export interface RefusalAnswer {
  limit: LimitName;
  status: 429 | 503;
  retryAfterSeconds: number;
  message: string;
}

const CODES = { 429: 'TOO_MANY_REQUESTS', 503: 'UNAVAILABLE' } as const;

/**
 * Refuses requests. A client that asks again the moment it is refused would keep the process busy with saying no, to the
 * cost of everyone else: refusals beyond so many in a second are given out half a second to one and a half later.
 */
export class Refuser {
  #second = Number.NEGATIVE_INFINITY;
  #given = 0;
  #waiting = 0;

  refuse(res: Response, { limit, status, retryAfterSeconds, message }: RefusalAnswer): void {
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
    const isCrowded = this.#waiting >= MAX_WAITING;
    if (this.#given <= AT_ONCE || isCrowded) {
      if (isCrowded) res.setHeader('connection', 'close');
      answer();
      return;
    }
    this.#waiting += 1;
    setTimeout(
      () => {
        this.#waiting -= 1;
        if (!res.destroyed) answer();
      },
      // Spread, so that those who are refused together do not come again together.
      SECOND_MS * (0.5 + Math.random()),
    ).unref();
  }
}
