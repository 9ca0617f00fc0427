// Runs jobs when they are due: one runner per due time, whatever the number of processes.

import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTask, type ScheduledTask } from 'node-cron';
import { isUnreachable } from '../src/db/transaction';
import type { Parts } from '../src/graphql/context';
import { jobRuns } from '../src/metrics';
import type { JobContext, JobFigures } from '../src/runtime/jobs';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/values/time';
import {
  BEATS_PER_TAKEOVER,
  beat,
  claim,
  deleteOldRuns,
  finish,
  giveUp,
  isKnown,
  type JobClaim,
  KEEP_IDLE_MINUTES,
  report,
  STALE_SECONDS,
  unfinished,
} from './claims';
import { TASK_KINDS } from './queue/kinds';
import { deletePartitions } from './queue/partitions';
import { PartitionQueue } from './queue/queue';
import { SharedRun } from './queue/sharedRun';
import { type Job, TIMETABLE } from './timetable';

/** Interval for finding runs of dead processes. */
const SWEEP_MS = 30_000;
/** A clock that moved back by more than this was corrected by hand; smaller steps are usual clock synchronisation and harmless. */
const SET_BACK_MS = 10_000;
/** Interval for deleting old runs. */
const DELETE_INTERVAL_MS = HOUR_MS;
const MAX_ERROR_LENGTH = 2_000;

/** Outcome of a due time; not run when another runner has claimed or finished it. */
export type JobOutcome = { ran: false } | { ran: true; figures: JobFigures } | { ran: true; error: unknown };

/** The last time at or before `now`, and after `from`, that a cron expression (UTC) names; null: none. */
export function lastDue(cron: string, from: Date, now: Date): Date | null {
  const task = createTask(cron, () => {}, { timezone: 'UTC' });
  const stepMs = cron.trim().split(/\s+/).length > 5 ? 1_000 : 60_000;
  try {
    for (let t = Math.floor(now.getTime() / stepMs) * stepMs; t > from.getTime(); t -= stepMs) {
      const at = new Date(t);
      if (task.match(at)) return at;
    }
    return null;
  } finally {
    void task.destroy();
  }
}

/** Options of a runner. */
export interface RunnerOptions {
  /** Shares the tasks of runs among machines; null: they are executed in this process. */
  queue?: PartitionQueue | null;
  /** Seconds without a heartbeat after which runs of other runners are taken over. */
  takeoverSeconds?: number;
}

const runnerName = (): string => `${hostname()}:${process.pid}`;

/** Runs a timetable in this process. */
export class JobRunner {
  readonly #running = new Map<Job, Promise<JobOutcome>>();
  readonly #deletedAt = new Map<Job, number>();
  /** Time up to which missed due times were searched; the search tries minute by minute, so each is tried once. */
  readonly #lookedUntil = new Map<Job, Date>();
  readonly #tasks: ScheduledTask[] = [];
  /** Largest difference of the wall clock to the monotonic clock at the time when ticks were last scheduled. */
  #ahead = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> = Promise.resolve();
  #stopping = false;
  readonly #queue: PartitionQueue | null;
  readonly #takeoverSeconds: number;

  constructor(
    private readonly parts: Parts,
    private readonly timetable: readonly Job[],
    private readonly name = runnerName(),
    { queue = null, takeoverSeconds = STALE_SECONDS }: RunnerOptions = {},
  ) {
    this.#queue = queue;
    this.#takeoverSeconds = takeoverSeconds;
  }

