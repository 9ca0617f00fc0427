// Machines that share the runs of jobs through the queue: real processes on a real database, killed, stopped and given tasks that fail.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobRunner } from '../../jobs/runner';
import { historyOf, NIGHT, putSales, putSkus, SHELVES } from '../forecast/support';
import { startApp, type TestApp } from '../support/app';
import { createTestTables, DEMAND_JOB, type Machine, machineOf, TEST_JOB } from './queue/machine';

// A machine takes seconds to start, and each of its threads too.
jest.setTimeout(120_000);

const ROOT = join(__dirname, '../..');
let app: TestApp;
let here: Machine;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  app = await startApp();
  await createTestTables(app.db);
  here = machineOf({ ...app.parts, clock: () => new Date() }, 'here');
  await here.queue.open();
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  for (const table of ['job_run', 'test_plan', 'test_begun', 'test_trouble', 'test_result'])
    await app.db.rows(`DELETE FROM ${table}`);
});
afterAll(async () => {
  await here.queue.close(5);
  await app.close();
});

interface Other {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<number | null>;
  output(): string;
}

/** Starts another machine and waits until its worker is open. */
async function machine(name: string, ...run: string[]): Promise<Other> {
  const words = [
    '--require',
    './src/runtime/typescript.cjs',
    'tests/jobs/queue/program.ts',
    app.databaseUrl,
    name,
    ...run,
  ];
  const child = spawn(process.execPath, words, { cwd: ROOT });
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      output += bytes;
    });
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  while (!output.includes('open\n')) {
    if (child.exitCode !== null) throw new Error(`The machine ended: ${output}`);
    await sleep(20);
  }
  return {
    pid: child.pid!,
    kill: (signal) => child.kill(signal),
    exited,
    output: () => output,
  };
}

const plan = (tasks: number, ms: number) => app.db.rows('INSERT INTO test_plan VALUES ($1, $2)', [tasks, ms]);
const trouble = (number: number, kind: string) =>
  app.db.rows('INSERT INTO test_trouble VALUES ($1, $2)', [number, kind]);
const begun = (pid?: number) =>
  app.db.rows<{ number: number; pid: number }>(
    'SELECT number, pid FROM test_begun WHERE pid = $1 OR $1 IS NULL ORDER BY number, at',
    [pid ?? null],
  );
const results = async () =>
  (await app.db.rows<{ number: number }>('SELECT number FROM test_result ORDER BY 1')).map((r) => r.number);
const runs = () =>
  app.db.rows<{ status: string; attempts: number; runner: string; figures: object; error: string | null }>(
    'SELECT status, attempts, runner, figures, error FROM job_run',
  );
const partitions = () =>
  app.db.rows('SELECT number, error FROM job_partition WHERE finished_at IS NULL OR error IS NOT NULL');
const queued = () =>
  app.db.rows<{ key: string; attempts: number }>('SELECT key, attempts FROM graphile_worker.jobs');
const all = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

test('two machines share a run: every task is executed once, by one of them', async () => {
  const other = await machine('other', 'real');
  await plan(40, 50);
  const due = new Date();
  const outcome = await here.runner.runDue(TEST_JOB, due);
  expect(outcome).toEqual({ ran: true, figures: { tasks: 40, done: 40 } });
  const executed = await begun();
  expect(executed.map((one) => one.number)).toEqual(all(40));
  const counts = [process.pid, other.pid].map((pid) => executed.filter((one) => one.pid === pid).length);
  expect(Math.min(...counts)).toBeGreaterThan(5);
  expect(await runs()).toMatchObject([
    { status: 'DONE', attempts: 1, runner: 'here', figures: { tasks: 40 } },
  ]);
  expect([await app.db.rows('SELECT * FROM job_partition'), await queued()]).toEqual([[], []]);
  expect(await here.runner.runDue(TEST_JOB, due)).toEqual({ ran: false });

  // Stopped, it finishes what it has begun and takes no more; nothing is executed twice.
  await app.db.rows('DELETE FROM test_begun');
  await app.db.rows('DELETE FROM test_result');
  await app.db.rows('UPDATE test_plan SET ms = 300');
  const run = here.runner.runDue(TEST_JOB, new Date());
  await until(async () => (await begun(other.pid)).length > 0);
  other.kill('SIGTERM');
  expect(await other.exited).toBe(0);
  const atItsEnd = (await begun(other.pid)).map((one) => one.number);
  expect(await results()).toEqual(expect.arrayContaining(atItsEnd));
  await run;
  expect((await begun()).map((one) => one.number)).toEqual(all(40));
  expect(await app.db.rows("SELECT id FROM job_worker WHERE runner = 'other'")).toEqual([]);
});

