// npm run bench:run -- --series 100000 --days 730: a whole run from the database and back, on a server of its own.

import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { JobRunner } from '../../jobs/runner';
import { TIMETABLE } from '../../jobs/timetable';
import { type Db, openDb } from '../../src/db/pool';
import type { Parts } from '../../src/graphql/context';
import { THREADS_PER_PROCESS } from '../../src/runtime/jobs';
import { ownServer } from '../support/ownServer';
import { DUE, fill } from './nightWorld';

const WHOLE = { series: 100_000, days: 730 };
const SMOKE = { series: 400, days: 120 };
const POLL_MS = 200;

const print = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`;

const STAGES = ['read', 'forecast', 'draft', 'reconcile', 'scale', 'write'] as const;

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
  threadMs: Record<(typeof STAGES)[number], number>;
}

/** Runs the job as the timetable does, and watches it. */
async function night(db: Db): Promise<Taken> {
  const took = { threadMs: { read: 0, forecast: 0, draft: 0, reconcile: 0, scale: 0, write: 0 } };
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
  const { threadMs, err } = JSON.parse(line) as Partial<Taken> & { err?: { message: string } };
  if (err) print(`  ${err.message}`);
  return threadMs === undefined ? {} : { threadMs };
}

function printTimes(t: Taken, series: number): void {
  const rate = (ms: number): string => (ms > 0 ? `${((1_000 * t.forecasts) / ms).toFixed(0)} series/s` : '');
  const line = (name: string, ms: number, more = ''): void =>
    print(`  ${name.padEnd(42)} ${seconds(ms).padStart(9)}   ${rate(ms).padStart(15)}   ${more}`);
  line('the whole night', t.wholeMs, `${t.forecasts} forecasts of ${series} series`);
  line('open the runs and cut them into parts', t.openMs);
  line('learn, once', t.learnMs, `from ${t.learntFrom} series`);
  line('the parts', t.partsMs, `${THREADS_PER_PROCESS} threads`);
  for (const stage of STAGES) {
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
