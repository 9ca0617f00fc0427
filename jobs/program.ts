// The jobs as part of a program: started after it, and stopped before its database is closed.

import type { Parts } from '../src/graphql/context';
import { JobRunner } from './runner';
import { TIMETABLE } from './timetable';

/** Starts the timetable, and answers how to stop it. */
export function startJobs(parts: Parts): () => Promise<void> {
  const runner = new JobRunner(parts, TIMETABLE);
  runner.start();
  parts.log.info({ jobs: TIMETABLE.map((job) => job.name) }, 'the timetable runs');
  return () => runner.stop(parts.config.drainSeconds);
}
