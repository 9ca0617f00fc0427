// The night of replenishment: page by page of SKUs what each shelf needs, then the money, then the nights are closed.

import type { Logger } from 'pino';
import type { Db, Tx } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { currentNights } from '../../forecast/queries';
import { latestNights, type PlaceNight } from '../../location/queries/nights';
import { enqueue } from '../../outbox/actions';
import { budgetsOn } from '../queries/budgets';
import { dayAfter, MAX_STALE_DAYS, type NightContext, nightContext, skuFacts } from '../queries/facts';
import { type OpenRow, openForUpdate, resting, type SkuRow, skusAfter } from '../queries/page';
import { type BudgetLeft, grant, pays } from '../rules/budget';
import { type Decision, decideSku, type SkuFacts } from '../rules/decide';
import { refreshClasses } from './classes';
import { lockProposals, type NightFigures, reconcile, shelfKey, withdrawStranded } from './reconcile';

/** The hour of a place's own clock at which its proposals are due: after its forecasts. */
export const PROPOSE_HOUR = 4;
/** Hours that a place waits for the forecast of its own night, before it takes an older one. */
export const PATIENCE_HOURS = 3;
/** Shelves of a page, about; each holds some kilobytes while its page is decided. */
const PAGE_SHELVES = 2_000;
/** Purchases that are granted money together are held in memory: about a kilobyte each. */
const WRITE_SKUS = 500;
const HOUR_MS = 3_600_000;

export interface NightParts {
  db: Db;
  log: Logger;
  clock: () => Date;
}

/** Says how far the night is; false: it is another's now. */
export type Progress = (figures: Record<string, number>) => Promise<boolean>;

const DONE =
  'SELECT location_id AS "locationId", max(cut_day) AS "cutDay" FROM replenishment_night GROUP BY 1';

/** The nights that are due and not proposed for yet, of places whose forecast is there (or was awaited long enough). */
async function openNights(tx: Tx, dueAt: Date, all: readonly PlaceNight[]): Promise<PlaceNight[]> {
  const done = new Map(
    (await tx.rows<{ locationId: number; cutDay: string }>(DONE)).map((n) => [n.locationId, n.cutDay]),
  );
  const open = all.filter((n) => n.cutDay > (done.get(n.locationId) ?? ''));
  const ready: PlaceNight[] = [];
  for (const cutDay of new Set(open.map((n) => n.cutDay))) {
    const those = open.filter((n) => n.cutDay === cutDay);
    const nights = await currentNights(
      tx,
      those.map((n) => n.locationId),
      cutDay,
    );
    const forecast = new Map(nights.map((n) => [n.locationId, n.cutDay]));
    const usable = those.filter(({ locationId, beganAt }) => {
      const newest = forecast.get(locationId) ?? '';
      if (newest < dayAfter(cutDay, -MAX_STALE_DAYS)) return false;
      const waited = dueAt.getTime() - beganAt.getTime() >= PATIENCE_HOURS * HOUR_MS;
      return newest === cutDay || waited;
    });
    // A warehouse that sells nothing itself has no forecasts; it goes with the places that it supplies.
    const silent = those.filter((n) => !forecast.has(n.locationId));
    ready.push(...usable, ...(usable.length > 0 ? silent : []));
  }
  return ready;
}

interface Night {
  dueAt: Date;
  now: Date;
  context: NightContext;
}

/** Purchases that budgets pay for: decided with all others, when every need is known. */
interface Deferred {
  decision: Decision;
  cutDay: string;
}

const NO_FIGURES: NightFigures = { proposed: 0, kept: 0, superseded: 0, withdrawn: 0, edited: 0 };

function add(to: NightFigures, more: NightFigures): void {
  for (const key of Object.keys(to) as (keyof NightFigures)[]) to[key] += more[key];
}

/** Money that proposals which stay as they are would take. */
interface MoneyClaim {
  locationId: number;
  supplierId: number;
  currency: string;
  minor: number;
}

interface PageDone {
  figures: NightFigures;
  deferred: Deferred[];
  claims: MoneyClaim[];
  uncovered: number;
}

/** A SKU's facts with what planners have said: rejected needs rest, edited proposals and those not due tonight stay. */
function withProposals(
  sku: SkuFacts,
  open: readonly OpenRow[],
  rests: ReadonlyMap<string, string>,
  { context }: Night,
): { facts: SkuFacts; staying: OpenRow[]; lost: OpenRow[] } {
  const shelves = sku.shelves.map((shelf) => {
    const until = rests.get(shelfKey({ ...shelf, skuId: sku.skuId }));
    const today = dayAfter(context.cutDays.get(shelf.locationId)!);
    if (until === undefined || until <= today) return shelf;
    return { ...shelf, review: { ...shelf.review, due: false } };
  });
  const known = new Map(shelves.map((shelf) => [shelf.locationId, shelf]));
  const lost = open.filter((o) => context.due.has(o.locationId) && !known.has(o.locationId) && !o.edited);
  const staying = open.filter((o) => o.edited || !(known.get(o.locationId)?.review.due ?? lost.includes(o)));
  const claims = staying
    .filter((o) => o.fromLocationId !== null)
    .map((o) => ({ fromLocationId: o.fromLocationId!, units: o.quantity }));
  const edited = new Set(open.filter((o) => o.edited).map((o) => o.locationId));
  return { facts: { ...sku, shelves, claims, edited }, staying, lost };
}

