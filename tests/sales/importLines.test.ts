// Sales files in lines: what goes in, what is rejected and why, corrections, late days, and returns matched.

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

const HEADER = 'document,sku,units,day,price,customer';

test('a file goes in; the same file again, under another name or --reread, changes nothing', async () => {
  const lines = [
    HEADER,
    '1,MUG,2,2026-11-20 09:30,9.90,anna',
    '1,MUG,2,2026-11-20 09:30,9.90,anna',
    '1,LAMP,1,2026-11-20 09:30,29.90,anna',
    '2,MUG,5,2026-11-21,9.50,',
  ];
  const run = await on.lines(lines);
  expect(run).toMatchObject({
    before: false,
    status: 'DONE',
    recordsRead: 4,
    accepted: 4,
    changed: 4,
    rejected: 0,
    firstDay: '2026-11-20',
    lastDay: '2026-11-21',
  });
  const facts = await on.facts('till');
  // A line that stands twice in a document was sold twice.
  expect(facts).toEqual({
    'paris LAMP STORE 2026-11-20': [1, 0, 2990],
    'paris MUG STORE 2026-11-20': [4, 0, 3960],
    'paris MUG STORE 2026-11-21': [5, 0, 4750],
  });
  expect(await on.lines(lines)).toMatchObject({ before: true, id: run.id });
  const again = await on.lines(lines, { reread: true });
  expect(again).toMatchObject({ before: false, accepted: 4, changed: 0, unchanged: 4 });
  expect(await on.facts('till')).toEqual(facts);
  const [feed] = await app.db.rows('SELECT form, last_day, lines_done FROM sales_feed WHERE name = $1', [
    'till',
  ]);
  expect(feed).toEqual({ form: 'LINES', last_day: '2026-11-21', lines_done: 5 });
});

test('every bad line is rejected with its number and its reason, and the rest goes in', async () => {
  const bad: [string, string, RegExp][] = [
    ['1,MUG,2,2026-11-20', 'WRONG_COLUMNS', /4 columns, the header 6/],
    ['1,MUG,2,2026-11-20,9.90,anna,more', 'WRONG_COLUMNS', /7 columns/],
    ['1,"MUG,2,2026-11-20,9.90,x', 'OPEN_QUOTE', /never closed/],
    [`1,MUG,2,2026-11-20,9.90,${'x'.repeat(70_000)}`, 'TOO_LONG', /too long/],
    ['1,,2,2026-11-20,9.90,', 'MISSING_VALUE', /SKU is missing/],
    [',MUG,2,2026-11-20,9.90,', 'MISSING_VALUE', /document is missing/],
    [`1,${'M'.repeat(201)},2,2026-11-20,9.90,`, 'BAD_TEXT', /at most 200/],
    ['1,MUG,NaN,2026-11-20,9.90,', 'BAD_UNITS', /'NaN', not a whole number/],
    ['1,MUG,1.5,2026-11-20,9.90,', 'BAD_UNITS', /'1.5'/],
    ['1,MUG,0,2026-11-20,9.90,', 'BAD_UNITS', /units is 0/],
    ['1,MUG,1000001,2026-11-20,9.90,', 'BAD_UNITS', /at most 1000000/],
    ['C1,MUG,2,2026-11-20,9.90,', 'CONTRADICTION', /is a return/],
    ['1,POST,2,2026-11-20,9.90,', 'NOT_A_PRODUCT', /'POST'/],
    ['1,MUG,-2,2026-11-20,0,', 'STOCK_CORRECTION', /written off/],
    ['1,MUG,2,2026-11-20,0.00,anna', 'ZERO_PRICE', /zero/],
    ['1,MUG,2,2026-11-20,-1,', 'BAD_PRICE', /'-1'/],
    ['1,MUG,2,2026-11-20,NaN,', 'BAD_PRICE', /'NaN'/],
    ['1,MUG,2,20.11.2026x,9.90,', 'BAD_DAY', /read as ymd/],
    ['1,MUG,2,2026-02-30,9.90,', 'BAD_DAY', /2026-02-30/],
    ['1,MUG,2,1889-01-01,9.90,', 'BAD_DAY', /before 1990/],
    ['1,MUG,2,2026-11-26,9.90,', 'FUTURE_DAY', /today is 2026-11-25/],
    ['1,VASE,2,2026-11-20,9.90,', 'UNKNOWN_SKU', /no SKU 'VASE'/],
  ];
  const good = '9,MUG,1,2026-11-25,9.90,';
  const lines = [HEADER, ...bad.flatMap(([line], i) => (i === 10 ? [line, '', good] : [line]))];
  const run = await on.lines(lines, { reading: { returnPrefix: 'C', productPattern: /^(?!POST)/ } });
  expect(run).toMatchObject({ recordsRead: bad.length + 1, accepted: 1, rejected: bad.length });
  const rejects = await on.rejects(run.id);
  expect(rejects.map((r) => r.code)).toEqual(bad.map(([, code]) => code));
  expect(rejects.map((r) => r.line)).toEqual(bad.map((_, i) => i + 2 + (i > 10 ? 2 : 0)));
  bad.forEach(([, , reason], i) => {
    expect(rejects[i]!.reason).toMatch(reason);
  });
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-25': [1, 0, 990] });
});

