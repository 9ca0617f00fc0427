// stockDrift: a proof is only one if it fails when a level is wrong, in every way they can be.

import { v7 as uuid } from 'uuid';
import { stockDrift } from '../../src/stock/queries/levels';
import { START, startApp, type TestApp } from '../support/app';
import { fresh, stockAct } from './support';

let app: TestApp;
let planner: string;
let paris: number;
let lyon: number;
let lamp: number;
let mug: number;
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER');
  const feed = await app.token('FEED');
  const lines = [
    { sku: 'LAMP', quantity: 10 },
    { sku: 'MUG', quantity: 4 },
  ];
  await stockAct(app, feed, 'receiveStock', { idempotencyKey: fresh(), location: 'paris', lines });
  const [ids] = await app.db.rows<Record<'paris' | 'lyon' | 'lamp' | 'mug', number>>(
    `SELECT (SELECT id FROM location WHERE code = 'paris') AS paris, (SELECT id FROM location WHERE code = 'lyon') AS lyon,
            (SELECT id FROM sku WHERE code = 'LAMP') AS lamp, (SELECT id FROM sku WHERE code = 'MUG') AS mug`,
  );
  ({ paris, lyon, lamp, mug } = ids!);
});
afterAll(() => app.close());

/** What the proof says while these statements stand; they are undone by their opposites. */
async function while_(statements: [string, unknown[]][], undo: [string, unknown[]][]) {
  for (const [sql, values] of statements) await app.db.rows(sql, values);
  const drift = await stockDrift(app.db);
  for (const [sql, values] of undo) await app.db.rows(sql, values);
  expect(await stockDrift(app.db)).toEqual([]);
  return drift.map((d) => `${d.location} ${d.sku} ${d.bucket}: ${d.level}, ${d.source} say ${d.expected}`);
}

const level = (column: string, change: string): [string, unknown[]] => [
  `UPDATE stock_level SET ${column} = ${column} ${change} WHERE location_id = $1 AND sku_id = $2`,
  [paris, lamp],
];

test('balances after honest acts', async () => {
  expect(await stockDrift(app.db)).toEqual([]);
});

test.each([
  ['available', 'AVAILABLE', 10],
  ['quarantine', 'QUARANTINE', 0],
])('a level without moves: %s', async (column, bucket, honest) => {
  expect(await while_([level(column, '+ 1')], [level(column, '- 1')])).toEqual([
    `paris LAMP ${bucket}: ${honest + 1}, MOVES say ${honest}`,
  ]);
});

test.each([
  ['reserved', 'RESERVED'],
  ['staged', 'STAGED'],
  ['in_transit', 'IN_TRANSIT'],
])('a promised level without moves or documents: %s', async (column, bucket) => {
  expect(await while_([level(column, '+ 1')], [level(column, '- 1')])).toEqual([
    `paris LAMP ${bucket}: 1, DOCUMENTS say 0`,
    `paris LAMP ${bucket}: 1, MOVES say 0`,
  ]);
});

test('a level row that is gone', async () => {
  const values = [paris, mug];
  const drift = await while_(
    [['DELETE FROM stock_level WHERE location_id = $1 AND sku_id = $2', values]],
    [['INSERT INTO stock_level (location_id, sku_id, available) VALUES ($1, $2, 4)', values]],
  );
  expect(drift).toEqual(['paris MUG AVAILABLE: 0, MOVES say 4']);
});

