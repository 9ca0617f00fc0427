// Prisma's model and the migrations describe the same: every table, column, key and enum, in both directions.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { getDatamodel } from '../../src/db/generated/pothos';
import { freshDatabase } from '../support/database';
import { factsOf, readModel } from './prismaModel';

const SCHEMA = readFileSync(join(__dirname, '../../prisma/schema.prisma'), 'utf8').replaceAll('\r\n', '\n');

// Partitions repeat their parent, and the history table is Prisma's own.
const TABLES = `
  SELECT oid, relname FROM pg_class
   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
     AND relname <> '_prisma_migrations'`;

const COLUMN_NAMES = (keys: string, table: string) => `
  (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
     FROM unnest(${keys}) WITH ORDINALITY AS k (number, place)
     JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = k.number)`;

const ACTION = (column: string) =>
  `CASE ${column} WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade'
                  WHEN 'n' THEN 'set null' ELSE 'set default' END`;

const FACTS = `
  WITH tables AS (${TABLES})
  SELECT format('table %s', relname) AS fact FROM tables
  UNION ALL
  SELECT format('column %s.%s %s%s%s', t.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                CASE WHEN a.atthasdef OR a.attidentity <> '' THEN ' with default' ELSE '' END)
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  -- Prisma has no words for a unique index on a part of the rows or on an expression, nor for columns it only includes.
  SELECT format('%s %s(%s)', CASE WHEN i.indisprimary THEN 'primary key' ELSE 'unique' END, t.relname,
                ${COLUMN_NAMES('(i.indkey::int2[])[0:i.indnkeyatts - 1]', 't.oid')})
    FROM tables t JOIN pg_index i ON i.indrelid = t.oid
   WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
  UNION ALL
  SELECT format('foreign key %s(%s) to %s(%s) on delete %s on update %s', t.relname,
                ${COLUMN_NAMES('c.conkey', 'c.conrelid')}, target.relname,
                ${COLUMN_NAMES('c.confkey', 'c.confrelid')},
                ${ACTION('c.confdeltype')}, ${ACTION('c.confupdtype')})
    FROM tables t
    JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'f' AND c.conparentid = 0
    JOIN pg_class target ON target.oid = c.confrelid
  UNION ALL
  SELECT format('enum %s: %s', y.typname, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder))
    FROM pg_type y JOIN pg_enum e ON e.enumtypid = y.oid
   WHERE y.typnamespace = 'public'::regnamespace GROUP BY y.typname`;

let database: { url: string; drop(): Promise<void> };
let client: Client;

beforeAll(async () => {
  database = await freshDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

async function difference(): Promise<{ onlyInDatabase: string[]; onlyInModel: string[] }> {
  const inModel = new Set(factsOf(readModel(SCHEMA)));
  const { rows } = await client.query<{ fact: string }>(FACTS);
  const inDatabase = new Set(rows.map((row) => row.fact));
  return {
    onlyInDatabase: [...inDatabase].filter((fact) => !inModel.has(fact)).sort(),
    onlyInModel: [...inModel].filter((fact) => !inDatabase.has(fact)).sort(),
  };
}

test("Prisma's model and a freshly migrated database agree", async () => {
  expect(await difference()).toEqual({ onlyInDatabase: [], onlyInModel: [] });
});

test('the reader of the model misses nothing that Prisma itself sees', () => {
  const seen = (fields: Record<string, string[]>) =>
    Object.entries(fields).flatMap(([model, names]) => names.map((name) => `${model}.${name}`));
  // Its declared type is narrower than what it holds.
  const { datamodel } = getDatamodel() as unknown as {
    datamodel: { models: Record<string, { fields: { name: string }[] }> };
  };
  const prisma = Object.fromEntries(
    Object.entries(datamodel.models).map(([name, model]) => [name, model.fields.map((field) => field.name)]),
  );
  const ours = Object.fromEntries(
    readModel(SCHEMA).models.map((model) => [
      model.name,
      model.fields.filter((field) => !field.type.startsWith('Unsupported')).map((field) => field.name),
    ]),
  );
  expect(seen(ours).sort()).toEqual(seen(prisma).sort());
});

test.each([
  ['ALTER TABLE sku ADD COLUMN colour text', 'onlyInDatabase', 'column sku.colour text'],
  [
    'ALTER TABLE sku DROP COLUMN pick_position',
    'onlyInModel',
    'column sku.pick_position text not null with default',
  ],
  ['ALTER TABLE sku ALTER COLUMN gtin SET NOT NULL', 'onlyInModel', 'column sku.gtin text'],
  [
    'ALTER TABLE sku ALTER COLUMN pack_size TYPE bigint',
    'onlyInDatabase',
    'column sku.pack_size bigint not null with default',
  ],
  ['ALTER TABLE sku DROP CONSTRAINT sku_code_key', 'onlyInModel', 'unique sku(code)'],
  [
    'ALTER TABLE stock_level DROP CONSTRAINT stock_level_pkey',
    'onlyInModel',
    'primary key stock_level(location_id, sku_id)',
  ],
  [
    "ALTER TYPE role ADD VALUE 'GUEST'",
    'onlyInModel',
    'enum role: STOREFRONT, STAFF, PLANNER, FEED, AGENT, DATA_STEWARD, MONITOR, AUDITOR, ADMIN, SYSTEM',
  ],
  ['CREATE TABLE stray (id integer PRIMARY KEY)', 'onlyInDatabase', 'table stray'],
  [
    'ALTER TABLE access_token DROP CONSTRAINT access_token_actor_id_fkey',
    'onlyInModel',
    'foreign key access_token(actor_id) to actor(id) on delete cascade on update cascade',
  ],
] as const)('%s is seen', async (change, side, fact) => {
  await client.query('BEGIN');
  try {
    await client.query(change);
    expect((await difference())[side]).toContain(fact);
  } finally {
    await client.query('ROLLBACK');
  }
});
