// The thread that scores: one location at a time, on a database connection of its own.

import { serveOnDatabase } from '../../../runtime/jobs';
import { type LocationDay, type ScoreFigures, scoreLocation } from './location';

serveOnDatabase<LocationDay & { now: Date }, ScoreFigures>(({ now, ...locationDay }, db) =>
  scoreLocation(db, locationDay, now),
);
