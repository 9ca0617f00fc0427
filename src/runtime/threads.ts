// A small pool of worker threads for computations that would block the event loop: forecasting, simulating.
//
// A worker file is TypeScript that calls `serve` once. Node 20 cannot start a thread at a .ts file, so a thread starts at
// two lines of JavaScript that load `typescript.cjs` first. Inside a thread, as in all of this project, modules are
// CommonJS: `import` at the top of a file works, `await import('./x')` of a .ts file does not.

import { join } from 'node:path';
import { parentPort, type Transferable, Worker, workerData } from 'node:worker_threads';

const TYPESCRIPT = join(__dirname, 'typescript.cjs');

export interface RunOptions {
  /** Buffers that are handed over instead of copied; they are empty here afterwards. */
  transfer?: readonly Transferable[];
  /** Ends the wait: a task that waits is dropped, a thread at work on it is stopped and replaced. */
  signal?: AbortSignal;
}

export interface Threads<Task, Result> {
  /**
   * Has one task done by a free thread, or as soon as one is free. The queue has no limit of its own: the
   * caller decides how many tasks are under way (see `inOrder`).
   * @throws what the task threw (its message, name and stack; not its class), WorkerDied, the signal's
   *   reason, or an Error after `close`
   */
  run(task: Task, options?: RunOptions): Promise<Result>;
  /**
   * Many tasks, taken from `tasks` only when there is capacity: at most `ahead` (default: twice the threads) are
   * under way or done and not yet fetched, so that memory is bounded whatever the number of tasks.
   * Results come in the order of the tasks. The first task that fails ends it.
   */
  inOrder(
    tasks: AsyncIterable<Task> | Iterable<Task>,
    options?: { ahead?: number; signal?: AbortSignal },
  ): AsyncGenerator<Result, void, undefined>;
  /** Waits for the tasks under way, rejects those that wait, and ends the threads. Twice is as good as once. */
  close(): Promise<void>;
}

/** A thread ended in the middle of a task: out of memory, `process.exit`, or an error outside of the task. */
export class WorkerDied extends Error {}

/** What a worker answers with, when buffers are to be handed over instead of copied. */
export class TransferredResult<Result> {
  constructor(
    readonly result: Result,
    readonly transfer: readonly Transferable[],
  ) {}
}

interface QueuedTask<Task, Result> {
  task: Task;
  transfer: readonly Transferable[];
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

interface Thread<Task, Result> {
  worker: Worker;
  doing: QueuedTask<Task, Result> | null;
}

type TaskAnswer = { result: unknown } | { error: { name: string; message: string; stack: string } };

/**
 * A pool of at most `size` threads that run `workerFile` (an absolute path). Threads start when there is
 * work for them, and an idle thread does not keep the process alive.
 * @param options.workerData given to `serve`'s handler in every thread; it is copied once per thread
 */
export function threads<Task, Result>(
  workerFile: string,
  options: { size: number; workerData?: unknown },
): Threads<Task, Result> {
  const { size } = options;
  if (!Number.isInteger(size) || size < 1)
    throw new RangeError(`A pool of ${size} threads; it must be 1 or more`);
  return new ThreadPool<Task, Result>(workerFile, size, options.workerData);
}

class ThreadPool<Task, Result> implements Threads<Task, Result> {
  readonly #all = new Set<Thread<Task, Result>>();
  #queue: QueuedTask<Task, Result>[] = [];
  #closing: Promise<void> | null = null;
  #whenIdle: (() => void) | null = null;

  constructor(
    readonly workerFile: string,
    readonly size: number,
    readonly data: unknown,
  ) {}

