// Files of SKUs, locations and counts: what goes in, what is rejected and why, and what the same file twice does not do.

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
    secretKey: app.parts.secretKey,
    ...more,
  };
  const { run, before } = await importListFile(app.db, file, app.parts.clock());
  const { accepted, rejected } = run;
  return { accepted, rejected, before, rejects: await on.rejects(run.id), run };
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

test('locations: with hours and groups; what a new location needs is said', async () => {
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

test('counts: posted to the ledger; the same file again does not undo what was sold since', async () => {
  const lines = [
    'location,sku,quantity,expected',
    'paris,LAMP,7,',
    'lyon,LAMP,3,',
    'paris,SOCK-M,4,2',
    'atlantis,LAMP,1,',
    'paris,NOPE,1,',
    'lyon,MUG,-1,',
    'lyon,SOCK-M,1.5,',
  ];
  const done = await read('counts', lines);
  expect(codesOf(done.rejects)).toEqual([
    [4, 'REFUSED'],
    [5, 'UNKNOWN_LOCATION'],
    [6, 'UNKNOWN_SKU'],
    [7, 'BAD_TEXT'],
    [8, 'BAD_TEXT'],
  ]);
  expect(done.rejects[0]!.reason).toBe(
    'SOCK-M at paris has 0, not 2; check the shelf and count again with the new number.',
  );
  expect(await read('counts', ['location,sku,quantity,expected', 'paris,LAMP,8,7'])).toMatchObject({
    accepted: 1,
  });
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

test('two new SKUs with one GTIN: the first has it, the second is rejected with the reason, the rest goes in', async () => {
  const ean = ['4006381333931', '4006381333948', '4006381333955', '5901234123457'];
  const lines = [
    'code,name,gtin',
    `A-1,First,${ean[0]}`,
    `A-2,Other,${ean[1]}`,
    `A-3,Second with it,0${ean[0]}`,
    `A-4,Has that of the mug,02000000000046`,
    `A-5,More,${ean[2]}`,
    `MUG,,${ean[0]}`,
    `A-6,Last,${ean[3]}`,
  ];
  const done = await read('catalogue', lines);
  expect(done).toMatchObject({ accepted: 4, rejected: 3 });
  expect(done.rejects).toEqual([
    {
      line: 4,
      code: 'REFUSED',
      reason: expect.stringMatching(/GTIN .*4006381333931 of 'A-3' already belongs to SKU 'A-1'/),
    },
    { line: 5, code: 'REFUSED', reason: expect.stringContaining("'A-4' already belongs to SKU 'MUG'") },
    { line: 7, code: 'REFUSED', reason: expect.stringContaining("of 'MUG' already belongs to SKU 'A-1'") },
  ]);
  const again = await read('catalogue', [...lines, 'A-7,After all,']);
  expect(again).toMatchObject({ accepted: 5, rejected: 3, run: { created: 1, unchanged: 4, corrected: 0 } });
});

test('whatever a line of the catalogue or of the locations holds, it never ends the import', async () => {
  const skus = [
    'code,name,category,gtin,price,packSize,returnWindowDays,pickPosition,active',
    `B-1,${'x'.repeat(5_000)},,,,,,,`,
    'B-2,Nul \u0000 in it,,,,,,,',
    'B-3,Too dear,,,99999999999999999,,,,',
    'B-4,Many,,,,99999999999,,,',
    'B-5,Days,,,,,99999999999,,',
    `B-6,Position,,,,,,${'p'.repeat(999)},`,
    'B-7,Maybe,,,,,,,maybe',
    `${'C'.repeat(300)},Long code,,,,,,,`,
    'B-8,Good,,,,,,,',
    'B-9,Cheap,,,-1,,,,',
  ];
  const done = await read('catalogue', skus);
  expect(done).toMatchObject({ accepted: 1, rejected: 9 });
  const places = [
    'code,name,kind,city,country,latitude,longitude,timeZone,transferLeadMinutes',
    'pl-1,One,castle,Rome,IT,41.9,12.5,Europe/Rome,',
    'pl-2,Two,SHOP,Rome,IT,999,12.5,Europe/Rome,',
    'pl-3,Three,SHOP,Rome,IT,41.9,12.5,Europe/Rome,99999999999',
    'pl-4,Four\u0000,SHOP,Rome,IT,41.9,12.5,Europe/Rome,',
    'pl-5,Five,SHOP,Rome,ITALY,41.9,12.5,Europe/Rome,',
    'pl-6,Six,SHOP,Rome,IT,41.9,12.5,Europe/Rome,',
  ];
  expect(await read('locations', places)).toMatchObject({ accepted: 1, rejected: 5 });
});

test('a code stated twice in a catalogue is one entry: what overrules is counted as replaced, what completes as merged', async () => {
  const done = await read('catalogue', [
    'code,name,category,price',
    'D-1,One,,5',
    'D-2,Two,,5',
    'D-1,,Outdoor,',
    'D-2,,,6',
    'D-2,Two,,6',
    'LAMP,,,31',
  ]);
  expect(done.run).toMatchObject({
    ...{ accepted: 6, created: 2, corrected: 1, replaced: 1, merged: 2, unchanged: 0, rejected: 0 },
  });
  const rows = await app.db.rows(
    "SELECT category, price_minor AS price FROM sku WHERE code LIKE 'D-_' ORDER BY code",
  );
  expect(rows).toEqual([
    { category: 'Outdoor', price: 500 },
    { category: '', price: 600 },
  ]);
});

test('--again tries only what was rejected, and again only what that rejected', async () => {
  const path = on.file(['code,name,gtin', 'E-1,One,', 'E-2,Two,02000000000022', 'E-3,,'], 'again.csv');
  expect(await read('catalogue', [], { path })).toMatchObject({ accepted: 1, rejected: 2 });
  await app.db.pool.query("UPDATE sku SET gtin = NULL WHERE code = 'LAMP'");
  await app.db.pool.query("UPDATE sku SET name = 'Renamed' WHERE code = 'E-1'");
  const again = await read('catalogue', [], { path, again: true });
  expect(again).toMatchObject({ accepted: 1, rejected: 1, run: { recordsRead: 2, created: 1 } });
  expect(codesOf(again.rejects)).toEqual([[4, 'REFUSED']]);
  const names = await app.db.rows("SELECT name FROM sku WHERE code LIKE 'E-_' ORDER BY code");
  expect(names).toEqual([{ name: 'Renamed' }, { name: 'Two' }]);
  expect(await read('catalogue', [], { path, again: true })).toMatchObject({
    run: { recordsRead: 1 },
    rejected: 1,
  });
  expect(await read('catalogue', [], { path })).toMatchObject({ before: true });
  expect(await read('catalogue', [], { path, reread: true })).toMatchObject({ accepted: 2, rejected: 1 });
  await app.db.pool.query('DELETE FROM import_reject');
  await expect(read('catalogue', [], { path, again: true })).rejects.toThrow(
    'read the whole file again (--reread)',
  );
});
