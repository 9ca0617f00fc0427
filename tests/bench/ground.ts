// What every part of npm run bench stands on: a filled database, the program started fresh on it, and who pays.

import type { Db } from '../../src/db/pool';
import { type Program, startProgram } from '../support/process';
import type { Payers, Turns } from './rounds';
import { parentOf } from './spent';
import type { Line } from './table';
import type { Range } from './yardHolds';

export const SECRET_KEY = 'a long random text of the benchmark, as it must be';

export interface Ground {
  url: string;
  db: Db;
  /** The counters' shelves. */
  range: Range;
  /** The postmaster; null where that cannot be told. */
  database: number | null;
  /** The program pgbench, when there is one. */
  pgbench: string | null;
  smoke: boolean;
  turns: Turns;
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

/** Starts the program fresh on the database (or at another address that leads there), works with it, and stops it. */
export async function withProgram<T>(
  ground: Ground,
  work: (program: Program, payers: Payers) => Promise<T>,
  url = ground.url,
): Promise<T> {
  const env = { NODE_ENV: 'production', DATABASE_URL: url, SECRET_KEY, LOG_LEVEL: 'warn', JOBS: 'false' };
  const program = await startProgram({ env, flags: ground.flags }).ready();
  try {
    return await work(program, { server: program.pid, database: ground.database });
  } catch (error) {
    process.stderr.write(program.stdout() + program.stderr());
    throw error;
  } finally {
    program.kill('SIGTERM');
    await program.exited;
  }
}
