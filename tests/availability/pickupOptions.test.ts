// pickupOptions: shops ranked for a whole basket, each with its promise and the reasons for it.

import { startApp, type TestApp } from '../support/app';
import { availabilityOn } from './support';

let app: TestApp;
let on: ReturnType<typeof availabilityOn>;
let feed: string;
let storefront: string;
beforeEach(async () => {
  app = await startApp();
  on = availabilityOn(app);
  feed = await app.token('FEED');
  storefront = await app.token('STOREFRONT', 'shop.example');
});
afterEach(async () => {
  expect(await on.drift()).toEqual([]);
  await app.close();
});

const near = { latitude: 48.8566, longitude: 2.3522, radiusKm: 500 };
const line = (sku: string, quantity: number) => ({ sku, quantity });

interface Option {
  location: { code: string };
  kind: string;
  distanceKm: number;
  readyAt: string | null;
  promiseSteps: { rule: string; from: string; to: string; detail: string }[];
  sourcing: { location: { code: string }; isUsed: boolean; reason: string }[];
  lines: Record<string, unknown>[];
  asOf: string;
}

async function options(token: string, lines: object[], more: object = {}): Promise<Option[]> {
  const { data, errors } = await on.options(token, { lines, near, ...more });
  expect(errors).toBeUndefined();
  return data.pickupOptions;
}
const ranked = (found: Option[]) => found.map((o) => [o.location.code, o.kind, o.readyAt]);

test('complete here now before complete after a transfer before partial, with the steps to each promise', async () => {
  await app.db.rows(`
    INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, weekly_hours)
    SELECT 'versailles', 'Versailles', 'SHOP', 'FR', 48.8, 2.13, 'Europe/Paris', weekly_hours FROM location WHERE code = 'paris'`);
  await on.stock(['lyon', 'LAMP', 2], ['lyon', 'MUG', 1], ['versailles', 'LAMP', 2]);
  const found = await options(feed, [line('LAMP', 2), line('MUG', 1)]);
  expect(ranked(found)).toEqual([
    ['lyon', 'HERE_NOW', '2026-11-25T11:00:00.000Z'],
    ['paris', 'AFTER_TRANSFER', '2026-11-26T11:00:00.000Z'],
    ['versailles', 'AFTER_TRANSFER', '2026-11-26T11:00:00.000Z'],
  ]);
  const [here, , after] = found;
  expect(here?.promiseSteps).toEqual([
    {
      rule: 'LEAD_TIME',
      from: '2026-11-25T09:00:00.000Z',
      to: '2026-11-25T11:00:00.000Z',
      detail: expect.stringContaining('120 open minutes'),
    },
  ]);
  expect(here?.sourcing).toEqual([]);
  expect(after?.promiseSteps.map((b) => b.rule)).toEqual(['TRANSFER_ARRIVAL', 'LEAD_TIME']);
  expect(after?.sourcing).toEqual([
    {
      location: { code: 'lyon' },
      isUsed: true,
      reason: expect.stringContaining('alone has everything that is missing: a shop'),
    },
  ]);
  expect(after?.lines).toEqual([
    {
      sku: { code: 'LAMP' },
      quantity: 2,
      state: 'HERE_NOW',
      band: 'LOW',
      here: 2,
      byTransfer: 0,
      missing: 0,
    },
    {
      sku: { code: 'MUG' },
      quantity: 1,
      state: 'AFTER_TRANSFER',
      band: 'OUT',
      here: 0,
      byTransfer: 1,
      missing: 0,
    },
  ]);
});

test('a part with what is missing; a shop that can get nothing is left out', async () => {
  await on.stock(['paris', 'LAMP', 2], ['depot', 'LAMP', 3]);
  const found = await options(feed, [line('LAMP', 9), line('TENT-2', 1)]);
  expect(found.map((o) => [o.location.code, o.kind])).toEqual([
    ['paris', 'PARTIAL'],
    ['lyon', 'PARTIAL'],
  ]);
  expect(found[0]?.lines).toEqual([
    { sku: { code: 'LAMP' }, quantity: 9, state: 'PARTIAL', band: 'LOW', here: 2, byTransfer: 3, missing: 4 },
    {
      sku: { code: 'TENT-2' },
      quantity: 1,
      state: 'MISSING',
      band: 'OUT',
      here: 0,
      byTransfer: 0,
      missing: 1,
    },
  ]);
  expect(await options(feed, [line('TENT-2', 1)])).toEqual([]);
});

