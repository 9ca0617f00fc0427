// What imports keep of people: keyed hashes of customers, also of those stored before; rejects without who it was, for some days.

import { createHash } from 'node:crypto';
import { freshKey } from '../order/support';
import { startApp, type TestApp } from '../support/app';
import { jobNamed } from '../support/jobs';
import { salesFiles } from './support';

let app: TestApp;
let feed: string;
const on = salesFiles(() => app);
beforeAll(async () => {
  app = await startApp();
  feed = await app.token('FEED');
});
afterEach(() => on.forget());
afterAll(async () => {
  on.end();
  await app.close();
});

const IMPORT = `mutation ($input: ImportSalesInput!) { importSales(input: $input) { __typename
  ... on Refusal { message } ... on Busy { retryAfterSeconds } ... on ImportSalesSuccess { accepted run { number } } } }`;
async function send(...lines: object[]) {
  const all = lines.map((line) => ({ sku: 'MUG', day: '2026-11-24', location: 'paris', line: '1', ...line }));
  const input = { idempotencyKey: freshKey(), feed: 'till', lines: all };
  return (await app.gql(feed, IMPORT, { input })).data.importSales;
}
const HEADER = 'document,line,sku,units,day,price,customer';
const plain = (feedId: number, text: string) => createHash('md5').update(`${feedId} ${text}`).digest('hex');
const bare = (uuid: string) => uuid.replaceAll('-', '');
const stored = async () =>
  (
    await app.db.rows<{ customer: string }>(
      'SELECT DISTINCT customer FROM sales_line WHERE customer IS NOT NULL',
    )
  ).map((row) => bare(row.customer));
const feedId = async (name = 'till') =>
  (await app.db.rows<{ id: number }>('SELECT id FROM sales_feed WHERE name = $1', [name]))[0]!.id;
const prune = (days = 0) => {
  app.wait(days * 24 * 60);
  return jobNamed('pruneImports').run(app.parts, app.parts.clock(), async () => true);
};

test('a customer is stored as a keyed hash, the same from a file and from importSales, another in another feed', async () => {
  await on.lines([HEADER, '1,1,MUG,2,2026-11-24,9.90,anna']);
  const [hash] = await stored();
  expect(hash).not.toBe(plain(await feedId(), 'anna'));
  await send({ document: '2', units: 1, customer: 'anna' });
  expect(await stored()).toEqual([hash]);
  await on.lines([HEADER, '1,1,MUG,2,2026-11-24,9.90,anna'], { feed: 'other' });
  expect(await stored()).toHaveLength(2);
  await on.forget();
  // Under another key the same customer has another hash.
  await on.lines([HEADER, '1,1,MUG,2,2026-11-24,9.90,anna'], { secretKey: Buffer.alloc(32, 'other') });
  expect(await stored()).not.toContain(hash);
});

/** Makes of what is stored what an earlier release would have stored. */
async function asBefore(...customers: string[]) {
  for (const customer of customers) {
    const [id, [hash]] = [await feedId(), await stored()];
    for (const table of ['sales_line', 'sales_unmatched'])
      await app.db.rows(`UPDATE ${table} SET customer = $2::uuid WHERE customer = $1::uuid`, [
        hash,
        plain(id, customer),
      ]);
  }
  await app.db.rows('UPDATE sales_feed SET customers_keyed = false');
}

test.each([
  ['a file', () => on.lines([HEADER, '2,1,MUG,-1,2026-11-25,9.90,anna'])],
  ['importSales', () => send({ document: '2', units: -1, day: '2026-11-25', customer: 'anna' })],
  [
    'the job, and then a file',
    async () => {
      expect(await prune()).toMatchObject({ feedsKeyed: expect.any(Number) });
      await on.lines([HEADER, '2,1,MUG,-1,2026-11-25,9.90,anna']);
    },
  ],
])('after an upgrade a return by %s finds the sale that was stored before', async (_what, giveBack) => {
  await on.lines([HEADER, '1,1,MUG,2,2026-11-24,9.90,anna']);
  await asBefore('anna');
  await giveBack();
  expect(await on.events()).toMatchObject([{ saleDay: '2026-11-24', returnDay: '2026-11-25', units: 1 }]);
  const hashes = await stored();
  expect(hashes).toHaveLength(1);
  expect(hashes[0]).not.toBe(plain(await feedId(), 'anna'));
  // The same lines once more correct nothing, and nothing is rewritten twice.
  const again = await on.lines(
    [HEADER, '1,1,MUG,2,2026-11-24,9.90,anna', '2,1,MUG,-1,2026-11-25,9.90,anna'],
    {
      numbers: 'LASTING',
    },
  );
  expect(again.accepted).toBe(2);
  await prune();
  expect(await stored()).toEqual(hashes);
});

