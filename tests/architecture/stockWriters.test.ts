// Only the ledger writes levels and moves of stock: no other SQL of the program inserts, changes or deletes their rows.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, ROOT } from '../docs/pages';

const WRITE =
  /\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE|COPY)\s+(ONLY\s+)?stock_(level|move)\b/i;

test('no file but the ledger writes stock_level or stock_move', () => {
  const files = ['src', 'jobs', 'prisma/seed'].flatMap(filesBelow).filter((path) => path.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(300);
  const writers = files.filter((path) => WRITE.test(readFileSync(join(ROOT, path), 'utf8')));
  expect(writers).toEqual(['src/stock/ledger.ts']);
});
