// Reservations through GraphQL over HTTP beside pgbench: one hot shelf, random shelves, half of that load, and the last units.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/db/pool';
import { newToken } from '../support/world';
import { type BenchSetup, type Findings, withProgram } from './benchSetup';
import { LAST_UNITS } from './benchWorld';
import { type Client, newClient, type Offered, offer } from './load';
import { clientRunner, inTurns, median, type Runner } from './rounds';
import type { Line } from './table';
import { pgbench } from './yardstickPgbench';
import { type Range, reservationScript, YARDSTICK_WRITES } from './yardstickReservations';

const FEW = 64;
const MANY = 512;
const TOO_BUSY = 503;
const REQUIRED_P99_MS = 100;
/** Longer than any benchmark, so that no reservation expires in the middle of one. */
const HOLD_MINUTES = 1_440;

const RESERVE = `mutation ($input: ReserveStockInput!) { answer: reserveStock(input: $input) {
  __typename ... on ReserveStockSuccess { reservation { id expiresAt } } } }`;

const draw = (n: number): number => Math.floor(Math.random() * n);

/** Counts of the answers to reservations of one unit each. */
interface Counted {
  held: number;
  refused: number;
  /** Refused as busy and retried; that time is in its latency. */
  busy: number;
}

/** Reserves one unit of a SKU at a location and counts the answer. Rejects on anything but a reservation or a refusal. */
function reserver(client: Client, token: string, counted: Counted) {
  const run = Math.random().toString(36).slice(2);
  let key = 0;
  return async (location: string, sku: string): Promise<void> => {
    key += 1;
    const input = {
      idempotencyKey: `${run}-${key}`,
      location,
      holdMinutes: HOLD_MINUTES,
      lines: [{ sku, quantity: 1 }],
    };
    const request = client.prepare(token, RESERVE, { input });
    let answer = await client.sendBytes(request);
    for (; answer.status === TOO_BUSY; answer = await client.sendBytes(request)) {
      counted.busy += 1;
      await sleep(1_000 * Number(answer.retryAfter ?? 1));
    }
    const { status, body } = answer;
    if (body.includes('"ReserveStockSuccess"')) counted.held += 1;
    else if (status === 200 && body.includes('"NotEnoughStock"')) counted.refused += 1;
    else throw new Error(`a hold was answered ${status}: ${body}`);
  };
}

interface Aim {
  name: string;
  range: Range;
  shelf: () => [string, string];
  requiredRatio: number;
}

async function counts(db: Db): Promise<{ inserted: Map<string, number>; changed: Map<string, number> }> {
  await db.rows('SELECT pg_stat_force_next_flush()');
  const rows = await db.rows<{ table: string; inserted: number; changed: number }>(`
    SELECT coalesce(pg_partition_root(relid)::regclass::text, relname) AS table, sum(n_tup_ins)::int AS inserted,
           sum(n_tup_upd)::int AS changed
    FROM pg_stat_user_tables WHERE n_tup_ins + n_tup_upd > 0 GROUP BY 1`);
  return {
    inserted: new Map(rows.map((r) => [r.table, r.inserted])),
    changed: new Map(rows.map((r) => [r.table, r.changed])),
  };
}

/** Rows that one of our reservations wrote, on average: all written rows less those that pgbench is known to write. */
async function writesNote(
  db: Db,
  name: string,
  before: Awaited<ReturnType<typeof counts>>,
  ours: number,
  yardstick: number,
): Promise<string> {
  const after = await counts(db);
  const each = (kind: 'inserted' | 'changed', table: string, byYardstick: number): string =>
    (
      ((after[kind].get(table) ?? 0) - (before[kind].get(table) ?? 0) - byYardstick * yardstick) /
      ours
    ).toFixed(2);
  return (
    `${name}: each of our ${ours} holds wrote command +${each('inserted', 'command', 1)} and ${each('changed', 'command', 1)} changed, ` +
    `stock_move +${each('inserted', 'stock_move', 1)}, stock_level ${each('changed', 'stock_level', 1)} changed, ` +
    `reservation +${each('inserted', 'reservation', 1)}, reservation_line +${each('inserted', 'reservation_line', 1)}; ` +
    `pgbench’s: ${YARDSTICK_WRITES}.`
  );
}

/** Reservations at a fixed rate, half of what was measured over as many connections: rounds like all others, and their medians. */
async function atHalf(
  { turns: { seconds, rounds } }: BenchSetup,
  name: string,
  whole: number,
  send: () => Promise<unknown>,
): Promise<Line> {
  const all: Offered[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const offered = await offer({
      perSecond: whole / 2,
      seconds,
      send: () => send().then(() => 'ok' as const),
    });
    if (offered.counts.error > 0) throw new Error(`${name}: ${[...offered.messages.keys()].join('; ')}`);
    all.push(offered);
  }
  return {
    name,
    perSecond: median(all.map((o) => o.counts.ok / seconds))!,
    medianMs: median(all.map((o) => o.p50Ms)),
    p99Ms: median(all.map((o) => o.p99Ms)),
    serverMs: null,
    databaseMs: null,
    requiredP99Ms: REQUIRED_P99_MS,
  };
}

interface Yardsticks {
  runners: Runner[];
  made: () => number;
}

