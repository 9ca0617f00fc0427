// npm run forecast on made-up series: the tables' form, the files it can read, and that it never looks ahead.

import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { folder, forecastCli, forecastOf, made, ROOT, table, wide, write } from './files';

const QUANTILES = ['q0.5', 'q0.75', 'q0.9', 'q0.95', 'q0.975'];
const PERIODS = 140;
const series = made(12, PERIODS);
const file = write('sales.csv', wide(series));
const ORIGINS = ['--origins', '112,126'];

function expectOrderedQuantiles(rows: Record<string, string>[]): void {
  for (const row of rows) {
    const values = QUANTILES.map((name) => Number(row[name]));
    expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
    expect(values).toEqual([...values].sort((a, b) => a - b));
  }
}

test('forecasts: one line a series, origin and period ahead, in the scorer’s form', async () => {
  const out = await forecastOf(file, ...ORIGINS, '--horizon', '14');
  expect(out.split('\n')[0]).toBe('key,origin,h,mean,q0.5,q0.75,q0.9,q0.95,q0.975');
  const rows = table(out);
  const expected = series.flatMap(({ key }) =>
    ['112', '126'].flatMap((origin) => Array.from({ length: 14 }, (_, h) => `${key},${origin},${h + 1}`)),
  );
  expect(rows.map(({ key, origin, h }) => `${key},${origin},${h}`)).toEqual(expected);
  expectOrderedQuantiles(rows);
  const sold = series.flatMap(({ values }) => values.slice(84, 112)).reduce((a, b) => a + b, 0) / 12 / 28;
  const foreseen = rows.filter(({ origin }) => origin === '112').map(({ mean }) => Number(mean));
  const average = foreseen.reduce((a, b) => a + b, 0) / foreseen.length;
  expect(average).toBeGreaterThan(sold * 0.7);
  expect(average).toBeLessThan(sold * 1.3);
});

test('without flags: 28 days from the last column on in which anything is known', async () => {
  const planned = series.map(({ key, values }) => ({
    key,
    values: [...values.slice(0, 130), ...Array(10).fill('')],
  }));
  const rows = table(await forecastOf(write('planned.csv', wide(planned))));
  expect(rows).toHaveLength(12 * 28);
  expect(new Set(rows.map(({ origin }) => origin))).toEqual(new Set(['130']));
});

test('sums alone go to standard output; with files both tables are written', async () => {
  const sumsOnly = await forecastOf(file, ...ORIGINS, '--horizon', '14', '--sums', '7,14');
  expect(sumsOnly.split('\n')[0]).toBe('key,origin,L,window,q0.5,q0.75,q0.9,q0.95,q0.975');
  const rows = table(sumsOnly);
  expect(rows.slice(0, 3).map(({ L, window }) => [L, window])).toEqual([
    ['7', '1'],
    ['7', '2'],
    ['14', '1'],
  ]);
  expect(rows).toHaveLength(12 * 2 * 3);
  expectOrderedQuantiles(rows);
  const [days, sums] = [path.join(folder, 'days.csv'), path.join(folder, 'sums.csv')];
  const nothing = await forecastOf(
    ...[file, ...ORIGINS, '--horizon', '14', '--sums', '7,14', '--out', days, '--sums-out', sums],
  );
  expect(nothing).toBe('');
  expect(readFileSync(sums, 'utf8')).toBe(sumsOnly);
  expect(table(readFileSync(days, 'utf8'))).toHaveLength(12 * 2 * 14);
  expect(existsSync(`${days}.part`)).toBe(false);
});

test('gzipped, with semicolons, with dates for names, packed: the same series give the same forecasts', async () => {
  const args = ['--origins', '112', '--horizon', '7', '--first-day', '2024-02-27'];
  const plain = await forecastOf(file, ...args);
  const zipped = write('sales.csv.gz', gzipSync(wide(series)));
  expect(await forecastOf(zipped, ...args)).toBe(plain);
  const semicolons = write(
    'semicolons.csv',
    `\ufeff${wide(series).replaceAll(',', ';').replaceAll('\n', '\r\n')}`,
  );
  expect(await forecastOf(semicolons, ...args)).toBe(plain);
  const date = (t: number): string => new Date(Date.UTC(2024, 1, 27 + t)).toISOString().slice(0, 10);
  const dated = write('dated.csv', wide(series, date));
  // 2024 is a leap year: the 112th day after February 27th, itself the first.
  const byDate = await forecastOf(dated, '--origins', '2024-06-17', '--horizon', '7');
  expect(byDate.replaceAll('2024-06-17', '112')).toBe(plain);
});

