// pgbench as a yardstick: finding it, running a script of it against a database, and reading what it measured.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { MeasuredProcesses, Runner } from './rounds';

/** As many clients as are enough for its best on a shelf that all want; more only wait for each other. */
const CLIENTS = 64;
const THREADS = 2;
/** Transactions of each client where time does not matter. */
const FEW = 4;
/** Warnings that each of 64 clients repeats. */
const MAX_SAID = 1_000;
const DEBIAN = '/usr/lib/postgresql';

/** Printed in place of the ratio. */
export const NO_PGBENCH =
  'pgbench is not on this machine, so there is nothing to set the figures against: on Debian, apt install postgresql-contrib.';

/** Where pgbench is: on PATH, or where Debian puts it, the newest first. Null: nowhere. */
export function findPgbench(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ];
  const found = folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file));
  return found ?? null;
}

/** What it calls itself, for the head of the table. */
export function pgbenchVersion(program: string): string {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
}

/** A script of pgbench's, and what its variables are at the start. */
export interface Script {
  text: string;
  variables: Record<string, number>;
  /** Requests that one run of the script stands for. */
  requests: number;
}

function environment(url: string): NodeJS.ProcessEnv {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    PATH: process.env.PATH,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  };
}

async function output(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // One client that fails leaves the others running, and its figures in the sum.
  if (code !== 0 || /\bERROR\b|aborted/.test(stderr))
    throw new Error(`pgbench failed: ${stderr.slice(0, MAX_SAID)}`);
  return stdout;
}

function figure(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`pgbench did not say ${pattern}: ${text}`);
  return Number(found);
}

/** The latencies in its log, in milliseconds, sorted. */
function latencies(folder: string): number[] {
  const lines = readdirSync(folder)
    .filter((name) => name.startsWith('log'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'));
  return lines.map((line) => Number(line.split(' ')[2]) / 1_000).sort((a, b) => a - b);
}

/**
 * A runner of this script: prepared statements, 64 clients in 2 threads, against the database at `url`. Throws when any
 * of its transactions failed. `done` receives the number of requests of each run.
 */
export function pgbench(
  program: string,
  name: string,
  url: string,
  database: MeasuredProcesses['database'],
  script: Script,
  done: (requests: number) => void = () => {},
): Runner {
  return {
    name,
    measured: { server: null, database },
    async run(seconds) {
      const folder = mkdtempSync(join(tmpdir(), 'comptoir-bench-'));
      try {
        const file = join(folder, 'script.sql');
        writeFileSync(file, script.text);
        const variables = Object.entries(script.variables).map(([key, value]) => `--define=${key}=${value}`);
        const args = [
          ...['--no-vacuum', '--protocol=prepared', `--client=${CLIENTS}`, `--jobs=${THREADS}`],
          ...[
            seconds < 1 ? `--transactions=${FEW}` : `--time=${Math.round(seconds)}`,
            `--file=${file}`,
            ...variables,
          ],
          ...['--log', `--log-prefix=${join(folder, 'log')}`],
        ];
        const text = await output(program, args, environment(url));
        const times = latencies(folder);
        const transactions = figure(text, /transactions actually processed: (\d+)/);
        const requests = transactions * script.requests;
        done(requests);
        const at = (share: number): number | null =>
          // Of several requests in one transaction the median is a mean, and no percentile of each.
          script.requests > 1 && share > 0.5
            ? null
            : (times[Math.floor(times.length * share)] ?? 0) / script.requests;
        return {
          done: requests,
          perSecond: figure(text, /tps = ([\d.]+) \(without/) * script.requests,
          medianMs: at(0.5),
          p99Ms: at(0.99),
        };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}