/** pgbench without NOTIFY, which is the requirement to beat, and with it. */
function yardsticksOf(setup: BenchSetup, aim: Aim, actorId: number): Yardsticks {
  let made = 0;
  const add = (requests: number): void => {
    made += requests;
  };
  const { pgbench: program, url, database } = setup;
  const runners =
    program === null
      ? []
      : (setup.smoke ? [false] : [false, true]).map((notice) =>
          pgbench(
            program,
            `pgbench: ${aim.name}${notice ? ', with NOTIFY' : ''}`,
            url,
            database,
            reservationScript(aim.range, actorId, notice),
            add,
          ),
        );
  return { runners, made: () => made };
}

async function actorOf(db: Db, name: string): Promise<number> {
  const [actor] = await db.rows<{ id: number }>('SELECT id FROM actor WHERE name = $1', [name]);
  return actor!.id;
}

let tokens = 0;

async function reservationsOn(setup: BenchSetup, aim: Aim): Promise<Findings> {
  const { db, turns } = setup;
  tokens += 1;
  const token = await newToken(db, 'STOREFRONT', `bench-${tokens}`);
  await newToken(db, 'STOREFRONT', `pgbench-${tokens}`);
  const yardsticks = yardsticksOf(setup, aim, await actorOf(db, `pgbench-${tokens}`));
  const before = await counts(db);
  const counted = { held: 0, refused: 0, busy: 0 };
  const lines = await withProgram(setup, async ({ url, measured }) => {
    const [few, many] = [newClient(url, FEW), newClient(url, MANY)];
    const [reserveOverFew, reserveOverMany] = [reserver(few, token, counted), reserver(many, token, counted)];
    const ours = [
      {
        name: `${aim.name}, ${FEW} connections`,
        connections: FEW,
        send: () => reserveOverFew(...aim.shelf()),
      },
      {
        name: `${aim.name}, ${MANY} connections`,
        connections: MANY,
        send: () => reserveOverMany(...aim.shelf()),
      },
    ];
    const runners = [
      ...yardsticks.runners,
      ...ours.map(({ name, connections, send }) => clientRunner(name, measured, connections, send)),
    ];
    const samples = await inTurns(runners, turns);
    const lines = runners.map(({ name }): Line => {
      const sample = { name, ...samples.get(name)! };
      return name.startsWith('pgbench')
        ? sample
        : { ...sample, beside: `pgbench: ${aim.name}`, requiredRatio: aim.requiredRatio };
    });
    const halves: Line[] = [];
    for (const { name, send } of ours) {
      const { perSecond } = samples.get(name)!;
      halves.push(await atHalf(setup, `${name}, half of that load`, perSecond, send));
    }
    few.close();
    many.close();
    return [...lines, ...halves];
  });
  const wrongs = counted.refused > 0 ? [`${counted.refused} holds were refused where there was enough`] : [];
  // PostgreSQL counts a connection's rows for certain only when it has ended, and the smoke test's program lives on.
  const notes = setup.smoke ? [] : [await writesNote(db, aim.name, before, counted.held, yardsticks.made())];
  if (counted.busy > 0)
    notes.push(`${aim.name}: ${counted.busy} times a hold was told to come again, and did.`);
  const held = await unitsReservedBy(db, `bench-${tokens}`);
  if (held !== counted.held) wrongs.push(`${counted.held} holds were answered, ${held} are in the books`);
  return { lines, notes, wrongs };
}

async function unitsReservedBy(db: Db, name: string): Promise<number> {
  const [row] = await db.rows<{ units: number }>(
    `SELECT coalesce(sum(l.quantity), 0)::int AS units
     FROM reservation r JOIN reservation_line l ON l.reservation_id = r.id WHERE r.owner_id = $1`,
    [await actorOf(db, name)],
  );
  return row!.units;
}

/** All reserve from the same shelf: `counter-1`, `H1`. */
export function hotShelf(setup: BenchSetup): Promise<Findings> {
  const { firstLocation, firstSku } = setup.range;
  return reservationsOn(setup, {
    name: 'one hot shelf',
    range: { firstLocation, lastLocation: firstLocation, firstSku, lastSku: firstSku },
    shelf: () => ['counter-1', 'H1'],
    requiredRatio: 2,
  });
}

/** Each reserves from a random shelf of the counters. */
export function randomShelves(setup: BenchSetup): Promise<Findings> {
  const { range } = setup;
  const locations = range.lastLocation - range.firstLocation + 1;
  const skus = range.lastSku - range.firstSku + 1;
  return reservationsOn(setup, {
    name: `${locations * skus} random shelves`,
    range,
    shelf: () => [`counter-${1 + draw(locations)}`, `H${1 + draw(skus)}`],
    requiredRatio: 0.6,
  });
}

/** The last units of a shelf, by three times as many customers at once: correctness, so counted and not timed. */
export async function lastUnits(setup: BenchSetup): Promise<Findings> {
  const counted = { held: 0, refused: 0, busy: 0 };
  const token = await newToken(setup.db, 'STOREFRONT', 'last units');
  await withProgram(setup, async ({ url }) => {
    const client = newClient(url, MANY);
    const reserve = reserver(client, token, counted);
    await Promise.all(Array.from({ length: 3 * LAST_UNITS }, () => reserve('counter-1', 'MUG')));
    client.close();
  });
  const held = await unitsReservedBy(setup.db, 'last units');
  const right = counted.held === LAST_UNITS && held === LAST_UNITS;
  const sentence = `Of ${LAST_UNITS} last units ${counted.held} were promised to ${counted.held + counted.refused} customers over ${MANY} connections, and ${held} are held.`;
  return { lines: [], notes: [sentence], wrongs: right ? [] : [sentence] };
}
