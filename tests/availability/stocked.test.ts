// near with stocked: each SKU at the nearest locations that can promise a unit of it, and what memory knows of locations and SKUs.

import fc from 'fast-check';
import { Atlas } from '../../src/location/queries/atlas';
import type { LocationRow } from '../../src/location/queries/rows';
import { distanceKm, roundedPoint } from '../../src/location/rules/distance';
import { startApp, type TestApp } from '../support/app';
import type { MutationName } from '../support/graphqlAnswer';
import { capitalized, sendPlainly } from '../support/graphqlClient';

let app: TestApp;
let feed: string;
let planner: string;
beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED');
  planner = await app.token('PLANNER');
  await app.db.rows(`
    INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, weekly_hours, groups)
    SELECT 'row-' || lpad(i::text, 3, '0'), 'Shop', 'SHOP', 'FR', 45 + i * 0.01, 2, 'Europe/Paris',
           (SELECT weekly_hours FROM location WHERE code = 'paris'), '{row}'
    FROM generate_series(1, 200) i`);
});
// Closing checks levels against the ledger.
afterAll(() => app.close());

let keys = 0;
const act = async (token: string, name: MutationName, input: object) => {
  keys += 1;
  const { answer } = await sendPlainly(app, token, name, { idempotencyKey: `stocked-${keys}`, ...input });
  expect(answer).toEqual({ __typename: `${capitalized(name)}Success` });
};
const receive = (location: string, sku: string, quantity: number) =>
  act(feed, 'receiveStock', { location, lines: [{ sku, quantity }] });

const QUERY = `query ($skus: [String!]!, $near: NearInput!, $holder: String) {
  availability(skus: $skus, at: { near: $near }, holder: $holder) { sku { code name } locations { location { code name } distanceKm quantity } } }`;
const NEAR = { latitude: 45, longitude: 2, radiusKm: 2_000, stocked: true };
const ask = async (skus: string[], near: object, more: object = {}, token = feed) => {
  const { data, errors } = await app.gql(token, QUERY, { skus, near: { ...NEAR, ...near }, ...more });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.availability.map((row: { locations: { location: { code: string } }[] }) =>
    row.locations.map((p) => p.location.code),
  );
};

test('each SKU has its own nearest locations, nearest first, no more than requested, none that has nothing', async () => {
  for (const place of ['row-003', 'row-050', 'row-180']) await receive(place, 'MUG', 5);
  for (const place of ['row-199', 'row-002']) await receive(place, 'LAMP', 1);
  expect(await ask(['MUG', 'LAMP', 'TENT-2'], { limit: 2 })).toEqual([
    ['row-003', 'row-050'],
    ['row-002', 'row-199'],
    [],
  ]);
  expect(await ask(['MUG'], { limit: 20 })).toEqual([['row-003', 'row-050', 'row-180']]);
  expect(await ask(['MUG'], { limit: 20, radiusKm: 10 })).toEqual([['row-003']]);
});

test('units kept back, held, or of a location that is closed are not there; those of past reservations and of one’s own are', async () => {
  const shop = await app.token('STOREFRONT');
  for (const place of ['row-010', 'row-011', 'row-012']) await receive(place, 'SOCK-M', 2);
  await act(planner, 'setSafetyStock', { rules: [{ sku: 'SOCK-M', location: 'row-010', quantity: 2 }] });
  await act(shop, 'reserveStock', {
    location: 'row-011',
    holder: 'mine',
    holdMinutes: 5,
    lines: [{ sku: 'SOCK-M', quantity: 2 }],
  });
  expect(await ask(['SOCK-M'], { limit: 1 })).toEqual([['row-012']]);
  expect(await ask(['SOCK-M'], { limit: 2 }, { holder: 'mine' }, shop)).toEqual([['row-011', 'row-012']]);
  app.wait(6);
  expect(await ask(['SOCK-M'], { limit: 1 })).toEqual([['row-011']]);
  await act(planner, 'upsertLocations', { locations: [{ code: 'row-011', active: false }] });
  expect(await ask(['SOCK-M'], { limit: 1 })).toEqual([['row-012']]);
});

test('what is changed of locations and SKUs is seen by the very next question, in other processes too', async () => {
  const other = await startApp({}, app);
  const names = async (from: TestApp) => {
    const near = { ...NEAR, limit: 1 };
    const { data } = await from.gql(planner, QUERY, { skus: ['MUG'], near });
    const [{ sku, locations }] = data.availability;
    return [sku.name, locations[0].location.name];
  };
  try {
    await names(app);
    await names(other);
    await act(planner, 'upsertLocations', { locations: [{ code: 'row-003', name: 'Third' }] });
    await act(feed, 'upsertSkus', { skus: [{ code: 'MUG', name: 'Cup' }] });
    expect([await names(app), await names(other)]).toEqual([
      ['Cup', 'Third'],
      ['Cup', 'Third'],
    ]);
    await app.db.rows("UPDATE sku SET name = 'Beaker' WHERE code = 'MUG'");
    expect(await names(other)).toEqual(['Beaker', 'Third']);
  } finally {
    await other.close();
  }
});

test('the atlas finds what comparing every distance finds', () => {
  const coordinate = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
  const place = fc.record({ latitude: coordinate(90), longitude: coordinate(180), active: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(place, { maxLength: 60 }),
      fc.record({ latitude: coordinate(90), longitude: coordinate(180) }),
      fc.double({ min: 0.01, max: 25_000, noNaN: true }),
      fc.integer({ min: 1, max: 70 }),
      (places, at, radiusKm, limit) => {
        const rows = places.map((p, id) => ({ ...p, ...roundedPoint(p), id, code: `${id}`, groups: [] }));
        const point = roundedPoint(at);
        const all = rows
          .filter((r) => r.active)
          .map((row) => ({ id: row.id, km: distanceKm(point, row) }))
          .filter((p) => p.km <= radiusKm)
          .sort((a, b) => a.km - b.km);
        const found = new Atlas(1, rows as unknown as LocationRow[]).near(point, radiusKm, limit);
        expect(found.length).toBe(Math.min(limit, all.length));
        // Locations that are as far from the point to a millimetre may stand in either order.
        for (const [i, { distanceKm: km }] of found.entries()) expect(km).toBeCloseTo(all[i]!.km, 6);
      },
    ),
  );
});
