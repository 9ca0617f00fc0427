// A primary and its streaming replica, made with the PostgreSQL that Debian has, to be paused, killed and promoted.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { serverUser } from '../../src/db/embedded/paths';
import { temporaryFolder } from '../support/leftovers';

const DEBIAN = '/usr/lib/postgresql';
const OLDEST = 15;
const NEEDED = ['initdb', 'postgres', 'pg_basebackup'];
const READY_LIMIT_MS = 30_000;
const POLL_MS = 20;
const USER = 'comptoir';

/** Said where there is nothing to make a replica with. */
export const NO_POSTGRES =
  'A replica needs initdb, postgres and pg_basebackup of PostgreSQL 15 or newer, which are not on this machine: on Debian, apt install postgresql.';

/** The folder of PostgreSQL's programs, the newest; null: there is none that can make a replica. */
export function findPostgres(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).filter((v) => Number(v) >= OLDEST) : [];
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, 'bin'));
  const all = [...folders, ...(process.env.PATH ?? '').split(delimiter)];
  return all.find((folder) => NEEDED.every((name) => existsSync(join(folder, name)))) ?? null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const addressOf = (port: number, database: string): string =>
  `postgresql://${USER}@127.0.0.1:${port}/${database}`;

/** Runs one statement on a server, on a connection of its own. */
async function say(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** One server on a folder of its own. */
class Server {
  readonly folder = temporaryFolder();
  readonly data = join(this.folder, 'pgdata');
  readonly #user = serverUser(this.folder);
  #child: ChildProcess | null = null;

  constructor(
    private readonly bin: string,
    readonly port: number,
  ) {
    if (this.#user) chownSync(this.folder, this.#user.uid, this.#user.gid);
  }

  /** Runs one of PostgreSQL's programs to its end. */
  run(program: string, ...words: string[]): void {
    execFileSync(join(this.bin, program), words, {
      cwd: this.folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: 'pipe',
      ...this.#user,
    });
  }

  configure(lines: Record<string, string | number>): void {
    const text = Object.entries(lines).map(([name, value]) => `${name} = '${value}'\n`);
    appendFileSync(join(this.data, 'postgresql.conf'), text.join(''));
  }

  async start(): Promise<void> {
    const output = openSync(join(this.folder, 'postgres.log'), 'a');
    const child = spawn(join(this.bin, 'postgres'), ['-D', this.data], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', output, output],
      ...this.#user,
    });
    this.#child = child;
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await say(addressOf(this.port, 'postgres'), 'SELECT 1').catch(() => null))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(
          `PostgreSQL did not start: ${readFileSync(join(this.folder, 'postgres.log'), 'utf8')}`,
        );
      }
      await sleep(POLL_MS);
    }
  }

  /** Its processes, the first one first. */
  #processes(): number[] {
    const pid = this.#child!.pid!;
    const its = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
    return [pid, ...its.split('\n').map(Number).filter(Boolean)];
  }

  /** Sends a signal to all its processes: what a power cut (KILL) or a machine that hangs (STOP) look like. */
  signal(name: NodeJS.Signals): void {
    for (const pid of this.#processes()) {
      try {
        process.kill(pid, name);
      } catch {
        // a session that has ended since
      }
    }
  }

  /** Kills it, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    this.signal('SIGKILL');
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export interface Pair {
  /** Address of an empty database on the primary, and of the same one on the replica. */
  primaryUrl: string;
  replicaUrl: string;
  /** The replica receives, but replays nothing: it falls behind. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The replica loses its power. */
  kill(): Promise<void>;
  /** The replica is there, and does nothing. */
  freeze(): void;
  thaw(): void;
  /** Starts the replica again after `kill`. */
  restart(): Promise<void>;
  /** Makes the replica a primary of its own, of another timeline. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes the two; some seconds. `safe: false` does without fsync, for tests. @throws Error NO_POSTGRES */
export async function startPair({ safe }: { safe: boolean }): Promise<Pair> {
  const bin = findPostgres();
  if (bin === null) throw new Error(NO_POSTGRES);
  const primary = new Server(bin, await freePort());
  const replica = new Server(bin, await freePort());
  primary.run(
    'initdb',
    '-D',
    primary.data,
    '-U',
    USER,
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  );
  const durable: Record<string, string> = safe ? {} : { fsync: 'off', full_page_writes: 'off' };
  primary.configure({
    port: primary.port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    wal_level: 'replica',
    hot_standby_feedback: 'on',
    ...durable,
  });
  await primary.start();
  await say(addressOf(primary.port, 'postgres'), `CREATE DATABASE ${USER}`);
  mkdirSync(replica.folder, { recursive: true });
  replica.run(
    'pg_basebackup',
    ...['-h', '127.0.0.1', '-p', String(primary.port), '-U', USER, '-D', replica.data],
    ...['-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
  );
  replica.configure({ port: replica.port });
  await replica.start();
  const replicaUrl = addressOf(replica.port, USER);
  return {
    primaryUrl: addressOf(primary.port, USER),
    replicaUrl,
    pause: async () => void (await say(replicaUrl, 'SELECT pg_wal_replay_pause()')),
    resume: async () => void (await say(replicaUrl, 'SELECT pg_wal_replay_resume()')),
    kill: () => replica.kill(),
    freeze: () => replica.signal('SIGSTOP'),
    thaw: () => replica.signal('SIGCONT'),
    restart: () => replica.start(),
    promote: async () => void (await say(replicaUrl, 'SELECT pg_promote()')),
    async stop() {
      await replica.remove();
      await primary.remove();
    },
  };
}
