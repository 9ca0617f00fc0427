// Debian's PgBouncer in front of a database, lending its few connections for a transaction at a time.

import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { serverUser } from '../../src/db/embedded/paths';
import { temporaryFolder } from '../support/leftovers';

const PROGRAM = '/usr/sbin/pgbouncer';
/** Whether this machine has it. */
export const HAS_PGBOUNCER = existsSync(PROGRAM);

const READY_LIMIT_MS = 10_000;
const POLL_MS = 20;

export interface Pooler {
  /** The database's address with the pooler's port in it. */
  url: string;
  /** Transactions that went through it. */
  transactions(): Promise<number>;
  /** Connections it has to the database. */
  connections(): Promise<number>;
  /** Kills it; its connections to the database end with it. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One answer of its console. */
async function ask(url: string, command: string): Promise<Record<string, string>[]> {
  const address = new URL(url);
  address.pathname = '/pgbouncer';
  const client = new Client({ connectionString: address.href });
  await client.connect();
  try {
    return (await client.query<Record<string, string>>(command)).rows;
  } finally {
    await client.end();
  }
}

const ended = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once('exit', resolve));

/** Starts it with `size` connections to the database; `settings` are further lines of its configuration. */
export async function startPgbouncer(
  databaseUrl: string,
  size: number,
  settings: Record<string, string> = {},
): Promise<Pooler> {
  const database = new URL(databaseUrl);
  const folder = temporaryFolder();
  const port = await freePort();
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    pool_mode: 'transaction',
    default_pool_size: size,
    max_client_conn: 500,
    auth_type: 'scram-sha-256',
    auth_file: join(folder, 'users'),
    admin_users: database.username,
    ...settings,
  };
  const files = {
    users: `"${database.username}" "${database.password}"\n`,
    ini: `[databases]\n* = host=${database.hostname} port=${database.port}\n[pgbouncer]\n${Object.entries(
      lines,
    )
      .map(([name, value]) => `${name} = ${value}\n`)
      .join('')}`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const user = serverUser(folder);
  if (user)
    for (const path of [folder, ...Object.keys(files).map((f) => join(folder, f))])
      chownSync(path, user.uid, user.gid);
  const through = new URL(databaseUrl);
  through.port = String(port);
  const url = through.href;
  const launch = async (): Promise<ChildProcess> => {
    const child = spawn(PROGRAM, [join(folder, 'ini')], { stdio: ['ignore', 'ignore', 'pipe'], ...user });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes;
    });
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await ask(url, 'SHOW VERSION').catch(() => null))) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`PgBouncer did not start: ${said}`);
      await sleep(POLL_MS);
    }
    return child;
  };
  let child = await launch();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await ended(child);
  };
  const dbName = database.pathname.slice(1);
  return {
    url,
    async transactions() {
      const rows = await ask(url, 'SHOW STATS_TOTALS');
      return Number(rows.find((row) => row.database === dbName)?.xact_count ?? 0);
    },
    async connections() {
      return (await ask(url, 'SHOW SERVERS')).filter((row) => row.database === dbName).length;
    },
    kill,
    async restart() {
      child = await launch();
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
