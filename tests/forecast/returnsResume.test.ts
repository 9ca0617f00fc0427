// A returns forecast that is interrupted in the middle of a location resumes there, and comes to the same.

import { startApp, type TestApp } from '../support/app';
import { putFacts, RETURNS_NIGHT, type ReturnsFact, runReturnsNight, storedReturns } from './returnsSupport';
import { CUT, dayAfter, putSkus } from './support';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

test('pages that were written are not written again, and the location’s sums are whole', async () => {
  // More SKUs than fit one page of a location.
  const skus = await putSkus(app.db, 620);
  await putFacts(
    app.db,
    skus.flatMap((sku, i) =>
      Array.from({ length: 12 }, (_, w): ReturnsFact => {
        const day = dayAfter(CUT, -7 * w);
        return { location: 'paris', sku, day, units: 1 + (i % 5), returned: (i + w) % 9 === 0 ? 1 : 0 };
      }),
    ),
  );
  await app.db.rows(
    `CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'out of luck'; END $$`,
  );
  await app.db.rows(
    `CREATE TRIGGER no_more BEFORE INSERT ON returns_forecast FOR EACH ROW
     WHEN (NEW.sku_id > 560) EXECUTE FUNCTION no_more()`,
  );
  const broken = await runReturnsNight(app);
  expect(broken).toMatchObject({ ran: true, error: { message: expect.stringContaining('out of luck') } });
  const XMIN = 'SELECT sku_id, xmin::text FROM returns_forecast ORDER BY sku_id LIMIT 500';
  const firstPage = await app.db.rows(XMIN);
  expect(firstPage).toHaveLength(500);
  const NIGHT = 'SELECT forecasts, mean, quantiles, done_at IS NOT NULL AS done FROM returns_night';
  expect(await app.db.rows(NIGHT)).toMatchObject([{ forecasts: 500, done: false }]);

  await app.db.rows('DROP TRIGGER no_more ON returns_forecast');
  expect(await runReturnsNight(app)).toMatchObject({ figures: { locationsDone: 1, forecasts: 620 } });
  expect(await app.db.rows(XMIN)).toEqual(firstPage);
  const resumed = { rows: await storedReturns(app.db), night: await app.db.rows(NIGHT) };
  expect(resumed.rows).toHaveLength(620);
  // The location is forecast from all its pages: about what its SKUs are together.
  const together = resumed.rows.reduce((sum, row) => sum + row.mean[0]!, 0);
  const [night] = resumed.night as { mean: number[] }[];
  expect(Math.abs(night!.mean[0]! / together - 1)).toBeLessThan(0.15);

  await app.db.rows('DELETE FROM returns_run');
  await runReturnsNight(app, new Date(RETURNS_NIGHT.getTime() + 60_000));
  expect({ rows: await storedReturns(app.db), night: await app.db.rows(NIGHT) }).toEqual(resumed);
});