const claimOf = (o: OpenRow): MoneyClaim[] =>
  o.supplierId === null || o.unitCostMinor === null || o.currency === null
    ? []
    : [
        {
          locationId: o.locationId,
          supplierId: o.supplierId,
          currency: o.currency,
          minor: o.quantity * o.unitCostMinor,
        },
      ];

/** Decides for one page and writes what needs no money that is limited. */
async function doPage(
  tx: Tx,
  night: Night,
  skus: readonly SkuRow[],
  limited: (decision: Decision) => boolean,
): Promise<PageDone> {
  const { cutDays } = night.context;
  await lockProposals(tx);
  const ids = skus.map((s) => s.skuId);
  const open = await openForUpdate(tx, ids);
  const openOf = new Map<number, OpenRow[]>();
  for (const o of open) openOf.set(o.skuId, [...(openOf.get(o.skuId) ?? []), o]);
  const rests = new Map((await resting(tx, ids)).map((r) => [shelfKey(r), r.until]));
  const decisions: Decision[] = [];
  const done = { deferred: [] as Deferred[], claims: [] as MoneyClaim[], uncovered: 0 };
  const withdrawn = new Map<string, string>();
  const beside = new Map<string, number>();
  for (const sku of await skuFacts(tx, night.context, skus)) {
    const { facts, staying, lost } = withProposals(sku, openOf.get(sku.skuId) ?? [], rests, night);
    const decided = decideSku(facts);
    const at = (locationId: number): string => shelfKey({ locationId, skuId: sku.skuId });
    for (const decision of decided.decisions) {
      if (limited(decision)) done.deferred.push({ decision, cutDay: cutDays.get(decision.locationId)! });
      else decisions.push(decision);
    }
    done.claims.push(...staying.flatMap(claimOf));
    for (const o of lost) withdrawn.set(shelfKey(o), 'nothing is foreseen there any more');
    for (const [locationId, why] of decided.satisfied) withdrawn.set(at(locationId), why);
    for (const [locationId, units] of decided.beside) beside.set(at(locationId), units);
    for (const u of decided.uncovered) withdrawn.set(at(u.locationId), u.told);
    done.uncovered += decided.uncovered.length;
  }
  return {
    ...done,
    figures: await reconcile(tx, { ...night, cutDays, open, decisions, withdrawn, beside }),
  };
}

/** What is left of the budgets of a day, beside what proposals that stay would take. */
async function budgetsLeft(tx: Tx, day: string, claims: readonly MoneyClaim[]): Promise<BudgetLeft[]> {
  return (await budgetsOn(tx, day, day)).map((b) => {
    const claimed = claims.filter((c) => pays(b, c)).reduce((sum, c) => sum + c.minor, 0);
    const { id, supplierId, locationId, currency } = b;
    return { id, supplierId, locationId, currency, leftMinor: b.amountMinor - b.spentMinor - claimed };
  });
}

/** Grants the money that there is and writes what was granted. */
async function doBudgets(
  db: Db,
  night: Night,
  deferred: readonly Deferred[],
  claims: readonly MoneyClaim[],
): Promise<{ figures: NightFigures; cut: number }> {
  const figures = { ...NO_FIGURES };
  let cut = 0;
  const taken = [...claims];
  for (const cutDay of [...new Set(deferred.map((d) => d.cutDay))].sort()) {
    const wanted = deferred.filter((d) => d.cutDay === cutDay).map((d) => d.decision);
    const budgets = await budgetsLeft(db, dayAfter(cutDay), taken);
    const granted = grant(wanted.map(purchaseOf), budgets);
    taken.push(...wanted.map((d, i) => moneyOf(d, granted[i]!.quantity)));
    const withdrawn = new Map<string, string>();
    const decisions = wanted.flatMap((decision, i) => {
      const { quantity, budgetId } = granted[i]!;
      if (quantity === decision.quantity) return [decision];
      cut += 1;
      if (quantity === 0) withdrawn.set(shelfKey(decision), `no money is left for it in budget ${budgetId}`);
      return quantity === 0 ? [] : [cutTo(decision, quantity, budgetId!)];
    });
    const skuIds = [...new Set(wanted.map((d) => d.skuId))].sort((a, b) => a - b);
    for (let i = 0; i < skuIds.length; i += WRITE_SKUS) {
      const ids = new Set(skuIds.slice(i, i + WRITE_SKUS));
      const of = decisions.filter((d) => ids.has(d.skuId));
      add(
        figures,
        await inTransaction(db, async (tx) => {
          await lockProposals(tx);
          const open = await openForUpdate(tx, [...ids]);
          const { cutDays } = night.context;
          return reconcile(tx, { ...night, cutDays, open, decisions: of, withdrawn, beside: new Map() });
        }),
      );
    }
  }
  return { figures, cut };
}

