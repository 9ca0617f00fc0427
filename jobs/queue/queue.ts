// The queue of partitions: takes them from PostgreSQL (graphile-worker), executes them in threads, and takes over those of dead machines.
//
// A run of a job has stages (learn; then forecast), and a stage has partitions of some seconds each. Every machine has one
// PartitionQueue, which is the worker, and for the runs that it has claimed also the coordinator (sharedRun.ts).
//
// - Run (job_run, claims.ts): RUNNING → DONE | FAILED. The runner that claimed it coordinates it: records partitions, queues
//   them, waits, reports progress once a second, closes the run. It computes nothing. When its heartbeat stops, another runner
//   claims the run, reads what is finished and waits for the rest; meanwhile the workers go on.
// - Partition (job_partition): open → finished | failed. A worker takes its entry from the queue, executes the task, records the
//   outcome, then deletes the entry. A task writes its results in one transaction with a mark of its own (forecast_part.done_at
//   for one), so that executing it again, after a death or beside a worker that was taken for dead, changes nothing.
// - A task that throws is queued again, some seconds later, until its tries are used up; then it is failed, the others go on, and
//   the run fails at its end. Retrying the run tries failed partitions again. A death counts as a try, so that a partition
//   which kills its machine does not kill them all; what a dead worker had locked is tried again one after the other, so that the
//   neighbours of such a partition do not fail with it.
// - A worker has a heartbeat (job_worker). Every worker unlocks the entries of those without one for `takeoverSeconds`.
// - On SIGTERM a worker takes no more partitions and finishes those under way; after some seconds their threads are ended
//   and the entries given back. A coordinator leaves its run to another runner.
// - An entry names the kind of task and its version, and machines take only what they know. When the last machine of an old
//   release is gone, the next coordinator replaces the entries that it left.
// - The schema graphile_worker belongs to the library, which creates and migrates it when a worker starts; it holds nothing that
//   job_partition does not, and may be dropped while no worker runs. It is not in Prisma's model.
// - LISTEN and advisory locks need sessions: the queue connects to the database itself, past any pooler (DATABASE_DIRECT_URL).

import type { JobHelpers, WorkerPool, WorkerUtils } from 'graphile-worker';
import pg from 'pg';
import { inTransaction } from '../../src/db/transaction';
import { type TaskKind, THREADS_PER_PROCESS } from '../../src/runtime/jobs';
import { BEATS_PER_TAKEOVER } from '../claims';
import { identifierOf, PartitionExecutor, type QueueContext } from './executor';
import { finishPartition, type PartitionKey, queueKey } from './partitions';
import {
  beatWorker,
  deadWorkers,
  deleteOldWorkers,
  giveBack,
  lostEntries,
  removeWorker,
  returnEntry,
} from './workers';

/** One connection listens, two fetch and complete entries. */
const CONNECTIONS = 3;
/** Interval at which an idle slot looks for entries that no notice announced: those that are tried again. */
const POLL_MS = 2_000;
const REOPEN_MS = 5_000;
const REOPEN_DENIED_MS = 600_000;
const FAILED = 'the queue of job partitions could not be opened; it is tried again';
const DENIED =
  "the database's user may not create the schema of the queue, so that each run is executed by one process: GRANT CREATE ON DATABASE to it";
const SWEEPS_PER_TAKEOVER = 4;
/** Seconds between the entries of a dead worker, longer than most take: if one of them killed it, the others are not under way beside it again. */
const APART_SECONDS = 5;
const ENTRIES_AT_ONCE = 1_000;
/** Seconds that partitions under way may still take when the program ends: most take less. Learning takes minutes; another machine begins it again. */
const MAX_FINISH_SECONDS = 3;

/** What an entry of the queue holds: the key of its partition, and how long it may take. */
interface Entry {
  job: string;
  dueAt: string;
  stage: string;
  number: number;
  timeoutMs: number;
}

export interface QueueOptions {
  kinds: readonly TaskKind[];
  /** Host and process, for job_worker. */
  runner: string;
  takeoverSeconds: number;
}

/** An open queue: the library's two halves, its connections, and the timers of this worker. */
interface OpenQueue {
  connections: pg.Pool;
  utils: WorkerUtils;
  pool: WorkerPool;
  timers: NodeJS.Timeout[];
}

