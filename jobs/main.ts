// npm run jobs: the jobs alone, for deployments that run the API elsewhere with JOBS=false.

import { boot, run, stopRequest } from '../src/server/boot';
import { startJobs } from './runner';

async function main(): Promise<void> {
  const stop = stopRequest();
  const { parts, close } = await boot((line) => process.stdout.write(`${line}\n`));
  const stopJobs = startJobs(parts);
  const reason = await stop.requested;
  parts.log.info({ reason }, 'stopping: jobs under way may finish');
  await stopJobs();
  await close();
  parts.log.info('stopped');
}

void run(main);
