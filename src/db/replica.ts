// Reads from streaming replicas. A replica answers a read only when it has replayed everything that the primary had committed
// when the read began, by any process. Otherwise, and whenever a replica fails, the primary answers.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { reads as readsCounted, replicaFallbacks, replicaLag } from '../metrics';
import { type Db, openDb, type Tx } from './pool';
import { IDENTITY } from './reach';
import { shared } from './shared';

/** Where reads go that may come from a replica. */
export interface Reads extends Tx {
  close(): Promise<void>;
}

/** How far a server is: bytes of its log, on its timeline. Positions of different timelines cannot be compared. */
interface Position {
  at: number;
  timeline: number;
}

// What is committed is flushed, unless the server is configured not to wait for that: then it is somewhere in what is written.
const COMMITTED = `
  SELECT (CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()
            ELSE pg_current_wal_flush_lsn() END - '0/0')::int8 AS at,
         ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int AS timeline`;
// The control file learns of a new timeline late, never early: until then the replica is not used.
const REPLAYED = `
  SELECT pg_is_in_recovery() AS standby, (pg_last_wal_replay_lsn() - '0/0')::int8 AS at,
         greatest(c.timeline_id, r.min_recovery_end_timeline) AS timeline
  FROM pg_control_checkpoint() c, pg_control_recovery() r`;

/** Interval at which each replica is checked, used or not; one that has recovered is used again within this time. */
const CHECK_INTERVAL_MS = 250;
/** Pause between two queries of a replica's position while a read waits for it. */
const RETRY_MS = 1;
/** Its position is read at least this often before it counts as behind: the delay may be in this process instead. */
const MIN_ATTEMPTS = 3;
/** A replica that does not report its position within this time counts as lost. */
const ANSWER_MS = 1_000;
/** A statement without any answer is given up after this time; a working PostgreSQL cancels it sooner. */
const HUNG_MS = 20_000;

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

/** The connections to a replica that is there, and the reads that wait for it. */
interface ReplicaConnections {
  reads: Db;
  watch: Db;
  waiting: Set<(error: Error) => void>;
}

type ReplicaState = 'CURRENT' | 'BEHIND' | 'AWAY';

interface ReplicaContext {
  committed(): Promise<Position>;
  identity(): Promise<string>;
  poolSize: number;
  maxLagMs: number;
  log: Logger;
}

