// One PostgreSQL data folder: its paths and secrets, making it, and running PostgreSQL's programs on it.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { dataFolder, type Programs, programs, type ServerUser, serverUser } from './paths';

/** The server is for this machine only. */
export const HOST = '127.0.0.1';
const SUPERUSER = 'comptoir';

/** The paths and secrets of one cluster. */
export interface Cluster {
  folder: string;
  pgdata: string;
  logFile: string;
  password: string;
  user: ServerUser | undefined;
  programs: Programs;
  fsync: boolean;
}

/** Finds or makes the folder, the password and the paths; starts nothing. */
export function openCluster(dataDir: string, fsync: boolean, log: (line: string) => void): Cluster {
  const user = serverUser(dataDir);
  const folder = dataFolder(dataDir, user, log);
  return {
    folder,
    pgdata: join(folder, 'pgdata'),
    logFile: join(folder, 'postgres.log'),
    password: passwordIn(folder),
    user,
    programs: programs(user),
    fsync,
  };
}

function passwordIn(folder: string): string {
  const file = join(folder, 'password');
  if (!existsSync(file)) {
    if (existsSync(join(folder, 'pgdata'))) {
      throw new Error(
        `${file} is missing: put it back, or remove ${folder} to start with an empty database.`,
      );
    }
    try {
      writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(file, 'utf8').trim();
}

/** The address of a database on the server. */
export function urlOf(cluster: Cluster, port: number, database: string): string {
  return `postgresql://${SUPERUSER}:${cluster.password}@${HOST}:${port}/${database}`;
}

/**
 * Makes the data folder unless it is there. `initdb` works under another name, and the finished folder is renamed:
 * one that was killed half-way never carries the real name, and is swept away here.
 */
export async function ensureInitialised(cluster: Cluster, log: (line: string) => void): Promise<void> {
  sweepUnfinished(cluster.folder);
  if (existsSync(cluster.pgdata)) return;
  log('creating the embedded PostgreSQL database');
  const unfinished = join(cluster.folder, `unfinished-${process.pid}-${randomBytes(4).toString('hex')}`);
  const target = join(unfinished, 'pgdata');
  const passwordFile = join(unfinished, 'password');
  mkdirSync(target, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, cluster.password, { mode: 0o600 });
  if (cluster.user) {
    for (const path of [unfinished, target, passwordFile])
      chownSync(path, cluster.user.uid, cluster.user.gid);
  }
  const args = [`--pgdata=${target}`, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--lc-messages=C', '--no-instructions');
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  if (!cluster.fsync) args.push('--no-sync');
  const from = logLength(cluster);
  const code = await exitCode(run(cluster, cluster.programs.initdb, args));
  if (code !== 0)
    throw new Error(`initdb failed: ${lastFault(cluster, from)} (the whole of it is in ${cluster.logFile})`);
  renameSync(target, cluster.pgdata);
  rmSync(unfinished, { recursive: true, force: true });
}

function sweepUnfinished(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('unfinished-')) continue;
    try {
      rmSync(join(folder, name), { recursive: true, force: true });
    } catch {
      // The initdb of a killed process still writes there; that does no harm, and the next start removes it again.
    }
  }
}

/**
 * Starts a program of PostgreSQL as the right user, in a process group of its own (a Ctrl-C on the terminal must
 * reach only us: we answer the requests in flight, then stop the server), its output into the log file.
 */
export function run(cluster: Cluster, program: string, args: string[]): ChildProcess {
  const output = openSync(cluster.logFile, 'a', 0o600);
  const child = spawn(program, args, {
    cwd: cluster.folder,
    env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', output, output],
    detached: true,
    windowsHide: true,
    ...cluster.user,
  });
  closeSync(output);
  return child;
}

/** The exit code or signal a program ends with; rejects when it cannot be run. */
export function exitCode(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

/** How long the log file is, in bytes. */
export function logLength(cluster: Cluster): number {
  return existsSync(cluster.logFile) ? statSync(cluster.logFile).size : 0;
}

/** The errors in the server's log since that position. */
export function lastFault(cluster: Cluster, from: number): string {
  const lines = readFileSync(cluster.logFile).subarray(from).toString('utf8').split('\n');
  const faults = lines.filter((line) => /FATAL|PANIC|DETAIL|could not|error:/.test(line));
  return (faults.length > 0 ? faults : lines).slice(-4).join(' ').trim();
}
