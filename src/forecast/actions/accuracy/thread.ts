// The thread that scores: one location at a time, on a database connection of its own.

import { type Db, openDb } from '../../../db/pool';
import { serve } from '../../../runtime/threads';
import { type LocationDay, type ScoreFigures, scoreLocation } from './location';

/** Score a location by the end of its cut day. `now` is the clock of the caller. */
export interface ScoreTask extends LocationDay {
  now: Date;
}

export interface ScoreWorkerData {
  databaseUrl: string;
}

let opened: Db | undefined;

serve<ScoreTask, ScoreFigures, ScoreWorkerData>(({ now, ...place }, { databaseUrl }) => {
  opened ??= openDb(databaseUrl, 1);
  return scoreLocation(opened, place, now);
});
