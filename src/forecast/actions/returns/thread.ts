// The thread of the nightly returns forecast: learns for a run, or forecasts one location, on a connection of its own.

import { type Db, openDb } from '../../../db/pool';
import { serve } from '../../../runtime/threads';
import { type LearnedReturnsRun, learnReturnsRun } from './learning';
import { forecastLocationReturns } from './location';

/** Fit the models of the run (locationId null), or forecast one location of it. `now` is the clock of the caller. */
export interface ReturnsTask {
  runId: number;
  locationId: number | null;
  now: Date;
}

const RUN = `
  SELECT id, cut_day AS "cutDay", horizon_weeks AS "horizonWeeks", learnt FROM returns_run WHERE id = $1`;

interface ReturnsRunRow {
  id: number;
  cutDay: string;
  horizonWeeks: number;
  learnt: LearnedReturnsRun | null;
}

let opened: Db | undefined;
/** The run of the last task: the next one is nearly always of the same. */
let known: ReturnsRunRow | undefined;

serve<ReturnsTask, null, { databaseUrl: string }>(async ({ runId, locationId, now }, { databaseUrl }) => {
  opened ??= openDb(databaseUrl, 1);
  if (known?.id !== runId || known.learnt === null) [known] = await opened.rows<ReturnsRunRow>(RUN, [runId]);
  if (known === undefined) throw new Error(`There is no returns run ${runId} any more`);
  const { learnt, ...run } = known;
  if (locationId === null) {
    if (learnt === null) await learnReturnsRun(opened, run);
    return null;
  }
  if (learnt === null) throw new Error(`Returns run ${runId} has learnt nothing yet`);
  await forecastLocationReturns(opened, { ...run, runId, learnt }, locationId, now);
  return null;
});
