// npm run bench: how many holds and availability questions a second, beside what plain PostgreSQL does in the same run.

import { type Db, openDb } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { lockShelves, post } from '../../src/stock/ledger';
import { stockDrift } from '../../src/stock/queries';
import { ownServer } from '../support/ownServer';
import { endPrograms, startProgram } from '../support/process';
import { fillWorld, newToken } from '../support/world';
import { type Client, type Measured, measure, newClient } from './load';

const CONNECTIONS = 64;
/** As many as the program's own pool has. */
const POOL = 20;
const SECRET_KEY = 'a long random text of the benchmark, as it must be';
const SECONDS = { whole: 8, smoke: 1 };
const WARM_UP = 0.5;
const SIZE = { whole: { places: 20, skus: 500 }, smoke: { places: 4, skus: 50 } };
const UNITS = 100_000;
const LAST_UNITS = 500;
const ASKED_SKUS = 10;

const RESERVE = `mutation ($input: ReserveStockInput!) { answer: reserveStock(input: $input) {
  __typename ... on ReserveStockSuccess { reservation { id expiresAt } } } }`;
const AVAILABILITY = `query ($skus: [String!]!, $group: String!) { availability(skus: $skus, at: { group: $group }) {
  sku { code } places { location { code } band } } }`;

type Yard = 'update' | 'hot update' | 'select';
interface Row extends Measured {
  name: string;
  /** The plain statement it is set against. */
  beside: Yard | null;
}

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
const draw = (n: number): number => Math.floor(Math.random() * n);

/** Places and SKUs with so many units on every shelf; one more SKU that is scarce. */
async function fill(db: Db, size: { places: number; skus: number }): Promise<void> {
  await fillWorld(db);
  await db.rows(
    `INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, weekly_hours, groups)
     SELECT 'shop-' || i, 'Shop', 'SHOP', 'FR', 43 + i % 7, i % 6, 'Europe/Paris',
            (SELECT weekly_hours FROM location WHERE code = 'paris'), '{bench}' FROM generate_series(1, $1::int) i`,
    [size.places],
  );
  await db.rows(`INSERT INTO sku (code, name) SELECT 'S' || i, 'S' FROM generate_series(1, $1::int) i`, [
    size.skus,
  ]);
  const shelves = await db.rows<{ locationId: number; skuId: number; units: number }>(
    `SELECT l.id AS "locationId", s.id AS "skuId", CASE s.code WHEN 'MUG' THEN $1 ELSE $2 END::int AS units
     FROM location l, sku s WHERE l.code LIKE 'shop-%' AND (s.code LIKE 'S%' OR s.code = 'MUG')`,
    [LAST_UNITS, UNITS],
  );
  const [command] = await db.rows<{ id: number }>(
    `INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at)
     VALUES (0, 'bench', 'bench', '', '{"value": {}}', now()) RETURNING id`,
  );
  await inTransaction(db, async (tx) => {
    const moves = shelves.map(({ locationId, skuId, units }) => ({
      locationId,
      skuId,
      from: 'SUPPLIER' as const,
      to: 'AVAILABLE' as const,
      quantity: units,
      reason: 'RECEIVED' as const,
      commandId: command!.id,
    }));
    await post(tx, await lockShelves(tx, moves), new Date(), moves);
  });
  await db.rows('CREATE TABLE yardstick (id int PRIMARY KEY, n int NOT NULL)');
  await db.rows('INSERT INTO yardstick SELECT i, 0 FROM generate_series(1, 10000) i');
  await db.rows('ANALYZE');
}

/** Plain pg on the same server: the least that one transaction a request could cost. */
async function yardsticks(db: Db, seconds: number): Promise<Row[]> {
  const update = 'UPDATE yardstick SET n = n + 1 WHERE id = $1';
  const runs: [Yard, (i: number) => Promise<unknown>][] = [
    ['update', () => db.rows(update, [1 + draw(10_000)])],
    ['hot update', () => db.rows(update, [1])],
    ['select', () => db.rows('SELECT n FROM yardstick WHERE id = $1', [1 + draw(10_000)])],
  ];
  const rows: Row[] = [];
  for (const [name, ask] of runs) {
    await measure(WARM_UP, CONNECTIONS, ask);
    rows.push({ name: `plain pg: ${name}`, beside: null, ...(await measure(seconds, CONNECTIONS, ask)) });
  }
  return rows;
}

interface Counted {
  held: number;
  refused: number;
}

/** Holds one unit of a SKU at a place; counts what it was answered. */
function reserver(client: Client, token: string, counted: Counted) {
  let key = 0;
  const run = Math.random().toString(36).slice(2);
  return async (location: string, sku: string): Promise<void> => {
    key += 1;
    const input = { idempotencyKey: `${run}-${key}`, location, lines: [{ sku, quantity: 1 }] };
    const { data } = await client.send(token, RESERVE, { input });
    if (data.answer.__typename === 'ReserveStockSuccess') counted.held += 1;
    else counted.refused += 1;
  };
}

