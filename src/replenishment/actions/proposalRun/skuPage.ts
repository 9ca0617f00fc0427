// One page of SKUs of a run: read, decided, and written unless a budget is involved.

import type { Tx } from '../../../db/pool';
import { shelfKey } from '../../../values/keys';
import { daysAfter } from '../../../values/time';
import { type ReplenishmentRunContext, skuFacts } from '../../queries/shelfFacts';
import { type OpenProposalRow, openForUpdate, type PlannedSkuRow, resting } from '../../queries/skuPage';
import { type Decision, decideSku, type SkuFacts } from '../../rules/decide';
import { lockProposals, type ProposalFigures, reconcile } from '../reconcile';

/** One replenishment run over the locations that are due. */
export interface ProposalRun {
  dueAt: Date;
  now: Date;
  context: ReplenishmentRunContext;
}

/** Purchases limited by a budget: granted at the end of the run, when all needs are known. */
export interface Deferred {
  decision: Decision;
  cutDay: string;
}

export const NO_FIGURES: ProposalFigures = { proposed: 0, kept: 0, superseded: 0, withdrawn: 0, edited: 0 };

/** Adds figures up. */
export function add(to: ProposalFigures, more: ProposalFigures): void {
  for (const key of Object.keys(to) as (keyof ProposalFigures)[]) to[key] += more[key];
}

/** Money that proposals which stay as they are would take. */
export interface MoneyClaim {
  locationId: number;
  supplierId: number;
  currency: string;
  minor: number;
}

export interface PageDone {
  figures: ProposalFigures;
  deferred: Deferred[];
  claims: MoneyClaim[];
  uncovered: number;
}

/** Facts of a SKU with the planners' decisions: rejected needs rest; edited proposals and those not due in this run stay. */
function withProposals(
  sku: SkuFacts,
  open: readonly OpenProposalRow[],
  rests: ReadonlyMap<string, string>,
  { context }: ProposalRun,
): { facts: SkuFacts; staying: OpenProposalRow[]; lost: OpenProposalRow[] } {
  const shelves = sku.shelves.map((shelf) => {
    const until = rests.get(shelfKey({ ...shelf, skuId: sku.skuId }));
    const today = daysAfter(context.cutDays.get(shelf.locationId)!, 1);
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

const claimOf = (o: OpenProposalRow): MoneyClaim[] =>
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

/** Decides for one page, and writes the decisions that no budget limits. */
export async function doPage(
  tx: Tx,
  run: ProposalRun,
  skus: readonly PlannedSkuRow[],
  limited: (decision: Decision) => boolean,
): Promise<PageDone> {
  const { cutDays } = run.context;
  await lockProposals(tx);
  const ids = skus.map((s) => s.skuId);
  const open = await openForUpdate(tx, ids);
  const openOf = new Map<number, OpenProposalRow[]>();
  for (const o of open) openOf.set(o.skuId, [...(openOf.get(o.skuId) ?? []), o]);
  const rests = new Map((await resting(tx, ids)).map((r) => [shelfKey(r), r.until]));
  const decisions: Decision[] = [];
  const done = { deferred: [] as Deferred[], claims: [] as MoneyClaim[], uncovered: 0 };
  const withdrawn = new Map<string, string>();
  const beside = new Map<string, number>();
  for (const sku of await skuFacts(tx, run.context, skus)) {
    const { facts, staying, lost } = withProposals(sku, openOf.get(sku.skuId) ?? [], rests, run);
    const decided = decideSku(facts);
    const at = (locationId: number): string => shelfKey({ locationId, skuId: sku.skuId });
    for (const decision of decided.decisions) {
      if (limited(decision)) done.deferred.push({ decision, cutDay: cutDays.get(decision.locationId)! });
      else decisions.push(decision);
    }
    done.claims.push(...staying.flatMap(claimOf));
    for (const o of lost) withdrawn.set(shelfKey(o), 'no demand is forecast there any more');
    for (const [locationId, why] of decided.satisfied) withdrawn.set(at(locationId), why);
    for (const [locationId, units] of decided.beside) beside.set(at(locationId), units);
    for (const u of decided.uncovered) withdrawn.set(at(u.locationId), u.reason);
    done.uncovered += decided.uncovered.length;
  }
  return {
    ...done,
    figures: await reconcile(tx, { ...run, cutDays, open, decisions, withdrawn, beside }),
  };
}
