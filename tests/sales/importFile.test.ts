// npm run import as its users run it: killed and started again, two at once, gzip whole and broken, and what it says.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type TestApp } from '../support/app';
import { lockTable } from '../support/lockedTable';
import { TYPESCRIPT } from '../support/typescript';
import { salesFiles } from './support';

const ROOT = join(__dirname, '../..');
const children = new Set<ChildProcess>();

let app: TestApp;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
});
afterEach(() => on.forget());
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  on.end();
  await app.close();
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the program on this test's database. */
function start(...words: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [...TYPESCRIPT, 'src/cli/import.ts', ...words], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATABASE_URL: app.databaseUrl,
      SECRET_KEY: 'a long random text of the tests, 40 bytes',
      LOG_LEVEL: 'silent',
    },
  });
  children.add(child);
  const said = { stdout: '', stderr: '' };
  child.stdout!.on('data', (text) => {
    said.stdout += text;
  });
  child.stderr!.on('data', (text) => {
    said.stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      children.delete(child);
      resolve({ code, ...said });
    });
  });
  return { child, ended };
}

const HEADER = 'document,sku,units,day,price,customer';
const SKUS = ['MUG', 'LAMP', 'SOCK-M', 'TENT-2'];
const LINES = 30_000;

/** Days of two years of receipts, a return in fifty lines, one bad line in a thousand. */
function manyLines(): string[] {
  const lines = [HEADER];
  for (let i = 0; i < LINES; i += 1) {
    const day = new Date(Date.UTC(2024, 0, 1) + (i % 730) * 86_400_000).toISOString().slice(0, 10);
    const sku = i % 1_000 === 7 ? 'NOPE' : SKUS[i % 4]!;
    const units = i % 50 === 49 ? -1 : 1 + (i % 3);
    lines.push(`${Math.floor(i / 5)},${sku},${units},${day},9.90,c${i % 97}`);
  }
  return lines;
}

const STATE = `
  SELECT (SELECT sum(units) FROM daily_sales) AS sold, (SELECT sum(returned_units) FROM daily_sales) AS returned,
         (SELECT sum(revenue_minor)::bigint FROM daily_sales) AS minor, (SELECT count(*) FROM daily_sales) AS days,
         (SELECT count(*) FROM sales_line) AS lines, (SELECT sum(units) FROM return_event) AS events,
         (SELECT count(*) FROM import_stage) AS staged, (SELECT count(*) FROM sales_unmatched) AS unmatched`;
const PROGRESS = `
  SELECT status, lines_read AS lines, buckets_done AS buckets FROM import_run ORDER BY id DESC LIMIT 1`;

const state = async () => (await app.db.rows(STATE))[0];

/** Waits until the newest run has come so far. */
async function until(come: (run: { status: string; lines: number; buckets: number }) => boolean) {
  for (;;) {
    const [run] = await app.db.rows<{ status: string; lines: number; buckets: number }>(PROGRESS);
    if (run !== undefined && come(run)) return;
    await sleep(5);
  }
}

test('killed while reading and again while applying, it goes on where it was and ends as if it never was', async () => {
  const path = on.file(manyLines(), 'many.csv');
  const words = ['sales', path, '--location', 'paris', '--feed', 'till'];
  const whole = await start(...words).ended;
  expect(whole).toMatchObject({ code: 0 });
  const expected = await state();
  expect(expected).toMatchObject({ lines: LINES - 30, staged: 0, unmatched: 0 });
  const rejects = readFileSync(`${path}.rejects.csv`, 'utf8');
  expect(rejects.split('\n')).toHaveLength(30 + 2);
  await on.forget();

  const first = start(...words);
  await until((run) => run.lines > 10_000);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = start(...words);
  await until((run) => run.status === 'APPLYING' && run.buckets > 0);
  second.child.kill('SIGKILL');
  await second.ended;
  const third = await start(...words).ended;
  expect(third).toMatchObject({ code: 0 });
  expect(await state()).toEqual(expected);
  expect(readFileSync(`${path}.rejects.csv`, 'utf8')).toBe(rejects);
  expect((await app.db.rows('SELECT status FROM import_run')).map((r) => r.status)).toEqual(['DONE']);
}, 120_000);

