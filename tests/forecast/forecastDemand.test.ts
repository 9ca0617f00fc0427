// The nightly job: every shelf with a history gets one forecast a night, from what was known by its cut.

import { startApp, type TestApp } from '../support/app';
import { historyOf, NIGHT, putSales, runNight, SHELVES, storedForecasts } from './support';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
  await putSales(app.db, historyOf(SHELVES));
});
afterAll(() => app.close());

test('a night forecasts every shelf with a history, and says what it left out', async () => {
  await app.db.rows("UPDATE sku SET active = false WHERE code = 'SOCK-M'");
  const outcome = await runNight(app);
  expect(outcome).toMatchObject({
    ran: true,
    figures: { places: 2, forecasts: 5, failed: 0, inactiveSkus: 1, placesWithoutHistory: 1 },
  });
  const rows = await storedForecasts(app.db);
  expect(rows.map((row) => `${row.location} ${row.sku} ${row.cutDay}`)).toEqual([
    'lyon LAMP 2026-11-24',
    'lyon MUG 2026-11-24',
    'paris LAMP 2026-11-24',
    'paris MUG 2026-11-24',
    'paris TENT-2 2026-11-24',
  ]);
  for (const row of rows) {
    expect(row.mean).toHaveLength(28);
    expect(row.quantiles).toHaveLength(5 * 28);
    expect(Math.min(...row.mean)).toBeGreaterThan(0);
  }
  void NIGHT;
});
