// Admission control: limits requests at once per caller and per process, and has the requests of a busy caller wait for their turn.

import type { Socket } from 'node:net';
import type { Response } from 'express';
import type { CallerLimits } from '../config/edge';
import { refusals } from '../metrics';
import { CallerQueues, type QueuedRequest } from './callerQueues';
import { FREE } from './fairShares';
import { Presence } from './presence';
import { showConcurrency } from './rateHeaders';
import type { LimitRefusal, Refuser } from './refusing';
import { type ApiHandler, type ApiRequest, NO_COST } from './request';

export interface AdmissionLimits {
  /** Requests at once that a burst may bring to one process. */
  burst: number;
  /** Requests at once on one connection: browsers and servers send the next when they have the last one's answer. */
  perConnection: number;
  /** Requests at once that are always admitted, however slowly they are answered. */
  always: number;
  /** A standing queue is limited to what is answered in this time. */
  answerWithinMs: number;
  /** A queue that was not shorter than `always` at any moment of this time is a standing queue. */
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
 * Counts requests under way. A burst may be large, as it is soon over: the reservations of a flash sale are answered together. But
 * where requests come faster than they are answered the queue stands, and every request waits for all of it; so it is then
 * kept to what the last window's rate answers in time (Little's law; that a queue is bad only when it stands is the
 * idea of CoDel, Nichols and Jacobson 2012). Instants are performance.now().
 */
export class AdmissionGate {
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

