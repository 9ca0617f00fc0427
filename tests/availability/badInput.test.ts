// availability and pickupOptions refuse what cannot be meant, with one sentence on what would be right.

import { START, startApp, type TestApp } from '../support/app';
import { availabilityOn } from './support';

let app: TestApp;
let on: ReturnType<typeof availabilityOn>;
let storefront: string;
beforeAll(async () => {
  app = await startApp();
  on = availabilityOn(app);
  storefront = await app.token('STOREFRONT', 'shop.example');
});
afterAll(() => app.close());

const PLACES = { locations: ['paris', 'lyon', 'depot'] };
const later = (days: number) => new Date(START.getTime() + days * 86_400_000).toISOString();
const around = (more: object) => ({ at: { near: { latitude: 48, longitude: 2, ...more } } });
test.each<[string, Record<string, unknown>, string, string]>([
  ['an unknown SKU', { skus: ['NOPE'] }, 'NOT_FOUND', 'Unknown SKU: NOPE'],
  ['no SKU', { skus: [] }, 'INVALID_INPUT', 'skus has 0 entries; it must have 1 to 100.'],
  [
    '10,000 SKUs',
    { skus: Array.from({ length: 10_000 }, (_, i) => `S${i}`) },
    'INVALID_INPUT',
    'skus has 10000 entries',
  ],
  ['a NUL in a SKU', { skus: ['a\u0000b'] }, 'INVALID_INPUT', 'skus.0 contains a NUL'],
  ['an unknown location', { at: { locations: ['rome'] } }, 'NOT_FOUND', 'Unknown location: rome'],
  ['no location', { at: { locations: [] } }, 'INVALID_INPUT', 'at.locations has 0 entries'],
  [
    'a NUL in a location',
    { at: { locations: ['\u0000'] } },
    'INVALID_INPUT',
    'at.locations.0 contains a NUL',
  ],
  ['an unknown group', { at: { group: 'mars' } }, 'NOT_FOUND', "No active location is in the group 'mars'"],
  ['a NUL in a group', { at: { group: '\u0000' } }, 'INVALID_INPUT', 'at.group contains a NUL'],
  ['an empty group', { at: { group: '' } }, 'INVALID_INPUT', 'at.group has 0 characters'],
  [
    'radius 0',
    around({ radiusKm: 0 }),
    'INVALID_INPUT',
    'at.near.radiusKm is 0; it must be more than 0 and at most 2000.',
  ],
  ['a negative radius', around({ radiusKm: -5 }), 'INVALID_INPUT', 'at.near.radiusKm is -5'],
  ['a huge radius', around({ radiusKm: 1e300 }), 'INVALID_INPUT', 'at most 2000'],
  ['limit 0', around({ limit: 0 }), 'INVALID_INPUT', 'at.near.limit is 0; it must be from 1 to 500.'],
  ['a huge limit', around({ limit: 2_000_000 }), 'INVALID_INPUT', 'at.near.limit is 2000000'],
  [
    'latitude 91',
    around({ latitude: 91 }),
    'INVALID_INPUT',
    'at.near: latitude 91 is not within -90 to 90 degrees.',
  ],
  ['longitude -181', around({ longitude: -181 }), 'INVALID_INPUT', 'longitude -181'],
  ['a channel in small letters', { channel: 'online' }, 'INVALID_INPUT', 'channel'],
  ['a holder too long', { holder: 'x'.repeat(201) }, 'INVALID_INPUT', 'holder has 201 characters'],
  ['an empty holder', { holder: '' }, 'INVALID_INPUT', 'holder has 0 characters'],
  ['a date that is past', { on: later(-1) }, 'INVALID_INPUT', 'it must be from 2026-11-25'],
  ['a date in the far future', { on: '9999-01-01T00:00:00Z' }, 'INVALID_INPUT', 'on is 9999'],
])('availability refuses %s', async (_what, more, code, message) => {
  const answer = await on.ask(storefront, { skus: ['LAMP'], at: PLACES, ...more });
  expect(answer.errors?.[0]?.message).toMatch(message);
  expect(answer.errors?.[0]?.extensions?.code).toBe(code);
  expect(answer.data).toEqual({ availability: null });
});

