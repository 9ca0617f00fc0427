// npm run bench:faults -- [--only name,name --seconds n --rate r]: each fault under the load of the mixed day, and how long until all is well.

import { parseArgs } from 'node:util';
import { endPrograms } from '../support/process';
import { columns, ms, print } from './dayTable';
import { clientFaults } from './faultsClients';
import { serverFaults } from './faultsServer';
import { play, type Survived } from './faultsStage';

/** How long each is watched after it is over. */
const AFTER_SECONDS = 10;
/** A fault that has a programme of its own. */
const ELSEWHERE = new Map([['replica', 'a replica falling behind: npm run prove:replica']]);

const seconds = (value: number | null): string =>
  value === null ? 'never' : `${(value / 1_000).toFixed(2)} s`;

const HEAD = [
  '',
  'a second',
  'ok',
  'busy',
  'cut',
  'p99 ms',
  'max ms',
  'refused for',
  'normal after',
  'MB before',
  'peak',
  'after',
  '',
];

function line({ name, rate, offered, outageMs, recoveredMs, memoryMb, wrong }: Survived): string[] {
  const { counts, p99Ms, maxMs } = offered;
  return [
    name,
    rate.toFixed(0),
    ...[counts.ok, counts.busy, counts.error].map(String),
    ms(p99Ms),
    ms(maxMs),
    seconds(outageMs),
    seconds(recoveredMs),
    ...[memoryMb.before, memoryMb.peak, memoryMb.after].map((mb) => mb.toFixed(0)),
    wrong.length === 0 ? 'survived' : 'WRONG',
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, seconds: { type: 'string' }, rate: { type: 'string' } },
  });
  const faults = new Map([...serverFaults(), ...clientFaults(), ...ELSEWHERE]);
  const names = values.only?.split(',') ?? [...faults.keys()];
  const unknown = names.find((name) => !faults.has(name));
  if (unknown !== undefined)
    throw new Error(`There is no fault '${unknown}'; there are ${[...faults.keys()].join(', ')}.`);
  const rate = values.rate === undefined ? null : Number(values.rate);
  const afterMs = Number(values.seconds ?? AFTER_SECONDS) * 1_000;
  const rows: string[][] = [];
  for (const name of names) {
    const fault = faults.get(name)!;
    const survived = typeof fault === 'string' ? fault : await play(fault, afterMs, rate);
    if (typeof survived === 'string') {
      print(`${name}: skipped, ${survived}`);
      continue;
    }
    print(`${survived.name}: normal after ${seconds(survived.recoveredMs)}`);
    for (const sentence of survived.wrong) process.stderr.write(`WRONG: ${name}: ${sentence}\n`);
    if (survived.wrong.length > 0) process.exitCode = 1;
    rows.push(line(survived));
  }
  await endPrograms();
  print();
  columns([HEAD, ...rows]);
  print(
    'busy: refused for the moment with a type or with 503 and retry-after, cut: no answer, because nobody was there;',
  );
  print('all of both were said again under their own keys, and all that was told is in the database, once.');
}

void main();
