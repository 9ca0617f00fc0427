// npm run bench:growth -- --levels 5000000 --moves 100000000: the cost of reservations and reads in a chain with years of ledger,
// beside one with a thousandth of it, measured in turns.

import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { inTransaction } from '../../src/db/transaction';
import { balanceLedger } from '../../src/stock/actions/balance';
import { sealLedger } from '../../src/stock/actions/seal';
import { stockDrift } from '../../src/stock/queries/levels';
import { startProgram, UNLIMITED } from '../support/process';
import { TYPESCRIPT } from '../support/typescript';
import { newToken } from '../support/world';
import { postmasterOfDb, SECRET_KEY } from './benchSetup';
import type { GrowthSize } from './growthLife';
import { REQUEST_KINDS, type RequestKind, stockUp } from './growthRequests';
import { openWorld, type World, type WorldName } from './growthWorlds';
import { newClient } from './load';
import { clientRunner, inTurns, type Runner } from './rounds';
import { judge, type Line, tableOf } from './table';

const WIDTH = 64;
/** No slower than 1.3 times. */
const REQUIRED_RATIO = 0.77;
/** The small chain has this part of the big one's levels and moves. */
const PART = { whole: 1_000, smoke: 20 };
const BIG = { whole: { levels: 5_000_000, moves: 100_000_000 }, smoke: { levels: 20_000, moves: 200_000 } };
const TURNS = {
  whole: { rounds: 3, seconds: 8, warmUpSeconds: 60 },
  smoke: { rounds: 1, seconds: 1, warmUpSeconds: 0.5 },
};
const LOCATIONS = { whole: 100, smoke: 10 };
const ONE_OF_MOVES_IS_A_HOLD_KEPT = 33;

const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const count = (n: number): string => n.toLocaleString('en');

interface Options {
  smoke: boolean;
  keep: string | null;
  loadOnly: boolean;
  /** False: neither seals nor audits, which takes minutes at a hundred million moves. */
  audit: boolean;
  sizes: Record<WorldName, GrowthSize>;
  rounds: number;
  seconds: number;
}

function number(name: string, text: string | undefined, usual: number): number {
  const value = text === undefined ? usual : Number(text);
  if (!(value > 0)) throw new Error(`--${name} is '${text}'; it must be a number above 0.`);
  return value;
}

function sizeOf(levels: number, moves: number, locations: number, arrives: number): GrowthSize {
  const skus = Math.max(Math.round(levels / locations), 50);
  const least = 2 * locations * skus;
  return {
    ...{ locations, skus, arrives },
    moves: Math.max(Math.round(moves), least),
    reservations: Math.ceil(moves / ONE_OF_MOVES_IS_A_HOLD_KEPT),
  };
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      levels: { type: 'string' },
      moves: { type: 'string' },
      keep: { type: 'string' },
      'load-only': { type: 'boolean', default: false },
      'no-audit': { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      smoke: { type: 'boolean', default: false },
    },
  });
  const scale = values.smoke ? 'smoke' : 'whole';
  const levels = number('levels', values.levels, BIG[scale].levels);
  const moves = number('moves', values.moves, BIG[scale].moves);
  const [part, locations] = [PART[scale], LOCATIONS[scale]];
  return {
    smoke: values.smoke,
    keep: values.keep ?? null,
    loadOnly: values['load-only'],
    audit: !values['no-audit'],
    sizes: {
      small: sizeOf(levels / part, moves / part, locations, 10_000),
      big: sizeOf(levels, moves, locations, 30),
    },
    rounds: Math.round(number('rounds', values.rounds, TURNS[scale].rounds)),
    seconds: number('seconds', values.seconds, TURNS[scale].seconds),
  };
}

// What a server that has run for a while has in memory anyway: the levels, and what is written and read most.
const WARM = [
  'SELECT sum(available) FROM stock_level',
  'SELECT count(*) FROM (SELECT FROM stock_level ORDER BY location_id, sku_id) l',
  'SELECT max(id) FROM (SELECT id FROM command ORDER BY id DESC LIMIT 2000000) c',
];

