// The ledger in partitions: an old ledger becomes the first one, new ones are made in time, and nothing stops when not.

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../src/db/migrate';
import { type Db, openDb } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { createPartitions, PARTITION_MOVES } from '../../src/stock/actions/createPartitions';
import { sealLedger } from '../../src/stock/actions/seal';
import { lockShelves, post } from '../../src/stock/ledger';
import { stockDrift } from '../../src/stock/queries/levels';
import { partitions } from '../../src/stock/queries/partitions';
import { findFault } from '../../src/stock/queries/seals';
import { START, startApp, type TestApp } from '../support/app';
import { bareDatabase } from '../support/database';
import { fillWorld } from '../support/world';

jest.setTimeout(60_000);

const MIGRATIONS = join(__dirname, '../../prisma/migrations');
const THIS = '20261123000000_ledger_partitions';
const JUMP = "SELECT setval('stock_move_id_seq', $1)";
const WHERE = `
  SELECT tableoid::regclass::text AS name, count(*)::int AS moves, max(id) AS last FROM stock_move GROUP BY 1 ORDER BY 3`;

/** So many moves on the shelf of the first SKU at the first location, one transaction each. */
async function receive(db: Db, moves: number): Promise<void> {
  const [ids] = await db.rows<{ locationId: number; skuId: number; commandId: number }>(
    `SELECT (SELECT min(id) FROM location) AS "locationId", (SELECT min(id) FROM sku) AS "skuId",
            (SELECT max(id) FROM command) AS "commandId"`,
  );
  for (let i = 0; i < moves; i += 1) {
    await inTransaction(db, async (tx) => {
      const shelves = await lockShelves(tx, [ids!]);
      await post(tx, shelves, START, [
        { ...ids!, from: 'SUPPLIER', to: 'AVAILABLE', quantity: 2, reason: 'RECEIVED' },
      ]);
    });
  }
}
const COMMAND = `
  INSERT INTO command (actor_id, key, action, request_hash, created_at) VALUES (0, 'k', 'receiveStock', '', $1)`;
const chainIsWhole = async (db: Db) =>
  expect(await findFault(db, { throughId: 0, hash: '' }, Number.MAX_SAFE_INTEGER)).toBeNull();

test.each([
  ['a young ledger', 7, PARTITION_MOVES],
  ['one that has drawn many ids', 23_000_000, 30_000_000],
  ['one that ends where a partition does', 9_999_998, 20_000_000],
])('an existing ledger is upgraded in place: %s', async (_what, lastId, end) => {
  const database = await bareDatabase();
  const dir = mkdtempSync(join(tmpdir(), 'migrations-'));
  cpSync(MIGRATIONS, dir, { recursive: true });
  rmSync(join(dir, THIS), { recursive: true });
  const db = openDb(database.url, 2);
  try {
    await migrate(db.pool, { dir });
    await fillWorld(db);
    await db.rows(COMMAND, [START]);
    await receive(db, 5);
    await db.rows(JUMP, [lastId]);
    await receive(db, 2);
    const before = await db.rows('SELECT * FROM stock_move ORDER BY id');
    expect(await sealLedger(db, START)).toMatchObject({ moves: 7, seals: 1 });

    expect(await migrate(db.pool)).toEqual({ applied: [THIS] });
    expect(await db.rows('SELECT * FROM stock_move ORDER BY id')).toEqual(before);
    expect((await partitions(db)).map(({ from, to }) => [from, to])).toEqual([
      [null, end],
      [end, end + PARTITION_MOVES],
      [end + PARTITION_MOVES, end + 2 * PARTITION_MOVES],
      [end + 2 * PARTITION_MOVES, null],
    ]);
    await receive(db, 1);
    expect((await db.rows<{ last: number }>(WHERE)).at(-1)!.last).toBe(lastId + 3);
    expect(await stockDrift(db)).toEqual([]);
    expect(await sealLedger(db, START)).toMatchObject({ moves: 1, seals: 1 });
    await chainIsWhole(db);
    await expect(db.rows('UPDATE stock_move SET quantity = 9')).rejects.toThrow(/append-only/);
    expect(await createPartitions(db)).toBe(0);
  } finally {
    await db.close();
    await database.drop();
    rmSync(dir, { recursive: true });
  }
});

