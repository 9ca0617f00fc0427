// Decides what is proposed for one SKU in a run: the needs of all its shelves, and the source of each.

import { type OrderableQuantity, orderable, rounded, type Term, transferable } from './need';
import { orderUpTo } from './orderUpTo/level';
import type { AbcClass, ReplenishmentKind, ServiceMeasure } from './policy';
import { type AssessedShelf, assess, demandOf, type ShelfFacts, shortOf } from './shelf';
import { chooseSource, type SourceChoice, type Spare, SurplusAccount, surplusUnits } from './sources';

/** One SKU in this run. */
export interface SkuFacts {
  skuId: number;
  priceMinor: number | null;
  currency: string | null;
  shelves: readonly ShelfFacts[];
  /** Units that open proposals, which stay as they are, take from locations. */
  claims: readonly { fromLocationId: number; units: number }[];
  /** Locations whose open proposal a planner has edited: it stays, and nothing else is proposed there. */
  edited?: ReadonlySet<number>;
  /** Mean days of a transfer between two locations. */
  transferDays(fromLocationId: number, toLocationId: number): number;
}

/** All numbers that explain a quantity to a planner. Stored unchanged. */
export interface Explanation {
  kind: ReplenishmentKind;
  measure: ServiceMeasure;
  serviceLevel: number;
  abc: AbcClass;
  reviewDays: number;
  leadTime: {
    from: string;
    mean: number;
    sd: number;
    stated: number;
    receipts: number;
    distribution: { days: number; probability: number }[];
  };
  /** Demand over lead time and review period. */
  demand: { mean: number; sd: number; method: string; forecastCutDay: string };
  /** What the level promises. */
  cycleService: number;
  fillRate: number;
  /** The terms add up to the quantity. */
  terms: Term[];
  /** Units expected to be missed before the next order's goods are there, without and with this one. */
  shortWithout: number;
  shortWith: number;
  /** Why this source. */
  source: string;
}

/** A proposal as one run makes it. */
export interface Decision {
  locationId: number;
  skuId: number;
  supplierId: number | null;
  fromLocationId: number | null;
  quantity: number;
  /** What the position was raised to, and the position, in whole units. */
  level: number;
  position: number;
  /** Units that must stay on the source's shelf. */
  sourceKeep: number;
  unitCostMinor: number | null;
  currency: string | null;
  packSize: number;
  minimumOrder: number;
  priority: number;
  abc: AbcClass;
  lostMarginMinor: number;
  leadDays: number;
  explanation: Explanation;
}

/** A need that nothing can cover: why. */
export interface Uncovered {
  locationId: number;
  skuId: number;
  units: number;
  reason: string;
}

export interface Decided {
  decisions: Decision[];
  uncovered: Uncovered[];
  /** Due shelves that need nothing, by location: why, for proposals that are withdrawn. */
  satisfied: Map<number, string>;
  /** What would be proposed where an edited proposal stays. */
  beside: Map<number, number>;
}

const SINGLE = { packSize: 1, minimumOrder: 1 };

/** Decides for one SKU: shelves with the highest expected shortage choose first from what other locations can spare. */
export function decideSku(sku: SkuFacts): Decided {
  const assessed = assessAll(sku.shelves);
  const satisfied = new Map<number, string>();
  const wanting: { shelf: AssessedShelf; short: number }[] = [];
  const beside = new Map<number, number>();
  for (const { locationId } of sku.shelves.filter((s) => s.review.due && !s.policy.active))
    satisfied.set(locationId, 'it is not replenished any more');
  for (const shelf of assessed.due()) {
    const { need, facts } = shelf;
    if (sku.edited?.has(facts.locationId))
      beside.set(facts.locationId, orderable(need, (facts.regular ? null : facts.offer) ?? SINGLE).quantity);
    else if (need.units > 0)
      wanting.push({ shelf, short: shortOf(demandOf(shelf), facts.forecast ? shelf.position : 0) });
    else
      satisfied.set(
        facts.locationId,
        `nothing is needed: the position of ${need.position} covers the level of ${need.level}`,
      );
  }
  const decided: Decided = { decisions: [], uncovered: [], satisfied, beside };
  if (wanting.length === 0) return decided;
  // Shops come before the warehouse, whose own need includes theirs; then by expected shortage.
  wanting.sort(
    (a, b) =>
      Number(a.shelf.echelon !== null) - Number(b.shelf.echelon !== null) ||
      b.short - a.short ||
      a.shelf.facts.locationId - b.shelf.facts.locationId,
  );
  const account = new SurplusAccount(spares(assessed.all(), sku));
  for (const { shelf } of wanting) cover(sku, shelf, account, decided);
  return decided;
}

