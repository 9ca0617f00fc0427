// A process that runs one run in small parts through a runner: forecastDemand.test.ts kills it in the middle.

import { pino } from 'pino';
import { JobRunner } from '../../../jobs/runner';
import { TIMETABLE } from '../../../jobs/timetable';
import { openDb } from '../../../src/db/pool';
import { runDemandForecast } from '../../../src/forecast/actions/demand/run';
import type { Parts } from '../../../src/graphql/context';

async function main([databaseUrl, dueAt, now, shelves]: string[]): Promise<void> {
  const db = openDb(databaseUrl!, 4);
  const log = pino({ level: 'silent' });
  const parts = { db, log, clock: () => new Date(now!) } as Parts;
  const job = TIMETABLE.find(({ name }) => name === 'forecastDemand')!;
  const small = {
    ...job,
    run: (given: Parts, due: Date, progress: Parameters<typeof job.run>[2]) =>
      runDemandForecast(given, due, progress, Number(shelves)),
  };
  const outcome = await new JobRunner(parts, [small], 'victim').runDue(small, new Date(dueAt!));
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  await db.close();
}

void main(process.argv.slice(2));
