// countStock, openCount, approveCount, cancelCount: what is on the shelf against what the ledger has.

import { v7 as uuid } from 'uuid';
import { inTransaction } from '../../src/db/transaction';
import { lockShelves, post } from '../../src/stock/ledger';
import { START, startApp, type TestApp } from '../support/app';
import { fresh, levelAt, stockAct } from './support';

let app: TestApp;
let staff: string;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  staff = await app.token('STAFF', 'anna', ['paris']);
  planner = await app.token('PLANNER', 'paul');
  const lines = ['TENT-2', 'LAMP', 'SOCK-M', 'MUG'].map((sku) => ({ sku, quantity: 100 }));
  const feed = await app.token('FEED');
  await stockAct(app, feed, 'receiveStock', { idempotencyKey: 'stock', location: 'paris', lines });
});
afterAll(() => app.close());

const count = (lines: unknown[], token: string | null = staff, location = 'paris') =>
  stockAct(app, token, 'countStock', { idempotencyKey: fresh(), location, lines });
const open = (skus: string[], token: string | null = staff, location = 'paris') =>
  stockAct(app, token, 'openCount', { idempotencyKey: fresh(), location, skus, reason: 'looks empty' });
const finish = (name: 'approveCount' | 'cancelCount', id: string, token: string | null = planner) =>
  stockAct(app, token, name, { idempotencyKey: fresh(), count: id });

/** A reservation of some units, as the ledger has it: moved to RESERVED, with its document. */
async function hold(sku: string, quantity: number): Promise<void> {
  const [ids] = await app.db.rows<{ locationId: number; skuId: number; commandId: number }>(
    `INSERT INTO command (actor_id, key, action, request_hash, created_at) VALUES (0, $1, 'test', '', now())
     RETURNING id AS "commandId", (SELECT id FROM location WHERE code = 'paris') AS "locationId",
       (SELECT id FROM sku WHERE code = $2) AS "skuId"`,
    [fresh(), sku],
  );
  const shelf = { locationId: ids!.locationId, skuId: ids!.skuId };
  await inTransaction(app.db, async (tx) => {
    const shelves = await lockShelves(tx, [shelf]);
    const id = uuid();
    await tx.rows(
      `INSERT INTO reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at)
       VALUES ($1, 0, $2, 'ONLINE', 'ACTIVE', $3, '{}', $4)`,
      [id, shelf.locationId, new Date(START.getTime() + 3_600_000), START],
    );
    await tx.rows(
      'INSERT INTO reservation_line (reservation_id, sku_id, requested, quantity) VALUES ($1, $2, $3, $3)',
      [id, shelf.skuId, quantity],
    );
    const way = { from: 'AVAILABLE', to: 'RESERVED', reason: 'HELD' } as const;
    await post(tx, shelves, START, [{ ...shelf, ...way, quantity, commandId: ids!.commandId }]);
  });
}

test('the difference goes to SHRINKAGE and back, and the shelf remembers when it was counted', async () => {
  app.wait(1);
  const less = (await count([{ sku: 'MUG', quantity: 97 }])).answer;
  expect(less.levels).toEqual([
    expect.objectContaining({ available: 97, countedAt: '2026-11-25T09:01:00.000Z' }),
  ]);
  expect(less.counts).toEqual([
    expect.objectContaining({ status: 'POSTED', reason: '', expected: 100, counted: 97, difference: -3 }),
  ]);
  await count([{ sku: 'MUG', quantity: 100, expectedQuantity: 97 }]);
  const moves = await app.db.rows(
    `SELECT from_bucket::text || '>' || to_bucket AS way, quantity FROM stock_move WHERE reason = 'COUNTED' ORDER BY id`,
  );
  expect(moves).toEqual([
    { way: 'AVAILABLE>SHRINKAGE', quantity: 3 },
    { way: 'SHRINKAGE>AVAILABLE', quantity: 3 },
  ]);
});

test('reserved units stand on the shelf and are counted with it; fewer than those is refused', async () => {
  await hold('LAMP', 30);
  const { answer } = await count([{ sku: 'LAMP', quantity: 98, expectedQuantity: 100 }]);
  expect(answer.levels[0]).toMatchObject({ available: 68, reserved: 30, onHand: 98 });
  const { answer: refused } = await count([
    { sku: 'LAMP', quantity: 29 },
    { sku: 'MUG', quantity: 1 },
  ]);
  expect(refused).toEqual({
    __typename: 'ReservedExceedsCount',
    message:
      '29 LAMP counted at paris, but 30 are promised from there; count again; if it is right, first short-pick the orders or release the reservations that need them.',
    over: [{ sku: 'LAMP', location: 'paris', reserved: 30, counted: 29 }],
  });
  expect(await levelAt(app, 'paris', 'LAMP')).toMatchObject({ available: 68, reserved: 30 });
  expect(await levelAt(app, 'paris', 'MUG')).toMatchObject({ available: 100 });
});

