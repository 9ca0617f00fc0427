// availability: what can be promised of many SKUs at many locations.

import { START, startApp, type TestApp } from '../support/app';
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

const PLACES = { locations: ['paris', 'lyon', 'depot'] };
const later = (days: number) => new Date(START.getTime() + days * 86_400_000).toISOString();

/** Quantities by location for one SKU. */
async function quantities(token: string, variables: Record<string, unknown>) {
  const { data, errors } = await on.ask(token, { skus: ['LAMP'], at: PLACES, ...variables });
  expect(errors).toBeUndefined();
  const cells: { location: { code: string }; quantity: number | null }[] = data.availability[0].locations;
  return Object.fromEntries(cells.map((c) => [c.location.code, c.quantity]));
}

test('one row a SKU in the order asked, its locations in theirs, each with a band and its own units', async () => {
  await on.stock(['paris', 'LAMP', 3], ['lyon', 'LAMP', 4], ['paris', 'MUG', 1]);
  const { data } = await on.ask(feed, {
    skus: ['MUG', 'LAMP', 'MUG'],
    at: { locations: ['lyon', 'paris', 'lyon'] },
  });
  expect(data.availability).toEqual([
    {
      sku: { code: 'MUG' },
      locations: [
        expect.objectContaining({ location: { code: 'lyon' }, band: 'OUT', quantity: 0, changedAt: null }),
        expect.objectContaining({ location: { code: 'paris' }, band: 'LOW', quantity: 1 }),
      ],
    },
    {
      sku: { code: 'LAMP' },
      locations: [
        expect.objectContaining({ location: { code: 'lyon' }, band: 'IN_STOCK', quantity: 4 }),
        {
          sku: { code: 'LAMP' },
          location: { code: 'paris' },
          distanceKm: null,
          band: 'LOW',
          quantity: 3,
          safetyStock: 0,
          asOf: START.toISOString(),
          countedAt: null,
          changedAt: START.toISOString(),
          arrivals: [],
        },
      ],
    },
  ]);
});

test('states when a shelf was last counted', async () => {
  await on.stock(['paris', 'LAMP', 3]);
  await app.db.rows(`UPDATE stock_level SET counted_at = $1`, [later(-30)]);
  const { data } = await on.ask(storefront, { skus: ['LAMP'], at: { locations: ['paris'] } });
  expect(data.availability[0].locations[0].countedAt).toBe(later(-30));
});

test('safety stock is kept back by channel, the finest rule first', async () => {
  await on.stock(['paris', 'LAMP', 10], ['lyon', 'LAMP', 10], ['depot', 'LAMP', 2]);
  await on.safety(null, null, null, 1);
  await on.safety(null, 'lyon', null, 2);
  await on.safety('LAMP', null, 'ONLINE', 3);
  await on.safety('LAMP', 'paris', 'MARKETPLACE', 7);
  expect(await quantities(feed, {})).toEqual({ paris: 7, lyon: 7, depot: 0 });
  expect(await quantities(feed, { channel: 'MARKETPLACE' })).toEqual({ paris: 3, lyon: 8, depot: 1 });
  expect(await quantities(feed, { channel: 'STORE' })).toEqual({ paris: 9, lyon: 8, depot: 1 });
});

test('a reservation takes units away, and gives them back the moment it is past its time, swept or not', async () => {
  await on.stock(['paris', 'LAMP', 5]);
  await on.hold(storefront, 'paris', 'LAMP', 4, 'basket-1');
  expect((await quantities(feed, {})).paris).toBe(1);
  app.wait(14);
  expect((await quantities(feed, {})).paris).toBe(1);
  app.wait(1);
  expect((await quantities(feed, {})).paris).toBe(5);
  const holds = await app.db.rows(`SELECT FROM reservation WHERE status = 'ACTIVE'`);
  expect(holds).toHaveLength(1);
});

test('the holder’s own reservation does not stand in its way; nobody else’s, and no namesake’s, does it open', async () => {
  await on.stock(['paris', 'LAMP', 5]);
  await on.hold(storefront, 'paris', 'LAMP', 4, 'basket-1');
  const other = await app.token('STOREFRONT', 'other.example');
  const band = async (token: string, holder: string | null) =>
    (await on.ask(token, { skus: ['LAMP'], at: { locations: ['paris'] }, holder })).data.availability[0]
      .locations[0].band;
  expect(await band(storefront, 'basket-1')).toBe('IN_STOCK');
  expect(await band(storefront, 'basket-2')).toBe('LOW');
  expect(await band(storefront, null)).toBe('LOW');
  expect(await band(other, 'basket-1')).toBe('LOW');
});

