// A machine in a process of its own: works until SIGTERM, and runs a due time when it is given one. Arguments: address, name, clock, [job, due].

import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { openDb } from '../../../src/db/pool';
import type { Parts } from '../../../src/graphql/context';
import { DEMAND_JOB, machineOf, TEST_JOB } from './machine';

const LOOK_MS = 1_000;

async function main([databaseUrl, name, now, jobName, dueAt]: string[]): Promise<void> {
  const db = openDb(databaseUrl!, 4);
  const clock = (): Date => (now === 'real' ? new Date() : new Date(now!));
  const parts = { db, clock, log: pino({ level: 'warn' }) } as unknown as Parts;
  const { runner, queue } = machineOf(parts, name!);
  let isStopping = false;
  process.once('SIGTERM', () => {
    isStopping = true;
  });
  await queue.open();
  process.stdout.write('open\n');
  if (jobName !== undefined) {
    const job = jobName === TEST_JOB.name ? TEST_JOB : DEMAND_JOB;
    process.stdout.write(`${JSON.stringify(await runner.runDue(job, new Date(dueAt!)))}\n`);
  }
  while (!isStopping) {
    await runner.sweep();
    await sleep(LOOK_MS);
  }
  await Promise.all([runner.stop(10), queue.close(10)]);
  await db.close();
}

void main(process.argv.slice(2));
