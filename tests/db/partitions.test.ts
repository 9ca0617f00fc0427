// Partitions that are made when first needed: processes that need the same one at once make it once.

import { makeMonths } from '../../src/db/months';
import { ensureYears } from '../../src/sales/actions/imports/yearPartitions';
import { startApp, type TestApp } from '../support/app';
import { untilLocked } from '../support/lockWaits';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** Calls `make` eight times while the lock is taken, so that each has looked and found no table; then frees the lock. */
async function crowd<T>(lock: string, make: () => Promise<T>): Promise<T[]> {
  let all: Promise<T[]> | undefined;
  await app.db.session(async (client) => {
    await client.query(`SELECT pg_advisory_lock(${lock})`);
    all = Promise.all(Array.from({ length: 8 }, make));
    await untilLocked(app.db, 2);
    await client.query(`SELECT pg_advisory_unlock(${lock})`);
  });
  return all!;
}

// Both used to ask to_regclass(), whose cache a wait for an advisory lock does not refresh: the second process made the table again.
test('many processes that need a new month at once make it once', async () => {
  for (const month of ['2031-01', '2031-02', '2031-03', '2031-04'])
    await crowd('7262712', () => makeMonths(app.db, 'forecast_score', [`${month}-05`]));
});

test('many processes that need a new year at once make it once', async () => {
  for (const year of [2041, 2042, 2043, 2044]) {
    const made = await crowd("hashtext('comptoir sales years')", () => ensureYears(app.db, [year]));
    expect(made.reduce((sum, n) => sum + n, 0)).toBe(1);
  }
});