test('a machine that stops gives back what takes longer than some seconds, and that is no failed attempt', async () => {
  const other = await machine('other', 'real');
  await plan(4, 5_000);
  const run = here.runner.runDue(TEST_JOB, new Date());
  await until(async () => (await begun()).length === 4);
  const cutOff = (await begun(other.pid)).map((one) => one.number);
  expect(cutOff.length).toBeGreaterThan(0);
  other.kill('SIGTERM');
  expect(await other.exited).toBe(0);
  const done = await results();
  expect(cutOff.filter((number) => done.includes(number))).toEqual([]);
  await until(async () => (await begun()).length === 4 + cutOff.length);
  expect((await queued()).map(({ attempts }) => attempts)).toEqual(cutOff.map(() => 1));
  expect(await run).toEqual({ ran: true, figures: { tasks: 4, done: 4 } });
});

test('progress is that of all machines, and a run without tasks does nothing', async () => {
  expect(await here.runner.runDue(TEST_JOB, new Date())).toEqual({ ran: true, figures: { tasks: 0 } });
  expect(await runs()).toMatchObject([{ status: 'DONE', figures: { tasks: 0 } }]);
  await app.db.rows('DELETE FROM job_run');
  await plan(12, 400);
  const run = here.runner.runDue(TEST_JOB, new Date());
  await until(async () => {
    const [row] = await runs();
    return row?.status === 'RUNNING' && ((row.figures as { tasks: number } | null)?.tasks ?? 0) > 0;
  });
  expect(await run).toEqual({ ran: true, figures: { tasks: 12, done: 12 } });
});

test('a task that always fails ends the run as failed, after all others; a later attempt tries only that one', async () => {
  await plan(6, 10);
  await trouble(3, 'fails');
  const due = new Date();
  const outcome = await here.runner.runDue(TEST_JOB, due);
  expect(outcome).toMatchObject({ ran: true, error: { message: 'task 3 always fails' } });
  expect(await results()).toEqual([1, 2, 4, 5, 6]);
  expect((await begun()).map((one) => one.number)).toEqual([1, 2, 3, 3, 4, 5, 6]);
  expect(await runs()).toMatchObject([{ status: 'FAILED', error: 'task 3 always fails' }]);
  expect([await partitions(), await queued()]).toEqual([[{ number: 3, error: 'task 3 always fails' }], []]);
  await app.db.rows('DELETE FROM test_trouble');
  await app.db.rows('DELETE FROM test_begun');
  expect(await here.runner.runDue(TEST_JOB, due)).toEqual({ ran: true, figures: { tasks: 6, done: 6 } });
  expect((await begun()).map((one) => one.number)).toEqual([3]);
});

test('so many failures withdraw what nobody has begun', async () => {
  await plan(400, 5);
  for (const number of all(400)) await trouble(number, 'fails');
  const outcome = await here.runner.runDue(TEST_JOB, new Date());
  expect(outcome).toMatchObject({ ran: true, error: { message: expect.stringContaining('always fails') } });
  expect((await queued()).length).toBeLessThan(20);
  await until(async () => (await queued()).length === 0);
});

test('a coordinator that is killed is replaced by another machine, and no task is executed again that was done', async () => {
  await plan(40, 200);
  const due = new Date();
  const coordinator = await machine('coordinator', 'real', TEST_JOB.name, due.toISOString());
  await until(async () => (await results()).length > 8);
  coordinator.kill('SIGKILL');
  await coordinator.exited;
  const done = await results();
  const lost = (await begun(coordinator.pid)).map((one) => one.number).filter((n) => !done.includes(n));
  await until(async () => {
    await here.runner.sweep();
    return (await runs())[0]?.status === 'DONE';
  });
  expect(await runs()).toMatchObject([{ attempts: 2, runner: 'here', figures: { tasks: 40 } }]);
  const counts = (await begun()).map((one) => one.number);
  // What it was at work on was begun twice; all else once.
  expect(counts).toEqual([...all(40), ...lost].sort((a, b) => a - b));
  expect(await results()).toEqual(all(40));
});

