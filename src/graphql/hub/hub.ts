// The process's LISTEN connection to PostgreSQL: distributes notifications to subscribers of their keys.

import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import type { CallerLimits } from '../../config/edge';
import type { NoticeChannel } from '../../db/notify';
import { isUnreachable } from '../../db/transaction';
import { subscriptions } from '../../metrics';
import { Ear } from './listener';
import { type KeyStream, Watcher, type WatchRequest } from './subscriber';

/** Limits of a process; past one a new subscription is refused. */
export interface HubLimits {
  /** Subscriptions in this process. */
  all: number;
  /** Subscriptions of one actor in this process. */
  perActor: number;
  /** Subscriptions from one address in this process. */
  perAddress: number;
  /** Keys of one subscription: the most a slow reader can have waiting, since notices of one key are merged. */
  keys: number;
  /** Milliseconds between two events of one subscription: a hot shelf is re-read this often, not at every move. */
  gapMs: number;
  /** Milliseconds after which the rights of a silent subscription are checked again. */
  recheckMs: number;
  /** Milliseconds between two checks that the LISTEN connection still receives. */
  heartbeatMs: number;
}

export const HUB_LIMITS: HubLimits = {
  all: 10_000,
  perActor: 2_000,
  perAddress: 5_000,
  keys: 1_000,
  gapMs: 100,
  recheckMs: 10_000,
  heartbeatMs: 15_000,
};

/** The hub's limits as the settings have them; 0 is none of its own. */
export function hubLimits(limits: CallerLimits): Pick<HubLimits, 'all' | 'perActor' | 'perAddress'> {
  const { streamsPerProcess: all, streamsPerActor, streamsPerAddress } = limits;
  return { all, perActor: streamsPerActor || all, perAddress: streamsPerAddress || all };
}

export interface Hub {
  /** @throws GraphQLError TOO_MANY_SUBSCRIPTIONS past a limit, UNAVAILABLE while the program stops */
  watch(request: WatchRequest): KeyStream;
  /** Ends every stream and the connection. */
  close(): Promise<void>;
}

/** The key of one shelf, identical to what `stock/ledger` notifies. */
/** The key of one order. */
export const orderKey = (orderId: string): string => orderId;
/** The key of everything that happens to the orders of one location. */
export const queueKey = (locationId: number): string => `@${locationId}`;

/** The keys of a notice: an entry of `stock` is a key itself, an entry of `orders` is an order and its location. */
function keysOf(channel: NoticeChannel, payload: string): string[] {
  const entries = payload.split(' ');
  if (channel === 'stock') return entries;
  return entries.flatMap((entry) => {
    const at = entry.indexOf('@');
    return [entry.slice(0, at), entry.slice(at)];
  });
}

function tooMany(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } });
}

/** Counts by key; keys with a count of 0 take no memory. */
class SubscriptionTally<K> {
  readonly #counts = new Map<K, number>();

