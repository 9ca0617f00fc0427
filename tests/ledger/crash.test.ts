// The program and its database are killed under load: what was answered holds, nothing else happened, levels and ledger agree.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, openDb } from '../../src/db/pool';
import { temporaryFolder } from '../support/leftovers';
import { ownServer } from '../support/ownServer';
import {
  databaseUrl,
  endPrograms,
  migratedFolder,
  ONE_PROCESS,
  type Program,
  startProgram,
} from '../support/process';
import { fillWorld, newToken } from '../support/world';
import { newTraffic, type Traffic } from './traffic';

jest.setTimeout(180_000);

const CLIENTS = 30;
const SECRET_KEY = 'a long random text of the tests, 40 bytes';
const POLL_MS = 20;
const WAIT_LIMIT_MS = 60_000;

let db: Db | undefined;

afterEach(async () => {
  await db?.close().catch(() => {});
  db = undefined;
  await endPrograms();
});

/** The world, two callers, and the traffic they make. */
async function openCounter(url: string, seed: number): Promise<{ traffic: Traffic; db: Db; till: string }> {
  db = openDb(url, 2);
  await fillWorld(db);
  const till = await newToken(db, 'FEED', 'till');
  const shop = await newToken(db, 'STOREFRONT', 'shop');
  return { traffic: newTraffic({ till, shop }, seed), db, till };
}

/** Waits; fails when it takes too long, or when the traffic it waits for has ended with an error. */
async function until(test: () => boolean | Promise<boolean>, traffic?: Promise<void>): Promise<void> {
  let failed: unknown;
  traffic?.then(
    () => {
      failed ??= new Error('Every client was cut off: the program is gone.');
    },
    (error) => {
      failed = error;
    },
  );
  const deadline = Date.now() + WAIT_LIMIT_MS;
  while (!(await test())) {
    if (failed !== undefined) throw failed;
    if (Date.now() > deadline) throw new Error(`${test} did not come true in ${WAIT_LIMIT_MS} ms`);
    await sleep(POLL_MS);
  }
}

const isReady = async (program: Program): Promise<boolean> =>
  (await fetch(`${program.url}/health/ready`)).status === 200;

test('the program is killed in the middle, and started again on the same folder', async () => {
  const dataDir = migratedFolder();
  let program = await startProgram({ dataDir }).ready();
  const { traffic, db: observer } = await openCounter(databaseUrl(dataDir), 1);
  for (const share of [150, 300]) {
    const cutBefore = traffic.counts().cut;
    const running = traffic.run(
      CLIENTS,
      () => program.url,
      () => false,
    );
    await until(() => traffic.counts().answered >= share, running);
    program.kill('SIGKILL');
    await running;
    expect(traffic.counts().cut - cutBefore).toBe(CLIENTS);
    program = await startProgram({ dataDir, env: ONE_PROCESS }).ready();
    await traffic.settle(program.url);
  }
  await traffic.audit(program.url, observer);
  expect(traffic.counts().unavailable).toBe(0);
});

/** Reads a subscription's events into a text that grows. */
async function listen(program: Program, token: string): Promise<() => string> {
  const response = await fetch(`${program.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({
      query: 'subscription { stockChanged(skus: ["MUG"], locations: ["depot"]) { available } }',
    }),
  });
  let heard = '';
  void (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body!) heard += decoder.decode(bytes, { stream: true });
  })().catch(() => {});
  return () => heard;
}

/** The database answers again: the same process goes on by itself, subscriptions included. */
async function proveRecovery(
  program: Program,
  traffic: Traffic,
  heard: () => string,
  till: string,
): Promise<void> {
  await until(() => isReady(program));
  const answered = traffic.counts().answered;
  await traffic.run(
    CLIENTS,
    () => program.url,
    () => traffic.counts().answered >= answered + 100,
  );
  await traffic.settle(program.url);
  await traffic.audit(program.url, db!);
  expect(traffic.counts().cut).toBe(0);
  expect(program.stdout()).not.toMatch(/"level":(50|60)/);
  expect(program.stderr()).toBe('');
  await program.gql(
    till,
    `mutation { receiveStock(input: { idempotencyKey: "after", location: "depot",
      lines: [{ sku: "MUG", quantity: 100000 }] }) { __typename } }`,
  );
  await until(() => /"available":1\d{5}/.test(heard()));
}

test('PostgreSQL is killed under load and comes back: 503 meanwhile, and the same process recovers by itself', async () => {
  const server = await ownServer(migratedFolder(temporaryFolder()));
  try {
    const program = await startProgram({ env: { DATABASE_URL: server.url, SECRET_KEY } }).ready();
    const { traffic, till } = await openCounter(server.url, 2);
    const heard = await listen(program, till);
    let over = false;
    const running = traffic.run(
      CLIENTS,
      () => program.url,
      () => over,
    );
    await until(() => traffic.counts().answered >= 150, running);
    await server.kill9();
    const { unavailable } = traffic.counts();
    await until(() => traffic.counts().unavailable >= unavailable + 5 * CLIENTS, running);
    expect(await isReady(program)).toBe(false);
    expect((await fetch(`${program.url}/health/live`)).status).toBe(200);
    await server.restart();
    const { answered } = traffic.counts();
    await until(() => traffic.counts().answered >= answered + 100, running);
    over = true;
    await running;
    await proveRecovery(program, traffic, heard, till);
  } finally {
    await endPrograms();
    await db?.close().catch(() => {});
    await server.stop();
  }
});

test('every connection is cut off by the server, again and again', async () => {
  const server = await ownServer(migratedFolder(temporaryFolder()));
  try {
    const program = await startProgram({
      env: { DATABASE_URL: server.url, SECRET_KEY, ...ONE_PROCESS },
    }).ready();
    const { traffic, till, db: observer } = await openCounter(server.url, 3);
    const heard = await listen(program, till);
    let over = false;
    const running = traffic.run(
      CLIENTS,
      () => program.url,
      () => over,
    );
    for (const share of [60, 120, 180, 240]) {
      await until(() => traffic.counts().answered >= share, running);
      await observer.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name LIKE 'comptoir%' AND pid <> ALL($1) AND backend_type = 'client backend'`,
        [await ownBackends(observer)],
      );
    }
    over = true;
    await running;
    expect(traffic.counts().unavailable).toBeGreaterThan(0);
    await proveRecovery(program, traffic, heard, till);
  } finally {
    await endPrograms();
    await db?.close().catch(() => {});
    await server.stop();
  }
});

/** The observer's own connections, which look like the program's. */
async function ownBackends(observer: Db): Promise<number[]> {
  const clients = await Promise.all([observer.pool.connect(), observer.pool.connect()]);
  const pids = clients.map((client) => (client as unknown as { processID: number }).processID);
  for (const client of clients) client.release();
  return pids;
}
