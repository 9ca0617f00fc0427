// What a job is given, and a job's tasks in worker threads: tried again when they fail, progress reported once a second.

import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { type Db, openDb } from '../db/pool';
import { serve, type Threads, threads } from './threads';

/** Maximum threads of a job; each has one database connection, and the data of its task in memory. */
const MAX_THREADS = 8;
const PROGRESS_MS = 1_000;

/** What a job works with; `clock` is the only clock. */
export interface JobContext {
  db: Db;
  log: Logger;
  clock: () => Date;
}

/** Counts of what a run did. */
export type JobFigures = Record<string, number>;

/**
 * Reports the progress of a run, for `jobRuns`. False: stop and leave the rest to another runner, because this one is
 * stopping or has lost the run.
 */
export type ReportProgress = (figures: JobFigures) => Promise<boolean>;

/** How long a task may take, how often it is tried, and how many may fail before the others are not begun any more. */
export interface TaskLimits {
  timeoutMs: number;
  tries: number;
  maxFailures?: number;
}

export interface FailedTask<Task> {
  task: Task;
  error: unknown;
}

/** Every task is given the time at which it is begun. */
interface TimedTask {
  now: Date;
}

/** The threads of one run of a job. */
export class JobThreads<Task extends object, Result> {
  readonly size = Math.min(availableParallelism(), MAX_THREADS);
  readonly #leave = new AbortController();
  readonly #pool: Threads<Task & TimedTask, Result>;
  readonly #timer: NodeJS.Timeout;
  #reporting: Promise<void> | null = null;

  private constructor(
    private readonly context: JobContext,
    workerFile: string,
    private readonly report: () => Promise<boolean>,
  ) {
    this.#pool = databaseThreads(workerFile, this.size, context.db.directUrl);
    this.#timer = setInterval(() => this.#reportOnce(), PROGRESS_MS);
  }

  /**
   * Does `work` with threads of `workerFile`, and ends them. Once a second `figures` are reported; when another runner is
   * to go on, tasks under way are aborted and the run fails. @throws what `work` throws
   */
  static async with<Task extends object, Result, T>(
    context: JobContext,
    workerFile: string,
    { figures, progress }: { figures: () => Promise<object>; progress: ReportProgress },
    work: (tasks: JobThreads<Task, Result>) => Promise<T>,
  ): Promise<T> {
    const report = async (): Promise<boolean> => progress({ ...(await figures()) } as JobFigures);
    const tasks = new JobThreads<Task, Result>(context, workerFile, report);
    try {
      return await work(tasks);
    } finally {
      clearInterval(tasks.#timer);
      await tasks.#reporting;
      await tasks.#pool.close();
    }
  }

  #reportOnce(): void {
    this.#reporting ??= this.report()
      .then((goOn) => {
        if (!goOn)
          this.#leave.abort(
            new Error('another runner has taken over this run; its remaining work is left to it'),
          );
      })
      // A moment without the database is not the end: the tasks find out for themselves.
      .catch((error: unknown) => this.context.log.debug({ err: error }, 'progress was not reported'))
      .finally(() => {
        this.#reporting = null;
      });
  }

  /** One task, tried once. */
  run(task: Task, timeoutMs: number): Promise<Result> {
    const signal = AbortSignal.any([this.#leave.signal, AbortSignal.timeout(timeoutMs)]);
    return this.#pool.run({ ...task, now: this.context.clock() }, { signal });
  }

  async #runAgain(task: Task, { timeoutMs, tries: most }: TaskLimits, warning: string): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.run(task, timeoutMs);
      } catch (error) {
        this.#leave.signal.throwIfAborted();
        this.context.log.warn({ err: error, ...(task as object), tries }, warning);
        if (tries >= most) throw error;
      }
    }
  }

  /**
   * Runs all tasks, one per thread at a time; each again if its thread died or it failed. Returns those that failed the last
   * time too, after all others are done. @throws when the run is left to another runner
   */
  async runAll<T extends Task>(
    tasks: readonly T[],
    limits: TaskLimits,
    warning: string,
    done?: (result: Result) => void,
  ): Promise<FailedTask<T>[]> {
    const left = tasks.values();
    const failed: FailedTask<T>[] = [];
    const runTasks = async (): Promise<void> => {
      for (const task of left) {
        try {
          const result = await this.#runAgain(task, limits, warning);
          done?.(result);
        } catch (error) {
          failed.push({ task, error });
        }
        if (this.#leave.signal.aborted || failed.length >= (limits.maxFailures ?? Infinity)) return;
      }
    };
    await Promise.all(Array.from({ length: this.size }, runTasks));
    this.#leave.signal.throwIfAborted();
    return failed;
  }
}

/** A pool of threads of which each has one connection to the database; the worker file calls `serveOnDatabase`. */
export function databaseThreads<Task, Result>(
  workerFile: string,
  size: number,
  databaseUrl: string,
): Threads<Task, Result> {
  return threads(workerFile, { size, workerData: { databaseUrl } });
}

/** Called once at the end of a worker file: `serve` for a handler that works on the database. */
export function serveOnDatabase<Task, Result>(
  handler: (task: Task, db: Db) => Result | Promise<Result>,
): void {
  let opened: Db | undefined;
  serve<Task, Result, { databaseUrl: string }>((task, { databaseUrl }) => {
    opened ??= openDb(databaseUrl, 1);
    return handler(task, opened);
  });
}
