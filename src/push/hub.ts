// The process's one ear on PostgreSQL: a LISTEN connection whose notices are handed to whoever watches their keys.

import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import type { NoticeChannel } from '../db/notify';
import { isUnreachable } from '../db/transaction';
import { subscriptions } from '../metrics';
import { Ear } from './hub/ear';

/** What a process takes on; past it a new subscription is refused. */
export interface HubLimits {
  /** Subscriptions in this process. */
  all: number;
  /** Subscriptions of one actor in this process. */
  perActor: number;
  /** Keys of one subscription: the most a slow reader can have waiting, since notices of one key are merged. */
  keys: number;
  /** Milliseconds between two events of one subscription: a hot shelf is re-read this often, not at every move. */
  gapMs: number;
  /** Milliseconds after which a silent subscription's rights are looked at again. */
  recheckMs: number;
  /** Milliseconds between two proofs that the LISTEN connection still hears. */
  heartbeatMs: number;
}

export const HUB_LIMITS: HubLimits = {
  all: 10_000,
  perActor: 2_000,
  keys: 1_000,
  gapMs: 100,
  recheckMs: 10_000,
  heartbeatMs: 15_000,
};

/** Who watches what: keys as `stockKey`, `orderKey` and `queueKey` make them. */
export interface Wish {
  actorId: number;
  keys: readonly string[];
  /** Throws when the watcher may no longer see this; the stream ends with that error. */
  recheck(): Promise<unknown>;
}

/** A stream of keys to re-read: first all of them, then those that changed; all of them again after notices were missed. */
export type Watch = AsyncIterableIterator<ReadonlySet<string>>;

export interface Hub {
  /** @throws GraphQLError TOO_MANY_SUBSCRIPTIONS past a limit, UNAVAILABLE while the program stops */
  watch(wish: Wish): Watch;
  /** Ends every stream and the connection. */
  close(): Promise<void>;
}

/** The key of one shelf: the very word that `stock/ledger` notifies. */
export const stockKey = (locationId: number, skuId: number): string => `${locationId}:${skuId}`;
/** The key of one order. */
export const orderKey = (orderId: string): string => orderId;
/** The key of everything that happens to the orders of one place. */
export const queueKey = (locationId: number): string => `@${locationId}`;

/** The keys a notice is about: a `stock` word is one itself, an `orders` word is an order and its place. */
function keysOf(channel: NoticeChannel, payload: string): string[] {
  const words = payload.split(' ');
  if (channel === 'stock') return words;
  return words.flatMap((word) => {
    const at = word.indexOf('@');
    return [word.slice(0, at), word.slice(at)];
  });
}

const OVER: IteratorReturnResult<undefined> = { done: true, value: undefined };

function tooMany(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } });
}

/** One subscriber. Keys wait in a set, so a reader that never reads costs no more than its keys. */
class Watcher implements Watch {
  readonly #waiting: Set<string>;
  readonly #readers: ((result: Promise<IteratorResult<ReadonlySet<string>, undefined>>) => void)[] = [];
  #over: Promise<never> | Promise<typeof OVER> | null = null;
  #lastAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    readonly wish: Wish,
    private readonly gapMs: number,
    /** Nothing is handed out before the ear is open: what is read then can't be stale without a notice. */
    private readonly hears: () => boolean,
    private readonly left: (watcher: Watcher) => void,
  ) {
    this.#waiting = new Set(wish.keys);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ReadonlySet<string>, undefined>> {
    if (this.#over !== null) {
      const last = this.#over;
      this.#over = Promise.resolve(OVER);
      return last;
    }
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      this.#serve();
    });
  }

  return(): Promise<typeof OVER> {
    this.end();
    return Promise.resolve(OVER);
  }

  /** These keys changed. */
  tell(keys: Iterable<string>): void {
    for (const key of keys) this.#waiting.add(key);
    this.#serve();
  }

  /** No more events; with an error, that is the last thing the reader gets. */
  end(error?: unknown): void {
    if (this.#over !== null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting.clear();
    this.left(this);
    const last = error === undefined ? Promise.resolve(OVER) : Promise.reject(error);
    last.catch(() => {}); // a reader that has gone never hears it
    const [first, ...others] = this.#readers.splice(0);
    this.#over = first === undefined ? last : Promise.resolve(OVER);
    first?.(last);
    for (const other of others) other(Promise.resolve(OVER));
  }

  #serve(): void {
    if (this.#over !== null || this.#waiting.size === 0 || this.#readers.length === 0 || !this.hears())
      return;
    const early = this.#lastAt + this.gapMs - performance.now();
    if (early > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = null;
        this.#serve();
      }, early);
      return;
    }
    this.#lastAt = performance.now();
    const value = new Set(this.#waiting);
    this.#waiting.clear();
    this.#readers.shift()!(Promise.resolve({ done: false, value }));
  }
}