describe('partitions to come', () => {
  let app: TestApp;
  const names = async () => (await partitions(app.db)).map((s) => s.name);
  beforeEach(async () => {
    app = await startApp();
    await app.db.rows(COMMAND, [START]);
    await receive(app.db, 1);
  });
  afterEach(() => app.close());

  test('two empty ones wait ahead; the next is made when one is begun, by one of many at once', async () => {
    expect(await createPartitions(app.db)).toBe(0);
    await app.db.rows(JUMP, [PARTITION_MOVES - 1]);
    await receive(app.db, 1);
    const made = await Promise.all([createPartitions(app.db), createPartitions(app.db), receive(app.db, 20)]);
    expect(made[0] + made[1]).toBe(1);
    expect(await names()).toEqual([
      'stock_move_from_0',
      'stock_move_from_10000000',
      'stock_move_from_20000000',
      'stock_move_from_30000000',
      'stock_move_beyond',
    ]);
    expect(await app.db.rows(WHERE)).toEqual([
      { name: 'stock_move_from_0', moves: 1, last: 2 },
      { name: 'stock_move_from_10000000', moves: 21, last: PARTITION_MOVES + 20 },
    ]);
  });

  test('nobody made more in time: the open end takes the moves, and becomes a partition with them', async () => {
    await app.db.rows(JUMP, [3 * PARTITION_MOVES + 4]);
    await receive(app.db, 2);
    expect((await app.db.rows(WHERE)).at(-1)).toMatchObject({ name: 'stock_move_beyond', moves: 2 });
    expect(await createPartitions(app.db)).toBe(2);
    await receive(app.db, 1);
    expect((await app.db.rows(WHERE)).at(-1)).toMatchObject({ name: 'stock_move_from_30000000', moves: 3 });
    expect((await names()).slice(-3)).toEqual([
      'stock_move_from_40000000',
      'stock_move_from_50000000',
      'stock_move_beyond',
    ]);
    expect(await stockDrift(app.db)).toEqual([]);
  });

  test.each([
    'stock_move_from_0',
    'stock_move_from_20000000',
    'stock_move_from_30000000',
    'stock_move_beyond',
  ])('the ledger cannot be rewritten by way of %s either', async (table) => {
    await app.db.rows(JUMP, [PARTITION_MOVES]);
    await createPartitions(app.db);
    await app.db.rows(JUMP, [5 * PARTITION_MOVES]);
    await receive(app.db, 1);
    for (const sql of [`UPDATE ${table} SET quantity = 9`, `DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
      const moves = await app.db.rows(`SELECT FROM ${table}`);
      if (sql.startsWith('TRUNCATE') || moves.length > 0)
        await expect(app.db.rows(sql)).rejects.toThrow(/append-only/);
    }
  });

  test('a seal ends with its partition', async () => {
    await app.db.rows(JUMP, [PARTITION_MOVES - 3]);
    await receive(app.db, 5);
    expect(await sealLedger(app.db, START)).toMatchObject({ moves: 6, seals: 2 });
    expect(await app.db.rows('SELECT through_id AS id FROM ledger_seal ORDER BY 1')).toEqual([
      { id: PARTITION_MOVES - 1 },
      { id: PARTITION_MOVES + 2 },
    ]);
    await chainIsWhole(app.db);
  });

  test('a shelf’s history of many partitions is read from the newest on, and no further than needed', async () => {
    for (let i = 1; i <= 12; i += 1) {
      await app.db.rows(JUMP, [i * PARTITION_MOVES]);
      await receive(app.db, 3);
      await createPartitions(app.db);
    }
    const client = new Client({ connectionString: app.databaseUrl });
    await client.connect();
    try {
      await client.query('SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off');
      await client.query(
        `PREPARE page (int, int, bigint, int) AS SELECT id FROM stock_move
         WHERE from_location_id = $1 AND sku_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4`,
      );
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE page (1, 1, 100000010, 4)',
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).not.toMatch(/Sort|Merge/);
      // Partitions above 100,000,010 are not even opened; of the others three were asked and the rest never.
      expect(plan).toMatch(/Subplans Removed: [4-9]/);
      expect(plan.match(/never executed/g)!.length).toBeGreaterThan(7);
    } finally {
      await client.end();
    }
  });
});