test('two imports of one file at once: one does it, the other finds it done', async () => {
  const path = on.file(on.gzip(manyLines().slice(0, 10_001)), 'race.csv.gz');
  const words = ['sales', path, '--location', 'paris', '--feed', 'race'];
  const both = await Promise.all([start(...words).ended, start(...words).ended]);
  expect(both.map((b) => b.code)).toEqual([0, 0]);
  expect(both.filter((b) => /was imported before/.test(b.stderr))).toHaveLength(1);
  expect(await state()).toMatchObject({ lines: 10_000 - 10, staged: 0 });
  const runs = await app.db.rows('SELECT accepted, rejected FROM import_run');
  expect(runs).toEqual([{ accepted: 9_990, rejected: 10 }]);
}, 120_000);

test('two files of one feed at once: both go in', async () => {
  const lines = manyLines().slice(0, 5_001);
  const paths = ['a', 'b'].map((p) => on.file([HEADER, ...lines.slice(1).map((l) => p + l)], `${p}.csv`));
  await Promise.all(paths.map((p) => on.read(p, { feed: 'both' })));
  expect(await state()).toMatchObject({ lines: 2 * (5_000 - 5) });
}, 60_000);

test('gzip: a whole file goes in; a broken one is said so, puts nothing in, and the mended one does', async () => {
  const whole = on.gzip(manyLines().slice(0, 20_001));
  const broken = on.file(whole.subarray(0, Math.floor(whole.length / 2)), 'half.csv.gz');
  const { code, stderr } = await start('sales', broken, '--location', 'paris').ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /half\.csv\.gz is a broken gzip file \(unexpected end of file\); send the whole file again/,
  );
  expect(await state()).toMatchObject({ lines: 0, days: 0, staged: 0 });
  expect((await app.db.rows('SELECT status, error FROM import_run'))[0]).toMatchObject({
    status: 'FAILED',
    error: expect.stringContaining('broken gzip'),
  });
  const run = await on.read(on.file(whole, 'half.csv.gz'), { feed: 'import' });
  expect(run).toMatchObject({ status: 'DONE', accepted: 20_000 - 20 });
});

test('it shows progress, accounts for every unit, and writes what it rejected beside the file', async () => {
  const path = on.file(
    [
      'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID',
      '1,V-1,"Vase, blue",5,2025-12-01 08:26,2.55,17850',
      'C2,V-1,"Vase, blue",-2,2025-12-01 09:00,2.55,17850',
      '3,V-1,,-7,2025-12-02 09:00,0,',
      '4,POST,Postage,1,2025-12-02 09:00,18,17850',
      '5,V-1,"Vase, blue",x,2025-12-02 09:00,18,17850',
    ],
    'till.csv',
  );
  const { code, stdout, stderr } = await start(
    ...['sales', path, '--location', 'paris', '--currency', 'GBP', '--create-skus', '--reconcile'],
    ...[
      '--products',
      '^V-',
      '--returns-prefix',
      'C',
      '--map',
      'Invoice=document,StockCode=sku,Description=name',
    ],
    ...['--map', 'Quantity=units,InvoiceDate=day,Customer ID=customer'],
  ).ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/Run \d+: 5 records, 2 accepted, 3 rejected; 2 changed something, 0 did not/);
  const cells = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(cells).toEqual(
    expect.arrayContaining([
      ['sold', '1', '5'],
      ['returned', '1', '-2'],
      ['rejected: STOCK_CORRECTION', '1', '-7'],
      ['rejected: NOT_A_PRODUCT', '1', '1'],
      ['rejected: BAD_UNITS', '1', '0'],
      ['units in the file', '-3'],
      ['difference', '0'],
      ['cancelled on the day of sale', '2'],
      ['days: units sold', '3'],
      ['sold − cancelled − that', '0'],
    ]),
  );
  expect(readFileSync(`${path}.rejects.csv`, 'utf8').split('\n')).toEqual([
    'line,code,reason,raw',
    expect.stringMatching(/^4,STOCK_CORRECTION,/),
    expect.stringMatching(/^5,NOT_A_PRODUCT,.*"4,POST,Postage,1,2025-12-02 09:00,18,"$/),
    expect.stringMatching(/^6,BAD_UNITS,/),
    '',
  ]);
  expect(statSync(`${path}.rejects.csv`).mode & 0o777).toBe(0o600);
  expect(existsSync(`${path}.rejects.csv.part`)).toBe(false);
});

