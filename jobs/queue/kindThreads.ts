// The threads of this process for one kind of task: started by the first task, ended when none came for a while.

import { databaseThreads, type TaskKind, type TaskResult, THREADS_PER_PROCESS } from '../../src/runtime/jobs';
import type { Threads } from '../../src/runtime/threads';

/** A thread holds some 100 MB and a database connection; learning, during which others wait, takes minutes. */
const IDLE_MS = 30_000;

export class KindThreads {
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
