// The registry of personal data names every column of the migrated database that can hold text, and the documents' tables of columns are those of the database.

import { Client } from 'pg';
import { TIMETABLE } from '../../jobs/timetable';
import { CONTACT_SECTIONS } from '../../src/contact/queries/exportSections';
import { CUSTOMER_SECTIONS, isExported } from '../../src/customer/queries/exportSections';
import { DOCUMENTS, REGISTRY } from '../../src/customer/rules/personalData';
import { columnName } from '../../src/values/document';
import { LEGAL_BASES, RETENTION_RULES } from '../../src/values/retention';
import { freshDatabase } from '../support/database';

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

// Partitions repeat their parent.
const COLUMNS = `
  SELECT table_name AS "table", column_name AS "column", udt_name AS type, is_nullable = 'YES' AS "isNullable",
         EXISTS (SELECT FROM pg_enum e JOIN pg_type y ON y.oid = e.enumtypid WHERE y.typname = udt_name) AS "isEnum"
  FROM information_schema.columns c
  WHERE table_schema = 'public'
    AND (SELECT NOT relispartition FROM pg_class
         WHERE relname = table_name AND relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p'))`;
interface StoredColumn {
  table: string;
  column: string;
  type: string;
  isNullable: boolean;
  isEnum: boolean;
}
/** What can hold no text. Any other type can, also one that no column has yet. */
const WITHOUT_TEXT = /^_?(int[248]|float[48]|bool|date|timestamptz|uuid)$/;
const pathOf = ({ table, column }: { table: string; column: string }): string => `${table}.${column}`;

/** Columns that can hold text and are not registered, and registered ones that are not in the database. */
async function difference(): Promise<{ unregistered: string[]; missing: string[] }> {
  const { rows } = await client.query<StoredColumn>(COLUMNS);
  const registered = new Set(REGISTRY.map(pathOf));
  const stored = new Set(rows.map(pathOf));
  const texts = rows.filter(({ type, isEnum }) => !isEnum && !WITHOUT_TEXT.test(type));
  return {
    unregistered: texts.map(pathOf).filter((path) => !registered.has(path)),
    missing: [...registered].filter((path) => !stored.has(path)),
  };
}

describe('the registry', () => {
  test('names every column that can hold text, once, and no other', async () => {
    expect(await difference()).toEqual({ unregistered: [], missing: [] });
    const paths = REGISTRY.map(pathOf);
    expect(paths.filter((path, i) => paths.indexOf(path) !== i)).toEqual([]);
    expect(paths.length).toBeGreaterThan(100);
  });

  test.each(['text', 'varchar(9)', 'char(2)', 'jsonb', 'json', 'bytea', 'inet', 'text[]', 'xml'])(
    'misses a new column of type %s',
    async (type) => {
      await client.query(`ALTER TABLE transfer ADD COLUMN driver ${type}`);
      try {
        expect(await difference()).toEqual({ unregistered: ['transfer.driver'], missing: [] });
      } finally {
        await client.query('ALTER TABLE transfer DROP COLUMN driver');
      }
    },
  );

  test('gives every personal column a legal basis and a rule of retention, whose job is in the timetable', () => {
    const rules = REGISTRY.flatMap(({ content }) => (typeof content === 'string' ? [] : [content]));
    for (const { legalBasis, retention } of rules) {
      expect(LEGAL_BASES[legalBasis]).toMatch(/Art\. 6\(1\)/);
      expect(RETENTION_RULES[retention].kept).toBeTruthy();
    }
    const used = new Set(rules.map(({ retention }) => retention));
    expect([...used].sort()).toEqual(Object.keys(RETENTION_RULES).sort());
    const jobs = Object.values(RETENTION_RULES).flatMap(({ job }) => job ?? []);
    const known = TIMETABLE.map(({ name }) => name);
    expect(jobs.filter((job) => !known.includes(job))).toEqual([]);
  });

  test('exports no column that no list of exportCustomer has', () => {
    const tables = [...CUSTOMER_SECTIONS, ...CONTACT_SECTIONS].flatMap((section) => section.tables);
    const left = REGISTRY.filter(({ table, content }) => isExported(content) && !tables.includes(table));
    expect(left.map(pathOf)).toEqual([]);
  });

  test('has a column too many when one is gone', async () => {
    await client.query('ALTER TABLE supplier RENAME COLUMN name TO label');
    try {
      expect(await difference()).toEqual({ unregistered: ['supplier.label'], missing: ['supplier.name'] });
    } finally {
      await client.query('ALTER TABLE supplier RENAME COLUMN label TO name');
    }
  });
});

const TYPE_NAMES: Record<string, string> = { int4: 'int', int8: 'bigint', bool: 'boolean' };

test.each(DOCUMENTS.map((document) => [document.table, document] as const))(
  'the table of columns of %s is that of the database',
  async (table, { columns }) => {
    const { rows } = await client.query<StoredColumn>(COLUMNS);
    const stored = rows
      .filter((row) => row.table === table)
      .map(
        ({ column, type, isNullable }) => `${column} ${TYPE_NAMES[type] ?? type} ${isNullable ? 'null' : ''}`,
      );
    const declared = Object.entries(columns).map(
      ([key, column]) => `${columnName(key, column)} ${column.sql} ${column.nullable ? 'null' : ''}`,
    );
    expect(declared.sort()).toEqual(stored.sort());
  },
);