  of(key: K): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: K): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  remove(key: K): void {
    const left = this.of(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}

/** Watchers by key: the cost of a notice depends on its own watchers, not on all of them. */
class Register {
  readonly watchers = new Set<Watcher>();
  readonly #byKey = new Map<string, Set<Watcher>>();
  readonly #byActor = new SubscriptionTally<number>();
  readonly #byAddress = new SubscriptionTally<string>();

  constructor(private readonly limits: HubLimits) {}

  /**
   * An actor that has as many subscriptions as are still free gets no more. So there is always capacity for another actor, and
   * actors that all open as many as they can end up with the same. @throws GraphQLError TOO_MANY_SUBSCRIPTIONS
   */
  checkCapacity({ actorId, addressKey, keys }: WatchRequest): void {
    const { limits } = this;
    if (keys.length > limits.keys) {
      throw tooMany(
        `One subscription may watch ${limits.keys} things (SKUs × locations), not ${keys.length}; split it.`,
      );
    }
    const free = limits.all - this.watchers.size;
    if (free <= 0) {
      throw tooMany(`This server has ${limits.all} subscriptions, the most it takes; try again later.`);
    }
    const own = this.#byActor.of(actorId);
    for (const [owner, its, most] of [
      ['You have', own, limits.perActor],
      ['Your address has', this.#byAddress.of(addressKey), limits.perAddress],
    ] as const) {
      if (its >= most) {
        throw tooMany(`${owner} ${its} subscriptions open here, the most allowed; close some first.`);
      }
    }
    if (own >= free) {
      throw tooMany(
        `You have ${own} subscriptions open here, and the last ${free} are kept for others; close some first.`,
      );
    }
  }

  add(watcher: Watcher): void {
    const { actorId, addressKey, keys } = watcher.request;
    this.watchers.add(watcher);
    subscriptions.inc();
    this.#byActor.add(actorId);
    this.#byAddress.add(addressKey);
    for (const key of keys) {
      const its = this.#byKey.get(key);
      if (its === undefined) this.#byKey.set(key, new Set([watcher]));
      else its.add(watcher);
    }
  }

  remove(watcher: Watcher): void {
    if (!this.watchers.delete(watcher)) return;
    subscriptions.dec();
    const { actorId, addressKey, keys } = watcher.request;
    this.#byActor.remove(actorId);
    this.#byAddress.remove(addressKey);
    for (const key of keys) {
      const its = this.#byKey.get(key);
      its?.delete(watcher);
      if (its?.size === 0) this.#byKey.delete(key);
    }
  }

  /** Notifies each watcher once of all its keys among these. */
  notify(keys: readonly string[]): void {
    const changed = new Map<Watcher, string[]>();
    for (const key of keys) {
      for (const watcher of this.#byKey.get(key) ?? []) {
        const its = changed.get(watcher);
        if (its === undefined) changed.set(watcher, [key]);
        else its.push(key);
      }
    }
    for (const [watcher, its] of changed) watcher.notify(its);
  }

  /** Notifies every watcher to read all its keys again. */
  notifyAll(): void {
    for (const watcher of this.watchers) watcher.notify(watcher.request.keys);
  }

  /** Ends the streams of watchers that have lost the right to see their keys. */
  async recheck(): Promise<void> {
    for (const watcher of [...this.watchers]) {
      try {
        await watcher.request.recheck();
      } catch (error) {
        // An unreachable database is no evidence of lost rights.
        if (!isUnreachable(error)) watcher.end(error);
      }
    }
  }
}

/** Makes the hub of a process. It connects at the first subscription, and again whenever it is disconnected. */
export function createHub(options: { url: string; log: Logger; limits?: Partial<HubLimits> }): Hub {
  const limits = { ...HUB_LIMITS, ...options.limits };
  const register = new Register(limits);
  const ear = new Ear(options.url, options.log, limits.heartbeatMs, {
    opened: () => register.notifyAll(),
    received: (channel, payload) => register.notify(keysOf(channel, payload)),
  });
  let rechecking: NodeJS.Timeout | null = null;
  let closed = false;
  const recheckAgain = (): void => {
    rechecking = setTimeout(async () => {
      await register.recheck();
      if (!closed) recheckAgain();
    }, limits.recheckMs).unref();
  };
  return {
    watch(request) {
      if (closed) {
        throw new GraphQLError('This server is stopping; subscribe again, and another one answers.', {
          extensions: { code: 'UNAVAILABLE' },
        });
      }
      register.checkCapacity(request);
      const watcher = new Watcher(
        request,
        limits.gapMs,
        () => ear.open,
        (w) => register.remove(w),
      );
      register.add(watcher);
      ear.start();
      if (rechecking === null) recheckAgain();
      return watcher;
    },
    async close() {
      closed = true;
      if (rechecking !== null) clearTimeout(rechecking);
      for (const watcher of [...register.watchers]) watcher.end();
      await ear.close();
    },
  };
}
