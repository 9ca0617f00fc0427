// The runner: one run a due time, whoever ticks; dead runners' work taken over, missed nights caught up, old runs forgotten.

import { setImmediate, setTimeout } from 'node:timers/promises';
import { KEEP_IDLE_MINUTES, MAX_RUN_ATTEMPTS, STALE_SECONDS } from '../../jobs/claims';
import { JobRunner, lastDue } from '../../jobs/runner';
import { type Job, TIMETABLE } from '../../jobs/timetable';
import type { JobFigures } from '../../src/runtime/jobs';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterEach(() => app.db.rows('DELETE FROM job_run'));
afterAll(() => app.close());

const NIGHT = new Date('2026-11-25T02:15:00.000Z');

/** A job that counts its runs and does what the test says. */
function job(
  more: Partial<Job> = {},
  work: () => Promise<JobFigures> = async () => ({ done: 1 }),
): Job & { dues: Date[] } {
  const dues: Date[] = [];
  return {
    name: 'count',
    cron: '15 2 * * *',
    what: 'counts',
    catchUpHours: 36,
    keepDays: 90,
    idleIsUsual: false,
    dues,
    run: (_parts, dueAt) => {
      dues.push(dueAt);
      return work();
    },
    ...more,
  };
}
const runs = () =>
  app.db.rows<{
    dueAt: Date;
    status: string;
    attempts: number;
    runner: string;
    figures: unknown;
    error: string | null;
  }>('SELECT due_at AS "dueAt", status, attempts, runner, figures, error FROM job_run ORDER BY due_at');
const runnerOf = (jobs: Job[], name: string) => new JobRunner(app.parts, jobs, name);

test('two runners tick the same due time: one runs it', async () => {
  const one = job();
  const runners = ['a', 'b', 'c', 'd'].map((name) => runnerOf([one], name));
  const outcomes = await Promise.all(runners.map((r) => r.runDue(one, NIGHT)));
  expect(outcomes.filter((o) => o.ran)).toEqual([{ ran: true, figures: { done: 1 } }]);
  expect(one.dues).toEqual([NIGHT]);
  expect(await runs()).toMatchObject([{ dueAt: NIGHT, status: 'DONE', attempts: 1, figures: { done: 1 } }]);
});

test('a second run of the same due time changes nothing', async () => {
  const one = job();
  await runnerOf([one], 'a').runDue(one, NIGHT);
  const before = await runs();
  app.wait(60);
  expect(await runnerOf([one], 'b').runDue(one, NIGHT)).toEqual({ ran: false });
  expect(await runs()).toEqual(before);
  expect(one.dues).toHaveLength(1);
});

