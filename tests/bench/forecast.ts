// npm run bench:forecast -- FOLDER: the protocols of the data sets, run by the forecaster and scored by their own scorer.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { protocolA, weekly } from './forecast/daily';
import { openFolder, smokeFolder } from './forecast/folder';
import { hierarchy } from './forecast/hierarchy';
import { printed, type Table } from './forecast/print';
import { protocolC } from './forecast/returned';
import type { Bench } from './forecast/runs';
import { protocolD } from './forecast/slow';
import { speed } from './forecast/speed';
import { protocolB } from './forecast/stock';

const USAGE = `npm run bench:forecast -- FOLDER [--only A,OR2,B,C,D,H,SPEED] [--smoke] [--threads 2] [--keep] [--augurs DIR]

FOLDER has the sets of one half (m5_sample_dev.csv …) and score.mjs. Writes submissions into a temporary folder,
scores them by 'node score.mjs' and prints tables in Markdown.
  --only A,B    some of the protocols
  --smoke       a few series of each set: does it run, in seconds; the figures say nothing
  --keep        leaves the submissions and says where
  --augurs DIR  where 'npm install @bsull/augurs' was done: its AutoETS is the yardstick of speed`;

const PROTOCOLS = ['A', 'OR2', 'B', 'C', 'D', 'H', 'SPEED'] as const;
type Protocol = (typeof PROTOCOLS)[number];

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const progress = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      threads: { type: 'string' },
      keep: { type: 'boolean', default: false },
      augurs: { type: 'string' },
    },
  });
  const only = values.only?.toUpperCase().split(',') ?? [...PROTOCOLS];
  const unknown = only.find((name) => !PROTOCOLS.includes(name as Protocol));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: the protocols are ${PROTOCOLS.join(', ')}.`);
  const threads = values.threads === undefined ? availableParallelism() : Number(values.threads);
  if (!(Number.isInteger(threads) && threads > 0)) throw new Error(`--threads is '${values.threads}'.`);
  if (positionals.length !== 1) throw new Error('One folder is needed.');
  return { ...values, only: only as Protocol[], threads, dir: path.resolve(positionals[0]!) };
}

/** The parsed arguments and the folder; invalid arguments end the program with the usage. */
function opened(args: string[]) {
  try {
    const parsed = readArguments(args);
    return { ...parsed, whole: openFolder(parsed.dir) };
  } catch (error) {
    progress(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(1);
  }
}

async function main(args: string[]): Promise<void> {
  const { whole, only, smoke, threads, keep, augurs = null } = opened(args);
  const scratch = mkdtempSync(path.join(tmpdir(), 'comptoir-forecast-'));
  const folder = smoke ? await smokeFolder(whole, path.join(scratch, 'data')) : whole;
  const bench: Bench = { folder, scratch, threads, progress };
  const protocols: Record<Protocol, () => Promise<Table | Table[] | null>> = {
    A: () => protocolA(bench),
    OR2: () => weekly(bench),
    B: () => protocolB(bench, smoke),
    C: () => protocolC(bench),
    D: () => protocolD(bench),
    H: () => hierarchy(bench),
    SPEED: () => speed(bench, augurs),
  };
  print(
    `Half '${folder.half}'${smoke ? ', a few series only: the figures say nothing' : ''}, ${threads} threads.\n`,
  );
  try {
    for (const name of PROTOCOLS) {
      if (!only.includes(name)) continue;
      const tables = await protocols[name]();
      if (tables === null) print(`${name}: its files are not in the folder.\n`);
      else for (const table of [tables].flat()) print(printed(table));
    }
    print('¹ Quoted from the README of the data (dev half), measured elsewhere; not by this run.');
  } finally {
    if (keep) progress(`Submissions: ${scratch}`);
    else rmSync(scratch, { recursive: true, force: true });
  }
}

void main(process.argv.slice(2));
