// Files of SKUs, places and counts: what goes in, what is set aside and why, and what the same file twice does not do.

import { importListFile, type ListFile } from '../../src/sales/actions/imports/listFile';
import { readMapping } from '../../src/sales/rules/mapping';
import { startApp, type TestApp } from '../support/app';
import { salesFiles } from './support';

let app: TestApp;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
});
afterAll(async () => {
  on.end();
  await app.close();
});

async function read(kind: ListFile['kind'], lines: readonly string[] | Buffer, more: Partial<ListFile> = {}) {
  const file: ListFile = {
    kind,
    path: on.file(lines),
    feed: 'erp',
    mapping: new Map(),
    encoding: 'utf-8',
    separator: null,
    location: null,
    currency: 'EUR',
    again: false,
    reread: false,
    ...more,
  };
  const { run, before } = await importListFile(app.db, file, app.parts.clock());
  const { accepted, rejected } = run;
  return { accepted, rejected, before, rejects: await on.rejects(run.id) };
}
const codesOf = (rejects: { line: number; code: string }[]) => rejects.map((r) => [r.line, r.code]);

test('a catalogue: new and known SKUs, one bad line keeps no other out', async () => {
  const lines = [
    'Artikel;name;category;gtin;price;packSize;active',
    'JUG;Jug, blue;Outdoor/Kitchen;;12.50;6;yes',
    'MUG;;;;8.90;;',
    'BAD CODE;x;;;;;',
    'PAN;;;;;;',
    'POT;Pot;;02000000000046;;;',
    'CUP;Cup;;4006381333930;;;',
    'JUG;;;;13.00;;',
    'LID;Lid;;;x;;',
    'FEW;Few',
  ];
  const told = { mapping: readMapping(['Artikel=code'], ['code']) };
  const done = await read('catalogue', on.gzip(lines), told);
  expect(done).toMatchObject({ accepted: 3, rejected: 6 });
  expect(codesOf(done.rejects)).toEqual([
    [4, 'REFUSED'],
    [5, 'REFUSED'],
    [6, 'REFUSED'],
    [7, 'REFUSED'],
    [9, 'BAD_TEXT'],
    [10, 'WRONG_COLUMNS'],
  ]);
  expect(done.rejects[2]!.reason).toContain('already belongs to SKU');
  const skus = await app.db.rows(
    "SELECT code, name, category, price_minor AS price, pack_size AS pack FROM sku WHERE code IN ('JUG', 'MUG') ORDER BY code",
  );
  expect(skus).toEqual([
    { code: 'JUG', name: 'Jug, blue', category: 'Outdoor/Kitchen', price: 1300, pack: 6 },
    { code: 'MUG', name: 'Enamel mug', category: 'Outdoor/Kitchen', price: 890, pack: 1 },
  ]);
  expect(await read('catalogue', on.gzip(lines), told)).toMatchObject({ before: true });
});

test('locations: with hours and groups; what a new place needs is said', async () => {
  const done = await read('locations', [
    'code,name,kind,city,country,latitude,longitude,timeZone,hours,groups',
    'nice,Nice,shop,Nice,FR,43.7,7.26,Europe/Paris,1-5 09:00-19:00; 6 10:00-18:00,france|south',
    'lyon,Lyon centre,,,,,,,,',
    'rome,Rome,SHOP,Rome,IT,41.9,,Europe/Rome,,',
    'bern,Bern,SHOP,Bern,CH,46.9,7.4,Europe/Nowhere,,',
    'wien,Wien,SHOP,Wien,AT,48.2,16.4,Europe/Vienna,daily,',
    'oslo,Oslo,,Oslo,NO,59.9,10.7,Europe/Oslo,,',
  ]);
  expect(codesOf(done.rejects)).toEqual([
    [4, 'BAD_TEXT'],
    [5, 'REFUSED'],
    [6, 'BAD_TEXT'],
    [7, 'REFUSED'],
  ]);
  const rows = await app.db.rows(
    "SELECT name, groups, jsonb_array_length(weekly_hours) AS hours FROM location WHERE code IN ('nice', 'lyon') ORDER BY code",
  );
  expect(rows).toEqual([
    { name: 'Lyon centre', groups: ['france', 'south'], hours: 6 },
    { name: 'Nice', groups: ['france', 'south'], hours: 6 },
  ]);
});

const LEVEL = `
  SELECT v.available FROM stock_level v JOIN location l ON l.id = v.location_id JOIN sku s ON s.id = v.sku_id
  WHERE l.code = $1 AND s.code = $2`;
const level = async (place: string, sku: string) =>
  (await app.db.rows<{ available: number }>(LEVEL, [place, sku]))[0]?.available;

test('counts: posted to the books; the same file again does not undo what was sold since', async () => {
  const lines = [
    'location,sku,quantity,expected',
    'paris,LAMP,7,',
    'paris,LAMP,8,7',
    'lyon,LAMP,3,',
    'paris,SOCK-M,4,2',
    'atlantis,LAMP,1,',
    'paris,NOPE,1,',
    'paris,LAMP,-1,',
    'paris,LAMP,1.5,',
  ];
  const done = await read('counts', lines);
  expect(codesOf(done.rejects)).toEqual([
    [5, 'REFUSED'],
    [6, 'UNKNOWN_LOCATION'],
    [7, 'UNKNOWN_SKU'],
    [8, 'BAD_TEXT'],
    [9, 'BAD_TEXT'],
  ]);
  expect([await level('paris', 'LAMP'), await level('lyon', 'LAMP')]).toEqual([8, 3]);
  const staff = await app.token('STAFF', undefined, ['paris']);
  const input = {
    idempotencyKey: 'sold',
    location: 'paris',
    lines: [{ sku: 'LAMP', delta: -2, reason: 'SOLD' }],
  };
  await app.gql(staff, 'mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }', {
    input,
  });
  expect(await read('counts', lines)).toMatchObject({ before: true });
  expect(await level('paris', 'LAMP')).toBe(6);
});

test('a big difference waits for a planner’s approval', async () => {
  await read('counts', ['sku,quantity', 'TENT-2,5000'], { location: 'paris' });
  expect(await level('paris', 'TENT-2')).toBe(0);
  const counts = await app.db.rows("SELECT counted FROM stock_count WHERE status = 'COUNTED'");
  expect(counts).toEqual([{ counted: 5000 }]);
});
