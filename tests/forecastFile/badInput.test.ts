// What is wrong with a file or a flag is said in a sentence, and nothing is left behind; bad histories get forecasts.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { program } from '../../src/cli/forecastFile/program';
import { OperatorError } from '../../src/refusals';
import { folder, forecastCli, forecastOf, made, table, wide, write } from './files';

const sales = write('good.csv', wide(made(4, 60)));
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const absent = path.join(folder, 'absent.csv');
const gz = gzipSync(wide(made(4, 60)));

test.each<[string, string[], RegExp]>([
  ['no file named', [], /Which file\?/],
  ['two files', [sales, sales], /One file at a time/],
  ['no such file', [absent], /There is no file .*absent\.csv/],
  ['a folder', [folder], /is a folder/],
  ['empty', [write('empty.csv', '')], /is empty/],
  ['a header only', [write('header.csv', 'key,d_1,d_2\n')], /a header and no series/],
  ['not gzip', [write('not.csv.gz', wide(made(2, 10)))], /is not gzip data/],
  [
    'gzip cut off',
    [write('half.csv.gz', gz.subarray(0, gz.length - 20))],
    /ends in the middle of its gzip data/,
  ],
  ['not text', [write('bytes.csv', Buffer.from([1, 0, 2, 0, 3]))], /is not a text file/],
  ['a quote that never ends', [write('quote.csv', 'key,d_1,d_2\n"A,1,2\n')], /not well-formed CSV/],
  [
    'no key column',
    [write('nokey.csv', 'name,d_1,d_2\nA,1,2\n')],
    /no key column named key, id, sku.*--key NAME/,
  ],
  ['--key of no column', [sales, '--key', 'ean'], /no key column 'ean'/],
  ['an empty key', [write('emptykey.csv', 'key,d_1,d_2\n,1,2\n')], /line 2: the key is empty/],
  [
    'a key twice',
    [write('twice.csv', 'key,d_1,d_2\nA,1,2\nB,1,2\nA,3,4\n')],
    /line 4: the key A occurs twice/,
  ],
  ['too few columns', [write('few.csv', 'key,d_1\nA,1\n')], /1 period columns; at least 2/],
  ['a long file', [write('long.csv', 'key,date,units\nA,2024-01-01,3\n')], /0 period columns.*wide file/],
  ['a period twice', [write('same.csv', 'key,d_1,d_01\nA,1,2\n')], /d_1 and d_01 are the same period/],
  ['periods from 0', [write('zero.csv', 'key,d_0,d_1\nA,1,2\n')], /counted from 1/],
  ['a row too long', [write('wide.csv', 'key,d_1,d_2\nA,1,2,3\n')], /line 2: 4 cells, but the header has 3/],
  ['an origin beyond', [sales, '--origins', '61'], /61 is beyond the data: the last column is d_60/],
  ['an origin before', [sales, '--origins', '0'], /--origins 0 is before the data/],
  ['an origin that is none', [sales, '--origins', 'yesterday'], /--origins is 'yesterday'/],
  ['a date without a first day', [sales, '--origins', '2024-01-31'], /not known when the first column was/],
  ['a first day that is none', [sales, '--first-day', '2024-02-31'], /--first-day is '2024-02-31'/],
  ['a horizon of 0', [sales, '--horizon', '0'], /--horizon is '0'; it must be a whole number from 1 to 400/],
  ['a horizon too long', [sales, '--horizon', '401'], /--horizon is '401'/],
  [
    'sums beyond the horizon',
    [sales, '--horizon', '7', '--sums', '14'],
    /--sums 14 is more than the horizon of 7/,
  ],
  ['a list with a hole', [sales, '--sums', '7,,14'], /--sums is '7,,14'/],
  ['--sums-out without --sums', [sales, '--sums-out', 'x'], /--sums-out needs --sums/],
  ['an unknown period', [sales, '--period', 'year'], /--period is 'year'; it must be day, week or month/],
  ['an unknown flag', [sales, '--horizons', '3'], /Unknown option '--horizons'\. All flags: --help/],
  ['no calendar', [sales, '--calendar', absent], /There is no file/],
  ['a calendar without dates', [sales, '--calendar', sales], /has no column date/],
  [
    'a calendar with no date',
    [sales, '--calendar', write('c1.csv', 'date,name\n31.12.2024,Eve\n')],
    /date is '31\.12\.2024'/,
  ],
  [
    'a calendar, and no first day',
    [sales, '--calendar', write('c2.csv', 'date,name\n2024-12-31,Eve\n')],
    /give it with --first-day/,
  ],
  [
    'two first days',
    [sales, '--calendar', write('c3.csv', 'date,d\n2024-12-31,d_1\n'), '--first-day', '2024-12-30'],
    /2024-12-30 by --first-day, but 2024-12-31 by the calendar/,
  ],
  [
    'prices without a price',
    [sales, '--prices', write('p1.csv', 'key,from\nA,1\n')],
    /no column price or sell_price/,
  ],
  [
    'a price that is none',
    [sales, '--prices', write('p2.csv', 'key,from,price\nA,1,free\n')],
    /line 2: the price is 'free'/,
  ],
  [
    'a week of no calendar',
    [sales, '--prices', write('p3.csv', 'key,from_wm_yr_wk,price\nA,11101,2\n')],
    /week 11101 is not in the calendar/,
  ],
  [
    'learning from other periods',
    [
      sales,
      '--learn-from',
      write(
        'l.csv',
        wide(made(3, 20), (t) => `w_${t + 1}`),
      ),
    ],
    /is by week and .*good\.csv by day/,
  ],
  ['packed without an index', [write('lonely.u8.br', 'x')], /needs its index beside it/],
  ['levels without lead times', [sales, '--order-up-to', '--fill-rate', '0.9'], /needs --lead-times/],
  [
    'levels without a target',
    [sales, '--order-up-to', '--lead-times', '2'],
    /either --cycle-service or --fill-rate/,
  ],
  [
    'a target of 95',
    [sales, '--order-up-to', '--lead-times', '2', '--fill-rate', '95'],
    /--fill-rate is '95'; it must lie between 0 and 1/,
  ],
  [
    'levels from origins',
    [sales, '--order-up-to', '--lead-times', '2', '--fill-rate', '0.9', '--origins', '50'],
    /leave out --origins/,
  ],
  [
    'a flag of levels alone',
    [sales, '--lead-times', '2'],
    /--lead-times has a meaning only with --order-up-to/,
  ],
  ...(
    [
      [
        'quarters',
        'key,2024-Q1,2024-Q2',
        /the column 2024-Q1 is a quarter; periods are days, weeks or months/,
      ],
      ['quarters the other way', 'key,Q1 2024,Q2 2024', /Q1 2024 is a quarter/],
      ['years', 'key,2021,2022,2023', /2021 is a year/],
      ['half years', 'key,2024-H1,2024-H2', /half a year/],
      [
        'dates with slashes',
        'key,01/02/2024,02/02/2024',
        /can be read in two ways; write it like 2024-01-31/,
      ],
      ['days of a month', 'key,24-Jan,25-Jan', /month’s name/],
      ['a month that is none', 'key,2024-12,2024-13', /2024-13 is no month or date/],
      ['a week that is none', 'key,2023-W52,2023-W53', /2023-W53 is no week of that year/],
      ['moments', 'key,2024-01-31 08:00,2024-02-01 08:00', /a moment, not a day/],
      ['weeks and months', 'key,2024-W05,2024-03', /columns of weeks \(2024-W05\) and of months \(2024-03\)/],
      ['months and dates', 'key,2024-01,2024-01-31', /columns of months .* and of dates/],
      [
        'two ways of numbering',
        'key,s23_1,s23_2,s24_1,s24_2',
        /numbers its periods in two ways: s23_1 and s24_1/,
      ],
      ['a month twice', 'key,2024-01,Jan-24', /2024-01 and Jan-24 are the same period/],
      ['two columns of one name', 'key,shop,shop,d_1,d_2', /two columns named shop/],
    ] as const
  ).map(([what, header, message], i): [string, string[], RegExp] => [
    what,
    [write(`header-${i}.csv`, `${header}\n${header.replace(/[^,]+/g, '1')}\n`)],
    message,
  ]),
  [
    'months by day',
    [write('by.csv', 'key,2024-01,2024-02\nA,1,2\n'), '--period', 'day'],
    /columns of months \(2024-01\), so that --period day cannot be/,
  ],
  [
    'numbers that can be two',
    [write('n1.csv', 'key,d_1,d_2\nA,1.000,2\n')],
    /line 2, d_1: the units '1\.000' can mean 1000 or 1\.000; .*--decimal-point or --decimal-comma/,
  ],
  [
    'numbers of two kinds',
    [write('n2.csv', 'key;d_1;d_2\nA;1,5;2.5\n')],
    /'1,5' is a number with a decimal comma; .*--decimal-comma/,
  ],
  [
    'no number with the flag',
    [write('n3.csv', 'key;d_1;d_2\nA;12.50;2\n'), '--decimal-comma'],
    /'12\.50' is no number with a decimal comma/,
  ],
  ['both flags', [sales, '--decimal-comma', '--decimal-point'], /not both/],
  [
    'a price that can be two',
    [sales, '--prices', write('p4.csv', 'key,from,price\nA,1,1.234\n')],
    /the price '1\.234' can mean 1234 or 1\.234/,
  ],
  ['returns of one file', ['--returns', sales], /--returns needs two files/],
  ['returns of series', ['--returns', sales, sales], /no column week; it has key, dept/],
])('%s', async (_, args, message) => {
  const said: string[] = [];
  const failed = await program(args, (text) => said.push(text)).then(
    () => null,
    (error) => error,
  );
  expect(failed).toBeInstanceOf(OperatorError);
  expect(failed.message).toMatch(message);
});