test('three here and three there is not six here, and two lines of one SKU are six', async () => {
  await on.stock(['paris', 'LAMP', 3], ['lyon', 'LAMP', 3]);
  const basket = [line('LAMP', 3), line('LAMP', 3)];
  expect((await options(feed, basket)).map((o) => o.kind)).toEqual(['AFTER_TRANSFER', 'AFTER_TRANSFER']);
  expect((await options(feed, [line('LAMP', 3)])).map((o) => o.kind)).toEqual(['HERE_NOW', 'HERE_NOW']);
  expect((await options(feed, [...basket, line('LAMP', 1)])).map((o) => o.kind)).toEqual([
    'PARTIAL',
    'PARTIAL',
  ]);
});

test('sources keep their safety stock, shops too, each by channel', async () => {
  await on.stock(['paris', 'LAMP', 3], ['depot', 'LAMP', 5]);
  await on.safety('LAMP', 'paris', 'ONLINE', 2);
  await on.safety('LAMP', 'depot', 'ONLINE', 4);
  const at = async (quantity: number, channel: string) => {
    const found = await options(feed, [line('LAMP', quantity)], { channel });
    return found.find((o) => o.location.code === 'paris')?.kind;
  };
  expect(await at(1, 'ONLINE')).toBe('HERE_NOW');
  expect(await at(2, 'ONLINE')).toBe('AFTER_TRANSFER');
  expect(await at(3, 'ONLINE')).toBe('PARTIAL');
  expect(await at(3, 'STORE')).toBe('HERE_NOW');
  expect(await at(8, 'STORE')).toBe('AFTER_TRANSFER');
});

test('the basket’s own reservation counts here; it is no source for another shop', async () => {
  await on.stock(['paris', 'LAMP', 3]);
  await on.hold(storefront, 'paris', 'LAMP', 3, 'basket-1');
  expect(await options(storefront, [line('LAMP', 3)])).toEqual([]);
  const own = await options(storefront, [line('LAMP', 3)], { holder: 'basket-1' });
  expect(own.map((o) => [o.location.code, o.kind])).toEqual([['paris', 'HERE_NOW']]);
  app.wait(15);
  const expired = await options(storefront, [line('LAMP', 3)]);
  expect(expired.map((o) => [o.location.code, o.kind])).toEqual([
    ['paris', 'HERE_NOW'],
    ['lyon', 'AFTER_TRANSFER'],
  ]);
});

test('orders promised before wait ahead; ready ones and later ones do not', async () => {
  await on.stock(['paris', 'LAMP', 3]);
  await app.db.rows(`UPDATE location SET pickup_capacity_per_hour = 4 WHERE code = 'paris'`);
  await on.order('paris', 'PLACED', '2026-11-25T11:00:00Z');
  await on.order('paris', 'PICKING', '2026-11-25T11:15:00Z');
  await on.order('paris', 'AWAITING_TRANSFER', '2026-11-28T11:00:00Z');
  await on.order('paris', 'READY', '2026-11-25T11:00:00Z');
  await on.order('lyon', 'PLACED', '2026-11-25T11:00:00Z');
  const [paris] = await options(feed, [line('LAMP', 1)]);
  expect(paris?.promiseSteps.map((b) => [b.rule, b.to])).toEqual([
    ['QUEUE', '2026-11-25T09:30:00.000Z'],
    ['LEAD_TIME', '2026-11-25T11:30:00.000Z'],
  ]);
});

test('a busy shop is offered after a free one that is farther', async () => {
  await on.stock(['paris', 'LAMP', 3], ['lyon', 'LAMP', 3]);
  await app.db.rows(`UPDATE location SET pickup_capacity_per_hour = 1 WHERE code = 'paris'`);
  await on.order('paris', 'PLACED', '2026-11-25T11:00:00Z');
  expect((await options(feed, [line('LAMP', 1)])).map((o) => o.location.code)).toEqual(['lyon', 'paris']);
});

