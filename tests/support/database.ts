// Empty, migrated databases for tests: clones of the run's template, and what one test leaves for the next.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Pool } from 'pg';
import { type CountedPool, type Db, dbOver, openPool, type Tx } from '../../src/db/pool';

/** The template every test database is cloned from, with all migrations applied. */
export const TEMPLATE = 'comptoir_template';
/** Where globalSetup leaves the address of the run's server for the workers. */
export const ADMIN_URL = 'COMPTOIR_TEST_ADMIN_URL';

const CLONE_TRIES = 50;
const CLONE_PAUSE_MS = 50;
const LEAVE_TRIES = 100;
const LEAVE_PAUSE_MS = 10;
/** Connections of an app of the tests. */
const POOL_SIZE = 20;
const OBJECT_IN_USE = '55006';

function adminUrl(): string {
  const url = process.env[ADMIN_URL];
  if (!url) throw new Error('There is no test server: run the tests with jest from the root of the project.');
  return url;
}

async function asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs again while another clone of the same template is being made. */
async function whenFree(work: () => Promise<unknown>): Promise<void> {
  for (let left = CLONE_TRIES; ; left -= 1) {
    try {
      await work();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== OBJECT_IN_USE || left === 0) throw error;
      await sleep(CLONE_PAUSE_MS);
    }
  }
}

/**
 * Waits shortly until no session is connected but those of `pool`, which do nothing: a pool that has ended does not wait until its connections are closed,
 * and the error of one that is cut off then has no listener. Remaining sessions are ended by the DROP.
 */
async function leftAlone(client: Client, name: string, pool?: Pool): Promise<boolean> {
  for (let left = LEAVE_TRIES; left > 0; left -= 1) {
    const { rows } = await client.query(
      'SELECT FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
      [name],
    );
    const own = pool?.totalCount ?? 0;
    if (rows.length <= own && (pool === undefined || pool.idleCount === own)) return true;
    await sleep(LEAVE_PAUSE_MS);
  }
  return false;
}

function drop(name: string): Promise<void> {
  return asAdmin(async (client) => {
    await leftAlone(client, name);
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });
}

async function makeDatabase(source: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // FILE_COPY needs two checkpoints, which cost nothing without fsync: 12 ms a clone, WAL_LOG takes 20.
  await asAdmin((client) =>
    whenFree(() => client.query(`CREATE DATABASE ${name} TEMPLATE ${source} STRATEGY FILE_COPY`)),
  );
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => drop(name),
  };
}

/** A database with all migrations applied and no rows. Call `drop` at the end of the file. */
export function freshDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  return makeDatabase(TEMPLATE);
}

/** A database with nothing in it, not even migrations. */
export function bareDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  return makeDatabase('template0');
}

/** Set by the environment of a worker, and kept from one file to the next. */
const KEPT = Symbol.for('comptoir.keptDatabases');

interface EmptiableDatabase {
  url: string;
  /** Stays open too: what a connection reads of the catalogue, and its prepared statements, serve the next app. */
  opened: CountedPool;
  /** Stays open, since a new connection reads all of the catalogue first: to empty over it takes 25 ms, over a new one 150. */
  client: Client;
  /** What it was when it was new: its tables and schema, its sequences, and the few rows that migrations put in. */
  tables: string[];
  schema: string;
  sequences: SequenceState[];
  seeds: { name: string; rows: object[] }[];
}

interface SequenceState {
  name: string;
  value: string;
  called: boolean;
}

/** A table that has grown beyond this is not worth emptying: what is deleted stays in its pages. */
const MAX_TABLE_BYTES = 1_000_000;

const TABLES = `
  SELECT oid::regclass::text AS name, pg_relation_size(oid) AS bytes, reltuples > 0 AS analyzed FROM pg_class
  WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname <> '_prisma_migrations'`;
// The rows of these change with any change of a table, a constraint, a trigger, a function or a setting of the database.
const SCHEMA = `
  SELECT concat_ws(' ',
    (SELECT md5(string_agg(concat(relname, relkind, relacl), ',' ORDER BY relname)) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
    ${['attribute', 'constraint', 'trigger', 'proc', 'index', 'type', 'rewrite']
      .map((name) => `(SELECT count(*) || '/' || sum(xmin::text::bigint) FROM pg_${name})`)
      .join(', ')},
    (SELECT count(*) FROM pg_db_role_setting)) AS schema`;
// Not from pg_sequences, which does not know where a sequence was restarted.
const SEQUENCES = `
  SELECT oid::regclass::text AS name, data.last_value::text AS value, data.is_called AS called
  FROM pg_class, pg_get_sequence_data(oid) AS data WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace`;

