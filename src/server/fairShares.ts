// Start-time fair queueing of requests by caller: decides which request of one process may begin, without clock, timers or sockets.

/** Requests of one caller that begin at once while it is light, and requests of it that may take long at a time. */
export const FREE = 4;
/**
 * A running request counts as work ahead of others for so long, or for some times what it costs; after that it must be
 * waiting for something else: a lock, a slow client.
 */
export const YOUNG_MS = 20;
const YOUNG_COSTS = 3;
const AGE_EVERY_MS = 5;
/** When nothing that waits has begun for so long, the next begins beside what is under way, unless its caller has a part in that. */
export const MAX_DELAY_MS = 20;
/** A light caller has begun at most so many slices of work since it last had no request here. */
const LIGHT_SLICES = 4;
/** Estimate for the first request of a caller, and the least estimate. */
const FIRST_ESTIMATE_MS = 1;
export const LEAST_ESTIMATE_MS = 0.05;
/** Weight of the latest request in a caller's estimate. */
const LATEST = 0.2;
const SWEEP_AT = 128;

/** One caller's requests in this process. */
export interface CallerShare {
  readonly key: string;
  /** Virtual time at which its next request starts: it grows with the work that the caller was given. */
  nextStart: number;
  /** What a request of this caller usually costs. */
  estimateMs: number;
  /** Work begun since the caller last had no request here. */
  busyMs: number;
  running: number;
  /** Running requests that are not young any more. */
  old: number;
  readonly waiting: Set<FairRequest>;
}

/** One request, from its arrival to its answer. */
export interface FairRequest {
  readonly caller: CallerShare;
  readonly arrivedAt: number;
  state: 'WAITING' | 'RUNNING' | 'OVER';
  begunAt: number;
  costMs: number;
}

/**
 * Requests of light callers (few at a time, little work) begin at once. All others wait in a queue of their caller and
 * begin while the work that has begun and is not answered is less than a slice, in the order of start-time fair queueing
 * (Goyal, Vin and Cheng 1996): each caller's virtual time advances by what its requests cost, and the caller that is
 * furthest behind is next. So callers that always have requests waiting get equal shares of the work, whatever number of
 * connections they use, and a light caller's request has at most about a slice of a flood's work ahead of it. That light
 * callers pass is the sparse-flow rule of FQ-CoDel (RFC 8290). Times are milliseconds.
 */
export class FairShares {
  readonly #callers = new Map<string, CallerShare>();
  /** Callers with waiting requests, in the order in which they began to wait. */
  readonly #backlogged = new Set<CallerShare>();
  /** Running requests that began lately, in the order in which they began. */
  readonly #young = new Set<FairRequest>();
  #youngMs = 0;
  #virtualMs = 0;
  #lastBegun = Number.NEGATIVE_INFINITY;
  #lastAged = Number.NEGATIVE_INFINITY;
  #sweepAt = SWEEP_AT;

  constructor(
    private readonly sliceMs: number,
    /** Whether a caller with so many running requests may have one more, for reasons outside of this queue. */
    private readonly mayRunMore: (running: number) => boolean = () => true,
  ) {}

  /** Callers with waiting requests. */
  get backlogged(): ReadonlySet<CallerShare> {
    return this.#backlogged;
  }

  /** Requests of a caller here, running or waiting. */
  countOf(key: string): number {
    const caller = this.#callers.get(key);
    return caller === undefined ? 0 : caller.running + caller.waiting.size;
  }

