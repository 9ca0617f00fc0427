// Count files: bins of one SKU, first stock, any order of lines, what waits for approval and is approved at once, kills.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { importListFile, type ListFile } from '../../src/sales/actions/imports/listFile';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { TYPESCRIPT } from '../support/typescript';
import { salesFiles } from './support';

let app: TestApp;
let planner: string;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
  planner = await app.token('PLANNER', 'pia');
});
afterAll(async () => {
  on.end();
  await app.close();
});

const PLACES = ['paris', 'lyon', 'depot'];

async function read(lines: readonly string[], more: Partial<ListFile> = {}) {
  const file: ListFile = {
    ...{ kind: 'counts', path: lines.length > 0 ? on.file(lines) : '', feed: 'erp', mapping: new Map() },
    ...{ encoding: 'utf-8', separator: null, location: null, currency: null, again: false, reread: false },
    secretKey: app.parts.secretKey,
    ...more,
  };
  const { run, before } = await importListFile(app.db, file, app.parts.clock());
  return { ...run, before, path: file.path, rejects: await on.rejects(run.id) };
}
const LEVEL = `
  SELECT v.available FROM stock_level v JOIN location l ON l.id = v.location_id JOIN sku s ON s.id = v.sku_id
  WHERE l.code = $1 AND s.code = $2`;
const level = async (place: string, sku: string) =>
  (await app.db.rows<{ available: number }>(LEVEL, [place, sku]))[0]?.available;
const codesOf = (rejects: { line: number; code: string }[]) => rejects.map((r) => [r.line, r.code]);

