// The execution of partitions in this process: threads by kind of task, started by the first task and ended when none came for a while.

import type { Logger } from 'pino';
import type { Db } from '../../src/db/pool';
import { databaseThreads, type TaskKind, type TaskResult, THREADS_PER_PROCESS } from '../../src/runtime/jobs';
import type { Threads } from '../../src/runtime/threads';
import { finishPartition, openTask, type PartitionKey } from './partitions';

/** A thread holds some 100 MB and a database connection; learning, during which others wait, takes minutes. */
const IDLE_MS = 30_000;
const MAX_ERROR_LENGTH = 2_000;

/** What a queue works with. */
export interface QueueContext {
  db: Db;
  log: Logger;
  clock: () => Date;
}

/** The name of a kind and version in the queue. */
export const identifierOf = ({ name, version }: TaskKind): string => `${name}/${version}`;

class KindThreads {
  #threads: Threads<object, TaskResult> | null = null;
  #active = 0;
  #idle: NodeJS.Timeout | null = null;

  constructor(
    private readonly kind: TaskKind,
    private readonly databaseUrl: string,
  ) {}

  async run(task: object, signal: AbortSignal): Promise<TaskResult> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#threads ??= databaseThreads(this.kind.workerFile, THREADS_PER_PROCESS, this.databaseUrl);
    this.#active += 1;
    try {
      return await this.#threads.run(task, { signal });
    } finally {
      this.#active -= 1;
      if (this.#active === 0) this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
    }
  }

  /** Ends the threads once their tasks are done. */
  async close(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    const threads = this.#threads;
    this.#threads = null;
    await threads?.close();
  }
}

export class PartitionExecutor {
  readonly #cutOff = new AbortController();
  readonly #threads: ReadonlyMap<string, KindThreads>;

  constructor(
    private readonly context: QueueContext,
    kinds: readonly TaskKind[],
    private readonly runner: string,
  ) {
    this.#threads = new Map(
      kinds.map((kind) => [identifierOf(kind), new KindThreads(kind, context.db.directUrl)]),
    );
  }

  /** Executes one partition and records its outcome. @throws to have it tried again */
  async execute(key: PartitionKey, identifier: string, timeoutMs: number, mayRetry: boolean): Promise<void> {
    const { db, log, clock } = this.context;
    const task = await openTask(db, key);
    if (task === null) return;
    // Not AbortSignal.any: Node 20 keeps what depends on a signal as long as the signal, here the process.
    const deadline = new AbortController();
    const stop = (): void => deadline.abort(this.#cutOff.signal.reason);
    this.#cutOff.signal.addEventListener('abort', stop);
    const late = (): void => deadline.abort(new Error(`it took more than ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    try {
      const timed = { ...task, now: clock() };
      const result = await this.#threads.get(identifier)!.run(timed, deadline.signal);
      await finishPartition(db, key, this.runner, { result });
    } catch (error) {
      this.#cutOff.signal.throwIfAborted();
      log.warn({ err: error, ...key }, 'a partition failed');
      if (mayRetry) throw error;
      const message = error instanceof Error ? error.message : String(error);
      await finishPartition(db, key, this.runner, { error: message.slice(0, MAX_ERROR_LENGTH) });
    } finally {
      clearTimeout(timer);
      this.#cutOff.signal.removeEventListener('abort', stop);
    }
  }

  get isCutOff(): boolean {
    return this.#cutOff.signal.aborted;
  }

  /** Ends the threads of tasks under way: they are executed again by others. */
  cutOff(): void {
    this.#cutOff.abort(new Error('this machine stops'));
  }

  /** Ends all threads once their tasks are done. */
  async close(): Promise<void> {
    for (const threads of this.#threads.values()) await threads.close();
  }
}