  run(task: Task, { transfer = [], signal }: RunOptions = {}): Promise<Result> {
    if (this.#closing) return Promise.reject(new Error('The pool of threads is closed'));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<Result>((resolve, reject) => {
      const stop = (): void => this.#stop(waiting, signal?.reason);
      const done = (): void => signal?.removeEventListener('abort', stop);
      const waiting: QueuedTask<Task, Result> = {
        task,
        transfer,
        resolve: (result) => {
          done();
          resolve(result);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#queue.push(waiting);
      this.#next();
    });
  }

  async *inOrder(
    tasks: AsyncIterable<Task> | Iterable<Task>,
    { ahead = this.size * 2, signal }: { ahead?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<Result, void, undefined> {
    const underWay: Promise<Result>[] = [];
    try {
      for await (const task of tasks) {
        const promise = this.run(task, { signal });
        // It is awaited later; until then a rejection must not count as unhandled.
        promise.catch(() => undefined);
        underWay.push(promise);
        if (underWay.length >= ahead) yield await underWay.shift()!;
      }
      while (underWay.length > 0) yield await underWay.shift()!;
    } finally {
      await Promise.allSettled(underWay);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const dropped = this.#queue;
    this.#queue = [];
    for (const waiting of dropped) waiting.reject(new Error('The pool of threads was closed'));
    if (this.#busy() > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    await Promise.all([...this.#all].map((thread) => thread.worker.terminate()));
  }

  #busy(): number {
    return [...this.#all].filter((thread) => thread.doing).length;
  }

  /** Gives waiting tasks to free threads and starts threads while there may be more. */
  #next(): void {
    for (;;) {
      const waiting = this.#queue[0];
      if (!waiting) break;
      const free = [...this.#all].find((thread) => !thread.doing);
      if (!free && this.#all.size >= this.size) return;
      this.#queue.shift();
      const thread = free ?? this.#start();
      thread.doing = waiting;
      thread.worker.ref();
      try {
        thread.worker.postMessage(waiting.task, waiting.transfer);
      } catch (error) {
        // A task that cannot be copied (a function in it) is the fault of that task alone.
        this.#free(thread);
        waiting.reject(error);
      }
    }
    if (this.#busy() === 0) this.#whenIdle?.();
  }

  #start(): Thread<Task, Result> {
    const boot = `require(${JSON.stringify(TYPESCRIPT)}); require(${JSON.stringify(this.workerFile)});`;
    // The parent's own flags (those of npm start, or what jest was started with) are not for a thread.
    const worker = new Worker(boot, { eval: true, execArgv: [], workerData: this.data });
    const thread: Thread<Task, Result> = { worker, doing: null };
    let cause: unknown;
    worker.on('message', (answer: TaskAnswer) => this.#answered(thread, answer));
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', (code) => this.#ended(thread, code, cause));
    this.#all.add(thread);
    return thread;
  }

  #answered(thread: Thread<Task, Result>, answer: TaskAnswer): void {
    const waiting = thread.doing;
    if (!waiting) return;
    this.#free(thread);
    if ('error' in answer) waiting.reject(Object.assign(new Error(answer.error.message), answer.error));
    else waiting.resolve(answer.result as Result);
    this.#next();
  }

  #free(thread: Thread<Task, Result>): void {
    thread.doing = null;
    thread.worker.unref();
  }

  #ended(thread: Thread<Task, Result>, code: number, cause: unknown): void {
    this.#all.delete(thread);
    const waiting = thread.doing;
    thread.doing = null;
    // Its message only: its stack would quote a screenful of the loader's minified source.
    const why = (cause as Error | undefined)?.message ?? `exit code ${code}`;
    waiting?.reject(new WorkerDied(`A worker thread of ${this.workerFile} died: ${why}`));
    this.#next();
  }

  #stop(waiting: QueuedTask<Task, Result>, reason: unknown): void {
    this.#queue = this.#queue.filter((other) => other !== waiting);
    const thread = [...this.#all].find((each) => each.doing === waiting);
    waiting.reject(reason);
    if (!thread) return;
    // Arithmetic cannot be interrupted in any other way. The thread is removed at once, so that a late
    // answer is ignored and no other task is given to it.
    thread.doing = null;
    this.#all.delete(thread);
    void thread.worker.terminate();
    this.#next();
  }
}

/**
 * Called once at the end of a worker file: does one task after the other. What the handler throws rejects
 * its task only. Typed arrays in the answer are copied unless it is wrapped in `Handed`.
 */
export function serve<Task, Result, Data = unknown>(
  handler: (
    task: Task,
    data: Data,
  ) => Result | TransferredResult<Result> | Promise<Result | TransferredResult<Result>>,
): void {
  const port = parentPort;
  if (!port) throw new Error('This file is the work of a thread; it is started by `threads`');
  const answer = async (task: Task): Promise<void> => {
    try {
      const result = await handler(task, workerData as Data);
      if (result instanceof TransferredResult) port.postMessage({ result: result.result }, result.transfer);
      else port.postMessage({ result });
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      port.postMessage({ error: { name, message, stack: stack ?? '' } });
    }
  };
  port.on('message', (task: Task) => void answer(task));
}
