// The real program behind a PgBouncer that lends three connections to all of its forty, for a transaction at a time.

import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, openDb } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { newTraffic } from '../ledger/traffic';
import { freshDatabase } from '../support/database';
import { temporaryFolder } from '../support/leftovers';
import { endPrograms, type Program, startProgram } from '../support/process';
import { TYPESCRIPT } from '../support/typescript';
import { fillWorld, newToken } from '../support/world';
import { HAS_PGBOUNCER, type Pooler, startPgbouncer } from './pgbouncer';

jest.setTimeout(240_000);

const ROOT = join(__dirname, '../..');
const SECRET_KEY = 'a long random text of the tests, 40 bytes';
const CONNECTIONS = 3;
const CLIENTS = 40;
const ANSWERS = 300;

const TILL_SOLD = `
  SELECT sum(d.units) AS units FROM daily_sales d JOIN sales_feed f ON f.id = d.feed_id WHERE f.name = 'till'`;

const TIMEOUTS_OF_ROLE = `DO $$ BEGIN
  EXECUTE format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = 15000', current_user, current_database());
END $$`;

// Debian's package pgbouncer has it.
const withPgbouncer = HAS_PGBOUNCER ? describe : describe.skip;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let direct: Db;
const poolers: Pooler[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  direct = openDb(database.url, 2);
});

afterEach(async () => {
  await endPrograms();
  for (const pooler of poolers.splice(0)) await pooler.stop();
  await direct.close();
  await database.drop();
});

async function pooler(settings?: Record<string, string>): Promise<Pooler> {
  const started = await startPgbouncer(database.url, CONNECTIONS, settings);
  poolers.push(started);
  return started;
}

const flagged = (url: string): string => `${url}?pgbouncer=true`;
const settings = (through: Pooler): Record<string, string> => ({
  DATABASE_URL: flagged(through.url),
  DATABASE_DIRECT_URL: database.url,
  SECRET_KEY,
});

/** Runs a command of the project to its end. */
async function command(
  words: string[],
  env: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [...TYPESCRIPT, ...words], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'info', ...env },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      said += bytes;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