test('a task that kills its machine fails, instead of killing them all', async () => {
  await here.queue.close(1);
  await plan(5, 10);
  await trouble(2, 'kills');
  const due = new Date();
  const victims = [await machine('a', 'real', TEST_JOB.name, due.toISOString()), await machine('b', 'real')];
  await Promise.all(victims.map((victim) => victim.exited));
  here = machineOf({ ...app.parts, clock: () => new Date() }, 'here');
  await here.queue.open();
  await until(async () => {
    await here.runner.sweep();
    return (await runs())[0]?.status === 'FAILED';
  });
  expect(await runs()).toMatchObject([{ error: 'its worker died in each of 2 attempts' }]);
  expect(await results()).toEqual([1, 3, 4, 5]);
  expect(await queued()).toEqual([]);
});

test('a forecast run of two machines, one of them killed, has the bytes of one machine without the queue', async () => {
  const bulk = (await putSkus(app.db, 120)).map((sku): [string, string] => ['paris', sku]);
  await putSales(app.db, historyOf([...SHELVES, ...bulk]));
  const forecasts = () =>
    app.db.rows(`
      SELECT f.location_id, f.sku_id, f.cut_day, md5(row(method, why, trials::text, mean, quantiles, spread, recent_mean)::text) AS content
      FROM demand_forecast f ORDER BY 1, 2, 3`);
  const deleteForecasts = async () => {
    for (const table of ['demand_forecast', 'forecast_run', 'job_run'])
      await app.db.rows(`DELETE FROM ${table}`);
  };
  const alone = await new JobRunner(app.parts, [DEMAND_JOB], 'alone').runDue(DEMAND_JOB, NIGHT);
  const learnt = () => app.db.rows('SELECT learnt FROM forecast_run');
  const levels = () =>
    app.db.rows(`
      SELECT number, category, location_id, md5(row(method, mean, shelves, quantiles, spread, history, scale_means)::text) AS content
      FROM level_forecast ORDER BY number`);
  const expected = [await forecasts(), await learnt(), await levels()];
  expect(expected[0]!.length).toBeGreaterThan(100);
  expect(expected[2]!.length).toBeGreaterThan(5);
  await deleteForecasts();

  const other = await machine('other', 'real');
  const run = here.runner.runDue(DEMAND_JOB, NIGHT);
  const partsOf = () => app.db.rows<{ done: number }>('SELECT count(*)::int AS done FROM forecast_draft');
  await until(async () => (await partsOf())[0]!.done > 4);
  other.kill('SIGKILL');
  const shared = await run;
  expect([await forecasts(), await learnt(), await levels()]).toEqual(expected);
  expect(shared).toEqual(alone);
});

test('npm run job -- forecastDemand --due forecasts through the queue, once', async () => {
  const byHand = async (): Promise<string> => {
    const words = [
      '--require',
      './src/runtime/typescript.cjs',
      'jobs/once.ts',
      'forecastDemand',
      '--due',
      NIGHT.toISOString(),
    ];
    const child = spawn(process.execPath, words, {
      cwd: ROOT,
      env: {
        ...{ PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'silent' },
        ...{ DATABASE_URL: app.databaseUrl, SECRET_KEY: 'a long random text of the tests, 40 bytes' },
      },
    });
    children.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        output += bytes;
      });
    await new Promise((resolve) => child.on('close', resolve));
    return output;
  };
  for (const table of ['demand_forecast', 'forecast_run']) await app.db.rows(`DELETE FROM ${table}`);
  expect(await byHand()).toMatch(/forecastDemand due 2026-11-25T00:05:00.000Z: \{.*"forecasts":126/);
  expect(await byHand()).toContain('nothing to do');
  expect(await runs()).toMatchObject([{ status: 'DONE', attempts: 1 }]);
});
