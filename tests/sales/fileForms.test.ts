// Files as tills, ERPs and spreadsheets write them: numbers, signs, types of lines, totals and days, read rightly or rejected.

import { readArguments } from '../../src/cli/importFlags';
import { importListFile, type ListFile } from '../../src/sales/actions/imports/listFile';
import { startApp, type TestApp } from '../support/app';
import { salesFiles } from './support';

let app: TestApp;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
});
afterEach(() => on.forget());
afterAll(async () => {
  on.end();
  await app.close();
});

/** What became of a file: sums by cell, and why lines were rejected. */
async function sales(lines: readonly string[], told?: Parameters<typeof on.lines>[1]) {
  const run = await on.lines(lines, told);
  const rejects = await on.rejects(run.id);
  return { facts: await on.facts(), rejects, codes: rejects.map((r) => `${r.line} ${r.code}`), run };
}

const CELL = 'paris MUG STORE 2026-11-20';
const row = (units: string, revenue: string) => `2026-11-20;MUG;${units};${revenue}`;
const HEADER = 'day;sku;units;revenue';

test.each<[string, string[], object, [number, number, number] | null]>([
  [
    'a comma by flag: 1.000 is a thousand',
    [row('1.000', '2.500')],
    { decimalComma: true },
    [1000, 0, 250_000],
  ],
  ['a point by flag: 1.000 is one', [row('1.000', '2.500')], { decimalPoint: true }, [1, 0, 250]],
  ['a comma proven by another line', [row('1.000', '10,50'), row('2', '1.000')], {}, [1002, 0, 101_050]],
  ['a point proven by another line', [row('1.000', '10.50'), row('2', '1,000')], {}, [3, 0, 101_050]],
  ['nothing proven', [row('1.000', '5')], {}, null],
  [
    'both proven, so that neither counts',
    [row('1.000', '5'), row('1', '2.50'), row('1', '2,50')],
    {},
    [1, 0, 250],
  ],
  ['no number with a comma', [row('1', '12.50')], { decimalComma: true }, null],
  ['groups as the Swiss and the French write them', [row('1’000', "1'234.50")], {}, [1000, 0, 123_450]],
])('numbers: %s', async (_what, lines, reading, sum) => {
  const { facts, rejects } = await sales([HEADER, ...lines], { reading });
  expect(facts).toEqual(sum === null ? {} : { [CELL]: sum });
  if (sum === null) expect(rejects[0]!.reason).toMatch(/--decimal-|three digits/);
});

test('currency signs are read where they are the file’s own', async () => {
  const lines = [HEADER, row('1', '€ 9,90'), row('1', '9,90 €'), row('1', '$9,90')];
  const { facts, codes } = await sales(lines, { currency: 'EUR' });
  expect(facts).toEqual({ [CELL]: [2, 0, 1980] });
  expect(codes).toEqual(['4 BAD_PRICE']);
});

test('revenue below zero is of what came back, or contradicts the units', async () => {
  const { facts, rejects, codes } = await sales([
    'document,line,day,sku,units,revenue,type',
    '1,1,2026-11-20,MUG,2,19.80,',
    '1,2,2026-11-20,MUG,1,-9.90,',
    '1,3,2026-11-20,MUG,-1,-9.90,',
    '1,4,2026-11-20,MUG,1,-9.90,RETURN',
    '1,5,2026-11-20,MUG,1,-9.90,sale',
    '1,6,2026-11-20,MUG,-1,9.90,Sale',
  ]);
  expect(codes).toEqual(['3 CONTRADICTION', '6 CONTRADICTION', '7 CONTRADICTION']);
  expect(rejects[0]!.reason).toMatch(/revenue is '-9.90', but units is 1/);
  expect(facts).toEqual({ [CELL]: [2, 2, 1980] });
  await on.forget();
  const days = await sales([
    'day,sku,units,returned,revenue',
    '2026-11-20,MUG,2,1,-19.80',
    '2026-11-21,MUG,0,2,-19.80',
    '2026-11-22,MUG,0,0,-19.80',
  ]);
  expect(days.codes).toEqual(['2 CONTRADICTION', '4 CONTRADICTION']);
  expect(days.facts).toEqual({ 'paris MUG STORE 2026-11-21': [0, 2, 0] });
});