test('cut-off, closing time, a holiday, and no opening hours at all', async () => {
  await on.stock(['paris', 'LAMP', 3]);
  const ready = async (change: string) => {
    await app.db.rows(`UPDATE location SET ${change} WHERE code = 'paris'`);
    const [paris] = await options(feed, [line('LAMP', 1)]);
    return [paris?.promiseSteps[0]?.rule, paris?.readyAt];
  };
  expect(await ready(`pickup_cut_off = '09:30'`)).toEqual(['CUT_OFF', '2026-11-26T10:00:00.000Z']);
  expect(await ready(`pickup_cut_off = NULL, pickup_lead_minutes = 600`)).toEqual([
    'LEAD_TIME',
    '2026-11-26T09:00:00.000Z',
  ]);
  expect(
    await ready(
      `pickup_lead_minutes = 60, hours_exceptions = '[{"day":"2026-11-25","ranges":[]},{"day":"2026-11-26","ranges":[]}]'`,
    ),
  ).toEqual(['CLOSED', '2026-11-27T09:00:00.000Z']);
  expect(await ready(`hours_exceptions = '[]', weekly_hours = '[]'`)).toEqual(['NEVER_OPEN', null]);
});

test('a shop with no promise comes after those with one', async () => {
  await on.stock(['paris', 'LAMP', 3], ['lyon', 'LAMP', 3]);
  await app.db.rows(`UPDATE location SET weekly_hours = '[]' WHERE code = 'paris'`);
  expect((await options(feed, [line('LAMP', 1)])).map((o) => o.location.code)).toEqual(['lyon', 'paris']);
});

test('only active shops with pickup, within the radius, up to the limit; warehouses only send', async () => {
  await on.stock(['paris', 'LAMP', 3], ['lyon', 'LAMP', 3], ['depot', 'LAMP', 3]);
  const codes = async (more: object = {}) =>
    (await options(feed, [line('LAMP', 1)], { near: { ...near, ...more } })).map((o) => o.location.code);
  expect(await codes()).toEqual(['paris', 'lyon']);
  expect(await codes({ limit: 1 })).toEqual(['paris']);
  expect(await codes({ radiusKm: 100 })).toEqual(['paris']);
  await app.db.rows(`UPDATE location SET pickup_enabled = false WHERE code = 'paris'`);
  expect(await codes()).toEqual(['lyon']);
  await app.db.rows(`UPDATE location SET active = false WHERE code = 'lyon'`);
  expect(await codes()).toEqual([]);
});

test('asking holds nothing and writes nothing', async () => {
  await on.stock(['paris', 'LAMP', 1], ['depot', 'LAMP', 3]);
  const state = () =>
    app.db.rows(`SELECT (SELECT jsonb_agg(s ORDER BY location_id, sku_id) FROM stock_level s) AS levels,
      (SELECT count(*) FROM stock_move) + (SELECT count(*) FROM command) + (SELECT count(*) FROM transfer)
        + (SELECT count(*) FROM reservation) + (SELECT count(*) FROM outbox) AS documents`);
  const before = await state();
  await Promise.all(Array.from({ length: 5 }, () => options(storefront, [line('LAMP', 3)])));
  expect(await state()).toEqual(before);
});

test('a storefront sees which lines are missing, and no number of units anywhere', async () => {
  await on.stock(['paris', 'LAMP', 4444], ['depot', 'LAMP', 1212], ['lyon', 'LAMP', 3333]);
  await on.safety('LAMP', 'depot', null, 101);
  const answer = await on.options(storefront, { lines: [line('LAMP', 100_000)], near });
  expect(answer.data.pickupOptions[0].lines).toEqual([
    {
      sku: { code: 'LAMP' },
      quantity: 100_000,
      state: 'PARTIAL',
      band: 'IN_STOCK',
      here: null,
      byTransfer: null,
      missing: null,
    },
  ]);
  const text = JSON.stringify(answer);
  for (const units of [
    4444,
    1212,
    3333,
    1111,
    101,
    100_000 - 4444,
    4444 + 3333 + 1111,
    3333 + 1111,
    4444 + 1111,
  ]) {
    expect(text).not.toContain(String(units));
  }
});
