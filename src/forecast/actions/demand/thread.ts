// Worker thread of the demand forecast: learns for a run, forecasts and writes parts of it, and reconciles it, on a database connection of its own.

import { setPriority } from 'node:os';
import type { Db } from '../../../db/pool';
import type { LearnedModel } from '../../../forecaster/forecaster';
import { serveOnDatabase } from '../../../runtime/jobs';
import { dayNumber, dayOf } from '../../../values/time';
import { eventsBetween, marksOf } from '../../queries/events';
import { type ForecastCalendar, HISTORY_DAYS } from '../../queries/history';
import { learnRun } from './learning';
import { type DraftTimes, draftPartition, type ForecastRunInputs } from './partition';
import { type PublishTimes, publishPartition } from './publish';
import { reconcileRun } from './reconcile';

/** Learn for the run, or reconcile it (part null); forecast a part of it, or write it. */
export type DemandTask =
  | { runId: number; step: 'LEARN' | 'RECONCILE'; part: null }
  | { runId: number; step: 'FORECAST' | 'WRITE'; part: number };

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

type StepTimes = DraftTimes | PublishTimes | { reconcile: number };

serveOnDatabase<DemandTask & { now: Date }, StepTimes | null>(async (task, db) => {
  const run = await loadRun(db, task.runId);
  if (task.step === 'RECONCILE') return reconcileRun(db, run, task.now);
  // Tasks that an earlier release has recorded have no step.
  if (task.part === null) {
    await learnRun(db, run);
    return null;
  }
  if (task.step === 'WRITE') return publishPartition(db, run, task.part, task.now);
  if (learnt === undefined) throw new Error(`Run ${task.runId} has learnt nothing yet`);
  const knowledge: ForecastRunInputs = { ...run, learnt: learnt.learnt };
  return draftPartition(db, knowledge, task.part, task.now);
});