test('a packed file with its index reads as the wide one', async () => {
  const big = series.map(({ key, values }) => ({
    key,
    values: values.map((v, t) => (t === 50 ? 255 + v : v)),
  }));
  const bytes = big.flatMap(({ values }) => values.flatMap((v) => (v < 255 ? [v] : [255, v & 255, v >> 8])));
  const packed = write('big.u8.br', brotliCompressSync(Buffer.from(bytes)));
  const index = wide(big.map(({ key }) => ({ key, values: [] })));
  write('big_index.csv.gz', gzipSync(index));
  const args = ['--origins', '112', '--horizon', '7'];
  expect(await forecastOf(packed, ...args)).toBe(await forecastOf(write('big.csv', wide(big)), ...args));
});

test.each([
  ['forecasts, and learning', ['--origins', '98,112', '--horizon', '14']],
  ['sums', ['--origins', '112', '--horizon', '14', '--sums', '7']],
  ['levels', ['--order-up-to', '--reviews', '105,112', '--lead-times', '2,5', '--fill-rate', '0.95']],
])('what lies after an origin changes nothing: %s', async (_, args) => {
  const known = await forecastOf(file, ...args);
  const changed = series.map(({ key, values }) => ({
    key,
    values: values.map((value, t) => (t < 112 ? value : 1000 - 3 * value)),
  }));
  expect(await forecastOf(write('later.csv', wide(changed)), ...args)).toBe(known);
  const cut = series.map(({ key, values }) => ({ key, values: values.slice(0, 112) }));
  expect(await forecastOf(write('cut.csv', wide(cut)), ...args)).toBe(known);
  // The proof that the comparison can fail: what lies before the origin does change it.
  const before = changed.map(({ key, values }) => ({
    key,
    values: values.map((v, t) => (t === 100 ? v + 50 : v)),
  }));
  expect(await forecastOf(write('before.csv', wide(before)), ...args)).not.toBe(known);
});

test('neither the order of the rows nor the number of threads changes a forecast', async () => {
  const args = [...ORIGINS, '--horizon', '7'];
  const plain = await forecastOf(file, ...args);
  const turned = await forecastOf(write('turned.csv', wideTurned()), ...args);
  expect(turned.split('\n').sort()).toEqual(plain.split('\n').sort());
  const { out } = await forecastCli(file, ...args, '--threads', '3');
  expect(out).toBe(plain);
});

function wideTurned(): string {
  const [header, ...rows] = wide(series).trimEnd().split('\n');
  return [header, ...rows.reverse()].join('\n');
}

test('weeks and months: the columns’ names tell the period, and its default horizon', async () => {
  const weekly = write(
    'weeks.csv',
    wide(made(6, 60, 3), (t) => `w_${t + 1}`),
  );
  expect(table(await forecastOf(weekly))).toHaveLength(6 * 8);
  const monthly = write(
    'months.csv',
    wide(made(6, 40, 4), (t) => `m_${t + 1}`),
  );
  expect(table(await forecastOf(monthly))).toHaveLength(6 * 6);
});

// Elsewhere a process is not shown its own descriptors: npm's lines stay, and the program reports it.
const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('through npm the file that > makes begins with the header', () => {
  const target = path.join(folder, 'npm.csv');
  const fd = openSync(target, 'w');
  const words = ['run', 'forecast', '--', file, '--horizon', '2', '--threads', '1'];
  execFileSync('npm', words, { cwd: ROOT, stdio: ['ignore', fd, 'ignore'] });
  closeSync(fd);
  const text = readFileSync(target, 'utf8');
  expect(text.split('\n')[0]).toBe('key,origin,h,mean,q0.5,q0.75,q0.9,q0.95,q0.975');
  expect(table(text)).toHaveLength(24);
});

test('--help shows what it can do', async () => {
  const { code, out } = await forecastCli('--help');
  expect(code).toBe(0);
  expect(out).toContain('EXAMPLES');
});
