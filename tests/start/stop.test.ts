// The end of the real program: requests under way finish, nothing stays behind, and a killed one starts again without help.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type Db, openDb } from '../../src/db/pool';
import { postmasterOf } from '../support/leftovers';
import { untilLocked } from '../support/lockWaits';
import { ownServer } from '../support/ownServer';
import {
  databaseUrl,
  endPrograms,
  migratedFolder,
  newFolder,
  ONE_PROCESS,
  type Program,
  startProgram,
} from '../support/process';
import { fillWorld, newToken } from '../support/world';

jest.setTimeout(120_000);

const POLL_MS = 20;
const RECEIVE = `mutation ($key: String!) { receiveStock(input: { idempotencyKey: $key, location: "paris",
  lines: [{ sku: "LAMP", quantity: 3 }] }) { ... on ReceiveStockSuccess { levels { available } } } }`;
const WATCH = 'subscription { stockChanged(skus: ["LAMP"], locations: ["paris"]) { available } }';

let clients: { end(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => {})));
  clients = [];
  await endPrograms();
});

/** Looks at the database from outside. */
async function observer(url: string): Promise<Db> {
  const db = openDb(url, 2);
  clients.push({ end: () => db.close() });
  return db;
}

/** Starts on this folder with the tests' world in it, by itself as one process; answers with a till's token too. */
async function opened(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<{ program: Program; db: Db; feed: string }> {
  const program = await startProgram({ dataDir, env: { ...ONE_PROCESS, ...env } }).ready();
  const db = await observer(databaseUrl(dataDir));
  if ((await db.rows('SELECT FROM location')).length === 0) await fillWorld(db);
  return { program, db, feed: await newToken(db, 'FEED') };
}

/** Holds the lamps' shelf in Paris, so that a request for it is under way until `letGo`. */
async function holdShelf(url: string): Promise<{ letGo(): Promise<void> }> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  await client.query('BEGIN');
  await client.query('SELECT FROM stock_level FOR UPDATE');
  return {
    async letGo() {
      await client.query('COMMIT');
      await client.end();
    },
  };
}

async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await sleep(POLL_MS);
}

test.each([
  ['SIGTERM', '2'],
  ['SIGINT', '1'],
] as const)(
  '%s, API_PROCESSES=%s: the request under way is answered, new ones are not taken, nothing stays behind',
  async (signal, processes) => {
    const dataDir = migratedFolder();
    const { program, db, feed } = await opened(dataDir, { API_PROCESSES: processes });
    await program.gql(feed, RECEIVE, { key: 'first' });
    const shelf = await holdShelf(databaseUrl(dataDir));
    const slow = program.gql(feed, RECEIVE, { key: 'slow' });
    await untilLocked(db);

    program.kill(signal);
    await program.waitForOutput('stopping: requests under way may finish');
    await expect(program.gql(feed, RECEIVE, { key: 'late' })).rejects.toThrow('fetch failed');
    await shelf.letGo();
    expect((await slow).data.receiveStock.levels).toEqual([{ available: 6 }]);
    await db.close();
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stdout()).toMatch(/"msg":"stopped"\}\n$/);
    expect(postmasterOf(dataDir)).toBeNull();
    for (const name of ['start.lock', 'owner.json', 'pgdata/postmaster.pid']) {
      expect(existsSync(join(dataDir, name))).toBe(false);
    }

    const again = await opened(dataDir);
    expect((await again.program.gql(again.feed, RECEIVE, { key: 'again' })).data.receiveStock.levels).toEqual(
      [{ available: 9 }],
    );
  },
);

test('an open subscription does not hold up the end: its stream ends, without a word that nothing more will come', async () => {
  const { program, feed } = await opened(migratedFolder(), { DRAIN_SECONDS: '600', API_PROCESSES: '2' });
  await program.gql(feed, RECEIVE, { key: 'first' });
  const stream = await fetch(`${program.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${feed}`,
    },
    body: JSON.stringify({ query: WATCH }),
  });
  const words = stream.text();
  await sleep(POLL_MS * 10);
  program.kill('SIGTERM');
  await program.waitForOutput('stopping');
  const seen = await words;
  expect(seen).toContain('event: next');
  // `complete` would keep standard clients from subscribing again, to the process that comes next.
  expect(seen).not.toContain('event: complete');
  expect(await program.exited).toEqual({ code: 0, signal: null });
});

test('a request that outlasts the drain time is cut off; its key finds out later', async () => {
  const dataDir = migratedFolder();
  const { program, db, feed } = await opened(dataDir, { DRAIN_SECONDS: '0', API_PROCESSES: '2' });
  await program.gql(feed, RECEIVE, { key: 'first' });
  const shelf = await holdShelf(databaseUrl(dataDir));
  const cut = expect(program.gql(feed, RECEIVE, { key: 'cut' })).rejects.toThrow();
  await untilLocked(db);
  program.kill('SIGTERM');
  await cut;
  await shelf.letGo();
  await db.close();
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(postmasterOf(dataDir)).toBeNull();

  // Whether it was done nobody knows: the same key finds out, and it is done once.
  const again = await opened(dataDir);
  expect((await again.program.gql(feed, RECEIVE, { key: 'cut' })).data.receiveStock.levels).toEqual([
    { available: 6 },
  ]);
});

