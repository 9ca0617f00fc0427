// --reconcile: a file against what is stored of it, and what the command says and ends with.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startApp, type TestApp } from '../support/app';
import { TYPESCRIPT } from '../support/typescript';
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

function run(path: string, ...words: string[]) {
  const program = [...TYPESCRIPT, 'src/cli/import.ts', 'sales', path, '--location', 'paris', '--reconcile'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, '--feed', 'till', ...words], {
    cwd: join(__dirname, '../..'),
    encoding: 'utf8',
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, DATABASE_URL: app.databaseUrl },
      ...{ SECRET_KEY: 'a long random text of the tests, 40 bytes', LOG_LEVEL: 'silent' },
    },
  });
  const cells = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  return { status, stdout, stderr, cells };
}

const HEADER = 'document,line,sku,units,day,price,customer';
const LINES = [
  HEADER,
  '1,1,MUG,2,2026-11-20,10,anna',
  '1,2,LAMP,1,2026-11-20,30,anna',
  '2,1,MUG,-1,2026-11-21,10,anna',
  '2,2,NOPE,9,2026-11-21,10,anna',
  '3,1,MUG,4,2026-11-21,10,',
  '3,1,MUG,4,2026-11-21,10,',
  '4,1,MUG,1,2026-11-21,10,',
  '4,1,LAMP,1,2026-11-21,10,',
];

test('a file whose lines are stored agrees, and every unit is accounted for', () => {
  const path = on.file(LINES);
  const first = run(path);
  expect(first.cells).toEqual(
    expect.arrayContaining([
      ['sold', '3', '7'],
      ['returned', '1', '-1'],
      ['repeated word for word', '1', '4'],
      ['rejected: CONTRADICTION', '2', '2'],
      ['rejected: UNKNOWN_SKU', '1', '9'],
      ['difference', '0'],
      ['valid lines or days', '4', '4', '0'],
      ['units sold', '7', '7', '0'],
      ['units returned', '1', '1', '0'],
      ['revenue (minor units)', '10,000', '10,000', '0'],
      ['lines with other values', '0'],
    ]),
  );
  expect(first).toMatchObject({ status: 0 });
  const again = run(path);
  expect(again.stderr).toMatch(/imported before/);
  expect(again).toMatchObject({ status: 0, stdout: first.stdout });
}, 60_000);

test('what is stored otherwise, or not at all, is reported with its line and day, and the command ends with 1', async () => {
  const path = on.file(LINES);
  run(path);
  const paris = "location_id = (SELECT id FROM location WHERE code = 'paris')";
  await app.db.pool.query(`UPDATE sales_line SET units = 5 WHERE document = '1' AND item = '1' AND ${paris}`);
  await app.db.pool.query(`DELETE FROM sales_line WHERE document = '3'`);
  const { status, cells, stdout, stderr } = run(path);
  expect(status).toBe(1);
  expect(stderr).toMatch(/The file and what is stored of it differ/);
  expect(cells).toEqual(
    expect.arrayContaining([
      ['valid lines or days', '4', '3', '1'],
      ['units sold', '7', '6', '1'],
      ['lines with other values', '1'],
      ['2026-11-20: units sold', '3', '6', '-3'],
      ['2026-11-21: units sold', '4', '0', '4'],
    ]),
  );
  expect(stdout).toMatch(
    /line 2 \(1 \/ 1, 2026-11-20\): 2 units, 2000 minor units; stored by run \d+: 5 units, 2000/,
  );
  expect(stdout).toMatch(/line 6 \(3 \/ 1, 2026-11-21\): 4 units, 4000 minor units; nothing is stored of it/);
  expect(await app.db.rows('SELECT count(*) AS n FROM import_stage')).toEqual([{ n: 0 }]);
}, 60_000);

test('a line that a later file corrected, and one whose SKU exists by now, are differences; --again mends the second', async () => {
  const path = on.file(LINES.slice(0, 5));
  expect(run(path).status).toBe(0);
  await app.db.rows("INSERT INTO sku (code, name) VALUES ('NOPE', 'Now it is') ON CONFLICT DO NOTHING");
  const before = run(path);
  expect(before).toMatchObject({ status: 1 });
  expect(before.stdout).toMatch(/line 5 .*nothing is stored of it/);
  expect(run(path, '--again').status).toBe(0);
  await on.lines([HEADER, '1,2,LAMP,3,2026-11-20,30,anna']);
  expect(run(path)).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/line 3 .*stored by run \d+: 3 units/),
  });
}, 60_000);

test('whole days are compared with the days stored', async () => {
  const path = on.file(['day,sku,units,returned,revenue', '2026-11-20,MUG,2,1,20', '2026-11-20,MUG,3,0,30']);
  expect(run(path)).toMatchObject({ status: 0 });
  await on.lines(['day,sku,units,returned,revenue', '2026-11-20,MUG,9,1,90']);
  const { status, stdout } = run(path);
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /line 2 \(paris MUG STORE, 2026-11-20\): 4 units, 5000 minor units; stored: 8 units, 9000/,
  );
}, 60_000);
