// A machine of `npm run bench:machines`: executes partitions until SIGTERM, or runs one due time; prints its processor time. Arguments: address, shelves, queue or alone, [due].

import { once } from 'node:events';
import { pino } from 'pino';
import { TASK_KINDS } from '../../jobs/queue/kinds';
import { PartitionQueue } from '../../jobs/queue/queue';
import { JobRunner } from '../../jobs/runner';
import { type Job, TIMETABLE } from '../../jobs/timetable';
import { openDb } from '../../src/db/pool';
import { runDemandForecast } from '../../src/forecast/actions/demand/run';
import type { Parts } from '../../src/graphql/context';

/** Processor time of this process so far, all its threads included. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function main([url, shelves, mode, dueAt]: string[]): Promise<void> {
  const db = openDb(url!, 4);
  const parts = { db, clock: () => new Date(), log: pino({ level: 'warn' }) } as unknown as Parts;
  const job: Job = {
    ...TIMETABLE.find(({ name }) => name === 'forecastDemand')!,
    run: (context, due, progress) => runDemandForecast(context, due, progress, Number(shelves)),
  };
  const name = `bench:${process.pid}`;
  const queue =
    mode === 'queue'
      ? new PartitionQueue(parts, { kinds: TASK_KINDS, runner: name, takeoverSeconds: 60 })
      : null;
  await queue?.open();
  const loaded = cpuMs();
  process.stdout.write('open\n');
  if (dueAt === undefined) await once(process, 'SIGTERM');
  else {
    const outcome = await new JobRunner(parts, [job], name, { queue }).runDue(job, new Date(dueAt));
    if (!outcome.ran || 'error' in outcome) throw new Error('the run failed', { cause: outcome });
  }
  await queue?.close(30);
  await db.close();
  const spent = { cpuMs: cpuMs() - loaded, loadMs: loaded, rss: process.resourceUsage().maxRSS * 1_024 };
  process.stdout.write(`${JSON.stringify(spent)}\n`);
}

void main(process.argv.slice(2));