/** New SKUs, so that each test has shelves that nobody counted. */
async function newSkus(prefix: string, count: number): Promise<string[]> {
  const codes = Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(4, '0')}`);
  await app.db.rows('INSERT INTO sku (code, name) SELECT c, c FROM unnest($1::text[]) AS c', [codes]);
  return codes;
}

const APPROVE = `mutation ($input: ApproveCountsInput!) { approveCounts(input: $input) { __typename
  ... on Refusal { message } ... on ApproveCountsSuccess { approved waiting unapproved { count { sku { code } } reason } } } }`;
async function approve(run: number, token = planner, idempotencyKey = freshKey()) {
  const { data, errors } = await app.gql(token, APPROVE, { input: { idempotencyKey, run } });
  return { ...errors?.[0], ...data?.approveCounts };
}

test('lines of several bins are one count: their sum, wherever they stand in the file', async () => {
  const [a, b, c, d] = await newSkus('BIN', 4);
  const done = await read([
    'location,sku,bin,quantity',
    `paris,${a},A1,3`,
    `paris,${b},A1,5`,
    `paris,${a},A2,4`,
    `lyon,${a},A1,7`,
    `paris,${a},A2,4`,
    `paris,${c},A1,1`,
    `paris,${c},A1,2`,
    `paris,${d},A1,1`,
    `paris,${d},A2,many`,
    `paris,${a},A3,6`,
  ]);
  expect(done).toMatchObject({ recordsRead: 10, accepted: 6, created: 3, merged: 3, rejected: 4 });
  expect(await Promise.all([level('paris', a!), level('paris', b!), level('lyon', a!)])).toEqual([13, 5, 7]);
  expect(await Promise.all([level('paris', c!), level('paris', d!)])).toEqual([undefined, undefined]);
  expect(done.rejects.map((r) => [r.line, r.code, r.reason])).toEqual([
    [7, 'CONTRADICTION', expect.stringContaining("lines 7, 8 have different quantities for bin 'A1'")],
    [8, 'CONTRADICTION', expect.anything()],
    [9, 'CONTRADICTION', expect.stringContaining('line 10 counts the same SKU')],
    [10, 'BAD_TEXT', expect.anything()],
  ]);
  const raw = await app.db.rows('SELECT raw FROM import_reject WHERE run_id = $1 ORDER BY line', [done.id]);
  expect(raw[0]).toEqual({ raw: `paris,${c},A1,1` });
});

test('without bins, different lines add up, and lines that are the same letter by letter are rejected', async () => {
  const [a, b, c] = await newSkus('NOBIN', 3);
  const done = await read([
    'location,sku,quantity,shelf,expected',
    `paris,${a},3,x,`,
    `paris,${b},5,x,`,
    `paris,${a},3,y,0`,
    `paris,${b},5,x,`,
    `paris,${c},1,x,4`,
    `paris,${c},1,y,5`,
  ]);
  expect(done).toMatchObject({ accepted: 2, created: 1, merged: 1, rejected: 4 });
  expect(await level('paris', a!)).toBe(6);
  expect(codesOf(done.rejects)).toEqual([3, 5, 6, 7].map((line) => [line, 'CONTRADICTION']));
  expect(done.rejects[0]!.reason).toMatch(/lines 3, 5 are the same, letter by letter.*mapped to bin/);
  expect(done.rejects[2]!.reason).toContain('expect different numbers (4, 5)');
});

test('an alias and its SKU are one shelf', async () => {
  const [sku, old] = await newSkus('ALIAS', 2);
  const input = { idempotencyKey: freshKey(), aliases: [{ code: old, sku }] };
  const done = await app.gql(
    planner,
    'mutation ($input: UpsertSkuAliasesInput!) { upsertSkuAliases(input: $input) { __typename } }',
    { input },
  );
  expect(done.data.upsertSkuAliases.__typename).toBe('UpsertSkuAliasesSuccess');
  await read(['location,sku,quantity', `paris,${old},4`, `paris,${sku},6`]);
  expect(await level('paris', sku!)).toBe(10);
});

test('first stock is stock, whatever its size; a big difference to a counted shelf waits', async () => {
  const [a, b] = await newSkus('FIRST', 2);
  const first = await read(['location,sku,quantity', `paris,${a},5000`, `paris,${b},0`]);
  expect(first).toMatchObject({ created: 2, corrected: 0 });
  expect(await level('paris', a!)).toBe(5000);
  const second = await read(['location,sku,quantity', `paris,${a},100`, `paris,${b},700`]);
  expect(second).toMatchObject({
    accepted: 2,
    created: 0,
    corrected: 0,
    unchanged: 0,
    figures: { waiting: 2 },
  });
  expect(await level('paris', a!)).toBe(5000);
  const feed = await app.token('FEED');
  const [c] = await newSkus('FEEDFIRST', 1);
  const count = (token: string, quantity: number) =>
    app.gql(
      token,
      'mutation ($input: CountStockInput!) { countStock(input: $input) { ... on CountStockSuccess { counts { status } } } }',
      { input: { idempotencyKey: freshKey(), location: 'lyon', lines: [{ sku: c, quantity }] } },
    );
  expect((await count(feed, 900)).data.countStock.counts).toEqual([{ status: 'POSTED' }]);
  expect((await count(feed, 90)).data.countStock.counts).toEqual([{ status: 'COUNTED' }]);
});

test('approveCounts posts all that waits from one file, again the rest, and keeps what a shelf no longer has', async () => {
  const skus = await newSkus('APPR', 1_050);
  const rows = (units: number) => ['location,sku,quantity', ...skus.map((sku) => `depot,${sku},${units}`)];
  expect(await read(rows(100))).toMatchObject({ created: 1_050 });
  const run = await read(rows(10));
  expect(run).toMatchObject({ accepted: 1_050, figures: { waiting: 1_050 } });
  const list =
    'query ($run: Int!) { stockCounts(filter: { run: $run, statuses: [COUNTED] }, first: 1) { edges { node { counted } } } }';
  expect((await app.gql(planner, list, { run: run.id })).data.stockCounts.edges).toHaveLength(1);
  // Two shelves have sold what the count found missing: their difference cannot be posted any more.
  const staff = await app.token('STAFF', undefined, ['depot']);
  const sell = 'mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }';
  const lines = skus.slice(0, 2).map((sku) => ({ sku, delta: -50, reason: 'SOLD' }));
  await app.gql(staff, sell, { input: { idempotencyKey: freshKey(), location: 'depot', lines } });
  const key = freshKey();
  const first = await approve(run.id, planner, key);
  expect(first).toMatchObject({ approved: 1_000, waiting: 50 });
  expect(await approve(run.id, planner, key)).toEqual(first);
  const second = await approve(run.id);
  expect(second).toMatchObject({ approved: 48, waiting: 2 });
  expect(second.unapproved.map((k: { count: { sku: { code: string } } }) => k.count.sku.code)).toEqual(
    skus.slice(0, 2),
  );
  expect(second.unapproved[0].reason).toBe(
    `depot has 50 ${skus[0]} free, and the count found 90 missing; count it again, or drop the count`,
  );
  expect(await approve(run.id)).toMatchObject({ approved: 0, waiting: 2 });
  expect(await Promise.all([level('depot', skus[0]!), level('depot', skus[9]!)])).toEqual([50, 10]);
  const runs = 'query { importRuns(filter: { feed: "erp" }, first: 1) { edges { node { waiting } } } }';
  expect((await app.gql(planner, runs)).data.importRuns.edges[0].node).toEqual({ waiting: 2 });
  expect(await approve(999_999)).toMatchObject({ __typename: 'NotFound' });
  expect((await approve(run.id, staff)).extensions?.code).toBe('FORBIDDEN');
});

test('two planners who approve at once post each difference once', async () => {
  const skus = await newSkus('RACE', 300);
  const rows = (units: number) => ['location,sku,quantity', ...skus.map((sku) => `lyon,${sku},${units}`)];
  await read(rows(100));
  const run = await read(rows(10));
  const answers = await Promise.all([approve(run.id), approve(run.id), approve(run.id)]);
  expect(answers.reduce((sum, a) => sum + a.approved, 0)).toBe(300);
  const [sum] = await app.db.rows(
    'SELECT sum(available)::int AS units FROM stock_level v JOIN sku s ON s.id = v.sku_id WHERE s.code = ANY($1)',
    [skus],
  );
  expect(sum).toEqual({ units: 3_000 });
});

test('a file in the order of SKUs takes as many commands as one in the order of locations', async () => {
  const commands = async () => {
    const [row] = await app.db.rows<{ n: number }>(
      "SELECT count(*) AS n FROM command WHERE action = 'countStock'",
    );
    return row!.n;
  };
  const skus = await newSkus('ORD', 600);
  const bySku = skus.flatMap((sku) => PLACES.map((place) => `${place},${sku},1`));
  const byPlace = PLACES.flatMap((place) => skus.map((sku) => `${place},${sku},2`));
  const spent: number[] = [];
  for (const lines of [bySku, byPlace]) {
    const before = await commands();
    expect(await read(['location,sku,quantity', ...lines])).toMatchObject({ accepted: 1_800, rejected: 0 });
    spent.push((await commands()) - before);
  }
  expect(spent).toEqual([9, 9]);
});

test('one refused line among many is found without sending the others one by one', async () => {
  const skus = await newSkus('REF', 150);
  const before = await app.db.rows<{ n: number }>('SELECT count(*) AS n FROM command');
  const lines = skus.map((sku, i) => `paris,${sku},1,${i % 50 === 0 ? 9 : ''}`);
  const done = await read(['location,sku,quantity,expected', ...lines]);
  expect(done).toMatchObject({ accepted: 147, rejected: 3 });
  expect(codesOf(done.rejects)).toEqual([2, 52, 102].map((line) => [line, 'REFUSED']));
  const after = await app.db.rows<{ n: number }>('SELECT count(*) AS n FROM command');
  expect(after[0]!.n - before[0]!.n).toBe(2);
});

test('killed while it posts, it goes on, and posts no count twice', async () => {
  const skus = await newSkus('KILL', 500);
  const path = on.file(['location,sku,quantity', ...skus.map((sku) => `paris,${sku},20`)], 'kill.csv');
  // The second command is done and its note is not: the process ended between the two.
  await app.db.pool.query(`
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF OLD.status = 'APPLYING' AND NEW.accepted > OLD.accepted THEN RAISE EXCEPTION 'killed'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER die BEFORE UPDATE ON import_run FOR EACH ROW EXECUTE FUNCTION die()`);
  await expect(read([], { path })).rejects.toThrow('killed');
  await app.db.pool.query('DROP TRIGGER die ON import_run; DROP FUNCTION die()');
  const staff = await app.token('STAFF', undefined, ['paris']);
  const sell = 'mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }';
  const lines = [
    { sku: skus[0], delta: -5, reason: 'SOLD' },
    { sku: skus[250], delta: -5, reason: 'SOLD' },
  ];
  const sold = await app.gql(staff, sell, {
    input: { idempotencyKey: freshKey(), location: 'paris', lines },
  });
  expect(sold.data.adjustStock.__typename).toBe('AdjustStockSuccess');
  expect(await read([], { path })).toMatchObject({
    status: 'DONE',
    accepted: 500,
    created: 500,
    rejected: 0,
  });
  expect(await Promise.all([level('paris', skus[0]!), level('paris', skus[250]!)])).toEqual([15, 15]);
  expect(await app.db.rows('SELECT count(*) AS n FROM count_stage')).toEqual([{ n: 0 }]);
});

test('--again: lines of SKUs that exist by now are counted, those that went in are not touched', async () => {
  const [a] = await newSkus('AGAIN', 1);
  const done = await read(['location,sku,quantity', `paris,${a},4`, 'paris,LATER-1,6', 'paris,LATER-2,7']);
  expect(codesOf(done.rejects)).toEqual([
    [3, 'UNKNOWN_SKU'],
    [4, 'UNKNOWN_SKU'],
  ]);
  await app.db.rows("INSERT INTO sku (code, name) VALUES ('LATER-1', 'x')");
  const again = await read([], { path: done.path, again: true });
  expect(again).toMatchObject({ recordsRead: 2, accepted: 1, created: 1, rejected: 1 });
  expect([await level('paris', a!), await level('paris', 'LATER-1')]).toEqual([4, 6]);
});

test('the command shows how many wait, and --approve posts them', async () => {
  const skus = await newSkus('CLI', 20);
  const rows = (units: number) => ['location,sku,quantity', ...skus.map((sku) => `lyon,${sku},${units}`)];
  await read(rows(100));
  const path = on.file(rows(40), 'cli.csv');
  const run = (...words: string[]) =>
    spawnSync(process.execPath, [...TYPESCRIPT, 'src/cli/import.ts', 'counts', path, ...words], {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
      env: {
        ...{ PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: app.databaseUrl },
        ...{ SECRET_KEY: 'a long random text of the tests, 40 bytes', LOG_LEVEL: 'silent' },
      },
    });
  const first = run();
  expect(first.stderr).toMatch(
    /20 counts differ so much .* approveCounts\(run: \d+\) in the API, or .* --approve/,
  );
  expect(await level('lyon', skus[0]!)).toBe(100);
  const second = run('--approve');
  expect(second.stderr).toMatch(/was imported before/);
  expect(second.stderr).toMatch(/20 counts that waited were approved; 0 wait still/);
  expect(second.status).toBe(0);
  expect(await level('lyon', skus[0]!)).toBe(40);
}, 60_000);
