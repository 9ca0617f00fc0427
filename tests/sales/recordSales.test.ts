// recordSales: our own orders, till sales and returns become daily facts by themselves, and empty shelves are learned.

import { recordSales } from '../../jobs/recordSales';
import { seriesOf } from '../../src/sales/queries/series';
import { freshKey, type Orders, ordersOn } from '../order/support';
import { START, startApp, type TestApp } from '../support/app';
import { salesFiles } from './support';

let app: TestApp;
let o: Orders;
const on = salesFiles(() => app);
beforeEach(async () => {
  app = await startApp();
  o = await ordersOn(app);
});
afterEach(() => app.close());
afterAll(() => on.end());

const RECEIVE_RETURN = `mutation ($input: ReceiveReturnInput!) { receiveReturn(input: $input) { __typename
  ... on Refusal { message } } }`;
const ADJUST = `mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename
  ... on Refusal { message } } }`;

const run = () => recordSales(app.parts, app.parts.clock());

async function collect(lines: { sku: string; quantity: number; unitPrice?: object }[], more: object = {}) {
  const order = await o.ready(lines, more);
  await o.act(o.paris, 'collectOrder', { order: order.id, code: await o.code(order.id) });
  return order;
}

async function giveBack(order: string, sku: string, quantity: number, disposition: string) {
  const input = {
    idempotencyKey: freshKey(),
    order,
    location: 'paris',
    lines: [{ sku, quantity, disposition }],
  };
  const { data } = await app.gql(o.paris, RECEIVE_RETURN, { input });
  expect(data.receiveReturn.__typename).toBe('ReceiveReturnSuccess');
}

async function sell(sku: string, quantity: number) {
  const lines = [{ sku, delta: -quantity, reason: 'SOLD' }];
  const { data } = await app.gql(o.paris, ADJUST, {
    input: { idempotencyKey: freshKey(), location: 'paris', lines },
  });
  expect(data.adjustStock.__typename).toBe('AdjustStockSuccess');
}

test('own order → collected → sale of that day → returned; run again, or replayed, the facts stay', async () => {
  await o.stock('paris', [{ sku: 'MUG', quantity: 20 }]);
  expect(await run()).toMatchObject({ days: 0, returns: 0 });
  const order = await collect([{ sku: 'MUG', quantity: 3 }]);
  await sell('MUG', 2);
  expect(await run()).toMatchObject({ days: 2, returns: 0 });
  const day = 'paris MUG';
  expect(await on.facts('comptoir')).toEqual({
    [`${day} ONLINE 2026-11-25`]: [3, 0, expect.any(Number)],
    [`${day} STORE 2026-11-25`]: [2, 0, 1980],
  });
  expect(await run()).toMatchObject({ days: 0, returns: 0 });
  app.wait(2 * 24 * 60);
  await giveBack(order.id, 'MUG', 1, 'RESTOCK');
  await giveBack(order.id, 'MUG', 1, 'SCRAP');
  expect(await run()).toMatchObject({ days: 1, returns: 2 });
  const facts = await on.facts('comptoir');
  expect(facts[`${day} ONLINE 2026-11-27`]).toEqual([0, 2, 0]);
  const returned = { sku: 'MUG', saleDay: '2026-11-25', returnDay: '2026-11-27', units: 1 };
  const events = await on.events();
  expect(events).toHaveLength(2);
  expect(events).toEqual(
    expect.arrayContaining([
      { ...returned, disposition: 'RESTOCK' },
      { ...returned, disposition: 'SCRAP' },
    ]),
  );
  // A replay of the first morning shows everything since anew.
  expect(await recordSales(app.parts, START)).toMatchObject({ days: 0, returns: 0 });
  await app.db.rows('DELETE FROM daily_sales');
  await app.db.rows('UPDATE sales_feed SET position = 0');
  await Promise.all([run(), run(), run()]);
  expect(await on.facts('comptoir')).toEqual(facts);
});

test('a sale shortly before midnight falls on the location’s own day', async () => {
  await o.stock('paris', [{ sku: 'MUG', quantity: 9 }]);
  app.wait(13 * 60 + 59); // 22:59 UTC, 23:59 in Paris
  await sell('MUG', 1);
  app.wait(1);
  await sell('MUG', 2);
  await run();
  expect(await on.facts()).toEqual({
    'paris MUG STORE 2026-11-25': [1, 0, 990],
    'paris MUG STORE 2026-11-26': [2, 0, 1980],
  });
});

