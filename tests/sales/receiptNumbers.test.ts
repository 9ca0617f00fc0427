// Which line of which receipt a line states: numbers that begin anew every day, at every location and till; corrections,
// duplicates and contradictions, from files and from importSales alike.

import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { salesFiles, type Told } from './support';

let app: TestApp;
let feed: string;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED', 'till-feed');
});
afterEach(() => on.forget());
afterAll(async () => {
  on.end();
  await app.close();
});

const HEADER = 'document,line,sku,units,day,price';
const COUNTS = 'accepted created corrected replaced unchanged merged repeatedNumbers';
const IMPORT = `mutation ($input: ImportSalesInput!) { importSales(input: $input) { __typename
  ... on Refusal { message } ... on ImportSalesSuccess { ${COUNTS} rejects { line code reason }
    run { number records accepted rejected created corrected replaced unchanged merged } } } }` as const;

type Line = Record<string, unknown>;
async function send(lines: Line[], more: object = {}) {
  const full = lines.map((l) => ({ sku: 'MUG', location: 'paris', ...l }));
  const input = { idempotencyKey: freshKey(), feed: 'till', lines: full, ...more };
  const { data, errors } = await app.gql(feed, IMPORT, { input });
  return data?.importSales ?? errors?.[0];
}

describe('numbers that begin anew', () => {
  test('receipt 1 of the second day does not replace receipt 1 of the first', async () => {
    await on.lines([HEADER, '1,1,MUG,2,2026-11-20,10', '2,1,LAMP,1,2026-11-20,30']);
    const run = await on.lines([HEADER, '1,1,MUG,3,2026-11-21,10', '2,1,MUG,1,2026-11-21,10']);
    expect(run).toMatchObject({ created: 2, corrected: 0, unchanged: 0 });
    expect(run.figures).toMatchObject({ repeatedNumbers: 2 });
    expect(await on.facts()).toEqual({
      'paris LAMP STORE 2026-11-20': [1, 0, 3000],
      'paris MUG STORE 2026-11-20': [2, 0, 2000],
      'paris MUG STORE 2026-11-21': [4, 0, 4000],
    });
  });

  test('in one file of many days and locations, with line numbers and without', async () => {
    const days = ['2026-11-18', '2026-11-19', '2026-11-20'];
    const rows = days.flatMap((day) => ['paris', 'lyon'].map((place) => `1,MUG,1,${day} 09:00,10,${place}`));
    const without = await on.lines(['document,sku,units,day,price,location', ...rows]);
    expect(without).toMatchObject({ accepted: 6, created: 6, merged: 0, rejected: 0 });
    const numbered = rows.map((row) => `7,${row}`);
    await on.lines(['line,document,sku,units,day,price,location', ...numbered], { feed: 'web' });
    const all = days.flatMap((day) => ['lyon', 'paris'].map((place) => `${place} MUG STORE ${day}`));
    expect(await on.facts('till')).toEqual(Object.fromEntries(all.map((cell) => [cell, [1, 0, 1000]])));
    expect(await on.facts('web')).toEqual(await on.facts('till'));
  });

  test('a correction of the same day corrects, at another time too; the same file again changes nothing', async () => {
    const lines = [HEADER, '1,1,MUG,2,2026-11-20 09:00,10', '1,1,MUG,2,2026-11-21 09:00,10'];
    await on.lines(lines);
    const run = await on.lines([HEADER, '1,1,MUG,5,2026-11-20 18:30,10']);
    expect(run).toMatchObject({ created: 0, corrected: 1, unchanged: 0 });
    expect(await on.facts()).toEqual({
      'paris MUG STORE 2026-11-20': [5, 0, 5000],
      'paris MUG STORE 2026-11-21': [2, 0, 2000],
    });
    expect(await on.lines(lines, { reread: true })).toMatchObject({ created: 0, corrected: 1, unchanged: 1 });
  });

  test('a receipt over midnight is two days, and stays so', async () => {
    const lines = ['document,sku,units,day', '9,MUG,1,2026-11-20 23:59', '9,MUG,2,2026-11-21 00:01'];
    for (const reread of [false, true]) await on.lines(lines, { reread });
    expect(await on.facts()).toEqual({
      'paris MUG STORE 2026-11-20': [1, 0, 0],
      'paris MUG STORE 2026-11-21': [2, 0, 0],
    });
  });

  test('two tills of a location that number alike are distinguished by the column till', async () => {
    const lines = ['till,document,line,sku,units,day', 'A,1,1,MUG,1,2026-11-20', 'B,1,1,LAMP,2,2026-11-20'];
    expect(await on.lines(lines)).toMatchObject({ created: 2, rejected: 0 });
    const day = { document: '1', line: '1', day: '2026-11-20' };
    const answer = await send([
      { ...day, till: 'A', units: 1 },
      { ...day, till: 'C', units: 4 },
    ]);
    expect(answer).toMatchObject({ unchanged: 1, created: 1, rejects: [] });
    expect(await on.facts()).toMatchObject({ 'paris MUG STORE 2026-11-20': [5, 0, 0] });
  });

  test('returns of receipts that repeat their numbers are each matched, and corrected on their own', async () => {
    const header = `${HEADER},customer` as const;
    const lines = [
      header,
      '1,1,MUG,5,2026-11-18,10,anna',
      '2,1,MUG,-1,2026-11-19,10,anna',
      '2,1,MUG,-2,2026-11-20,10,anna',
      '2,1,MUG,-1,2026-11-21,10,',
    ];
    for (const reread of [false, true]) await on.lines(lines, { reread });
    expect((await on.events()).map((e) => [e.returnDay, e.saleDay, e.units])).toEqual([
      ['2026-11-19', '2026-11-18', 1],
      ['2026-11-20', '2026-11-18', 2],
      ['2026-11-21', null, 1],
    ]);
    await on.lines([header, '2,1,MUG,-4,2026-11-20,10,anna']);
    expect((await on.events()).map((e) => [e.returnDay, e.saleDay, e.units])).toEqual([
      ['2026-11-19', '2026-11-18', 1],
      ['2026-11-20', '2026-11-18', 4],
      ['2026-11-21', null, 1],
    ]);
  });

  test('lasting numbers: a line that comes with another day or location moves, from files and from importSales', async () => {
    const told: Told = { numbers: 'LASTING', map: '' };
    const header = `${HEADER},location` as const;
    await on.lines([header, '1,1,MUG,-2,2026-11-20,10,paris', '1,2,LAMP,1,2026-11-20,30,paris'], told);
    const run = await on.lines(
      [header, '1,1,MUG,-2,2026-11-21,10,lyon', '1,2,LAMP,1,2026-11-20,30,paris'],
      told,
    );
    expect(run).toMatchObject({ created: 0, corrected: 1, unchanged: 1 });
    expect(run.figures.repeatedNumbers).toBeUndefined();
    const moved = { document: '1', line: '2', sku: 'LAMP', units: 3, day: '2026-11-22' };
    expect(await send([moved], { numbers: 'LASTING' })).toMatchObject({ corrected: 1 });
    expect(await on.facts()).toEqual({
      'lyon MUG STORE 2026-11-21': [0, 2, 0],
      'paris LAMP STORE 2026-11-22': [3, 0, 0],
    });
    expect((await on.events()).map((e) => [e.returnDay, e.units])).toEqual([['2026-11-21', 2]]);
  });
});

