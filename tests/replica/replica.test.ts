// Reads from a real streaming replica: never a state from before the question, whatever becomes of the replica.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, openDb } from '../../src/db/pool';
import { startApp } from '../support/app';
import { endPrograms, type Program, startProgram } from '../support/process';
import { fillWorld, newToken } from '../support/world';
import { type Checker, newChecker, type Tally } from './checker';
import { findPostgres, type Pair, startPair } from './servers';

jest.setTimeout(180_000);

const SECRET_KEY = 'a long random text of the tests, 40 bytes';
const CLIENTS = 6;
const WAIT_LIMIT_MS = 30_000;

/** Every read that may come from a replica, but availability, which the checker asks. */
const PLANNING = `{
  forecast(sku: "MUG", location: "paris") { method }
  forecasts(first: 5) { edges { node { method } } }
  forecastAccuracy(by: CATEGORY, first: 5) { edges { cursor } }
  replenishmentPolicy(sku: "MUG", location: "paris") { __typename }
  replenishmentPolicies(first: 5) { edges { cursor } }
  replenishmentBudgets(first: 5) { edges { cursor } }
  replenishmentOverrides(first: 5) { edges { cursor } }
  replenishmentProposals(first: 5) { edges { cursor } }
  importRuns(first: 5) { edges { cursor } }
  importRejects(run: 1, first: 5) { edges { cursor } }
  calendarEvents(from: "2026-01-01", to: "2026-12-31", first: 5) { edges { cursor } }
  pickupOptions(lines: [{ sku: "MUG", quantity: 1 }], near: { latitude: 48.8, longitude: 2.3 }) { kind }
}`;

// Debian's package postgresql has it.
const withPostgres = findPostgres() === null ? describe.skip : describe;

