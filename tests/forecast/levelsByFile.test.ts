// The nightly run and `npm run forecast -- --reconcile` are the same code: over the same sales they forecast the same.

import { readFileSync } from 'node:fs';
import { forecastOf, table, write } from '../forecastFile/files';
import { startApp, type TestApp } from '../support/app';
import {
  CUT,
  dayAfter,
  historyOf,
  putSales,
  runNight,
  SHELVES,
  storedForecasts,
  storedLevels,
} from './support';

const DAYS = 400;
/** Series are learned from in another order, which moves trees a little: largest difference, as a share. */
const ORDER_GAP = 0.03;
const gap = (one: number, other: number): number => Math.abs(one - other) / Math.max(1, other);
let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

/** The categories of these SKUs, which must be topmost ones: a file has one column of them. */
async function categoriesOf(skus: readonly string[]): Promise<Map<string, string>> {
  await app.db.rows(`UPDATE sku SET category = split_part(category, '/', 1) WHERE code = ANY($1::text[])`, [
    skus,
  ]);
  const rows = await app.db.rows<{ code: string; category: string }>(
    'SELECT code, category FROM sku WHERE code = ANY($1::text[])',
    [skus],
  );
  return new Map(rows.map(({ code, category }) => [code, category]));
}

test('shelves and sums of a nightly run are those of the command over the same sales', async () => {
  // A file does not state that a shelf was empty. A year ago the coming weeks sold twice as much, which sums show better than shelves.
  const sales = historyOf(SHELVES, DAYS).map((fact) => ({
    ...fact,
    units: fact.units * (fact.day < dayAfter(CUT, -364 + 28) && fact.day > dayAfter(CUT, -364) ? 2 : 1),
    stockedOut: false,
  }));
  await putSales(app.db, sales);
  const categories = await categoriesOf(SHELVES.map(([, sku]) => sku));
  await runNight(app);

  const days = Array.from({ length: DAYS }, (_, i) => dayAfter(CUT, i - DAYS + 1));
  const units = new Map(sales.map(({ location, sku, day, units: n }) => [`${location} ${sku} ${day}`, n]));
  const rows = SHELVES.map(([location, sku]) =>
    [
      `${location} ${sku}`,
      sku,
      categories.get(sku),
      location,
      ...days.map((day) => units.get(`${location} ${sku} ${day}`) ?? 0),
    ].join(','),
  );
  const file = write(
    'nightly.csv',
    `${[`key,sku,category,location,${days.join(',')}`, ...rows].join('\n')}\n`,
  );
  const sums = write('nightly-sums.csv', '');
  const flags = ['--reconcile', 'category,location', '--hierarchy-out', sums];
  const lines = table(await forecastOf(file, ...flags));

  const means = new Map(lines.map(({ key, h, mean }) => [`${key} ${h}`, Number(mean)]));
  const stored = await storedForecasts(app.db);
  expect(stored).toHaveLength(SHELVES.length);
  for (const { location, sku, mean } of stored) {
    expect(mean).toHaveLength(28);
    mean.forEach((expected, i) => {
      expect(gap(means.get(`${location} ${sku} ${i + 1}`)!, expected)).toBeLessThan(ORDER_GAP);
    });
  }
  const sumsByFile = table(readFileSync(sums, 'utf8'));
  const levels = await storedLevels(app.db);
  expect(levels.length).toBeGreaterThan(4);
  // What is compared is scaled: on their own the shelves would be further away.
  expect(levels.some(({ scaleMean }) => scaleMean !== null && gap(scaleMean, 1) > 2 * ORDER_GAP)).toBe(true);
  for (const level of levels) {
    const ofFile = sumsByFile.filter(
      ({ category, location }) => category === (level.category ?? '') && location === (level.location ?? ''),
    );
    expect(ofFile).toHaveLength(28);
    for (const [i, { mean }] of ofFile.entries()) {
      expect(gap(Number(mean), level.mean[i]!)).toBeLessThan(ORDER_GAP);
    }
  }
}, 60_000);