  /**
   * Runs a job for a due time, if that is free to be run. An error that the job throws is its outcome. A job is never
   * run twice at once in one process: a tick during a run is left to other processes, or to the next tick. A run that
   * was tried `most` times is not tried again.
   */
  runDue(job: Job, dueAt: Date, most?: number): Promise<JobOutcome> {
    if (this.#running.has(job)) return Promise.resolve({ ran: false });
    const outcome = this.#run(job, dueAt, most).finally(() => this.#running.delete(job));
    this.#running.set(job, outcome);
    return outcome;
  }

  /** Takes over runs of dead processes, catches up what nobody ran, and notices a clock that was set back. */
  async sweep(): Promise<void> {
    await this.#rescheduleAfterClockChange();
    for (const job of this.timetable) {
      if (!this.#stopping) await this.#sweepJob(job, this.parts.clock());
    }
  }

  /** Starts the timetable: catches up missed runs, then runs every tick. */
  start(): void {
    const { log } = this.parts;
    const logger = {
      info: (message: unknown) => log.debug(String(message)),
      warn: (message: unknown) => log.warn(String(message)),
      error: (message: unknown) => log.error(String(message)),
      debug: (message: unknown) => log.debug(String(message)),
    };
    for (const job of this.timetable) {
      const task = createTask(job.cron, ({ date }) => this.#tick(job, date), { timezone: 'UTC', logger });
      // A stalled process has skipped ticks; those within their job's catch-up time are run now.
      task.on('execution:missed', ({ date }) => {
        this.#noteClock();
        if (job.catchUpHours > 0) this.#tick(job, date);
      });
      void task.start();
      this.#tasks.push(task);
    }
    this.#sweepAndAgain();
  }

  /** Stops ticks and waits for running jobs, up to so many seconds. Interrupted runs are taken over by another process. */
  async stop(drainSeconds: number): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const task of this.#tasks.splice(0)) await task.destroy();
    const drained = new AbortController();
    const tooLate = sleep(drainSeconds * 1_000, undefined, { signal: drained.signal }).catch(() => {});
    await Promise.race([Promise.allSettled([this.#sweeping, ...this.#running.values()]), tooLate]);
    drained.abort();
    const left = [...this.#running.keys()].map((job) => job.name);
    if (left.length > 0)
      this.parts.log.warn({ jobs: left }, 'jobs were interrupted; another runner takes them over later');
  }

  #clockAhead(): number {
    return this.parts.clock().getTime() - performance.now();
  }

  /** Records the clock at the time when the next tick is scheduled. */
  #noteClock(): void {
    this.#ahead = Math.max(this.#ahead, this.#clockAhead());
  }

  /** Reschedules all ticks after the clock was set back: a tick scheduled while it was an hour ahead would be an hour late. */
  async #rescheduleAfterClockChange(): Promise<void> {
    const now = this.#clockAhead();
    if (now < this.#ahead - SET_BACK_MS) {
      this.parts.log.warn('the clock was set back; all jobs are scheduled again');
      for (const task of this.#tasks) {
        await task.stop();
        await task.start();
      }
    }
    this.#ahead = now;
  }

  async #run(job: Job, dueAt: Date, most?: number): Promise<JobOutcome> {
    const { db, log, clock } = this.parts;
    const limits = { most, staleSeconds: this.#takeoverSeconds };
    const claimed = await claim(db, { job: job.name, dueAt }, this.name, clock(), limits);
    if (claimed === null) return { ran: false };
    const outcome = await this.#perform(job, claimed);
    await this.#deleteOldRuns(job).catch((error) =>
      log.warn({ err: error, job: job.name }, 'old job runs could not be deleted'),
    );
    return outcome;
  }

  async #perform(job: Job, claimed: JobClaim): Promise<JobOutcome> {
    const { db, log, clock } = this.parts;
    const { dueAt } = claimed;
    const beatMs = (this.#takeoverSeconds * 1_000) / BEATS_PER_TAKEOVER;
    const heart = setInterval(() => void this.#beat(claimed), beatMs);
    const context: Parts & JobContext = { ...this.parts };
    if (this.#queue !== null) context.shared = new SharedRun(this.#queue, { job: job.name, dueAt });
    try {
      const figures = await job.run(
        context,
        dueAt,
        async (done) => !this.#stopping && (await report(db, claimed, clock(), done)),
      );
      await finish(db, claimed, clock(), { figures });
      if (this.#queue !== null)
        await deletePartitions(db, claimed).catch((error: unknown) =>
          log.warn({ err: error, job: job.name }, 'partitions of a run could not be deleted'),
        );
      jobRuns.inc({ job: job.name, status: 'DONE' });
      const idle = Object.values(figures).every((n) => n === 0);
      log[idle ? 'debug' : 'info']({ job: job.name, dueAt, ...figures }, 'job done');
      return { ran: true, figures };
    } catch (error) {
      jobRuns.inc({ job: job.name, status: 'FAILED' });
      // An unreachable database raises its own alarm; the run is resumed once it is reachable.
      const level = isUnreachable(error) || this.#stopping ? 'warn' : 'error';
      log[level]({ err: error, job: job.name, dueAt }, 'job failed');
      const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR_LENGTH);
      // If this fails too, the heartbeat stops and another runner takes the run over.
      await finish(db, claimed, clock(), { error: message }).catch(() => {});
      return { ran: true, error };
    } finally {
      clearInterval(heart);
    }
  }

  async #beat(claimed: JobClaim): Promise<void> {
    const { db, log, clock } = this.parts;
    try {
      const ours = await beat(db, claimed, clock());
      if (!ours)
        log.warn({ job: claimed.job, dueAt: claimed.dueAt }, 'another runner has taken this run over');
    } catch (error) {
      log.warn({ err: error, job: claimed.job }, 'a heartbeat of a job was not recorded');
    }
  }

  async #deleteOldRuns(job: Job): Promise<void> {
    const now = this.parts.clock().getTime();
    if (now - (this.#deletedAt.get(job) ?? 0) < DELETE_INTERVAL_MS) return;
    this.#deletedAt.set(job, now);
    // Known runs are not caught up, so they are kept as long as a due time can be caught up.
    const idleMs = Math.max(KEEP_IDLE_MINUTES * MINUTE_MS, job.catchUpHours * HOUR_MS);
    const idleBefore = job.idleIsUsual ? new Date(now - idleMs) : null;
    await deleteOldRuns(this.parts.db, job.name, new Date(now - job.keepDays * DAY_MS), idleBefore);
  }

  #tick(job: Job, dueAt: Date): void {
    this.#noteClock();
    if (this.#stopping) return;
    this.runDue(job, dueAt).catch((error) =>
      this.parts.log.warn({ err: error, job: job.name }, 'a job could not be claimed'),
    );
  }

  async #sweepJob(job: Job, now: Date): Promise<void> {
    const { db, log } = this.parts;
    const from = new Date(now.getTime() - job.catchUpHours * HOUR_MS);
    for (const dueAt of await giveUp(db, job.name, from, now, this.#takeoverSeconds)) {
      jobRuns.inc({ job: job.name, status: 'FAILED' });
      log.error(
        { job: job.name, dueAt },
        'the runner of a job stopped responding, and the job has no attempts left',
      );
    }
    if (job.catchUpHours === 0) return;
    for (const { dueAt } of await unfinished(db, job.name, from, now, this.#takeoverSeconds)) {
      if (!this.#stopping) await this.runDue(job, dueAt);
    }
    const missed = lastDue(job.cron, this.#lookedUntil.get(job) ?? from, now);
    if (missed !== null && !this.#stopping && !(await isKnown(db, { job: job.name, dueAt: missed }))) {
      log.info({ job: job.name, dueAt: missed }, 'a missed job run is caught up');
      await this.runDue(job, missed);
    }
    this.#lookedUntil.set(job, now);
  }

  #sweepAndAgain(): void {
    this.#sweeping = this.sweep()
      .catch((error) =>
        this.parts.log.warn({ err: error }, 'abandoned and missed job runs could not be checked'),
      )
      .then(() => {
        const pauseMs = Math.min(SWEEP_MS, this.#takeoverSeconds * 500);
        if (!this.#stopping) this.#timer = setTimeout(() => this.#sweepAndAgain(), pauseMs);
      });
  }
}

/** The queue of this process, not opened yet. */
export function queueOf(parts: Parts): PartitionQueue {
  const { jobTakeoverSeconds } = parts.config;
  const options = { kinds: TASK_KINDS, runner: runnerName(), takeoverSeconds: jobTakeoverSeconds };
  return new PartitionQueue(parts, options);
}

/** Starts the timetable and this machine's worker beside a program, and answers how to stop them. */
export function startJobs(parts: Parts): () => Promise<void> {
  const { drainSeconds, jobTakeoverSeconds } = parts.config;
  const queue = queueOf(parts);
  const runner = new JobRunner(parts, TIMETABLE, runnerName(), {
    queue,
    takeoverSeconds: jobTakeoverSeconds,
  });
  queue.start();
  runner.start();
  parts.log.info({ jobs: TIMETABLE.map((job) => job.name) }, 'the timetable runs');
  return async () => {
    await Promise.all([runner.stop(drainSeconds), queue.close(drainSeconds)]);
  };
}
