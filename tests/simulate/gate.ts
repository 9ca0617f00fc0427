// Between the program and the database: cuts connections and breaks the program at seeded points, and with several clients at once lets one statement go after the other, by lot.

import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { Client } from 'pg';
import type { Db } from '../../src/db/pool';
import type { FaultStep } from './steps';

interface Wire {
  processID: number;
  connection: { stream: { destroy(): void } };
}

/** What the program answers when a fault 'BUG' hits it. */
export const SEEDED_BUG = 'a seeded bug';

/** One use of a connection, from being taken out of the pool to being given back. */
interface Lease {
  process: number;
  number: number;
  /** Of one statement, which is a transaction of its own. */
  single: boolean;
}

interface HeldCall {
  lease: Lease;
  client: pg.PoolClient;
  go: () => Promise<unknown>;
}

/** A statement that was let go and has not come back. */
interface Moving {
  pid: number;
  back: Promise<void>;
  over: boolean;
  /** It waits for a lock of these others. */
  blockedBy: readonly number[] | null;
}

/** What comes back sooner does not wait for a lock. */
const SOON_MS = 2;
/** Longer than twice the time after which the program lets a second batch overlap the first; timers go off in their order. */
const OVERLAP_MS = 25;
const BLOCKED = `
  SELECT pid, pg_blocking_pids(pid) AS by FROM unnest($1::int[]) AS p(pid) WHERE pg_blocking_pids(pid) && $2::int[]`;
const ENDS = /^(COMMIT|ROLLBACK)/;

