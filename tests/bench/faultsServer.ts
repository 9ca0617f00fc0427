// Faults of the server: killed processes, PostgreSQL killed, cut off or without disk space, and a clock that jumps.

import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endsWithin } from '../../src/db/embedded/processes';
import type { Tx } from '../../src/db/pool';
import { temporaryFolder } from '../support/leftovers';
import { family, nodeProcesses } from './dayWatch';
import type { Fault, Stage } from './faultsStage';

const END_LIMIT_MS = 10_000;
const HOUR_MS = 3_600_000;
/** What a client sees when the connection to the program is cut. */
const CUT = /^(ECONNREFUSED|ECONNRESET|EPIPE|connection closed)$/;

async function killAll(pids: number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  for (const pid of pids) await endsWithin(pid, END_LIMIT_MS);
}

const worker: Fault = {
  name: 'API process killed (one of several)',
  skip: ({ program }) => (nodeProcesses(program.pid).length > 1 ? null : 'the program has one process'),
  strike: ({ program }) => killAll([nodeProcesses(program.pid).at(-1)!]),
  lastsMs: 0,
  spares: CUT,
};

const program: Fault = {
  name: 'whole program killed, started again',
  strike: async (stage) => killAll(nodeProcesses(stage.program.pid)),
  lastsMs: 1_000,
  mend: (stage) => stage.restartProgram(),
  spares: CUT,
};

const POSTMASTER = `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`;

async function postmaster(db: Tx): Promise<number> {
  const [row] = (await db.rows<{ pid: number }>(POSTMASTER)) as [{ pid: number }];
  return row.pid;
}

const postgres: Fault = {
  name: 'PostgreSQL killed, started again',
  strike: async ({ db }) => killAll(family(await postmaster(db))),
  lastsMs: 2_000,
  mend: ({ server }) => server.restart(),
};

const TERMINATE = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name LIKE 'comptoir%' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND state <> 'idle' AND random() < 0.5`;
const CUTTING = { rounds: 20, everyMs: 200 };

/** Ends sessions that are in the middle of something, again and again. */
const terminated: Fault = {
  name: 'connections ended by PostgreSQL mid-transaction',
  async strike({ db }) {
    for (let i = 0; i < CUTTING.rounds; i += 1) {
      await db.rows(TERMINATE).catch(() => {}); // a session of this very pool may be the one
      await sleep(CUTTING.everyMs);
    }
  },
  lastsMs: 0,
};

interface Proxy {
  url: string;
  /** Cuts this share of all connections, wherever they are. */
  cut(share: number): void;
  close(): Promise<void>;
}

/** A proxy to PostgreSQL that can be cut: neither side gets any notice. */
async function openProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on('error', end).on('close', end);
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut(share) {
      for (const pair of pairs)
        if (Math.random() < share) for (const socket of pair) socket.resetAndDestroy();
    },
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function network(): Fault {
  let proxy: Proxy;
  return {
    name: 'connections to PostgreSQL cut on the way',
    async between(url) {
      proxy = await openProxy(url);
      return proxy;
    },
    async strike() {
      for (let i = 0; i < CUTTING.rounds; i += 1) {
        proxy.cut(0.3);
        await sleep(CUTTING.everyMs);
      }
    },
    lastsMs: 0,
  };
}

const DISK = '400m';
const BLOCK = Buffer.alloc(1_048_576, 1);

function mounted(): { dataDir: string; remove(): void } {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=0755`, 'comptoir-faults', folder]);
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  return {
    dataDir,
    remove() {
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Fills the disk. */
function fill(file: string): void {
  const out = openSync(file, 'w');
  try {
    for (;;) writeSync(out, BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(out);
  }
}

/** A megabyte of meaningless log: the space left in existing log files is soon used up. */
const LOG = `SELECT pg_logical_emit_message(false, 'no room', repeat('x', 1000000))`;
const MOST_LOG = 600;

/** PostgreSQL without space for its log stops; it is started again when the disk is freed, unless it restarted itself. */
function disk(): Fault {
  let mount: ReturnType<typeof mounted>;
  const ballast = (): string => join(mount.dataDir, '..', 'ballast');
  const settled = async ({ server, db }: Stage): Promise<void> => {
    const answers = await db.rows('SELECT 1').catch(() => null);
    if (answers === null) await server.restart().catch(() => {});
  };
  return {
    name: 'disk full for PostgreSQL, then freed',
    folder() {
      mount = mounted();
      return mount;
    },
    async strike({ db }) {
      fill(ballast());
      for (let i = 0; i < MOST_LOG; i += 1) {
        const failed = await db.rows(LOG).then(
          () => null,
          (error: Error) => error.message,
        );
        if (failed !== null) return;
      }
      throw new Error('PostgreSQL found room for its log on a full disk.');
    },
    lastsMs: 3_000,
    async mend(stage) {
      rmSync(ballast());
      await settled(stage);
    },
  };
}

function setClock({ inside }: Stage, ms: number): void {
  writeFileSync(join(inside.folder, 'clock'), String(ms));
}

const SENT_LATELY = `
  SELECT count(*)::int AS runs FROM job_run WHERE job = 'expireReservations' AND due_at BETWEEN $1 AND $2`;
const JOBS_WAIT_MS = 45_000;

/** Jobs go on at the right time's hours, though they have run an hour ahead. */
async function jobsGoOn({ db }: Stage): Promise<string[]> {
  const since = new Date();
  const deadline = performance.now() + JOBS_WAIT_MS;
  while (performance.now() < deadline) {
    const [row] = (await db.rows<{ runs: number }>(SENT_LATELY, [since, new Date()])) as [{ runs: number }];
    if (row.runs > 0) return [];
    await sleep(500);
  }
  return [`no holds were swept in ${JOBS_WAIT_MS / 1_000} s after the clock was right again`];
}

const clock: Fault = {
  name: 'clock an hour ahead, then right again',
  clock: true,
  strike: async (stage) => setClock(stage, HOUR_MS),
  lastsMs: 6_000,
  mend: async (stage) => setClock(stage, 0),
  check: jobsGoOn,
};

function canMount(): boolean {
  try {
    mounted().remove();
    return true;
  } catch {
    return false;
  }
}

/** All faults by their names for --only; a text: why this fault cannot be made on this machine. */
export function serverFaults(): Map<string, Fault | string> {
  return new Map<string, Fault | string>([
    ['worker', worker],
    ['program', program],
    ['postgres', postgres],
    ['terminated', terminated],
    ['network', network()],
    ['disk', canMount() ? disk() : 'a small tmpfs cannot be mounted here (root may)'],
    ['clock', clock],
  ]);
}