/** The text of a subscription's events, growing. */
async function listen(program: Program, token: string): Promise<() => string> {
  const query = 'subscription { stockChanged(skus: ["MUG"], locations: ["depot"]) { available } }';
  const response = await fetch(`${program.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query }),
  });
  let heard = '';
  void (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body!) heard += decoder.decode(bytes, { stream: true });
  })().catch(() => {});
  return () => heard;
}

const WAIT_LIMIT_MS = 20_000;

async function until(come: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  while (!come()) {
    if (Date.now() > deadline) throw new Error(`${come} did not come true in ${WAIT_LIMIT_MS} ms`);
    await sleep(20);
  }
}

/** The one sentence a program ends with. */
async function refused(env: Record<string, string>): Promise<string> {
  const program = startProgram({ env: { SECRET_KEY, ...env } });
  // One that opens after all must not be waited for.
  const opened = (): void => program.kill('SIGKILL');
  void program.ready().then(opened, () => {});
  expect(await program.exited).toEqual({ code: 1, signal: null });
  return program.stderr();
}

withPgbouncer('behind a PgBouncer', () => {
  test('holds, orders, streams and jobs of many at once go through it, and the ledger is right', async () => {
    const through = await pooler();
    await fillWorld(direct);
    const till = await newToken(direct, 'FEED', 'till');
    const shop = await newToken(direct, 'STOREFRONT', 'shop');
    const program = await startProgram({ env: { ...settings(through), API_PROCESSES: '1' } }).ready();
    const heard = await listen(program, till);
    await until(() => heard().includes('"available":0'));
    const traffic = newTraffic({ till, shop }, 4);
    await traffic.run(
      CLIENTS,
      () => program.url,
      () => traffic.counts().answered >= ANSWERS,
    );
    expect(traffic.counts()).toMatchObject({ unavailable: 0, cut: 0 });
    await traffic.settle(program.url);
    await traffic.audit(program.url, direct);
    await until(() => /"available":[1-9]/.test(heard()));
    expect(await through.connections()).toBeLessThanOrEqual(CONNECTIONS);
    expect(await through.transactions()).toBeGreaterThan(ANSWERS / 4);

    expect(await command(['src/cli/audit.ts'], settings(through))).toMatchObject({ code: 0 });
    // Jobs of another program: one of statements, one with threads, COPY and months made; and a file by COPY.
    for (const job of ['proveBooks', 'forecastDemand']) {
      expect(await command(['jobs/once.ts', job], settings(through))).toMatchObject({ code: 0 });
    }
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'till.csv'), 'document,sku,units,day,price\n1,MUG,2,2026-01-05,9.90\n');
    const words = [
      'src/cli/import.ts',
      'sales',
      join(folder, 'till.csv'),
      '--location',
      'paris',
      '--feed',
      'till',
    ];
    expect(await command(words, settings(through))).toMatchObject({ code: 0 });
    rmSync(folder, { recursive: true });
    expect(await direct.rows(TILL_SOLD)).toEqual([{ units: 2 }]);
    expect(program.stdout()).not.toMatch(/"level":50/);
  });

  test('killed under load and started again: what was answered holds, what was not is repeated', async () => {
    const through = await pooler();
    await fillWorld(direct);
    const till = await newToken(direct, 'FEED', 'till');
    const shop = await newToken(direct, 'STOREFRONT', 'shop');
    const program = await startProgram({ env: { ...settings(through), API_PROCESSES: '1' } }).ready();
    const traffic = newTraffic({ till, shop }, 5);
    let over = false;
    const running = traffic.run(
      CLIENTS,
      () => program.url,
      () => over,
    );
    await until(() => traffic.counts().answered >= ANSWERS / 2);
    await through.kill();
    await until(() => traffic.counts().unavailable > 0);
    await through.restart();
    const { answered } = traffic.counts();
    await until(() => traffic.counts().answered >= answered + ANSWERS / 2);
    over = true;
    await running;
    expect(traffic.counts().cut).toBe(0);
    await traffic.settle(program.url);
    await traffic.audit(program.url, direct);
  });

  test('transactions bring their time-outs, which no other client inherits; single statements have the role’s', async () => {
    const through = await pooler();
    const pooled = openDb(through.url, 4, { pooled: true, directUrl: database.url });
    const asked = `SELECT current_setting('statement_timeout') AS s, current_setting('lock_timeout') AS l,
      current_setting('idle_in_transaction_session_timeout') AS i`;
    const ours = { s: '15s', l: '10s', i: '15s' };
    const none = { s: '0', l: '0', i: '0' };
    expect(await inTransaction(pooled, (tx) => tx.rows(asked))).toEqual([ours]);
    const others = openDb(through.url, 4, { pooled: true });
    expect(await Promise.all([1, 2, 3, 4].map(async () => (await others.rows(asked))[0]))).toEqual([
      ...[none, none, none, none],
    ]);
    expect(await pooled.session(async (client) => (await client.query(asked)).rows)).toEqual([ours]);
    await pooled.close();
    await others.close();

    // The program states what is missing, in words that can be run.
    const warned = startProgram({ env: settings(through) });
    await warned.waitForOutput(/single statements have no time-out/);
    const sql = /no time-out through the pooler; run (ALTER .*?;)"/
      .exec(warned.stdout())![1]!
      .replaceAll('\\"', '"');
    expect(sql.split(';')).toHaveLength(3 + 1);
    await warned.ready();
    await endPrograms();
    await direct.pool.query(sql);
    const fresh = await pooler();
    const after = openDb(fresh.url, 2, { pooled: true });
    expect(await after.rows(asked)).toEqual([ours]);
    await after.close();
    const quiet = await startProgram({ env: settings(fresh) }).ready();
    expect(quiet.stdout()).not.toMatch(/time-out/);
  });

  test('a pooler that nobody told of is found, also where it passes over what it does not know and the role has the time-outs', async () => {
    await direct.pool.query(TIMEOUTS_OF_ROLE);
    const [strict, lax] = [
      await pooler(),
      await pooler({
        ignore_startup_parameters: 'statement_timeout,lock_timeout,idle_in_transaction_session_timeout',
      }),
    ];
    const [plain, passedOver, unsaid, direct_] = await Promise.all([
      refused({ DATABASE_URL: strict.url }),
      refused({ DATABASE_URL: lax.url }),
      refused({ DATABASE_URL: lax.url, DATABASE_DIRECT_URL: database.url }),
      refused({ DATABASE_URL: flagged(strict.url), DATABASE_DIRECT_URL: lax.url }),
    ]);
    const sentence =
      'comptoir: DATABASE_URL leads to a pooler: add pgbouncer=true to its parameters, ' +
      'and set DATABASE_DIRECT_URL to the address of the database itself.\n';
    expect([plain, passedOver, unsaid]).toEqual([sentence, sentence, sentence]);
    expect(direct_).toBe(
      'comptoir: DATABASE_DIRECT_URL leads to a pooler; it must lead to the database itself.\n',
    );
    expect((await direct.rows(`SELECT to_regclass('location') IS NOT NULL AS there`))[0]).toEqual({
      there: true,
    });
  });

  test('a direct address that leads to another database is refused', async () => {
    const other = await freshDatabase();
    const through = await pooler();
    expect(await refused({ DATABASE_URL: flagged(through.url), DATABASE_DIRECT_URL: other.url })).toBe(
      'comptoir: DATABASE_URL and DATABASE_DIRECT_URL lead to different databases; both must lead to the same.\n',
    );
    await other.drop();
  });
});
