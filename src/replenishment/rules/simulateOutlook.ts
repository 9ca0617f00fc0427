// Expected results of a shelf's policy in the long run and in this run: stock, service, orders; also under a change.

import {
  averageOf,
  type Distribution,
  expectedShortage,
  probabilityUpTo,
} from '../../forecaster/spread/distribution';
import { expectedSum, sumDistribution } from '../../forecaster/spread/spread';
import type { LeadTime } from './leadTime';
import { orderable } from './need';
import { protectionDemand } from './orderUpTo/level';
import type { ReplenishmentKind, ServiceMeasure } from './policy';
import { type AssessedShelf, assess, demandOf, leadTimeOf, type ShelfFacts, shortOf } from './shelf';

/** A change of policies; what is null stays as it is. */
export interface PolicyChange {
  kind: ReplenishmentKind | null;
  measure: ServiceMeasure | null;
  /** Target of every class. */
  serviceLevel: number | null;
  reviewDays: number | null;
  /** Certain days from order to shelf, wherever the shelf has a supplier or a regular source. */
  leadTimeDays: number | null;
}

/** The facts as they would be under a change. */
export function changedFacts(facts: ShelfFacts, change: PolicyChange): ShelfFacts {
  const { kind, measure, serviceLevel, reviewDays, leadTimeDays } = change;
  const policy = { ...facts.policy };
  if (kind !== null) policy.kind = kind;
  if (measure !== null) policy.measure = measure;
  if (serviceLevel !== null) policy.serviceA = policy.serviceB = policy.serviceC = serviceLevel;
  const certain = (leadTime: LeadTime): LeadTime =>
    leadTimeDays === null
      ? leadTime
      : {
          ...leadTime,
          distribution: [{ days: leadTimeDays, probability: 1 }],
          mean: leadTimeDays,
          sd: 0,
        };
  const { offer, regular, review } = facts;
  return {
    ...facts,
    policy,
    offer: offer && { ...offer, leadTime: certain(offer.leadTime) },
    regular: regular && { ...regular, leadTime: certain(regular.leadTime) },
    review: reviewDays === null ? review : { ...review, reviewDays },
  };
}

/** Expected results of a shelf, in units; per week unless stated otherwise. */
export interface Outlook {
  /** What the position is raised to, or compared with, and its safety stock. */
  level: number;
  safetyStock: number;
  /** Expected units on hand at the close of an average day. */
  averageStock: number;
  demandPerWeek: number;
  /** Expected units that are wanted and not there. */
  lostPerWeek: number;
  /** Units sold from the shelf over units wanted. */
  fillRate: number;
  /** Probability that a review cycle misses nothing. */
  cycleService: number;
  ordersPerWeek: number;
  /** What would be ordered in this run, were it a review day, and what would be missed before the next order's goods. */
  orderUnits: number;
  shortUnits: number;
}

const SINGLE = { packSize: 1, minimumOrder: 1 };
/** Days of a cycle whose stock is worked out at most; those between are like them. */
const STOCK_DAYS = 7;

/** A shelf's outlook with what it was worked out from. `supplied` are the locations that get the SKU from it. */
export function outlookOf(
  facts: ShelfFacts,
  supplied: readonly ShelfFacts[] = [],
): { outlook: Outlook; assessed: AssessedShelf } {
  const assessed = assess(facts, supplied);
  const { need, demand } = assessed;
  const forecast = facts.forecast ?? { mean: [], spread: [] };
  const { reviewDays } = facts.review;
  const leadTime = leadTimeOf(facts);
  const packs = (facts.regular === null ? facts.offer : null) ?? SINGLE;
  const orderUnits = orderable(need, packs).quantity;
  const cycle = new Cycle(assessed);
  const cycleMean = expectedSum(forecast.mean, 1, reviewDays);
  const { position, lot } = afterReview(assessed, cycleMean, Math.max(packs.packSize, packs.minimumOrder));
  const fillRate = cycle.fillRate(position);
  const reviewsPerWeek = 7 / reviewDays;
  const outlook: Outlook = {
    level: need.level,
    safetyStock: position - demand.mean,
    averageStock: stockOfCycle(forecast, Math.round(leadTime.mean), reviewDays, position),
    demandPerWeek: cycleMean * reviewsPerWeek,
    // Relative to the mean that planners see; the mean of the distribution may differ slightly.
    lostPerWeek: cycleMean * reviewsPerWeek * (1 / fillRate - 1),
    fillRate,
    cycleService: cycle.service(position),
    ordersPerWeek: Math.min(
      reviewsPerWeek * (1 - probabilityUpTo(sumDistribution(forecast, 1, reviewDays), 0)),
      (cycleMean * reviewsPerWeek) / lot,
    ),
    orderUnits,
    shortUnits: shortOf(demandOf(assessed), assessed.position + orderUnits),
  };
  return { outlook, assessed };
}

