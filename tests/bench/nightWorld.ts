// The made-up history that nightly forecasts are measured on: many series of a food and household retailer.

import pg from 'pg';
import { migrate } from '../../src/db/migrate';

const SKUS_A_PLACE = 2_000;
const CUT = '2026-11-24';
export const DUE = new Date('2026-11-25T00:05:00Z');
/** Days that are generated in one statement. */
const CHUNK_DAYS = 30;

const LOCATIONS = `
  INSERT INTO location (code, name, kind, country, latitude, longitude, time_zone)
  SELECT 'shop-' || i, 'Shop ' || i, 'SHOP', 'FR', 43, 2, 'Europe/Paris' FROM generate_series(1, $1::int) i`;
const SKUS = `
  INSERT INTO sku (code, name, category, price_minor, currency)
  SELECT 'S' || i, 'S' || i, 'Dept ' || i % 7 || '/Cat ' || i % 40, 990, 'EUR' FROM generate_series(1, $1::int) i`;

// Like a food and household retailer's: a third of all series sells less than once in five days, few every day; each
// has its rate (log-normal), weekends are better, and now and then a shelf is empty. Days without a fact have no row.
const RATES = `
  CREATE TABLE bench_rate AS
  SELECT l.id AS location_id, s.id AS sku_id,
    exp(-0.9 + 1.25 * sqrt(-2 * ln(random() + 1e-9)) * cos(2 * pi() * random())) AS rate
  FROM location l CROSS JOIN LATERAL (SELECT id FROM sku ORDER BY id LIMIT $1) s`;
const FACTS = `
  INSERT INTO daily_sales (location_id, sku_id, channel, day, units, revenue_minor, stocked_out)
  SELECT location_id, sku_id, 'shop', day, units, units * 990, stocked_out FROM (
    SELECT r.location_id, r.sku_id, d.day,
      floor(r.rate * CASE WHEN extract(isodow FROM d.day) > 5 THEN 1.5 ELSE 0.8 END * -ln(random() + 1e-9) * 1.2)::int AS units,
      random() < 0.01 AS stocked_out
    FROM (SELECT $1::date + i AS day FROM generate_series(0, $2::int - 1) i) d CROSS JOIN bench_rate r) f
  WHERE units > 0 OR stocked_out`;

/** Fills the history: rows in the order of days, as they come in life, and the key built afterwards. */
export async function fill(url: string, series: number, days: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await migrate(client);
    const skus = Math.min(series, SKUS_A_PLACE);
    await client.query(LOCATIONS, [Math.ceil(series / skus)]);
    await client.query(SKUS, [skus]);
    await client.query('SELECT setseed(0.42)');
    await client.query(RATES.replace('$1', String(skus)));
    await client.query(`DELETE FROM bench_rate WHERE ctid IN (SELECT ctid FROM bench_rate OFFSET ${series})`);
    // The generator is trusted: checking three foreign keys a row would take longer than making it.
    await client.query(
      "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off",
    );
    const [key] = (
      await client.query<{ definition: string }>(
        "SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = 'daily_sales_pkey'",
      )
    ).rows;
    await client.query('ALTER TABLE daily_sales DROP CONSTRAINT daily_sales_pkey');
    for (let done = 0; done < days; done += CHUNK_DAYS) {
      const from = new Date(Date.parse(CUT) - (days - 1 - done) * 86_400_000).toISOString().slice(0, 10);
      await client.query(FACTS, [from, Math.min(CHUNK_DAYS, days - done)]);
    }
    await client.query(`ALTER TABLE daily_sales ADD CONSTRAINT daily_sales_pkey ${key!.definition}`);
    await client.query('VACUUM (ANALYZE) daily_sales');
    const { rows } = await client.query<{ n: string }>('SELECT count(*) AS n FROM daily_sales');
    return Number(rows[0]!.n);
  } finally {
    await client.end();
  }
}