test('UTF-16 is recognised by its bytes; windows-1252 is refused with advice until it is named', async () => {
  const text = `${HEADER}\r\n1,MUG,2,2026-11-20,9.90,\r\n` as const;
  const wide = on.file(Buffer.from(`\uFEFF${text}`, 'utf16le'), 'wide.csv');
  const told = await start('sales', wide, '--location', 'paris', '--feed', 'wide').ended;
  expect(told).toMatchObject({ code: 0, stderr: expect.stringMatching(/1 records, 1 accepted/) });
  const narrow = on.file(Buffer.from(text.replace('9.90,', '9.90,é'), 'latin1'), 'narrow.csv');
  const words = ['sales', narrow, '--location', 'paris', '--feed', 'narrow'];
  expect(await start(...words).ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/not UTF-8: line 2 has the byte E9 .*--encoding windows-1252/),
  });
  expect(await start(...words, '--encoding', 'windows-1252').ended).toMatchObject({ code: 0 });
  const unknown = on.file([HEADER, '1,NOPE,1,2026-11-20,9.90,'], 'unknown.csv');
  for (const said of [
    /1 rejected.*\nNothing of the file was imported/s,
    /imported before.*\nNothing of the file/s,
  ]) {
    expect(await start('sales', unknown, '--location', 'paris', '--feed', 'unknown').ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(said),
    });
  }
}, 60_000);

test.each([
  ['no file', ['sales', '/nowhere.csv'], /\/nowhere\.csv cannot be read/],
  ['no kind', ['bananas', 'x.csv'], /There is no kind 'bananas'/],
  ['nothing', [], /name a kind and one file/],
  ['a mapping to nowhere', ['sales', 'FILE', '--map', 'a=b'], /there is no column 'b'/],
  ['a header that is not there', ['sales', 'FILE', '--map', 'Menge=units'], /no column 'Menge'; it has/],
  ['a column that is needed', ['sales', 'FILE', '--location', 'paris'], /needs the columns units/],
  ['our own feed', ['sales', 'GOOD', '--location', 'paris', '--feed', 'comptoir'], /name another/],
])('%s is said in a sentence', async (_what, words, said) => {
  const files: Record<string, string> = {
    FILE: on.file(['document,sku,day', '1,MUG,2026-11-20'], 'wrong.csv'),
    GOOD: on.file([HEADER, '1,MUG,1,2026-11-20,1,'], 'good.csv'),
  };
  const { code, stderr } = await start(...words.map((w) => files[w] ?? w)).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(said);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('connections that are cut off in the middle cost a moment, not the import', async () => {
  const path = on.file(manyLines(), 'cut.csv');
  const { ended } = start('sales', path, '--location', 'paris', '--feed', 'cut');
  await until((run) => run.lines >= 10_000);
  const locked = await lockTable(app.databaseUrl, 'import_stage');
  await locked.cutWaiters();
  await locked.unlock();
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/cannot be reached .*; trying again in 5 s/);
  expect(await state()).toMatchObject({ lines: LINES - 30, staged: 0 });
}, 120_000);