test.each(['1', '2'])('API_PROCESSES=%s: who asks again does not want to wait', async (processes) => {
  const dataDir = migratedFolder();
  const { program, db, feed } = await opened(dataDir, { DRAIN_SECONDS: '600', API_PROCESSES: processes });
  await program.gql(feed, RECEIVE, { key: 'first' });
  const shelf = await holdShelf(databaseUrl(dataDir));
  let cut = false;
  const slow = program.gql(feed, RECEIVE, { key: 'slow' }).catch(() => {
    cut = true;
  });
  await untilLocked(db);
  program.kill('SIGTERM');
  await program.waitForOutput('stopping');
  await until(async () => {
    program.kill('SIGTERM');
    await sleep(10 * POLL_MS);
    return cut;
  });
  await slow;
  await shelf.letGo();
  await db.close();
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(postmasterOf(dataDir)).toBeNull();
});

test('a start that is called off leaves nothing running and nothing half loaded', async () => {
  const dataDir = migratedFolder();
  const early = startProgram({ dataDir, env: { DEMO: 'true' } });
  await early.waitForOutput('days of sales');
  early.kill('SIGINT');
  expect(await early.exited).toEqual({ code: 0, signal: null });
  expect(early.stderr()).toBe('');
  expect(postmasterOf(dataDir)).toBeNull();
  const { db } = await opened(dataDir);
  expect(await db.rows("SELECT FROM location WHERE code = 'paris-rivoli'")).toEqual([]);
});

test('a killed program leaves its server, which the next start takes over without help', async () => {
  const dataDir = migratedFolder();
  const { program, feed } = await opened(dataDir, { API_PROCESSES: '2' });
  await program.gql(feed, RECEIVE, { key: 'first' });
  const server = postmasterOf(dataDir);
  program.kill('SIGKILL');
  expect(await program.exited).toEqual({ code: null, signal: 'SIGKILL' });
  expect(postmasterOf(dataDir)).toBe(server);

  const again = await opened(dataDir);
  expect(again.program.stdout()).toMatch(/^taking over the embedded PostgreSQL/);
  expect((await again.program.gql(feed, RECEIVE, { key: 'first' })).data.receiveStock.levels).toEqual([
    { available: 3 },
  ]);
  again.program.kill('SIGTERM');
  await again.db.close();
  expect(await again.program.exited).toEqual({ code: 0, signal: null });
  expect(postmasterOf(dataDir)).toBeNull();
});

test('two starts on one folder: on one port the second reports it, on another it shares the data', async () => {
  const dataDir = migratedFolder();
  const { program, feed } = await opened(dataDir);
  const same = startProgram({ dataDir, env: { PORT: new URL(program.url).port } });
  expect(await same.exited).toEqual({ code: 1, signal: null });
  expect(same.stderr()).toMatch(
    /^comptoir: Port \d+ on 127.0.0.1 is in use; stop what uses it, or set PORT to another.\n$/,
  );

  const other = await startProgram({ dataDir, env: ONE_PROCESS }).ready();
  const first = await program.gql(feed, RECEIVE, { key: 'shared' });
  expect(await other.gql(feed, RECEIVE, { key: 'shared' })).toEqual(first);
  other.kill('SIGTERM');
  expect(await other.exited).toEqual({ code: 0, signal: null });
  // It was not the second's server, so it still serves the first.
  expect(await program.gql(feed, RECEIVE, { key: 'shared' })).toEqual(first);
});

test('two starts at the very same time on an empty folder both come up, with one chain of migrations', async () => {
  const dataDir = newFolder();
  const both = [1, 2].map(() => startProgram({ dataDir, env: ONE_PROCESS }));
  await Promise.all(both.map((program) => program.ready()));
  const said = both.map((program) => program.stdout()).join();
  expect(said.match(/Applied \d+ migration/g)).toHaveLength(1);
  expect(said.match(/creating the embedded PostgreSQL database/g)).toHaveLength(1);
});

test('with a database of one’s own nothing embedded is started, and it is left running', async () => {
  const server = await ownServer();
  const dataDir = newFolder();
  const env = {
    DATABASE_URL: server.url,
    SECRET_KEY: 'a long random text of the tests, 40 bytes',
    JOBS: 'false',
    ...ONE_PROCESS,
  };
  const program = await startProgram({ dataDir, env }).ready();
  const db = await observer(server.url);
  await fillWorld(db);
  const answer = await program.gql(await newToken(db, 'FEED'), RECEIVE, { key: 'first' });
  expect(answer.data.receiveStock.levels).toEqual([{ available: 3 }]);
  expect(postmasterOf(dataDir)).toBeNull();
  program.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(await db.rows('SELECT FROM stock_level')).toHaveLength(1);
  await db.close();
  await server.stop();
});

const unix = process.platform === 'win32' ? test.skip : test;

unix('npm start ends cleanly on Ctrl-C, and when npm alone gets the signal', async () => {
  for (const whom of ['group', 'npm'] as const) {
    // When npm alone gets the signal, only the process that npm started has to notice.
    const env = whom === 'group' ? {} : ONE_PROCESS;
    const program = await startProgram({ npm: true, env }).ready();
    process.kill(whom === 'group' ? -program.pid : program.pid, whom === 'group' ? 'SIGINT' : 'SIGTERM');
    await program.exited;
    await program.waitForOutput('"msg":"stopped"').catch(() => {});
    expect(program.stdout()).toContain('"msg":"stopped"');
    expect(postmasterOf(program.dataDir)).toBeNull();
  }
});