/** A number from 0 to n − 1, the same ones for one seed. */
export function drawFrom(seed: number): (n: number) => number {
  let state = (seed ^ 0x5bd1e995) >>> 0;
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const pidOf = (client: pg.PoolClient): number => (client as unknown as Wire).processID;

type Query = (...args: unknown[]) => unknown;
type SendCall = () => Promise<unknown>;

/** Stands between the pools of the processes and their database. */
export class CallGate {
  /** Deadlocks that PostgreSQL broke: the lock order of the program allows none. */
  deadlocks = 0;
  #fault: FaultStep | null = null;
  readonly #free: boolean;
  #one = false;
  #leases = 0;
  #connecting = 0;
  #waiting: HeldCall[] = [];
  #moving: Moving[] = [];
  readonly #held = new WeakMap<pg.PoolClient, Lease>();
  readonly #wrapped = new WeakSet<pg.PoolClient>();
  readonly #control: Client;

  /** With `free` nobody waits for a turn: what comes of it is another thing every time. */
  constructor(databaseUrl: string, dbs: readonly Db[], free: boolean) {
    this.#free = free;
    this.#control = new Client({ connectionString: databaseUrl });
    this.#control.on('error', () => {});
    for (const [process, db] of dbs.entries()) this.#watch(db.pool, process);
  }

  async open(): Promise<void> {
    await this.#control.connect();
  }

  async close(): Promise<void> {
    await this.#control.end();
  }

  /** The next fault; one that was armed before and did not come to pass is forgotten. */
  arm(fault: FaultStep | null): void {
    this.#fault = fault && { ...fault };
  }

  #watch(pool: pg.Pool, process: number): void {
    const connect = pool.connect.bind(pool) as (...args: unknown[]) => unknown;
    const taken = (lease: Lease, client: pg.PoolClient | undefined): void => {
      this.#connecting -= 1;
      if (client === undefined) return;
      this.#held.set(client, lease);
      this.#wrap(client);
    };
    pool.connect = ((callback?: (...args: unknown[]) => void) => {
      this.#leases += 1;
      this.#connecting += 1;
      const lease = { process, number: this.#leases, single: callback !== undefined };
      if (callback) {
        return connect((...args: unknown[]) => {
          taken(lease, args[1] as pg.PoolClient | undefined);
          callback(...args);
        });
      }
      return (connect() as Promise<pg.PoolClient>).then(
        (client) => {
          taken(lease, client);
          return client;
        },
        (error: unknown) => {
          taken(lease, undefined);
          throw error;
        },
      );
    }) as typeof pool.connect;
  }

  #wrap(client: pg.PoolClient): void {
    if (this.#wrapped.has(client)) return;
    this.#wrapped.add(client);
    const send = client.query.bind(client) as Query;
    client.query = ((...args: unknown[]) => {
      const callback = typeof args.at(-1) === 'function' ? (args.pop() as (...a: unknown[]) => void) : null;
      const text = typeof args[0] === 'string' ? args[0] : (args[0] as { text: string }).text;
      const fail = () => send(`SELECT '${SEEDED_BUG}'::int`) as Promise<unknown>;
      const came = this.#pass(client, text, () => send(...args) as Promise<unknown>, fail);
      if (callback === null) return came;
      came.then(
        (result) => callback(null, result),
        (error: unknown) => callback(error),
      );
      return undefined;
    }) as typeof client.query;
  }

  /** One statement: at once, or when its turn comes. */
  #pass(client: pg.PoolClient, text: string, send: SendCall, fail: SendCall): Promise<unknown> {
    const lease = this.#held.get(client)!;
    const meet = () => this.#meet(client, this.#strikes(lease.process, text), send, fail);
    if (!this.#one) return meet();
    return new Promise((resolve, reject) => {
      const go = async (): Promise<void> => {
        const ended = await meet().then(
          (result) => {
            resolve(result);
            return lease.single || ENDS.test(text);
          },
          (error: unknown) => {
            reject(error);
            return true;
          },
        );
        if (ended) for (const m of this.#moving) m.blockedBy = null;
      };
      this.#waiting.push({ lease, client, go });
    });
  }

  /** Meets the fault, if it is this statement's. */
  async #meet(
    client: pg.PoolClient,
    how: FaultStep['how'] | null,
    send: SendCall,
    fail: SendCall,
  ): Promise<unknown> {
    const cut = (): void => (client as unknown as Wire).connection.stream.destroy();
    if (how === 'CUT_BEFORE') cut();
    try {
      // In its place and in its turn: what was sent behind it, COMMIT too, must come to nothing.
      const result = await (how === 'BUG' ? fail() : send());
      if (how !== 'CUT_AFTER') return result;
    } catch (error) {
      if ((error as { code?: string }).code === '40P01') this.deadlocks += 1;
      throw error;
    }
    cut();
    throw new Error('Connection terminated unexpectedly');
  }

  #strikes(process: number, text: string): FaultStep['how'] | null {
    const fault = this.#fault;
    if (fault === null || fault.process !== process) return null;
    if (typeof fault.at === 'number') {
      fault.at -= 1;
      if (fault.at > 0) return null;
    } else if (!text.startsWith(fault.at)) return null;
    this.#fault = null;
    return fault.how;
  }

  /**
   * Runs work of several clients so that one statement at a time is under way and `draw` says whose is next: what comes
   * of it is the same every time, locks that are waited for included. `late` is called when `after` statements are done.
   */
  async oneByOne<T>(
    draw: (n: number) => number,
    work: () => Promise<T>,
    late: { after: number; begin: () => void } | null = null,
  ): Promise<T> {
    if (this.#free) {
      setTimeout(() => late?.begin(), late?.after);
      return work();
    }
    this.#one = true;
    let over = false;
    const result = work().finally(() => {
      over = true;
    });
    result.catch(() => {});
    for (let turn = 0; !over; turn += 1) {
      await this.#settled();
      if (late !== null && (turn === late.after || over)) {
        late.begin();
        late = null;
        await sleep(OVERLAP_MS);
        await this.#settled();
      }
      if (over) break;
      const ready = this.#ready();
      if (ready.length === 0) {
        // The program waits for something else, or all wait for each other, which PostgreSQL ends.
        for (const m of this.#moving) m.blockedBy = null;
        await sleep(1);
        continue;
      }
      this.#release(ready[draw(ready.length)]!);
    }
    this.#one = false;
    return result;
  }

  /**
   * Statements that may be next, the first of each connection. While one waits for a lock only those who have it go on:
   * of two that are woken by one COMMIT nobody could say which is first at the next lock.
   */
  #ready(): HeldCall[] {
    const first = new Map<number, HeldCall>();
    for (const w of this.#waiting) if (!first.has(pidOf(w.client))) first.set(pidOf(w.client), w);
    const ready = [...first.values()].sort((a, b) => a.lease.number - b.lease.number);
    const blockers = this.#moving.flatMap((m) => m.blockedBy ?? []);
    return blockers.length === 0 ? ready : ready.filter((w) => blockers.includes(pidOf(w.client)));
  }

  #release(next: HeldCall): void {
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    const moving: Moving = { pid: pidOf(next.client), back: Promise.resolve(), over: false, blockedBy: null };
    moving.back = next.go().then(() => {
      moving.over = true;
    });
    this.#moving.push(moving);
  }

  /** Until everything that was let go has come back or waits for a lock, and the program has nothing more to say. */
  async #settled(): Promise<void> {
    for (;;) {
      await immediate();
      await immediate();
      this.#moving = this.#moving.filter((m) => !m.over);
      const free = this.#moving.filter((m) => m.blockedBy === null);
      if (free.length === 0) {
        if (this.#connecting === 0) return;
        await sleep(1);
        continue;
      }
      const soon = new AbortController();
      await Promise.race([
        ...free.map((m) => m.back),
        sleep(SOON_MS, null, { signal: soon.signal }).catch(() => {}),
      ]);
      soon.abort();
      if (free.some((m) => m.over)) continue;
      const others = [...this.#moving.map((m) => m.pid), ...this.#waiting.map((w) => pidOf(w.client))];
      const { rows } = await this.#control.query<{ pid: number; by: number[] }>(BLOCKED, [
        free.map((m) => m.pid),
        others,
      ]);
      for (const { pid, by } of rows) for (const m of free) if (m.pid === pid && !m.over) m.blockedBy = by;
    }
  }
}
