// npm run bench:identity -- FOLDER: groups records of people, scored by the data's own scorer; and 200,000 made-up ones.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { elsewhere, printed, type Table } from './forecast/print';
import { madePeople } from './identityPeople';

const USAGE = `npm run bench:identity -- FOLDER [--made 200000]

FOLDER has people_dev.csv.gz (or people_test.csv.gz) and score_people.mjs. Runs 'npm run match' on it, scores the groups
and prints a table in Markdown.
  --made 200000   made-up records for the measurement of speed; 0: leaves it out`;

/** Prints how long a run took and its largest memory when it ends. */
const MEASURE = path.join(__dirname, 'identityMeasure.cjs');
const ROOT = path.join(__dirname, '..', '..');

interface MatchRun {
  seconds: number;
  processorSeconds: number;
  megabytes: number;
}

function runMatch(file: string, out: string): MatchRun {
  const args = ['--require', MEASURE, '--require', path.join(ROOT, 'src/runtime/typescript.cjs')];
  const started = performance.now();
  const measured = execFileSync(
    process.execPath,
    [...args, path.join(ROOT, 'src/cli/match.ts'), file, '--out', out],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  );
  const { processorSeconds, megabytes } = JSON.parse(measured) as Omit<MatchRun, 'seconds'>;
  return { seconds: (performance.now() - started) / 1000, processorSeconds, megabytes };
}

/** The figures that the scorer prints. */
interface GroupingScores {
  largest: number;
  pairwise: number[];
  bCubed: number[];
}

function scored(scorer: string, people: string, groups: string): GroupingScores {
  const text = execFileSync(process.execPath, [scorer, people, groups], { encoding: 'utf8' });
  const numbers = (name: string): number[] => {
    const line = text.split('\n').find((each) => each.startsWith(name)) ?? '';
    return [...line.matchAll(/\d\.\d+/g)].map(([value]) => Number(value));
  };
  return {
    largest: Number(/largest wrong group (\d+)/.exec(text)?.[1]),
    pairwise: numbers('pairwise'),
    bCubed: numbers('B-cubed'),
  };
}

function accuracyTable(name: string, run: MatchRun, { largest, pairwise, bCubed }: GroupingScores): Table {
  return {
    title: `People, ${name}`,
    head: [
      'method',
      'pairwise P',
      'R',
      'F1',
      'B-cubed P',
      'R',
      'F1',
      'largest wrong group',
      's',
      'processor s',
      'MB',
    ],
    decimals: [3, 3, 3, 3, 3, 3, 0, 0, 0, 0],
    rows: [
      ...elsewhere([
        ['three exact rules, connected components', 0.997, 0.192, 0.323, null, null, 0.441, 14],
        ['Fellegi–Sunter, ten keys, average linkage', 0.936, 0.797, 0.861, null, null, 0.884, 42],
        ['the same, twenty keys', 0.911, 0.891, 0.901, null, null, 0.926, 45],
      ]),
      {
        name: 'npm run match',
        cells: [...pairwise, ...bCubed, largest, run.seconds, run.processorSeconds, run.megabytes],
        ours: true,
      },
    ],
    notes: [
      '¹ Quoted from the README of the data, thresholds chosen on the truth there; not measured by this run.',
    ],
  };
}

function speedTable(count: number, run: MatchRun): Table {
  return {
    title: `${count} made-up records`,
    head: ['', 's', 'processor s', 'MB'],
    decimals: [0, 0, 0],
    rows: [{ name: 'npm run match', cells: [run.seconds, run.processorSeconds, run.megabytes], ours: true }],
  };
}

function main(args: string[]): void {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { made: { type: 'string', default: '200000' } },
  });
  const folder = path.resolve(positionals[0] ?? '');
  const name = ['people_dev.csv.gz', 'people_test.csv.gz'].find((each) =>
    existsSync(path.join(folder, each)),
  );
  const made = Number(values.made);
  if (positionals.length !== 1 || name === undefined || !Number.isInteger(made)) {
    process.stderr.write(`${USAGE}\n`);
    process.exit(1);
  }
  const scratch = mkdtempSync(path.join(tmpdir(), 'comptoir-identity-'));
  try {
    const people = path.join(folder, name);
    const groups = path.join(scratch, 'groups.csv');
    const run = runMatch(people, groups);
    const scores = scored(path.join(folder, 'score_people.mjs'), people, groups);
    process.stdout.write(`${printed(accuracyTable(name, run, scores))}\n`);
    if (made > 0) {
      const file = path.join(scratch, 'made.csv');
      writeFileSync(file, madePeople(made));
      const speed = runMatch(file, groups);
      process.stdout.write(`${printed(speedTable(made, speed))}\n`);
      const { pairwise, largest } = scored(path.join(folder, 'score_people.mjs'), file, groups);
      process.stdout.write(
        `Made-up records: pairwise P, R, F1 ${pairwise.join(', ')}; largest wrong group ${largest}\n`,
      );
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main(process.argv.slice(2));
