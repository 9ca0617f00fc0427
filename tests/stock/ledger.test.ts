// The one door itself: bugs are exceptions, SQL stands behind it, the ledger cannot be rewritten, and races end well.

import type { Tx } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { lockShelves, post } from '../../src/stock/ledger';
import { START, startApp, type TestApp } from '../support/app';
import { untilLocked } from '../support/lockWaits';
import { fresh, levelAt, stockAct } from './support';

let app: TestApp;
let feed: string;
let shelf: { locationId: number; skuId: number };
let other: { locationId: number; skuId: number };
let commandId: number;
const SKUS = ['TENT-2', 'LAMP', 'SOCK-M', 'MUG'];
beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED');
  const lines = SKUS.map((sku) => ({ sku, quantity: 25 }));
  await stockAct(app, feed, 'receiveStock', { idempotencyKey: fresh(), location: 'paris', lines });
  const rows = await app.db.rows<{ locationId: number; skuId: number; commandId: number }>(
    `SELECT location_id AS "locationId", sku_id AS "skuId", (SELECT max(id) FROM command) AS "commandId"
     FROM stock_level ORDER BY sku_id`,
  );
  commandId = rows[0]!.commandId;
  shelf = { locationId: rows[0]!.locationId, skuId: rows[0]!.skuId };
  other = { locationId: rows[1]!.locationId, skuId: rows[1]!.skuId };
});
afterAll(() => app.close());

const SOLD = { from: 'AVAILABLE', to: 'CUSTOMER', reason: 'SOLD' } as const;

test('post throws on a bucket below zero, and everything of the transaction is undone', async () => {
  const work = inTransaction(app.db, async (tx) => {
    const shelves = await lockShelves(tx, [shelf, other]);
    await post(tx, shelves, START, [{ ...SOLD, ...other, quantity: 1, commandId }]);
    await post(tx, shelves, START, [{ ...SOLD, ...shelf, quantity: 26, commandId }]);
  });
  await expect(work).rejects.toThrow('available of shelf');
  expect(await levelAt(app, 'paris', 'TENT-2')).toMatchObject({ available: 25 });
  expect(await levelAt(app, 'paris', 'LAMP')).toMatchObject({ available: 25 });
});

test('post throws on a shelf that was not locked', async () => {
  const work = inTransaction(app.db, async (tx) => {
    const shelves = await lockShelves(tx, [shelf]);
    await post(tx, shelves, START, [{ ...SOLD, ...other, quantity: 1, commandId }]);
  });
  await expect(work).rejects.toThrow('was not locked');
});

test.each(['available', 'reserved', 'staged', 'quarantine', 'in_transit'])(
  'the CHECK behind it names what it forbids: %s',
  async (bucket) => {
    const sql = `UPDATE stock_level SET ${bucket} = -1 WHERE location_id = $1 AND sku_id = $2`;
    await expect(app.db.rows(sql, [shelf.locationId, shelf.skuId])).rejects.toMatchObject({
      code: '23514',
      constraint: `stock_level_${bucket}_negative`,
    });
  },
);

const INSERT = `INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason,
  command_id, created_at) SELECT $1, $2, $3::bucket, coalesce(l.id, $2), $4::bucket, $5, 'ADJUSTED', $6, now()
  FROM (SELECT 1) one LEFT JOIN location l ON l.code = $7`;
test.each([
  ['of nothing', 'AVAILABLE', 'SHRINKAGE', 0, '', 'stock_move_of_nothing'],
  ['of fewer than nothing', 'AVAILABLE', 'SHRINKAGE', -1, '', 'stock_move_of_nothing'],
  ['to itself', 'AVAILABLE', 'AVAILABLE', 1, '', 'stock_move_to_itself'],
  ['outside only', 'SUPPLIER', 'CUSTOMER', 1, '', 'stock_move_outside_only'],
  [
    'to another location’s shelf at once',
    'AVAILABLE',
    'AVAILABLE',
    1,
    'lyon',
    'stock_move_between_places_not_in_transit',
  ],
])('no move %s', async (_what, from, to, quantity, place, constraint) => {
  const values = [shelf.skuId, shelf.locationId, from, to, quantity, commandId, place];
  await expect(app.db.rows(INSERT, values)).rejects.toMatchObject({ code: '23514', constraint });
});

test.each([
  ['UPDATE', 'UPDATE stock_move SET quantity = 1'],
  ['DELETE', 'DELETE FROM stock_move'],
  ['TRUNCATE', 'TRUNCATE stock_move'],
])('the ledger refuses %s', async (word, sql) => {
  await expect(app.db.rows(sql)).rejects.toThrow(
    `stock_move is append-only: correct it with a new move, never by ${word}`,
  );
});

test('moves of no units are none', async () => {
  const before = await app.db.rows('SELECT count(*) FROM stock_move');
  await inTransaction(app.db, async (tx) => {
    const shelves = await lockShelves(tx, [shelf]);
    await post(tx, shelves, START, [{ ...SOLD, ...shelf, quantity: 0, commandId }]);
  });
  expect(await app.db.rows('SELECT count(*) FROM stock_move')).toEqual(before);
});

