// The migration runner against real databases: order, history, lock, and every refusal.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { migrate } from '../../src/db/migrate';
import { OperatorError } from '../../src/refusals';
import { bareDatabase, freshDatabase } from '../support/database';

const FIRST = '20260101000000_first';
const SECOND = '20260102000000_second';
const PRISMA_LOCK = 72707369;

let database: { url: string; drop(): Promise<void> };
let dir: string;
let client: Client;

beforeEach(async () => {
  database = await bareDatabase();
  // With a time-out, as the program's pool has.
  client = new Client({ connectionString: database.url, statement_timeout: 9_000 });
  await client.connect();
  dir = mkdtempSync(join(tmpdir(), 'migrations-'));
  write(SECOND, 'ALTER TABLE shelf ADD COLUMN label text;\n');
  write(FIRST, 'CREATE TABLE shelf (id int);\nCREATE TABLE wall (id int);\n');
});

afterEach(async () => {
  await client.end();
  await database.drop();
  rmSync(dir, { recursive: true });
});

function write(name: string, sql: string): void {
  mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, name, 'migration.sql'), sql);
}

async function refusal(): Promise<string> {
  const error = await migrate(client, { dir }).then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OperatorError);
  return (error as Error).message;
}

async function tables(): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
  );
  return rows.map((row) => row.name);
}

test('applies in the order of the names and records as Prisma does', async () => {
  expect(await migrate(client, { dir })).toEqual({ applied: [FIRST, SECOND] });
  const { rows } = await client.query('SELECT * FROM _prisma_migrations ORDER BY migration_name');
  expect(rows).toHaveLength(2);
  expect(rows[0]).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    checksum: createHash('sha256')
      .update('CREATE TABLE shelf (id int);\nCREATE TABLE wall (id int);\n')
      .digest('hex'),
    finished_at: expect.any(Date),
    migration_name: FIRST,
    logs: null,
    rolled_back_at: null,
    started_at: expect.any(Date),
    applied_steps_count: 1,
  });
  expect(await migrate(client, { dir })).toEqual({ applied: [] });
});

test('leaves neither its lock nor its time-outs on the session', async () => {
  await migrate(client, { dir });
  // pg_locks is the whole server's, and other test files run beside this one.
  const { rows } = await client.query(
    `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
     WHERE l.locktype = 'advisory' AND d.datname = current_database()`,
  );
  expect(rows).toEqual([]);
  expect((await client.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '9s' }]);
});

test('of processes that start together one applies and the others find nothing to do', async () => {
  const pools = [1, 2, 3, 4].map(() => new Pool({ connectionString: database.url, max: 1 }));
  const results = await Promise.all(pools.map((pool) => migrate(pool, { dir })));
  await Promise.all(pools.map((pool) => pool.end()));
  expect(results.map((result) => result.applied.length).sort()).toEqual([0, 0, 0, 2]);
});

test("waits for Prisma's own lock", async () => {
  const prisma = new Client({ connectionString: database.url });
  await prisma.connect();
  await prisma.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
  const lines: string[] = [];
  let told: () => void;
  const waits = new Promise<void>((resolve) => {
    told = resolve;
  });
  const running = migrate(client, {
    dir,
    log: (line) => {
      lines.push(line);
      told();
    },
  });
  await waits;
  expect(lines).toEqual(['waiting for another process that migrates this database']);
  await prisma.end();
  expect((await running).applied).toHaveLength(2);
});

test('a migration that fails is undone whole, and applied once it is mended', async () => {
  write(SECOND, 'CREATE TABLE half (id int);\nSELECT * FROM nowhere;\n');
  expect(await refusal()).toBe(
    `The migration ${SECOND} failed and was undone: relation "nowhere" does not exist.`,
  );
  expect(await tables()).toEqual(['_prisma_migrations', 'shelf', 'wall']);
  write(SECOND, 'CREATE TABLE half (id int);\n');
  expect(await migrate(client, { dir })).toEqual({ applied: [SECOND] });
});

