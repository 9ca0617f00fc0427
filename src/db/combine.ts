// Gathers requests that arrive while a batch is in flight and sends them together: a DataLoader for writes.

import { refusal } from '../refusals';
import { sqlState } from './transaction';

export interface CombineLimits {
  /** Requests in one batch at most. */
  maxBatch: number;
  /** Requests waiting at most; past it the answer is Busy. */
  maxQueue: number;
}

const DEFAULT_LIMITS: CombineLimits = { maxBatch: 128, maxQueue: 5_000 };
const BUSY_RETRY_SECONDS = 1;
/** SQLSTATE classes in which the database itself is unwell: running the parts again would only add load. */
const UNWELL = new Set(['08', '53', '57', '58']);

interface Waiting<I, O> {
  item: I;
  resolve: (value: O) => void;
  reject: (error: unknown) => void;
}

/** A batch's error is one item's fault, rather than the database's, when SQL or our own code refused the work. */
function isPoison(error: unknown): boolean {
  const state = sqlState(error);
  if (state === undefined || state.length !== 5)
    return !(error instanceof Error && /connect|terminat/i.test(error.message));
  return !UNWELL.has(state.slice(0, 2));
}

/**
 * Makes a function that answers one item out of `runMany`, which does a whole batch at once (same length, same order).
 * First come, first served. When a batch fails for a reason that one item may have caused, its halves are run on
 * their own, so that a poisonous item fails alone. @throws Refused Busy when the queue is full
 */
export function combine<I, O>(
  runMany: (items: I[]) => Promise<O[]>,
  limits: CombineLimits = DEFAULT_LIMITS,
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
      if (batch.length === 1 || !isPoison(error)) {
        for (const w of batch) w.reject(error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await settle(batch.slice(0, middle));
      await settle(batch.slice(middle));
    }
  }

  async function drain(): Promise<void> {
    running = true;
    while (queue.length > 0) await settle(queue.splice(0, limits.maxBatch));
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
      if (!running) void Promise.resolve().then(drain);
      running = true;
    });
}
