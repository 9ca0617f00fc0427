// npm run bench:fairness: how long one caller waits while another floods the program, beside how long it waits in quiet.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDb } from '../../src/db/pool';
import { ownServer } from '../support/ownServer';
import { endPrograms, startProgram, UNLIMITED } from '../support/process';
import { TYPESCRIPT } from '../support/typescript';
import { newToken } from '../support/world';
import { SECRET_KEY } from './benchSetup';
import { fillBench } from './benchWorld';
import { type Client, newClient } from './load';

const WORLD = {
  ...{ counters: 4, counterSkus: 50 },
  ...{ shops: 200, catalog: 300, stocked: 100, reservations: 100 },
};
/** The quiet caller: a tablet or two, each asking again a moment after it was answered. */
const QUIET_CONNECTIONS = 2;
const THINK_MS = 20;
const FLOOD_WARM_UP_MS = 3_000;

const AVAILABILITY = `query ($skus: [String!]!, $near: NearInput!) { availability(skus: $skus, at: { near: $near }) {
  sku { code } locations { location { code } distanceKm band } } }`;
const RESERVE = `mutation ($input: ReserveStockInput!) { reserveStock(input: $input) { __typename } }`;

let key = 0;
const draw = (n: number): number => 1 + Math.floor(Math.random() * n);

/** The query, made anew for each request. */
const KINDS: Record<string, (client: Client, token: string) => Buffer> = {
  empty: (client, token) => client.prepare(token, '{ __typename }', {}),
  availability: (client, token) =>
    client.prepare(token, AVAILABILITY, {
      skus: Array.from({ length: 20 }, (_, i) => `S${1 + ((i * 5 + draw(5)) % WORLD.stocked)}`),
      near: { latitude: 48.8, longitude: 2.3, radiusKm: 500, limit: 10, stocked: true },
    }),
  hold: (client, token) => {
    key += 1;
    return client.prepare(token, RESERVE, {
      input: {
        idempotencyKey: `${process.pid}-${key}`,
        location: `counter-${draw(WORLD.counters)}`,
        holdMinutes: 600,
        lines: [{ sku: `H${draw(WORLD.counterSkus)}`, quantity: 1 }],
      },
    });
  },
};

/** Sends requests over so many connections, the next as soon as each is answered, until the process is killed. */
async function flood(url: string, token: string, kind: string, connections: number): Promise<never> {
  const client = newClient(url, connections, 120_000);
  const statuses: Record<number, number> = {};
  setInterval(() => {
    process.stdout.write(`${JSON.stringify(statuses)}\n`);
  }, 500);
  const sendRepeatedly = async (): Promise<void> => {
    for (;;) {
      const { status } = await client.sendBytes(KINDS[kind]!(client, token)).catch(() => ({ status: 0 }));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, sendRepeatedly));
  throw new Error('a flood does not end');
}

interface Heard {
  took: number[];
  /** Processor time of the program's main thread meanwhile: own work and work ahead, whatever else the machine does. */
  worked: number[];
  refused: number;
}

const newHeard = (): Heard => ({ took: [], worked: [], refused: 0 });

function addHeard(all: Heard, { took, worked, refused }: Heard): void {
  all.took.push(...took);
  all.worked.push(...worked);
  all.refused += refused;
}

/** Milliseconds that the main thread of a process has run; 0 where the system does not tell. */
function processorMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

