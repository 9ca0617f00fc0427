// The replenishment run: needs of all shelves page by page of SKUs, then the budgets, then the runs are closed.

import type { Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { currentRuns } from '../../../forecast/queries/forecasts';
import { type LocationWindow, latestNightlyWindows } from '../../../location/queries/nightlyWindows';
import { enqueue } from '../../../outbox/actions/enqueue';
import type { JobContext, JobFigures, ReportProgress } from '../../../runtime/jobs';
import { daysAfter, HOUR_MS } from '../../../values/time';
import { budgetsOn } from '../../queries/budgets';
import { MAX_STALE_DAYS, replenishmentRunContext } from '../../queries/shelfFacts';
import { skusAfter } from '../../queries/skuPage';
import { pays } from '../../rules/budget';
import type { Decision } from '../../rules/decide';
import { refreshClasses } from '../classes';
import { lockProposals, withdrawStranded } from '../reconcile';
import { add, type Deferred, doPage, type MoneyClaim, NO_FIGURES, type ProposalRun } from './skuPage';
import { doBudgets, purchaseOf } from './spendBudgets';

/** Hours after the begin of its run for which a location waits for the new forecasts of demand and returns; then it uses older ones. */
const MAX_WAIT_HOURS = 6;
/** Approximate number of shelves of a page; each takes some kilobytes of memory. */
const PAGE_SHELVES = 2_000;

const DONE =
  'SELECT location_id AS "locationId", max(cut_day) AS "cutDay" FROM replenishment_night GROUP BY 1';

// A location without any returns forecast does not wait for one.
const RETURNS = `
  SELECT location_id AS "locationId", max(cut_day) AS "cutDay" FROM returns_night
  WHERE done_at IS NOT NULL AND cut_day <= $1::date GROUP BY 1`;

/** The runs that are due and not proposed for yet, of locations whose forecast is complete (or was waited for MAX_WAIT_HOURS). */
async function dueRuns(tx: Tx, dueAt: Date, all: readonly LocationWindow[]): Promise<LocationWindow[]> {
  const done = new Map(
    (await tx.rows<{ locationId: number; cutDay: string }>(DONE)).map((n) => [n.locationId, n.cutDay]),
  );
  const open = all.filter((n) => n.cutDay > (done.get(n.locationId) ?? ''));
  const ready: LocationWindow[] = [];
  for (const cutDay of new Set(open.map((n) => n.cutDay))) {
    const those = open.filter((n) => n.cutDay === cutDay);
    const runs = await currentRuns(
      tx,
      those.map((n) => n.locationId),
      cutDay,
    );
    const forecast = new Map(runs.map((n) => [n.locationId, n.cutDay]));
    const returns = new Map(
      (await tx.rows<{ locationId: number; cutDay: string }>(RETURNS, [cutDay])).map((n) => [
        n.locationId,
        n.cutDay,
      ]),
    );
    const usable = those.filter(({ locationId, beganAt }) => {
      const newest = forecast.get(locationId) ?? '';
      if (newest < daysAfter(cutDay, -MAX_STALE_DAYS)) return false;
      const waited = dueAt.getTime() - beganAt.getTime() >= MAX_WAIT_HOURS * HOUR_MS;
      return waited || (newest === cutDay && (returns.get(locationId) ?? cutDay) === cutDay);
    });
    // A warehouse that sells nothing itself has no forecasts; it goes with the locations that it supplies.
    const silent = those.filter((n) => !forecast.has(n.locationId));
    ready.push(...usable, ...(usable.length > 0 ? silent : []));
  }
  return ready;
}

const CLOSE_RUNS = `
  INSERT INTO replenishment_night (location_id, cut_day, due_at, finished_at)
  SELECT location_id, cut_day, $3, $4 FROM unnest($1::int[], $2::date[]) AS n(location_id, cut_day)
  ORDER BY location_id ON CONFLICT DO NOTHING RETURNING location_id`;
const COUNT_PROPOSALS = `
  SELECT l.code AS location, count(*)::int AS proposals
  FROM replenishment_proposal p JOIN location l ON l.id = p.location_id
  WHERE p.status = 'PROPOSED' AND p.location_id = ANY($1::int[]) GROUP BY 1 ORDER BY 1`;

async function closeRuns(
  tx: Tx,
  { dueAt, now, context }: ProposalRun,
  runs: readonly LocationWindow[],
): Promise<void> {
  const closed = await tx.rows(CLOSE_RUNS, [
    runs.map((n) => n.locationId),
    runs.map((n) => n.cutDay),
    dueAt,
    now,
  ]);
  if (closed.length === 0) return;
  const counts = await tx.rows<{ location: string; proposals: number }>(COUNT_PROPOSALS, [[...context.due]]);
  await enqueue(
    tx,
    now,
    counts.map((payload) => ({ topic: 'replenishment.proposed', payload: { ...payload, dueAt } })),
  );
}

/**
 * Proposes for every location whose run is due at `dueAt` and was not proposed for. Interrupted, it is repeated and finds
 * what it wrote; repeated, or executed by two runners at once, it proposes everything once. Memory grows with a page of
 * shelves, and with the purchases that budgets limit (about a kilobyte each).
 */
export async function runProposals(
  { db, log, clock }: JobContext,
  dueAt: Date,
  progress: ReportProgress,
): Promise<JobFigures> {
  const all = await latestNightlyWindows(db, dueAt);
  const runs = await dueRuns(db, dueAt, all);
  if (runs.length === 0) return { locations: 0, skus: 0, ...NO_FIGURES, uncovered: 0, overBudget: 0 };
  const cutDays = new Map(all.map((n) => [n.locationId, n.cutDay]));
  const due = new Set(runs.map((n) => n.locationId));
  const newest = runs.map((n) => n.cutDay).sort()[runs.length - 1]!;
  await refreshClasses(db, newest);
  const run: ProposalRun = {
    dueAt,
    now: clock(),
    context: await replenishmentRunContext(db, dueAt, cutDays, due),
  };
  const days = runs.map((n) => daysAfter(n.cutDay, 1)).sort();
  const budgets = await budgetsOn(db, days[0]!, days[days.length - 1]!);
  const limited = (d: Decision): boolean =>
    d.supplierId !== null && budgets.some((b) => pays(b, purchaseOf(d)));
  const figures = { ...NO_FIGURES };
  const deferred: Deferred[] = [];
  const claims: MoneyClaim[] = [];
  const pageSkus = Math.max(10, Math.floor(PAGE_SHELVES / Math.max(1, run.context.openLocations.length)));
  let skus = 0;
  let uncovered = 0;
  for (let after = 0; ; ) {
    const page = await skusAfter(db, after, pageSkus);
    if (page.length === 0) break;
    const done = await inTransaction(db, (tx) => doPage(tx, run, page, limited));
    add(figures, done.figures);
    deferred.push(...done.deferred);
    if (budgets.length > 0) claims.push(...done.claims);
    uncovered += done.uncovered;
    skus += page.length;
    after = page[page.length - 1]!.skuId;
    if (!(await progress({ locations: runs.length, skus, ...figures, uncovered })))
      throw new Error('another runner has taken over this run');
  }
  const money = await doBudgets(db, run, deferred, claims);
  add(figures, money.figures);
  figures.withdrawn += await inTransaction(db, async (tx) => {
    await lockProposals(tx);
    await closeRuns(tx, run, runs);
    return withdrawStranded(tx, run.now);
  });
  log.info({ dueAt, locations: runs.length, skus, ...figures, uncovered }, 'replenishment was proposed');
  return { locations: runs.length, skus, ...figures, uncovered, overBudget: money.cut };
}