async function until(what: string, come: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  while (!(await come())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come true in ${WAIT_LIMIT_MS} ms`);
    await sleep(20);
  }
}

/** Reads by door, as /metrics counts them. */
async function doors(urls: readonly string[], admin: string): Promise<{ replica: number; primary: number }> {
  const sums = { replica: 0, primary: 0 };
  for (const url of urls) {
    const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${admin}` } });
    const text = await response.text();
    for (const door of ['replica', 'primary'] as const) {
      sums[door] += Number(
        new RegExp(`^comptoir_reads_total\\{door="${door}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
      );
    }
  }
  return sums;
}

test('a replica that is not there: reads are answered, and /health/ready does not mind', async () => {
  const app = await startApp({ DATABASE_REPLICA_URL: 'postgresql://a:b@127.0.0.1:1/nowhere' });
  const staff = await app.token('STAFF', 'staff', ['paris']);
  const { data } = await app.gql(
    staff,
    '{ availability(skus: ["MUG"], at: { locations: ["paris"] }) { locations { quantity } } }',
  );
  expect(data).toEqual({ availability: [{ locations: [{ quantity: 0 }] }] });
  expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
  await app.close();
});

test('a server that is no standby is never read from', async () => {
  const other = await startApp();
  const app = await startApp({ DATABASE_REPLICA_URL: other.databaseUrl });
  const before = other.db.statements();
  const staff = await app.token('STAFF', 'staff', ['paris']);
  for (let i = 0; i < 20; i += 1) {
    const { data } = await app.gql(
      staff,
      '{ availability(skus: ["MUG"], at: { locations: ["paris"] }) { locations { quantity } } }',
    );
    expect(data.availability[0].locations).toEqual([{ quantity: 0 }]);
    await sleep(20);
  }
  expect(other.db.statements()).toBe(before);
  await app.close();
  await other.close();
});

withPostgres('with a streaming replica', () => {
  let pair: Pair;
  let db: Db;
  let programs: Program[];
  let urls: string[];
  let admin: string;
  let checker: Checker;

  beforeAll(async () => {
    pair = await startPair({ safe: false });
    const env = {
      DATABASE_URL: pair.primaryUrl,
      DATABASE_REPLICA_URL: pair.replicaUrl,
      SECRET_KEY,
      API_PROCESSES: '1',
      JOBS: 'false',
    };
    // Two programs, as on two machines: what one has written the other must know of.
    programs = [await startProgram({ env }).ready()];
    programs.push(await startProgram({ env }).ready());
    urls = programs.map((program) => program.url);
    db = openDb(pair.primaryUrl, 2);
    await fillWorld(db);
    admin = await newToken(db, 'ADMIN', 'admin');
    checker = await newChecker(db, urls[0]!, CLIENTS);
    for (const program of programs) await program.waitForOutput(/a replica answers reads/);
  });

  afterAll(async () => {
    await endPrograms();
    await db?.close();
    await pair?.stop();
  });

  /** Clients at work while something is done; nothing of what they see may be wrong. */
  async function during(
    work: (seen: () => Promise<{ replica: number; primary: number }>) => Promise<void>,
  ): Promise<Tally> {
    let over = false;
    const running = checker.run(urls, () => over);
    // Clients that saw something wrong have stopped, and what is waited for may never come.
    const failed = work(() => doors(urls, admin)).then(
      () => null,
      (error: Error) => error,
    );
    const stopped = running.then((tally) => over || expect(tally).toMatchObject({ wrong: 0, told: [] }));
    await Promise.race([failed, stopped]);
    over = true;
    const tally = await running;
    expect(tally).toMatchObject({ wrong: 0, told: [] });
    expect(await failed).toBeNull();
    return tally;
  }

  const more =
    (door: 'replica' | 'primary', by: number) =>
    async (seen: () => Promise<{ replica: number; primary: number }>) => {
      const before = (await seen())[door];
      await until(`${by} reads through the ${door}`, async () => (await seen())[door] >= before + by);
    };

  test('reservations are seen by the next question, through any process and by anybody, while the replica answers', async () => {
    const tally = await during(more('replica', 200));
    expect(tally.holds).toBeGreaterThan(CLIENTS);
  });

  test('all that planners read, and pickup options, a replica can answer', async () => {
    const planner = await newToken(db, 'PLANNER', 'planner');
    const fallbacks = async () =>
      (await (await fetch(`${urls[0]}/metrics`, { headers: { authorization: `Bearer ${admin}` } })).text())
        .split('\n')
        .filter((line) => line.startsWith('comptoir_replica_fallbacks_total{reason="failed"'));
    const before = { doors: await doors(urls, admin), failed: await fallbacks() };
    await until('30 reads of planners through the replica', async () => {
      expect((await programs[0]!.gql(planner, PLANNING)).errors).toBeUndefined();
      return (await doors(urls, admin)).replica >= before.doors.replica + 30;
    });
    expect(await fallbacks()).toEqual(before.failed);
  });

  test('a replica that falls behind is not used, and comes back by itself', async () => {
    await during(async (seen) => {
      await pair.pause();
      await more('primary', 100)(seen);
      await pair.resume();
      await more('replica', 100)(seen);
    });
  });

  test('a replica that is killed in the middle of reads, and started again', async () => {
    await during(async (seen) => {
      await pair.kill();
      await more('primary', 100)(seen);
      for (const url of urls) expect((await fetch(`${url}/health/ready`)).status).toBe(200);
      await pair.restart();
      await more('replica', 100)(seen);
    });
  });

  test('a replica that hangs without a word costs a read a second at most', async () => {
    const tally = await during(async (seen) => {
      pair.freeze();
      await more('primary', 100)(seen);
      pair.thaw();
      await more('replica', 100)(seen);
    });
    expect(tally.slowestMs).toBeLessThan(15_000);
  });

  test('a replica that was promoted is a stranger: its state is another history', async () => {
    await during(async (seen) => {
      await pair.promote();
      for (const program of programs) await program.waitForOutput(/it is no standby/);
      const { replica } = await seen();
      await more('primary', 100)(seen);
      expect((await seen()).replica).toBe(replica);
    });
  });
});
