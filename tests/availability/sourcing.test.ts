// sourceCandidates and promiseFor as the order module calls them, on the real database.

import { promiseFor, sourceCandidates } from '../../src/availability/queries/sources';
import { startApp, type TestApp } from '../support/app';
import { availabilityOn } from './support';

let app: TestApp;
let on: ReturnType<typeof availabilityOn>;
const id = new Map<string, number>();
beforeEach(async () => {
  app = await startApp();
  on = availabilityOn(app);
  for (const { code, key } of await app.db.rows<{ code: string; key: number }>(
    'SELECT code, id AS key FROM location UNION ALL SELECT code, id FROM sku',
  )) {
    id.set(code, key);
  }
});
afterEach(() => app.close());

const candidates = async (more: Partial<Parameters<typeof sourceCandidates>[1]> = {}) => {
  const ask = { toLocationId: id.get('paris')!, skuIds: [id.get('LAMP')!], channel: 'ONLINE', ...more };
  const found = await sourceCandidates(app.db, ask);
  return found.map((c) => [c.code, c.kind, Math.round(c.distanceKm), c.atp.get(id.get('LAMP')!)]);
};

test('every active location that can send something, warehouses first, never the location itself', async () => {
  await on.stock(['paris', 'LAMP', 9], ['lyon', 'LAMP', 3], ['depot', 'LAMP', 5]);
  await on.safety('LAMP', 'depot', 'ONLINE', 1);
  expect(await candidates()).toEqual([
    ['depot', 'WAREHOUSE', 111, 4],
    ['lyon', 'SHOP', 391, 3],
  ]);
  expect(await candidates({ channel: 'STORE', excludeLocationIds: [id.get('lyon')!] })).toEqual([
    ['depot', 'WAREHOUSE', 111, 5],
  ]);
  await on.safety('LAMP', 'lyon', null, 3);
  await app.db.rows(`UPDATE location SET active = false WHERE code = 'depot'`);
  expect(await candidates()).toEqual([]);
});

test('units of reservations past their time count only when the caller passes the clock, and so promises to release them', async () => {
  await on.stock(['lyon', 'LAMP', 3]);
  await on.hold(await app.token('STOREFRONT'), 'lyon', 'LAMP', 3, null);
  app.wait(15);
  expect(await candidates()).toEqual([]);
  expect(await candidates({ now: app.parts.clock() })).toEqual([['lyon', 'SHOP', 391, 3]]);
});

test('orders of one batch wait for each other, each location on its own', async () => {
  await app.db.rows(`UPDATE location SET pickup_capacity_per_hour = 2 WHERE code = 'paris'`);
  const asks = ['paris', 'lyon', 'paris', 'paris'].map((code) => ({ locationId: id.get(code)! }));
  const before = app.db.statements();
  const promises = await promiseFor(app.db, app.parts.clock(), asks);
  expect(app.db.statements() - before).toBe(1);
  expect(promises.map((p) => p.promisedAt?.toISOString())).toEqual([
    '2026-11-25T11:00:00.000Z',
    '2026-11-25T11:00:00.000Z',
    '2026-11-25T11:30:00.000Z',
    '2026-11-25T12:00:00.000Z',
  ]);
});

test('goods that come later than the queue is done cost their arrival only', async () => {
  await app.db.rows(`UPDATE location SET pickup_capacity_per_hour = 2 WHERE code = 'paris'`);
  await on.order('paris', 'PLACED', '2026-11-25T11:00:00Z');
  const [promise] = await promiseFor(app.db, app.parts.clock(), [
    { locationId: id.get('paris')!, transferArrival: new Date('2026-11-26T08:30:00Z') },
  ]);
  expect(promise?.because.map((b) => [b.rule, b.to.toISOString()])).toEqual([
    ['TRANSFER_ARRIVAL', '2026-11-26T08:30:00.000Z'],
    ['LEAD_TIME', '2026-11-26T10:30:00.000Z'],
  ]);
});