const sell = (lines: { sku: string; delta: number }[]) =>
  stockAct(app, feed, 'adjustStock', {
    idempotencyKey: fresh(),
    location: 'paris',
    lines: lines.map((l) => ({ ...l, reason: 'SOLD' })),
  });

test('forty tills and twenty-five units: exactly twenty-five sell, and each refusal shows the truth', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, () => sell([{ sku: 'MUG', delta: -1 }])));
  const kinds = answers.map((a) => a.answer.__typename);
  expect(kinds.filter((k) => k === 'AdjustStockSuccess')).toHaveLength(25);
  const refused = answers.filter((a) => a.answer.__typename === 'NotEnoughStock');
  expect(refused).toHaveLength(15);
  for (const { answer } of refused)
    expect(answer.lines).toEqual([{ sku: 'MUG', location: 'paris', requested: 1, available: 0 }]);
  expect(await levelAt(app, 'paris', 'MUG')).toMatchObject({ available: 0 });
});

test('baskets that name their lines in opposite orders all get an answer', async () => {
  const lines = ['TENT-2', 'LAMP', 'SOCK-M'].map((sku) => ({ sku, delta: -1 }));
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => sell(i % 2 ? lines : [...lines].reverse())),
  );
  expect(answers.filter((a) => a.answer.__typename === 'AdjustStockSuccess')).toHaveLength(25);
  expect(answers.filter((a) => a.answer.__typename === 'NotEnoughStock')).toHaveLength(15);
});

/**
 * Proves the order of locks without luck: while `first` is held by one transaction, a second one that was requested
 * `last` before it must wait with nothing in its hands, so a third can take `last` at once.
 */
async function proveOrder(
  hold: (tx: Tx) => Promise<unknown>,
  both: () => Promise<unknown>,
  takeLast: (tx: Tx) => Promise<unknown>,
): Promise<void> {
  let waiting: Promise<unknown> | undefined;
  await inTransaction(app.db, async (holder) => {
    await hold(holder);
    waiting = both();
    await untilLocked(app.db);
    await inTransaction(app.db, async (third) => {
      await third.rows("SELECT set_config('lock_timeout', '2s', true)");
      await takeLast(third);
    });
  });
  await waiting;
}

describe('locks are taken in key order, whatever order the lines and the rows have', () => {
  let low: { locationId: number; skuId: number };
  let high: { locationId: number; skuId: number };
  beforeAll(async () => {
    await app.db.rows("INSERT INTO sku (code, name) VALUES ('LOW', 'x'), ('HIGH', 'x')");
    const skus = await app.db.rows<{ id: number }>(
      "SELECT id FROM sku WHERE code IN ('LOW', 'HIGH') ORDER BY id",
    );
    low = { locationId: shelf.locationId, skuId: skus[0]!.id };
    high = { locationId: shelf.locationId, skuId: skus[1]!.id };
  });

  test('shelves that are opened', async () => {
    await proveOrder(
      (tx) => lockShelves(tx, [low]),
      () => inTransaction(app.db, (tx) => lockShelves(tx, [high, low])),
      (tx) => lockShelves(tx, [high]),
    );
  });

  test('shelves that are there', async () => {
    // The rows stand the other way round in the table.
    await app.db.rows('DELETE FROM stock_level WHERE sku_id = ANY($1::int[])', [[low.skuId, high.skuId]]);
    await inTransaction(app.db, (tx) => lockShelves(tx, [high]));
    await inTransaction(app.db, (tx) => lockShelves(tx, [low]));
    await proveOrder(
      (tx) => lockShelves(tx, [low]),
      () => inTransaction(app.db, (tx) => lockShelves(tx, [high, low])),
      (tx) => lockShelves(tx, [high]),
    );
  });

  test('rules of safety stock', async () => {
    const planner = await app.token('PLANNER');
    const INSERT_RULE = 'INSERT INTO safety_stock (sku_id, quantity) VALUES ($1, 1)';
    const rules = ['HIGH', 'LOW'].map((sku) => ({ sku, quantity: 2 }));
    await proveOrder(
      (tx) => tx.rows(INSERT_RULE, [low.skuId]),
      () => stockAct(app, planner, 'setSafetyStock', { idempotencyKey: fresh(), rules }),
      (tx) => tx.rows(INSERT_RULE, [high.skuId]),
    );
  });
});

test('shelves opened by many at once are opened once', async () => {
  await app.db.rows("INSERT INTO sku (code, name) SELECT 'NEW-' || n, 'new' FROM generate_series(1, 5) n");
  const lines = Array.from({ length: 5 }, (_, i) => ({ sku: `NEW-${i + 1}`, quantity: 1 }));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      stockAct(app, feed, 'receiveStock', {
        idempotencyKey: fresh(),
        location: 'depot',
        lines: i % 2 ? lines : [...lines].reverse(),
      }),
    ),
  );
  expect(new Set(answers.map((a) => a.answer.__typename))).toEqual(new Set(['ReceiveStockSuccess']));
  expect(await levelAt(app, 'depot', 'NEW-3')).toMatchObject({ available: 20 });
});
