// npm run forecast -- --reconcile: the series add up to their groups, in every table; what cannot be asked for is refused.

import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { folder, forecastCli, forecastOf, made, table, write } from './files';

const PERIODS = 200;
const ORIGINS = ['--origins', '150,172'];
const series = made(12, PERIODS).map((one, k) => ({ ...one, category: `C${k % 3}`, shop: `S${k % 2}` }));
const days = Array.from({ length: PERIODS }, (_, t) => `d_${t + 1}`).join(',');
const rowsOf = (rows: typeof series): string =>
  [
    `key,category,shop,${days}`,
    ...rows.map(({ key, category, shop, values }) => [key, category, shop, ...values].join(',')),
  ].join('\n');
const file = write('grouped.csv', `${rowsOf(series)}\n`);
const hierarchy = path.join(folder, 'hierarchy.csv');
const BY = ['--reconcile', 'category,shop'];
const draftFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('comptoir-drafts-'));

test('series add up to each pair of category and shop, each category, each shop and all; nothing is left behind', async () => {
  const before = draftFolders();
  const rows = table(
    await forecastOf(file, ...ORIGINS, '--horizon', '14', ...BY, '--hierarchy-out', hierarchy),
  );
  expect(rows).toHaveLength(12 * 2 * 14);
  const sums = table(readFileSync(hierarchy, 'utf8'));
  expect(sums).toHaveLength((6 + 3 + 2 + 1) * 2 * 14);
  for (const { category, shop, origin, h, mean } of sums) {
    const below = rows.filter((row) => {
      const one = series.find(({ key }) => key === row.key)!;
      return (
        row.origin === origin &&
        row.h === h &&
        [category, ''].includes(category === '' ? '' : one.category) &&
        [shop, ''].includes(shop === '' ? '' : one.shop)
      );
    });
    expect(below.length).toBeGreaterThan(0);
    const total = below.reduce((sum, row) => sum + Number(row.mean), 0);
    // Each line is rounded to four decimals.
    expect(Math.abs(total - Number(mean))).toBeLessThan(0.001);
  }
  expect(draftFolders()).toEqual(before);
});

const SUMS = ['--origins', '172', '--horizon', '14', '--sums', '7'];

test('neither the order of the rows nor the number of threads changes anything; sums are scaled too', async () => {
  const reversed = write('reversed.csv', `${rowsOf([...series].reverse())}\n`);
  const lines = (text: string): string[] => text.trimEnd().split('\n').sort();
  const sums = await forecastOf(file, ...SUMS, ...BY);
  const { out } = await forecastCli(reversed, ...SUMS, ...BY, '--threads', '3');
  expect(lines(out)).toEqual(lines(sums));
  expect(lines(await forecastOf(file, ...SUMS))).not.toEqual(lines(sums));
}, 60_000);

test('order-up-to levels are scaled too', async () => {
  const levels = ['--order-up-to', '--reviews', '172', '--lead-times', '2', '--cycle-service', '0.9'];
  const scaled = table(await forecastOf(file, ...levels, ...BY));
  expect(scaled).toHaveLength(12);
  expect(scaled).not.toEqual(table(await forecastOf(file, ...levels)));
}, 60_000);

test('what comes after an origin changes nothing', async () => {
  const spoilt = series.map((one) => ({
    ...one,
    values: one.values.map((units, t) => (t < 150 ? units : 900 + t)),
  }));
  const args = ['--origins', '150', '--horizon', '14', ...BY];
  const was = await forecastOf(file, ...args);
  expect(await forecastOf(write('spoilt.csv', `${rowsOf(spoilt)}\n`), ...args)).toBe(was);
}, 60_000);

test.each<[string, string[], RegExp]>([
  ['one column', ['--reconcile', 'category'], /--reconcile is 'category'; it must be two columns/],
  ['one column twice', ['--reconcile', 'shop,shop'], /must be two columns/],
  ['three columns', ['--reconcile', 'a,b,c'], /must be two columns/],
  [
    'a column that is not there',
    ['--reconcile', 'category,store'],
    /has no column store that groups its series; it has category, shop/,
  ],
  [
    '--hierarchy-out alone',
    ['--hierarchy-out', 'x.csv'],
    /--hierarchy-out has a meaning only with --reconcile/,
  ],
])('refused: %s', async (_what, args, message) => {
  const { code, err, out } = await forecastCli(file, ...args);
  expect(err).toMatch(message);
  expect([code, out]).toEqual([1, '']);
});
