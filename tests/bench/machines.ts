// npm run bench:machines -- --series 4000 --days 730 --runs alone,1,2,4: one forecast run by a process without the queue, and by 1, 2 and 4 on it.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { PartitionQueue } from '../../jobs/queue/queue';
import { JobRunner } from '../../jobs/runner';
import type { Job } from '../../jobs/timetable';
import { type Db, openDb } from '../../src/db/pool';
import type { Parts } from '../../src/graphql/context';
import { type TaskKind, withExecutor } from '../../src/runtime/jobs';
import { ownServer } from '../support/ownServer';
import { TYPESCRIPT } from '../support/typescript';
import { DUE, fill } from './nightWorld';

const ROOT = join(__dirname, '../..');
const EMPTY: TaskKind = { name: 'empty', version: 1, workerFile: join(__dirname, 'machinesThread.ts') };
const EMPTY_TASKS = 500;

const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

interface Spent {
  /** Processor time since the worker was open, that of starting its threads included. */
  cpuMs: number;
  /** Processor time until then. */
  loadMs: number;
  rss: number;
}

/** A process; resolves with what it spent. */
function machine(...words: string[]): { open: Promise<void>; spent: Promise<Spent>; stop(): void } {
  const child = spawn(process.execPath, [...TYPESCRIPT, 'tests/bench/machinesWorker.ts', ...words], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes;
  });
  const spent = new Promise<Spent>((resolve, reject) => {
    child.on('close', (code) => {
      const line = output.trim().split('\n').at(-1)!;
      if (code === 0) resolve(JSON.parse(line) as Spent);
      else reject(new Error(`A machine ended with ${code}: ${output}`));
    });
  });
  const open = (async () => {
    while (!output.includes('open\n')) {
      if (child.exitCode !== null) return;
      await sleep(20);
    }
  })();
  return { open, spent, stop: () => child.kill('SIGTERM') };
}

const FORECASTS = `
  SELECT location_id, sku_id, cut_day, method, why, trials::text, mean::text, quantiles::text, spread::text, recent_mean::text
  FROM demand_forecast ORDER BY location_id, sku_id, cut_day`;

/** A hash of all forecasts, and what their run needed of partitions and bytes; then they are forgotten. */
async function takeForecasts(
  db: Db,
): Promise<{ hash: string; rows: number; partitions: number; bytes: number }> {
  const rows = await db.rows(FORECASTS);
  const hash = createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16);
  const [counted] = await db.rows<{ partitions: number }>(
    'SELECT count(*)::int AS partitions FROM forecast_part',
  );
  const [size] = await db.rows<{ bytes: number }>(
    `SELECT sum(pg_total_relation_size(inhrelid)) AS bytes FROM pg_inherits WHERE inhparent = 'demand_forecast'::regclass`,
  );
  for (const table of ['demand_forecast', 'forecast_run CASCADE', 'job_run CASCADE'])
    await db.rows(`TRUNCATE ${table}`);
  return { hash, rows: rows.length, partitions: counted!.partitions, bytes: Number(size!.bytes) };
}

/** Milliseconds that the queue takes for a partition in which nothing is done: by the clock, and processor time of this process. */
async function emptyPartitions(db: Db): Promise<{ wallMs: number; cpuMs: number }> {
  const parts = { db, clock: () => new Date(), log: pino({ level: 'warn' }) } as unknown as Parts;
  const queue = new PartitionQueue(parts, { kinds: [EMPTY], runner: 'bench', takeoverSeconds: 60 });
  let tasks = 1;
  const job: Job = {
    ...{ name: 'empty', cron: '0 0 1 1 *', what: '', catchUpHours: 0, keepDays: 1, idleIsUsual: false },
    run: (context, _due, progress) =>
      withExecutor(context, EMPTY, { figures: async () => ({}), progress }, async (executor) => {
        const all = Array.from({ length: tasks }, (_, number) => ({ number }));
        const limits = { timeoutMs: 10_000, tries: 1 };
        await executor.runAll({
          name: 'all',
          tasks: all,
          numberOf: (task) => task.number,
          limits,
          warning: '',
        });
        return { tasks };
      }),
  };
  const runner = new JobRunner(parts, [job], 'bench', { queue });
  // Threads are started by the first.
  await runner.runDue(job, new Date(1));
  tasks = EMPTY_TASKS;
  const begun = performance.now();
  const cpu = process.cpuUsage();
  await runner.runDue(job, new Date(2));
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = (performance.now() - begun) / EMPTY_TASKS;
  await queue.close(5);
  return { wallMs, cpuMs: (user + system) / 1_000 / EMPTY_TASKS };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      series: { type: 'string', default: '4000' },
      days: { type: 'string', default: '730' },
      shelves: { type: 'string', default: '500' },
      runs: { type: 'string', default: 'alone,1,2,4' },
    },
  });
  const { series, days, shelves, runs } = values;
  const server = await ownServer();
  const db = openDb(server.url, 4);
  try {
    print(
      `${series} series × ${days} days: ${await fill(server.url, Number(series), Number(days))} daily facts`,
    );
    const hashes = new Set<string>();
    let partitionMs = 0;
    for (const run of runs.split(',')) {
      const mode = run === 'alone' ? 'alone' : 'queue';
      const machines = run === 'alone' ? 1 : Number(run);
      const others = Array.from({ length: machines - 1 }, () => machine(server.url, shelves, mode));
      await Promise.all(others.map((other) => other.open));
      const coordinator = machine(server.url, shelves, mode, DUE.toISOString());
      await coordinator.open;
      const begun = performance.now();
      const first = await coordinator.spent;
      const wallMs = performance.now() - begun;
      for (const other of others) other.stop();
      const spent = [first, ...(await Promise.all(others.map((other) => other.spent)))];
      const cpuMs = spent.reduce((sum, one) => sum + one.cpuMs, 0);
      const loadMs = spent.reduce((sum, one) => sum + one.loadMs, 0);
      const { hash, rows, partitions, bytes } = await takeForecasts(db);
      hashes.add(hash);
      if (mode === 'alone') partitionMs = cpuMs / partitions;
      const peak = Math.max(...spent.map((one) => one.rss)) / 1_048_576;
      print(
        `${mode} ${machines}: ${(wallMs / 1_000).toFixed(1)} s, ${(cpuMs / 1_000).toFixed(1)} s of processors without the database ` +
          `after ${(loadMs / 1_000).toFixed(1)} s to load the programs, ` +
          `${partitions} partitions, ${rows} forecasts of ${(bytes / rows).toFixed(0)} bytes, peak ${peak.toFixed(0)} MB, ${hash}`,
      );
    }
    const { wallMs, cpuMs } = await emptyPartitions(db);
    print(
      `an empty partition: ${wallMs.toFixed(1)} ms by the clock, ${cpuMs.toFixed(1)} ms of this process: ` +
        `${((100 * cpuMs) / partitionMs).toFixed(2)} % of the ${(partitionMs / 1_000).toFixed(1)} s of a full one`,
    );
    if (hashes.size !== 1) throw new Error('the forecasts differ');
  } finally {
    await db.close();
    await server.stop();
  }
}

void main();
