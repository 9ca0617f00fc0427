// Setup of every part of npm run bench: a filled database, the program started fresh on it, and the processes with measured CPU time.

import type { Db } from '../../src/db/pool';
import { type Program, startProgram, UNLIMITED } from '../support/process';
import type { MeasuredProcesses, Turns } from './rounds';
import { parentOf } from './spent';
import type { Line } from './table';
import { type Sent, tapOn } from './wireTap';
import type { Range } from './yardstickReservations';

export const SECRET_KEY = 'a long random text of the benchmark, as it must be';

export interface BenchSetup {
  url: string;
  db: Db;
  /** The counters' shelves. */
  range: Range;
  /** The postmaster; null where it cannot be determined. */
  database: number | null;
  /** The program pgbench, when there is one. */
  pgbench: string | null;
  smoke: boolean;
  /** API processes; null: as many as the program thinks right. */
  processes: number | null;
  turns: Turns;
  /** The one program of a smoke test, once it was needed. */
  shared?: ReturnType<typeof start>;
  /** When the program last became ready (process.hrtime). */
  readyAt: bigint;
  /** Flags for the node that runs the program (a profile). */
  flags: readonly string[];
}

/** What a part of the benchmark found. */
export interface Findings {
  lines: Line[];
  /** Sentences that belong under the table. */
  notes: string[];
  /** What is wrong, not slow: the benchmark fails of any. */
  wrongs: string[];
}

/** The process that all backends of this server are children of. */
export async function postmasterOfDb(db: Db): Promise<number | null> {
  const [row] = await db.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return parentOf(row!.pid);
}

/** The running program: its address, the processes with measured CPU time, and (when recorded) its statements to PostgreSQL. */
export interface RunningProgram {
  url: string;
  measured: MeasuredProcesses;
  recorded: () => Sent[];
}

interface How {
  /** API processes; the benchmark's own choice when left out. */
  processes?: number | null;
  /** Record its statements to PostgreSQL. */
  listen?: boolean;
}

/** Starts the program on the database, and gives how to stop it. */
async function start(
  setup: BenchSetup,
  { processes = setup.processes, listen = false }: How,
): Promise<{ running: RunningProgram; program: Program; stop(): Promise<void> }> {
  const tap = listen ? await tapOn(setup.url) : null;
  const env = {
    ...(processes !== null && { API_PROCESSES: String(processes) }),
    ...{ NODE_ENV: 'production', DATABASE_URL: tap?.url ?? setup.url, SECRET_KEY },
    ...{ LOG_LEVEL: 'warn', JOBS: 'false' },
    ...UNLIMITED,
  };
  const program = await startProgram({ env, flags: setup.flags }).ready();
  setup.readyAt = process.hrtime.bigint();
  const measured = { server: program.pid, database: setup.database };
  return {
    running: { url: program.url, measured, recorded: tap?.recorded ?? (() => []) },
    program,
    async stop() {
      program.kill('SIGTERM');
      await program.exited;
      tap?.close();
    },
  };
}

/** Starts the program fresh on the database, works with it, and stops it. A smoke test has one program for everything. */
export async function withProgram<T>(
  setup: BenchSetup,
  work: (running: RunningProgram) => Promise<T>,
  how: How = {},
): Promise<T> {
  if (setup.smoke) setup.shared ??= start(setup, { listen: true });
  const { running, program, stop } = await (setup.shared ?? start(setup, how));
  try {
    return await work(running);
  } catch (error) {
    process.stderr.write(program.stdout() + program.stderr());
    throw error;
  } finally {
    if (!setup.smoke) await stop();
  }
}