test('a problem is said on standard error without a stack, and the program ends with 1', async () => {
  expect(await forecastCli(absent)).toEqual({
    code: 1,
    out: '',
    err: `There is no file ${absent}.
`,
  });
});

test('a failed run leaves the file of an earlier one as it was', async () => {
  const target = write('kept.csv', 'earlier\n');
  const bad = write('late.csv', 'key,d_1,d_2\nA,1,2\nA,1,2\n');
  expect((await forecastCli(bad, '--out', target)).code).toBe(1);
  expect(readFileSync(target, 'utf8')).toBe('earlier\n');
  expect(existsSync(`${target}.part`)).toBe(false);
  const nowhere = await forecastCli(sales, '--out', path.join(folder, 'no', 'where.csv'));
  expect(nowhere).toMatchObject({
    code: 1,
    err: expect.stringMatching(/where\.csv cannot be written: ENOENT/),
  });
});

const DAYS = 120;
const steady = (t: number): number => [6, 5, 3, 4, 4, 5, 7][t % 7]!;
const of = (cell: (t: number) => number | string): (number | string)[] =>
  Array.from({ length: DAYS }, (_, t) => cell(t));

/** Every strange history of one file, with what its forecast may be: units a day. */
const HISTORIES: [string, (number | string)[], [number, number]][] = [
  ['steady', of(steady), [4, 6]],
  ['empty', of(() => ''), [0, 5]],
  ['one day', of((t) => (t === DAYS - 1 ? 3 : '')), [0, 6]],
  ['all zeros', of(() => 0), [0, 0.1]],
  ['huge outlier', of((t) => (t === 60 ? 1_000_000 : steady(t))), [3, 10]],
  ['outlier yesterday', of((t) => (t === DAYS - 1 ? 1_000_000 : steady(t))), [3, 15]],
  ['negative', of((t) => (t % 9 === 0 ? -5 : steady(t))), [2.5, 6]],
  ['all negative', of(() => -3), [0, 0.1]],
  ['gaps', of((t) => (t % 3 === 0 ? '' : steady(t))), [3.5, 6.5]],
  ['words', of((t) => (t % 10 === 0 ? 'n.a. yet' : steady(t))), [3.5, 6.5]],
  ['NaN', of((t) => (t % 10 === 0 ? 'NaN' : steady(t))), [3.5, 6.5]],
  ['infinite', of((t) => (t % 10 === 0 ? '1e999' : steady(t))), [3.5, 6.5]],
  ['code left', of((t) => (t < 70 ? steady(t) : 0)), [0, 1.5]],
  ['code came', of((t) => (t < 70 ? '' : steady(t))), [3.5, 6.5]],
  ['closed and known', of((t) => (t < 70 ? steady(t) : '')), [0, 6.5]],
];