test('an own reservation past its time counts once, and a safety stock raised meanwhile takes nothing from a live one', async () => {
  await on.stock(['paris', 'LAMP', 5]);
  await on.hold(feed, 'paris', 'LAMP', 4, 'till-7');
  await on.safety('LAMP', 'paris', null, 3);
  expect((await quantities(feed, { holder: 'till-7' })).paris).toBe(4);
  app.wait(20);
  expect((await quantities(feed, { holder: 'till-7' })).paris).toBe(2);
});

describe('arrivals', () => {
  const at = { locations: ['paris'] };

  test('open purchase orders and transfers that are promised to nobody, the earliest first', async () => {
    await on.stock(['depot', 'LAMP', 50], ['lyon', 'LAMP', 50]);
    await on.purchase('ORDERED', 'paris', later(5), [['LAMP', 20, 0]]);
    await on.purchase('PARTIALLY_RECEIVED', 'paris', later(2), [
      ['LAMP', 20, 18],
      ['MUG', 5, 5],
    ]);
    await on.purchase('PARTIALLY_RECEIVED', 'paris', later(2), [['LAMP', 6, 9]]);
    await on.purchase('DRAFT', 'paris', later(1), [['LAMP', 900, 0]]);
    await on.purchase('CLOSED', 'paris', later(1), [['LAMP', 900, 0]]);
    await on.purchase('ORDERED', 'lyon', later(1), [['LAMP', 900, 0]]);
    await on.transfer('DISPATCHED', ['depot', 'paris'], 'LAMP', 3, later(1));
    await on.transfer('DRAFT', ['lyon', 'paris'], 'LAMP', 4, null);
    const orderId = await on.order('paris', 'AWAITING_TRANSFER', null);
    await on.transfer('DRAFT', ['lyon', 'paris'], 'LAMP', 9, later(1), orderId);
    const { data } = await on.ask(feed, { skus: ['LAMP', 'MUG'], at });
    expect(data.availability[0].locations[0]).toMatchObject({ quantity: 0, band: 'OUT' });
    expect(data.availability[0].locations[0].arrivals).toEqual([
      { band: 'LOW', quantity: 3, expectedAt: later(1), source: 'TRANSFER' },
      { band: 'LOW', quantity: 2, expectedAt: later(2), source: 'PURCHASE' },
      { band: 'IN_STOCK', quantity: 20, expectedAt: later(5), source: 'PURCHASE' },
      { band: 'IN_STOCK', quantity: 4, expectedAt: null, source: 'TRANSFER' },
    ]);
    expect(data.availability[1].locations[0].arrivals).toEqual([]);
  });

  test('a later date counts what comes until then, and safety stock once', async () => {
    await on.stock(['paris', 'LAMP', 2], ['depot', 'LAMP', 50]);
    await on.safety(null, 'paris', null, 5);
    await on.transfer('DISPATCHED', ['depot', 'paris'], 'LAMP', 4, later(1));
    await on.transfer('DRAFT', ['depot', 'paris'], 'LAMP', 40, null);
    await on.purchase('ORDERED', 'paris', later(3), [['LAMP', 10, 0]]);
    const dates = [null, 0, 0.5, 1, 2, 3, 300];
    const answers = await Promise.all(
      dates.map((days) => quantities(feed, { at, on: days === null ? null : later(days) })),
    );
    expect(answers.map((a) => a.paris)).toEqual([0, 0, 0, 1, 1, 11, 11]);
  });

  test('what is overdue is still listed and promised for no date', async () => {
    await on.purchase('ORDERED', 'paris', later(1), [['LAMP', 10, 0]]);
    expect((await quantities(feed, { at, on: later(3) })).paris).toBe(10);
    app.wait(2 * 24 * 60);
    expect((await quantities(feed, { at, on: later(3) })).paris).toBe(0);
    const { data } = await on.ask(feed, { skus: ['LAMP'], at });
    expect(data.availability[0].locations[0].arrivals).toHaveLength(1);
  });
});