test.each<[string, Record<string, unknown>]>([
  ['two ways at once', { at: { group: 'france', locations: ['paris'] } }],
  ['no way at all', { at: {} }],
  ['a null way', { at: { group: null } }],
  ['no date at all', { on: 'tomorrow' }],
  ['a latitude that is no number', around({ latitude: 'north' })],
])('%s is not accepted by the schema', async (_what, more) => {
  const { status, errors } = await on.ask(storefront, { skus: ['LAMP'], at: PLACES, ...more });
  expect(status).toBeLessThan(500);
  expect(errors?.[0]?.message).not.toMatch('went wrong');
  expect(errors).toHaveLength(1);
});

test('nobody without a token', async () => {
  const { errors } = await on.ask(null, { skus: ['LAMP'], at: PLACES });
  expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
});

test('more cells than one answer may hold', async () => {
  await app.db.rows(`
      INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, groups)
      SELECT 'g' || i, 'G', 'SHOP', 'FR', 45, 3, 'Europe/Paris', ARRAY['big', CASE WHEN i < 499 THEN 'less' ELSE 'x' END]
      FROM generate_series(0, 500) i`);
  await app.db.rows(`INSERT INTO sku (code, name) SELECT 'S' || i, 'S' FROM generate_series(0, 20) i`);
  const skus = Array.from({ length: 21 }, (_, i) => `S${i}`);
  const cells = await on.ask(storefront, { skus, at: { group: 'less' } });
  expect(cells.errors?.[0]?.message).toMatch('This asks for 10479 SKUs × locations; at most 10000 at once');
  const places = await on.ask(storefront, { skus: ['S1'], at: { group: 'big' } });
  expect(places.errors?.[0]?.message).toMatch("The group 'big' has more than 500 locations");
});

const paris = { latitude: 48.8566, longitude: 2.3522, radiusKm: 500 };
const line = (sku: string, quantity: number) => ({ sku, quantity });
test.each<[string, Record<string, unknown>, string, string]>([
  ['an unknown SKU', { lines: [line('NOPE', 1)] }, 'NOT_FOUND', 'Unknown SKU: NOPE'],
  ['no lines', { lines: [] }, 'INVALID_INPUT', 'lines has 0 entries'],
  [
    '10,000 lines',
    { lines: Array.from({ length: 10_000 }, () => line('LAMP', 1)) },
    'INVALID_INPUT',
    'lines has 10000',
  ],
  [
    '101 SKUs',
    { lines: Array.from({ length: 101 }, (_, i) => line(`S${i}`, 1)) },
    'INVALID_INPUT',
    'it must have 1 to 100',
  ],
  ['no units', { lines: [line('LAMP', 0)] }, 'INVALID_INPUT', 'lines.0.quantity is 0'],
  [
    'fewer than no units',
    { lines: [line('LAMP', 1), line('MUG', -1)] },
    'INVALID_INPUT',
    'lines.1.quantity is -1',
  ],
  ['too many units', { lines: [line('LAMP', 2_000_000)] }, 'INVALID_INPUT', 'lines.0.quantity is 2000000'],
  ['radius 0', { near: { ...paris, radiusKm: 0 } }, 'INVALID_INPUT', 'near.radiusKm is 0'],
  [
    '51 shops',
    { near: { ...paris, limit: 51 } },
    'INVALID_INPUT',
    'near.limit is 51; it must be from 1 to 50.',
  ],
  ['latitude 91', { near: { ...paris, latitude: 91 } }, 'INVALID_INPUT', 'near: latitude 91'],
  ['an empty channel', { channel: '' }, 'INVALID_INPUT', 'channel'],
  ['a holder with NUL', { holder: 'a\u0000' }, 'INVALID_INPUT', 'holder contains a NUL'],
])('pickupOptions refuses %s', async (_what, more, code, message) => {
  const answer = await on.options(storefront, { lines: [line('LAMP', 1)], near: paris, ...more });
  expect(answer.errors?.[0]?.message).toContain(message);
  expect(answer.errors?.[0]?.extensions?.code).toBe(code);
});