test('a column of types: sales, returns and voids in several languages; what it does not know is rejected', async () => {
  const kinds = [
    'SALE',
    'Vente',
    'Verkauf',
    'RETURN',
    'Rückgabe',
    'avoir',
    'VOID',
    'Storno',
    'annulé',
    'CARD',
  ];
  const lines = kinds.map((kind, i) => `1,${i},2026-11-20,MUG,1,${kind}`);
  const { facts, codes, run } = await sales(['document,line,day,sku,units,type', ...lines]);
  expect(facts).toEqual({ [CELL]: [3, 3, 0] });
  expect(codes).toEqual(['8 VOIDED', '9 VOIDED', '10 VOIDED', '11 BAD_TYPE']);
  expect(run.figures).toMatchObject({ soldUnits: 3, backUnits: 3, rawUnits: 0 });
  const other = { map: 'type=-', feed: 'other' };
  expect((await sales(['document,line,day,sku,units,type', lines[9]!], other)).run.accepted).toBe(1);
  const whole = await sales(['day,sku,units,type', '2026-11-22,MUG,2,return', '2026-11-22,MUG,5,sale'], {
    feed: 'days',
  });
  expect(whole.facts).toMatchObject({ 'paris MUG STORE 2026-11-22': [5, 2, 0] });
});

test('lines that add up others are none of their own, also where SKUs are created', async () => {
  const { facts, codes } = await sales(
    [
      'day;sku;units;price',
      '2026-11-20;MUG;2;9,90',
      'Total;;2;19,80',
      ';Summe;2;19,80',
      '2026-11-20;GRAND TOTAL:;2;19,80',
      'Gesamt;;2;19,80',
      ';Sous-total;2;19,80',
      ';TOTAL-OIL;2;19,80',
    ],
    { createSkus: { currency: 'EUR' } },
  );
  expect(codes).toEqual([...[3, 4, 5, 6, 7].map((line) => `${line} TOTAL_LINE`), '8 BAD_DAY']);
  expect(facts).toEqual({ [CELL]: [2, 0, 1980] });
  expect(await app.db.rows("SELECT code FROM sku WHERE code ~* 'total|summe'")).toEqual([]);
});

test.each([
  ['20.11.26', /two digits.*2026/],
  ['11/20/2026 2:30 PM', /AM or PM.*14:30/],
  ['46346', /spreadsheet.*format the column as a date/],
  ['20261120', /write it like 2026-11-28/],
  ['20 Nov 2026', /month’s .*name/],
  ['20/11/2026', /--dates dmy/],
  ['11/20/2026', /--dates mdy/],
  ['', /the day is missing/],
])("the day '%s' is refused with advice", async (day, advice) => {
  const { rejects, codes } = await sales(['day,sku,units', `${day},MUG,1`]);
  expect(codes).toEqual(['2 BAD_DAY']);
  expect(rejects[0]!.reason).toMatch(advice);
});

test('codes that a spreadsheet has shortened are no codes', async () => {
  const { rejects } = await sales(['day,sku,units', '2026-11-20,4.00638E+12,1'], {
    createSkus: { currency: 'EUR' },
  });
  expect(rejects).toMatchObject([
    { code: 'BAD_TEXT', reason: expect.stringMatching(/shortened a long number/) },
  ]);
  expect(await app.db.rows("SELECT code FROM sku WHERE code LIKE '%E+%'")).toEqual([]);
});

async function list(kind: ListFile['kind'], lines: readonly string[], more: Partial<ListFile> = {}) {
  const { run } = await importListFile(
    app.db,
    {
      ...{ kind, path: on.file(lines), feed: 'erp', mapping: new Map(), encoding: null, separator: null },
      ...{ location: null, currency: null, again: false, reread: false },
      ...{ secretKey: app.parts.secretKey, ...more },
    },
    app.parts.clock(),
  );
  const rejects = await on.rejects(run.id);
  return { accepted: run.accepted, rejects: rejects.map((r) => `${r.line} ${r.code}`), reasons: rejects };
}
const price = async (code: string) =>
  (await app.db.rows<{ price: number }>(`SELECT price_minor AS price FROM sku WHERE code = '${code}'`))[0]
    ?.price;

