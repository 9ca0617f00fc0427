// Queues the requests of one process by caller: when they begin is decided by `FairShares`, here are its clock and its costs.

import { FairShares, type FairRequest as SharedRequest } from './fairShares';
import { PointCost } from './pointCost';
import type { Presence } from './presence';
import type { RequestCost } from './request';

/** A request that has waited for so long is refused. */
const MAX_WAIT_MS = 10_000;
/** How often waiting requests are looked at when none is answered. */
const TICK_MS = 10;
/** Costs are measured anew, and waiting requests refused, every so many ticks. */
const MEASURE_TICKS = 10;
/** Points of a request beside those of its fields: its headers, its body, its answer. */
const REQUEST_POINTS = 150;
/** More than half of the database pool in use: callers with some running requests begin no more. */
const POOL_SHARE = 0.5;

interface QueuedHandlers {
  begin: () => void;
  /** Called instead of `begin` when it has waited too long; the request is over then. */
  expire: () => void;
}

export type QueuedRequest = SharedRequest;

export interface CallerQueuesOptions {
  /** Null: requests never wait. */
  sliceMs: number | null;
  presence: Presence;
  /** The share of the database pool's connections that are in use, from 0 to 1. */
  databaseUse: () => number;
}

/**
 * A queue for each caller. While a caller has used the program alone lately, its requests do not wait. Beside others they
 * begin in the order of `FairShares`; the rest wait in the queue of their caller and cost nothing meanwhile. So a flood's
 * backlog stays in the flood's own queue, its connections wait for their answers and send no more, and another caller's
 * request begins at once.
 */
export class CallerQueues {
  readonly #shares: FairShares;
  readonly #pointCost = new PointCost();
  readonly #handlers = new Map<QueuedRequest, QueuedHandlers>();
  #timer: NodeJS.Timeout | null = null;
  #ticks = 0;

  constructor(private readonly options: CallerQueuesOptions) {
    const { sliceMs, databaseUse } = options;
    this.#shares = new FairShares(sliceMs ?? 0, () => databaseUse() <= POOL_SHARE);
  }

  /** Requests of a caller here, under way or waiting. */
  countOf(key: string): number {
    return this.#shares.countOf(key);
  }

  /** Queues a request: `begin` is called at once or later. */
  enter(key: string, begin: () => void, expire: () => void): QueuedRequest {
    const now = performance.now();
    const request = this.#shares.enter(key, this.#isAlone(key, now), now);
    if (request.state === 'RUNNING') begin();
    else {
      this.#handlers.set(request, { begin, expire });
      if (this.#timer === null) {
        this.#pointCost.begin();
        this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
      }
    }
    return request;
  }

  /** What a running request costs is known, or known better. */
  setCost(request: QueuedRequest, { measuredMs, budget }: RequestCost): void {
    const points = REQUEST_POINTS + (budget?.spent ?? 0);
    this.#shares.setCost(request, points * this.#pointCost.ms + measuredMs);
  }

  /** A request has been answered, or its client has disconnected. */
  leave(request: QueuedRequest, cost: RequestCost): void {
    if (request.state === 'OVER') return;
    this.setCost(request, cost);
    if (request.state === 'RUNNING') this.#pointCost.note(REQUEST_POINTS + (cost.budget?.spent ?? 0));
    this.#handlers.delete(request);
    this.#shares.leave(request);
    this.#beginNext();
  }

  #isAlone(key: string, now: number): boolean {
    const { sliceMs, presence } = this.options;
    return sliceMs === null || !presence.hasOthersThan(key, now);
  }

  #beginNext(): void {
    if (this.#shares.backlogged.size === 0) return;
    const now = performance.now();
    const isAlone = (key: string): boolean => this.#isAlone(key, now);
    for (let request = this.#shares.next(isAlone, now); request; request = this.#shares.next(isAlone, now)) {
      const begun = request;
      const { begin } = this.#handlers.get(begun)!;
      this.#handlers.delete(begun);
      // Not within the answer of another request: pending network input is read first.
      setImmediate(() => begun.state === 'RUNNING' && begin());
    }
  }

  #tick(): void {
    this.#ticks += 1;
    if (this.#ticks % MEASURE_TICKS === 0) {
      this.#pointCost.adjust();
      this.#expireOld(performance.now() - MAX_WAIT_MS);
    }
    this.#beginNext();
    if (this.#shares.backlogged.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Refuses the requests that arrived before. */
  #expireOld(before: number): void {
    for (const { waiting } of [...this.#shares.backlogged]) {
      for (const request of waiting) {
        if (request.arrivedAt > before) break;
        const { expire } = this.#handlers.get(request)!;
        this.#handlers.delete(request);
        this.#shares.leave(request);
        expire();
      }
    }
  }
}
