// Worker thread of the demand forecast: learns for a run, or forecasts a part of one, on a database connection of its own.

import { setPriority } from 'node:os';
import type { Db } from '../../../db/pool';
import type { LearnedModel } from '../../../forecaster/forecaster';
import { serveOnDatabase } from '../../../runtime/jobs';
import { dayNumber, dayOf } from '../../../values/time';
import { eventsBetween, marksOf } from '../../queries/events';
import { type ForecastCalendar, HISTORY_DAYS } from '../../queries/history';
import { learnRun } from './learning';
import { type ForecastRunInputs, forecastPartition, type PartitionTimes } from './partition';

/** Learn for the run (part null), or forecast a part of it. */
export interface DemandTask {
  runId: number;
  part: number | null;
}

/** Nice value of the worker threads: under full load they still get a quarter of a core. */
const NICENESS = 5;

const RUN = `
  SELECT due_at AS "dueAt", cut_day AS "cutDay", horizon, learnt FROM forecast_run WHERE id = $1`;

/** Cache of the run of the last task: the next task nearly always has the same run. */
let known:
  | { runId: number; dueAt: Date; cutDay: string; horizon: number; calendar: ForecastCalendar }
  | undefined;
let learnt: { runId: number; learnt: LearnedModel } | undefined;

interface DemandRunRow {
  dueAt: Date;
  cutDay: string;
  horizon: number;
  learnt: LearnedModel | null;
}

async function loadRun(db: Db, runId: number): Promise<NonNullable<typeof known>> {
  if (known?.runId === runId && learnt?.runId === runId) return known;
  const [run] = await db.rows<DemandRunRow>(RUN, [runId]);
  if (run === undefined) throw new Error(`There is no forecast run ${runId} any more`);
  const { dueAt, cutDay, horizon } = run;
  const cut = dayNumber(cutDay);
  const events = await eventsBetween(db, dayOf(cut - HISTORY_DAYS), dayOf(cut + horizon), null);
  known = { runId, dueAt, cutDay, horizon, calendar: { events, marks: marksOf(events) } };
  learnt = run.learnt === null ? undefined : { runId, learnt: run.learnt };
  return known;
}

// Requests have priority over the run. On Linux the nice value is per thread; elsewhere it would apply to the whole process.
if (process.platform === 'linux') setPriority(NICENESS);

serveOnDatabase<DemandTask & { now: Date }, PartitionTimes | null>(async ({ runId, part, now }, db) => {
  const run = await loadRun(db, runId);
  if (part === null) {
    await learnRun(db, run);
    return null;
  }
  if (learnt === undefined) throw new Error(`Run ${runId} has learnt nothing yet`);
  const knowledge: ForecastRunInputs = { ...run, learnt: learnt.learnt };
  return forecastPartition(db, knowledge, part, now);
});