test('unknown locations and channels are rejected, known ones go in', async () => {
  const run = await on.lines(
    [
      'line,location,channel,sku,units,day',
      'a,lyon,ONLINE,MUG,1,2026-11-20',
      'b,atlantis,,MUG,1,2026-11-20',
      'c,lyon,web shop,MUG,1,2026-11-20',
      'd,,,MUG,2,2026-11-20',
    ],
    { reading: { location: null } },
  );
  expect((await on.rejects(run.id)).map((r) => [r.line, r.code])).toEqual([
    [3, 'UNKNOWN_LOCATION'],
    [4, 'BAD_CHANNEL'],
    [5, 'MISSING_VALUE'],
  ]);
  expect(await on.facts()).toEqual({ 'lyon MUG ONLINE 2026-11-20': [1, 0, 0] });
});

test('foreign headers, another separator, decimal comma, day first, Latin-1, a mark at the file’s start', async () => {
  const text = '\uFEFFBon;Artikel;Menge;Datum;Preis;Größe\r\n7;MUG;3;21.11.2026 23:59;1.009,50;groß\r\n';
  const path = on.file(Buffer.from(text.slice(1), 'latin1'));
  const told = {
    map: 'Bon=document,Artikel=sku,Menge=units,Datum=day,Preis=price,Größe=name',
    encoding: 'latin1',
    reading: { dateOrder: 'dmy', decimalComma: true },
  } as const;
  await on.read(path, told);
  await on.read(on.file(Buffer.from(text)), { ...told, encoding: 'utf-8', feed: 'other' });
  for (const feed of ['till', 'other']) {
    expect(await on.facts(feed)).toEqual({ 'paris MUG STORE 2026-11-21': [3, 0, 302850] });
  }
});

test('instants with a zone fall on the location’s own day', async () => {
  await on.lines([
    'line,sku,units,day',
    '1,MUG,1,2026-11-20T22:59:00Z',
    '2,MUG,2,2026-11-20T23:00:00Z',
    '3,MUG,4,2026-11-21T05:30:00+05:30',
  ]);
  expect(await on.facts()).toEqual({
    'paris MUG STORE 2026-11-20': [1, 0, 0],
    'paris MUG STORE 2026-11-21': [6, 0, 0],
  });
});

test('where numbers last, a later file corrects lines: units, day, SKU; lines it does not have stay', async () => {
  const header = 'document,line,sku,units,day,price';
  await on.lines([header, '1,1,MUG,2,2026-11-20,10', '1,2,LAMP,1,2026-11-20,30', '2,1,MUG,3,2026-11-21,10']);
  const run = await on.lines(
    [header, '1,1,MUG,5,2026-11-19,10', '1,2,SOCK-M,1,2026-11-20,12', '3,1,MUG,1,2012-05-01,8'],
    { numbers: 'LASTING' },
  );
  expect(run).toMatchObject({ accepted: 3, changed: 3, created: 1, corrected: 2 });
  expect(await on.facts()).toEqual({
    'paris MUG STORE 2012-05-01': [1, 0, 800],
    'paris MUG STORE 2026-11-19': [5, 0, 5000],
    'paris MUG STORE 2026-11-21': [3, 0, 3000],
    'paris SOCK-M STORE 2026-11-20': [1, 0, 1200],
  });
  const [year] = await app.db.rows('SELECT count(*) AS rows FROM daily_sales_2012');
  expect(year).toEqual({ rows: 1 });
});

