// Applies the SQL migrations of prisma/migrations, in Prisma's own layout, order, lock and history table.

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { OperatorError } from '../refusals';

const MIGRATIONS = join(__dirname, '../../prisma/migrations');
const OLDEST_POSTGRES = 15;
/** The number that `prisma migrate deploy` locks too, so that it and we never work at the same time. */
const PRISMA_LOCK = 72707369;
const LOCK_WAIT_MS = 300_000;

// As Prisma creates it (schema engine, create_migrations_table).
const HISTORY = `
  CREATE TABLE _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
  )`;

const FOREIGN_TABLES = `
  SELECT c.relname AS name FROM pg_class c
   WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                        AND d.objid = c.oid AND d.deptype = 'e')
   ORDER BY c.relname LIMIT 1`;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

interface HistoryRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/** Reads the migrations of a folder in the order of their names. Line ends do not count: git may rewrite them. */
function migrationsIn(dir: string): Migration[] {
  return readdirSync(dir)
    .filter((name) => /^\d{14}_/.test(name) && existsSync(join(dir, name, 'migration.sql')))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(dir, name, 'migration.sql'), 'utf8').replaceAll('\r\n', '\n');
      return { name, sql, checksum: sha256(sql) };
    });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Brings the database to the schema of this program: each missing migration in a transaction of its own, all under
 * one lock, so that of several processes that start together one works and the others wait and find nothing to do.
 * Answers with the names it applied.
 *
 * Refuses (`OperatorError`) a PostgreSQL older than 15, a database with tables that are not ours, a schema newer
 * than the program, a migration that was changed after it was applied, a failed one, and one that fails now (which
 * is undone).
 */
export async function migrate(
  database: pg.Pool | pg.ClientBase,
  opts: { dir?: string; log?: (line: string) => void } = {},
): Promise<{ applied: string[] }> {
  const migrations = migrationsIn(opts.dir ?? MIGRATIONS);
  const log = opts.log ?? (() => {});
  if (!(database instanceof pg.Pool)) return migrateOn(database, migrations, log);
  const client = await database.connect();
  try {
    return await migrateOn(client, migrations, log);
  } finally {
    // Closed rather than given back: the lock and the time-outs below belong to this session.
    client.release(true);
  }
}

async function migrateOn(
  client: pg.ClientBase,
  migrations: Migration[],
  log: (line: string) => void,
): Promise<{ applied: string[] }> {
  await refuseOldServer(client);
  await client.query(`SET statement_timeout = ${LOCK_WAIT_MS}; SET lock_timeout = 0`);
  const free = await client.query<{ ok: boolean }>('SELECT pg_try_advisory_lock($1) AS ok', [PRISMA_LOCK]);
  if (!free.rows[0]?.ok) {
    log('waiting for another process that migrates this database');
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
  }
  try {
    // A migration of a big table takes the time it takes.
    await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0');
    const missing = missingMigrations(migrations, await history(client));
    for (const migration of missing) {
      log(`applying migration ${migration.name}`);
      await apply(client, migration);
    }
    return { applied: missing.map((migration) => migration.name) };
  } finally {
    // On a broken connection these fail; its lock is released anyway, and the first error is the one to report.
    await client.query('SELECT pg_advisory_unlock($1)', [PRISMA_LOCK]).catch(() => {});
    await client
      .query('RESET statement_timeout; RESET lock_timeout; RESET idle_in_transaction_session_timeout')
      .catch(() => {});
  }
}

async function refuseOldServer(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: string; number: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number",
  );
  const server = rows[0];
  if (!server || Number(server.number) >= OLDEST_POSTGRES * 10_000) return;
  throw new OperatorError(
    `The database is PostgreSQL ${server.version} and Comptoir needs ${OLDEST_POSTGRES} or later: upgrade the server.`,
  );
}

/** The migrations recorded as done or failed; opens the history of an empty database. */
async function history(client: pg.ClientBase): Promise<HistoryRow[]> {
  const { rows } = await client.query<{ found: boolean }>(
    "SELECT to_regclass(quote_ident(current_schema()) || '._prisma_migrations') IS NOT NULL AS found",
  );
  if (!rows[0]?.found) {
    const foreign = (await client.query<{ name: string }>(FOREIGN_TABLES)).rows[0];
    if (foreign) {
      throw new OperatorError(
        `The database has tables that are not Comptoir's ('${foreign.name}' for one): ` +
          'give DATABASE_URL an empty database.',
      );
    }
    await client.query(HISTORY);
  }
  const found = await client.query<HistoryRow>(
    `SELECT migration_name, checksum, finished_at FROM _prisma_migrations
      WHERE rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return found.rows;
}

function missingMigrations(migrations: Migration[], done: HistoryRow[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of done) {
    const migration = known.get(row.migration_name);
    if (!migration) {
      throw new OperatorError(
        `The database has the migration ${row.migration_name}, which this program does not know: ` +
          'upgrade Comptoir, or restore a backup from before that migration.',
      );
    }
    if (row.finished_at === null) {
      throw new OperatorError(
        `The migration ${row.migration_name} is recorded as failed: repair the database, then record that with ` +
          'prisma migrate resolve.',
      );
    }
    if (
      row.checksum !== migration.checksum &&
      row.checksum !== sha256(migration.sql.replaceAll('\n', '\r\n'))
    ) {
      throw new OperatorError(
        `The file of migration ${row.migration_name} was changed after it was applied: ` +
          'restore the file, and make the change in a new migration.',
      );
    }
  }
  const names = new Set(done.map((row) => row.migration_name));
  return migrations.filter((migration) => !names.has(migration.name));
}

async function apply(client: pg.ClientBase, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`The migration ${migration.name} failed and was undone: ${why}.`, {
      cause: error,
    });
  }
}
