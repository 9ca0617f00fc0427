// The timetable of all jobs on one screen: when each is due (cron, UTC) and what it does.

import { completeNotices } from '../src/contact/actions/completeNotices';
import { sendSurveys } from '../src/contact/actions/sendSurveys';
import { CONTACT_SECTIONS } from '../src/contact/queries/exportSections';
import { OPEN_CASES } from '../src/contact/queries/openCases';
import { applyRetention } from '../src/customer/actions/applyRetention';
import { eraseClosedOrders } from '../src/customer/actions/eraseDocuments';
import { makeExports } from '../src/customer/actions/makeExports';
import { runMatching } from '../src/customer/actions/matchCustomers/run';
import { recordDocuments } from '../src/customer/actions/recordDocuments';
import { CUSTOMER_SECTIONS } from '../src/customer/queries/exportSections';
import { runScoring } from '../src/forecast/actions/accuracy/run';
import { runDemandForecast } from '../src/forecast/actions/demand/run';
import { runReturnsForecast } from '../src/forecast/actions/returns/run';
import type { Parts } from '../src/graphql/context';
import { markNoShows, sendReminders } from '../src/order/actions/remindAndExpire';
import { deliverOutbox } from '../src/outbox/actions/deliver';
import { pruneOutbox } from '../src/outbox/actions/prune';
import { runProposals } from '../src/replenishment/actions/proposalRun/run';
import { expireReservations } from '../src/reservation/actions/commands';
import type { JobFigures, ReportProgress } from '../src/runtime/jobs';
import { pruneImports } from '../src/sales/actions/imports/prune';
import { Pseudonyms } from '../src/sales/rules/pseudonym';
import { proveBooks } from './proveBooks';
import { recordSales } from './recordSales';
import { sealLedger } from './sealLedger';

export interface Job {
  name: string;
  /** Cron expression with optional seconds, in UTC. */
  cron: string;
  what: string;
  /** A missed due time is caught up when it is at most this many hours ago. 0: never, the next one comes soon. */
  catchUpHours: number;
  /** Days for which runs are kept. */
  keepDays: number;
  /** Most runs have nothing to do; such runs are kept only as long as they could be caught up. */
  idleIsUsual: boolean;
  /** Executes the run due at `dueAt`, which is its clock. Running it again changes nothing. */
  run(parts: Parts, dueAt: Date, progress: ReportProgress): Promise<JobFigures>;
}

const OFTEN = { catchUpHours: 0, keepDays: 1, idleIsUsual: true };
/** Due every hour, for the locations whose local run time has come since. */
const DAILY_PER_LOCATION = { catchUpHours: 36, keepDays: 90, idleIsUsual: true };
const NIGHTLY = { catchUpHours: 36, keepDays: 90, idleIsUsual: false };

/** Signatures and retries depend on the moment of sending: the real clock, not the due time. */
const sendOutbox: Job['run'] = async (parts) => ({
  ...(await deliverOutbox(parts, (messages) => completeNotices(parts.db, parts, messages))),
});

/** Erases personal data that imports keep. */
const pruneOldImports: Job['run'] = async ({ db, secretKey, config }, dueAt, progress) => {
  const keep = { now: dueAt, keepDays: config.importRejectDays };
  return { ...(await pruneImports(db, new Pseudonyms(secretKey), keep, (done) => progress({ ...done }))) };
};

const recordOwnInteractions: Job['run'] = async (
  { db, secretKey, config: { identity } },
  dueAt,
  progress,
) => {
  const { erased } = await eraseClosedOrders(db, dueAt);
  const parts = { db, secretKey, identity };
  return { erased, ...(await recordDocuments(parts, dueAt, (recorded) => progress({ erased, recorded }))) };
};

const exportPending: Job['run'] = ({ db, config: { privacy, identity } }, dueAt, progress) => {
  const sections = [...CUSTOMER_SECTIONS, ...CONTACT_SECTIONS];
  const parts = { db, sections, linkDays: privacy.exportLinkDays, limits: identity.limits };
  return makeExports(parts, dueAt, (made) => progress({ made }));
};