test('a shelf that moved since the counter looked is refused with both numbers, and no line is posted', async () => {
  const { answer } = await count([
    { sku: 'MUG', quantity: 99 },
    { sku: 'LAMP', quantity: 98, expectedQuantity: 90 },
  ]);
  expect(answer).toMatchObject({
    __typename: 'StaleCount',
    stale: [{ sku: 'LAMP', location: 'paris', expected: 90, actual: 98 }],
  });
  expect(await levelAt(app, 'paris', 'MUG')).toMatchObject({ available: 100 });
});

test('of twenty people who count from the same number one is right and the others are refused', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      count([{ sku: 'MUG', quantity: 99 - (i % 5), expectedQuantity: 100 }]),
    ),
  );
  const kinds = answers.map((a) => a.answer.__typename);
  expect(kinds.filter((k) => k === 'CountStockSuccess')).toHaveLength(1);
  expect(kinds.filter((k) => k === 'StaleCount')).toHaveLength(19);
  await count([{ sku: 'MUG', quantity: 100 }]);
});

test('openCount asks once for each shelf; counting it closes it', async () => {
  const first = (await open(['TENT-2', 'TENT-2', 'SOCK-M'])).answer;
  expect(first.counts).toHaveLength(2);
  const again = (await open(['TENT-2', 'MUG'])).answer;
  const ofTent = (c: { sku: { code: string } }) => c.sku.code === 'TENT-2';
  expect(again.counts.find(ofTent).id).toBe(first.counts.find(ofTent).id);
  const { answer } = await count([{ sku: 'TENT-2', quantity: 100 }]);
  expect(answer.counts).toEqual([
    expect.objectContaining({
      id: first.counts.find(ofTent).id,
      status: 'POSTED',
      reason: 'looks empty',
      difference: 0,
    }),
  ]);
  const LIST = `query ($statuses: [CountStatus!]) {
    stockCounts(filter: { location: "paris", statuses: $statuses }) { edges { node { sku { code } status } } } }`;
  const { data } = await app.gql(staff, LIST, { statuses: ['OPEN'] });
  expect(
    data.stockCounts.edges.map((e: { node: { sku: { code: string } } }) => e.node.sku.code).sort(),
  ).toEqual(['MUG', 'SOCK-M']);
  const elsewhere = await app.gql(staff, LIST.replace('paris', 'lyon') as typeof LIST, { statuses: null });
  expect(elsewhere.data.stockCounts.edges).toEqual([]);
});