test('rejects keep neither the customer nor columns that nobody reads, wherever they come from', async () => {
  const run = await on.lines([
    `${HEADER},cashier,email`,
    '1,1,NOPE,2,2026-11-24,9.90,c-4711,"Doe, Jane",jane@example.org',
    '2,1,MUG,x,2026-11-24,9.90,c-4711,Doe,jane@example.org',
    '3,1,MUG,1,2026-11-24,9.90,c-4711,Doe,jane@example.org,more',
    '4,1,MUG,1,2026-11-24,9.90,"c-4711,Doe',
    '5,1,MUG,1,2026-11-24,9.90,c-4711,Doe,a@b.c',
    '5,1,MUG,2,2026-11-24,9.90,c-4711,Doe,a@b.c',
  ]);
  const kept = await app.db.rows<{ line: number; raw: string }>(
    'SELECT line::int AS line, raw FROM import_reject WHERE run_id = $1 ORDER BY line',
    [run.id],
  );
  expect(kept.map((r) => r.line)).toEqual([2, 3, 4, 5, 6, 7]);
  expect(kept[0]!.raw).toBe('1,1,NOPE,2,2026-11-24,9.90,,,');
  expect(kept[4]!.raw).toBe('5,1,MUG,1,2026-11-24,9.90,,,');
  const all = JSON.stringify(await app.db.rows('SELECT * FROM import_reject'));
  expect(all).not.toMatch(/4711|doe|jane|a@b/i);
  const done = await send({ document: '9', units: 1, sku: 'NOPE', customer: 'c-4711' });
  const [api] = await app.db.rows<{ raw: string }>('SELECT raw FROM import_reject WHERE run_id = $1', [
    done.run.number,
  ]);
  expect(api!.raw).toContain('NOPE');
  expect(api!.raw).not.toContain('4711');
  const whole = await on.lines(['day,sku,units', '2026-11-24,NOPE,1'], { feed: 'days' });
  expect(await app.db.rows('SELECT raw FROM import_reject WHERE run_id = $1', [whole.id])).toEqual([
    { raw: '2026-11-24,NOPE,1' },
  ]);
});

test('rejects are forgotten after IMPORT_REJECT_DAYS; those of earlier releases lose their text at once', async () => {
  const lines = [HEADER, '1,1,NOPE,2,2026-11-24,9.90,anna', '2,1,MUG,1,2026-11-24,9.90,anna'];
  const path = on.file(lines);
  const first = await on.read(path);
  await app.db.rows(`UPDATE import_reject SET raw = 'anna'`);
  await app.db.rows('UPDATE import_run SET rejects_bare = false');
  expect(await prune()).toMatchObject({ bared: 1, pruned: 0 });
  expect(await app.db.rows('SELECT raw FROM import_reject')).toEqual([{ raw: '' }]);
  expect(await prune(29)).toEqual({ bared: 0, pruned: 0, feedsKeyed: 0 });
  await on.lines([HEADER, '3,1,NOPE,2,2026-11-24,9.90,anna'], { feed: 'young' });
  expect(await prune(2)).toMatchObject({ pruned: 1 });
  expect(await on.rejects(first.id)).toEqual([]);
  await expect(on.read(path, { again: true })).rejects.toMatchObject({
    message: expect.stringMatching(/were deleted; read the whole file again \(--reread\)/),
  });
  expect(await on.read(path, { reread: true })).toMatchObject({ accepted: 1, rejected: 1 });
});
