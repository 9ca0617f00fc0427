// The worlds of npm run bench: counters with more units than can be held, and a chain over the whole of France.

import pg from 'pg';
import { migrate } from '../../src/db/migrate';
import { fillWorld } from '../support/world';
import type { Range } from './yardstickReservations';

export interface WorldSize {
  /** Counters × their SKUs are the random shelves. */
  counters: number;
  counterSkus: number;
  /** Shops of the chain, SKUs in the catalog, and how many of those every shop has a shelf for. */
  shops: number;
  catalog: number;
  stocked: number;
  /** Reservations in the chain; one of thirty is expired. */
  reservations: number;
}

/** Units on each counter's shelf: more than a benchmark can reserve, so no request is refused. */
const PLENTY = 50_000_000;
/** Units of the one scarce SKU. */
export const LAST_UNITS = 500;

// Approximate distribution of the French population: a city, and how many of a hundred shops are around it. The rest is spread.
const CITIES: readonly (readonly [number, number, number])[] = [
  [48.857, 2.352, 22],
  [45.764, 4.836, 7],
  [43.297, 5.37, 6],
  [50.629, 3.057, 6],
  [43.605, 1.444, 5],
  [44.838, -0.579, 5],
  [47.218, -1.554, 4],
  [43.71, 7.262, 4],
  [48.573, 7.752, 3],
  [48.117, -1.678, 3],
  [43.611, 3.877, 3],
  [49.443, 1.1, 3],
  [45.188, 5.724, 3],
  [47.322, 5.041, 2],
  [47.394, 0.685, 2],
];

const COUNTERS = `
  INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone, weekly_hours, groups)
  SELECT 'counter-' || i, 'Counter ' || i, 'SHOP', 'FR', 43 + i % 7, i % 6, 'Europe/Paris',
         (SELECT weekly_hours FROM location WHERE code = 'paris'), '{bench}'
  FROM generate_series(1, $1::int) i`;

const SHOPS = `
  INSERT INTO location (code, name, kind, city, country, latitude, longitude, time_zone, weekly_hours, groups)
  SELECT 'shop-' || i, 'Shop ' || i, 'SHOP', 'Town ' || i % 400, 'FR',
         CASE WHEN c.lat IS NULL THEN 43 + 6.5 * random() ELSE c.lat + 0.5 * (random() + random() - 1) END,
         CASE WHEN c.lat IS NULL THEN -1.5 + 8 * random() ELSE c.lon + 0.7 * (random() + random() - 1) END,
         'Europe/Paris', (SELECT weekly_hours FROM location WHERE code = 'paris'), '{chain}'
  FROM generate_series(1, $1::int) i
  LEFT JOIN unnest($2::float8[], $3::float8[], $4::int[]) AS c(lat, lon, from_percent)
    ON i * 37 % 100 >= c.from_percent AND i * 37 % 100 < c.from_percent + (
      SELECT coalesce(min(n.f), $5) FROM unnest($4::int[]) AS n(f) WHERE n.f > c.from_percent) - c.from_percent`;

const SKUS = `
  INSERT INTO sku (code, name, category, price_minor, currency)
  SELECT $2 || i, 'Article ' || $2 || i, 'Dept ' || i % 7 || '/Cat ' || i % 40, 990, 'EUR'
  FROM generate_series(1, $1::int) i`;

const COMMAND = `
  INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at)
  VALUES (0, $1, 'bench', '', '{"value": {}}', now()) RETURNING id`;

// Arrivals are moves, and levels are the sums of moves: the books can be proven from the first unit on.
const RECEIVE = (units: string): string => `
  WITH shelf AS (
    SELECT l.id AS location_id, s.id AS sku_id, (${units})::int AS units
    FROM location l CROSS JOIN sku s WHERE l.code LIKE $2 AND s.code ~ $3),
  moved AS (
    INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason,
                            command_id, created_at)
    SELECT sku_id, location_id, 'SUPPLIER', location_id, 'AVAILABLE', units, 'RECEIVED', $1::bigint, now()
    FROM shelf WHERE units > 0 RETURNING id, sku_id, to_location_id AS location_id)
  INSERT INTO stock_level (location_id, sku_id, available, position)
  SELECT location_id, sku_id, shelf.units, coalesce(moved.id, 0) FROM shelf LEFT JOIN moved USING (location_id, sku_id)`;