test('a big difference waits for a planner, who posts it as it was found though the shelf lived on', async () => {
  const { answer } = await count([
    { sku: 'SOCK-M', quantity: 60 },
    { sku: 'MUG', quantity: 95 },
  ]);
  const waiting = answer.counts.find((c: { status: string }) => c.status === 'COUNTED');
  expect(waiting).toMatchObject({ sku: { code: 'SOCK-M' }, difference: -40, postedAt: null });
  expect(await levelAt(app, 'paris', 'SOCK-M')).toMatchObject({ available: 100 });
  expect(await levelAt(app, 'paris', 'MUG')).toMatchObject({ available: 95 });

  const lines = [{ sku: 'SOCK-M', delta: -10, reason: 'SOLD' }];
  await stockAct(app, staff, 'adjustStock', { idempotencyKey: fresh(), location: 'paris', lines });
  expect((await finish('approveCount', waiting.id, staff)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const approved = (await finish('approveCount', waiting.id)).answer;
  expect(approved.count).toMatchObject({ status: 'POSTED', difference: -40 });
  expect(await levelAt(app, 'paris', 'SOCK-M')).toMatchObject({ available: 50 });
  expect((await finish('approveCount', waiting.id)).answer).toMatchObject({
    __typename: 'WrongState',
    state: 'POSTED',
    allowedStates: ['COUNTED'],
  });
});

test('ten approvals at once post the difference once', async () => {
  const { answer } = await count([{ sku: 'TENT-2', quantity: 200 }]);
  const id = answer.counts[0].id;
  const answers = await Promise.all(Array.from({ length: 10 }, () => finish('approveCount', id)));
  const kinds = answers.map((a) => a.answer.__typename).sort();
  expect(kinds).toEqual(['ApproveCountSuccess', ...Array.from({ length: 9 }, () => 'WrongState')]);
  expect(await levelAt(app, 'paris', 'TENT-2')).toMatchObject({ available: 200 });
});

test('an approval whose missing units are gone by now is refused and can be counted again', async () => {
  const { answer } = await count([{ sku: 'TENT-2', quantity: 20 }]);
  const id = answer.counts[0].id;
  const lines = [{ sku: 'TENT-2', delta: -150, reason: 'SOLD' }];
  await stockAct(app, staff, 'adjustStock', { idempotencyKey: fresh(), location: 'paris', lines });
  expect((await finish('approveCount', id)).answer).toMatchObject({
    __typename: 'NotEnoughStock',
    lines: [{ sku: 'TENT-2', location: 'paris', requested: 180, available: 50 }],
  });
  const again = (await count([{ sku: 'TENT-2', quantity: 48 }])).answer;
  expect(again.counts).toEqual([
    expect.objectContaining({ id, status: 'POSTED', expected: 50, counted: 48 }),
  ]);
});

test('a planner’s own count needs nobody else', async () => {
  const { answer } = await count([{ sku: 'TENT-2', quantity: 100 }], planner);
  expect(answer.counts[0]).toMatchObject({ status: 'POSTED', difference: 52 });
});

test('a difference of many units is not big on a shelf of very many, nor one of half a shelf of few', async () => {
  const feed = await app.token('FEED');
  const lines = [
    { sku: 'LAMP', quantity: 1000 },
    { sku: 'MUG', quantity: 8 },
  ];
  await stockAct(app, feed, 'receiveStock', { idempotencyKey: fresh(), location: 'depot', lines });
  const { answer } = await count(
    [
      { sku: 'LAMP', quantity: 900 },
      { sku: 'MUG', quantity: 0 },
    ],
    feed,
    'depot',
  );
  expect(answer.counts.map((c: { status: string }) => c.status)).toEqual(['POSTED', 'POSTED']);
});

test('cancelCount: staff drop what is only requested, a planner also what waits', async () => {
  const opened = (await open(['LAMP'])).answer.counts[0].id;
  expect((await finish('cancelCount', opened, staff)).answer.count.status).toBe('CANCELLED');
  const waiting = (await count([{ sku: 'LAMP', quantity: 1000 }])).answer.counts[0].id;
  expect((await finish('cancelCount', waiting, staff)).answer).toMatchObject({
    __typename: 'WrongState',
    state: 'COUNTED',
    allowedStates: ['OPEN'],
  });
  expect((await finish('cancelCount', waiting)).answer.count.status).toBe('CANCELLED');
  expect((await open(['LAMP'])).answer.counts[0].id).not.toBe(opened);
});

test.each([
  ['a negative number', [{ sku: 'MUG', quantity: -1 }], 'lines.0.quantity'],
  ['too many units', [{ sku: 'MUG', quantity: 1_000_001 }], 'lines.0.quantity'],
  ['a negative expectation', [{ sku: 'MUG', quantity: 1, expectedQuantity: -1 }], 'lines.0.expectedQuantity'],
  [
    'a SKU twice',
    [
      { sku: 'MUG', quantity: 1 },
      { sku: 'MUG', quantity: 2 },
    ],
    'lines.1.sku',
  ],
  ['nothing', [], 'lines'],
])('refuses %s', async (_what, lines, path) => {
  expect((await count(lines)).answer).toMatchObject({ __typename: 'InvalidInput', path });
});

test('others’ shelves and unknown counts', async () => {
  const code = (a: { errors?: { extensions?: Record<string, unknown> }[] }) =>
    a.errors?.[0]?.extensions?.code;
  expect(code(await count([{ sku: 'MUG', quantity: 1 }], staff, 'lyon'))).toBe('FORBIDDEN');
  expect(code(await open(['MUG'], staff, 'lyon'))).toBe('FORBIDDEN');
  const storefront = await app.token('STOREFRONT');
  expect(code(await count([{ sku: 'MUG', quantity: 1 }], storefront))).toBe('FORBIDDEN');
  const lyon = (await open(['MUG'], planner, 'lyon')).answer.counts[0].id;
  expect(code(await finish('cancelCount', lyon, staff))).toBe('FORBIDDEN');
  const nobody = Buffer.from(`StockCount:${uuid()}`).toString('base64');
  expect((await finish('approveCount', nobody)).answer).toMatchObject({
    __typename: 'NotFound',
    what: 'StockCount',
  });
  for (const id of [
    'nonsense',
    Buffer.from('StockCount:7').toString('base64'),
    Buffer.from('Sku:1').toString('base64'),
  ]) {
    const { answer, errors, status } = await finish('approveCount', id);
    expect(answer ?? null).toBeNull();
    expect(errors?.[0]?.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
    expect(status).toBeLessThan(500);
  }
});