/** Assesses shelves at the first access. */
function assessAll(shelves: readonly ShelfFacts[]) {
  const done = new Map<number, AssessedShelf>();
  const suppliedFrom = new Map<number, ShelfFacts[]>();
  for (const s of shelves) {
    if (s.regular === null || !s.policy.active) continue;
    const list = suppliedFrom.get(s.regular.locationId) ?? [];
    list.push(s);
    suppliedFrom.set(s.regular.locationId, list);
  }
  const at = (s: ShelfFacts): AssessedShelf => {
    let found = done.get(s.locationId);
    if (found === undefined) {
      found = assess(s, suppliedFrom.get(s.locationId));
      done.set(s.locationId, found);
    }
    return found;
  };
  return {
    due: () => shelves.filter((s) => s.review.due && s.policy.active).map(at),
    all: () => shelves.filter((s) => s.onHand.available > 0).map(at),
  };
}

/**
 * What locations have beyond their own level. A warehouse counts what its shops need in its level, so others get what is
 * beyond that; its shops get all but what its own customers need until the next transfer.
 */
function spares(shelves: readonly AssessedShelf[], sku: SkuFacts): Spare[] {
  const claimed = new Map<number, number>();
  for (const c of sku.claims) claimed.set(c.fromLocationId, (claimed.get(c.fromLocationId) ?? 0) + c.units);
  return shelves.flatMap((shelf) => {
    const { facts, stock, position } = shelf;
    // A shop without a forecast may sell all its stock tomorrow, so it spares nothing.
    if (facts.forecast === null && !facts.warehouse) return [];
    const free = stock.available - (claimed.get(facts.locationId) ?? 0);
    const left = position - (claimed.get(facts.locationId) ?? 0);
    const near = shelf.echelon === null ? ownLevel(shelf) : nearLevel(shelf);
    const forSupplied = surplusUnits(free, left, near);
    if (forSupplied === 0) return [];
    const far = shelf.echelon === null ? near : Math.max(near, shelf.need.level);
    const { locationId, code, warehouse } = facts;
    const regularId = facts.regular?.locationId ?? null;
    const forOthers = surplusUnits(free, left, far);
    return [{ locationId, code, warehouse, regularId, free, forSupplied, forOthers }];
  });
}

/** Units that a location keeps for its own customers. */
function ownLevel({ demand, mean, facts }: AssessedShelf): number {
  const { kind, reorderPoint, presentationMinimum } = facts.policy;
  const fixed = kind === 'ORDER_UP_TO' ? 0 : (reorderPoint ?? 0);
  return Math.max(demand.level, mean + presentationMinimum, fixed);
}

/** Transfer days assumed for a warehouse's own customers, who are served like those of one more shop. */
const VAN_DAYS = 1;

/** Units that a warehouse keeps for its own customers, as a shop would that it supplies. */
function nearLevel({ facts, target }: AssessedShelf): number {
  if (facts.forecast === null) return facts.policy.presentationMinimum;
  const { reviewDays } = facts.review;
  const leadTimes = [{ days: VAN_DAYS, probability: 1 }];
  return orderUpTo({ forecast: facts.forecast, leadTimes, reviewDays, target }).level;
}