  /** Admits a request, or not. Callers with few requests are admitted beyond the limit, as they are not the cause of the load. */
  enter(now: number, isSmall = false): boolean {
    this.#adjustLimit(now);
    if (this.inside >= (isSmall ? 2 * this.#limit : this.#limit)) return false;
    this.inside += 1;
    return true;
  }

  /** An admitted request has been answered, or its client has disconnected. */
  leave(now: number): void {
    this.inside -= 1;
    this.#answered += 1;
    this.#lowest = Math.min(this.#lowest, this.inside);
    this.#adjustLimit(now);
  }

  #adjustLimit(now: number): void {
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

const TOO_LATE = 'This request was not started before its client’s deadline; nothing was done.';
const WAITED =
  'This request has waited too long behind others of its caller, while other callers use the server too; nothing was done. Send fewer at once, and try again in a moment with the same idempotencyKey.';

export interface AdmissionOptions {
  callerLimits: Pick<CallerLimits, 'concurrentPerToken' | 'concurrentWithoutToken' | 'fairSliceMs'>;
  hasSiblings: boolean;
  refuser: Refuser;
  /** The share of the database pool's connections that are in use, from 0 to 1. */
  databaseUse: () => number;
}

/** The admission state of a request until it is answered. */
interface AdmissionState {
  queued: QueuedRequest | null;
  isInside: boolean;
  isOver: boolean;
}

function concurrencyRefusal(isNobody: boolean, limit: number): LimitRefusal {
  const [what, setting] = isNobody
    ? ['requests without a token from this address', 'CONCURRENT_WITHOUT_TOKEN']
    : ['requests of this token', 'CONCURRENT_PER_TOKEN'];
  const message = `${limit} ${what} are under way, the most allowed at once; wait for their answers. The limit is this server's setting ${setting}.`;
  return { limit: 'concurrency', status: 429, retryAfterSeconds: 1, message };
}

/** Calls `leave` when the answer to a request ends, or its client disconnects: once or more. */
function onEnd(req: ApiRequest, res: Response, leave: () => void): void {
  req.endTurn = leave;
  res.once('close', leave);
  // Not only when all of it was sent: the requests of a client that reads no answers would count without end.
  const end = res.end.bind(res) as (...args: unknown[]) => Response;
  res.end = ((...args: unknown[]) => {
    leave();
    return end(...args);
  }) as typeof res.end;
}

/**
 * Admission of requests, whatever they accept as an answer. A caller with too many requests at once gets 429, and where
 * all together are too many, callers with more than a few get 503. A stream is a request until its first event; then the
 * limits of streams apply.
 */
export class Admission {
  readonly #gate: AdmissionGate;
  readonly #presence: Presence;
  readonly #queues: CallerQueues;
  readonly #onConnection = new WeakMap<Socket, number>();
  readonly #admissions = new WeakMap<ApiRequest, AdmissionState>();

  constructor(
    private readonly limits: AdmissionLimits,
    private readonly options: AdmissionOptions,
  ) {
    const { callerLimits, hasSiblings, databaseUse } = options;
    const { fairSliceMs } = callerLimits;
    this.#gate = new AdmissionGate(limits, performance.now());
    this.#presence = new Presence(hasSiblings);
    this.#queues = new CallerQueues({
      ...{ sliceMs: fairSliceMs || null, presence: this.#presence, databaseUse },
    });
  }

  /** Runs before the body is read: limits a caller's concurrent requests, and queues them. */
  readonly takeTurn: ApiHandler = (req, res, next) => {
    // Its client has disconnected already: no event would end its admitted.
    if (res.destroyed) return;
    if (this.#countOn(req.socket) >= this.limits.perConnection) {
      return this.#refuseBusy(res, 'connection', MESSAGE);
    }
    const { refuser, callerLimits } = this.options;
    const key = req.callerKey ?? '';
    const isNobody = req.caller == null;
    const most = isNobody ? callerLimits.concurrentWithoutToken : callerLimits.concurrentPerToken;
    if (most > 0 && this.#queues.countOf(key) >= most) {
      showConcurrency(res, most);
      return refuser.refuse(res, concurrencyRefusal(isNobody, most));
    }
    if (!isNobody) this.#presence.see(key, performance.now());
    const admitted = this.#begin(req, res);
    req.reportCost = () => {
      if (admitted.queued !== null) this.#queues.setCost(admitted.queued, req.cost ?? NO_COST);
    };
    admitted.queued = this.#queues.enter(
      key,
      () => {
        const isTooLate = req.deadline !== undefined && req.deadline.expiresAt <= performance.now();
        if (isTooLate) this.#refuseBusy(res, 'busy', TOO_LATE);
        else next();
      },
      () => refuser.refuse(res, { limit: 'turn', status: 429, retryAfterSeconds: 1, message: WAITED }),
    );
    // It may have been answered within `enter`.
    if (admitted.isOver) this.#queues.leave(admitted.queued, req.cost ?? NO_COST);
  };

  /** Runs after everything at which a client can be slow (its body): limits all concurrent requests. */
  readonly enterGate: ApiHandler = (req, res, next) => {
    const admitted = this.#admissions.get(req);
    if (res.destroyed || admitted === undefined || admitted.isOver) return;
    const isSmall = this.#queues.countOf(req.callerKey ?? '') <= FREE;
    if (!this.#gate.enter(performance.now(), isSmall)) return this.#refuseBusy(res, 'busy', MESSAGE);
    admitted.isInside = true;
    next();
  };

  #countOn(socket: Socket): number {
    return this.#onConnection.get(socket) ?? 0;
  }

  #refuseBusy(res: Response, limit: 'busy' | 'connection', message: string): void {
    refusals.inc({ kind: 'Busy' });
    this.options.refuser.refuse(res, { limit, status: 503, retryAfterSeconds: 1, message });
  }

  /** The admission of a request, which ends with its answer. */
  #begin(req: ApiRequest, res: Response): AdmissionState {
    const { socket } = req;
    const admitted: AdmissionState = { queued: null, isInside: false, isOver: false };
    this.#admissions.set(req, admitted);
    this.#onConnection.set(socket, this.#countOn(socket) + 1);
    onEnd(req, res, () => {
      if (admitted.isOver) return;
      admitted.isOver = true;
      this.#onConnection.set(socket, this.#countOn(socket) - 1);
      if (admitted.isInside) this.#gate.leave(performance.now());
      if (admitted.queued !== null) this.#queues.leave(admitted.queued, req.cost ?? NO_COST);
    });
    return admitted;
  }
}