// Every reservation on a shelf of its own that has a unit, one in thirty expired and not swept yet.
const RESERVATIONS = `
  WITH shelf AS (
    SELECT location_id, sku_id, gen_random_uuid() AS id, row_number() OVER () AS n
    FROM stock_level
    WHERE available > 1 AND location_id IN (SELECT id FROM location WHERE code LIKE 'shop-%')
    ORDER BY md5(location_id || ':' || sku_id) LIMIT $2),
  held AS (
    INSERT INTO reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at)
    SELECT id, 0, location_id, 'ONLINE', 'ACTIVE', now() + interval '1 day' - (n % 30 = 0)::int * interval '2 days',
           '{"asOf": "2026-01-01T00:00:00Z", "lines": []}', now() - interval '2 days' FROM shelf),
  lines AS (INSERT INTO reservation_line SELECT id, sku_id, 1, 1 FROM shelf),
  moved AS (
    INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason,
                            document_id, command_id, created_at)
    SELECT sku_id, location_id, 'AVAILABLE', location_id, 'RESERVED', 1, 'HELD', id, $1::bigint, now() FROM shelf
    RETURNING id, sku_id, to_location_id AS location_id)
  UPDATE stock_level l SET available = available - 1, reserved = reserved + 1, position = moved.id
  FROM moved WHERE l.location_id = moved.location_id AND l.sku_id = moved.sku_id`;

async function commandOf(client: pg.Client, key: string): Promise<number> {
  const { rows } = await client.query<{ id: string }>(COMMAND, [key]);
  return Number(rows[0]!.id);
}

async function fillCounters(client: pg.Client, size: WorldSize): Promise<void> {
  await client.query(COUNTERS, [size.counters]);
  await client.query(SKUS, [size.counterSkus, 'H']);
  const command = await commandOf(client, 'counters');
  await client.query(RECEIVE(String(PLENTY)), [command, 'counter-%', '^H\\d']);
  await client.query(RECEIVE(String(LAST_UNITS)), [command, 'counter-1', '^MUG$']);
}

async function fillChain(client: pg.Client, size: WorldSize): Promise<void> {
  let percent = 0;
  const from = CITIES.map(([, , share]) => {
    percent += share;
    return percent - share;
  });
  await client.query('SELECT setseed(0.42)');
  const [latitudes, longitudes] = [CITIES.map((c) => c[0]), CITIES.map((c) => c[1])];
  await client.query(SHOPS, [size.shops, latitudes, longitudes, from, percent]);
  await client.query(SKUS, [size.catalog, 'S']);
  const command = await commandOf(client, 'chain');
  // The stocked SKUs are those with the lowest numbers; three shelves of ten are empty.
  const stocked = `CASE WHEN random() < 0.3 THEN 0 ELSE 1 + 20 * random() END`;
  const shelves = RECEIVE(stocked).replace(
    's.code ~ $3',
    `s.code ~ $3 AND substr(s.code, 2)::int <= ${size.stocked}`,
  );
  await client.query(shelves, [command, 'shop-%', '^S\\d']);
  await client.query(RESERVATIONS, [command, size.reservations]);
}

async function rangeOf(client: pg.Client): Promise<Range> {
  const { rows } = await client.query<Range & { shelves: number }>(`
    SELECT min(location_id) AS "firstLocation", max(location_id) AS "lastLocation", min(sku_id) AS "firstSku",
           max(sku_id) AS "lastSku", count(*)::int AS shelves
    FROM stock_level WHERE location_id IN (SELECT id FROM location WHERE groups @> '{bench}')
      AND sku_id IN (SELECT id FROM sku WHERE code ~ '^H')`);
  const { shelves, ...range } = rows[0]!;
  const inside = (range.lastLocation - range.firstLocation + 1) * (range.lastSku - range.firstSku + 1);
  if (shelves !== inside)
    throw new Error(`${inside} shelves were expected between these ids, not ${shelves}`);
  return range;
}

/** Migrates the empty database at `url` and fills it; gives the ids of the counters' shelves. */
export async function fillBench(url: string, size: WorldSize, chain: boolean): Promise<Range> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await migrate(client);
    const rows = async <R extends object>(sql: string, values?: readonly unknown[]): Promise<R[]> =>
      (await client.query(sql, values as unknown[])).rows as R[];
    await fillWorld({ rows });
    // The generator is trusted: checking seven foreign keys a shelf would take longer than making it.
    await client.query(
      "SET session_replication_role = replica; SET work_mem = '256MB'; SET synchronous_commit = off",
    );
    await fillCounters(client, size);
    if (chain) await fillChain(client, size);
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
    return await rangeOf(client);
  } finally {
    await client.end();
  }
}