function cover(sku: SkuFacts, shelf: AssessedShelf, account: SurplusAccount, decided: Decided): void {
  const { facts, need } = shelf;
  const { locationId } = facts;
  const offer = facts.regular === null ? facts.offer : null;
  const regularId = facts.regular?.locationId ?? null;
  const spare = account.for({ locationId, regularId, warehouse: facts.warehouse }, (from) =>
    sku.transferDays(from, locationId),
  );
  const room = need.room ?? need.units;
  const choice = chooseSource({
    units: Math.min(need.units, Math.max(1, room)),
    offer: offer && { leadDays: offer.leadTime.mean, unitCostMinor: offer.unitCostMinor },
    surpluses: spare,
    regularId,
    transferCostMinor: facts.policy.transferCostMinor,
  });
  const { skuId } = sku;
  if (choice.source === 'NONE') {
    decided.uncovered.push({ locationId, skuId, units: need.units, reason: choice.reason });
    return;
  }
  const cut =
    choice.source === 'TRANSFER'
      ? transferable(need, choice.from.units, choice.from.code)
      : orderable(need, offer!);
  if (cut.quantity === 0) {
    const reason = cut.terms[cut.terms.length - 1]?.description ?? 'nothing can be ordered';
    decided.uncovered.push({ locationId, skuId, units: need.units, reason });
    return;
  }
  if (choice.source === 'TRANSFER')
    account.take(choice.from.locationId, cut.quantity, choice.from.locationId === regularId);
  decided.decisions.push(decisionOf(sku, shelf, choice, cut));
}

function decisionOf(
  sku: SkuFacts,
  shelf: AssessedShelf,
  choice: Exclude<SourceChoice, { source: 'NONE' }>,
  cut: OrderableQuantity,
): Decision {
  const { facts, need, demand } = shelf;
  const transfer = choice.source === 'TRANSFER';
  const offer = transfer ? null : facts.offer!;
  const cost = (offer ?? facts.offer)?.unitCostMinor ?? 0;
  const wanted = demandOf(shelf);
  const shortWithout = shortOf(wanted, shelf.position);
  const shortWith = shortOf(wanted, shelf.position + cut.quantity);
  const margin = sku.priceMinor === null ? cost : Math.max(0, sku.priceMinor - cost);
  return {
    locationId: facts.locationId,
    skuId: sku.skuId,
    supplierId: offer?.supplierId ?? null,
    fromLocationId: transfer ? choice.from.locationId : null,
    quantity: cut.quantity,
    level: Math.round(need.level),
    position: Math.round(need.position),
    sourceKeep: transfer ? choice.from.keep : 0,
    unitCostMinor: offer?.unitCostMinor ?? null,
    currency: offer?.currency ?? null,
    packSize: offer?.packSize ?? 1,
    minimumOrder: offer?.minimumOrder ?? 1,
    priority: facts.policy.priority,
    abc: facts.abc,
    lostMarginMinor: Math.round((shortWithout - shortWith) * margin),
    leadDays: Math.ceil((transfer ? choice.from.leadDays : offer!.leadTime.mean) - 1e-9),
    explanation: {
      kind: facts.policy.kind,
      measure: shelf.target.measure,
      serviceLevel: shelf.target.level,
      abc: facts.abc,
      reviewDays: facts.review.reviewDays,
      leadTime: leadTimeText(shelf),
      demand: {
        mean: rounded(shelf.mean),
        sd: rounded(demand.sd),
        method: facts.forecast?.method ?? '',
        forecastCutDay: facts.forecast?.cutDay ?? '',
      },
      cycleService: rounded(demand.cycleService),
      fillRate: rounded(demand.fillRate),
      terms: cut.terms,
      shortWithout: rounded(shortWithout),
      shortWith: rounded(shortWith),
      source: choice.reason,
    },
  };
}

function leadTimeText({ facts, leadTime }: AssessedShelf): Explanation['leadTime'] {
  const from = facts.regular?.code ?? facts.offer?.supplier ?? 'any location';
  return {
    from,
    mean: rounded(leadTime.mean),
    sd: rounded(leadTime.sd),
    stated: leadTime.stated,
    receipts: rounded(leadTime.receipts),
    distribution: leadTime.distribution.map(({ days, probability }) => ({
      days,
      probability: rounded(probability),
    })),
  };
}
