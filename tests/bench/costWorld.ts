// The world in which the cost of requests is measured: documents with as many lines as they may have, forecasts, levels.

import pg from 'pg';
import { migrate } from '../../src/db/migrate';
import { LEVELS } from '../../src/forecaster/series';
import { fillWorld } from '../support/world';

export interface CostWorldSize {
  shops: number;
  skus: number;
  /** SKUs that every shop has a shelf for. */
  stocked: number;
  /** Documents of each kind, and lines of each document. */
  documents: number;
  lines: number;
  forecasts: number;
}

/** A page of everything, with as many lines as one document may have. */
export const COST_WORLD: CostWorldSize = {
  ...{ shops: 600, skus: 1_200, stocked: 300 },
  ...{ documents: 220, lines: 200, forecasts: 400 },
};

const CHAIN: readonly string[] = [
  `INSERT INTO location (code, name, kind, city, country, latitude, longitude, time_zone, weekly_hours, groups)
   SELECT 'shop-' || i, 'Shop ' || i, 'SHOP', 'Town ' || i % 400, 'FR', 48 + i % 50 * 0.02, 2 + i % 37 * 0.02, 'Europe/Paris',
     (SELECT weekly_hours FROM location WHERE code = 'paris'), '{chain}' FROM generate_series(1, :shops) i`,
  `INSERT INTO sku (code, name, category, price_minor, currency)
   SELECT 'S' || i, 'Article S' || i, 'Dept ' || i % 7 || '/Cat ' || i % 40, 990, 'EUR' FROM generate_series(1, :skus) i`,
  `INSERT INTO stock_level (location_id, sku_id, available, position)
   SELECT l.id, s.id, (l.id * 7 + s.id * 13) % 4, 1 FROM location l CROSS JOIN sku s
   WHERE l.code LIKE 'shop-%' AND s.code ~ '^S\\d' AND substr(s.code, 2)::int <= :stocked`,
  `INSERT INTO stock_move (sku_id, from_location_id, from_bucket, to_location_id, to_bucket, quantity, reason, command_id, created_at)
   SELECT s.id, l.id, 'SUPPLIER', l.id, 'AVAILABLE', 3, 'RECEIVED', (SELECT max(id) FROM command), now()
   FROM (SELECT id FROM location WHERE code LIKE 'shop-%' LIMIT 5) l CROSS JOIN sku s WHERE s.code ~ '^S\\d'`,
];

const COMMAND = `
  INSERT INTO command (actor_id, key, action, request_hash, outcome, created_at) VALUES (0, 'cost', 'cost', '', '{"value": {}}', now())`;
const OWNER = `INSERT INTO actor (name, role, created_at) VALUES ('cost front end', 'STOREFRONT', now()) RETURNING id`;
const SKU_IDS = `(SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM sku WHERE code ~ '^S\\d' ORDER BY id LIMIT 600) s)`;
const SHOP_IDS = `(SELECT array_agg(id ORDER BY id) FROM location WHERE code LIKE 'shop-%')`;
const PROMISE = `(SELECT jsonb_build_object('because', '[]'::jsonb, 'sourcing', jsonb_agg(jsonb_build_object('location', 'shop-' || j,
  'took', '[{"sku": "S1", "quantity": 1}]'::jsonb, 'because', 'It alone has everything that is missing: a shop 12 km away.')))
  FROM generate_series(1, 20) j)`;

const DOCUMENTS: readonly string[] = [
  `INSERT INTO customer_order (id, number, owner_id, location_id, channel, status, payment, customer_name, customer_email,
     contact_channel, placed_at, promised_at, promise, updated_at)
   SELECT gen_random_uuid(), 'C-COST' || i, :owner, (${SHOP_IDS})[1], 'ONLINE',
     (ARRAY['PLACED', 'PICKING', 'READY', 'COLLECTED'])[1 + i % 4]::order_status, 'PAID', 'Anne Martin', 'anne@example.com',
     'EMAIL', now() - i * interval '1 minute', now(), ${PROMISE}, now() FROM generate_series(1, :documents) i`,
  `INSERT INTO order_line (order_id, sku_id, quantity, reserved, awaiting, unit_price_minor, currency)
   SELECT o.id, (${SKU_IDS})[j], 4, 2, 2, 990, 'EUR' FROM customer_order o, generate_series(1, :lines) j WHERE o.owner_id = :owner`,
  `INSERT INTO transfer (id, number, from_location_id, to_location_id, status, order_id, created_at)
   SELECT gen_random_uuid(), 'T-COST' || row_number() OVER (), (${SHOP_IDS})[2], (${SHOP_IDS})[1], 'DISPATCHED', o.id, now()
   FROM customer_order o WHERE o.owner_id = :owner`,
  `INSERT INTO transfer_line SELECT t.id, (${SKU_IDS})[j], 2, 0 FROM transfer t, generate_series(1, :lines) j
   WHERE t.number LIKE 'T-COST%'`,
  `INSERT INTO supplier (code, name, lead_time_days) SELECT 'COST-' || i, 'Supplier ' || i, 3
   FROM generate_series(1, :documents) i`,
  `INSERT INTO purchase_order (id, number, supplier_id, location_id, status, created_at, ordered_at, expected_at)
   SELECT gen_random_uuid(), 'P-COST' || i, (SELECT id FROM supplier WHERE code = 'COST-' || i), (${SHOP_IDS})[1], 'ORDERED',
     now(), now(), now() + interval '3 days' FROM generate_series(1, :documents) i`,
  `INSERT INTO purchase_line SELECT p.id, (${SKU_IDS})[j], 2, 0 FROM purchase_order p, generate_series(1, :lines) j
   WHERE p.number LIKE 'P-COST%'`,
  `INSERT INTO customer_return (id, number, owner_id, location_id, order_id, sold_at, status, created_at)
   SELECT gen_random_uuid(), 'R-COST' || row_number() OVER (), :owner, (${SHOP_IDS})[1], o.id, now(), 'REQUESTED', now()
   FROM customer_order o WHERE o.owner_id = :owner`,
  `INSERT INTO return_line SELECT r.id, j, (${SKU_IDS})[j], 1, 'TOO_SMALL', NULL FROM customer_return r, generate_series(1, :lines) j
   WHERE r.number LIKE 'R-COST%'`,
  `INSERT INTO reservation (id, owner_id, location_id, channel, status, expires_at, certificate, created_at, ended_at)
   SELECT gen_random_uuid(), :owner, (${SHOP_IDS})[1], 'ONLINE', 'RELEASED', now() + interval '1 day',
     jsonb_build_object('asOf', now(), 'lines', (SELECT jsonb_agg(jsonb_build_object('skuId', (${SKU_IDS})[j], 'requested', 1,
       'held', 1, 'wasAvailable', 9, 'safetyStock', 0, 'remaining', 8, 'position', 1)) FROM generate_series(1, :lines) j)), now(), now()
   FROM generate_series(1, :documents) i`,
  `INSERT INTO reservation_line SELECT r.id, (${SKU_IDS})[j], 1, 1 FROM reservation r, generate_series(1, :lines) j
   WHERE r.owner_id = :owner`,
  `INSERT INTO outbox (id, topic, payload, order_id, created_at)
   SELECT gen_random_uuid(), 'order.placed', (SELECT jsonb_build_object('lines', jsonb_agg(jsonb_build_object('sku', 'S' || j, 'quantity', 2)))
     FROM generate_series(1, :lines) j), o.id, now() FROM customer_order o WHERE o.owner_id = :owner`,
];

