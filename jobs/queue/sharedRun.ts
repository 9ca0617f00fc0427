// The coordinator of one run: records the partitions of each stage, queues them, and waits until all machines together have finished them.

import { setTimeout as sleep } from 'node:timers/promises';
import { isUnreachable } from '../../src/db/transaction';
import {
  LEFT_TO_ANOTHER,
  PROGRESS_MS,
  type ProgressReport,
  type SharedExecution,
  type StageEnd,
  type StageExtent,
  type TaskExecutor,
  type TaskKind,
  type TaskStage,
  withExecutor,
} from '../../src/runtime/jobs';
import type { JobDue } from '../claims';
import { identifierOf } from './executor';
import {
  countStage,
  endOfStage,
  extentOfStage,
  missingInQueue,
  recordTasks,
  type StageKey,
  waitingInQueue,
} from './partitions';
import type { PartitionQueue } from './queue';

/** Share of the time that a stage has taken after which it is looked at again: that much later its end is noticed, at most a second. */
const PAUSE_SHARE = 0.1;
const MIN_PAUSE_MS = 20;
const MISSING_AT_ONCE = 5_000;

export class SharedRun implements SharedExecution {
  constructor(
    private readonly queue: PartitionQueue,
    private readonly due: JobDue,
  ) {}

  async with<Task extends object, T>(
    kind: TaskKind,
    report: ProgressReport,
    work: (executor: TaskExecutor<Task>) => Promise<T>,
  ): Promise<T> {
    if (!(await this.queue.openIfAllowed())) return withExecutor(this.queue.context, kind, report, work);
    return work({ runAll: (stage) => this.#runAll(kind, report, stage) });
  }

  async #runAll<Task extends object>(
    kind: TaskKind,
    report: ProgressReport,
    { name, tasks, numberOf, limits }: TaskStage<Task>,
  ): Promise<StageEnd<Task>> {
    const { db } = this.queue.context;
    const stage: StageKey = { ...this.due, stage: name };
    await recordTasks(db, stage, tasks, numberOf);
    const addMissing = async (): Promise<void> => {
      for (let full = true; full; ) {
        const numbers = await missingInQueue(db, stage, identifierOf(kind), MISSING_AT_ONCE);
        const partitions = numbers.map((number) => ({ ...stage, number }));
        await this.queue.add(partitions, kind, limits.timeoutMs, limits.tries);
        full = numbers.length === MISSING_AT_ONCE;
      }
    };
    await this.#wait(stage, report, addMissing, limits.maxFailures ?? Number.POSITIVE_INFINITY);
    return endOfStage<Task>(db, stage);
  }

  /** Waits until no partition is open, or too many have failed. @throws when the run is left to another runner */
  async #wait(
    stage: StageKey,
    report: ProgressReport,
    addMissing: () => Promise<void>,
    maxFailures: number,
  ): Promise<void> {
    const { db, log } = this.queue.context;
    let addedAt = Number.NEGATIVE_INFINITY;
    const begunAt = performance.now();
    let reportedAt = begunAt;
    for (;;) {
      try {
        // Again from time to time: whoever repairs the queue by hand may have lost entries.
        if (performance.now() - addedAt > this.queue.takeoverSeconds * 1_000) {
          await addMissing();
          addedAt = performance.now();
        }
        const { open, failed } = await countStage(db, stage);
        if (open === 0) return;
        if (failed >= maxFailures) return await this.queue.withdraw(await waitingInQueue(db, stage));
        if (performance.now() - reportedAt >= PROGRESS_MS) {
          reportedAt = performance.now();
          if (!(await this.#report(stage, report))) throw new Error(LEFT_TO_ANOTHER);
        }
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        log.debug({ err: error }, 'a run could not be looked at; the database is away');
      }
      const pauseMs = Math.max(MIN_PAUSE_MS, PAUSE_SHARE * (performance.now() - begunAt));
      await sleep(Math.min(pauseMs, PROGRESS_MS));
    }
  }

  async #report(stage: StageKey, { figures, progress }: ProgressReport): Promise<boolean> {
    const soFar = (): Promise<StageExtent> => extentOfStage(this.queue.context.db, stage);
    return progress({ ...(await figures(soFar)) } as Parameters<typeof progress>[0]);
  }
}
