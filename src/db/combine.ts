// Gathers requests that arrive while a batch is in flight and sends them together: a DataLoader for writes.

import { refusal } from '../refusals';
import { isUnreachable } from './transaction';

export interface CombineLimits {
  /** Requests in one batch at most. */
  maxBatch: number;
  /** Requests waiting at most; past it the answer is Busy. */
  maxQueue: number;
}

const DEFAULT_LIMITS: CombineLimits = { maxBatch: 128, maxQueue: 5_000 };
const BUSY_RETRY_SECONDS = 1;

interface Waiting<I, O> {
  item: I;
  resolve: (value: O) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes a function that answers one item out of `runMany`, which does a whole batch at once (same length, same order).
 * First come, first served. When a batch fails, and not because the database is out of reach, its halves are run on
 * their own, so that a poisonous item fails alone. @throws Refused Busy when the queue is full
 */
export function combine<I, O>(
  runMany: (items: I[]) => Promise<O[]>,
  limits: CombineLimits = DEFAULT_LIMITS,
  onQueue: (length: number) => void = () => {},
): (item: I) => Promise<O> {
  const queue: Waiting<I, O>[] = [];
  let running = false;

  async function settle(batch: Waiting<I, O>[]): Promise<void> {
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

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, limits.maxBatch);
      onQueue(queue.length);
      await settle(batch);
    }
    running = false;
  }

  return (item) =>
    new Promise<O>((resolve, reject) => {
      if (queue.length >= limits.maxQueue) {
        reject(
          refusal('Busy', `More than ${limits.maxQueue} requests are waiting; try again in a moment.`, {
            retryAfterSeconds: BUSY_RETRY_SECONDS,
          }),
        );
        return;
      }
      queue.push({ item, resolve, reject });
      onQueue(queue.length);
      if (running) return;
      running = true;
      void Promise.resolve().then(drain);
    });
}
