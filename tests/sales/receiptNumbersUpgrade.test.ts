// An upgrade of a database with sales lines: what an older version stored is recognised, and what it had replaced comes back.

import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/db/migrate';
import { openDb } from '../../src/db/pool';
import { importSalesFile } from '../../src/sales/actions/imports/salesFile';
import { documentNumber } from '../../src/values/text';
import { START } from '../support/app';
import { bareDatabase } from '../support/database';
import { fillWorld } from '../support/world';

jest.setTimeout(60_000);

const MIGRATIONS = join(__dirname, '../../prisma/migrations');
const THIS = '20261128000900_sales_line_identity';
const SPELLINGS = '20261128010400_document_numbers';

/** A database as it was before the migration of this name, and a folder of the test's own. */
async function databaseBefore(name: string) {
  const database = await bareDatabase();
  const dir = mkdtempSync(join(tmpdir(), 'migrations-'));
  cpSync(MIGRATIONS, dir, { recursive: true });
  for (const later of readdirSync(dir).filter((n) => /^\d/.test(n) && n >= name)) {
    rmSync(join(dir, later), { recursive: true });
  }
  const db = openDb(database.url, 4);
  await migrate(db.pool, { dir });
  await fillWorld(db);
  const end = async () => {
    await db.close();
    await database.drop();
    rmSync(dir, { recursive: true });
  };
  return { db, dir, end };
}

// As the older version wrote them: a key of document, item and n. Receipt 1 of the 20th was replaced by that of the 21st;
// receipt 2 has one MUG on each of two days (n 1 and 2), receipt 3 two on one day; two returns, of which one is on a day
// where it is the second of its receipt in the old count.
const STORED = `
  INSERT INTO sales_feed (id, name, form) VALUES (7, 'till', 'LINES');
  INSERT INTO sales_line (feed_id, document, item, n, location_id, sku_id, channel, day, second, units, revenue_minor)
  SELECT 7, document, 'MUG', n, (SELECT id FROM location WHERE code = 'paris'), (SELECT id FROM sku WHERE code = 'MUG'),
         'STORE', day::date, 0, units, abs(units) * 1000
  FROM (VALUES ('1', 1, '2026-11-21', 3), ('2', 1, '2026-11-20', 1), ('2', 2, '2026-11-21', 2), ('3', 1, '2026-11-20', 4),
               ('3', 2, '2026-11-20', 5), ('4', 1, '2026-11-20', -1), ('4', 2, '2026-11-21', -2)) v(document, n, day, units);
  INSERT INTO return_event (feed_id, document, item, n, part, sku_id, location_id, channel, return_day, units)
  SELECT feed_id, document, item, n, 0, sku_id, location_id, channel, day, -units FROM sales_line WHERE units < 0;
  INSERT INTO daily_sales (location_id, sku_id, day, channel, feed_id, units, returned_units, revenue_minor)
  SELECT location_id, sku_id, day, channel, 7, sum(greatest(units, 0)), sum(greatest(-units, 0)),
         sum(greatest(units, 0) * 1000)
  FROM sales_line GROUP BY 1, 2, 3, 4`;
const FILE = [
  'document,sku,units,day,price',
  '1,MUG,7,2026-11-20,10',
  '1,MUG,3,2026-11-21,10',
  '2,MUG,1,2026-11-20,10',
  '2,MUG,2,2026-11-21,10',
  '3,MUG,4,2026-11-20,10',
  '3,MUG,5,2026-11-20,10',
  '4,MUG,-1,2026-11-20,10',
  '4,MUG,-2,2026-11-21,10',
];

test('a file that was stored before the upgrade changes nothing after it, and mends what the old key had erased', async () => {
  const { db, dir, end } = await databaseBefore(THIS);
  try {
    await db.pool.query(STORED);
    expect((await migrate(db.pool)).applied).toContain(THIS);
    const path = join(dir, 'till.csv');
    writeFileSync(path, `${FILE.join('\n')}\n`);
    const file = {
      ...{ path, feed: 'till', mapping: new Map(), encoding: 'utf-8', separator: null, createSkus: null },
      ...{ numbers: 'DAILY' as const, again: false, reread: false, secretKey: Buffer.alloc(32, 's') },
      reading: {
        ...{
          location: 'paris',
          channel: 'STORE',
          dateOrder: 'ymd' as const,
          decimalComma: false,
          minorDigits: 2,
        },
        ...{ productPattern: null, freeGoods: false, returnPrefix: null },
      },
    };
    const { run } = await importSalesFile(db, file, START);
    expect(run).toMatchObject({ accepted: 8, created: 1, corrected: 0, unchanged: 7, rejected: 0 });
    const days = await db.rows(
      'SELECT day, units, returned_units AS returned, revenue_minor AS minor FROM daily_sales ORDER BY day',
    );
    expect(days).toEqual([
      { day: '2026-11-20', units: 17, returned: 1, minor: 17_000 },
      { day: '2026-11-21', units: 5, returned: 2, minor: 5_000 },
    ]);
    expect(await db.rows('SELECT return_day AS day, n, units FROM return_event ORDER BY 1')).toEqual([
      { day: '2026-11-20', n: 1, units: 1 },
      { day: '2026-11-21', n: 1, units: 2 },
    ]);
  } finally {
    await end();
  }
});

// Every letter and sign of Latin, Greek and Cyrillic, and of punctuation, in one number of its own.
const EVERY_SIGN = [
  [0x21, 0x24f],
  [0x370, 0x52f],
  [0x2000, 0x206f],
  [0x3000, 0x3000],
  [0xff01, 0xff5e],
].flatMap(([from, to]) => Array.from({ length: to! - from! + 1 }, (_, i) => String.fromCodePoint(from! + i)));
// What its capital is made of has several characters.
const APART = /[\u0149\u01f0\u037a\u0390\u03b0]/;

