// Detaching old partitions of the ledger: only when nothing needs them, and levels and ledger agree; in every wrong order.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { proveBooks } from '../../jobs/proveBooks';
import { recordSales } from '../../jobs/recordSales';
import { expireReservations } from '../../src/reservation/actions/commands';
import { PARTITION_MOVES } from '../../src/stock/actions/createPartitions';
import { detachBefore, KEEP_DAYS } from '../../src/stock/actions/detach';
import { sealLedger } from '../../src/stock/actions/seal';
import { stockDrift } from '../../src/stock/queries/levels';
import { partitions } from '../../src/stock/queries/partitions';
import { ledgerState } from '../../src/stock/queries/sums';
import { holdsOn } from '../reservation/support';
import { startApp, type TestApp } from '../support/app';
import { TYPESCRIPT } from '../support/typescript';

jest.setTimeout(240_000);

const ROOT = join(__dirname, '../..');
const DAY_MINUTES = 24 * 60;
const OLD = 'stock_move_from_0';
const VERIFY = `query ($id: ID!) { verifyReservation(id: $id) { isConsistent lines { replayed wasAvailable problems } } }`;
const JUMP = "SELECT setval('stock_move_id_seq', $1)";

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
let planner: string;
beforeEach(async () => {
  app = await startApp();
  holds = await holdsOn(app);
  planner = await app.token('PLANNER');
});
afterEach(() => app.close());

const now = () => app.parts.clock();
const seal = () => sealLedger(app.db, now());
const daysAgo = (days: number) => new Date(now().getTime() - days * 86_400_000);
const detach = (before = daysAgo(KEEP_DAYS)) => detachBefore(app.db, before, now());
/** The next move is the first of partition `n`. */
const jumpTo = (n: number) => app.db.rows(JUMP, [n * PARTITION_MOVES - 1]);
const verify = async (id: string) => {
  const { data, errors } = await app.gql(planner, VERIFY, { id });
  return data?.verifyReservation ?? errors?.[0];
};

/**
 * A partition of old moves that nothing needs any more, and a young one; gives the SKU and the old reservation. The shelf's first id
 * was drawn before it had a row, and is a gap.
 */
async function twoStretches(): Promise<{ sku: string; old: string }> {
  const sku = await holds.stocked(10);
  const { reservation } = await holds.reserve([{ sku, quantity: 3 }]);
  await holds.release(reservation.id);
  app.wait((KEEP_DAYS + 100) * DAY_MINUTES);
  await jumpTo(1);
  await holds.receive(sku, 5);
  app.wait(30);
  await holds.receive(sku, 1);
  await seal();
  app.wait(30);
  await recordSales(app.parts, now());
  return { sku, old: reservation.id };
}

/** Does what only the owner of the database can, past the triggers; `undo` as well. */
async function tampered<T>(sql: string, undo: string, look: () => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    await client.query("SET session_replication_role = 'replica'");
    await client.query(sql);
    const seen = await look();
    await client.query(undo);
    return seen;
  } finally {
    await client.end();
  }
}

async function program(file: string, ...words: string[]): Promise<{ code: number; said: string }> {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: app.databaseUrl,
    SECRET_KEY: 'a long random text of the tests, 40 bytes',
    LOG_LEVEL: 'silent',
  };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...TYPESCRIPT, file, ...words], {
      cwd: ROOT,
      env,
    });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}
const audit = () => program('src/cli/audit.ts');

test('each reason not to detach is reported, and nothing is changed by a refusal', async () => {
  const sku = await holds.stocked(10);
  const { reservation } = await holds.reserve([{ sku, quantity: 3 }]);
  app.wait((KEEP_DAYS + 100) * DAY_MINUTES);
  await expect(detach(daysAgo(KEEP_DAYS - 1))).rejects.toThrow(/Moves of the last 400 days are needed/);
  await expect(detach()).rejects.toThrow(
    /stock_move_from_0 was not detached: moves are still written into it/,
  );
  await jumpTo(1);
  await holds.receive(sku, 5);
  await expect(detach()).rejects.toThrow(/not sealed yet/);
  await seal();
  await expect(detach(daysAgo(KEEP_DAYS + 101))).rejects.toThrow(
    /its last move is of 2026-11-25, not before/,
  );
  await expect(detach()).rejects.toThrow(/a reservation of 2026-11-25 is still open/);
  await expireReservations(app.db, now());
  expect(await holds.status(reservation.id)).toBe('EXPIRED');
  await seal();
  await expect(detach()).rejects.toThrow(/recordSales has not recorded all its days yet/);
  app.wait(30);
  await recordSales(app.parts, now());
  const undone = [
    'UPDATE stock_move SET quantity = 11 WHERE id = 2',
    'UPDATE stock_move SET quantity = 10 WHERE id = 2',
  ];
  const fault = tampered(undone[0]!, undone[1]!, () => detach().catch((error: Error) => error.message));
  expect(await fault).toMatch(/its moves are not those that were sealed: move 2 is not what it was/);
  expect((await partitions(app.db))[0]!.name).toBe(OLD);
  expect(await ledgerState(app.db)).toMatchObject({ detachedId: 0 });
  expect(await app.db.rows('SELECT FROM ledger_carried')).toEqual([]);
  expect(await detach()).toMatchObject([{ name: OLD, moves: 2 }]);
});

