// npm run bench:run -- --series 100000 --days 730: a whole run from the database and back, on a server of its own.

import { parseArgs } from 'node:util';
import pg from 'pg';
import { pino } from 'pino';
import { JobRunner } from '../../jobs/runner';
import { TIMETABLE } from '../../jobs/timetable';
import { migrate } from '../../src/db/migrate';
import { type Db, openDb } from '../../src/db/pool';
import type { Parts } from '../../src/graphql/context';
import { ownServer } from '../support/ownServer';

const WHOLE = { series: 100_000, days: 730 };
const SMOKE = { series: 400, days: 120 };
const SKUS_A_PLACE = 2_000;
const CUT = '2026-11-24';
const DUE = new Date('2026-11-25T00:05:00Z');
const POLL_MS = 200;
/** Days that are generated in one statement. */
const CHUNK_DAYS = 30;

const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;

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
async function fill(url: string, series: number, days: number): Promise<number> {
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

interface Taken {
  wholeMs: number;
  openMs: number;
  learnMs: number;
  partsMs: number;
  peak: number;
  /** Processor time of this process, all threads: what the database needs is not in it. */
  cpuMs: number;
  forecasts: number;
  learntFrom: number;
  threadMs: { read: number; forecast: number; write: number };
  threads: number;
}

/** Runs the job as the timetable does, and watches it. */
async function night(db: Db): Promise<Taken> {
  const took = { threads: 0, threadMs: { read: 0, forecast: 0, write: 0 } };
  const listen = { write: (line: string) => void Object.assign(took, pickTimes(line)) };
  const parts = { db, clock: () => new Date(), log: pino({ level: 'info' }, listen) } as unknown as Parts;
  const job = TIMETABLE.find(({ name }) => name === 'forecastDemand')!;
  const marks = { opened: 0, learnt: 0, peak: 0 };
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const watch = setInterval(() => {
    marks.peak = Math.max(marks.peak, process.memoryUsage().rss);
    void db.rows<{ status: string }>('SELECT status FROM forecast_run').then(([run]) => {
      if (run) marks.opened ||= performance.now();
      if (run && run.status !== 'LEARNING') marks.learnt ||= performance.now();
    });
  }, POLL_MS);
  const outcome = await new JobRunner(parts, [job], 'bench').runDue(job, DUE);
  clearInterval(watch);
  const end = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  if (!outcome.ran || 'error' in outcome) throw new Error('the night did not run', { cause: outcome });
  const { forecasts = 0, learntFrom = 0 } = outcome.figures;
  return {
    ...took,
    forecasts,
    learntFrom,
    peak: marks.peak,
    cpuMs: (user + system) / 1_000,
    wholeMs: end - begun,
    openMs: marks.opened - begun,
    learnMs: marks.learnt - marks.opened,
    partsMs: end - marks.learnt,
  };
}

function pickTimes(line: string): Partial<Taken> {
  const { threadMs, threads, err } = JSON.parse(line) as Partial<Taken> & { err?: { message: string } };
  if (err) print(`  ${err.message}`);
  return threadMs === undefined ? {} : { threadMs, threads: threads! };
}

function printTimes(t: Taken, series: number): void {
  const rate = (ms: number): string => (ms > 0 ? `${((1_000 * t.forecasts) / ms).toFixed(0)} series/s` : '');
  const line = (name: string, ms: number, more = ''): void =>
    print(`  ${name.padEnd(42)} ${seconds(ms).padStart(9)}   ${rate(ms).padStart(15)}   ${more}`);
  line('the whole night', t.wholeMs, `${t.forecasts} forecasts of ${series} series`);
  line('open the runs and cut them into parts', t.openMs);
  line('learn, once', t.learnMs, `from ${t.learntFrom} series`);
  line('the parts', t.partsMs, `${t.threads} threads`);
  for (const stage of ['read', 'forecast', 'write'] as const) {
    line(`  ${stage}, thread time`, t.threadMs[stage]);
  }
  line('processor time of the process', t.cpuMs, 'without the database’s');
  print(`  peak memory of the process, all threads together: ${megabytes(t.peak)}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { series: { type: 'string' }, days: { type: 'string' }, smoke: { type: 'boolean' } },
  });
  const usual = values.smoke ? SMOKE : WHOLE;
  const [series, days] = [Number(values.series ?? usual.series), Number(values.days ?? usual.days)];
  if (![series, days].every((n) => Number.isInteger(n) && n > 0)) {
    throw new Error('--series and --days are whole numbers above 0');
  }
  const server = await ownServer();
  const db = openDb(server.url, 4);
  try {
    const begun = performance.now();
    const rows = await fill(server.url, series, days);
    print(
      `${series} series × ${days} days: ${rows} daily facts made in ${seconds(performance.now() - begun)}`,
    );
    const taken = await night(db);
    printTimes(taken, series);
    const [stored] = await db.rows<{ n: number }>('SELECT count(*) AS n FROM demand_forecast');
    // A shelf that never sold in so few days has no history, and gets no forecast.
    const [sold] = await db.rows<{ n: number }>(
      'SELECT count(*) AS n FROM (SELECT DISTINCT location_id, sku_id FROM daily_sales) s',
    );
    if (stored!.n !== sold!.n || stored!.n !== taken.forecasts) {
      throw new Error(`${sold!.n} series sold, ${taken.forecasts} were counted, ${stored!.n} are stored`);
    }
  } finally {
    await db.close();
    await server.stop();
  }
}

void main();