test('returns: same-day ones cancel, later ones are matched to the latest purchase, others stay unmatched', async () => {
  const run = await on.lines(
    [
      HEADER,
      '1,MUG,5,2026-11-01 10:00,10,anna',
      '2,MUG,3,2026-11-10 10:00,12,anna',
      'C3,MUG,-1,2026-11-10 11:00,12,anna',
      'C4,MUG,-4,2026-11-15 10:00,12,anna',
      'C5,MUG,-2,2026-11-16 10:00,12,bob',
      'C6,MUG,-1,2026-11-16 10:00,12,',
      'C7,MUG,-9,2026-11-18 10:00,12,anna',
    ],
    { reading: { returnPrefix: 'C' } },
  );
  expect(run.rejected).toBe(0);
  expect(await on.facts()).toEqual({
    'paris MUG STORE 2026-11-01': [5, 0, 5000],
    'paris MUG STORE 2026-11-10': [2, 0, 2400],
    'paris MUG STORE 2026-11-15': [0, 4, 0],
    'paris MUG STORE 2026-11-16': [0, 3, 0],
    'paris MUG STORE 2026-11-18': [0, 9, 0],
  });
  const event = (saleDay: string | null, returnDay: string, units: number) => ({
    sku: 'MUG',
    saleDay,
    returnDay,
    units,
    disposition: null,
  });
  expect(await on.events()).toEqual([
    event('2026-11-01', '2026-11-15', 2),
    event('2026-11-10', '2026-11-15', 2),
    event(null, '2026-11-16', 1),
    event(null, '2026-11-16', 2),
    event('2026-11-01', '2026-11-18', 3),
    event(null, '2026-11-18', 6),
  ]);
});

test('a purchase that comes late, and one corrected under its cancellation, are matched anew', async () => {
  const header = 'document,line,sku,units,day,price,customer';
  await on.lines([
    header,
    'R,1,MUG,-2,2026-11-15,10,anna',
    'B,1,MUG,10,2026-11-10,10,bob',
    'B,2,MUG,-10,2026-11-10,10,bob',
  ]);
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-15': [0, 2, 0] });
  await on.lines([header, 'P,1,MUG,3,2026-11-14,10,anna', 'B,1,MUG,6,2026-11-10,10,bob']);
  expect(await on.facts()).toEqual({
    'paris MUG STORE 2026-11-10': [0, 4, 0],
    'paris MUG STORE 2026-11-14': [3, 0, 3000],
    'paris MUG STORE 2026-11-15': [0, 2, 0],
  });
  expect(await on.events()).toMatchObject([
    { saleDay: null, returnDay: '2026-11-10', units: 4 },
    { saleDay: '2026-11-14', returnDay: '2026-11-15', units: 2 },
  ]);
  // The return itself is taken back: it was a sale.
  await on.lines([header, 'R,1,MUG,2,2026-11-15,10,anna']);
  expect((await on.facts())['paris MUG STORE 2026-11-15']).toEqual([2, 0, 2000]);
  expect(await on.events()).toHaveLength(1);
});

test('a feed in days: a line states a day, its lines in one file add up, and it is replaced by a later file', async () => {
  const header = 'day,sku,units,returned,revenue';
  const run = await on.lines([
    header,
    '2026-11-20,MUG,2,1,20.00',
    '2026-11-20,MUG,3,0,30',
    '2026-11-20,LAMP,-1,0,5',
  ]);
  expect(run).toMatchObject({ accepted: 2, rejected: 1 });
  expect((await on.rejects(run.id))[0]).toMatchObject({ line: 4, code: 'NEGATIVE' });
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-20': [5, 1, 5000] });
  await on.lines([header, '2026-11-20,MUG,4,0,40.00']);
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-20': [4, 0, 4000] });
  await expect(on.lines([HEADER, '1,MUG,1,2026-11-20,1,'])).rejects.toThrow('states days');
  // Another feed adds to it.
  await on.lines([HEADER, '1,MUG,1,2026-11-20,1,'], { feed: 'web' });
  expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-20': [5, 0, 4100] });
});

test('unknown SKUs are created when asked, with name and price', async () => {
  await on.lines(
    [
      'document,sku,units,day,price,name',
      '1,V-1,2,2026-11-20,5.25,"Vase, blue"',
      '1,V 2,2,2026-11-20,5.25,x',
    ],
    { createSkus: { currency: 'EUR' } },
  );
  const skus = await app.db.rows("SELECT name, price_minor, currency FROM sku WHERE code = 'V-1'");
  expect(skus).toEqual([{ name: 'Vase, blue', price_minor: 525, currency: 'EUR' }]);
  expect(await on.facts()).toEqual({ 'paris V-1 STORE 2026-11-20': [2, 0, 1050] });
});