const eraseExpired: Job['run'] = async (
  { db, secretKey, config: { privacy, identity } },
  dueAt,
  progress,
) => {
  if (!privacy.isRetentionOn) return {};
  // Afterwards few documents are left of which the customers are not known yet.
  await recordDocuments({ db, secretKey, identity }, dueAt, (recorded) => progress({ recorded }));
  const { retention, erasureAcknowledgeDays } = privacy;
  const parts = {
    db,
    cases: OPEN_CASES,
    terms: retention,
    now: dueAt,
    acknowledgeDays: erasureAcknowledgeDays,
  };
  return { ...(await applyRetention(parts, (figures) => progress({ ...figures }))) };
};

// biome-ignore format: one line a job
export const TIMETABLE: readonly Job[] = [
  { name: 'dispatchOutbox', cron: '*/5 * * * * *', ...OFTEN, what: 'delivers the messages of the outbox to webhooks', run: sendOutbox },
  { name: 'expireReservations', cron: '*/5 * * * * *', ...OFTEN, what: 'releases the units of expired reservations', run: ({ db }, dueAt) => expireReservations(db, dueAt) },
  { name: 'markNoShows', cron: '*/5 * * * *', ...OFTEN, what: 'closes orders that were not collected in time', run: ({ db, clock }, dueAt) => markNoShows(db, dueAt, clock()) },
  { name: 'sendReminders', cron: '*/5 * * * *', ...OFTEN, what: 'reminds customers to collect orders that are ready', run: ({ db, clock }, dueAt) => sendReminders(db, dueAt, clock()) },
  { name: 'sendSurveys', cron: '*/15 * * * *', ...OFTEN, what: 'sends surveys to customers who collected an order or whose case was resolved a while ago', run: ({ db, config, clock }, dueAt) => sendSurveys(db, config, dueAt, clock()) },
  { name: 'recordSales', cron: '*/10 * * * *', ...OFTEN, what: 'records daily sales from orders, tills and returns, and the days on which stock ran out', run: recordSales },
  { name: 'recordInteractions', cron: '*/10 * * * * *', ...OFTEN, what: 'records what customers ordered, collected and returned; joins customers by what was verified, and erases orders of erased customers once they are closed', run: recordOwnInteractions },
  { name: 'exportCustomers', cron: '*/10 * * * * *', ...OFTEN, what: 'makes the exports of customers’ data that were requested, and deletes expired ones', run: exportPending },
  { name: 'forecastDemand', cron: '5 * * * *', ...DAILY_PER_LOCATION, what: 'forecasts demand, at 1 o’clock local time of each location', run: runDemandForecast },
  { name: 'forecastReturns', cron: '10 * * * *', ...DAILY_PER_LOCATION, what: 'forecasts returns, at night in local time of each location', run: runReturnsForecast },
  { name: 'sealLedger', cron: '40 * * * *', ...OFTEN, what: 'creates the ledger’s next partitions, and seals its new moves with a chained hash', run: sealLedger },
  { name: 'scoreForecasts', cron: '15 * * * *', ...DAILY_PER_LOCATION, what: 'scores past forecasts, at night in local time of each location', run: runScoring },
  { name: 'proposeReplenishment', cron: '20 * * * *', ...DAILY_PER_LOCATION, what: 'proposes replenishment, at night in local time of each location, once its forecast is done', run: runProposals },
  { name: 'proveBooks', cron: '15 2 * * *', ...NIGHTLY, what: 'compares every stock level with moves and documents', run: proveBooks },
  { name: 'matchCustomers', cron: '30 1 * * *', ...NIGHTLY, what: 'compares what is known of people, joins customers that are very probably one person, and proposes others to data stewards', run: runMatching },
  { name: 'applyRetention', cron: '0 3 * * *', ...NIGHTLY, what: 'erases personal data past its term: people without documents, customers, and closed documents', run: eraseExpired },
  { name: 'pruneImports', cron: '30 3 * * *', ...NIGHTLY, what: 'deletes old rejected lines of imports, and hashes customers that earlier releases stored in plain text', run: pruneOldImports },
  { name: 'pruneOutbox', cron: '45 3 * * *', ...NIGHTLY, what: 'deletes messages that were delivered or given up 90 days ago', run: ({ db }, dueAt, progress) => pruneOutbox(db, dueAt, (pruned) => progress({ pruned })) },
];
