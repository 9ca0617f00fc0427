// Runs one transaction: BEGIN, the work, COMMIT; repeated after a serialization failure or deadlock, a bounded number of times.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, type Tx, txOn } from './pool';

const MAX_ATTEMPTS = 5;
const RETRIABLE = new Set(['40001', '40P01']);

/** PostgreSQL's SQLSTATE of an error, if it has one. */
export function sqlState(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

/** Classes of SQLSTATE that speak of the server or the way to it, not of the statement. */
const OUT_OF_REACH = new Set(['08', '53', '57', '58']);
const LOCK_NOT_AVAILABLE = '55P03';
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH']);
const POOL_MESSAGES =
  /timeout exceeded when trying to connect|Connection terminated|connection timeout|not queryable|Query read timeout/i;

/** Classes of SQLSTATE that speak of the values: out of range, not storable, a key or a CHECK broken. */
const DATA_ERRORS = new Set(['22', '23']);

/** The database refused the values of a statement; the same values will be refused again. */
export function isDataError(error: unknown): boolean {
  const state = sqlState(error);
  return state?.length === 5 && DATA_ERRORS.has(state.slice(0, 2));
}

const NUMBER_OUT_OF_RANGE = '22003';

/** A number, most often a sum, is too large for its column. */
export function isOutOfRange(error: unknown): boolean {
  return sqlState(error) === NUMBER_OUT_OF_RANGE;
}

/** What Prisma's adapter makes of errors of the network, and of a full server. */
const ADAPTER_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
]);

interface AdapterCause {
  kind?: string;
  originalCode?: string;
}

/** The error of PostgreSQL or the network inside an error of Prisma, which hides it behind codes of its own. */
function adapterCause(error: unknown): AdapterCause | undefined {
  return (error as { meta?: { driverAdapterError?: { cause?: AdapterCause } } } | null)?.meta
    ?.driverAdapterError?.cause;
}

/** The database did not answer, or is stopping, starting or full: the same request may succeed later. */
export function isUnreachable(error: unknown): boolean {
  const cause = adapterCause(error);
  if (cause?.kind !== undefined && ADAPTER_KINDS.has(cause.kind)) return true;
  const state = cause?.originalCode ?? sqlState(error);
  if (state === LOCK_NOT_AVAILABLE) return true;
  if (
    state !== undefined &&
    (NETWORK.has(state) || (state.length === 5 && OUT_OF_REACH.has(state.slice(0, 2))))
  )
    return true;
  return error instanceof Error && POOL_MESSAGES.test(error.message);
}

/** The transaction lost a conflict with others at every attempt: not a bug, and the same request may succeed later. */
export function lostToOthers(error: unknown): boolean {
  return RETRIABLE.has(sqlState(error) ?? '');
}

/**
 * Begins a transaction that finds all it needs by key. Plans are cached for the lifetime of a connection, those of foreign
 * keys too: one made while a table was small would read it whole when it has grown (450 reservations a second instead of 1,300
 * on one hot shelf, in the first minutes of a database). And the generic plan is used for all values: planning for a few keys takes
 * longer than to find them. One round trip, like BEGIN.
 */
const BEGIN_BY_KEY =
  "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL comptoir.begun = 'yes'";

/**
 * True in a transaction of `inTransactionByKey`. After a BEGIN that was cancelled, a pipelined statement
 * runs in a transaction of its own and is kept: a pipelined write must check this condition.
 */
export const BEGUN = "current_setting('comptoir.begun', true) = 'yes'";

/** Sends a statement without waiting for its result; COMMIT follows in the same round trip. */
export type SendWithCommit = (statement: Promise<unknown>) => void;

async function transact<A, T>(
  db: Db,
  begin: string,
  opening: (tx: Tx) => Promise<A>,
  work: (tx: Tx, opened: A, sendWithCommit: SendWithCommit) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await db.pool.connect();
    let broken: Error | undefined;
    const sent: Promise<unknown>[] = [];
    const sendWithCommit: SendWithCommit = (statement) => {
      statement.catch(() => {}); // awaited below, unless the work fails before
      sent.push(statement);
    };
    try {
      const tx = txOn(client);
      const [, opened] = await Promise.all([client.query(begin + db.afterBegin), opening(tx)]);
      const result = await work(tx, opened, sendWithCommit);
      // Of a transaction that has failed COMMIT is a rollback without an error; the statement that failed has one.
      sendWithCommit(client.query('COMMIT'));
      await Promise.all(sent);
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((e: Error) => {
        broken = e; // the connection is broken; PostgreSQL has rolled back by itself
      });
      if (attempt >= MAX_ATTEMPTS || !lostToOthers(error)) throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Runs `work` in one READ COMMITTED transaction. `work` must do nothing but SQL: it may run more than once. */
export function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transact(
    db,
    'BEGIN',
    async () => {},
    (tx) => work(tx),
  );
}

/**
 * The same for work that finds all rows by key, in as few round trips as possible. The statements of `opening` are sent
 * with BEGIN and must all be sent at once: reads, and writes that check BEGUN. Statements passed to `sendWithCommit` are
 * sent with COMMIT, so that locks are held as briefly as possible.
 */
export function inTransactionByKey<A, T>(
  db: Db,
  opening: (tx: Tx) => Promise<A>,
  work: (tx: Tx, opened: A, sendWithCommit: SendWithCommit) => Promise<T>,
): Promise<T> {
  return transact(db, BEGIN_BY_KEY, opening, work);
}

/** How long a stream waits for the database to come back, and how often it tries again. */
const RETRY_FOR_MS = 60_000;
const RETRY_INTERVAL_MS = 250;

/** Repeats reads while the database is unreachable, until they succeed, `isOver` returns true, or a minute has passed. */
export async function retryWhileUnreachable<T>(read: () => Promise<T>, isOver: () => boolean): Promise<T> {
  const deadline = performance.now() + RETRY_FOR_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!isUnreachable(error) || isOver() || performance.now() > deadline) throw error;
      await sleep(RETRY_INTERVAL_MS);
    }
  }
}
