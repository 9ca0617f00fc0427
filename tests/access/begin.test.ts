// A command's claim goes out with BEGIN: where BEGIN fails, nothing of the command may stand.

import type { Caller } from '../../src/access/rules/roles';
import { reserveStock } from '../../src/reservation/actions/reserve';
import { startApp, type TestApp } from '../support/app';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

test('a claim behind a BEGIN that failed is not made', async () => {
  await app.token('STOREFRONT', 'web-shop');
  const [ids] = await app.db.rows<{ actorId: number; locationId: number; skuId: number }>(
    `SELECT a.id AS "actorId", l.id AS "locationId", s.id AS "skuId" FROM actor a, location l, sku s
     WHERE a.name = 'web-shop' AND l.code = 'paris' AND s.code = 'LAMP'`,
  );
  const { actorId, locationId, skuId } = ids!;
  const actor: Caller = { actorId, name: 'web-shop', role: 'STOREFRONT', locationIds: new Set() };
  const lines = [{ skuId, sku: 'LAMP', quantity: 1 }];
  const basket = {
    locationId,
    locationCode: 'paris',
    channel: 'ONLINE',
    holder: 'me',
    holdMinutes: 5,
    lines,
  };
  const asked = {
    actor,
    idempotencyKey: 'once',
    now: app.parts.clock(),
    input: { ...basket, allowPartial: false },
  };
  // The transaction is over and BEGIN's answer is an error, as when BEGIN itself was cancelled.
  const broken = { ...app.db, afterBegin: '; COMMIT; SELECT 1 / 0' };
  await expect(reserveStock(broken, asked)).rejects.toThrow('division by zero');
  expect(await app.db.rows("SELECT key FROM command WHERE key = 'once'")).toEqual([]);
  // The same connections go on serving, and the same request is new to them.
  await expect(reserveStock(app.db, asked)).rejects.toMatchObject({ data: { kind: 'NotEnoughStock' } });
});
