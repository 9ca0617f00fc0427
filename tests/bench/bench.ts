// npm run bench: throughput of reservations, availability and HTTP handling, each measured alternately with a yardstick of minimal cost.

import { mkdtempSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Db, openDb } from '../../src/db/pool';
import { stockDrift } from '../../src/stock/queries/levels';
import { ownServer } from '../support/ownServer';
import { endPrograms } from '../support/process';
import { manySkus, oneSku } from './benchAvailability';
import { edge } from './benchEdge';
import { hotShelf, lastUnits, randomShelves } from './benchReservations';
import { type BenchSetup, type Findings, postmasterOfDb } from './benchSetup';
import { fillBench, type WorldSize } from './benchWorld';
import { profileFlags, profileText } from './profile';
import { judge, type Line, tableOf } from './table';
import { findPgbench, NO_PGBENCH, pgbenchVersion } from './yardstickPgbench';

const PARTS: Record<string, (setup: BenchSetup) => Promise<Findings>> = {
  hot: hotShelf,
  random: randomShelves,
  last: lastUnits,
  edge,
  availability: manySkus,
  single: oneSku,
};
/** Parts that query the chain, which takes a minute to fill. */
const OF_THE_CHAIN = ['availability', 'single'];

const WHOLE: WorldSize = {
  ...{ counters: 20, counterSkus: 500 },
  ...{ shops: 2_000, catalog: 5_000, stocked: 1_000, reservations: 5_000 },
};
const SMALL: WorldSize = {
  ...{ counters: 4, counterSkus: 50 },
  ...{ shops: 60, catalog: 100, stocked: 40, reservations: 100 },
};
const TURNS = {
  whole: { rounds: 3, seconds: 8, warmUpSeconds: 3 },
  smoke: { rounds: 1, seconds: 0.5, warmUpSeconds: 0 },
};
const POOL = 4;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

interface Options {
  only: string[];
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  smoke: boolean;
  json: boolean;
  profile: boolean;
  processes: number | null;
  /** Flags of the node that runs the program. */
  node: string[];
}

function number(name: string, text: string | undefined, usual: number): number {
  const value = text === undefined ? usual : Number(text);
  if (!(value > 0)) throw new Error(`--${name} is '${text}'; it must be a number above 0.`);
  return value;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      processes: { type: 'string' },
      node: { type: 'string', multiple: true, default: [] },
    },
  });
  const all = Object.keys(PARTS);
  const only = values.only?.split(',') ?? all;
  const unknown = only.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`--only knows ${all.join(', ')}; not ${unknown.join(', ')}.`);
  const usual = TURNS[values.smoke ? 'smoke' : 'whole'];
  return {
    only,
    rounds: Math.round(number('rounds', values.rounds, usual.rounds)),
    seconds: number('seconds', values.seconds, usual.seconds),
    warmUpSeconds: usual.warmUpSeconds,
    smoke: values.smoke,
    json: values.json,
    profile: values.profile,
    processes: values.processes === undefined ? null : number('processes', values.processes, 1),
    node: values.node,
  };
}

async function runParts(setup: BenchSetup, { only, profile, node }: Options): Promise<Findings> {
  const all: Findings = { lines: [], notes: [], wrongs: [] };
  for (const name of only) {
    progress(`${name}:`);
    const folder = profile ? mkdtempSync(join(tmpdir(), `comptoir-profile-${name}-`)) : null;
    setup.flags = [...node, ...(folder === null ? [] : profileFlags(folder))];
    const found = await PARTS[name]!(setup);
    if (folder !== null) all.notes.push(`${name}: ${profileText(folder, setup.readyAt)}`);
    for (const key of ['lines', 'notes', 'wrongs'] as const) (all[key] as unknown[]).push(...found[key]);
  }
  await (await setup.shared)?.stop();
  const drift = await stockDrift(setup.db);
  if (drift.length > 0)
    all.wrongs.push(`the books do not balance: ${JSON.stringify(drift.slice(0, 10))}, ${drift.length} rows`);
  else all.notes.push('The books balance: every level is the sum of its moves and of the open holds.');
  return all;
}

/** On what, with what and how long it was measured. */
async function headOf(
  db: Db,
  { rounds, seconds, processes }: Options,
  pgbench: string | null,
): Promise<string> {
  const [row] = await db.rows<{ version: string }>("SELECT current_setting('server_version') AS version");
  const own = processes === null ? '' : `, API_PROCESSES=${processes}`;
  return [
    `${availableParallelism()} cores for clients, program and database; Node ${process.version}, PostgreSQL ${row!.version}${own}`,
    `${rounds} rounds of ${seconds} s each, in turns; medians. ${pgbench === null ? NO_PGBENCH : `Yardstick: ${pgbenchVersion(pgbench)}`}`,
  ].join('\n');
}

function printFindings({ lines, notes, wrongs }: Findings, options: Options, head: string): void {
  const withoutRequirements = ({ requiredRatio: _ratio, requiredP99Ms: _p99, ...line }: Line): Line => line;
  // So short a run shows that everything works, and nothing about speed.
  const judged = judge(options.smoke ? lines.map(withoutRequirements) : lines);
  if (options.json) {
    print(JSON.stringify({ head, ...options, lines: judged, notes, wrongs }));
    return;
  }
  print(`${head}\n`);
  print(tableOf(judged));
  print('');
  for (const note of notes) print(note);
  for (const wrong of wrongs) print(`WRONG: ${wrong}`);
}

async function main(): Promise<void> {
  const options = readOptions();
  const pgbench = findPgbench();
  const server = await ownServer();
  const db = openDb(server.url, POOL);
  try {
    const size = options.smoke ? SMALL : WHOLE;
    progress('filling the database');
    const range = await fillBench(
      server.url,
      size,
      options.only.some((name) => OF_THE_CHAIN.includes(name)),
    );
    const { rounds, seconds, warmUpSeconds, smoke, processes } = options;
    const turns = { rounds, seconds, warmUpSeconds, progress };
    const database = await postmasterOfDb(db);
    const setup: BenchSetup = {
      url: server.url,
      db,
      range,
      database,
      pgbench,
      smoke,
      processes,
      turns,
      flags: [],
      readyAt: 0n,
    };
    const found = await runParts(setup, options);
    printFindings(found, options, await headOf(db, options, pgbench));
    if (found.wrongs.length > 0) process.exitCode = 1;
  } finally {
    await db.close();
    await endPrograms();
    await server.stop();
  }
}

void main();