describe('one line of a receipt twice in a file', () => {
  const lines = [
    HEADER,
    '1,1,MUG,2,2026-11-20,10',
    '1,2,LAMP,1,2026-11-20,30',
    '1,2,MUG,4,2026-11-20,10',
    '1,3,MUG,1,2026-11-20,10',
    '1,3,MUG,1,2026-11-20,10',
  ];

  test('with other words: none goes in, each is rejected with its text; in the same words: once', async () => {
    const run = await on.lines(lines);
    expect(run).toMatchObject({ recordsRead: 5, accepted: 3, created: 2, merged: 1, rejected: 2 });
    expect(await on.rejects(run.id)).toEqual([
      {
        line: 3,
        code: 'CONTRADICTION',
        reason: expect.stringMatching(/line '2' of receipt '1'.*lines 3 to 4/),
      },
      { line: 4, code: 'CONTRADICTION', reason: expect.stringContaining('column of the till') },
    ]);
    const raw = await app.db.rows('SELECT raw, units FROM import_reject WHERE run_id = $1 ORDER BY line', [
      run.id,
    ]);
    expect(raw).toEqual([
      { raw: '1,2,LAMP,1,2026-11-20,30', units: 1 },
      { raw: '1,2,MUG,4,2026-11-20,10', units: 4 },
    ]);
    expect(run.figures).toMatchObject({
      ...{ soldLines: 2, soldUnits: 3, mergedLines: 1, mergedUnits: 1 },
      ...{ 'aside CONTRADICTION': 2, 'aside units CONTRADICTION': 5, rawUnits: 9 },
    });
    expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-20': [3, 0, 3000] });
    expect(await on.lines(lines, { reread: true })).toMatchObject({ unchanged: 2, merged: 1, rejected: 2 });
  });

  test('importSales answers the same', async () => {
    const at = { document: '1', day: '2026-11-20', revenueMinor: 1000 };
    const sent = [
      { ...at, line: '1', units: 2 },
      { ...at, line: '2', units: 1, sku: 'LAMP' },
      { ...at, line: '2', units: 4 },
      { ...at, line: '3', units: 1 },
      { ...at, line: '3', units: 1 },
    ];
    const answer = await send(sent);
    expect(answer).toMatchObject({
      ...{ accepted: 3, created: 2, corrected: 0, unchanged: 0, merged: 1 },
      rejects: [
        { line: 2, code: 'CONTRADICTION' },
        { line: 3, code: 'CONTRADICTION' },
      ],
      run: { records: 5, accepted: 3, rejected: 2, created: 2, merged: 1 },
    });
    expect(await on.facts()).toEqual({ 'paris MUG STORE 2026-11-20': [3, 0, 2000] });
  });

  test('what is stored of such a line stays as it is', async () => {
    await on.lines([HEADER, '1,2,LAMP,1,2026-11-20,30']);
    expect(await on.lines(lines)).toMatchObject({ rejected: 2 });
    expect(await on.facts()).toMatchObject({ 'paris LAMP STORE 2026-11-20': [1, 0, 3000] });
  });

  test('whole days that a file states in several lines are added and counted as merged; a later file replaces them', async () => {
    const header = 'day,sku,units,revenue';
    const first = await on.lines([
      header,
      '2026-11-20,MUG,2,20',
      '2026-11-20,MUG,3,30',
      '2026-11-21,MUG,1,10',
    ]);
    expect(first).toMatchObject({ accepted: 3, created: 2, merged: 1, changed: 2 });
    const second = await on.lines([
      header,
      '2026-11-20,MUG,4,40',
      '2026-11-21,MUG,1,10',
      '2026-11-22,MUG,1,10',
    ]);
    expect(second).toMatchObject({ accepted: 3, created: 1, replaced: 1, unchanged: 1, changed: 2 });
  });
});

