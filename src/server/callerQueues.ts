// Queues requests per caller in one process: a caller with many requests runs few of them at a time while others are waiting.

import { type FairWindow, FREE } from './fairWindow';
import type { Presence } from './presence';

/** A request that has waited for its request so long is refused. */
const MAX_WAIT_MS = 10_000;
const TICK_MS = 100;

/** One caller's requests in this process. */
interface CallerQueue {
  key: string;
  running: number;
  waiting: Set<QueuedRequest>;
}

/** One request's request. */
export interface QueuedRequest {
  queue: CallerQueue;
  state: 'WAITING' | 'RUNNING' | 'OVER';
  since: number;
  begin: () => void;
  /** Called instead of `begin` when it has waited too long; the request is over then. */
  expire: () => void;
}

/**
 * A queue for each caller. A caller that is alone, or has few requests, does not wait. One with more, while others use
 * the program, has as many under way as the window allows; the rest wait in its own queue and cost nothing meanwhile. So a
 * flood's backlog stays in the flood's own queue, and another caller's request begins at once.
 */
export class CallerQueues {
  readonly #queues = new Map<string, CallerQueue>();
  #timer: NodeJS.Timeout | null = null;

  constructor(
    /** Null: requests never wait for a request. */
    private readonly window: FairWindow | null,
    private readonly presence: Presence,
  ) {}

  /** Requests of a caller here, under way or waiting. */
  countOf(key: string): number {
    const queue = this.#queues.get(key);
    return queue === undefined ? 0 : queue.running + queue.waiting.size;
  }

  /** Gives a request its request: `begin` is called at once, or later in the order of the caller's own requests. */
  enter(key: string, begin: () => void, expire: () => void): QueuedRequest {
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = { key, running: 0, waiting: new Set() };
      this.#queues.set(key, queue);
    }
    const now = performance.now();
    const request: QueuedRequest = { queue, state: 'WAITING', since: now, begin, expire };
    if (queue.waiting.size === 0 && this.#mayBegin(queue, queue.running + 1, now)) {
      request.state = 'RUNNING';
      queue.running += 1;
      begin();
    } else {
      queue.waiting.add(request);
      if (this.#timer === null) {
        this.window?.begin();
        this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
      }
    }
    return request;
  }

  /** A request has been answered, or its client has disconnected. */
  leave(request: QueuedRequest): void {
    const { queue, state } = request;
    if (state === 'OVER') return;
    request.state = 'OVER';
    if (state === 'WAITING') queue.waiting.delete(request);
    else {
      queue.running -= 1;
      this.window?.note();
    }
    if (queue.waiting.size > 0) this.#serve(queue, performance.now());
    else if (queue.running === 0) this.#queues.delete(queue.key);
  }

  /** `count`: the caller's requests here, with the one that would begin. */
  #mayBegin({ key, running }: CallerQueue, count: number, now: number): boolean {
    if (this.window === null || count <= FREE || running < this.window.size) return true;
    return !this.presence.hasOthersThan(key, now);
  }

  #serve(queue: CallerQueue, now: number): void {
    for (const request of queue.waiting) {
      if (!this.#mayBegin(queue, queue.running + queue.waiting.size, now)) return;
      queue.waiting.delete(request);
      request.state = 'RUNNING';
      queue.running += 1;
      // Not within the answer of another request: pending network input is read first.
      setImmediate(() => request.state === 'RUNNING' && request.begin());
    }
  }

  #tick(): void {
    const now = performance.now();
    this.window?.adjust();
    let waiting = 0;
    for (const queue of this.#queues.values()) {
      for (const request of queue.waiting) {
        if (now - request.since <= MAX_WAIT_MS) break;
        this.leave(request);
        request.expire();
      }
      this.#serve(queue, now);
      waiting += queue.waiting.size;
    }
    if (waiting > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
