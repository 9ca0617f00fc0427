// One machine of the tests of the queue: its worker, and a runner of the jobs `testTasks` and `forecastDemand` in small partitions.

import { join } from 'node:path';
import { TASK_KINDS } from '../../../jobs/queue/kinds';
import { PartitionQueue } from '../../../jobs/queue/queue';
import { JobRunner } from '../../../jobs/runner';
import type { Job } from '../../../jobs/timetable';
import type { Db } from '../../../src/db/pool';
import { runDemandForecast } from '../../../src/forecast/actions/demand/run';
import type { Parts } from '../../../src/graphql/context';
import { type TaskKind, throwFailure, withExecutor } from '../../../src/runtime/jobs';
import type { TestTask } from './thread';

const TEST_TASKS: TaskKind = { name: 'testTasks', version: 1, workerFile: join(__dirname, 'thread.ts') };
/** Shelves of a partition of forecasts: many partitions of little work. */
export const PARTITION_SHELVES = 5;
export const TAKEOVER_SECONDS = 2;

const TABLES = [
  'CREATE TABLE test_plan (tasks int, ms int)',
  'CREATE TABLE test_begun (number int, pid int, at timestamptz DEFAULT clock_timestamp())',
  'CREATE TABLE test_trouble (number int, kind text)',
  'CREATE TABLE test_result (number int PRIMARY KEY)',
];

/** Creates the tables that tell `testTasks` what to do, and where it notes what it did. */
export async function createTestTables(db: Db): Promise<void> {
  for (const table of TABLES) await db.rows(table);
}

/** What `testTasks` does at a due time is a row of test_plan. */
export interface Plan {
  tasks: number;
  ms: number;
}
const PLAN = 'SELECT tasks, ms FROM test_plan';

const JOB: Omit<Job, 'name' | 'run'> = {
  ...{ cron: '0 0 1 1 *', what: '', catchUpHours: 36, keepDays: 90, idleIsUsual: false },
};

export const TEST_JOB: Job = {
  ...JOB,
  name: 'testTasks',
  async run(context, _dueAt, progress) {
    const [plan] = await context.db.rows<Plan>(PLAN);
    if (plan === undefined || plan.tasks === 0) return { tasks: 0 };
    const figures = async (soFar: () => Promise<{ done: number }>) => ({ tasks: (await soFar()).done });
    const end = await withExecutor(context, TEST_TASKS, { figures, progress }, (executor) =>
      executor.runAll<TestTask>({
        name: 'all of them',
        tasks: Array.from({ length: plan.tasks }, (_, i) => ({ number: i + 1, ms: plan.ms })),
        numberOf: ({ number }) => number,
        limits: { timeoutMs: 30_000, tries: 2, maxFailures: 5 },
        warning: 'a task of a test failed',
      }),
    );
    throwFailure(end);
    return { tasks: end.done, ...end.sums };
  },
};

export const DEMAND_JOB: Job = {
  ...JOB,
  name: 'forecastDemand',
  run: (context, dueAt, progress) => runDemandForecast(context, dueAt, progress, PARTITION_SHELVES),
};

export interface Machine {
  runner: JobRunner;
  queue: PartitionQueue;
}

/** A machine with these parts of a program. */
export function machineOf(parts: Parts, name: string): Machine {
  const queue = new PartitionQueue(parts, {
    kinds: [...TASK_KINDS, TEST_TASKS],
    runner: name,
    takeoverSeconds: TAKEOVER_SECONDS,
  });
  const options = { queue, takeoverSeconds: TAKEOVER_SECONDS };
  return { queue, runner: new JobRunner(parts, [TEST_JOB, DEMAND_JOB], name, options) };
}
