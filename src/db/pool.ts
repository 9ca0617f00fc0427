// Connections to PostgreSQL: one pg pool, the narrow Tx over it, and Prisma (reads only) on the same pool.

import { createHash } from 'node:crypto';
import pg from 'pg';
import type { PrismaClient } from './generated/client/client';

/** What SQL needs and no more. Statements are constant texts; values go in parameters. */
export interface Tx {
  /** Runs one statement and gives its rows (int8 as number, timestamptz as Date, jsonb parsed). */
  rows<R extends object = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<R[]>;
}

export interface Db extends Tx {
  /** Its connections are pipelined: statements issued without waiting are sent together and answered in order. */
  readonly pool: pg.Pool;
  /** Loaded and made when it is first asked for. */
  readonly prisma: PrismaClient;
  /** Statements sent since start, Prisma's included; tests count with it. */
  statements(): number;
  /** Address of the database itself, past any pooler: for threads, and all else that needs sessions. It contains the password. */
  readonly directUrl: string;
  /** Sent with every BEGIN: the timeouts, where a pooler does not let connections set them. */
  readonly afterBegin: string;
  /**
   * Lends a separate connection, not a pipelined one, for work that needs a session or a stream: COPY, locks that
   * outlive a transaction.
   */
  session<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Options for connecting to a database. */
export interface ConnectOptions {
  /** The address is a pooler in transaction mode. */
  pooled?: boolean;
  /** Address of the database itself; by default the same address. */
  directUrl?: string;
  /** Milliseconds after which a statement without an answer fails; left out: never, PostgreSQL's own time-out applies. */
  hungMs?: number;
  /** Called when an idle connection is lost. */
  onError?: (error: Error) => void;
}

const STATEMENT_TIMEOUT_MS = 15_000;
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;

const FLOAT4_ARRAY = 1021;

/** Forecasts are numbers by the hundred, none of them NULL: the general reader of arrays takes them letter by letter. */
function numbersOf(text: string): number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(Number);
}

const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    // Ledger positions and sums stay far below 2^53, so a number is exact and simpler to use.
    if (oid === pg.types.builtins.INT8) return Number;
    if (oid === pg.types.builtins.DATE) return (text: string) => text;
    if (oid === FLOAT4_ARRAY) return numbersOf;
    return pg.types.getTypeParser(oid, format);
  },
};

// Statements are prepared once per connection; the texts are constants, so the map stays small. The name follows from the
// text alone, so that any two parts of a program may share a connection.
const names = new Map<string, string>();
function nameOf(sql: string): string {
  let name = names.get(sql);
  if (name === undefined) {
    name = `s${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`;
    names.set(sql, name);
  }
  return name;
}

const isNumber = (value: unknown): boolean => typeof value === 'number';

/** Ids go in by the hundred: pg would look through each for letters to quote. */
function encoded(value: unknown): unknown {
  return Array.isArray(value) && value.every(isNumber) ? `{${value.join(',')}}` : value;
}

/** The narrow Tx over one connection or the pool. */
export function txOn(client: Pick<pg.Pool, 'query'>): Tx {
  return {
    async rows<R extends object>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
      const result = await client.query({ name: nameOf(sql), text: sql, values: values.map(encoded), types });
      return result.rows as R[];
    },
  };
}

/** Time-outs that a connection is opened with. */
export const TIMEOUTS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
};

// A pooler refuses or drops the settings that a connection is opened with, and its next transaction may be another
// connection's: so a transaction brings its time-outs itself (single reads have those of the role), and statements are
// prepared under no name.
const SET_TIMEOUTS = Object.entries(TIMEOUTS)
  .map(([name, ms]) => `; SET LOCAL ${name} = ${ms}`)
  .join('');

/** The same statement without the name it would be prepared under. */
function nameless(args: unknown[]): unknown[] {
  const [first, ...others] = args as [pg.QueryConfig | string | undefined, ...unknown[]];
  return typeof first === 'object' && first.name !== undefined
    ? [{ ...first, name: undefined }, ...others]
    : args;
}

function newPrisma(pool: pg.Pool): PrismaClient {
  // Only here: threads of jobs and most commands read without Prisma, which is a third of what they load.
  const { PrismaPg } = require('@prisma/adapter-pg') as typeof import('@prisma/adapter-pg');
  const { PrismaClient } = require('./generated/client/client') as typeof import('./generated/client/client');
  return new PrismaClient({ adapter: new PrismaPg(pool) });
}

/** The connections of a database and how many statements were sent over them. */
export interface CountedPool {
  pool: pg.Pool;
  statements(): number;
}

function configOf({ hungMs }: ConnectOptions): pg.ClientConfig {
  return {
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'comptoir',
    query_timeout: hungMs,
  };
}

/** Opens a pool (lazily connecting) with time-outs on everything that can wait. */
export function openPool(url: string, size: number, way: ConnectOptions = {}): CountedPool {
  const { pooled = false, onError = () => {} } = way;
  const pool = new pg.Pool({
    ...configOf(way),
    ...(pooled ? {} : TIMEOUTS),
    connectionString: url,
    max: size,
    pipeline: true,
  });
  let sent = 0;
  // A pool that ends does not wait until its connections are closed, and the server may stop before they are.
  pool.on('error', (error) => pool.ending || onError(error));
  pool.on('connect', (client) => {
    // The pool listens to idle connections only; one that is lost in the middle of a transaction would otherwise end
    // the process. Its next query reports the error to its caller.
    client.on('error', () => {});
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      sent += 1;
      return query(...(pooled ? nameless(args) : args));
    }) as typeof client.query;
  });
  return { pool, statements: () => sent };
}

/** The database at an address, over a pool of its own. */
export function openDb(url: string, poolSize: number, way: ConnectOptions = {}): Db {
  return dbOver(openPool(url, poolSize, way), url, way);
}

/** The database at an address, over a pool that is open already. */
export function dbOver({ pool, statements }: CountedPool, url: string, way: ConnectOptions = {}): Db {
  const { pooled = false, directUrl = url } = way;
  let prisma: PrismaClient | undefined;
  return {
    ...txOn(pool),
    pool,
    get prisma() {
      prisma ??= newPrisma(pool);
      return prisma;
    },
    directUrl,
    afterBegin: pooled ? SET_TIMEOUTS : '',
    statements,
    async session(work) {
      const client = new pg.Client({ ...configOf(way), ...TIMEOUTS, connectionString: directUrl });
      client.on('error', () => {}); // its next statement reports it
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end().catch(() => {});
      }
    },
    async close() {
      await prisma?.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}