test('a migration and its record are one transaction', async () => {
  await migrate(client, { dir });
  await client.query(
    `ALTER TABLE _prisma_migrations ADD CONSTRAINT full_up CHECK (migration_name <= '${SECOND}')`,
  );
  write('20260103000000_third', 'CREATE TABLE third (id int);');
  expect(await refusal()).toContain('failed and was undone: new row for relation "_prisma_migrations"');
  expect(await tables()).toEqual(['_prisma_migrations', 'shelf', 'wall']);
});

test('function bodies with semicolons are applied as they are', async () => {
  write(
    '20260103000000_function',
    'CREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;',
  );
  expect((await migrate(client, { dir })).applied).toHaveLength(3);
});

test('refuses a schema newer than the program', async () => {
  await migrate(client, { dir });
  rmSync(join(dir, SECOND), { recursive: true });
  expect(await refusal()).toBe(
    `The database has the migration ${SECOND}, which this program does not know: ` +
      'upgrade Comptoir, or restore a backup from before that migration.',
  );
});

test('refuses a migration that was changed after it was applied', async () => {
  await migrate(client, { dir });
  write(FIRST, 'CREATE TABLE shelf (id bigint);\n');
  expect(await refusal()).toBe(
    `The file of migration ${FIRST} was changed after it was applied: ` +
      'restore the file, and make the change in a new migration.',
  );
});

test('line ends do not count as a change, whoever applied the file', async () => {
  await migrate(client, { dir });
  write(SECOND, 'ALTER TABLE shelf ADD COLUMN label text;\r\n');
  expect(await migrate(client, { dir })).toEqual({ applied: [] });
  const withCrLf = createHash('sha256').update('ALTER TABLE shelf ADD COLUMN label text;\r\n').digest('hex');
  await client.query('UPDATE _prisma_migrations SET checksum = $1 WHERE migration_name = $2', [
    withCrLf,
    SECOND,
  ]);
  write(SECOND, 'ALTER TABLE shelf ADD COLUMN label text;\n');
  expect(await migrate(client, { dir })).toEqual({ applied: [] });
});

test('refuses after a failed migration, and goes on when it is marked as rolled back', async () => {
  await migrate(client, { dir });
  await client.query('UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = $1', [SECOND]);
  expect(await refusal()).toBe(
    `The migration ${SECOND} is recorded as failed: repair the database, then record that with prisma migrate resolve.`,
  );
  await client.query('ALTER TABLE shelf DROP COLUMN label');
  await client.query('UPDATE _prisma_migrations SET rolled_back_at = now() WHERE migration_name = $1', [
    SECOND,
  ]);
  expect(await migrate(client, { dir })).toEqual({ applied: [SECOND] });
});

test("refuses a database that is somebody else's", async () => {
  await client.query('CREATE TABLE invoice (id int)');
  expect(await refusal()).toBe(
    "The database has tables that are not Comptoir's ('invoice' for one): give DATABASE_URL an empty database.",
  );
  expect(await tables()).toEqual(['invoice']);
});

test('refuses a PostgreSQL older than 15', async () => {
  // No old server is at hand: a function of the same name, found first, states that this one is old.
  await client.query(`CREATE SCHEMA old;
    CREATE FUNCTION old.current_setting(name text) RETURNS text LANGUAGE sql
      AS $$ SELECT CASE name WHEN 'server_version' THEN '14.11' ELSE '140011' END $$;
    SET search_path = old, pg_catalog, public`);
  expect(await refusal()).toBe(
    'The database is PostgreSQL 14.11 and Comptoir needs 15 or later: upgrade the server.',
  );
});

test("the project's own migrations are all in the template", async () => {
  const fresh = await freshDatabase();
  const pool = new Pool({ connectionString: fresh.url });
  expect(await migrate(pool)).toEqual({ applied: [] });
  await pool.end();
  await fresh.drop();
});