/** Measures each query on both worlds, in turns. */
async function measureBoth(
  worlds: readonly World[],
  { rounds, seconds: each, smoke }: Options,
): Promise<Line[]> {
  const lines: Line[] = [];
  const turns = {
    rounds,
    seconds: each,
    warmUpSeconds: TURNS[smoke ? 'smoke' : 'whole'].warmUpSeconds,
    progress,
  };
  const programs = await Promise.all(
    worlds.map(async ({ url }) => {
      const env = { ...UNLIMITED, DATABASE_URL: url, SECRET_KEY, LOG_LEVEL: 'warn', JOBS: 'false' };
      return startProgram({ env }).ready();
    }),
  );
  try {
    const sides = await Promise.all(
      worlds.map(async (world, i) => ({
        ...world,
        client: newClient(programs[i]!.url, WIDTH),
        measured: { server: programs[i]!.pid, database: await postmasterOfDb(world.db) },
        storefront: await newToken(world.db, 'STOREFRONT', `bench-${Date.now()}`),
        planner: await newToken(world.db, 'PLANNER', `planner-${Date.now()}`),
        feed: await newToken(world.db, 'FEED', `feed-${Date.now()}`),
      })),
    );
    for (const side of sides) {
      await inTransaction(side.db, async (tx) => {
        await tx.rows('SET LOCAL statement_timeout = 0');
        for (const sql of WARM) await tx.rows(sql);
      });
      await stockUp(side);
    }
    const nameOf = (kind: RequestKind, world: WorldName): string => `${kind.name}, ${world}`;
    for (const kind of REQUEST_KINDS) {
      progress(`${kind.name}:`);
      const runners: Runner[] = sides.map((side) => {
        const send = kind.sender(side);
        return clientRunner(nameOf(kind, side.name), side.measured, WIDTH, send);
      });
      const samples = await inTurns(runners, turns);
      for (const { name } of sides) {
        const line = { name: nameOf(kind, name), ...samples.get(nameOf(kind, name))! };
        const requirement = { beside: nameOf(kind, 'small'), requiredRatio: REQUIRED_RATIO };
        lines.push(name === 'small' ? line : { ...line, ...requirement });
      }
    }
    for (const { client } of sides) client.close();
  } catch (error) {
    for (const program of programs) progress(program.stdout() + program.stderr());
    throw error;
  } finally {
    for (const program of programs) program.kill('SIGTERM');
    await Promise.all(programs.map((program) => program.exited));
  }
  return lines;
}

const SIZES = `
  SELECT pg_size_pretty(pg_database_size(current_database())) AS whole,
    (SELECT pg_size_pretty(sum(pg_table_size(inhrelid))) FROM pg_inherits WHERE inhparent = 'stock_move'::regclass) AS moves,
    (SELECT pg_size_pretty(sum(pg_indexes_size(inhrelid))) FROM pg_inherits WHERE inhparent = 'stock_move'::regclass) AS indexes,
    pg_size_pretty(pg_total_relation_size('ledger_seal')) AS seals,
    pg_size_pretty(pg_total_relation_size('ledger_balance')) AS sums,
    pg_size_pretty(pg_total_relation_size('stock_level')) AS levels,
    pg_size_pretty(pg_total_relation_size('command')) AS commands,
    pg_size_pretty(pg_total_relation_size('reservation') + pg_total_relation_size('reservation_line')) AS reservations,
    (SELECT count(*)::int FROM pg_inherits WHERE inhparent = 'stock_move'::regclass) AS stretches`;

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const begun = performance.now();
  return [await work(), performance.now() - begun];
}

/** Seals and proves what the benchmark itself wrote, then has the whole book audited by the real command. */
async function prove(
  { name, url, db, size, loadMs, sealed: before }: World,
  audit: boolean,
): Promise<string[]> {
  const wrongs: string[] = [];
  const [sizes] = await db.rows(SIZES);
  print(
    `${name}: ${count(size.locations * size.skus)} levels, ${count(size.moves)} moves; loaded in ${seconds(loadMs)}, ${count(before.moves)} sealed in ${seconds(before.ms)}`,
  );
  print(
    `  on disk: ${Object.entries(sizes!)
      .map(([what, n]) => `${what} ${n}`)
      .join(', ')}`,
  );
  if (audit) {
    const [sealed, sealing] = await timed(() => sealLedger(db, new Date()));
    const [balanced, balancing] = await timed(() => balanceLedger(db));
    print(
      `  ${count(sealed.moves)} new moves sealed in ${seconds(sealing)}; ${count(balanced)} added to the sums in ${seconds(balancing)}`,
    );
  }
  const [drift, drifting] = await timed(() => stockDrift(db));
  print(`  stockDrift: ${drift.length} rows in ${seconds(drifting)}`);
  if (drift.length > 0)
    wrongs.push(`${name}: the books do not balance: ${JSON.stringify(drift.slice(0, 5))}`);
  if (!audit) return wrongs;
  const env = { PATH: process.env.PATH, DATABASE_URL: url, SECRET_KEY, LOG_LEVEL: 'silent' };
  const [audited, auditing] = await timed(() =>
    promisify(execFile)(process.execPath, [...TYPESCRIPT, 'src/cli/audit.ts'], {
      env,
      maxBuffer: 1e8,
    }).catch((error: Error) => ({ stdout: '', stderr: error.message })),
  );
  if (audited.stderr !== '') wrongs.push(`${name}: ${audited.stderr}`);
  print(`  npm run audit: ${seconds(auditing)}`);
  return wrongs;
}

async function main(): Promise<void> {
  const options = readOptions();
  const worlds: World[] = [];
  try {
    for (const name of ['small', 'big'] as const)
      worlds.push(await openWorld(name, options.sizes[name], { ...options, progress }));
    if (options.loadOnly) return;
    print(tableOf(judge(await measureBoth(worlds, options))));
    print();
    const wrongs: string[] = [];
    for (const world of worlds) wrongs.push(...(await prove(world, options.audit)));
    for (const wrong of wrongs) print(`WRONG: ${wrong}`);
    if (wrongs.length > 0) process.exitCode = 1;
  } finally {
    for (const world of worlds) await world.close();
  }
}

void main();
