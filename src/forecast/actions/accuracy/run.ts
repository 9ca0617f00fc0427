// The scoring run of one due time: location after location in worker threads; one that fails does not stop the others.

import path from 'node:path';
import type { Db } from '../../../db/pool';
import { latestNightlyWindows } from '../../../location/queries/nightlyWindows';
import {
  type JobContext,
  type JobFigures,
  JobThreads,
  type ReportProgress,
  type TaskLimits,
} from '../../../runtime/jobs';
import { HOUR_MS } from '../../../values/time';
import { watchedThrough } from '../../queries/accuracyDue';
import { deleteOldScores, type LocationDay, type ScoreFigures } from './location';

/** A location takes seconds; one that takes longer than this is taken to hang. */
const LOCATION_LIMITS: TaskLimits = { timeoutMs: 900_000, tries: 2 };
const WORKER = path.join(__dirname, './thread.ts');

/** Locations whose run began in the hour before `dueAt`, and those whose last one was missed. */
async function dueLocations(db: Db, dueAt: Date): Promise<LocationDay[]> {
  const due: LocationDay[] = [];
  for (const { locationId, cutDay, beganAt } of await latestNightlyWindows(db, dueAt)) {
    const through =
      dueAt.getTime() - beganAt.getTime() < HOUR_MS ? null : await watchedThrough(db, locationId);
    if (through === null || through < cutDay) due.push({ locationId, cutDay });
  }
  return due;
}

/**
 * Scores the latest run at `dueAt` of every location where it has just begun or was missed, then drops what is too old.
 * Resumable at any point: pages that are scored are not scored again. Memory grows with the threads, not the series.
 * @throws when locations failed, after all others are done
 */
export async function runScoring(
  context: JobContext,
  dueAt: Date,
  progress: ReportProgress,
): Promise<JobFigures> {
  const { db, log, clock } = context;
  const locationDays = await dueLocations(db, dueAt);
  const total = { locations: 0, parts: 0, scores: 0, alertsOpened: 0, alertsEnded: 0 };
  if (locationDays.length === 0) return total;
  const figures = async () => total;
  const failed = await JobThreads.with(
    context,
    WORKER,
    { figures, progress },
    (tasks: JobThreads<LocationDay, ScoreFigures>) =>
      tasks.runAll(locationDays, LOCATION_LIMITS, 'the forecasts of a location were not scored', (scored) => {
        total.locations += 1;
        for (const [key, count] of Object.entries(scored)) total[key as keyof ScoreFigures] += count;
      }),
  );
  await deleteOldScores(db, clock()).catch((error: unknown) =>
    log.warn({ err: error }, 'old scores could not be deleted; the next run tries again'),
  );
  if (failed.length > 0) {
    const message = `${failed.length} of ${locationDays.length} locations were not scored`;
    throw new Error(message, { cause: failed[0]!.error });
  }
  return total;
}