test('every kind of list reads numbers as its file or a flag says', async () => {
  const skus = ['code;name;price;currency', 'FORM-1;One;1.234;EUR'];
  expect((await list('catalogue', skus)).rejects).toEqual(['2 BAD_TEXT']);
  expect(await list('catalogue', skus, { decimalComma: true })).toMatchObject({ accepted: 1 });
  expect(await price('FORM-1')).toBe(123_400);
  await list('catalogue', ['code;name;price;currency', 'FORM-1;One;1.234;EUR', 'FORM-2;Two;9,90 €;EUR']);
  expect([await price('FORM-1'), await price('FORM-2')]).toEqual([123_400, 990]);
  const odd = [
    'code,name,price,currency',
    'FORM-3,Three,12.345,EUR',
    'FORM-4,Four,12.5,JPY',
    'FORM-5,Five,$5.00,EUR',
  ];
  expect((await list('catalogue', [...odd, 'Total,,1,EUR', '4.00638E+12,x,,'])).rejects).toEqual([
    ...['2 BAD_TEXT', '3 BAD_TEXT', '4 BAD_TEXT', '5 TOTAL_LINE', '6 BAD_TEXT'],
  ]);
  const counts = ['location;sku;quantity', 'paris;FORM-1;1.000', 'Summe;;1.000'];
  expect((await list('counts', counts)).rejects).toEqual(['2 BAD_TEXT', '3 TOTAL_LINE']);
  expect((await list('counts', counts, { decimalComma: true })).accepted).toBe(1);
  const [stock] = await app.db.rows(
    `SELECT available AS units FROM stock_level l JOIN sku s ON s.id = l.sku_id WHERE s.code = 'FORM-1' AND available > 0`,
  );
  expect(stock).toEqual({ units: 1000 });
  const place = 'form,Form,SHOP,Form,FR,Europe/Paris';
  expect(
    await list('locations', [
      'code,name,kind,city,country,timeZone,latitude,longitude',
      `${place},48.857,2.352`,
    ]),
  ).toMatchObject({ accepted: 1 });
});

test('a file that was read before the flags were here is still the same file', async () => {
  const lines = ['code,name', 'FORM-1,One'];
  const before = { mapping: {}, encoding: 'utf-8', separator: null, location: null, currency: null };
  await list('catalogue', lines);
  const [run] = await app.db.rows<{ options: object }>(
    'SELECT options FROM import_run ORDER BY id DESC LIMIT 1',
  );
  expect(run!.options).toEqual(before);
  await on.lines(['day,sku,units', '2026-11-20,MUG,1']);
  const [sold] = await app.db.rows<{ options: object }>(
    'SELECT options FROM import_run ORDER BY id DESC LIMIT 1',
  );
  expect(sold!.options).toEqual({
    ...{ location: 'paris', channel: 'STORE', dateOrder: 'ymd', decimalComma: false, minorDigits: 2 },
    ...{ productPattern: null, freeGoods: false, returnPrefix: null, form: 'DAYS', mapping: {} },
    ...{ encoding: 'utf-8', separator: null, createSkus: null },
  });
});

test.each([
  [
    'catalogue f --location paris',
    /--location is for sales and counts; files of catalogue are read without it/,
  ],
  ['locations f --currency EUR', /--currency is for sales and catalogue/],
  ['counts f --dates dmy', /--dates is for sales/],
  ['counts f --create-skus', /--create-skus is for sales/],
  ['sales f --approve', /--approve is for counts/],
  ['catalogue f --reconcile', /--reconcile is for sales/],
  ['counts f --numbers lasting', /--numbers is for sales/],
  ['sales f --decimal-comma --decimal-point', /not both/],
  ['sales f --dates ddmm', /--dates is 'ddmm', not ymd/],
  ['sales f --separators ;', /Unknown option '--separators'/],
])('a flag that would change nothing is refused: %s', (words, reason) => {
  expect(() => readArguments(words.split(' '))).toThrow(reason);
});

test('every kind reads how numbers are written', () => {
  for (const kind of ['sales', 'counts', 'catalogue', 'locations']) {
    for (const flag of ['--decimal-comma', '--decimal-point'])
      expect(readArguments([kind, 'f', flag])).toMatchObject({ kind, values: { [flag.slice(2)]: true } });
  }
  expect(readArguments(['--help'])).toBeNull();
});
