// Messages between the processes of one program: from the primary process to workers, from workers to it, and broadcasts among all of them.

import type { Config } from '../config/config';
import type { Figures } from '../metrics';

/** Notices that one process sends to the others of its program; modules add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface News {}

/** A notice with its topic. */
export interface Notice {
  topic: string;
  news: unknown;
}

/** What the first process sends to a worker. */
export type PrimaryMessage =
  | { type: 'open'; config: Config; port: number }
  | { type: 'leave' }
  | { type: 'closeNow' }
  | { type: 'news'; notice: Notice; requestId: number }
  | { type: 'confirmed'; requestId: number }
  | { type: 'figures'; requestId: number }
  | { type: 'answer'; requestId: number; figures: Figures[] };

/** What a worker sends to the first process. */
export type WorkerMessage =
  | { type: 'loaded' }
  | { type: 'open' }
  | { type: 'refused'; sentence: string }
  | { type: 'left' }
  | { type: 'news'; notice: Notice; requestId: number }
  | { type: 'confirmed'; requestId: number }
  | { type: 'figures'; requestId: number }
  | { type: 'answer'; requestId: number; figures: Figures };

const listeners = new Map<string, Set<(news: unknown) => void>>();
type SendNotice = (notice: Notice) => Promise<void>;
let send: SendNotice = async () => {};

/**
 * Notifies the other processes of this program; resolves when all have confirmed, or after `ANSWER_LIMIT_MS`. A process that
 * is still starting gets nothing. With one process it does nothing. What must be true everywhere belongs in the database.
 */
export function toSiblings<K extends keyof News & string>(topic: K, news: News[K]): Promise<void> {
  return send({ topic, news });
}

/** Subscribes to notices of the other processes; the result unsubscribes. */
export function fromSiblings<K extends keyof News & string>(
  topic: K,
  listener: (news: News[K]) => void,
): () => void {
  const all = listeners.get(topic) ?? new Set();
  listeners.set(topic, all);
  all.add(listener as (news: unknown) => void);
  return () => {
    all.delete(listener as (news: unknown) => void);
  };
}

/** Sets how this process sends notices; returns the function that delivers received ones to their subscribers. */
export function connectSiblings(sender: SendNotice): (notice: Notice) => void {
  send = sender;
  return ({ topic, news }) => {
    for (const listener of listeners.get(topic) ?? []) listener(news);
  };
}

const ANSWER_LIMIT_MS = 2_000;

/** Requests to another process; the answer is null when that process ends or does not answer in time. */
export class PendingRequests<A> {
  readonly #open = new Map<number, (answer: A | null) => void>();
  #last = 0;

  request(put: (requestId: number) => void): Promise<A | null> {
    this.#last += 1;
    const requestId = this.#last;
    return new Promise((resolve) => {
      const settle = (answer: A | null): void => {
        clearTimeout(tooLate);
        this.#open.delete(requestId);
        resolve(answer);
      };
      const tooLate = setTimeout(settle, ANSWER_LIMIT_MS, null);
      this.#open.set(requestId, settle);
      put(requestId);
    });
  }

  answered(requestId: number, answer: A): void {
    this.#open.get(requestId)?.(answer);
  }
}