/** Makes the hub of a process. It connects when the first subscription comes, and again whenever it is cut off. */
export function createHub(options: { url: string; log: Logger; limits?: Partial<HubLimits> }): Hub {
  const { url, log } = options;
  const limits = { ...HUB_LIMITS, ...options.limits };
  const watchers = new Set<Watcher>();
  const byKey = new Map<string, Set<Watcher>>();
  const byActor = new Map<number, number>();
  const ear = new Ear(url, log, limits.heartbeatMs, {
    opened: () => {
      for (const watcher of watchers) watcher.tell(watcher.wish.keys);
    },
    heard: (channel, payload) => {
      const told = new Map<Watcher, string[]>();
      for (const key of keysOf(channel, payload)) {
        for (const watcher of byKey.get(key) ?? []) {
          const its = told.get(watcher);
          if (its === undefined) told.set(watcher, [key]);
          else its.push(key);
        }
      }
      for (const [watcher, its] of told) watcher.tell(its);
    },
  });
  let rechecking: NodeJS.Timeout | null = null;
  let closed = false;

  function leave(watcher: Watcher): void {
    if (!watchers.delete(watcher)) return;
    subscriptions.dec();
    const { actorId, keys } = watcher.wish;
    const left = byActor.get(actorId)! - 1;
    if (left === 0) byActor.delete(actorId);
    else byActor.set(actorId, left);
    for (const key of keys) {
      const its = byKey.get(key);
      its?.delete(watcher);
      if (its?.size === 0) byKey.delete(key);
    }
  }

  async function recheckAll(): Promise<void> {
    for (const watcher of [...watchers]) {
      try {
        await watcher.wish.recheck();
      } catch (error) {
        // A database out of reach says nothing about anyone's rights.
        if (!isUnreachable(error)) watcher.end(error);
      }
    }
    if (!closed) rechecking = setTimeout(recheckAll, limits.recheckMs).unref();
  }

  return {
    watch(wish) {
      const its = byActor.get(wish.actorId) ?? 0;
      if (closed) {
        throw new GraphQLError('This server is stopping; subscribe again, and another one answers.', {
          extensions: { code: 'UNAVAILABLE' },
        });
      }
      if (wish.keys.length > limits.keys) {
        throw tooMany(
          `One subscription may watch ${limits.keys} things (SKUs × locations), not ${wish.keys.length}; split it.`,
        );
      }
      if (its >= limits.perActor) {
        throw tooMany(`You have ${its} subscriptions open here, the most allowed; close some first.`);
      }
      if (watchers.size >= limits.all) {
        throw tooMany(`This server has ${limits.all} subscriptions, the most it takes; try again later.`);
      }
      const watcher = new Watcher(wish, limits.gapMs, () => ear.open, leave);
      watchers.add(watcher);
      subscriptions.inc();
      byActor.set(wish.actorId, its + 1);
      for (const key of wish.keys) {
        const all = byKey.get(key);
        if (all === undefined) byKey.set(key, new Set([watcher]));
        else all.add(watcher);
      }
      ear.start();
      rechecking ??= setTimeout(recheckAll, limits.recheckMs).unref();
      return watcher;
    },
    async close() {
      closed = true;
      if (rechecking !== null) clearTimeout(rechecking);
      for (const watcher of [...watchers]) watcher.end();
      await ear.close();
    },
  };
}
