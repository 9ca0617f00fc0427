// Reads of availability cost the same SQL statements for one cell and for thousands, through indexes.

import { startApp, type TestApp } from '../support/app';
import { availabilityOn } from './support';

let app: TestApp;
let on: ReturnType<typeof availabilityOn>;
let feed: string;
beforeAll(async () => {
  app = await startApp();
  on = availabilityOn(app);
  feed = await app.token('FEED');
  await app.db.rows(`
    INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, weekly_hours, groups)
    SELECT 'shop-' || i, 'Shop', 'SHOP', 'FR', 43 + i % 7, i % 6, 'Europe/Paris',
           (SELECT weekly_hours FROM location WHERE code = 'paris'), '{chain}'
    FROM generate_series(1, 60) i`);
  await app.db.rows(`INSERT INTO sku (code, name) SELECT 'S' || i, 'S' FROM generate_series(1, 50) i`);
  const places = Array.from({ length: 60 }, (_, i) => `shop-${i + 1}`);
  await on.stock(
    ...places.flatMap((place, p) =>
      Array.from({ length: 50 }, (_, s): [string, string, number] => [place, `S${s + 1}`, 1 + ((p * s) % 9)]),
    ),
  );
});
afterAll(() => app.close());

const skus = (n: number) => Array.from({ length: n }, (_, i) => `S${i + 1}`);
/**
 * Statements of a request when the caches of codes and tokens are filled: the fewest of three, since a token is looked up
 * again every few seconds and a slow machine meets that moment in one of them.
 */
async function statements(request: () => Promise<{ errors?: unknown }>): Promise<number> {
  let fewest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run += 1) {
    const before = app.db.statements();
    expect((await request()).errors).toBeUndefined();
    fewest = Math.min(fewest, app.db.statements() - before);
  }
  return fewest;
}

test.each([
  [
    'by code',
    { locations: ['shop-1'] },
    { locations: Array.from({ length: 60 }, (_, i) => `shop-${i + 1}`) },
  ],
  ['by group', { group: 'north' }, { group: 'chain' }],
  [
    'near a point',
    { near: { latitude: 45, longitude: 2, radiusKm: 2_000, limit: 1 } },
    { near: { latitude: 45, longitude: 2, radiusKm: 2_000, limit: 60 } },
  ],
])('availability %s: one SKU at one location costs as much as fifty at sixty', async (_how, one, many) => {
  const small = await statements(() => on.ask(feed, { skus: skus(1), at: one }));
  let cells = 0;
  const large = await statements(async () => {
    const answer = await on.ask(feed, { skus: skus(50), at: many });
    cells = answer.data.availability.flatMap((row: { locations: unknown[] }) => row.locations).length;
    return answer;
  });
  expect(cells).toBe(3_000);
  expect(large).toBe(small);
  // The editions of what memory keeps, and the cells.
  expect(small).toBe(2);
});

test('pickupOptions: one line at one shop costs as much as fifty lines at fifty shops with sixty sources', async () => {
  const near = { latitude: 45, longitude: 2, radiusKm: 2_000 };
  const small = await statements(() =>
    on.options(feed, { lines: [{ sku: 'S1', quantity: 1 }], near: { ...near, limit: 1 } }),
  );
  let shops = 0;
  const large = await statements(async () => {
    const answer = await on.options(feed, {
      lines: skus(50).map((sku) => ({ sku, quantity: 9 })),
      near: { ...near, limit: 50 },
    });
    shops = answer.data.pickupOptions.length;
    return answer;
  });
  expect(shops).toBe(50);
  // A long answer is written in slices, and what a later slice names is looked up by it.
  expect(large).toBeLessThanOrEqual(small + 2);
});

test('three questions in one document cost as much as one, with Sku.availability inside each', async () => {
  const field = <const Alias extends string>(alias: Alias, sku: string) =>
    `${alias}: availability(skus: ["${sku}"], at: { locations: ["shop-2"] }) {
       sku { availability(at: { group: "chain" }) { location { code } quantity } } locations { quantity } }` as const;
  const one = await statements(() => app.gql(feed, `{ ${field('a', 'S1')} }`));
  const ask = () => app.gql(feed, `{ ${field('a', 'S1')} ${field('b', 'S2')} ${field('c', 'S3')} }`);
  const three = await statements(ask);
  const { data } = await ask();
  expect(three).toBe(one);
  expect([data.a, data.b, data.c].map((rows) => rows[0].locations)).toEqual(
    [1, 2, 3].map((quantity) => [{ quantity }]),
  );
  expect(data.c[0].sku.availability).toHaveLength(60);
  expect(data.c[0].sku.availability).toContainEqual({ location: { code: 'shop-2' }, quantity: 3 });
});
