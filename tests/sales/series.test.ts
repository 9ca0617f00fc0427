// Series of shelves: sparse facts of several channels and feeds come as dense days, with prices and empty shelves.

import { seriesOf, shelfPage } from '../../src/sales/queries/series';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
let places: Record<string, number>;
let skus: Record<string, number>;

const FACT = `
  INSERT INTO daily_sales (location_id, sku_id, channel, day, units, returned_units, revenue_minor, stocked_out, feed_id)
  VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8)`;
const WINDOW = { fromDay: '2026-11-01', cutDay: '2026-11-10' };

async function idsOf(table: 'location' | 'sku'): Promise<Record<string, number>> {
  const { rows } = await app.db.pool.query<{ id: number; code: string }>(`SELECT id, code FROM ${table}`);
  return Object.fromEntries(rows.map((r) => [r.code, r.id]));
}

async function fact(
  place: string,
  sku: string,
  day: string,
  units: number,
  more: Partial<{ channel: string; revenue: number; empty: boolean; feed: number }> = {},
): Promise<void> {
  const { channel = 'STORE', revenue = units * 100, empty = false, feed = 0 } = more;
  await app.db.rows(FACT, [places[place], skus[sku], channel, day, units, revenue, empty, feed]);
}

beforeAll(async () => {
  app = await startApp();
  places = await idsOf('location');
  skus = await idsOf('sku');
});
beforeEach(() => app.db.rows('DELETE FROM daily_sales'));
afterAll(() => app.close());

const read = async (place: string, sku: string, window = WINDOW) =>
  (await seriesOf(app.db, [{ locationId: places[place]!, skuId: skus[sku]! }], window))[0]!;

test('channels and feeds add up, days between are zero, the price is carried forward', async () => {
  await fact('paris', 'MUG', '2026-11-03', 2, { revenue: 200 });
  await fact('paris', 'MUG', '2026-11-06', 1, { revenue: 80 });
  await fact('paris', 'MUG', '2026-11-06', 2, { channel: 'ONLINE', revenue: 100 });
  await fact('paris', 'MUG', '2026-11-06', 1, { feed: 1, revenue: 100 });
  await fact('paris', 'MUG', '2026-11-08', 0, { empty: true });
  await fact('lyon', 'MUG', '2026-11-06', 50);
  const { start, values, censored, prices } = await read('paris', 'MUG');
  expect(start).toBe(2);
  expect([...values]).toEqual([2, 0, 0, 4, 0, 0, 0, 0]);
  expect([...censored]).toEqual([0, 0, 0, 0, 0, 1, 0, 0]);
  expect([...prices]).toEqual([100, 100, 100, 70, 70, 70, 70, 70]);
});

test('nothing after the cut is read; a series that began before the window begins with it', async () => {
  await fact('paris', 'MUG', '2026-11-10', 3);
  await fact('paris', 'MUG', '2026-11-11', 9);
  expect([...(await read('paris', 'MUG')).values]).toEqual([3]);
  await fact('paris', 'MUG', '2019-06-01', 1);
  const series = await read('paris', 'MUG');
  expect(series.start).toBe(0);
  expect([...series.values]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
  expect(series.prices[0]).toBeNaN();
});

test('no history: an empty series that starts after the window', async () => {
  const { start, values, censored, prices } = await read('paris', 'LAMP');
  expect([start, values.length, censored.length, prices.length]).toEqual([10, 0, 0, 0]);
});

test('ten years over partitions and years without one; more is refused', async () => {
  await fact('paris', 'MUG', '2016-11-11', 5);
  await fact('paris', 'MUG', '2021-03-01', 6);
  await fact('paris', 'MUG', '2026-11-10', 7);
  const { start, values } = await read('paris', 'MUG', { fromDay: '2016-11-11', cutDay: '2026-11-10' });
  expect([start, values.length, values[0], values.at(-1)]).toEqual([0, 3652, 5, 7]);
  expect(values.reduce((a, b) => a + b)).toBe(18);
  await expect(read('paris', 'MUG', { fromDay: '2016-01-01', cutDay: '2026-11-10' })).rejects.toThrow(
    '3967 days',
  );
  await expect(read('paris', 'MUG', { fromDay: '2026-01-02', cutDay: '2026-01-01' })).rejects.toThrow(
    'it must have',
  );
});

test('amounts beyond 32 bits', async () => {
  await fact('paris', 'MUG', '2026-11-10', 1_000, { revenue: 9_000_000_000_000 });
  expect((await read('paris', 'MUG')).prices[0]).toBe(9_000_000_000);
});

test('pages name each SKU once, those with history and those in the ledger', async () => {
  for (const day of ['2026-11-03', '2025-11-04', '2010-01-01']) {
    await fact('lyon', 'MUG', day, 1);
    await fact('lyon', 'LAMP', day, 1, { channel: 'ONLINE' });
  }
  await app.db.rows('INSERT INTO stock_level (location_id, sku_id) VALUES ($1, $2), ($1, $3)', [
    places.lyon,
    skus['TENT-2'],
    skus.MUG,
  ]);
  const all = [skus['TENT-2']!, skus.LAMP!, skus.MUG!].sort((a, b) => a - b);
  expect(await shelfPage(app.db, places.lyon!, 0, 10)).toEqual(all);
  expect(await shelfPage(app.db, places.lyon!, 0, 2)).toEqual(all.slice(0, 2));
  expect(await shelfPage(app.db, places.lyon!, all[1]!, 2)).toEqual(all.slice(2));
  expect(await shelfPage(app.db, places.paris!, 0, 2)).toEqual([]);
});
