// The scoring run of one due time: location after location in worker threads; one that fails does not stop the others.

import path from 'node:path';
import type { Db } from '../../../db/pool';
import { latestNightlyWindows } from '../../../location/queries/nightlyWindows';
import {
  type JobContext,
  type JobFigures,
  type ReportProgress,
  type StageExtent,
  type TaskKind,
  type TaskLimits,
  throwFailure,
  withExecutor,
} from '../../../runtime/jobs';
import { HOUR_MS } from '../../../values/time';
import { watchedThrough } from '../../queries/accuracyDue';
import { scoreLevels } from './levels';
import { deleteOldScores, type LocationDay } from './location';

/** A location takes seconds; one that takes longer than this is taken to hang. */
const LOCATION_LIMITS: TaskLimits = { timeoutMs: 900_000, tries: 2 };
export const SCORING_TASKS: TaskKind = {
  name: 'scoreForecasts',
  version: 1,
  workerFile: path.join(__dirname, './thread.ts'),
};
const NOTHING: JobFigures = { locations: 0, parts: 0, scores: 0, alertsOpened: 0, alertsEnded: 0 };

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
  if (locationDays.length === 0) return NOTHING;
  const figuresOf = ({ done, sums }: StageExtent): JobFigures => ({ ...NOTHING, ...sums, locations: done });
  const figures = async (soFar: () => Promise<StageExtent>) => figuresOf(await soFar());
  const end = await withExecutor(context, SCORING_TASKS, { figures, progress }, (executor) =>
    executor.runAll<LocationDay>({
      name: 'locations',
      tasks: locationDays,
      numberOf: ({ locationId }) => locationId,
      limits: LOCATION_LIMITS,
      warning: 'the forecasts of a location were not scored',
    }),
  );
  const levels = await scoreLevels(db).catch((error: unknown) => {
    log.warn({ err: error }, 'forecasts of sums were not scored; the next run tries again');
    return 0;
  });
  log.info({ levels }, 'runs have scores of their sums, by days ahead');
  await deleteOldScores(db, clock()).catch((error: unknown) =>
    log.warn({ err: error }, 'old scores could not be deleted; the next run tries again'),
  );
  throwFailure(end, () => `${end.failed.length} of ${locationDays.length} locations were not scored`);
  return figuresOf(end);
}
