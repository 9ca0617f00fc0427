// The timetable of all jobs on one screen: when each is due (cron, UTC) and what it does.

import type { Parts } from '../src/graphql/context';
import { dispatchOutbox } from './dispatchOutbox';
import { expireReservations } from './expireReservations';
import { forecastDemand } from './forecastDemand';
import { forecastReturns } from './forecastReturns';
import { markNoShows } from './markNoShows';
import { proposeReplenishment } from './proposeReplenishment';
import { proveBooks } from './proveBooks';
import { pruneImports } from './pruneImports';
import { pruneOutbox } from './pruneOutbox';
import { recordSales } from './recordSales';
import { scoreForecasts } from './scoreForecasts';
import { sealLedger } from './sealLedger';
import { sendReminders } from './sendReminders';

/** Counts of what a run did. */
export type JobFigures = Record<string, number>;

/**
 * Reports the progress of a run, for `jobRuns`. False: stop and leave the rest to another runner, because this one is
 * stopping or has lost the run.
 */
export type ReportProgress = (figures: JobFigures) => Promise<boolean>;

export interface Job {
  name: string;
  /** Cron expression with optional seconds, in UTC. */
  cron: string;
  what: string;
  /** A missed due time is caught up when it is at most this many hours ago. 0: never, the next one comes soon. */
  catchUpHours: number;
  /** Days for which runs are kept. */
  keepDays: number;
  /** Most runs find nothing to do: those are kept only as long as they could be caught up. */
  idleIsUsual: boolean;
  /** Executes the run due at `dueAt`, which is its clock. Running it again changes nothing. */
  run(parts: Parts, dueAt: Date, progress: ReportProgress): Promise<JobFigures>;
}

const OFTEN = { catchUpHours: 0, keepDays: 1, idleIsUsual: true };
/** Due every hour, for the locations whose night has begun since. */
const EVERY_NIGHT = { catchUpHours: 36, keepDays: 90, idleIsUsual: true };
const NIGHTLY = { catchUpHours: 36, keepDays: 90, idleIsUsual: false };

// biome-ignore format: one line a job
export const TIMETABLE: readonly Job[] = [
  { name: 'dispatchOutbox', cron: '*/5 * * * * *', ...OFTEN, what: 'sends what waits in the outbox to the webhooks', run: dispatchOutbox },
  { name: 'expireReservations', cron: '*/5 * * * * *', ...OFTEN, what: 'puts back the units of holds past their time', run: expireReservations },
  { name: 'markNoShows', cron: '*/5 * * * *', ...OFTEN, what: 'closes orders that were not fetched in time', run: markNoShows },
  { name: 'sendReminders', cron: '*/5 * * * *', ...OFTEN, what: 'reminds customers whose order waits for them', run: sendReminders },
  { name: 'recordSales', cron: '*/10 * * * *', ...OFTEN, what: 'makes daily sales of our own orders, till sales and returns, and tells empty shelves', run: recordSales },
  { name: 'forecastDemand', cron: '5 * * * *', ...EVERY_NIGHT, what: 'forecasts demand, at 1 o’clock in the night of each place', run: forecastDemand },
  { name: 'forecastReturns', cron: '10 * * * *', ...EVERY_NIGHT, what: 'forecasts returns, in the night of each place', run: forecastReturns },
  { name: 'sealLedger', cron: '40 * * * *', ...OFTEN, what: 'makes the ledger’s next stretches, and seals its new moves with a chained hash', run: sealLedger },
  { name: 'scoreForecasts', cron: '15 * * * *', ...EVERY_NIGHT, what: 'scores past forecasts, in the night of each place', run: scoreForecasts },
  { name: 'proposeReplenishment', cron: '20 * * * *', ...EVERY_NIGHT, what: 'proposes replenishment, in the night of each place, when its forecast is there', run: proposeReplenishment },
  { name: 'proveBooks', cron: '15 2 * * *', ...NIGHTLY, what: 'proves every stock level against moves and documents', run: proveBooks },
  { name: 'pruneImports', cron: '30 3 * * *', ...NIGHTLY, what: 'forgets lines of imports that were set aside long ago, and customers that earlier releases stored in plain', run: pruneImports },
  { name: 'pruneOutbox', cron: '45 3 * * *', ...NIGHTLY, what: 'forgets messages that were delivered or given up 90 days ago', run: pruneOutbox },
];
