// npm run fuzz: hostile requests by the thousand against the real program; ends with 1 when anything was wrong.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDb } from '../../src/db/pool';
import { databaseUrl, endPrograms, type Program, startProgram, UNLIMITED } from '../support/process';
import { fillWorld } from '../support/world';
import { wrongInBooks } from './fuzzBooks';
import { FuzzClient } from './fuzzClient';
import { Fuzzer } from './fuzzLoop';
import { Shop } from './fuzzShop';
import { runWorst, type WorstOptions } from './fuzzWorstRun';

const MB = 1_048_576;
const SAMPLES = 10;
/** The event loop may not be held longer by what one client asks, in processor time: others wait meanwhile. */
const MAX_STALL_MS = 1_000;
/** After the warm-up, a fifth of the run: more than this is a leak, not a cache that fills. */
const MAX_HEAP_GROWTH = { part: 0.25, bytes: 24 * MB };
const MAX_RSS_GROWTH = { part: 0.5, bytes: 128 * MB };
const MAX_ANSWER_MS = 10_000;
const MEMORY_WAIT_MS = 20_000;

interface Memory {
  answered: number;
  rss: number;
  heapUsed: number;
}
interface Stall {
  stallMs: number;
  cpuMs: number;
  at: number;
}

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

function readArguments(): {
  requests: number;
  seed: number;
  connections: number;
  worst: WorstOptions | null;
} {
  const { values } = parseArgs({
    options: {
      ...{ requests: { type: 'string' }, seed: { type: 'string' }, connections: { type: 'string' } },
      ...{ worst: { type: 'boolean' }, only: { type: 'string' }, all: { type: 'boolean' } },
    },
  });
  const whole = (text: string | undefined, usual: number): number => {
    const value = text === undefined ? usual : Number(text);
    if (Number.isInteger(value) && value >= 0) return value;
    throw new Error(
      'Usage: npm run fuzz -- [--requests 10000] [--seed 1] [--connections 4], or --worst [--only NAME] [--all]',
    );
  };
  return {
    requests: whole(values.requests, 10_000),
    seed: whole(values.seed, Math.floor(Math.random() * 2 ** 31)),
    connections: Math.max(1, whole(values.connections, 4)),
    worst: values.worst === true ? { only: values.only ?? '', all: values.all === true } : null,
  };
}

function told<T>(program: Program, has: string): T[] {
  return program
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('FUZZ ') && line.includes(has))
    .map((line) => JSON.parse(line.slice(5)) as T);
}

/** The program's memory after its garbage was collected. */
async function memoryOf(program: Program, answered: number): Promise<Memory> {
  const before = told(program, '"rss"').length;
  process.kill(program.pid, 'SIGUSR2');
  const deadline = Date.now() + MEMORY_WAIT_MS;
  while (Date.now() < deadline) {
    const all = told<Memory>(program, '"rss"');
    if (all.length > before) return { ...all.at(-1)!, answered };
    await sleep(20);
  }
  throw new Error('The program did not tell its memory.');
}

/** What is wrong with how the memory grew, from the end of the warm-up to the end. */
function leaks(memory: readonly Memory[]): string[] {
  const warm = memory[Math.floor(memory.length / 5)]!;
  const end = memory.at(-1)!;
  return (['heapUsed', 'rss'] as const).flatMap((what) => {
    const { part, bytes } = what === 'rss' ? MAX_RSS_GROWTH : MAX_HEAP_GROWTH;
    if (end[what] <= warm[what] * (1 + part) + bytes) return [];
    return [`${what} grew from ${Math.round(warm[what] / MB)} to ${Math.round(end[what] / MB)} MB`];
  });
}

function printKinds(fuzzer: Fuzzer): void {
  say('\nAnswers by kind:');
  for (const [kind, n] of [...fuzzer.kinds].sort(([a], [b]) => (a < b ? -1 : 1))) {
    say(
      `  ${kind.padEnd(44)} ${String(n).padStart(8)}  ${((100 * n) / fuzzer.answered).toFixed(1).padStart(5)} %`,
    );
  }
}

