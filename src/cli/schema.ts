// npm run schema: writes schema.graphql from the code; with --check only says whether it is up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../server/schema';

const FILE = path.resolve(__dirname, '../../schema.graphql');

const text = `${printSchema(lexicographicSortSchema(schema))}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  process.stderr.write('schema.graphql is not what the code says; run npm run schema and commit it.\n');
  process.exitCode = 1;
}