describe('locations', () => {
  const codes = (answer: { data: { availability: { locations: { location: { code: string } }[] }[] } }) =>
    answer.data.availability[0]!.locations.map((p) => p.location.code);
  const ask = async (at: object, token = feed) => codes(await on.ask(token, { skus: ['LAMP'], at }));
  const paris = { latitude: 48.8566, longitude: 2.3522 };
  const island = `
    INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone) VALUES
      ('east', 'East', 'SHOP', 'FJ', -16.8, 179.9, 'Pacific/Fiji'), ('west', 'West', 'SHOP', 'FJ', -16.8, -179.8, 'Pacific/Fiji'),
      ('far', 'Far', 'SHOP', 'FJ', -16.8, 178, 'Pacific/Fiji'), ('pole', 'Pole', 'SHOP', 'AQ', -89.9, 100, 'Antarctica/Troll')`;

  test('a group, by code', async () => {
    expect(await ask({ group: 'france' })).toEqual(['depot', 'lyon', 'paris']);
    expect(await ask({ group: 'south' })).toEqual(['lyon']);
  });

  test('around a point: the nearest first, within the radius, up to the limit', async () => {
    expect(await ask({ near: { ...paris, radiusKm: 500 } })).toEqual(['paris', 'depot', 'lyon']);
    expect(await ask({ near: { ...paris, radiusKm: 500, limit: 2 } })).toEqual(['paris', 'depot']);
    expect(await ask({ near: { ...paris, radiusKm: 390 } })).toEqual(['paris', 'depot']);
    expect(await ask({ near: paris })).toEqual(['paris']);
    const { data } = await on.ask(storefront, { skus: ['LAMP'], at: { near: { ...paris, radiusKm: 500 } } });
    const km = data.availability[0].locations.map((p: { distanceKm: number }) => Math.round(p.distanceKm));
    expect(km).toEqual([0, 111, 391]);
  });

  test('the corner of the box is outside the circle', async () => {
    await app.db.rows(`
      INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone)
      VALUES ('corner', 'Corner', 'SHOP', 'FR', 48.9366, 2.4722, 'Europe/Paris')`);
    expect(await ask({ near: { ...paris, radiusKm: 10 } })).toEqual(['paris']);
    expect(await ask({ near: { ...paris, radiusKm: 13 } })).toEqual(['paris', 'corner']);
  });

  test('across the antimeridian and at a pole', async () => {
    await app.db.rows(island);
    const fiji = { latitude: -16.8, longitude: 180 };
    expect(await ask({ near: { ...fiji, radiusKm: 50 } })).toEqual(['east', 'west']);
    expect(await ask({ near: { ...fiji, longitude: -180, radiusKm: 15 } })).toEqual(['east']);
    expect(await ask({ near: { ...fiji, radiusKm: 250 } })).toEqual(['east', 'west', 'far']);
    expect(await ask({ near: { latitude: -90, longitude: 0, radiusKm: 20 } })).toEqual(['pole']);
  });

  test('no location near is an answer, not an error', async () => {
    expect(await ask({ near: { latitude: 0, longitude: 0 } })).toEqual([]);
  });

  test('an inactive location promises nothing and is found only by its code', async () => {
    await on.stock(['lyon', 'LAMP', 5]);
    await app.db.rows(`UPDATE location SET active = false WHERE code = 'lyon'`);
    expect(await ask({ group: 'france' })).toEqual(['depot', 'paris']);
    expect(await ask({ near: { ...paris, radiusKm: 500 } })).toEqual(['paris', 'depot']);
    expect((await quantities(feed, {})).lyon).toBe(0);
  });
});

test('a storefront sees no number of units anywhere', async () => {
  await on.stock(['paris', 'LAMP', 7777], ['depot', 'LAMP', 7777]);
  await on.safety('LAMP', null, null, 7070);
  await on.purchase('ORDERED', 'paris', later(1), [['LAMP', 7272, 0]]);
  const answer = await on.ask(storefront, { skus: ['LAMP'], at: PLACES, on: later(3) });
  const [cell] = answer.data.availability[0].locations;
  expect(cell).toMatchObject({ band: 'IN_STOCK', quantity: null, safetyStock: null });
  expect(cell.arrivals).toEqual([
    { band: 'IN_STOCK', quantity: null, expectedAt: later(1), source: 'PURCHASE' },
  ]);
  const text = JSON.stringify(answer);
  for (const units of ['7777', '7070', '7272', '707', '7979']) expect(text).not.toContain(units);
});

test('nothing is promised of a SKU that is out of the catalog', async () => {
  await on.stock(['paris', 'LAMP', 3]);
  expect(await quantities(feed, {})).toMatchObject({ paris: 3 });
  await app.db.rows("UPDATE sku SET active = false WHERE code = 'LAMP'");
  expect(await quantities(feed, {})).toEqual({ paris: 0, lyon: 0, depot: 0 });
  expect(await quantities(feed, { on: later(3) })).toEqual({ paris: 0, lyon: 0, depot: 0 });
});
