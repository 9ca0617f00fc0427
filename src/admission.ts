// Who is let in: as many requests at once as will be answered soon. The others are told so at once, which costs little.

import type { Socket } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { answerError, RETRY_AFTER_SECONDS } from './graphql/errors';
import { refusals } from './metrics';

export interface AdmissionLimits {
  /** Requests at once that a burst may bring to one process. */
  burst: number;
  /** Requests at once on one connection: browsers and servers send the next when they have the last one's answer. */
  perConnection: number;
  /** Requests at once that are always let in, however slowly they are answered. */
  always: number;
  /** A queue that does not go away is kept as short as is answered in this time. */
  answerWithinMs: number;
  /** A queue that was never shorter than `always` for so long does not go away. */
  windowMs: number;
}

export const ADMISSION: AdmissionLimits = {
  burst: 2_000,
  perConnection: 16,
  always: 64,
  answerWithinMs: 1_000,
  windowMs: 500,
};

const MESSAGE =
  'More requests wait than can be answered soon; try again in a moment with the same idempotencyKey.';

/**
 * Counts requests under way. A burst may be large, as it is soon over: a flash sale's holds are answered together. But
 * where requests come faster than they are answered the queue stands, and everyone waits for all of it; so it is then
 * kept to what the last window's rate answers in time (Little's law; that a queue is bad only when it stands is the
 * idea of CoDel, Nichols and Jacobson 2012). Instants are performance.now().
 */
export class Gate {
  inside = 0;
  #limit: number;
  #lowest = 0;
  #answered = 0;
  #since: number;

  constructor(
    private readonly limits: AdmissionLimits,
    now: number,
  ) {
    this.#limit = limits.burst;
    this.#since = now;
  }

  /** Lets one in, or not. */
  enter(now: number): boolean {
    this.#look(now);
    if (this.inside >= this.#limit) return false;
    this.inside += 1;
    return true;
  }

  /** One that was let in has been answered, or has gone. */
  leave(now: number): void {
    this.inside -= 1;
    this.#answered += 1;
    this.#lowest = Math.min(this.#lowest, this.inside);
    this.#look(now);
  }

  #look(now: number): void {
    const { always, burst, answerWithinMs, windowMs } = this.limits;
    const passedMs = now - this.#since;
    if (passedMs < windowMs) return;
    const soon = Math.floor((this.#answered / passedMs) * answerWithinMs);
    this.#limit = this.#lowest < always ? burst : Math.min(burst, Math.max(always, soon));
    this.#lowest = this.inside;
    this.#answered = 0;
    this.#since = now;
  }
}

/**
 * Answers 503 with retry-after, and like GraphQL does, to those who are not let in. It stands behind whatever a client
 * can be slow at (its body), and does not count streams, which have limits of their own.
 */
export function admission(limits = ADMISSION) {
  const gate = new Gate(limits, performance.now());
  const onConnection = new WeakMap<Socket, number>();
  return (req: Request, res: Response, next: NextFunction): void => {
    if (req.headers.accept?.includes('text/event-stream')) {
      next();
      return;
    }
    const { socket } = req;
    const others = onConnection.get(socket) ?? 0;
    if (others >= limits.perConnection || !gate.enter(performance.now())) {
      refusals.inc({ kind: 'Busy' });
      res.setHeader('retry-after', RETRY_AFTER_SECONDS);
      answerError(res, 503, 'UNAVAILABLE', MESSAGE);
      return;
    }
    onConnection.set(socket, others + 1);
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      gate.leave(performance.now());
      onConnection.set(socket, onConnection.get(socket)! - 1);
    };
    res.once('close', leave);
    // Not only when all of it was sent: who reads no answers would stay inside with each of them.
    const end = res.end.bind(res) as (...words: unknown[]) => Response;
    res.end = ((...words: unknown[]) => {
      leave();
      return end(...words);
    }) as typeof res.end;
    next();
  };
}
