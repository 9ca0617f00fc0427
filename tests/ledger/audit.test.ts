// Seals and the audit: whatever is changed behind the program's back is found and named, and nothing is sealed too early.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { sealLedger } from '../../src/stock/actions/seal';
import { startApp, type TestApp } from '../support/app';
import { TYPESCRIPT } from '../support/typescript';

jest.setTimeout(60_000);

/** Transactions of other tests on this server may still run. */
const PATIENTLY_MS = 30_000;
const SHORTLY_MS = 300;
const ROOT = join(__dirname, '../..');
const RECEIVE = `mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { __typename } }`;

let app: TestApp;
let feed: string;
let key = 0;
const receive = async (quantity: number, sku = 'LAMP') => {
  key += 1;
  const input = { idempotencyKey: `k${key}`, location: 'paris', lines: [{ sku, quantity }] };
  const { data } = await app.gql(feed, RECEIVE, { input });
  expect(data.receiveStock.__typename).toBe('ReceiveStockSuccess');
};
const seal = (waitMs = PATIENTLY_MS) => sealLedger(app.db, app.parts.clock(), waitMs);

beforeAll(async () => {
  app = await startApp();
  // Shelves that are open already waste no id, so the moves are numbered from 1 on.
  await app.db.rows(
    `INSERT INTO stock_level (location_id, sku_id) SELECT l.id, s.id FROM location l, sku s WHERE l.code = 'paris'`,
  );
  feed = await app.token('FEED');
});
afterAll(() => app.close());

/** Runs the real command on this database. */
async function audit(...words: string[]): Promise<{ code: number; said: string }> {
  const args = [...TYPESCRIPT, 'src/cli/audit.ts', ...words];
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: app.databaseUrl,
    SECRET_KEY: 'a long random text of the tests, 40 bytes',
    LOG_LEVEL: 'silent',
  };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

/** Does what only the owner of the database can: past the triggers, and undone at the end. */
async function tampered(sql: string, undo: string): Promise<string> {
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    await client.query(sql);
    const { code, said } = await audit();
    expect(code).toBe(1);
    await client.query(undo);
    return said;
  } finally {
    await client.end();
  }
}

test('an empty book, an honest book, a book with a head that is known', async () => {
  expect(await seal()).toEqual({ moves: 0, seals: 0, head: null });
  expect((await audit()).said).toMatch(/^0 moves in 0 seals/m);
  for (let i = 1; i <= 5; i += 1) await receive(i);
  const first = await seal();
  expect(first).toMatchObject({ moves: 5, seals: 1, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
  await receive(6, 'MUG');
  const second = await seal();
  expect(second.moves).toBe(1);
  await receive(7, 'MUG');
  const { code, said } = await audit('--head', first.head!);
  expect(said).toContain(`6 moves in 2 seals are unchanged; the head is ${second.head}.`);
  expect(said).toContain('1 moves are newer');
  expect(said).toContain('Every level is the sum of its moves');
  expect(code).toBe(0);
});

test('sealing again what is sealed makes nothing new, two at once neither', async () => {
  const [a, b] = await Promise.all([seal(), seal()]);
  expect(a.moves + b.moves).toBe(1);
  expect(await seal()).toMatchObject({ moves: 0, seals: 0 });
});

test('the triggers refuse to rewrite moves and seals', async () => {
  for (const sql of ['UPDATE stock_move SET quantity = 9', 'DELETE FROM ledger_seal']) {
    await expect(app.db.rows(sql)).rejects.toThrow(/append-only/);
  }
});

test.each([
  [
    'a changed quantity',
    'UPDATE stock_move SET quantity = 30 WHERE id = 3',
    'UPDATE stock_move SET quantity = 3 WHERE id = 3',
    /move 3 is not what it was/,
  ],
  [
    'a changed note',
    "UPDATE stock_move SET note = '-' WHERE id = 4",
    'UPDATE stock_move SET note = NULL WHERE id = 4',
    /move 4 is not what it was/,
  ],
  [
    'a row that is gone',
    'CREATE TABLE kept AS SELECT * FROM stock_move WHERE id = 2; DELETE FROM stock_move WHERE id = 2',
    'INSERT INTO stock_move SELECT * FROM kept; DROP TABLE kept',
    /move 2 is missing/,
  ],
  [
    'a row that was slipped in',
    `INSERT INTO stock_move SELECT -7, sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason,
       note, document_id, command_id, created_at FROM stock_move WHERE id = 1;
     UPDATE stock_move SET id = 100 WHERE id = 6; UPDATE stock_move SET id = 6 WHERE id = -7`,
    'DELETE FROM stock_move WHERE id = 6; UPDATE stock_move SET id = 6 WHERE id = 100',
    /move 6 is not what it was/,
  ],
  [
    'a seal made anew over other moves',
    `UPDATE ledger_seal SET hash = sha256('x') WHERE after_id = 0`,
    '',
    /the seal through move 5 was changed/,
  ],
])('%s is named', async (_what, sql, undo, words) => {
  if (undo === '') {
    const [row] = await app.db.rows<{ hash: Buffer }>('SELECT hash FROM ledger_seal WHERE after_id = 0');
    undo = `UPDATE ledger_seal SET hash = '\\x${row!.hash.toString('hex')}' WHERE after_id = 0`;
  }
  expect(await tampered(sql, undo)).toMatch(words);
  expect((await audit()).code).toBe(0);
});

test('a level changed behind the ledger, and a head that no seal has', async () => {
  const bump = (by: number) => `UPDATE stock_level SET available = available + ${by} WHERE available > 0`;
  expect(await tampered(bump(1), bump(-1))).toMatch(/2 levels do not add up/);
  expect(await audit('--head', 'ab'.repeat(32))).toMatchObject({ code: 1 });
  expect((await audit('--head', 'x')).said).toContain('not 64 hexadecimal digits');
});

test('while a transaction may still write an older move, nothing is sealed', async () => {
  const slow = new Client({ connectionString: app.databaseUrl });
  await slow.connect();
  await slow.query('BEGIN');
  await slow.query(
    `INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, command_id, created_at)
     SELECT sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, command_id, created_at
     FROM stock_move WHERE id = 1`,
  );
  await receive(8, 'MUG');
  expect(await seal(SHORTLY_MS)).toMatchObject({ moves: 0 });
  await slow.query(
    'UPDATE stock_level SET available = available + 1 WHERE sku_id = (SELECT sku_id FROM stock_move WHERE id = 1)',
  );
  await slow.query('COMMIT');
  await slow.end();
  expect(await seal()).toMatchObject({ moves: 2, seals: 1 });
  expect((await audit()).code).toBe(0);
});