test('a detached partition: levels and ledger agree, levels go on, and what was decided in it is no longer replayed', async () => {
  const { sku, old } = await twoStretches();
  expect(await verify(old)).toMatchObject({ isConsistent: true });
  const [detached] = await detach();
  expect(detached).toMatchObject({ name: OLD, moves: 3, firstId: 2, lastId: 4 });
  expect(await stockDrift(app.db)).toEqual([]);
  expect(await app.db.rows('SELECT available FROM ledger_carried WHERE available <> 0')).toEqual([
    { available: 10 },
  ]);
  expect(await verify(old)).toMatchObject({
    message: expect.stringContaining('were detached from the ledger'),
    extensions: { code: 'BAD_USER_INPUT' },
  });
  const { reservation } = await holds.reserve([{ sku, quantity: 16 }]);
  expect(await verify(reservation.id)).toMatchObject({
    isConsistent: true,
    lines: [{ replayed: 16, wasAvailable: 16 }],
  });
  // The same when the kept sums have gone past it, so that it is reckoned backwards.
  await seal();
  await proveBooks(app.parts, now(), async () => true);
  expect(await verify(reservation.id)).toMatchObject({ isConsistent: true, lines: [{ replayed: 16 }] });
  await expect(app.db.rows(`DELETE FROM ${OLD}`)).rejects.toThrow(/append-only/);
  await expect(app.db.rows('DELETE FROM ledger_detached')).rejects.toThrow(/append-only/);
  await expect(detach()).rejects.toThrow(
    /stock_move_from_10000000 was not detached: moves are still written/,
  );
  expect(await recordSales(app.parts, now())).toMatchObject({ returns: 0 });
});

test('the audit reads a detached table while it is there, then takes seals and carried sums for it', async () => {
  const { sku } = await twoStretches();
  await detach();
  await holds.receive(sku, 2);
  await seal();
  const whole = await audit();
  expect(whole.said).toContain('6 moves in 3 seals are unchanged');
  expect(whole.code).toBe(0);
  const change = (by: number) => `UPDATE ${OLD} SET quantity = quantity + ${by} WHERE id = 2`;
  expect((await tampered(change(1), change(-1), audit)).said).toMatch(/move 2 is not what it was/);
  await app.db.rows(`DROP TABLE ${OLD}`);
  const without = await audit();
  expect(without).toMatchObject({
    code: 0,
    said: expect.stringContaining('3 of them are detached and dropped'),
  });
  const carry = (by: number) => `UPDATE ledger_carried SET available = available + ${by}`;
  expect((await tampered(carry(1), carry(-1), audit)).said).toMatch(
    /the carried sums are not what they were when stock_move_from_0 was detached/,
  );
  const keep = (by: number) => `UPDATE ledger_balance SET available = available + ${by}`;
  expect((await tampered(keep(1), keep(-1), audit)).said).toMatch(/the stored sums of the ledger differ/);
  const reseal = (to: string) => `UPDATE ledger_seal SET hash = ${to} WHERE after_id = 0`;
  const [seal0] = await app.db.rows<{ hash: string }>(
    "SELECT encode(hash, 'hex') AS hash FROM ledger_seal WHERE after_id = 0",
  );
  // Its own moves are gone, but the next seal follows from it no more.
  expect((await tampered(reseal("sha256('x')"), reseal(`'\\x${seal0!.hash}'`), audit)).said).toMatch(
    /the seal through move \d+ was changed, or does not follow the one before/,
  );
  expect((await audit()).code).toBe(0);
});

test('twice at once, while others write and seals are made: detached once, nothing lost', async () => {
  const { sku } = await twoStretches();
  const writers = Array.from({ length: 30 }, async (_, i) => {
    await holds.receive(sku, 1);
    if (i % 10 === 0) await seal();
    const { reservation } = await holds.reserve([{ sku, quantity: 1 }]);
    expect(reservation).toBeDefined();
  });
  const twice = await Promise.allSettled([detach(), detach(), ...writers]);
  expect(twice.slice(2).every(({ status }) => status === 'fulfilled')).toBe(true);
  const [won] = twice.slice(0, 2).filter(({ status }) => status === 'fulfilled');
  expect(won).toMatchObject({ value: [{ name: OLD }] });
  expect(twice.slice(0, 2).filter(({ status }) => status === 'rejected')).toMatchObject([
    { reason: { name: 'OperatorError' } },
  ]);
  expect(await stockDrift(app.db)).toEqual([]);
  expect(await holds.level(sku)).toEqual({ available: 16, reserved: 30 });
});

test('npm run ledger lists and detaches, and refuses in one sentence', async () => {
  await twoStretches();
  const file = 'src/cli/ledger.ts';
  expect((await program(file)).said).toMatch(/Give one of the two. Usage: npm run ledger -- --list/);
  expect((await program(file, '--detach-before', '2025-02-30')).said).toMatch(/not a day like 2025-01-01/);
  const { code, said } = await program(file, '--list');
  expect(code).toBe(0);
  expect(said).toMatch(/^stock_move_from_0: moves 1 to 9,999,999, .* from 2026-11-25 on, sealed$/m);
  expect(said).toMatch(/^stock_move_beyond: moves 30,000,000 to without end, .* empty$/m);
  // By the clock of the machine these moves are young.
  expect(await program(file, '--detach-before', '2030-01-01')).toMatchObject({
    code: 1,
    said: expect.stringContaining('Moves of the last 400 days are needed'),
  });
});