const moneyOf = (d: Decision, quantity: number): MoneyClaim => ({
  locationId: d.locationId,
  supplierId: d.supplierId!,
  currency: d.currency!,
  minor: quantity * d.unitCostMinor!,
});

const purchaseOf = (d: Decision) => ({
  ...d,
  supplierId: d.supplierId!,
  unitCostMinor: d.unitCostMinor!,
  currency: d.currency!,
});

/** A decision with less than it needs: the budget is a term of its explanation. */
function cutTo(decision: Decision, quantity: number, budgetId: number): Decision {
  const told = `budget ${budgetId} has money for ${quantity}`;
  const terms = [
    ...decision.explanation.terms,
    { kind: 'BUDGET' as const, units: quantity - decision.quantity, told },
  ];
  return { ...decision, quantity, explanation: { ...decision.explanation, terms } };
}

const CLOSE_NIGHTS = `
  INSERT INTO replenishment_night (location_id, cut_day, due_at, finished_at)
  SELECT location_id, cut_day, $3, $4 FROM unnest($1::int[], $2::date[]) AS n(location_id, cut_day)
  ORDER BY location_id ON CONFLICT DO NOTHING RETURNING location_id`;
const TOLD = `
  SELECT l.code AS location, count(*)::int AS proposals
  FROM replenishment_proposal p JOIN location l ON l.id = p.location_id
  WHERE p.status = 'PROPOSED' AND p.location_id = ANY($1::int[]) GROUP BY 1 ORDER BY 1`;

async function closeNights(
  tx: Tx,
  { dueAt, now, context }: Night,
  nights: readonly PlaceNight[],
): Promise<void> {
  const closed = await tx.rows(CLOSE_NIGHTS, [
    nights.map((n) => n.locationId),
    nights.map((n) => n.cutDay),
    dueAt,
    now,
  ]);
  if (closed.length === 0) return;
  const places = await tx.rows<{ location: string; proposals: number }>(TOLD, [[...context.due]]);
  await enqueue(
    tx,
    now,
    places.map((payload) => ({ topic: 'replenishment.proposed', payload: { ...payload, dueAt } })),
  );
}

/**
 * Proposes for every place whose night is due at `dueAt` and was not proposed for. Cut short, it is done again and finds
 * what it wrote; done twice, or by two runners at once, it proposes everything once. Memory grows with a page of
 * shelves, and with the purchases that budgets limit (about a kilobyte each).
 */
export async function proposeNight(
  { db, log, clock }: NightParts,
  dueAt: Date,
  progress: Progress,
): Promise<Record<string, number>> {
  const all = await latestNights(db, dueAt, PROPOSE_HOUR);
  const nights = await openNights(db, dueAt, all);
  if (nights.length === 0) return { places: 0, skus: 0, ...NO_FIGURES, uncovered: 0, overBudget: 0 };
  const cutDays = new Map(all.map((n) => [n.locationId, n.cutDay]));
  const due = new Set(nights.map((n) => n.locationId));
  const newest = nights.map((n) => n.cutDay).sort()[nights.length - 1]!;
  await refreshClasses(db, newest);
  const night: Night = { dueAt, now: clock(), context: await nightContext(db, dueAt, cutDays, due) };
  const days = nights.map((n) => dayAfter(n.cutDay)).sort();
  const budgets = await budgetsOn(db, days[0]!, days[days.length - 1]!);
  const limited = (d: Decision): boolean =>
    d.supplierId !== null && budgets.some((b) => pays(b, purchaseOf(d)));
  const figures = { ...NO_FIGURES };
  const deferred: Deferred[] = [];
  const claims: MoneyClaim[] = [];
  const pageSkus = Math.max(10, Math.floor(PAGE_SHELVES / Math.max(1, night.context.places.length)));
  let skus = 0;
  let uncovered = 0;
  for (let after = 0; ; ) {
    const page = await skusAfter(db, after, pageSkus);
    if (page.length === 0) break;
    const done = await inTransaction(db, (tx) => doPage(tx, night, page, limited));
    add(figures, done.figures);
    deferred.push(...done.deferred);
    if (budgets.length > 0) claims.push(...done.claims);
    uncovered += done.uncovered;
    skus += page.length;
    after = page[page.length - 1]!.skuId;
    if (!(await progress({ places: nights.length, skus, ...figures, uncovered })))
      throw new Error('another runner has taken this night over');
  }
  const money = await doBudgets(db, night, deferred, claims);
  add(figures, money.figures);
  figures.withdrawn += await inTransaction(db, async (tx) => {
    await lockProposals(tx);
    await closeNights(tx, night, nights);
    return withdrawStranded(tx, night.now);
  });
  log.info({ dueAt, places: nights.length, skus, ...figures, uncovered }, 'replenishment was proposed');
  return { places: nights.length, skus, ...figures, uncovered, overBudget: money.cut };
}
