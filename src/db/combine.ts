// Batches requests that arrive while a batch is in flight: a DataLoader for writes.

import { type Refused, refusal } from '../refusals';
import { isUnreachable } from './transaction';

/** Deadline of a request; work is not started after it, or once the client has disconnected. */
export interface RequestDeadline {
  /** On the clock of `performance.now()`. */
  expiresAt: number;
  /** Whether the client has disconnected. */
  isAborted(): boolean;
}

export interface CombineLimits {
  /** Batches in flight at once, each on a connection of its own. */
  concurrentBatches: number;
  /** Requests in one batch at most. */
  maxBatch: number;
  /** Total weight of a batch at most; a heavier request goes alone. */
  maxWeight: number;
  /** Waiting requests at most; beyond it the answer is Busy. */
  maxQueue: number;
  /** Longest wait; after it the answer is Busy, and nothing was done. */
  maxWaitMs: number;
}

const DEFAULT_LIMITS: CombineLimits = {
  concurrentBatches: 2,
  maxBatch: 128,
  maxWeight: 1_000,
  maxQueue: 5_000,
  maxWaitMs: 5_000,
};
/** While one batch is in flight, another starts once so many requests wait, or one waits so long: two half batches cost more than one whole batch. */
const OVERLAP_AT = 24;
const OVERLAP_AFTER_MS = 10;
const BUSY_RETRY_SECONDS = 1;

/** How items are batched. */
export interface CombineOptions<I> {
  limits?: Partial<CombineLimits>;
  /** Cost of an item relative to others, e.g. its lines; 1 by default. */
  weigh?: (item: I) => number;
  deadline?: (item: I) => RequestDeadline | undefined;
  /** Called with the number of waiting items whenever it changes. */
  onQueue?: (length: number) => void;
}

interface QueuedItem<I, O> {
  item: I;
  since: number;
  resolve: (value: O) => void;
  reject: (error: unknown) => void;
}

function busy(message: string): Refused {
  return refusal('Busy', message, { retryAfterSeconds: BUSY_RETRY_SECONDS });
}

/** The queue of one kind of item, and its batches in flight. */
class Combiner<I, O> {
  readonly #runMany: (items: I[]) => Promise<O[]>;
  readonly #limits: CombineLimits;
  readonly #weigh: (item: I) => number;
  readonly #deadline: (item: I) => RequestDeadline | undefined;
  readonly #onQueue: (length: number) => void;
  #queue: QueuedItem<I, O>[] = [];
  #inFlight = 0;
  #woken = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    runMany: (items: I[]) => Promise<O[]>,
    { limits, weigh = () => 1, deadline = () => undefined, onQueue = () => {} }: CombineOptions<I>,
  ) {
    this.#runMany = runMany;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#weigh = weigh;
    this.#deadline = deadline;
    this.#onQueue = onQueue;
  }

  send(item: I): Promise<O> {
    return new Promise<O>((resolve, reject) => {
      const { maxQueue, concurrentBatches } = this.#limits;
      if (this.#queue.length >= maxQueue) {
        reject(busy(`More than ${maxQueue} requests are waiting; try again in a moment.`));
        return;
      }
      this.#queue.push({ item, since: performance.now(), resolve, reject });
      this.#onQueue(this.#queue.length);
      if (this.#woken || this.#inFlight >= concurrentBatches) return;
      this.#woken = true;
      // Deferred, so that requests read from other sockets in the same tick join the batch.
      setImmediate(() => this.#pump());
    });
  }

  async #settle(batch: QueuedItem<I, O>[]): Promise<void> {
    try {
      const results = await this.#runMany(batch.map((w) => w.item));
      batch.forEach((w, i) => {
        w.resolve(results[i] as O);
      });
    } catch (error) {
      if (batch.length === 1 || isUnreachable(error)) {
        for (const w of batch) w.reject(error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.#settle(batch.slice(0, middle));
      await this.#settle(batch.slice(middle));
    }
  }

  /** Whether it is too late to start an item; if so, it is answered with Busy. */
  #isTooLate(waiting: QueuedItem<I, O>, now: number): boolean {
    const client = this.#deadline(waiting.item);
    const { maxWaitMs } = this.#limits;
    if (client?.isAborted() || (client !== undefined && client.expiresAt <= now)) {
      waiting.reject(busy('This request was not started before its client’s deadline; nothing was done.'));
    } else if (now - waiting.since > maxWaitMs) {
      const waited = `This request has waited ${maxWaitMs / 1_000} seconds for its turn`;
      waiting.reject(busy(`${waited}; nothing was done, try again in a moment.`));
    } else return false;
    return true;
  }

  /** The next batch, oldest first. */
  #take(): QueuedItem<I, O>[] {
    const now = performance.now();
    const { maxBatch, maxWeight } = this.#limits;
    const batch: QueuedItem<I, O>[] = [];
    let weight = 0;
    let taken = 0;
    for (const waiting of this.#queue) {
      if (batch.length >= maxBatch) break;
      const own = this.#weigh(waiting.item);
      if (batch.length > 0 && weight + own > maxWeight) break;
      taken += 1;
      if (this.#isTooLate(waiting, now)) continue;
      batch.push(waiting);
      weight += own;
    }
    this.#queue = this.#queue.slice(taken);
    this.#onQueue(this.#queue.length);
    return batch;
  }

  #mayStart(): boolean {
    if (this.#inFlight === 0) return true;
    if (this.#inFlight >= this.#limits.concurrentBatches) return false;
    return this.#queue.length >= OVERLAP_AT || performance.now() - this.#queue[0]!.since >= OVERLAP_AFTER_MS;
  }

  #pump(): void {
    this.#woken = false;
    while (this.#queue.length > 0 && this.#mayStart()) {
      const batch = this.#take();
      if (batch.length === 0) continue;
      this.#inFlight += 1;
      void this.#settle(batch).finally(() => {
        this.#inFlight -= 1;
        this.#pump();
      });
    }
    if (this.#queue.length > 0 && this.#inFlight < this.#limits.concurrentBatches && this.#timer === null) {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#pump();
      }, OVERLAP_AFTER_MS + 1); // timers may fire slightly early
    }
  }
}

/**
 * Makes a function that answers one item out of `runMany`, which does a whole batch at once (same length, same order).
 * First come, first served, whatever an item weighs. When a batch fails, and not because the database is out of reach,
 * its halves are run on their own, so that a poisonous item fails alone.
 * @throws Refused Busy when the queue is full, or an item waited longer than the limit or its own deadline
 */
export function combine<I, O>(
  runMany: (items: I[]) => Promise<O[]>,
  options: CombineOptions<I> = {},
): (item: I) => Promise<O> {
  const combiner = new Combiner(runMany, options);
  return (item) => combiner.send(item);
}
