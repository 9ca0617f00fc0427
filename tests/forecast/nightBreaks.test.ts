// A run that is killed, whose threads fail or whose connections are cut: in the end every series is done once.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { STALE_SECONDS } from '../../jobs/claims';
import { startApp, type TestApp } from '../support/app';
import { lockWaiters } from '../support/lockWaits';
import { TYPESCRIPT } from '../support/typescript';
import {
  historyOf,
  largestGap,
  NIGHT,
  nightly,
  putSales,
  putSkus,
  runNight,
  runnerOf,
  storedForecasts,
  storedLevels,
} from './support';

jest.setTimeout(120_000);

const PART_SHELVES = 5;
const SKUS = 40;
const LIMIT_MS = 60_000;

let app: TestApp;
/** Holds rows locked, so that a run stops exactly there. */
let holder: Client;

beforeEach(async () => {
  app = await startApp();
  const skus = await putSkus(app.db, SKUS);
  await putSales(
    app.db,
    historyOf(
      skus.map((sku) => ['paris', sku]),
      80,
    ),
  );
  holder = new Client({ connectionString: app.databaseUrl });
  await holder.connect();
});
afterEach(async () => {
  await holder.end();
  await app.close();
});

async function until(test: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error(`${test} did not come true`);
    await sleep(20);
  }
}

/** True when somebody waits for what `holder` holds. */
const waiting = async (): Promise<boolean> => (await lockWaiters(app.db)) > 0;

