// Connects to the database at start: detects poolers, applies migrations, and explains to the operator what failed.

import pg from 'pg';
import { OperatorError } from '../refusals';
import { migrate } from './migrate';
import { TIMEOUTS } from './pool';
import { sqlState } from './transaction';

const CONNECT_TIMEOUT_MS = 5_000;

/** Which database of which server this is: the same on its replicas, and through any pooler. */
export const IDENTITY = `
  SELECT system_identifier || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database()) AS identity
  FROM pg_control_system()`;

/** The setting that contains an address. */
type Name = 'DATABASE_URL' | 'DATABASE_DIRECT_URL';

const POOLER: Record<Name, string> = {
  DATABASE_URL:
    'DATABASE_URL leads to a pooler: add pgbouncer=true to its parameters, and set DATABASE_DIRECT_URL to the address of ' +
    'the database itself.',
  DATABASE_DIRECT_URL: 'DATABASE_DIRECT_URL leads to a pooler; it must lead to the database itself.',
};

/** A pooler (PgBouncer) refuses the time-outs that our connections are opened with. */
const isRefusal = (error: unknown): boolean =>
  sqlState(error) === '08P01' && /unsupported startup parameter/.test((error as Error).message);

/** Statements that were prepared on one connection and requested on another: only a pooler does that. */
const LOST_STATEMENT = new Set(['26000', '42P05']);

/** A hint for errors that only a pooler causes; undefined for all others. */
export function poolerHint(error: unknown): string | undefined {
  const pooler = isRefusal(error) || LOST_STATEMENT.has(sqlState(error) ?? '');
  return pooler ? POOLER.DATABASE_URL : undefined;
}

/** The sentence for a database that cannot be reached or used, without its password. */
function databaseProblem(error: unknown, url: string, name: Name): string {
  const { host, pathname } = new URL(url);
  const database = pathname.slice(1);
  const state = sqlState(error);
  const reason = error instanceof Error ? error.message || String(state) : String(error);
  if (isRefusal(error)) return POOLER[name];
  if (state === '3D000')
    return `There is no database '${database}' on ${host}; create it, or correct ${name}.`;
  if (state === '28P01' || state === '28000')
    return `${host} does not accept the user or password of ${name}; correct them.`;
  if (state === '42501')
    return `The user of ${name} may not create tables in '${database}'; grant it, or use the owner.`;
  if (state?.startsWith('E') || /timeout|terminated/i.test(reason)) {
    return `The database at ${host} cannot be reached (${reason}); start it, or correct ${name}.`;
  }
  return `The database at ${host} cannot be used: ${reason}`;
}

/** A time-out that no role or pooler has been given: a connection that has it was opened with it. */
const OUR_TIMEOUTS = { ...TIMEOUTS, statement_timeout: TIMEOUTS.statement_timeout + 1 };

interface DatabaseAddress {
  url: string;
  name: Name;
  /** Opened without time-outs, which a pooler may refuse. */
  pooled?: boolean;
}

function clientOf({ url, name, pooled }: DatabaseAddress): pg.Client {
  try {
    const client = new pg.Client({
      ...(pooled ? {} : OUR_TIMEOUTS),
      connectionString: url,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    // A connection that is cut while idle: the next statement will report it.
    client.on('error', () => {});
    return client;
  } catch {
    throw new OperatorError(
      `${name} has a part that cannot be decoded; write a % in it as %25, and other special characters likewise.`,
    );
  }
}

/** Lends a connection to an address. @throws OperatorError */
async function connected<T>(address: DatabaseAddress, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = clientOf(address);
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(databaseProblem(error, address.url, address.name));
  } finally {
    await client.end().catch(() => {});
  }
}

const STATEMENT_TIMEOUT = `SELECT setting::int AS ms FROM pg_settings WHERE name = 'statement_timeout'`;

/** The statement timeout that is in force on a connection, in milliseconds; 0: none. */
async function statementTimeoutMs(client: pg.Client): Promise<number> {
  return (await client.query<{ ms: number }>(STATEMENT_TIMEOUT)).rows[0]!.ms;
}

/** A pooler may be configured to ignore requested settings; only reading them back shows it. @throws OperatorError */
async function refusePooler(client: pg.Client, { name }: DatabaseAddress): Promise<void> {
  if ((await statementTimeoutMs(client)) !== OUR_TIMEOUTS.statement_timeout)
    throw new OperatorError(POOLER[name]);
}

/** Which database this is; null where its user may not know. */
async function identityOf(client: pg.Client): Promise<string | null> {
  const found = await client.query<{ identity: string }>(IDENTITY).catch(() => null);
  return found?.rows[0]?.identity ?? null;
}

const quoted = pg.escapeIdentifier;

/** The statement that sets the statement time-outs that a pooler does not pass on. */
function remedy(url: URL): string {
  const actor = `ALTER ROLE ${quoted(decodeURIComponent(url.username))} IN DATABASE ${quoted(url.pathname.slice(1))}`;
  return Object.entries(TIMEOUTS)
    .map(([name, ms]) => `${actor} SET ${name} = ${ms};`)
    .join(' ');
}

/** Checks through the pooler that the same database is behind it. */
async function checkPooledAddress(
  address: DatabaseAddress,
  identity: string | null,
  warn: (line: string) => void,
): Promise<void> {
  await connected(address, async (client) => {
    if (!address.pooled) await refusePooler(client, address);
    const its = await identityOf(client);
    if (identity !== null && its !== null && its !== identity) {
      throw new OperatorError(
        'DATABASE_URL and DATABASE_DIRECT_URL lead to different databases; both must lead to the same.',
      );
    }
    if ((await statementTimeoutMs(client)) === 0)
      warn(`single statements have no time-out through the pooler; run ${remedy(new URL(address.url))}`);
  });
}

/**
 * Brings the database up to date, past any pooler, and proves that the addresses lead where the settings state. `log` receives news
 * of migrations, `warn` of what would be better otherwise. @throws OperatorError
 */
export async function reachDatabase(
  { url, directUrl, pooled }: { url: string; directUrl: string; pooled: boolean },
  log: (line: string) => void,
  warn: (line: string) => void,
): Promise<void> {
  const direct: DatabaseAddress = {
    url: directUrl,
    name: directUrl === url ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL',
  };
  const identity = await connected(direct, async (client) => {
    await refusePooler(client, direct);
    const { applied } = await migrate(client);
    if (applied.length > 0) log(`Applied ${applied.length} migration${applied.length === 1 ? '' : 's'}.`);
    return identityOf(client);
  });
  if (directUrl !== url) await checkPooledAddress({ url, name: 'DATABASE_URL', pooled }, identity, warn);
}