function quantiles(took: number[]): { p50: number; p99: number } {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

const shown = ({ p50, p99 }: { p50: number; p99: number }): string => `${p50.toFixed(1)} ${p99.toFixed(1)}`;

/** What the quiet caller sees in this time. */
async function listen(
  client: Client,
  token: string,
  kind: string,
  seconds: number,
  pid: number,
): Promise<Heard> {
  const heard = newHeard();
  const end = performance.now() + seconds * 1_000;
  const sendRepeatedly = async (): Promise<void> => {
    while (performance.now() < end) {
      const [begin, workedBefore] = [performance.now(), processorMs(pid)];
      const { status } = await client.sendBytes(KINDS[kind]!(client, token));
      heard.took.push(performance.now() - begin);
      heard.worked.push(processorMs(pid) - workedBefore);
      if (status !== 200) heard.refused += 1;
      await sleep(THINK_MS);
    }
  };
  await Promise.all(Array.from({ length: QUIET_CONNECTIONS }, sendRepeatedly));
  return heard;
}

function startFlood(url: string, token: string, kind: string, connections: number) {
  const args = [...TYPESCRIPT, __filename, '--flood', url, '--token', token, '--only', kind];
  const child: ChildProcess = spawn(process.execPath, [...args, '--connections', String(connections)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '{}';
  child.stdout!.on('data', (bytes: Buffer) => {
    last = String(bytes).trim().split('\n').at(-1) ?? last;
  });
  return { statuses: () => last, stop: () => child.kill('SIGKILL') };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      flood: { type: 'string' },
      token: { type: 'string' },
      only: { type: 'string' },
      connections: { type: 'string', default: '600' },
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '3' },
      processes: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const [connections, seconds, rounds] = [values.connections, values.seconds, values.rounds].map(Number) as [
    number,
    number,
    number,
  ];
  if (values.flood !== undefined) await flood(values.flood, values.token!, values.only!, connections);
  const kinds = values.only?.split(',') ?? Object.keys(KINDS);
  const server = await ownServer();
  const db = openDb(server.url, 2);
  try {
    await fillBench(server.url, WORLD, true);
    const settings = Object.fromEntries(values.set.map((one) => one.split('=') as [string, string]));
    const program = await startProgram({
      env: {
        ...{ NODE_ENV: 'production', DATABASE_URL: server.url, SECRET_KEY },
        ...{ LOG_LEVEL: 'warn', JOBS: 'false' },
        ...UNLIMITED,
        ...(values.processes && { API_PROCESSES: values.processes }),
        ...settings,
      },
    }).ready();
    const [one, other] = [await newToken(db, 'STOREFRONT'), await newToken(db, 'STOREFRONT')];
    process.stdout.write(`${connections} connections of one token flood; p50 and p99 of another, in ms\n`);
    for (const kind of kinds) {
      const client = newClient(program.url, QUIET_CONNECTIONS);
      await listen(client, other, kind, 2, program.pid);
      const [quiet, flooded]: [Heard, Heard] = [newHeard(), newHeard()];
      const answered: Record<string, number> = {};
      // In turns, so that what else the machine does is in both.
      for (let round = 0; round < rounds; round += 1) {
        addHeard(quiet, await listen(client, other, kind, seconds, program.pid));
        const flooding = startFlood(program.url, one, kind, connections);
        while (flooding.statuses() === '{}') await sleep(100);
        await sleep(FLOOD_WARM_UP_MS);
        const before = JSON.parse(flooding.statuses()) as Record<string, number>;
        addHeard(flooded, await listen(client, other, kind, seconds, program.pid));
        const after = JSON.parse(flooding.statuses()) as Record<string, number>;
        flooding.stop();
        for (const [status, n] of Object.entries(after))
          answered[status] = (answered[status] ?? 0) + (n - (before[status] ?? 0)) / (rounds * seconds);
        await sleep(500);
      }
      const [calm, busy] = [quantiles(quiet.took), quantiles(flooded.took)];
      const [calmWork, busyWork] = [quantiles(quiet.worked), quantiles(flooded.worked)];
      const rates = Object.entries(answered).map(([status, n]) => `${status}: ${Math.round(n)}`);
      process.stdout.write(
        `${kind.padEnd(14)} quiet ${shown(calm)}  flooded ${shown(busy)}  ratio of p50 ${(busy.p50 / calm.p50).toFixed(2)}, of p99 ${(busy.p99 / calm.p99).toFixed(2)}` +
          `  refused ${flooded.refused} of ${flooded.took.length}; the flood was answered a second ${rates.join(', ')}; the main thread worked meanwhile ${shown(calmWork)}, ${shown(busyWork)}; load ${loadavg()[0]!.toFixed(1)}\n`,
      );
      client.close();
    }
  } finally {
    await db.close();
    await endPrograms();
    await server.stop();
  }
}

void main();
