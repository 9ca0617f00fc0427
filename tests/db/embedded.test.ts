// The embedded server through its life: kept data, owners that live, die and come back, starts that were cut short.
// Where the making of the folder is not what is tested, it is a copy of the run's: initdb takes a second of processor time.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type Embedded, startEmbedded } from '../../src/db/embedded/embedded';
import { endsWithin } from '../../src/db/embedded/processes';
import { postmasterOf, temporaryFolder } from '../support/leftovers';
import { ownServer } from '../support/ownServer';
import { migratedFolder } from '../support/process';
import { TYPESCRIPT } from '../support/typescript';

const POLL_MS = 5;

let dataDir: string;
let children: ChildProcess[];

beforeEach(() => {
  dataDir = temporaryFolder();
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  const pid = postmasterOf(dataDir);
  if (pid !== null) {
    process.kill(pid, 'SIGKILL');
    await endsWithin(pid, 5_000);
  }
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

const start = (folder = dataDir, log?: (line: string) => void): Promise<Embedded> =>
  startEmbedded({ dataDir: folder, fsync: false, log });

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

interface Holder {
  child: ChildProcess;
  /** The next line the process says. */
  said(): Promise<Record<string, unknown>>;
}

function holder(): Holder {
  const script = join(__dirname, 'embeddedProcess.ts');
  const child = spawn(process.execPath, [...TYPESCRIPT, script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  children.push(child);
  const lines: Interface = createInterface({ input: child.stdout! });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    child,
    async said() {
      const { value, done } = await iterator.next();
      if (done) throw new Error('The process ended without a word.');
      return JSON.parse(value) as Record<string, unknown>;
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

test('keeps data, password and port from one start to the next', async () => {
  const lines: string[] = [];
  const first = await start(dataDir, (line) => lines.push(line));
  expect(first).toMatchObject({ firstStart: true, attached: false });
  expect(lines).toEqual(['creating the embedded PostgreSQL database']);
  await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
  await first.stop();
  await first.stop();
  expect(postmasterOf(dataDir)).toBeNull();
  await expect(ask(first.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');

  const second = await start();
  expect(second).toMatchObject({ firstStart: false, attached: false, url: first.url });
  expect(await ask(second.url, 'SELECT n FROM kept')).toBe(7);
  await second.stop();
});

test('is private: a generated password in a file for us alone, loopback only, no socket', async () => {
  const embedded = await start();
  const url = new URL(embedded.url);
  expect(url.pathname).toBe('/comptoir');
  expect(url.password.length).toBeGreaterThanOrEqual(32);
  expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(dataDir, 'password'), 'utf8')).toBe(url.password);
  expect(await ask(embedded.url, 'SHOW listen_addresses')).toBe('127.0.0.1');
  expect(await ask(embedded.url, 'SHOW unix_socket_directories')).toBe('');
  url.password = 'guess';
  await expect(ask(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  await embedded.stop();
});

test('speaks UTF-8, UTC and upper case beyond ASCII, and is safe on disk unless a test asks otherwise', async () => {
  const safe = await startEmbedded({ dataDir });
  expect(await ask(safe.url, "SELECT upper('é')")).toBe('É');
  expect(await ask(safe.url, 'SHOW timezone')).toBe('UTC');
  expect(await ask(safe.url, 'SHOW server_encoding')).toBe('UTF8');
  expect(await ask(safe.url, 'SHOW max_connections')).toBe('200');
  expect(await ask(safe.url, 'SHOW fsync')).toBe('on');
  await safe.stop();
  const fast = await start();
  expect(await ask(fast.url, 'SHOW fsync')).toBe('off');
  await fast.stop();
});

test('a second process attaches, and its stop leaves the server to its owner', async () => {
  migratedFolder(dataDir);
  const owner = await start();
  const second = holder();
  expect(await second.said()).toEqual({ url: owner.url, attached: true, firstStart: false });
  process.kill(second.child.pid!, 'SIGINT');
  expect(await second.said()).toEqual({ drained: { answer: 42 } });
  expect(await ask(owner.url, 'SELECT 1')).toBe(1);
  await owner.stop();
  expect(postmasterOf(dataDir)).toBeNull();
});

test('of two processes that start together on an empty folder one owns the server, and both can use it', async () => {
  const answers = await Promise.all([holder(), holder()].map((one) => one.said()));
  expect(answers[0]?.url).toBe(answers[1]?.url);
  expect(answers.map((answer) => answer.attached).sort()).toEqual([false, true]);
  expect(answers.map((answer) => answer.firstStart).sort()).toEqual([false, true]);
});

test('the server of a killed process is adopted, and then stopped by its new owner', async () => {
  migratedFolder(dataDir);
  const killed = holder();
  const { url } = await killed.said();
  const server = postmasterOf(dataDir);
  await kill(killed.child);
  expect(await ask(String(url), 'SELECT 1')).toBe(1);

  const lines: string[] = [];
  const adopted = await start(dataDir, (line) => lines.push(line));
  expect(adopted).toMatchObject({ url, attached: false, firstStart: false });
  expect(lines).toEqual(['taking over the embedded PostgreSQL that a killed process left running']);
  expect(postmasterOf(dataDir)).toBe(server);
  await adopted.stop();
  expect(postmasterOf(dataDir)).toBeNull();
});

test('a Ctrl-C reaches the program only, so that it can answer before the server stops', async () => {
  migratedFolder(dataDir);
  const one = holder();
  await one.said();
  process.kill(-one.child.pid!, 'SIGINT');
  expect(await one.said()).toEqual({ drained: { answer: 42 } });
  expect(postmasterOf(dataDir)).toBeNull();
});

test('an initdb that was killed half-way is done again', async () => {
  const cut = holder();
  while (!readdirSync(dataDir).some((name) => name.startsWith('unfinished-'))) await sleep(POLL_MS);
  await kill(cut.child);
  expect(existsSync(join(dataDir, 'pgdata'))).toBe(false);
  const embedded = await start();
  expect(embedded).toMatchObject({ firstStart: true, attached: false });
  await embedded.stop();
  // The orphaned initdb may have been writing still: who starts after its end clears up after it.
  await (await start()).stop();
  expect(readdirSync(dataDir).filter((name) => name.startsWith('unfinished-'))).toEqual([]);
});

test('starts after a power cut, though the number in postmaster.pid now belongs to another program', async () => {
  migratedFolder(dataDir);
  const cut = holder();
  const { url } = await cut.said();
  await ask(String(url), 'CREATE TABLE kept AS SELECT 7 AS n');
  // This server commits without waiting for the disk.
  await ask(String(url), 'CHECKPOINT');
  await kill(cut.child);
  const server = postmasterOf(dataDir)!;
  process.kill(server, 'SIGKILL');
  await endsWithin(server, 5_000);
  const file = join(dataDir, 'pgdata', 'postmaster.pid');
  // Of the same user: PostgreSQL knows by itself that another user's process is not its own.
  const { uid, gid } = statSync(join(dataDir, 'pgdata'));
  const other = spawn('sleep', ['60'], { uid, gid });
  children.push(other);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(other.pid)));

  const embedded = await start();
  expect(await ask(embedded.url, 'SELECT n FROM kept')).toBe(7);
  expect(other.exitCode ?? other.signalCode).toBeNull();
  await embedded.stop();
});

test('an owner or a lock whose process number was given to another program does not count', async () => {
  migratedFolder(dataDir);
  // We live, but we did not start then.
  const claim = JSON.stringify({ pid: process.pid, started: 'long ago', handle: 'dead' });
  writeFileSync(join(dataDir, 'start.lock'), claim);
  writeFileSync(join(dataDir, 'owner.json'), claim);
  const embedded = await start();
  expect(embedded.attached).toBe(false);
  expect(existsSync(join(dataDir, 'start.lock'))).toBe(false);
  await embedded.stop();
  expect(existsSync(join(dataDir, 'owner.json'))).toBe(false);
});

test('takes another port when the one of last time is in use', async () => {
  migratedFolder(dataDir);
  const first = await start();
  await first.stop();
  const other = migratedFolder(temporaryFolder());
  writeFileSync(join(other, 'port'), new URL(first.url).port);
  const squatter = await start(other);
  const second = await start();
  expect(new URL(squatter.url).port).toBe(new URL(first.url).port);
  expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
  await Promise.all([squatter.stop(), second.stop()]);
  rmSync(other, { recursive: true });
});

test('states what to do when the password is lost or wrong, or the server cannot start', async () => {
  migratedFolder(dataDir);
  const first = await start();
  const file = join(dataDir, 'password');
  const password = readFileSync(file, 'utf8');
  await first.stop();
  writeFileSync(file, 'wrong');
  await expect(start()).rejects.toThrow('does not accept the password kept there: restore');
  expect(postmasterOf(dataDir)).toBeNull();
  rmSync(file);
  await expect(start()).rejects.toThrow(`${file} is missing: put it back, or remove ${dataDir}`);
  writeFileSync(file, password, { mode: 0o600 });
  const version = join(dataDir, 'pgdata', 'PG_VERSION');
  writeFileSync(version, '12\n');
  await expect(start()).rejects.toThrow(/did not start: .*database files are incompatible with server/);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot(
  'under a folder that the server’s user cannot enter, root keeps the data elsewhere and reports it',
  async () => {
    const closed = join(dataDir, 'closed');
    mkdirSync(closed);
    chmodSync(closed, 0o700);
    const lines: string[] = [];
    const embedded = await start(join(closed, 'data'), (line) => lines.push(line));
    const substitute = /cannot enter .*\/closed\/data, so the database is kept in (\/.*)$/.exec(
      lines[0] ?? '',
    )?.[1];
    expect(substitute).toBeDefined();
    expect(await ask(embedded.url, 'SHOW data_directory')).toBe(join(substitute!, 'pgdata'));
    await embedded.stop();
    rmSync(substitute!, { recursive: true });
  },
);

asRoot('root runs the server of an ordinary user’s folder as that user, who can go on with it', async () => {
  const ordinary = 65534;
  migratedFolder(dataDir);
  const first = await start();
  await first.stop();
  const pgdata = join(dataDir, 'pgdata');
  for (const name of ['.', ...readdirSync(pgdata, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(pgdata, name), ordinary, ordinary);
  }
  const second = await start();
  await ask(second.url, 'CREATE TABLE kept AS SELECT 7 AS n');
  await second.stop();
  const owners = readdirSync(pgdata, { recursive: true, encoding: 'utf8' }).map(
    (name) => statSync(join(pgdata, name)).uid,
  );
  expect(new Set(owners)).toEqual(new Set([ordinary]));
});

test('states what to do when the folder cannot be made', async () => {
  const file = join(dataDir, 'file');
  writeFileSync(file, '');
  await expect(start(join(file, 'data'))).rejects.toThrow(
    /^The database cannot be kept in .*\/file\/data \(ENOTDIR\): start/,
  );
});

test('the server of crash tests loses nothing committed when it is killed', async () => {
  const server = await ownServer(migratedFolder(temporaryFolder()));
  await ask(server.url, 'CREATE TABLE kept AS SELECT 7 AS n');
  await server.kill9();
  await expect(ask(server.url, 'SELECT 1')).rejects.toThrow();
  await server.restart();
  expect(await ask(server.url, 'SELECT n FROM kept')).toBe(7);
  await server.stop();
});
