// Jobs as the timetable runs them, for tests.

import { type Job, TIMETABLE } from '../../jobs/timetable';

/** The job of this name. @throws Error when the timetable has none */
export function jobNamed(name: string): Job {
  const job = TIMETABLE.find((one) => one.name === name);
  if (job === undefined) throw new Error(`The timetable has no job ${name}`);
  return job;
}
