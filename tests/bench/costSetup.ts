// The program on the world of costs, and what one request makes it spend: processor, the longest block of its event loop,
// and how long /health/live takes beside it.

import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashToken } from '../../src/access/queries/callers';
import { type Db, openDb } from '../../src/db/pool';
import type { WorstWorld } from '../edge/fuzzWorstValues';
import type { GraphQLAnswer } from '../support/graphqlClient';
import { databaseUrl, endPrograms, type Program, startProgram } from '../support/process';
import { newToken } from '../support/world';
import { postmasterOfDb } from './benchSetup';
import { COST_WORLD, type CostWorldSize, fillCostWorld } from './costWorld';
import { spentMs } from './spent';

/** What one request cost. */
export interface Spent {
  answer: GraphQLAnswer;
  ms: number;
  /** Processor time of the program's main thread, of the whole program, and of PostgreSQL. */
  loopMs: number;
  cpuMs: number;
  databaseMs: number;
  /** The longest block of the event loop, in processor time. */
  blockedMs: number;
  /** The slowest answer of /health/live meanwhile, by the clock. */
  liveMs: number;
  /** What the program charged for it. */
  points: number;
}

export interface CostSetup {
  program: Program;
  db: Db;
  world: WorstWorld;
  tokens: Record<'STOREFRONT' | 'ADMIN', string>;
  measure(token: string, query: string, variables: Record<string, unknown>): Promise<Spent>;
}

const METRICS_TOKEN = 'reads-the-metrics-of-costs-0123456789';
const LIVE_EVERY_MS = 20;
const REPORT_LIMIT_MS = 60_000;
/** What a request leaves behind (statistics, notices, collected garbage) is not the next one's. */
const SETTLE_MS = 60;

const KEYS: Record<string, string> = {
  Sku: "SELECT id FROM sku WHERE code ~ '^S[0-9]' ORDER BY id LIMIT 400",
  Location: "SELECT id FROM location WHERE code LIKE 'shop-%' ORDER BY id LIMIT 400",
  Supplier: 'SELECT id FROM supplier ORDER BY id LIMIT 400',
  Order: 'SELECT id FROM customer_order ORDER BY number LIMIT 400',
  Reservation: 'SELECT id FROM reservation ORDER BY id LIMIT 400',
  Return: 'SELECT id FROM customer_return ORDER BY id LIMIT 400',
  Transfer: 'SELECT id FROM transfer ORDER BY id LIMIT 400',
  PurchaseOrder: 'SELECT id FROM purchase_order ORDER BY id LIMIT 400',
  OutboxMessage: 'SELECT id FROM outbox ORDER BY id LIMIT 400',
  Actor: "SELECT id FROM actor WHERE name = 'cost front end'",
  StockMove: 'SELECT id FROM stock_move ORDER BY id LIMIT 400',
};

async function worldOf(db: Db, size: CostWorldSize): Promise<WorstWorld> {
  const keys: Record<string, (string | number)[]> = {};
  for (const [type, sql] of Object.entries(KEYS))
    keys[type] = (await db.rows<{ id: string | number }>(sql)).map((row) => row.id);
  const codes = (count: number, code: (i: number) => string): string[] =>
    Array.from({ length: count }, (_, i) => code(i + 1));
  return {
    skus: codes(size.skus, (i) => `S${i}`),
    locations: codes(size.shops, (i) => `shop-${i}`),
    suppliers: codes(size.documents, (i) => `COST-${i}`),
    keys,
    now: new Date(Date.now() - 3_600_000).toISOString(),
  };
}

/** A token of the storefront that all documents of the world belong to. */
async function ownersToken(db: Db): Promise<string> {
  const token = 'storefront-of-the-world-of-costs-0123';
  const sql = `INSERT INTO access_token (actor_id, token_hash, hint) SELECT id, $1, 'cost' FROM actor WHERE name = 'cost front end'`;
  await db.rows(sql, [hashToken(token)]);
  return token;
}

interface SpentReport {
  loopMs: number;
  cpuMs: number;
  blockedMs: number;
}
const reportsOf = (program: Program): SpentReport[] =>
  program
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('SPENT '))
    .map((line) => JSON.parse(line.slice(6)) as SpentReport);

/** What the main thread has spent since the last report. */
async function spentSince(program: Program): Promise<SpentReport> {
  const before = reportsOf(program).length;
  process.kill(program.pid, 'SIGWINCH');
  const deadline = Date.now() + REPORT_LIMIT_MS;
  while (Date.now() < deadline) {
    const all = reportsOf(program);
    if (all.length > before) return all.at(-1)!;
    await sleep(3);
  }
  throw new Error('The program did not tell what it spent.');
}

async function chargedBy(program: Program): Promise<number> {
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  const text = await (await fetch(`${program.url}/metrics`, { headers })).text();
  return Number(/^comptoir_query_cost_points_sum(?:\{[^}]*\})? (\S+)$/m.exec(text)?.[1] ?? 0);
}

/** Requests /health/live until it is stopped; returns the slowest answer in milliseconds. */
function watchLive(url: string, agent: Agent): () => number {
  let slowest = 0;
  let stopped = false;
  let begun = 0;
  const poll = (): void => {
    if (stopped) return;
    begun = performance.now();
    get(`${url}/health/live`, { agent }, (response) => {
      response.resume();
      response.once('end', () => {
        slowest = Math.max(slowest, performance.now() - begun);
        setTimeout(poll, LIVE_EVERY_MS);
      });
    }).once('error', () => {});
  };
  poll();
  return () => {
    stopped = true;
    return slowest;
  };
}

/** Works with the program on a world of this size, and leaves nothing behind. */
export async function withCostSetup<T>(
  work: (setup: CostSetup) => Promise<T>,
  size = COST_WORLD,
): Promise<T> {
  const program = await startProgram({
    env: {
      ...{
        NODE_ENV: 'production',
        JOBS: 'false',
        LOG_LEVEL: 'error',
        API_PROCESSES: '1',
        METRICS_TOKEN,
        RATE_WITHOUT_TOKEN: 'off',
      },
      NODE_OPTIONS: `--require ${join(__dirname, '../support/watched.cjs')}`,
    },
  }).ready();
  const url = databaseUrl(program.dataDir);
  const db = openDb(url, 2);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await fillCostWorld(url, size);
    const postmaster = await postmasterOfDb(db);
    const database = (): number => (postmaster === null ? 0 : (spentMs(postmaster) ?? 0));
    const measure: CostSetup['measure'] = async (token, query, variables) => {
      await sleep(SETTLE_MS);
      const charged = await chargedBy(program);
      const stop = watchLive(program.url, agent);
      await spentSince(program);
      const [first, begun] = [database(), performance.now()];
      const answer = await program.gqlUntyped(token, query, variables);
      const ms = performance.now() - begun;
      const spent = await spentSince(program);
      return {
        ...{ answer, ms, ...spent, liveMs: stop(), databaseMs: database() - first },
        points: (await chargedBy(program)) - charged,
      };
    };
    return await work({
      ...{ program, db, measure, world: await worldOf(db, size) },
      tokens: { STOREFRONT: await ownersToken(db), ADMIN: await newToken(db, 'ADMIN') },
    });
  } finally {
    agent.destroy();
    await db.close().catch(() => {});
    await endPrograms();
  }
}
