// The PostgreSQL server of one data folder: finding a running one, starting it, stopping it.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type Cluster, exitCode, HOST, lastFault, logLength, run, urlOf } from './cluster';
import { commandLine, endsWithin, startOf } from './processes';

const POLL_MS = 10;
/** A recovery after a crash replays at most what `max_wal_size` holds; a slow disk needs a minute for that. */
const READY_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const PORT_TRIES = 8;
/** The server's own log is put aside at start when it is longer. */
const LOG_LIMIT_BYTES = 10_000_000;

/** Size of PostgreSQL's buffer cache; memory is used only as pages are read. */
const SHARED_MB = { least: 128, most: 2_048 };

/** A quarter of the memory that we may have, as PostgreSQL advises. */
function sharedMb(): number {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return Math.min(Math.max(Math.floor(bytes / 4 / 1024 ** 2), SHARED_MB.least), SHARED_MB.most);
}

const SETTINGS = {
  listen_addresses: HOST,
  // Sockets would need a folder both users may write and a short path; loopback with a password needs neither.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: `${sharedMb()}MB`,
  max_wal_size: '2GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};
const UNSAFE_BUT_FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

interface Running {
  pid: number;
  port: number;
}

/** The first lines of postmaster.pid are the process, the folder, the start, the port, …, and the state. */
function postmasterFile(cluster: Cluster): { pid: number; port: number; state: string } | null {
  try {
    const lines = readFileSync(join(cluster.pgdata, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return pid > 0 ? { pid, port: Number(lines[3]), state: (lines[7] ?? '').trim() } : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(
      `${cluster.pgdata} belongs to another user of this system: start Comptoir as that user, or choose another folder.`,
    );
  }
}

/** The process of this folder's server, ready or not, if it is running. */
function livingPostmaster(cluster: Cluster): { pid: number; port: number; state: string } | null {
  const file = postmasterFile(cluster);
  if (!file || startOf(file.pid) === null) return null;
  const command = commandLine(file.pid);
  return command === null || command.includes(cluster.pgdata) ? file : null;
}

/**
 * The server that already runs on this folder and takes our password, after waiting for one that is starting,
 * recovering or stopping; null when there is none.
 */
export async function findRunning(cluster: Cluster): Promise<Running | null> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const found = livingPostmaster(cluster);
    if (!found) return null;
    if (found.state === 'ready' && (await answers(cluster, found.port))) return found;
    if (Date.now() > deadline) {
      throw new Error(
        `PostgreSQL (process ${found.pid}) runs on ${cluster.pgdata} but does not answer: end that process.`,
      );
    }
    await sleep(POLL_MS);
  }
}

async function answers(cluster: Cluster, port: number): Promise<boolean> {
  const client = new Client({ connectionString: urlOf(cluster, port, 'postgres') });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    // 28P01: the password was changed by hand. Everything else is a server that is not there yet, or no longer.
    if ((error as { code?: string }).code !== '28P01') return false;
    throw new Error(
      `PostgreSQL in ${cluster.folder} does not accept the password kept there: restore the file 'password', ` +
        'or remove the folder to start with an empty database.',
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Starts the server of this folder and waits until it answers. Call it only when `findRunning` gave null. */
export async function launch(cluster: Cluster): Promise<Running> {
  if (logLength(cluster) > LOG_LIMIT_BYTES) renameSync(cluster.logFile, `${cluster.logFile}.old`);
  disownStaleFile(cluster);
  const deadline = Date.now() + READY_LIMIT_MS;
  let lostPorts = 0;
  for (;;) {
    const from = logLength(cluster);
    const started = await tryToLaunch(cluster, await freePort(cluster, lostPorts > 0));
    if (started) {
      writeFileSync(join(cluster.folder, 'port'), String(started.port));
      return started;
    }
    const fault = lastFault(cluster, from);
    // The port of last time is in use, or another process took the free one after it was found.
    if (/could not create any TCP\/IP sockets/.test(fault) && ++lostPorts < PORT_TRIES) continue;
    // Sessions of a killed server still end their last statement.
    if (/pre-existing shared memory block/.test(fault) && Date.now() < deadline) {
      await sleep(POLL_MS * 10);
      continue;
    }
    throw new Error(`The embedded PostgreSQL did not start: ${fault} (its log is ${cluster.logFile})`);
  }
}

async function tryToLaunch(cluster: Cluster, port: number): Promise<Running | null> {
  const settings = { ...SETTINGS, port: String(port), ...(cluster.fsync ? {} : UNSAFE_BUT_FAST) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = run(cluster, cluster.programs.postgres, ['-D', cluster.pgdata, ...flags]);
  // The server must not keep this process alive: a process that does not stop it may end, and the next start adopts it.
  child.unref();
  let ended = false;
  const exit = exitCode(child).then(
    () => {
      ended = true;
    },
    (error) => {
      ended = true;
      throw new Error(`The embedded PostgreSQL could not be run: ${error.message}`);
    },
  );
  const ready = async (): Promise<Running | null> => {
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!ended && Date.now() < deadline) {
      const file = postmasterFile(cluster);
      if (file?.pid === child.pid && file?.state === 'ready' && (await answers(cluster, port))) return file;
      await sleep(POLL_MS);
    }
    return null;
  };
  return Promise.race([ready(), exit.then(() => null)]);
}

/**
 * After a power cut or in a new container the number in postmaster.pid may belong to any other program, and
 * PostgreSQL would refuse to start. It takes its parent's number for stale, so we write ours; the other lines
 * stay, because with them it makes sure that no session of the dead server is left.
 */
function disownStaleFile(cluster: Cluster): void {
  const file = join(cluster.pgdata, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [, ...rest] = readFileSync(file, 'utf8').split('\n');
  if (rest.length < 2) rmSync(file);
  else writeFileSync(file, [process.pid, ...rest].join('\n'));
}

/** The port of last time, so that a saved address stays right, unless it `mustDiffer`; else one that is free. */
async function freePort(cluster: Cluster, mustDiffer: boolean): Promise<number> {
  const file = join(cluster.folder, 'port');
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return !mustDiffer && last > 0 ? last : anyFreePort();
}

function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: HOST }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Stops any server that runs on this folder: open transactions are rolled back, everything committed is written. */
export async function shutDown(cluster: Cluster): Promise<void> {
  const found = livingPostmaster(cluster);
  if (!found) return;
  if (process.platform === 'win32') {
    // There are no signals on Windows: process.kill would be a crash.
    await exitCode(run(cluster, cluster.programs.pgCtl, ['stop', '-D', cluster.pgdata, '-m', 'fast']));
  } else {
    process.kill(found.pid, 'SIGINT');
  }
  if (await endsWithin(found.pid, STOP_LIMIT_MS)) return;
  throw new Error(
    `PostgreSQL (process ${found.pid}) did not stop within ${STOP_LIMIT_MS / 1000} s; see ${cluster.logFile}`,
  );
}

/** Creates the database unless it exists; true when it was created. */
export async function ensureDatabase(cluster: Cluster, port: number, database: string): Promise<boolean> {
  const client = new Client({ connectionString: urlOf(cluster, port, 'postgres') });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount) return false;
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
    return true;
  } finally {
    await client.end();
  }
}