test('bad histories: each gets a forecast that is finite, ordered and sensible', async () => {
  const series = HISTORIES.map(([key, values]) => ({ key, values }));
  const { code, out, err } = await forecastCli(write('histories.csv', wide(series)), '--horizon', '14');
  expect({ code, err }).toMatchObject({ code: 0 });
  expect(err).toMatch(/24 cells that are no number count as not known \(first: line 11, d_1: 'n\.a\. yet'\)/);
  expect(err).toMatch(/134 negative cells count as nothing sold \(first: line 8, d_1: -5\)/);
  expect(err).toMatch(/empty cells count as not known/);
  const rows = table(out);
  for (const [key, , [low, high]] of HISTORIES) {
    const own = rows.filter((row) => row.key === key);
    expect(own).toHaveLength(14);
    const mean = own.reduce((sum, row) => sum + Number(row.mean), 0) / 14;
    const far = Math.max(...own.map((row) => Number(row['q0.975'])));
    expect({ key, sensible: mean >= low && mean <= high, mean }).toMatchObject({ key, sensible: true });
    expect({ key, far: far <= 30 + 12 * high, most: far }).toMatchObject({ key, far: true });
  }
});

test('ten years of days, and two days of it', async () => {
  const [long] = made(1, 3650, 9);
  const short = { key: 'two', values: [...Array(3648).fill(''), 4, 6] };
  const rows = table(await forecastOf(write('years.csv', wide([long!, short])), '--horizon', '7'));
  expect(rows).toHaveLength(14);
  expect(rows.every(({ mean }) => Number(mean) > 0 && Number(mean) < 20)).toBe(true);
});

