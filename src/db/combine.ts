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

/**
 * Makes a function that answers one item out of `runMany`, which does a whole batch at once (same length, same order).
 * First come, first served, whatever an item weighs. When a batch fails, and not because the database is out of reach,
 * its halves are run on their own, so that a poisonous item fails alone.
 * @throws Refused Busy when the queue is full, or an item waited longer than the limit or its own deadline
 */
export function combine<I, O>(
  runMany: (items: I[]) => Promise<O[]>,
  { limits: some, weigh = () => 1, deadline = () => undefined, onQueue = () => {} }: CombineOptions<I> = {},
): (item: I) => Promise<O> {
  const limits = { ...DEFAULT_LIMITS, ...some };
  let queue: QueuedItem<I, O>[] = [];
  let inFlight = 0;
  let woken = false;
  let timer: NodeJS.Timeout | null = null;

  async function settle(batch: QueuedItem<I, O>[]): Promise<void> {
    try {
      const results = await runMany(batch.map((w) => w.item));
      batch.forEach((w, i) => {
        w.resolve(results[i] as O);
      });
    } catch (error) {
      if (batch.length === 1 || isUnreachable(error)) {
        for (const w of batch) w.reject(error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await settle(batch.slice(0, middle));
      await settle(batch.slice(middle));
    }
  }

  /** Whether it is too late to start an item; if so, it is answered with Busy. */
  function isTooLate(waiting: QueuedItem<I, O>, now: number): boolean {
    const client = deadline(waiting.item);
    if (client?.isAborted() || (client !== undefined && client.expiresAt <= now)) {
      waiting.reject(busy('This request was not started before its client’s deadline; nothing was done.'));
    } else if (now - waiting.since > limits.maxWaitMs) {
      const waited = `This request has waited ${limits.maxWaitMs / 1_000} seconds for its turn`;
      waiting.reject(busy(`${waited}; nothing was done, try again in a moment.`));
    } else return false;
    return true;
  }

  /** The next batch, oldest first. */
  function take(): QueuedItem<I, O>[] {
    const now = performance.now();
    const batch: QueuedItem<I, O>[] = [];
    let weight = 0;
    let taken = 0;
    for (const waiting of queue) {
      if (batch.length >= limits.maxBatch) break;
      const own = weigh(waiting.item);
      if (batch.length > 0 && weight + own > limits.maxWeight) break;
      taken += 1;
      if (isTooLate(waiting, now)) continue;
      batch.push(waiting);
      weight += own;
    }
    queue = queue.slice(taken);
    onQueue(queue.length);
    return batch;
  }

  const mayStart = (): boolean =>
    inFlight === 0 ||
    (inFlight < limits.concurrentBatches &&
      (queue.length >= OVERLAP_AT || performance.now() - queue[0]!.since >= OVERLAP_AFTER_MS));

  function pump(): void {
    woken = false;
    while (queue.length > 0 && mayStart()) {
      const batch = take();
      if (batch.length === 0) continue;
      inFlight += 1;
      void settle(batch).finally(() => {
        inFlight -= 1;
        pump();
      });
    }
    if (queue.length > 0 && inFlight < limits.concurrentBatches && timer === null) {
      timer = setTimeout(() => {
        timer = null;
        pump();
      }, OVERLAP_AFTER_MS + 1); // timers may fire slightly early
    }
  }

  return (item) =>
    new Promise<O>((resolve, reject) => {
      if (queue.length >= limits.maxQueue) {
        reject(busy(`More than ${limits.maxQueue} requests are waiting; try again in a moment.`));
        return;
      }
      queue.push({ item, since: performance.now(), resolve, reject });
      onQueue(queue.length);
      if (woken || inFlight >= limits.concurrentBatches) return;
      woken = true;
      // Deferred, so that requests read from other sockets in the same tick join the batch.
      setImmediate(pump);
    });
}
