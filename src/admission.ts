// Who is let in and when: as many requests at once as will be answered soon, and callers one after the other.

import type { Socket } from 'node:net';
import type { Response } from 'express';
import type { DocumentNode } from 'graphql';
import { type CallerLimits, readEdge } from './config/edge';
import { hotFields } from './graphql/hotFields';
import { refusals } from './metrics';
import { NOBODY_KEY } from './server/authenticate';
import { Crowd } from './server/crowd';
import { type FairLimits, FairQueue, type Turn } from './server/fairQueue';
import { showConcurrency } from './server/rateHeaders';
import { type RefusalAnswer, Refuser } from './server/refusing';
import type { ApiHandler, ApiRequest } from './server/request';

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
const OVER_SHARE =
  'Most requests that wait here are of this token, and others use the server too; send fewer at once, and try again in a moment with the same idempotencyKey.';
const TOO_LATE = 'This request did not get its turn in the time its client gave it; nothing was done.';

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

  /** Requests that may be inside now. */
  get limit(): number {
    return this.#limit;
  }

  /** Lets one in, or not; `beyond` the limit one of a caller who has fewer than its share of it. */
  enter(now: number, beyond = false): boolean {
    this.#look(now);
    if (this.inside >= this.#limit && !beyond) return false;
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

/** Of a process alone, when nothing else is said. */
const usual = (): AdmissionOptions => ({
  refuser: new Refuser(),
  callerLimits: readEdge({}).callerLimits,
  hasSiblings: false,
  weigh: () => WEIGHT,
});

/** What a request weighs where turns are taken: a query, or anything not known better. */
const WEIGHT = 8;
/** Acts that go together in one transaction cost little each, and less the more there are. */
const HOT_WEIGHT = 1;
/** A chart is drawn in one go, some fifty milliseconds of processor. */
const CHART_WEIGHT = 32;

/** A whole process at work: so many hot acts, or an eighth as many queries. */
const WHOLE = 512;
const FAIR = {
  whole: WHOLE,
  floodAt: 4,
  windowMs: 500,
  presentMs: 60_000,
  heavyMs: 1_000,
  maxWaitMs: 10_000,
};

export interface AdmissionOptions {
  refuser: Refuser;
  callerLimits: Pick<
    CallerLimits,
    'concurrentPerToken' | 'concurrentWithoutToken' | 'fairShare' | 'fairSlowdown'
  >;
  /** The program has other API processes. */
  hasSiblings: boolean;
  weigh: (req: ApiRequest) => number;
}

/** Weighs requests by what they are: charts, and operations among the documents that were parsed before. */
export function weighing(documents: { get(text: string): DocumentNode | undefined }) {
  return (req: ApiRequest): number => {
    if (req.baseUrl !== '') return CHART_WEIGHT;
    const asked = (req.method === 'GET' ? req.query : req.body) as Record<string, unknown> | undefined;
    const query = asked?.query;
    const document = typeof query === 'string' ? documents.get(query) : undefined;
    if (document === undefined) return WEIGHT;
    const hot = hotFields(document, asked?.operationName);
    return hot === null ? WEIGHT : Math.min(WEIGHT, HOT_WEIGHT * hot);
  };
}

/**
 * Admission of requests, whatever they accept: it stands behind what a client can be slow at (its body). A caller with too
 * many requests at once gets 429; where all together are too many, the one with more than its share of them gets 429, and
 * one who is alone 503. The others wait for their turn. A stream holds its turn until its first event; streams have limits
 * of their own.
 */
export function admission(limits = ADMISSION, options: Partial<AdmissionOptions> = {}): ApiHandler {
  const { refuser, callerLimits, hasSiblings, weigh } = { ...usual(), ...options };
  const gate = new Gate(limits, performance.now());
  const onConnection = new WeakMap<Socket, number>();
  const fromAddress = new Map<string, number>();
  const fair: FairLimits = { ...FAIR, share: callerLimits.fairShare, slowdown: callerLimits.fairSlowdown };
  const queue = new FairQueue(fair, NOBODY_KEY, (key) => crowd.hasOthers(key, NOBODY_KEY));
  const crowd = new Crowd(hasSiblings, () => queue.populations());

  /** Why a request is not let in; null when it is. */
  function refusal(key: string, address: string, connection: number): RefusalAnswer | null {
    if (connection >= limits.perConnection) {
      return { limit: 'connection', status: 503, retryAfterSeconds: 1, message: MESSAGE };
    }
    const isNobody = key === NOBODY_KEY;
    const most = isNobody ? callerLimits.concurrentWithoutToken : callerLimits.concurrentPerToken;
    const its = isNobody
      ? (fromAddress.get(address) ?? 0)
      : queue.populationOf(key) + crowd.populationOf(key);
    if (its >= most) {
      const [what, setting] = isNobody
        ? ['requests without a token from this address', 'CONCURRENT_WITHOUT_TOKEN']
        : ['requests of this token', 'CONCURRENT_PER_TOKEN'];
      const message = `${its} ${what} are under way, the most allowed at once; wait for their answers. The limit is this server's setting ${setting}.`;
      return { limit: 'concurrency', status: 429, retryAfterSeconds: 1, message };
    }
    const now = performance.now();
    if (gate.enter(now)) return null;
    const hasOthers = queue.hasOthers(key);
    // Whoever has less than its share is not the one who fills the process: all of these together fit into it.
    const isWithinShare = queue.populationOf(key) < gate.limit / Math.max(1, queue.callers + 1);
    if (hasOthers && isWithinShare) {
      gate.enter(now, true);
      return null;
    }
    if (!hasOthers) return { limit: 'busy', status: 503, retryAfterSeconds: 1, message: MESSAGE };
    return { limit: 'share', status: 429, retryAfterSeconds: 1, message: OVER_SHARE };
  }

  return (req, res, next) => {
    // Its client has gone, and nothing would ever tell us again.
    if (res.destroyed) return;
    const { socket } = req;
    const key = req.callerKey ?? NOBODY_KEY;
    const address = req.addressKey ?? '';
    const others = onConnection.get(socket) ?? 0;
    const refused = refusal(key, address, others);
    if (refused !== null) {
      if (refused.status === 503) refusals.inc({ kind: 'Busy' });
      if (refused.limit === 'concurrency')
        showConcurrency(res, 'concurrency', callerLimits.concurrentPerToken);
      refuser.refuse(res, refused);
      return;
    }
    onConnection.set(socket, others + 1);
    if (key === NOBODY_KEY) fromAddress.set(address, (fromAddress.get(address) ?? 0) + 1);
    crowd.touch();
    const begin = (): void => {
      if (req.patience === undefined || req.patience.until > performance.now()) {
        next();
        return;
      }
      leave();
      refuser.refuse(res, { limit: 'busy', status: 503, retryAfterSeconds: 1, message: TOO_LATE });
    };
    const expire = (): void => {
      leave();
      refuser.refuse(res, { limit: 'share', status: 429, retryAfterSeconds: 1, message: OVER_SHARE });
    };
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      gate.leave(performance.now());
      onConnection.set(socket, onConnection.get(socket)! - 1);
      if (key === NOBODY_KEY) {
        const its = fromAddress.get(address)! - 1;
        if (its === 0) fromAddress.delete(address);
        else fromAddress.set(address, its);
      }
      if (turn !== null) queue.leave(turn);
    };
    let turn: Turn | null = null;
    req.endTurn = leave;
    res.once('close', leave);
    // Not only when all of it was sent: who reads no answers would stay inside with each of them.
    const end = res.end.bind(res) as (...words: unknown[]) => Response;
    res.end = ((...words: unknown[]) => {
      leave();
      return end(...words);
    }) as typeof res.end;
    turn = queue.enter(key, weigh(req), begin, expire);
    // It may have been answered already.
    if (left) queue.leave(turn);
  };
}
