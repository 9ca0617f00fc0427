// Availability at the nearest shops with stock, beside pgbench running the same statements.

import { newToken } from '../support/world';
import { type BenchSetup, type Findings, withProgram } from './benchSetup';
import { type Client, newClient } from './load';
import { clientRunner, inTurns } from './rounds';
import type { Sent } from './wireTap';
import { pgbench } from './yardstickPgbench';
import { readsScript, statementsOf, usual } from './yardstickReads';

const CONNECTIONS = 64;
const LOCATIONS = 10;
/** Wide enough to find ten shops anywhere in the country. */
const RADIUS_KM = 500;
const REQUIRED_RATIO = 0.5;
/** Number of different requests to draw from, and how many of them are recorded for the yardstick. */
const REQUESTS = 2_000;
const LISTENED = 400;
/** Concurrent requests while the program fills its caches. */
const WARM_UP = 8;
const CHECKED = 20;

const AVAILABILITY = `query ($skus: [String!]!, $near: NearInput!) { availability(skus: $skus, at: { near: $near }) {
  sku { code } locations { location { code } distanceKm band } } }`;

const draw = (n: number): number => Math.floor(Math.random() * n);

/** Shops have about the first `stocked` SKUs; customers search near one of them. */
async function drawInputs(setup: BenchSetup, skus: number): Promise<object[]> {
  const { db } = setup;
  const stocked = await db.rows<{ code: string }>(
    `SELECT code FROM sku WHERE code ~ '^S' AND id IN (SELECT sku_id FROM stock_level) ORDER BY id`,
  );
  const shops = await db.rows<{ latitude: number; longitude: number }>(
    `SELECT latitude, longitude FROM location WHERE groups @> '{chain}'`,
  );
  return Array.from({ length: REQUESTS }, () => {
    const drawn = new Set<string>();
    while (drawn.size < skus) drawn.add(stocked[draw(stocked.length)]!.code);
    const { latitude, longitude } = shops[draw(shops.length)]!;
    const near = {
      latitude: latitude + (Math.random() - 0.5) / 5,
      longitude: longitude + (Math.random() - 0.5) / 5,
      radiusKm: RADIUS_KM,
      limit: LOCATIONS,
      stocked: true,
    };
    return { skus: [...drawn], near };
  });
}

async function sendAvailability(client: Client, request: Buffer): Promise<Buffer> {
  const { status, body } = await client.sendBytes(request);
  if (status !== 200 || body.includes('"errors"'))
    throw new Error(`a question was answered ${status}: ${body}`);
  return body;
}

/** Sends each request alone and records the statements that the program sends to PostgreSQL for it. */
async function recordStatements(
  setup: BenchSetup,
  requests: (client: Client) => Buffer[],
): Promise<Sent[][]> {
  return withProgram(
    setup,
    async ({ url, recorded }) => {
      const client = newClient(url, WARM_UP);
      const all = requests(client).slice(0, setup.smoke ? CHECKED : REQUESTS);
      // Each once: this fills the program's caches of SKUs and locations, as they are after a minute of uptime.
      const queue = all.values();
      const customer = async (): Promise<void> => {
        for (const request of queue) await sendAvailability(client, request);
      };
      await Promise.all(Array.from({ length: WARM_UP }, customer));
      recorded();
      const each: Sent[][] = [];
      for (const request of all.slice(0, LISTENED)) {
        await sendAvailability(client, request);
        each.push(recorded());
      }
      client.close();
      return each;
    },
    { listen: true, processes: 1 },
  );
}

/** What is wrong with an answer: each SKU has locations, none too many, and every one of them has it. */
function faults(body: Buffer, skus: number): string[] {
  const { data } = JSON.parse(String(body)) as {
    data: { availability: { locations: { distanceKm: number; band: string }[] }[] };
  };
  const rows = data.availability;
  const whole = rows.length === skus && rows.every(({ locations }) => locations.length === LOCATIONS);
  const sorted = rows.every(({ locations }) =>
    locations.every((p, i) => i === 0 || p.distanceKm >= locations[i - 1]!.distanceKm),
  );
  const had = rows.every(({ locations }) => locations.every((p) => p.band !== 'OUT'));
  return [
    whole
      ? ''
      : `not ${skus} SKUs at ${LOCATIONS} places were answered: ${rows.map((r) => r.locations.length)}`,
    sorted ? '' : 'places were not answered by their distance',
    had ? '' : 'places without a unit were among those that have it',
  ].filter((sentence) => sentence !== '');
}

async function availability(setup: BenchSetup, skus: number): Promise<Findings> {
  const { db, turns, url: database } = setup;
  const name = `availability of ${skus} SKU${skus > 1 ? 's' : ''} at the ${LOCATIONS} nearest shops that have it`;
  const token = await newToken(db, 'STOREFRONT', name);
  const inputs = await drawInputs(setup, skus);
  const requests = (client: Client): Buffer[] =>
    inputs.map((variables) => client.prepare(token, AVAILABILITY, variables));
  const recorded = await recordStatements(setup, requests);
  const same = usual(recorded);
  const script = await readsScript(db, same);
  const yardstickName = `pgbench: the same SQL, ${skus} SKU${skus > 1 ? 's' : ''}`;
  const yardsticks =
    setup.pgbench === null || script === null
      ? []
      : [pgbench(setup.pgbench, yardstickName, database, setup.database, script)];
  return withProgram(setup, async ({ url, measured }) => {
    const client = newClient(url, CONNECTIONS);
    const all = requests(client);
    const ours = clientRunner(name, measured, CONNECTIONS, () =>
      sendAvailability(client, all[draw(all.length)]!),
    );
    const wrongs: string[] = [];
    for (const request of all.slice(0, CHECKED))
      wrongs.push(...faults(await sendAvailability(client, request), skus));
    const samples = await inTurns([...yardsticks, ours], turns);
    client.close();
    const lines = [...yardsticks, ours].map((runner) => ({
      name: runner.name,
      ...samples.get(runner.name)!,
    }));
    const last = lines.length - 1;
    lines[last] = { ...lines[last]!, ...{ beside: yardstickName, requiredRatio: REQUIRED_RATIO } };
    const notes = [
      `${name}: ${same[0]?.length ?? 0} statements a request (${same.length} of ${recorded.length} alike): ${statementsOf(same).join(' | ').slice(0, 200)} …`,
    ];
    return { lines, notes, wrongs: [...new Set(wrongs)] };
  });
}

/** A list of SKUs, as a page of a shop shows them. */
export function manySkus(setup: BenchSetup): Promise<Findings> {
  return availability(setup, 20);
}

/** One SKU, as its own page shows it. */
export function oneSku(setup: BenchSetup): Promise<Findings> {
  return availability(setup, 1);
}
