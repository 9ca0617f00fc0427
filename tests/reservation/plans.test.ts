// Statements are planned once a connection, often on tables that are still empty: those plans must be good for full ones.

import { startApp, type TestApp } from '../support/app';
import { holdsOn } from './support';

let app: TestApp;
let holds: Awaited<ReturnType<typeof holdsOn>>;
beforeAll(async () => {
  app = await startApp();
  holds = await holdsOn(app);
});
afterAll(() => app.close());

const MANY = 20_000;
/** What a handful of requests may read of all tables, by index or not; a look through all reservations is more. */
const FEW = 2_000;

// Reservations of nothing, so that the ledger stays as it is.
const FILL = `
  INSERT INTO reservation (id, owner_id, location_id, channel, holder, status, expires_at, certificate, created_at)
  SELECT gen_random_uuid(), a.id, l.id, 'ONLINE', 'holder ' || n, 'ACTIVE', $2, '{}', $1
  FROM generate_series(1, ${MANY}) n, actor a, location l WHERE a.name = 'web-shop' AND l.code = 'paris'`;
const FILL_LINES = `
  INSERT INTO reservation_line (reservation_id, sku_id, requested, quantity)
  SELECT r.id, s.id, 1, 0 FROM reservation r, sku s WHERE s.code = 'LAMP' AND r.holder LIKE 'holder %'`;
const FILL_COMMANDS = `
  INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at)
  SELECT a.id, 'filled ' || n, 'x', '', '{}', $1 FROM generate_series(1, ${MANY}) n, actor a WHERE a.name = 'web-shop'`;
const READ = `
  SELECT relname AS read, coalesce(seq_tup_read, 0)::int AS rows FROM pg_stat_user_tables
  UNION ALL SELECT indexrelname, idx_tup_read::int FROM pg_stat_user_indexes`;
const AVAILABLE = `{
  availability(skus: ["LAMP"], at: { locations: ["paris"] }) { locations { quantity } }
  near: availability(skus: ["LAMP"], at: { near: { latitude: 48.8, longitude: 2.3 } }) { locations { quantity } } }`;

async function rowsRead(): Promise<Map<string, number>> {
  const connections = await Promise.all(
    Array.from({ length: app.db.pool.totalCount }, () => app.db.pool.connect()),
  );
  for (const connection of connections) {
    await connection.query('SELECT pg_stat_force_next_flush()');
    connection.release();
  }
  const rows = await app.db.rows<{ read: string; rows: number }>(READ);
  return new Map(rows.map((r) => [r.read, r.rows]));
}

async function everyKind(sku: string): Promise<void> {
  const held = await holds.reserve([{ sku, quantity: 1 }], { holder: 'me' });
  expect(held.__typename).toBe('ReserveStockSuccess');
  await holds.reserve([{ sku, quantity: 1 }]);
  await holds.extend(held.reservation.id, 20);
  await holds.release(held.reservation.id);
  const { data, errors } = await app.gql(holds.feed, AVAILABLE);
  expect([errors, data.near.length]).toEqual([undefined, 1]);
}

test('plans made while there were no reservations do not read all of them later', async () => {
  const sku = await holds.stocked(100);
  await everyKind(sku);
  const now = app.parts.clock();
  // On a connection of its own, which then shows what it read itself.
  await app.db.session(async (client) => {
    await client.query(FILL, [now, new Date(now.getTime() + 3_600_000)]);
    await client.query(FILL_LINES);
    await client.query(FILL_COMMANDS, [now]);
    await client.query('SELECT pg_stat_force_next_flush()');
  });
  const before = await rowsRead();
  await everyKind(sku);
  const read = [...(await rowsRead())].map(([name, rows]) => [name, rows - (before.get(name) ?? 0)]);
  expect(read.filter(([, rows]) => Number(rows) > FEW)).toEqual([]);
  // The figures are there at all.
  expect(read.filter(([, rows]) => Number(rows) > 0).map(([name]) => name)).toContain('reservation_pkey');
});