const id = uuid();
const reservation = (status: string): [string, unknown[]] => [
  `INSERT INTO reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at)
   VALUES ($1, 0, $2, 'ONLINE', $3::reservation_status, $4, '{}', $4)`,
  [id, paris, status, START],
];
const order = (status: string): [string, unknown[]] => [
  `INSERT INTO customer_order (id, number, owner_id, location_id, channel, status, payment, customer_name, contact_channel,
     placed_at, updated_at, cancel_reason)
   VALUES ($1, 'C-1', 0, $2, 'ONLINE', $3::order_status, 'PAID', 'x', 'EMAIL', $4, $4, 'OTHER')`,
  [id, paris, status, START],
];
const transfer = (status: string): [string, unknown[]] => [
  `INSERT INTO transfer (id, number, from_location_id, to_location_id, status, created_at)
   VALUES ($1, 'T-1', $2, $3, $4::transfer_status, $5)`,
  [id, paris, lyon, status, START],
];
const gone = (...tables: [string, string][]): [string, unknown[]][] =>
  tables.map(([table, key]) => [`DELETE FROM ${table} WHERE ${key} = $1`, [id]]);
const line =
  (sql: string): (() => [string, unknown[]]) =>
  () => [sql, [id, lamp]];

test.each([
  [
    'a reservation',
    () => reservation('ACTIVE'),
    line('INSERT INTO reservation_line VALUES ($1, $2, 3, 3)'),
    'reservation',
    ['paris LAMP RESERVED: 0, DOCUMENTS say 3'],
  ],
  [
    'a released hold',
    () => reservation('RELEASED'),
    line('INSERT INTO reservation_line VALUES ($1, $2, 3, 3)'),
    'reservation',
    [],
  ],
  [
    'an order',
    () => order('PICKING'),
    line('INSERT INTO order_line (order_id, sku_id, quantity, reserved, staged) VALUES ($1, $2, 3, 1, 2)'),
    'order',
    ['paris LAMP RESERVED: 0, DOCUMENTS say 1', 'paris LAMP STAGED: 0, DOCUMENTS say 2'],
  ],
  [
    'a closed order',
    () => order('CANCELLED'),
    line('INSERT INTO order_line (order_id, sku_id, quantity, reserved) VALUES ($1, $2, 1, 1)'),
    'order',
    [],
  ],
  [
    'a planned transfer',
    () => transfer('DRAFT'),
    line('INSERT INTO transfer_line VALUES ($1, $2, 3)'),
    'transfer',
    ['paris LAMP RESERVED: 0, DOCUMENTS say 3'],
  ],
  [
    'a van on its way',
    () => transfer('DISPATCHED'),
    line('INSERT INTO transfer_line VALUES ($1, $2, 3)'),
    'transfer',
    ['lyon LAMP IN_TRANSIT: 0, DOCUMENTS say 3'],
  ],
  [
    'a transfer that came',
    () => transfer('RECEIVED'),
    line('INSERT INTO transfer_line VALUES ($1, $2, 3)'),
    'transfer',
    [],
  ],
])('%s without its units', async (_what, document, unitLine, kind, expected) => {
  const table = kind === 'order' ? 'customer_order' : kind;
  const undo = gone([`${kind}_line`, `${kind}_id`], [table, 'id']);
  expect(await while_([document(), unitLine()], undo)).toEqual(expected);
});

test('two wrongs that add up to nothing are still two', async () => {
  const drift = await while_(
    [level('available', '- 1'), level('quarantine', '+ 1')],
    [level('available', '+ 1'), level('quarantine', '- 1')],
  );
  expect(drift).toHaveLength(2);
});

test('planners ask for it over GraphQL', async () => {
  await app.db.rows(...level('available', '+ 1'));
  const query = '{ stockDrift { location { code } sku { code } bucket level expected source } }';
  const { data } = await app.gql(planner, query);
  await app.db.rows(...level('available', '- 1'));
  expect(data.stockDrift).toEqual([
    {
      location: { code: 'paris' },
      sku: { code: 'LAMP' },
      bucket: 'AVAILABLE',
      level: 11,
      expected: 10,
      source: 'MOVES',
    },
  ]);
  expect((await app.gql(planner, query)).data.stockDrift).toEqual([]);
  const staff = await app.token('STAFF', undefined, ['paris']);
  expect((await app.gql(staff, query)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
});