class Replica {
  /** Host and port: what logs and metrics may have of an address. */
  readonly name: string;
  #state: ReplicaState | null = null;
  /** A read found it behind since the last check. */
  #resting = false;
  #connections: ReplicaConnections | null = null;
  #replayed: Position = { at: 0, timeline: 0 };
  /** Start of the last check in which the replica had reached the primary's position. */
  #reachedAt = performance.now();
  readonly #closed = new AbortController();
  readonly #watching: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly context: ReplicaContext,
  ) {
    this.name = new URL(url).host;
    this.#watching = this.#watch();
  }

  /** Whether it is reachable, and was within the allowed lag at the last check. */
  get current(): boolean {
    return this.#state === 'CURRENT' && !this.#resting;
  }

  /** Waits until it has replayed a position; false when it is further behind than reads wait. @throws when it is lost */
  async has(goal: Position, withinMs = this.context.maxLagMs): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    for (let attempts = 0; ; attempts += 1) {
      const { at, timeline } = this.#replayed;
      if (at >= goal.at && timeline === goal.timeline) return true;
      if (attempts >= MIN_ATTEMPTS && performance.now() >= deadline) return false;
      await this.#readPosition();
      if (this.#replayed.at < goal.at) await sleep(RETRY_MS);
    }
  }

  /** Runs a read. @throws when it fails, or the replica is lost meanwhile */
  rows<R extends object>(sql: string, values?: readonly unknown[]): Promise<R[]> {
    const connections = this.#connections;
    if (connections === null) return Promise.reject(new Error('the replica is lost'));
    return new Promise((resolve, reject) => {
      connections.waiting.add(reject);
      connections.reads
        .rows<R>(sql, values)
        .then(resolve, reject)
        .finally(() => connections.waiting.delete(reject));
    });
  }

  /** Excludes it from reads until the next check, which shows whether it is still behind. */
  fellBehind(): void {
    this.#resting = true;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const stopping = new Error('the program stops');
    const connections = [this.#takeConnections(stopping)];
    await this.#watching;
    connections.push(this.#takeConnections(stopping)); // opened meanwhile
    await Promise.all(connections.flatMap((c) => [c?.watch.close(), c?.reads.close()]));
  }

  readonly #readPosition = shared(async () => {
    const connections = this.#connections;
    if (connections === null) throw new Error('the replica is lost');
    try {
      const reported = connections.watch.rows<Position & { standby: boolean }>(REPLAYED);
      const [{ standby, ...replayed }] = (await within(ANSWER_MS, reported)) as [
        Position & { standby: boolean },
      ];
      if (!standby) throw new Error('it is no standby: it was promoted, or never was one');
      // A server that was started again may be further back than it was: what its old connections reported is void.
      if (this.#connections !== connections) throw new Error('the replica was lost meanwhile');
      this.#replayed = replayed;
    } catch (error) {
      if (this.#connections === connections) this.#markLost(error as Error);
      throw error;
    }
  });

  async #open(): Promise<ReplicaConnections> {
    const connections: ReplicaConnections = {
      watch: openDb(this.url, 1, {
        onError: (error) => this.#connections === connections && this.#markLost(error),
      }),
      reads: openDb(this.url, this.context.poolSize, { hungMs: HUNG_MS }),
      waiting: new Set(),
    };
    try {
      const [identity, [its]] = await Promise.all([
        this.context.identity(),
        within(ANSWER_MS, connections.watch.rows<{ identity: string }>(IDENTITY)),
      ]);
      if (its!.identity !== identity) throw new Error('it is a replica of another database');
      return connections;
    } catch (error) {
      void connections.watch.close().catch(() => {});
      void connections.reads.close().catch(() => {});
      throw error;
    }
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      await this.#check();
      await sleep(CHECK_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  async #check(): Promise<void> {
    const begun = performance.now();
    // Without the primary's position the state of a replica is unknown, and no read is possible anyway.
    const goal = await this.context.committed().catch(() => null);
    if (goal === null) return;
    try {
      if (this.#connections === null) {
        const connections = await this.#open();
        this.#replayed = { at: 0, timeline: 0 };
        this.#connections = connections;
      }
      // A replica that was excluded returns only below half the allowed lag, so that it does not alternate between the states.
      const { maxLagMs } = this.context;
      const near = await this.has(goal, this.current ? maxLagMs : maxLagMs / 2);
      if (near) this.#reachedAt = begun;
      replicaLag.set({ replica: this.name }, (performance.now() - this.#reachedAt) / 1_000);
      this.#resting = false;
      this.#setState(near ? 'CURRENT' : 'BEHIND');
    } catch (error) {
      replicaLag.set({ replica: this.name }, (performance.now() - this.#reachedAt) / 1_000);
      this.#markLost(error as Error);
    }
  }

  /** Takes its connections out of use: reads that wait for the replica are rejected, and run on the primary. */
  #takeConnections(error: Error): ReplicaConnections | null {
    const connections = this.#connections;
    this.#connections = null;
    for (const reject of connections?.waiting ?? []) reject(error);
    return connections;
  }

  #markLost(error: Error): void {
    const connections = this.#takeConnections(error);
    // Hanging statements end by their own time-out; closing is not awaited.
    void connections?.watch.close().catch(() => {});
    void connections?.reads.close().catch(() => {});
    this.#setState('AWAY', error);
  }

  #setState(state: ReplicaState, error?: Error): void {
    if (this.#state === state || this.#closed.signal.aborted) return;
    this.#state = state;
    const { log } = this.context;
    const replica = this.name;
    if (state === 'CURRENT') log.info({ replica }, 'a replica answers reads');
    else if (state === 'BEHIND') log.warn({ replica }, 'a replica is behind; the primary answers its reads');
    else log.warn({ replica, err: error }, 'a replica is out of reach; the primary answers its reads');
  }
}

/**
 * Opens the reads of a program: through its replicas when it has some, through `db` when not. Each read queries the primary
 * for its committed position (one query for all concurrent reads), waits up to `maxLagMs` until the replica has replayed it,
 * and is run there. So an answer is never older than the request, and its `asOf` is the time of the request.
 */
export function openReads(
  db: Db,
  { urls, ...given }: { urls: readonly string[]; poolSize: number; maxLagMs: number; log: Logger },
): Reads {
  if (urls.length === 0) return { rows: (sql, values) => db.rows(sql, values), close: async () => {} };
  // A separate connection, past any pooler: the query for the position must not queue behind commands.
  const primary = openDb(db.directUrl, 1, { hungMs: HUNG_MS });
  const committed = shared(async () => (await primary.rows<Position>(COMMITTED))[0]!);
  const identity = async () => (await primary.rows<{ identity: string }>(IDENTITY))[0]!.identity;
  const replicas = urls.map((url) => new Replica(url, { ...given, committed, identity }));
  let turn = 0;
  const pick = (): Replica | null => {
    const current = replicas.filter((replica) => replica.current);
    turn += 1;
    return current[turn % current.length] ?? null;
  };

  /** The rows from a replica; null when the primary must answer. */
  async function fromReplica<R extends object>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<R[] | null> {
    const replica = pick();
    if (replica === null) return null;
    try {
      if (await replica.has(await committed())) return await replica.rows<R>(sql, values);
      replica.fellBehind();
      replicaFallbacks.inc({ reason: 'behind' });
    } catch (error) {
      given.log.debug({ replica: replica.name, err: error }, 'a read is asked again of the primary');
      replicaFallbacks.inc({ reason: 'failed' });
    }
    return null;
  }

  return {
    async rows<R extends object>(sql: string, values?: readonly unknown[]) {
      const rows = await fromReplica<R>(sql, values);
      readsCounted.inc({ door: rows === null ? 'primary' : 'replica' });
      return rows ?? db.rows<R>(sql, values);
    },
    async close() {
      await Promise.all(replicas.map((replica) => replica.close()));
      await primary.close();
    },
  };
}