export class PartitionQueue {
  readonly #executor: PartitionExecutor;
  #opening: Promise<OpenQueue> | null = null;
  #closing = false;
  /** Entries whose execution the end of this program cut off, with the attempts that they had before. */
  readonly #givenBack = new Map<string, number>();

  constructor(
    readonly context: QueueContext,
    private readonly options: QueueOptions,
  ) {
    this.#executor = new PartitionExecutor(context, options.kinds, options.runner);
  }

  get takeoverSeconds(): number {
    return this.options.takeoverSeconds;
  }

  /** Keeps this worker open until `close`: tries again while the database is away. */
  start(): void {
    if (this.#closing) return;
    this.open().catch((error: unknown) => {
      if (this.#closing) return;
      const pauseMs = isDenied(error) ? REOPEN_DENIED_MS : REOPEN_MS;
      this.context.log.warn({ err: error, pauseMs }, isDenied(error) ? DENIED : FAILED);
      setTimeout(() => this.start(), pauseMs).unref();
    });
  }

  /** Opens this worker. False: the database's user may not create the queue, so runs are executed without it. */
  async openIfAllowed(): Promise<boolean> {
    try {
      await this.#open();
      return true;
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.context.log.warn({ err: error }, DENIED);
      return false;
    }
  }

  /** Starts this worker, once. The library creates or migrates its schema. */
  open(): Promise<unknown> {
    return this.#open();
  }

  #open(): Promise<OpenQueue> {
    if (this.#closing) return Promise.reject(new Error('The queue of job partitions is closed'));
    this.#opening ??= this.#openNow().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #openNow(): Promise<OpenQueue> {
    const { db, log } = this.context;
    // Loading the library takes a fifth of a second, which programs that run no jobs need not spend.
    const { Logger, makeWorkerUtils, runTaskList } = await import('graphile-worker');
    const logger = new Logger(() => (level, message) => {
      log[level === 'error' || level === 'warning' ? 'warn' : 'debug']({ queue: level }, message);
    });
    const connections = new pg.Pool({
      connectionString: db.directUrl,
      max: CONNECTIONS,
      application_name: 'comptoir jobs',
    });
    connections.on('error', (error) => log.warn({ err: error }, 'an idle connection of the queue was lost'));
    connections.on('connect', (client) => client.on('error', () => {}));
    try {
      const shared = { pgPool: connections, logger };
      const utils = await makeWorkerUtils(shared);
      const tasks = Object.fromEntries(
        this.options.kinds.map((kind) => [identifierOf(kind), this.#handlerOf(identifierOf(kind))]),
      );
      const pool = runTaskList(
        {
          ...shared,
          concurrency: THREADS_PER_PROCESS,
          noHandleSignals: true,
          pollInterval: POLL_MS,
          // Without a batch the library does not await the completion, and a failure of it would end the process.
          preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
        },
        tasks,
        connections,
      );
      const opened: OpenQueue = { connections, utils, pool, timers: [] };
      await this.#beat(pool.id);
      const every = (times: number, work: () => Promise<void>): NodeJS.Timeout =>
        setInterval(() => void work(), (this.takeoverSeconds * 1_000) / times);
      opened.timers.push(every(BEATS_PER_TAKEOVER, () => this.#beat(pool.id)));
      opened.timers.push(every(SWEEPS_PER_TAKEOVER, () => this.#sweep(opened)));
      this.#reopenAfter(opened);
      return opened;
    } catch (error) {
      await connections.end();
      throw error;
    }
  }

  /** The library gives up its pool when it cannot complete entries, as while the database is away. */
  #reopenAfter(opened: OpenQueue): void {
    const ended = (error?: unknown): void => {
      if (this.#closing) return;
      this.context.log.warn({ err: error }, 'the worker of the queue ended; it is started again');
      this.#opening = null;
      void this.#release(opened).finally(() => setTimeout(() => this.start(), REOPEN_MS).unref());
    };
    opened.pool.promise.then(() => ended(), ended);
  }

  async #release({ connections, utils, timers, pool }: OpenQueue): Promise<void> {
    for (const timer of timers) clearInterval(timer);
    await removeWorker(this.context.db, pool.id).catch(() => {});
    await utils.release();
    await connections.end();
  }

  #handlerOf(identifier: string): (payload: unknown, helpers: JobHelpers) => Promise<void> {
    return async (payload, { job }) => {
      const { dueAt, timeoutMs, ...entry } = payload as Entry;
      const key: PartitionKey = { ...entry, dueAt: new Date(dueAt) };
      try {
        await this.#executor.execute(key, identifier, timeoutMs, job.attempts < job.max_attempts);
      } catch (error) {
        // The end of this program is no fault of the partition: the attempt does not count.
        if (this.#executor.isCutOff) this.#givenBack.set(String(job.id), job.attempts - 1);
        throw error;
      }
    };
  }

  async #beat(id: string): Promise<void> {
    const { db, log } = this.context;
    await beatWorker(db, id, this.options.runner).catch((error: unknown) =>
      log.warn({ err: error }, 'a heartbeat of the queue was not recorded'),
    );
  }

  /** Gives back what dead workers hold, and records the failure of what its workers died of. */
  async #sweep({ utils }: OpenQueue): Promise<void> {
    const { db, log } = this.context;
    try {
      const dead = await deadWorkers(db, this.takeoverSeconds);
      if (dead.length > 0) {
        log.warn({ workers: dead }, 'workers have no heartbeat; their partitions are taken over');
        await inTransaction(db, (tx) => giveBack(tx, dead, APART_SECONDS));
      }
      for (const { id, key, attempts, lastError } of await lostEntries(
        db,
        this.options.kinds.map(identifierOf),
      )) {
        const partition = partitionOf(key);
        const error = lastError ?? `its worker died in each of ${attempts} attempts`;
        if (partition !== null) await finishPartition(db, partition, this.options.runner, { error });
        await utils.completeJobs([id]);
      }
      await deleteOldWorkers(db, this.takeoverSeconds);
    } catch (error) {
      if (!this.#closing) log.warn({ err: error }, 'partitions of dead workers could not be looked for');
    }
  }

  /** Queues partitions of a stage for all machines. */
  async add(
    partitions: readonly PartitionKey[],
    kind: TaskKind,
    timeoutMs: number,
    tries: number,
  ): Promise<void> {
    const { utils } = await this.#open();
    for (let at = 0; at < partitions.length; at += ENTRIES_AT_ONCE) {
      await utils.addJobs(
        partitions.slice(at, at + ENTRIES_AT_ONCE).map((key) => ({
          identifier: identifierOf(kind),
          payload: { ...key, dueAt: key.dueAt.toISOString(), timeoutMs } satisfies Entry,
          jobKey: queueKey(key),
          maxAttempts: tries,
        })),
      );
    }
  }

  /** Withdraws entries that nobody is executing. */
  async withdraw(ids: readonly string[]): Promise<void> {
    const { utils } = await this.#open();
    await utils.completeJobs([...ids]);
  }

  /** Takes no more partitions, and waits for those under way up to so many seconds, MAX_FINISH_SECONDS at most; then gives them back. */
  async close(drainSeconds: number): Promise<void> {
    this.#closing = true;
    const opened = await this.#opening?.catch(() => null);
    if (opened) {
      const late = setTimeout(
        () => this.#executor.cutOff(),
        Math.min(drainSeconds, MAX_FINISH_SECONDS) * 1_000,
      );
      await Promise.resolve(opened.pool.gracefulShutdown()).catch(() => {});
      clearTimeout(late);
      for (const [id, attempts] of this.#givenBack)
        await returnEntry(this.context.db, id, attempts).catch(() => {});
      await this.#release(opened);
    }
    await this.#executor.close();
  }
}

/** SQLSTATE of a lacking privilege. */
const isDenied = (error: unknown): boolean => (error as { code?: string } | null)?.code === '42501';

/** The partition of a key of the queue; null: the entry is not ours. */
function partitionOf(key: string): PartitionKey | null {
  const [, job, ms, stage, number] = /^(\w+) (\d+) (.+) (\d+)$/.exec(key) ?? [];
  if (job === undefined || stage === undefined) return null;
  return { job, dueAt: new Date(Number(ms)), stage, number: Number(number) };
}
