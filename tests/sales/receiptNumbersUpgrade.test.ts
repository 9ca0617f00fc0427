// An upgrade of a database with sales lines: what an older version stored is recognised, and what it had replaced comes back.

import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/db/migrate';
import { openDb } from '../../src/db/pool';
import { importSalesFile } from '../../src/sales/actions/imports/salesFile';
import { START } from '../support/app';
import { bareDatabase } from '../support/database';
import { fillWorld } from '../support/world';

jest.setTimeout(60_000);

const MIGRATIONS = join(__dirname, '../../prisma/migrations');
const THIS = '20261128000900_sales_line_identity';

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
  const database = await bareDatabase();
  const dir = mkdtempSync(join(tmpdir(), 'migrations-'));
  cpSync(MIGRATIONS, dir, { recursive: true });
  for (const name of readdirSync(dir).filter((n) => /^\d/.test(n) && n >= THIS)) {
    rmSync(join(dir, name), { recursive: true });
  }
  const db = openDb(database.url, 4);
  try {
    await migrate(db.pool, { dir });
    await fillWorld(db);
    await db.pool.query(STORED);
    expect((await migrate(db.pool)).applied).toContain(THIS);
    const path = join(dir, 'till.csv');
    writeFileSync(path, `${FILE.join('\n')}\n`);
    const file = {
      ...{ path, feed: 'till', mapping: new Map(), encoding: 'utf-8', separator: null, createSkus: null },
      ...{ numbers: 'DAILY' as const, again: false, reread: false },
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
    await db.close();
    await database.drop();
    rmSync(dir, { recursive: true });
  }
});