async function apiRuns(
  client: Client,
  token: string,
  size: { places: number; skus: number },
  seconds: number,
): Promise<{ rows: Row[]; counted: Counted; scarce: Counted }> {
  const counted = { held: 0, refused: 0 };
  const scarce = { held: 0, refused: 0 };
  const reserve = reserver(client, token, counted);
  const reserveScarce = reserver(client, token, scarce);
  const shop = (): string => `shop-${1 + draw(size.places)}`;
  const sku = (): string => `S${1 + draw(size.skus)}`;
  const asked = (): string[] => [...new Set(Array.from({ length: ASKED_SKUS }, sku))];
  const runs: [string, Yard, (i: number) => Promise<unknown>][] = [
    ['holds on one hot shelf', 'hot update', () => reserve('shop-1', 'S1')],
    ['holds on random shelves', 'update', () => reserve(shop(), sku())],
    [
      `availability, ${ASKED_SKUS} SKUs × ${size.places} places`,
      'select',
      () => client.send(token, AVAILABILITY, { skus: asked(), group: 'bench' }),
    ],
  ];
  const rows: Row[] = [];
  for (const [name, beside, ask] of runs) {
    await measure(WARM_UP, CONNECTIONS, ask);
    rows.push({ name, beside, ...(await measure(seconds, CONNECTIONS, ask)) });
  }
  // The last units of a shelf, by more customers than there are units: correctness, so counted and not timed.
  const customers = Array.from({ length: 3 * LAST_UNITS });
  const queue = customers.values();
  const customer = async (): Promise<void> => {
    for (const _ of queue) await reserveScarce('shop-2', 'MUG');
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, customer));
  return { rows, counted, scarce };
}

/** The sentences that are wrong; none when not a unit was promised too many or too few. */
async function wrongs(db: Db, counted: Counted, scarce: Counted): Promise<string[]> {
  const [stock] = (await db.rows<{ reserved: number; lines: number }>(
    `SELECT (SELECT sum(reserved) FROM stock_level)::int AS reserved,
            (SELECT sum(quantity) FROM reservation_line)::int AS lines`,
  )) as [{ reserved: number; lines: number }];
  const drift = await stockDrift(db);
  const answered = counted.held + scarce.held;
  return [
    stock.reserved === answered ? '' : `${answered} units were promised, ${stock.reserved} are reserved`,
    stock.lines === answered ? '' : `${answered} units were promised, the holds have ${stock.lines}`,
    scarce.held === LAST_UNITS ? '' : `${scarce.held} customers got one of ${LAST_UNITS} units`,
    counted.refused === 0 ? '' : `${counted.refused} holds were refused where there was enough`,
    drift.length === 0 ? '' : `the books do not balance: ${JSON.stringify(drift)}`,
  ].filter((sentence) => sentence !== '');
}

function print(rows: Row[]): void {
  const yards = new Map(
    rows.filter((r) => r.beside === null).map((r) => [r.name.replace('plain pg: ', ''), r]),
  );
  const cells = rows.map((r) => {
    const yard = r.beside === null ? undefined : yards.get(r.beside);
    const ratio = yard ? `${(r.perSecond / yard.perSecond).toFixed(2)} × ${r.beside}` : '';
    return [r.name, r.perSecond.toFixed(0), r.medianMs.toFixed(1), r.p99Ms.toFixed(1), ratio];
  });
  const table = [['', 'a second', 'median ms', 'p99 ms', 'beside plain pg'], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  for (const line of table) {
    say(
      line
        .map((cell, i) => (i === 0 || i === 4 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    );
  }
}

async function main(): Promise<void> {
  const mode = process.argv.includes('--smoke') ? 'smoke' : 'whole';
  const [seconds, size] = [SECONDS[mode], SIZE[mode]];
  const server = await ownServer();
  // The program migrates first; a name of its own keeps this process's connections apart from the program's.
  const env = { DATABASE_URL: server.url, SECRET_KEY, LOG_LEVEL: 'warn', JOBS: 'false' };
  const db = openDb(server.url, POOL);
  try {
    const program = await startProgram({ env }).ready();
    say(`${size.places} places × ${size.skus} SKUs, ${CONNECTIONS} connections, ${seconds} s a run`);
    await fill(db, size);
    const token = await newToken(db, 'STOREFRONT', 'bench');
    const client = newClient(program.url, CONNECTIONS);
    const yards = await yardsticks(db, seconds);
    const { rows, counted, scarce } = await apiRuns(client, token, size, seconds);
    client.close();
    print([...yards, ...rows]);
    const wrong = await wrongs(db, counted, scarce);
    for (const sentence of wrong) process.stderr.write(`WRONG: ${sentence}\n`);
    if (wrong.length > 0) process.exitCode = 1;
    else {
      const held = (counted.held + scarce.held).toLocaleString('en');
      say(
        `${held} units promised, each once; of ${LAST_UNITS} last units ${LAST_UNITS} were sold to ${scarce.held + scarce.refused} customers.`,
      );
    }
  } finally {
    await db.close();
    await endPrograms();
    await server.stop();
  }
}

void main();