test('a run whose runner died is taken over once its heartbeat is stale, and what the dead one says then is not heard', async () => {
  let finish: (figures: JobFigures) => void = () => {};
  let begun: () => void = () => {};
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const stuck = job({}, () => {
    begun();
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const dead = runnerOf([stuck], 'dead').runDue(stuck, NIGHT);
  await started;
  const heir = job();
  expect(await runnerOf([heir], 'heir').runDue(heir, NIGHT)).toEqual({ ran: false });
  app.wait(STALE_SECONDS / 60 + 0.1);
  await runnerOf([heir], 'heir').sweep();
  expect(heir.dues).toEqual([NIGHT]);
  finish({ done: 99 });
  await dead;
  expect(await runs()).toMatchObject([{ status: 'DONE', attempts: 2, runner: 'heir', figures: { done: 1 } }]);
});

test('a long run shows how far it has come, until another runner has taken it over', async () => {
  const told: unknown[] = [];
  const slow = job();
  slow.run = async (_parts, _dueAt, progress) => {
    told.push(await progress({ parts: 3 }), (await runs())[0]?.figures);
    await app.db.rows("UPDATE job_run SET runner = 'heir', attempts = 2");
    told.push(await progress({ parts: 4 }), (await runs())[0]?.figures);
    return { parts: 4 };
  };
  await runnerOf([slow], 'a').runDue(slow, NIGHT);
  expect(told).toEqual([true, { parts: 3 }, false, { parts: 3 }]);
  expect(await runs()).toMatchObject([{ status: 'RUNNING', runner: 'heir', figures: { parts: 3 } }]);
});

test('a job that fails is tried again, a bounded number of times; by hand once more', async () => {
  const bad = job({}, () => Promise.reject(new Error('no luck')));
  const runner = runnerOf([bad], 'a');
  expect(await runner.runDue(bad, NIGHT)).toMatchObject({ ran: true, error: { message: 'no luck' } });
  expect(await runs()).toMatchObject([{ status: 'FAILED', error: 'no luck', figures: null }]);
  for (let i = 0; i < 5; i += 1) {
    app.wait(STALE_SECONDS / 60 + 0.1);
    await runner.sweep();
  }
  expect(bad.dues).toHaveLength(MAX_RUN_ATTEMPTS);
  expect(await runs()).toMatchObject([{ status: 'FAILED', attempts: MAX_RUN_ATTEMPTS }]);
  expect(await runner.runDue(bad, NIGHT)).toEqual({ ran: false });
  // A person may.
  expect(await runner.runDue(bad, NIGHT, 100)).toMatchObject({ ran: true });
});

test('a nightly run that nobody made is caught up once, and only the last one', async () => {
  const one = job();
  await runnerOf([one], 'a').sweep();
  await runnerOf([one], 'b').sweep();
  expect(one.dues).toEqual([NIGHT]);
  const late = job({ catchUpHours: 1 });
  await runnerOf([late], 'c').sweep();
  expect(late.dues).toEqual([]);
});

test('a frequent job is not caught up; a run of it whose runner died is closed', async () => {
  const often = job({ name: 'often', cron: '*/5 * * * * *', catchUpHours: 0 });
  const now = app.parts.clock();
  await app.db.rows(
    `INSERT INTO job_run (job, due_at, status, runner, started_at, heartbeat_at) VALUES ('often', $1, 'RUNNING', 'dead', $1, $1)`,
    [new Date(now.getTime() - 2 * STALE_SECONDS * 1_000)],
  );
  await runnerOf([often], 'a').sweep();
  expect(often.dues).toEqual([]);
  expect(await runs()).toMatchObject([{ status: 'FAILED', error: expect.stringContaining('vanished') }]);
});

test('a tick while the job still runs here is left out', async () => {
  let finish: () => void = () => {};
  const slow = job(
    {},
    () =>
      new Promise((resolve) => {
        finish = () => resolve({ done: 1 });
      }),
  );
  const runner = runnerOf([slow], 'a');
  const first = runner.runDue(slow, NIGHT);
  expect(await runner.runDue(slow, new Date(NIGHT.getTime() + 1_000))).toEqual({ ran: false });
  while (slow.dues.length === 0) await setImmediate();
  finish();
  expect(await first).toMatchObject({ ran: true });
});

test('runs of a frequent job that found nothing to do are forgotten soon, others after their days', async () => {
  const often = job({ name: 'often', catchUpHours: 0, keepDays: 1, idleIsUsual: true }, async () => ({
    done: 0,
  }));
  const now = app.parts.clock().getTime();
  const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000);
  await app.db.rows(
    `INSERT INTO job_run (job, due_at, status, runner, started_at, heartbeat_at, figures)
     SELECT 'often', t.at, 'DONE', 'x', t.at, t.at, t.figures::jsonb FROM unnest($1::timestamptz[], $2::text[]) t(at, figures)`,
    [
      [
        minutesAgo(2),
        minutesAgo(KEEP_IDLE_MINUTES + 1),
        minutesAgo(KEEP_IDLE_MINUTES + 2),
        minutesAgo(1_500),
      ],
      ['{"done": 0}', '{"done": 0}', '{"done": 3}', '{"done": 3}'],
    ],
  );
  await runnerOf([often], 'a').runDue(often, new Date(now));
  expect((await runs()).map((r) => r.dueAt)).toEqual([
    minutesAgo(KEEP_IDLE_MINUTES + 2),
    minutesAgo(2),
    new Date(now),
  ]);
});

test('stopping waits for what runs, and no longer than the drain time', async () => {
  let finish: () => void = () => {};
  const slow = job(
    {},
    () =>
      new Promise((resolve) => {
        finish = () => resolve({ done: 1 });
      }),
  );
  const patient = runnerOf([slow], 'a');
  const run = patient.runDue(slow, NIGHT);
  while (slow.dues.length === 0) await setImmediate();
  await patient.stop(0);
  expect(await runs()).toMatchObject([{ status: 'RUNNING' }]);
  const stopping = patient.stop(60);
  finish();
  await stopping;
  await run;
  expect(await runs()).toMatchObject([{ status: 'DONE' }]);
});

test.each([
  ['15 2 * * *', '2026-11-25T09:00:30Z', '2026-11-25T02:15:00Z'],
  ['15 2 * * *', '2026-11-25T02:15:00Z', '2026-11-25T02:15:00Z'],
  ['15 2 * * *', '2026-11-25T02:14:59Z', '2026-11-24T02:15:00Z'],
  ['*/5 * * * * *', '2026-11-25T09:00:33.700Z', '2026-11-25T09:00:30Z'],
  ['0 3 1 1 *', '2026-11-25T09:00:00Z', null],
])('the last due time of %s at %s is %s', (cron, now, expected) => {
  const from = new Date(new Date(now).getTime() - 36 * 3_600_000);
  expect(lastDue(cron, from, new Date(now))).toEqual(expected === null ? null : new Date(expected));
});

test('a real tick hands the job the time it was due, to the second', async () => {
  const often = job({ name: 'often', cron: '* * * * * *', catchUpHours: 0 });
  const runner = runnerOf([often], 'a');
  runner.start();
  while (often.dues.length === 0) await setTimeout(20);
  await runner.stop(5);
  expect(often.dues[0]!.getMilliseconds()).toBe(0);
  expect((await runs()).map((r) => r.dueAt)).toEqual(often.dues);
});

test('every job of the timetable runs on a quiet database, twice, and the second time does nothing more', async () => {
  for (const one of TIMETABLE) {
    const runner = runnerOf([one], 'a');
    const dueAt = app.parts.clock();
    const first = await runner.runDue(one, dueAt);
    expect(first).toEqual({ ran: true, figures: expect.any(Object) });
    expect(await runner.runDue(one, dueAt)).toEqual({ ran: false });
  }
  const planner = await app.token('PLANNER');
  const { data } = await app.gql(
    planner,
    '{ jobRuns(filter: { job: "proveBooks" }) { edges { node { job status figures attempts error } } } }',
  );
  expect(data.jobRuns.edges).toEqual([
    { node: { job: 'proveBooks', status: 'DONE', figures: { drift: 0 }, attempts: 1, error: null } },
  ]);
});

test('job runs are paged newest first, for planners and administrators only', async () => {
  const one = job();
  for (const hour of [1, 2, 3])
    await runnerOf([one], 'a').runDue(one, new Date(NIGHT.getTime() - hour * 3_600_000));
  const planner = await app.token('PLANNER');
  const page = async (args: string, token = planner) =>
    app.gql(token, `{ jobRuns(${args}) { pageInfo { hasNextPage endCursor } edges { node { dueAt } } } }`);
  const first = (await page('first: 2')).data.jobRuns;
  expect(first.pageInfo.hasNextPage).toBe(true);
  const rest = (await page(`first: 2, after: "${first.pageInfo.endCursor}"`)).data.jobRuns;
  const dues = [...first.edges, ...rest.edges].map((e: { node: { dueAt: string } }) => e.node.dueAt);
  expect(dues).toEqual(['2026-11-25T01:15:00.000Z', '2026-11-25T00:15:00.000Z', '2026-11-24T23:15:00.000Z']);
  expect((await page('after: "x"')).errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  const staff = await app.token('STAFF', undefined, ['paris']);
  expect((await page('first: 2', staff)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});