// Received and sold again at once, so that levels and ledger agree.
const LATE = `
  INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, command_id,
                          created_at)
  SELECT m.sku_id, l.id, b.f::bucket, l.id, b.t::bucket, 7, b.r::move_reason, m.command_id, $1
  FROM (SELECT * FROM stock_move ORDER BY id LIMIT 1) m, location l,
       (VALUES (1, 'SUPPLIER', 'AVAILABLE', 'RECEIVED'), (2, 'AVAILABLE', 'CUSTOMER', 'SOLD')) AS b(n, f, t, r)
  WHERE l.code = 'paris' ORDER BY b.n`;

test('moves committed after higher ones were seen are counted, too', async () => {
  await o.stock('paris', [{ sku: 'MUG', quantity: 9 }]);
  const slow = await app.db.pool.connect();
  await slow.query('BEGIN');
  await slow.query(LATE, [app.parts.clock()]);
  await sell('MUG', 1);
  await run();
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-25': [1, 0, 990] });
  await slow.query('COMMIT');
  slow.release();
  app.wait(10);
  await run();
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-25': [8, 0, 7920] });
  app.wait(60);
  expect(await run()).toMatchObject({ days: 0 });
  const [feed] = await app.db.rows<{ behind: number }>(
    'SELECT (SELECT max(id) FROM stock_move) - position AS behind FROM sales_feed WHERE id = 1',
  );
  expect(feed!.behind).toBe(0);
});

test('imported and own facts of one day add up and never overwrite each other', async () => {
  await o.stock('paris', [{ sku: 'MUG', quantity: 9 }]);
  await sell('MUG', 4);
  await run();
  await on.lines(['day,sku,units,revenue', '2026-11-25,MUG,10,100']);
  await run();
  await on.lines(['day,sku,units,revenue', '2026-11-25,MUG,11,110']);
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-25': [15, 0, 14960] });
});

const EMPTY = `
  SELECT s.code, d.day FROM daily_sales d JOIN sku s ON s.id = d.sku_id WHERE stocked_out ORDER BY 2, 1`;

test('a shelf that was empty for a quarter of the open day or more was empty that day', async () => {
  await o.stock('paris', [
    { sku: 'MUG', quantity: 2 },
    { sku: 'LAMP', quantity: 2 },
    { sku: 'SOCK-M', quantity: 2 },
  ]);
  app.wait(2 * 60); // 12:00, open since 9:00
  await sell('MUG', 2); // empty for 7 of 10 hours
  app.wait(6 * 60 + 30);
  await sell('LAMP', 2); // for half an hour
  app.wait(6 * 60); // 00:30 the next day
  expect(await run()).toMatchObject({ emptyShelves: 1 });
  expect(await app.db.rows(EMPTY)).toEqual([{ code: 'MUG', day: '2026-11-25' }]);
  app.wait(24 * 60);
  expect(await run()).toMatchObject({ emptyShelves: 2 });
  const next = ['LAMP', 'MUG'].map((code) => ({ code, day: '2026-11-26' }));
  expect((await app.db.rows(EMPTY)).slice(1)).toEqual(next);
  expect(await run()).toMatchObject({ emptyShelves: 0 });
  // Replayed in the run it happened, after the shelf was filled again: the same.
  await o.stock('paris', [{ sku: 'MUG', quantity: 5 }]);
  expect(await recordSales(app.parts, new Date('2026-11-25T23:05:00Z'))).toMatchObject({ emptyShelves: 1 });
  expect(await app.db.rows(EMPTY)).toHaveLength(3);
  const [{ id: locationId } = { id: 0 }] = await app.db.rows<{ id: number }>(
    "SELECT id FROM location WHERE code = 'paris'",
  );
  const [{ id: skuId } = { id: 0 }] = await app.db.rows<{ id: number }>(
    "SELECT id FROM sku WHERE code = 'MUG'",
  );
  const window = { fromDay: '2026-11-25', cutDay: '2026-11-27' };
  const [series] = await seriesOf(app.db, [{ locationId, skuId }], window);
  expect([...series!.values]).toEqual([2, 0, 0]);
  expect([...series!.censored]).toEqual([1, 1, 0]);
});

test('closed days, shelves never stocked, and those long gone are not empty', async () => {
  await o.stock('paris', [{ sku: 'MUG', quantity: 1 }]);
  await o.stock('lyon', [{ sku: 'MUG', quantity: 1 }]);
  await app.db.rows("UPDATE location SET weekly_hours = '[]' WHERE code = 'lyon'");
  app.wait(60);
  await sell('MUG', 1);
  app.wait(14 * 60);
  expect(await run()).toMatchObject({ emptyShelves: 1 });
  const [{ id } = { id: 0 }] = await app.db.rows<{ id: number }>(
    "SELECT id FROM location WHERE code = 'paris'",
  );
  await app.db.rows('UPDATE stock_out_told SET day = $2 WHERE location_id = $1', [id, '2027-02-20']);
  app.wait(90 * 24 * 60);
  expect(await run()).toMatchObject({ emptyShelves: 0 });
});
