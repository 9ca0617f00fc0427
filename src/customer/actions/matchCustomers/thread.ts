// Worker thread of matchCustomers: reads, computes and writes a whole run on a database connection of its own.

import { serveOnDatabase } from '../../../runtime/jobs';
import { type MatchRequest, matchRecords } from './match';

/** A run as it travels to the machine that executes it. */
export interface MatchTask extends Omit<MatchRequest, 'dueAt' | 'now'> {
  dueAt: string;
}

serveOnDatabase<MatchTask & { now: Date }, Record<string, number>>((task, db) =>
  matchRecords(db, { ...task, dueAt: new Date(task.dueAt) }),
);
