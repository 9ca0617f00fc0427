// Worker thread of the returns forecast: learns for a run, or forecasts one location, on a database connection of its own.

import { serveOnDatabase } from '../../../runtime/jobs';
import { type LearnedReturnsRun, learnReturnsRun } from './learning';
import { forecastLocationReturns } from './location';

/** Fit the models of the run (locationId null), or forecast one location of it. */
export interface ReturnsTask {
  runId: number;
  locationId: number | null;
}

const RUN = `
  SELECT id, cut_day AS "cutDay", horizon_weeks AS "horizonWeeks", learnt FROM returns_run WHERE id = $1`;

interface ReturnsRunRow {
  id: number;
  cutDay: string;
  horizonWeeks: number;
  learnt: LearnedReturnsRun | null;
}

/** Cache of the run of the last task: the next task nearly always has the same run. */
let known: ReturnsRunRow | undefined;

serveOnDatabase<ReturnsTask & { now: Date }, null>(async ({ runId, locationId, now }, db) => {
  if (known?.id !== runId || known.learnt === null) [known] = await db.rows<ReturnsRunRow>(RUN, [runId]);
  if (known === undefined) throw new Error(`There is no returns run ${runId} any more`);
  const { learnt, ...run } = known;
  if (locationId === null) {
    if (learnt === null) await learnReturnsRun(db, run);
    return null;
  }
  if (learnt === null) throw new Error(`Returns run ${runId} has learnt nothing yet`);
  await forecastLocationReturns(db, { ...run, runId, learnt }, locationId, now);
  return null;
});