const schemaOf = async (client: Client): Promise<string> => (await client.query(SCHEMA)).rows[0].schema;

async function describeDatabase(url: string): Promise<EmptiableDatabase> {
  const client = new Client({ connectionString: url });
  // A test may end every connection: the next statement over this one then fails.
  client.on('error', () => {});
  await client.connect();
  // Of pg, not of its types: the end of a worker does not wait for it.
  (client as Client & { unref(): void }).unref();
  const tables = (await client.query<{ name: string; bytes: string }>(TABLES)).rows;
  const seeds = [];
  for (const { name } of tables.filter(({ bytes }) => Number(bytes) > 0)) {
    const { rows } = await client.query<{ row: object }>(`SELECT to_json(t) AS row FROM ${name} t`);
    seeds.push({ name, rows: rows.map(({ row }) => row) });
  }
  const { rows: sequences } = await client.query<SequenceState>(SEQUENCES);
  const names = tables.map(({ name }) => name);
  const opened = openPool(url, POOL_SIZE);
  // Neither do its connections keep a worker from ending, and they are not closed while they are idle.
  Object.assign((opened.pool as Pool & { options: object }).options, {
    allowExitOnIdle: true,
    idleTimeoutMillis: 0,
  });
  return { url, opened, client, tables: names, schema: await schemaOf(client), sequences, seeds };
}

/** Makes it as it was when it was new; false when a test has changed more than rows, or left many. */
async function empty({ client, ...database }: EmptiableDatabase): Promise<boolean> {
  const tables = await client.query<{ name: string; bytes: string; analyzed: boolean }>(TABLES);
  const used = tables.rows.filter(({ name, bytes }) => database.tables.includes(name) && Number(bytes) > 0);
  if (used.some(({ bytes, analyzed }) => analyzed || Number(bytes) > MAX_TABLE_BYTES)) return false;
  // Partitions that were made on demand.
  const added = tables.rows.map(({ name }) => name).filter((name) => !database.tables.includes(name));
  if (added.length > 0) await client.query(`DROP TABLE IF EXISTS ${added.join(', ')} CASCADE`);
  if ((await schemaOf(client)) !== database.schema) return false;
  await client.query("BEGIN; SET LOCAL session_replication_role = 'replica'");
  await client.query(used.map(({ name }) => `DELETE FROM ONLY ${name}`).join(';'));
  for (const { name, rows } of database.seeds) {
    await client.query(
      `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::${name}, $1)`,
      [JSON.stringify(rows)],
    );
  }
  await client.query(
    'SELECT setval(s.name, s.value::bigint, s.called) FROM json_to_recordset($1) AS s(name text, value text, called boolean)',
    [JSON.stringify(database.sequences)],
  );
  await client.query('COMMIT');
  return true;
}

/** By the pools that are kept. A file of tests has its own, since modules are executed anew for each. */
const dbs = new WeakMap<Pool, Db>();

/** Over the same connections, and the same Prisma, as the app before in this file; what is remembered of a Db is not shared. */
function dbOf({ url, opened }: EmptiableDatabase): Db {
  let db = dbs.get(opened.pool);
  if (db === undefined) {
    // The first is the pool's own; the others are of the Prisma of files before.
    for (const listener of opened.pool.listeners('error').slice(1))
      opened.pool.off('error', listener as () => void);
    db = dbOver(opened, url);
    dbs.set(opened.pool, db);
  }
  return Object.defineProperties({} as Db, Object.getOwnPropertyDescriptors(db));
}

/**
 * As `freshDatabase`, and mostly the one that the test before has given back: emptied in 25 ms, while to make one and to
 * drop it takes 400 ms of processor time, for its 900 files. `rows` runs a statement over a connection that stays open.
 */
export async function emptyDatabase(): Promise<Tx & { url: string; db: Db; giveBack(): Promise<void> }> {
  const kept = (globalThis as { [KEPT]?: EmptiableDatabase[] })[KEPT];
  const database = kept?.pop() ?? (await describeDatabase((await freshDatabase()).url));
  const { url, client, opened } = database;
  const name = new URL(url).pathname.slice(1);
  return {
    url,
    // Not under a name, as the application has it: each file of tests would give the names anew.
    rows: async <R extends object>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<R>(sql, [...values])).rows,
    db: dbOf(database),
    async giveBack() {
      const emptied = await leftAlone(client, name, opened.pool)
        .then((left) => left && kept !== undefined && !opened.pool.ending && empty(database))
        .catch(() => false);
      if (emptied) {
        kept!.push(database);
        return;
      }
      if (!opened.pool.ending) await opened.pool.end().catch(() => {});
      await client.end().catch(() => {});
      await drop(name);
    },
  };
}