test('receipts that differ only in blanks, case and invisible characters become one, and sales lines keep their sums', async () => {
  const { db, end } = await databaseBefore(SPELLINGS);
  try {
    const spellings = ['T1-ab', 't1-AB', ' T1 - AB', 'T1\u2011ab\u200b', ']C1T1-AB', 'Ｔ1-ab\r'];
    const signs = EVERY_SIGN.filter((c) => /^[\p{L}\p{P}\p{S}\p{Z}\p{Cf}]$/u.test(c) && !APART.test(c));
    const others = signs.map((sign, i) => `n${i}${sign}z`);
    await db.rows(
      `INSERT INTO till_receipt (number, sold_at, created_at)
       SELECT number, '2026-11-20T10:00Z'::timestamptz - n * interval '1 hour', '2026-11-21T10:00Z'
       FROM unnest($1::text[]) WITH ORDINALITY AS r(number, n)`,
      [[...spellings, ...others]],
    );
    const lines = `INSERT INTO till_receipt_line (receipt, sku_id, sold, returned)
      SELECT r.number, s.id, r.sold, r.returned
      FROM unnest($1::text[], $2::text[], $3::int[], $4::int[]) AS r(number, code, sold, returned) JOIN sku s ON s.code = r.code`;
    const mugs = spellings.map((number, i) => [number, 'MUG', i === 2 ? 4 : 1, 1] as const);
    // The former article of one spelling is the article of another: they are one line.
    const all = [...mugs, [spellings[0]!, 'LAMP', 1, 0] as const, [spellings[1]!, 'SOCK-M', 2, 1] as const];
    await db.rows(
      lines,
      [0, 1, 2, 3].map((column) => all.map((line) => line[column])),
    );
    await db.rows(
      `UPDATE sku SET active = false, replaced_by_id = (SELECT id FROM sku WHERE code = 'LAMP') WHERE code = 'SOCK-M'`,
    );
    await db.rows(`INSERT INTO actor (name, role) VALUES ('anna', 'STAFF')`);
    await db.rows(
      `INSERT INTO customer_return (id, number, owner_id, location_id, receipt, sold_at, status, created_at)
       SELECT gen_random_uuid(), 'R-' || n, (SELECT id FROM actor WHERE name = 'anna'), p.id, number, now(), 'RECEIVED', now()
       FROM unnest($1::text[]) WITH ORDINALITY AS r(number, n), location p WHERE p.code = 'paris'`,
      [spellings],
    );
    await db.rows(`INSERT INTO sales_feed (id, name, form) VALUES (7, 'till', 'LINES')`);
    await db.rows(
      `INSERT INTO sales_line (feed_id, document, item, n, location_id, sku_id, channel, day, second, units, revenue_minor)
       SELECT 7, document, item, 1, p.id, s.id, 'STORE', day::date, 0, units, 1000
       FROM (VALUES ('b1', '1', '2026-11-20', 3), ('B1', '2', '2026-11-20', 5), ('b1 ', '2', '2026-11-20', 7),
                    ('b1', '1', '2026-11-21', -2)) AS v(document, item, day, units), location p, sku s
       WHERE p.code = 'paris' AND s.code = 'MUG'`,
    );
    await db.rows(
      `INSERT INTO return_event (feed_id, document, item, n, part, sku_id, location_id, channel, return_day, units)
       SELECT feed_id, document, item, n, 0, sku_id, location_id, channel, day, -units FROM sales_line WHERE units < 0`,
    );
    expect((await migrate(db.pool)).applied).toContain(SPELLINGS);

    const receipts = await db.rows<{ number: string; soldAt: Date }>(
      `SELECT number, sold_at AS "soldAt" FROM till_receipt ORDER BY number COLLATE "C"`,
    );
    expect(receipts.map((r) => r.number)).toEqual(
      [...new Set(['T1-AB', ...others.map(documentNumber)])].sort((a, b) =>
        Buffer.from(a).compare(Buffer.from(b)),
      ),
    );
    expect(receipts.find((r) => r.number === 'T1-AB')!.soldAt.toISOString()).toBe('2026-11-20T04:00:00.000Z');
    const bought = `SELECT s.code, l.sold, l.returned FROM till_receipt_line l JOIN sku s ON s.id = l.sku_id ORDER BY 1`;
    expect(await db.rows(bought)).toEqual([
      { code: 'LAMP', sold: 2, returned: 1 },
      { code: 'MUG', sold: 4, returned: 4 },
    ]);
    expect(await db.rows('SELECT receipt, count(*) AS n FROM customer_return GROUP BY 1')).toEqual([
      { receipt: 'T1-AB', n: spellings.length },
    ]);
    const stored = `SELECT document, item, day, units FROM sales_line ORDER BY document COLLATE "C", day, item`;
    expect(await db.rows(stored)).toEqual([
      { document: 'B1', item: '1', day: '2026-11-20', units: 3 },
      { document: 'B1', item: '2', day: '2026-11-20', units: 5 },
      { document: 'B1', item: '1', day: '2026-11-21', units: -2 },
      // Nobody can say now whether this was the same sale as B1 / 2: both stay.
      { document: 'b1 ', item: '2', day: '2026-11-20', units: 7 },
    ]);
    expect(await db.rows('SELECT document, units FROM return_event')).toEqual([{ document: 'B1', units: 2 }]);
  } finally {
    await end();
  }
});