/**
 * Where the position of this location alone stands after a review, on average, and the least that is ordered at a time. Under
 * (s, Q) and (s, S) it lies evenly between s and s + Q, or S (Silver, Pyke & Thomas 2017, ch. 6.3).
 */
function afterReview(
  { facts, need, echelon }: AssessedShelf,
  cycleMean: number,
  packs: number,
): { position: number; lot: number } {
  const { kind, orderQuantity, maximum } = facts.policy;
  // Stock of a warehouse for the locations it supplies counts as theirs.
  const own = need.level - (echelon === null ? 0 : echelon.demand - echelon.stock);
  if (kind === 'ORDER_UP_TO') return { position: own, lot: packs };
  const usual = Math.max(cycleMean, 1);
  const most =
    kind === 'REORDER_POINT' ? own + (orderQuantity ?? usual) : Math.max(own, maximum ?? own + usual);
  return { position: (own + most) / 2, lot: Math.max(packs, most - own, 1) };
}

/** A review cycle of a shelf: what it wants, and what it misses from any position, as `orderUpTo` reports for its level. */
class Cycle {
  readonly #mean: number;
  readonly #end: Distribution;
  readonly #begin: Distribution;
  readonly #shortages: number;
  readonly #stockOuts: number;

  constructor({ facts, demand }: AssessedShelf) {
    const input = {
      forecast: facts.forecast ?? { mean: [], spread: [] },
      leadTimes: leadTimeOf(facts).distribution,
      reviewDays: facts.review.reviewDays,
      target: { measure: 'CYCLE_SERVICE', level: 0.5 } as const,
    };
    this.#end = protectionDemand(input);
    this.#begin = protectionDemand({ ...input, reviewDays: 0 });
    this.#mean = Math.max(0, averageOf(this.#end) - averageOf(this.#begin));
    // With lost sales there are fewer stock-outs than the distributions imply; `orderUpTo` returns the expected numbers.
    const share = (expected: number, raw: number): number => (raw > 1e-9 ? expected / raw : 1);
    this.#shortages = share(demand.expectedShortage, this.#raw(demand.level));
    this.#stockOuts = share(1 - demand.cycleService, 1 - probabilityUpTo(this.#end, demand.level));
  }

  /** Units short at the end of a cycle that began with so many, less those that were so before its goods came. */
  #raw(position: number): number {
    const at = Math.max(0, position);
    return Math.max(0, expectedShortage(this.#end, at) - expectedShortage(this.#begin, at));
  }

  /** Share of the demand sold from the shelf; never negative, as unmet demand is part of the demand. */
  fillRate(position: number): number {
    const lost = this.#shortages * this.#raw(position);
    return this.#mean > 0 ? this.#mean / (this.#mean + lost) : 1;
  }

  /** Probability that nothing is missed. */
  service(position: number): number {
    const stockOut = this.#stockOuts * (1 - probabilityUpTo(this.#end, Math.max(0, position)));
    return Math.min(1, Math.max(0, 1 - stockOut));
  }
}

/** Mean over the days of a cycle, from its goods to the next one's, of E[(position − demand until then)+]. */
function stockOfCycle(
  forecast: { mean: number[]; spread: number[] },
  leadDays: number,
  reviewDays: number,
  position: number,
): number {
  const days = Math.min(STOCK_DAYS, reviewDays);
  let sum = 0;
  for (let i = 0; i < days; i++) {
    const until = leadDays + Math.round(((i + 1) * reviewDays) / days);
    const demand = sumDistribution(forecast, 1, until);
    const at = Math.max(0, position);
    sum += at - expectedShortage(demand, 0) + expectedShortage(demand, at);
  }
  return Math.max(0, sum / days);
}