  /** A request that came: RUNNING when it begins at once, else WAITING until `next` returns it. */
  enter(key: string, isAlone: boolean, now: number): FairRequest {
    let caller = this.#callers.get(key);
    if (caller === undefined) {
      caller = {
        ...{ key, nextStart: this.#virtualMs, estimateMs: FIRST_ESTIMATE_MS },
        ...{ busyMs: 0, running: 0, old: 0, waiting: new Set<FairRequest>() },
      };
      this.#callers.set(key, caller);
    }
    const request: FairRequest = {
      ...{ caller, arrivedAt: now, state: 'WAITING' as const },
      ...{ begunAt: 0, costMs: 0 },
    };
    if (caller.waiting.size === 0 && (isAlone || this.#isLight(caller))) this.#begin(request, now);
    else {
      caller.waiting.add(request);
      this.#backlogged.add(caller);
      // Nothing was passed over before.
      if (this.#backlogged.size === 1 && caller.waiting.size === 1) this.#lastBegun = now;
    }
    return request;
  }

  /** The waiting request that begins now; null when all have to wait. `isAlone`: there is no other caller to be fair to. */
  next(isAlone: (key: string) => boolean, now: number): FairRequest | null {
    this.#ageRunning(now);
    let chosen: CallerShare | null = null;
    for (const caller of this.#backlogged) {
      if (isAlone(caller.key)) return this.#beginFirst(caller, now);
      if (caller.old >= FREE || (caller.running >= FREE && !this.mayRunMore(caller.running))) continue;
      if (chosen === null || this.#startOf(caller) < this.#startOf(chosen)) chosen = caller;
    }
    if (chosen === null) return null;
    const fits = this.#young.size === 0 || this.#youngMs + chosen.estimateMs <= this.sliceMs;
    const isOverdue = chosen.running === chosen.old && now - this.#lastBegun >= MAX_DELAY_MS;
    return fits || isOverdue ? this.#beginFirst(chosen, now) : null;
  }

  /** What a running request costs, as far as is known. */
  setCost(request: FairRequest, costMs: number): void {
    if (request.state !== 'RUNNING') return;
    const more = costMs - request.costMs;
    request.costMs = costMs;
    request.caller.nextStart += more;
    request.caller.busyMs += more;
    if (this.#young.has(request)) this.#youngMs += more;
  }

  /** A request was answered, refused, or its client has disconnected. */
  leave(request: FairRequest): void {
    const { caller, state, costMs } = request;
    if (state === 'OVER') return;
    request.state = 'OVER';
    if (state === 'WAITING') {
      caller.waiting.delete(request);
      if (caller.waiting.size === 0) this.#backlogged.delete(caller);
    } else {
      caller.running -= 1;
      if (!this.#endYouth(request)) caller.old -= 1;
      const estimate = caller.estimateMs + LATEST * (costMs - caller.estimateMs);
      caller.estimateMs = Math.max(LEAST_ESTIMATE_MS, estimate);
    }
    if (caller.running === 0 && caller.waiting.size === 0) this.#rest(caller);
  }

  #isLight(caller: CallerShare): boolean {
    return caller.running < FREE && caller.busyMs < LIGHT_SLICES * this.sliceMs;
  }

  /** What a caller did not use while it had no request waiting is not kept for it. */
  #startOf(caller: CallerShare): number {
    return Math.max(caller.nextStart, this.#virtualMs);
  }

  #beginFirst(caller: CallerShare, now: number): FairRequest {
    const request = caller.waiting.values().next().value as FairRequest;
    caller.waiting.delete(request);
    if (caller.waiting.size === 0) this.#backlogged.delete(caller);
    this.#lastBegun = now;
    this.#begin(request, now);
    return request;
  }

  #begin(request: FairRequest, now: number): void {
    const { caller } = request;
    const start = this.#startOf(caller);
    this.#virtualMs = start;
    caller.nextStart = start + caller.estimateMs;
    caller.busyMs += caller.estimateMs;
    caller.running += 1;
    Object.assign(request, { state: 'RUNNING', begunAt: now, costMs: caller.estimateMs });
    this.#young.add(request);
    this.#youngMs += request.costMs;
  }

  #ageRunning(now: number): void {
    if (now - this.#lastAged < AGE_EVERY_MS) return;
    this.#lastAged = now;
    for (const request of this.#young) {
      if (now - request.begunAt < Math.max(YOUNG_MS, YOUNG_COSTS * request.costMs)) continue;
      this.#endYouth(request);
      request.caller.old += 1;
    }
  }

  /** False when it was not young any more. */
  #endYouth(request: FairRequest): boolean {
    if (!this.#young.delete(request)) return false;
    this.#youngMs = this.#young.size === 0 ? 0 : this.#youngMs - request.costMs;
    return true;
  }

  /** The caller has no request here: it is forgotten once it is not ahead of the others. */
  #rest(caller: CallerShare): void {
    caller.busyMs = 0;
    if (caller.nextStart <= this.#virtualMs) this.#callers.delete(caller.key);
    if (this.#callers.size < this.#sweepAt) return;
    for (const { key, nextStart, running, waiting } of this.#callers.values()) {
      if (running === 0 && waiting.size === 0 && nextStart <= this.#virtualMs) this.#callers.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#callers.size);
  }
}