test('--again reads only what was rejected; a line whose number another line of the file has is still rejected', async () => {
  const path = on.file([
    HEADER,
    '1,1,MUG,2,2026-11-20,10',
    '1,2,SOON,3,2026-11-20,10',
    '1,3,LAMP,1,2026-11-20,30',
    '1,3,SOON,4,2026-11-20,10',
    '1,4,NEVER,5,2026-11-20,10',
  ]);
  const first = await on.read(path);
  expect(first).toMatchObject({ accepted: 2, rejected: 3 });
  await on.lines([HEADER, '1,1,MUG,7,2026-11-20,10']);
  await app.db.rows("INSERT INTO sku (code, name) VALUES ('SOON', 'Soon')");
  const again = await on.read(path, { again: true });
  expect(again).toMatchObject({ recordsRead: 3, accepted: 1, created: 1, corrected: 0, rejected: 2 });
  expect((await on.rejects(again.id)).map((r) => [r.line, r.code])).toEqual([
    [5, 'CONTRADICTION'],
    [6, 'UNKNOWN_SKU'],
  ]);
  // The correction that came in between stays.
  expect(await on.facts()).toEqual({
    'paris LAMP STORE 2026-11-20': [1, 0, 3000],
    'paris MUG STORE 2026-11-20': [7, 0, 7000],
    'paris SOON STORE 2026-11-20': [3, 0, 3000],
  });
  expect(await on.read(path, { again: true })).toMatchObject({ recordsRead: 2, accepted: 0, rejected: 2 });
  expect(await on.read(path)).toMatchObject({ before: true, rejected: 2 });
});

test('what the database refuses is rejected, and the rest of the file goes in', async () => {
  // 2,200 receipts of a million units make a day that no integer holds.
  const many = Array.from({ length: 2_200 }, (_, i) => `${i},1,MUG,1000000,2026-11-20,1`);
  const run = await on.lines([HEADER, ...many, 'z,1,LAMP,1,2026-11-20,30']);
  expect(run.status).toBe('DONE');
  expect(run.accepted + run.rejected).toBe(2_201);
  expect(run.rejected).toBeGreaterThan(0);
  const [day] = await app.db.rows<{ units: number }>('SELECT max(units) AS units FROM daily_sales');
  expect(day!.units).toBe(1_000_000 * (run.accepted - 1));
  const [lamp] = await app.db.rows('SELECT revenue_minor AS minor FROM daily_sales WHERE units = 1');
  expect(lamp).toEqual({ minor: 3000 });
  const [first] = await on.rejects(run.id);
  expect(first).toMatchObject({ code: 'REFUSED', reason: expect.stringContaining('integer out of range') });
});
