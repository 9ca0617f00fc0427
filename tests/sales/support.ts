// Sales files as the tests write and import them, and what the facts then say.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { SalesFile } from '../../src/sales/actions/imports/openSales';
import { importSalesFile } from '../../src/sales/actions/imports/salesFile';
import { rejectPage } from '../../src/sales/queries/imports';
import { SALES_COLUMNS } from '../../src/sales/rules/line';
import { readMapping } from '../../src/sales/rules/mapping';
import type { TestApp } from '../support/app';

const FACTS = `
  SELECT l.code || ' ' || s.code || ' ' || d.channel || ' ' || d.day AS cell, sum(d.units)::int AS units,
         sum(d.returned_units)::int AS returned, sum(d.revenue_minor)::int AS minor
  FROM daily_sales d JOIN location l ON l.id = d.location_id JOIN sku s ON s.id = d.sku_id
  WHERE d.channel <> 'SHELF' AND (d.units > 0 OR d.returned_units > 0) AND ($1::text IS NULL OR d.feed_id = (SELECT id FROM sales_feed WHERE name = $1))
  GROUP BY 1 ORDER BY 1`;

const EVENTS = `
  SELECT s.code AS sku, e.sale_day AS "saleDay", e.return_day AS "returnDay", e.units, e.disposition
  FROM return_event e JOIN sku s ON s.id = e.sku_id ORDER BY e.return_day, s.code, e.sale_day, e.units`;

export type Told = Partial<Omit<SalesFile, 'path' | 'mapping' | 'reading'>> & {
  map?: string;
  reading?: Partial<SalesFile['reading']>;
};

/** A folder for the files of one test file. */
export function salesFiles(app: () => TestApp) {
  const folder = mkdtempSync(join(tmpdir(), 'comptoir-sales-'));
  let files = 0;
  const on = {
    folder,
    file(lines: readonly string[] | Buffer, name = `file-${++files}.csv`): string {
      const path = join(folder, name);
      writeFileSync(path, Buffer.isBuffer(lines) ? lines : `${lines.join('\n')}\n`);
      return path;
    },
    gzip: (lines: readonly string[]) => gzipSync(`${lines.join('\n')}\n`),
    /** Imports a file that is there. */
    async read(path: string, told: Told = {}) {
      const { map = '', reading, ...more } = told;
      const { db, clock } = app().parts;
      const imported = await importSalesFile(
        db,
        {
          path,
          feed: 'till',
          mapping: readMapping([map], SALES_COLUMNS),
          reading: {
            location: 'paris',
            channel: 'STORE',
            dateOrder: 'ymd',
            decimalComma: false,
            minorDigits: 2,
            productPattern: null,
            freeGoods: false,
            returnPrefix: null,
            ...reading,
          },
          encoding: 'utf-8',
          separator: null,
          createSkus: null,
          numbers: 'DAILY',
          again: false,
          reread: false,
          secretKey: app().parts.secretKey,
          ...more,
        },
        clock(),
      );
      return { ...imported.run, before: imported.before };
    },
    /** Writes and imports a file. */
    lines: (lines: readonly string[], told?: Told) => on.read(on.file(lines), told),
    async rejects(runId: number) {
      const rows = await rejectPage(app().db, runId, 0, 1_000);
      return rows.map(({ line, code, reason }) => ({ line, code, reason }));
    },
    /** 'location SKU CHANNEL day' → [units, returned, revenue in minor units]. */
    async facts(feed: string | null = null): Promise<Record<string, [number, number, number]>> {
      const rows = await app().db.rows<{ cell: string; units: number; returned: number; minor: number }>(
        FACTS,
        [feed],
      );
      return Object.fromEntries(rows.map((r) => [r.cell, [r.units, r.returned, r.minor]]));
    },
    events: () => app().db.rows(EVENTS),
    async forget() {
      for (const table of [
        'import_stage',
        'import_reject',
        'import_run',
        'return_event',
        'sales_unmatched',
        'sales_customer_change',
        'sales_line',
        'daily_sales',
        'sku_alias',
      ]) {
        await app().db.pool.query(`DELETE FROM ${table}`);
      }
      await app().db.pool.query('DELETE FROM sales_feed WHERE id > 1');
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
  return on;
}