/** What orders have reserved, so that they can be cancelled. */
const RESERVED_BY_ORDERS = `
  INSERT INTO stock_level (location_id, sku_id, reserved, position)
  SELECT location_id, sku_id, sum(reserved), 1 FROM order_line JOIN customer_order o ON o.id = order_id
  GROUP BY location_id, sku_id
  ON CONFLICT (location_id, sku_id) DO UPDATE SET reserved = excluded.reserved`;

/** What transfers have dispatched, so that they can be received. */
const IN_TRANSIT = `
  INSERT INTO stock_level (location_id, sku_id, in_transit, position)
  SELECT to_location_id, sku_id, sum(l.quantity), 1 FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id
  GROUP BY to_location_id, sku_id
  ON CONFLICT (location_id, sku_id) DO UPDATE SET in_transit = excluded.in_transit`;

const FORECASTS = `
  WITH run AS (
    INSERT INTO forecast_run (due_at, cut_day, horizon, status, learnt_from, started_at, finished_at)
    VALUES (date_trunc('day', now()), current_date - 1, 28, 'DONE', 300, now(), now()) RETURNING id),
  night AS (
    INSERT INTO forecast_night (location_id, cut_day, run_id)
    SELECT location_id, current_date - 1, run.id FROM run, (SELECT DISTINCT location_id FROM stock_level) l)
  INSERT INTO demand_forecast (location_id, sku_id, cut_day, run_id, method, why, trials, mean, quantiles, spread, recent_mean)
  SELECT location_id, sku_id, current_date - 1, run.id, 'trees', 'It was the best in four of five rounds.',
    '[{"method": "trees", "rmsse": 0.8, "bias": 0.01}, {"method": "naive", "rmsse": 1, "bias": 0}]',
    array_fill(2.5::real, ARRAY[28]), array_fill(3::real, ARRAY[28 * $1::int]), '{}'::real[], 2.5
  FROM run, (SELECT location_id, sku_id FROM stock_level WHERE location_id IN (SELECT id FROM location WHERE code LIKE 'shop-%')
             ORDER BY location_id, sku_id LIMIT $2::int) s`;
const SALES = `
  INSERT INTO daily_sales (location_id, sku_id, channel, day, units, revenue_minor)
  SELECT location_id, sku_id, 'STORE', current_date - d, 1 + d % 5, 990
  FROM (SELECT location_id, sku_id FROM demand_forecast ORDER BY location_id, sku_id LIMIT $1::int) s, generate_series(1, 700) d`;

const filledIn = (sql: string, numbers: object): string =>
  sql.replace(/(?<!:):([a-z]+)\b/g, (all, name: string) =>
    String((numbers as Record<string, number>)[name] ?? all),
  );

/** Fills the empty database at `url`. The books do not balance: only the cost of reading is measured here. */
export async function fillCostWorld(url: string, size: CostWorldSize): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rows = async <R extends object>(sql: string, values?: readonly unknown[]): Promise<R[]> =>
    (await client.query(sql, values as unknown[])).rows as R[];
  try {
    await migrate(client);
    await fillWorld({ rows });
    await rows(
      "SET session_replication_role = replica; SET work_mem = '256MB'; SET synchronous_commit = off",
    );
    await rows(COMMAND);
    for (const sql of CHAIN) await rows(filledIn(sql, size));
    await rows('ANALYZE');
    const [owner] = await rows<{ id: number }>(OWNER);
    for (const sql of DOCUMENTS) await rows(filledIn(sql, { ...size, owner: owner!.id }));
    await rows(RESERVED_BY_ORDERS);
    await rows(IN_TRANSIT);
    await rows('CREATE TABLE demand_forecast_cost PARTITION OF demand_forecast DEFAULT');
    await rows(FORECASTS, [LEVELS.length, size.forecasts]);
    await rows(SALES, [Math.ceil(size.forecasts / 2)]);
    await rows('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}
