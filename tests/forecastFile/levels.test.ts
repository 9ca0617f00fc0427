// npm run forecast -- --order-up-to and --returns on made-up files.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { folder, forecastCli, forecastOf, made, random, table, wide, write } from './files';

const series = made(6, 140, 7);
const file = write('sales.csv', wide(series));

function levelsOf(text: string): Record<string, number> {
  return Object.fromEntries(
    table(text).map(({ scenario, key, review, S }) => [`${scenario} ${key} ${review}`, Number(S)]),
  );
}

test('order-up-to levels: a line a scenario, series and review; more service and longer lead times need more', async () => {
  const args = [
    file,
    '--order-up-to',
    '--reviews',
    '105..119',
    '--lead-times',
    'near=2',
    '--lead-times',
    'far=3,7,7,14',
  ];
  const out = await forecastOf(...args, '--cycle-service', '0.8');
  expect(out.split('\n')[0]).toBe('scenario,key,review,S');
  const low = levelsOf(out);
  expect(Object.keys(low)).toHaveLength(2 * 6 * 3);
  const high = levelsOf(await forecastOf(...args, '--cycle-service', '0.99'));
  for (const [name, level] of Object.entries(low)) {
    expect(Number.isInteger(level)).toBe(true);
    expect(high[name]!).toBeGreaterThanOrEqual(level);
    if (name.startsWith('near')) expect(low[name.replace('near', 'far')]!).toBeGreaterThanOrEqual(level);
  }
  const listed = levelsOf(
    await forecastOf(
      file,
      '--order-up-to',
      '--reviews',
      '105,112,119',
      '--lead-times',
      '2',
      '--cycle-service',
      '0.8',
    ),
  );
  expect(listed['S1 SKU-0 3']).toBe(low['near SKU-0 3']);
});

test('a fill rate may be asked for instead, and the review be of another length', async () => {
  const args = [file, '--order-up-to', '--reviews', '112', '--lead-times', '2', '--fill-rate', '0.95'];
  const weekly = levelsOf(await forecastOf(...args));
  const monthly = levelsOf(await forecastOf(...args, '--review-every', '28'));
  for (const [name, level] of Object.entries(weekly)) expect(monthly[name]!).toBeGreaterThan(level);
});

const WEEKS = 70;
function returnFiles(until: number): [string, string] {
  const draw = random(11);
  const sold: string[] = [];
  const returned: string[] = [];
  for (let week = 1; week <= WEEKS; week++) {
    for (const sku of ['A', 'B', 'C']) {
      for (const place of ['UK', 'DE']) {
        const lines = 20 + Math.floor(10 * draw());
        // After `until` another world begins.
        const back = Math.round(lines * (week > until ? 0.9 : 0.1));
        sold.push(`${sku},${place},${week},${week > until ? lines * 5 : lines},${lines * 3}`);
        for (let i = 0; i < back; i++) {
          returned.push(`${sku},${place},${week},${week > 2 && i % 2 ? week - 2 : ''},2`);
        }
      }
    }
  }
  return [
    write(`sold-${until}.csv`, `sku,cg,week,lines,units\n${sold.join('\n')}\n`),
    write(`returned-${until}.csv`, `sku,cg,return_week,purchase_week,units\n${returned.join('\n')}\n`),
  ];
}

test('returns: weekly by level, four weeks by SKU; later weeks change nothing', async () => {
  const skus = path.join(folder, 'skus.csv');
  const args = ['--origins', '56,60', '--horizon', '4', '--sku-out', skus];
  const { code, out } = await forecastCli('--returns', ...returnFiles(WEEKS), ...args);
  expect(code).toBe(0);
  const bySku = readFileSync(skus, 'utf8');
  expect(out.split('\n')[0]).toBe('level,origin,h,mean');
  expect(bySku.split('\n')[0]).toBe('sku,origin,mean4');
  const rows = table(out);
  expect(rows).toHaveLength(3 * 2 * 4);
  expect(new Set(rows.map(({ level }) => level))).toEqual(new Set(['total', 'UK', 'DE']));
  // 6 × 24.5 lines a week, one in ten comes back.
  for (const { level, mean } of rows) {
    expect(Number(mean)).toBeGreaterThan(level === 'total' ? 8 : 4);
    expect(Number(mean)).toBeLessThan(level === 'total' ? 24 : 12);
  }
  expect(
    table(bySku)
      .map(({ sku, origin }) => `${sku} ${origin}`)
      .sort(),
  ).toEqual(['A 56', 'A 60', 'B 56', 'B 60', 'C 56', 'C 60']);
  const later = await forecastCli('--returns', ...returnFiles(60), ...args);
  expect(later.out).toBe(out);
  expect(readFileSync(skus, 'utf8')).toBe(bySku);
});

test.each<[string, string[], RegExp]>([
  ['an origin beyond', ['--origins', '71'], /--origins 71 is beyond the data, whose last week is 70/],
  ['a date', ['--origins', '2024-01-01'], /origins are numbers of weeks/],
  ['a count of nothing', ['--count', 'boxes'], /--count is 'boxes'; it must be lines or units/],
  ['a flag of series', ['--sums', '7'], /--sums has no meaning with --returns/],
])('returns: %s', async (_, flags, message) => {
  const { code, err } = await forecastCli('--returns', ...returnFiles(WEEKS), ...flags);
  expect({ code, said: message.test(err), err }).toMatchObject({ code: 1, said: true });
});