function printSlow(fuzzer: Fuzzer, stalls: readonly Stall[]): void {
  say('\nThe slowest requests:');
  for (const { ms, body } of fuzzer.slowest) say(`  ${ms} ms  ${body}`);
  if (stalls.length === 0) return;
  say(`\nThe event loop stood still ${stalls.length} times for more than 150 ms; the longest:`);
  for (const { stallMs, cpuMs, at } of [...stalls].sort((a, b) => b.cpuMs - a.cpuMs).slice(0, 8)) {
    say(`  ${stallMs} ms, ${cpuMs} ms of them spent`);
    const under = fuzzer.spans.filter(({ from, to }) => from < at && to > at - stallMs);
    for (const { request } of under.slice(0, 3)) say(`    ${request.slice(0, 260)}`);
  }
}

async function main(): Promise<void> {
  const options = readArguments();
  const { requests, seed, connections, worst } = options;
  if (worst !== null) return runWorst(worst);
  say(`npm run fuzz -- --requests ${requests} --seed ${seed} --connections ${connections}`);
  const program = await startProgram({
    env: {
      NODE_ENV: 'production',
      JOBS: 'false',
      LOG_LEVEL: 'error',
      NODE_OPTIONS: `--require ${join(__dirname, 'fuzzWatched.cjs')}`,
      API_PROCESSES: '1',
      ...UNLIMITED,
    },
  }).ready();
  const db = openDb(databaseUrl(program.dataDir), 4);
  const client = new FuzzClient(program.url, connections, MAX_ANSWER_MS);
  const wrong: string[] = [];
  try {
    await fillWorld(db);
    const fuzzer = new Fuzzer(client, new Shop(db, client));
    const memory: Memory[] = [];
    let printed = 0;
    const begin = performance.now();
    const beginAt = Date.now();
    const sample = async (answered: number): Promise<void> => {
      memory.push(await memoryOf(program, answered));
      const { rss, heapUsed } = memory.at(-1)!;
      const minutes = (performance.now() - begin) / 60_000;
      say(
        `${answered} answered in ${minutes.toFixed(1)} min; heap ${Math.round(heapUsed / MB)} MB, resident ${Math.round(rss / MB)} MB; found ${fuzzer.found.length}`,
      );
      for (const finding of fuzzer.found.slice(printed)) say(JSON.stringify(finding, null, 2));
      printed = fuzzer.found.length;
    };
    const died = program.exited.then(({ code, signal }) => {
      throw new Error(`The program ended (${signal ?? code}): ${program.stderr().slice(-2_000)}`);
    });
    died.catch(() => {});
    const every = { requests: Math.ceil(requests / SAMPLES), do: sample };
    await Promise.race([fuzzer.run({ ...options, every }), died]);
    await sample(fuzzer.answered);
    const stalls = told<Stall>(program, '"stallMs"').filter(({ at }) => at > beginAt);
    printKinds(fuzzer);
    printSlow(fuzzer, stalls);
    wrong.push(
      ...fuzzer.found.map((it) => `${it.faults.join('; ')} (see above): ${it.request.slice(0, 200)}`),
    );
    for (const [sign, n] of fuzzer.again) if (n > 0) wrong.push(`${n} times more: ${sign}`);
    wrong.push(...leaks(memory));
    const held = stalls.filter(({ cpuMs }) => cpuMs > MAX_STALL_MS);
    if (held.length > 0)
      wrong.push(`the event loop was held for more than ${MAX_STALL_MS} ms ${held.length} times`);
    wrong.push(...(await wrongInBooks(db)).map((it) => `books: ${JSON.stringify(it)}`));
    const logged = program.stdout().match(/"msg":"(unexpected error|a request failed)"/g)?.length ?? 0;
    if (logged > 0) wrong.push(`${logged} unexpected errors in the log: ${program.stdout().slice(-3_000)}`);
    say(`\nseed ${seed}: ${fuzzer.answered} answered, ${wrong.length} things wrong`);
  } finally {
    client.close();
    await db.close().catch(() => {});
    await endPrograms();
  }
  for (const it of wrong) say(it);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

void main().catch((error: unknown) => {
  say(String((error as Error).stack));
  process.exit(1);
});