test('one series of two days alone, and a file of nothing but unknown cells', async () => {
  expect(table(await forecastOf(write('alone.csv', 'key,d_1,d_2\nA,1,2\n')))).toHaveLength(28);
  const nothing = table(await forecastOf(write('nothing.csv', 'key,d_1,d_2\nA,,\nB,,\n')));
  expect(nothing).toHaveLength(56);
  expect(nothing.every(({ mean }) => Number(mean) >= 0 && Number.isFinite(Number(mean)))).toBe(true);
});

test.each([
  [
    'months',
    (t: number) => `${2022 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, '0')}`,
    '2023-12',
  ],
  ['months the other way', (t: number) => `${(t % 12) + 1}/${2022 + Math.floor(t / 12)}`, '12/2023'],
  ['months in letters', (t: number) => `${MONTHS[t % 12]}-${22 + Math.floor(t / 12)}`, 'Dec-23'],
  ['ISO weeks', (t: number) => `2024-W${String(t + 1).padStart(2, '0')}`, '2024-W24'],
])(
  'all columns of %s are read, and origins are named alike',
  async (_, name, last) => {
    const series = made(3, 24, 5);
    const numbered = write(
      'm.csv',
      wide(series, (t) => `${last.includes('W') ? 'w' : 'm'}_${t + 1}`),
    );
    const first = last.includes('W') ? '2024-01-01' : '2022-01-01';
    const file = write('named.csv', wide(series, name));
    const expected = table(await forecastOf(numbered, '--first-day', first, '--horizon', '2'));
    expect(expected).toHaveLength(6);
    expect(table(await forecastOf(file, '--horizon', '2'))).toEqual(expected);
    const named = table(await forecastOf(file, '--horizon', '2', '--origins', last));
    expect(named).toEqual(expected.map((line) => ({ ...line, origin: last })));
  },
  60_000,
);

test('numbers are read as the file shows, and keys that are formulas are guarded', async () => {
  const series = made(2, 30, 5);
  const plain = write('plain.csv', wide(series));
  const thousand = series.map(({ key, values }) => ({
    key,
    values: values.map((v, t) => (t === 3 ? 1000 : t === 5 ? 0.5 : v)),
  }));
  const point = write('thousand.csv', wide(thousand));
  const comma = wide(thousand).replaceAll(',', ';').replaceAll(';1000;', ';1.000;').replaceAll('0.5', '0,5');
  const expected = await forecastOf(point, '--horizon', '2');
  expect(await forecastOf(write('comma.csv', comma), '--horizon', '2')).toBe(expected);
  expect(await forecastOf(plain, '--horizon', '2')).not.toBe(expected);
  const bad = write('formula.csv', wide(series).replace('SKU-0', '=1+1').replace('SKU-1', '-5'));
  const out = await forecastOf(bad, '--horizon', '1');
  expect(
    out
      .split('\n')
      .slice(1, 3)
      .map((line) => line.split(',')[0]),
  ).toEqual(["'=1+1", "'-5"]);
}, 60_000);