/** A process that runs the run in parts of five. */
function victim() {
  const child = spawn(
    process.execPath,
    [
      ...TYPESCRIPT,
      ...[path.join(__dirname, 'night/program.ts'), app.databaseUrl],
      ...[NIGHT.toISOString(), app.parts.clock().toISOString(), String(PART_SHELVES)],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Another process takes over once the dead one has been silent for long enough. */
async function resume(): Promise<unknown> {
  expect(await runNight(app, NIGHT, 'heir')).toEqual({ ran: false });
  app.wait(STALE_SECONDS / 60 + 0.1);
  return runNight(app, NIGHT, 'heir');
}

const places = () =>
  app.db.rows('SELECT sku_id, ctid::text, xmin::text FROM demand_forecast ORDER BY sku_id');
const learnt = () => app.db.rows('SELECT status, md5(learnt::text) AS learnt FROM forecast_run');
const PARTS = Array.from({ length: SKUS / PART_SHELVES }, (_, i) => i + 1);
/** Holds a run at a lock whenever it does this to a table. */
const holdAt = async (when: string, condition: string): Promise<void> => {
  await app.db.rows(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF ${condition} THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NEW; END $$`);
  await app.db.rows(`CREATE TRIGGER hold BEFORE ${when} FOR EACH ROW EXECUTE FUNCTION hold()`);
  await holder.query('SELECT pg_advisory_lock(77)');
};
/** Records which parts are forecast, each time. */
const recordDrafts = async (): Promise<void> => {
  await app.db.rows('CREATE TABLE drafted (number int)');
  await app.db.rows(`
    CREATE FUNCTION record() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO drafted VALUES (NEW.number); RETURN NEW; END $$`);
  await app.db.rows(
    'CREATE TRIGGER record AFTER INSERT ON forecast_draft FOR EACH ROW EXECUTE FUNCTION record()',
  );
};
const drafted = async () =>
  (await app.db.rows<{ number: number }>('SELECT number FROM drafted ORDER BY number')).map((d) => d.number);
/** Every shelf is scaled to its sums exactly once, and nothing is left of the drafts. */
const expectScaled = async (): Promise<void> => {
  expect(await drafted()).toEqual(PARTS);
  expect((await storedLevels(app.db)).length).toBeGreaterThan(0);
  expect(await largestGap(app.db)).toBeLessThan(0.01);
  expect(await app.db.rows('SELECT FROM forecast_draft')).toEqual([]);
};

test('killed in the middle of its parts: what is forecast is not forecast again, and the same is learned', async () => {
  await recordDrafts();
  await holdAt('UPDATE ON forecast_part', 'NEW.number > 3');
  const process = victim();
  await until(async () => (await drafted()).length === 3 && (await waiting()));
  const planner = await app.token('PLANNER');
  const { data } = await app.gql(
    planner,
    '{ jobRuns(filter: { job: "forecastDemand" }) { edges { node { status figures } } } }',
  );
  expect(data.jobRuns.edges[0].node).toMatchObject({
    status: 'RUNNING',
    figures: { locations: 1, parts: SKUS / PART_SHELVES },
  });
  await process.kill();
  const firstLearnt = await learnt();
  expect(await drafted()).toEqual([1, 2, 3]);
  expect(firstLearnt).toMatchObject([{ status: 'FORECASTING' }]);
  await holder.query('SELECT pg_advisory_unlock(77)');

  expect(await resume()).toMatchObject({ ran: true, figures: { forecasts: SKUS, parts: 8, partsDone: 8 } });
  await expectScaled();
  expect(await learnt()).toMatchObject([{ ...firstLearnt[0], status: 'DONE' }]);
  expect(new Set((await storedForecasts(app.db)).map((f) => f.sku)).size).toBe(SKUS);
});

test('killed while it forecasts the sums, or while it writes what is scaled to them: nothing is scaled twice', async () => {
  await recordDrafts();
  await holdAt('INSERT ON level_forecast', 'true');
  const first = victim();
  await until(waiting);
  await first.kill();
  expect(await storedLevels(app.db)).toEqual([]);
  await holder.query('SELECT pg_advisory_unlock(77)');
  await app.db.rows('DROP FUNCTION hold CASCADE');

  await holdAt('UPDATE ON forecast_part', 'NEW.number > 3 AND NEW.done_at IS NOT NULL');
  app.wait(STALE_SECONDS / 60 + 0.1);
  const second = victim();
  await until(async () => (await places()).length === 3 * PART_SHELVES && (await waiting()));
  await second.kill();
  const [firstPlaces, levels] = [await places(), await storedLevels(app.db)];
  expect(levels.length).toBeGreaterThan(0);
  await holder.query('SELECT pg_advisory_unlock(77)');

  app.wait(STALE_SECONDS / 60 + 0.1);
  expect(await runNight(app, NIGHT, 'heir')).toMatchObject({ figures: { forecasts: SKUS, partsDone: 8 } });
  expect((await places()).slice(0, 3 * PART_SHELVES)).toEqual(firstPlaces);
  expect(await storedLevels(app.db)).toEqual(levels);
  await expectScaled();
});

test('killed while it learns: it learns again', async () => {
  await holdAt('UPDATE ON forecast_run', 'true');
  const process = victim();
  await until(waiting);
  await process.kill();
  expect(await learnt()).toEqual([{ status: 'LEARNING', learnt: null }]);
  await holder.query('SELECT pg_advisory_unlock(77)');
  expect(await resume()).toMatchObject({ ran: true, figures: { forecasts: SKUS, learntFrom: SKUS } });
});

test('a program that stops leaves the run at once, and another goes on', async () => {
  await holdAt('UPDATE ON forecast_part', 'true');
  const runner = runnerOf(app, 'stops');
  const outcome = runner.runDue(nightly(), NIGHT);
  await until(waiting);
  await runner.stop(60);
  expect(await outcome).toMatchObject({
    error: { message: 'another runner has taken over this run; its remaining work is left to it' },
  });
  await holder.query('SELECT pg_advisory_unlock(77)');
  expect(await runNight(app, NIGHT, 'heir')).toMatchObject({ ran: true, figures: { forecasts: SKUS } });
});

test('a run that everybody gave up is finished by a later due time, once nobody can be at it', async () => {
  await app.db.rows("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$");
  await app.db.rows(
    'CREATE TRIGGER fail BEFORE UPDATE ON forecast_part FOR EACH ROW EXECUTE FUNCTION fail()',
  );
  expect(await runNight(app)).toMatchObject({ error: {} });
  await app.db.rows('DROP TRIGGER fail ON forecast_part');
  expect(await runNight(app, new Date('2026-11-25T02:05:00Z'))).toMatchObject({ figures: { locations: 0 } });
  app.wait(61);
  expect(await runNight(app, new Date('2026-11-25T03:05:00Z'))).toMatchObject({
    figures: { locations: 1, forecasts: SKUS },
  });
  expect(await learnt()).toMatchObject([{ status: 'DONE' }]);
});

test('when most series fail it is the program: the run fails, and states why', async () => {
  await app.db.rows(`
    CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN NEW.learnt = '{}'; RETURN NEW; END $$`);
  await app.db.rows(
    'CREATE TRIGGER forget BEFORE UPDATE ON forecast_run FOR EACH ROW EXECUTE FUNCTION forget()',
  );
  expect(await runNight(app)).toMatchObject({
    error: {
      message: expect.stringMatching(
        /failed 3 times; the first: 40 of 40 series could not be forecast; the first, SKU \d+: \S/,
      ),
    },
  });
  expect(await storedForecasts(app.db)).toEqual([]);
});

test('a forecast that was interrupted is not yet anybody’s', async () => {
  await app.db.rows("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$");
  await app.db.rows(
    'CREATE TRIGGER fail BEFORE UPDATE ON forecast_part FOR EACH ROW EXECUTE FUNCTION fail()',
  );
  const planner = await app.token('PLANNER');
  const seen = async () =>
    (await app.gql(planner, '{ forecast(sku: "BULK-0001", location: "paris") { cutDay } }')).data.forecast;
  await app.db.rows('ALTER TABLE forecast_part DISABLE TRIGGER fail');
  await runNight(app, new Date('2026-11-20T00:05:00Z'));
  await app.db.rows('ALTER TABLE forecast_part ENABLE TRIGGER fail');
  expect(await runNight(app)).toMatchObject({
    error: { message: expect.stringMatching(/^part.* failed 3 times; the first: no$/) },
  });
  expect(await seen()).toEqual({ cutDay: '2026-11-19' });
  await app.db.rows('DROP TRIGGER fail ON forecast_part');
  expect(await runNight(app)).toMatchObject({ ran: true, figures: { forecasts: SKUS } });
  expect(await seen()).toEqual({ cutDay: '2026-11-24' });
});

test.each([
  ['fails', 'RAISE EXCEPTION USING MESSAGE = TG_NAME'],
  ['loses its connection', 'PERFORM pg_terminate_backend(pg_backend_pid())'],
])('a thread that %s twice is tried again', async (_, trouble) => {
  await app.db.rows('CREATE SEQUENCE tries');
  await app.db.rows(`
    CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF nextval('tries') <= 2 THEN ${trouble}; END IF; RETURN NEW; END $$`);
  await app.db.rows(
    'CREATE TRIGGER trouble BEFORE UPDATE ON forecast_part FOR EACH ROW EXECUTE FUNCTION trouble()',
  );
  expect(await runNight(app)).toMatchObject({ ran: true, figures: { forecasts: SKUS, failed: 0 } });
  expect(await storedForecasts(app.db)).toHaveLength(SKUS);
  expect(await app.db.rows('SELECT last_value FROM tries WHERE last_value >= 3')).toHaveLength(1);
});
