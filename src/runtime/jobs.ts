// What a job is given, and the execution of its tasks: in worker threads of this process, or shared by all machines through a queue.

import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { type Db, openDb } from '../db/pool';
import { serve, type Threads, threads } from './threads';

/** Maximum threads of a job; each has one database connection, and the data of its task in memory. */
const MAX_THREADS = 8;
/** Interval of reports of progress. */
export const PROGRESS_MS = 1_000;
/** Why a run ends when its runner stops or has lost it. */
export const LEFT_TO_ANOTHER = 'another runner has taken over this run; its remaining work is left to it';

/** What a job works with; `clock` is the only clock. */
export interface JobContext {
  db: Db;
  log: Logger;
  clock: () => Date;
  /** Executes the tasks of this run on all machines that run jobs; without it they are executed in this process. */
  shared?: SharedExecution;
}

/** Counts of what a run did. */
export type JobFigures = Record<string, number>;

/**
 * Reports the progress of a run, for `jobRuns`. False: stop and leave the rest to another runner, because this one is
 * stopping or has lost the run.
 */
export type ReportProgress = (figures: JobFigures) => Promise<boolean>;

/** A kind of task, known by its name to every machine that runs jobs. */
export interface TaskKind {
  name: string;
  /** Raised when tasks of an earlier release can no longer be executed; machines take only the version they know. */
  version: number;
  /** Calls `serveOnDatabase`; runs in threads. */
  workerFile: string;
}

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

/** Tasks of a run that may be executed at the same time, in any order. */
export interface TaskStage<Task> {
  /** Unique in the run. */
  name: string;
  tasks: readonly Task[];
  /** Identifies a task in its stage, also when a later attempt at the run passes only those that are left. */
  numberOf(task: Task): number;
  limits: TaskLimits;
  /** Logged when a task fails. */
  warning: string;
}

/** How far the current stage has come: tasks that succeeded, and the sums of the numbers that they returned. */
export interface StageExtent {
  done: number;
  sums: JobFigures;
}

/** What is left of a stage at its end. */
export interface StageEnd<Task> extends StageExtent {
  failed: FailedTask<Task>[];
}

/** Executes the stages of a run. */
export interface TaskExecutor<Task extends object> {
  /**
   * Executes all tasks of a stage, each again if it fails or its thread, process or machine dies. Those that failed the last
   * time too are returned after all others are done. @throws when the run is left to another runner
   */
  runAll<T extends Task>(stage: TaskStage<T>): Promise<StageEnd<T>>;
}

/** How a run reports its progress, once a second. */
export interface ProgressReport {
  figures(soFar: () => Promise<StageExtent>): Promise<object>;
  progress: ReportProgress;
}

/** Execution of the tasks of one run by all machines. */
export interface SharedExecution {
  with<Task extends object, T>(
    kind: TaskKind,
    report: ProgressReport,
    work: (executor: TaskExecutor<Task>) => Promise<T>,
  ): Promise<T>;
}

/**
 * Does `work` with an executor of tasks of this kind: the machines' where the run is shared, else threads of this process.
 * Once a second `figures` are reported; when another runner is to go on, the run fails. @throws what `work` throws
 */
export function withExecutor<Task extends object, T>(
  context: JobContext,
  kind: TaskKind,
  report: ProgressReport,
  work: (executor: TaskExecutor<Task>) => Promise<T>,
): Promise<T> {
  return context.shared?.with(kind, report, work) ?? JobThreads.with(context, kind.workerFile, report, work);
}

/** The first failure of a stage, thrown with `message`; nothing when none failed. */
export function throwFailure<Task>(
  { failed }: StageEnd<Task>,
  message: (why: string) => string = (why) => why,
): void {
  const [first] = failed;
  if (first === undefined) return;
  const why = first.error instanceof Error ? first.error.message : String(first.error);
  throw new Error(message(why), { cause: first.error });
}

/** Every task is given the time at which it is begun. */
export interface TimedTask {
  now: Date;
}

/** What a task returns: counts and milliseconds that may be added up, or nothing. */
export type TaskResult = Readonly<Record<string, number>> | null;

/** Threads that a process executes tasks in at the same time. */
export const THREADS_PER_PROCESS = Math.min(availableParallelism(), MAX_THREADS);

/** Adds the numbers of a result to sums. */
function addTo(sums: JobFigures, result: TaskResult): void {
  for (const [key, value] of Object.entries(result ?? {})) sums[key] = (sums[key] ?? 0) + value;
}

/** The threads of one run of a job in this process. */
class JobThreads<Task extends object> implements TaskExecutor<Task> {
  readonly #size = THREADS_PER_PROCESS;
  #soFar: StageExtent = { done: 0, sums: {} };
  readonly #leave = new AbortController();
  readonly #pool: Threads<Task & TimedTask, TaskResult>;
  readonly #timer: NodeJS.Timeout;
  #reporting: Promise<void> | null = null;

  private constructor(
    private readonly context: JobContext,
    workerFile: string,
    private readonly report: ProgressReport,
  ) {
    this.#pool = databaseThreads(workerFile, this.#size, context.db.directUrl);
    this.#timer = setInterval(() => this.#reportOnce(), PROGRESS_MS);
  }

  static async with<Task extends object, T>(
    context: JobContext,
    workerFile: string,
    report: ProgressReport,
    work: (executor: TaskExecutor<Task>) => Promise<T>,
  ): Promise<T> {
    const threadsOfRun = new JobThreads<Task>(context, workerFile, report);
    try {
      return await work(threadsOfRun);
    } finally {
      clearInterval(threadsOfRun.#timer);
      await threadsOfRun.#reporting;
      await threadsOfRun.#pool.close();
    }
  }

  async #report(): Promise<boolean> {
    const figures = await this.report.figures(async () => this.#soFar);
    return this.report.progress({ ...figures } as JobFigures);
  }

  #reportOnce(): void {
    this.#reporting ??= this.#report()
      .then((goOn) => {
        if (!goOn) this.#leave.abort(new Error(LEFT_TO_ANOTHER));
      })
      // A moment without the database is not the end: the tasks find out for themselves.
      .catch((error: unknown) => this.context.log.debug({ err: error }, 'progress was not reported'))
      .finally(() => {
        this.#reporting = null;
      });
  }

  async #runAgain(task: Task, { timeoutMs, tries: most }: TaskLimits, warning: string): Promise<TaskResult> {
    for (let tries = 1; ; tries += 1) {
      try {
        const signal = AbortSignal.any([this.#leave.signal, AbortSignal.timeout(timeoutMs)]);
        return await this.#pool.run({ ...task, now: this.context.clock() }, { signal });
      } catch (error) {
        this.#leave.signal.throwIfAborted();
        this.context.log.warn({ err: error, ...(task as object), tries }, warning);
        if (tries >= most) throw error;
      }
    }
  }

  async runAll<T extends Task>({ tasks, limits, warning }: TaskStage<T>): Promise<StageEnd<T>> {
    const left = tasks.values();
    const failed: FailedTask<T>[] = [];
    const soFar: StageExtent = { done: 0, sums: {} };
    this.#soFar = soFar;
    const runLeft = async (): Promise<void> => {
      for (const task of left) {
        try {
          addTo(soFar.sums, await this.#runAgain(task, limits, warning));
          soFar.done += 1;
        } catch (error) {
          failed.push({ task, error });
        }
        if (this.#leave.signal.aborted || failed.length >= (limits.maxFailures ?? Infinity)) return;
      }
    };
    await Promise.all(Array.from({ length: this.#size }, runLeft));
    this.#leave.signal.throwIfAborted();
    return { ...soFar, failed };
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
