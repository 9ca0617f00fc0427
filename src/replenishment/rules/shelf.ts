// One shelf as replenishment sees it: its policy, forecast, stock and supply, and the need that follows from them.

import { type Distribution, expectedShortage, sdOf } from '../../forecaster/spread/distribution';
import { expectedSum, sumDistribution } from '../../forecaster/spread/spread';
import type { MeanAndSpread } from '../../forecaster/spread/stored';
import { type Demand, echelonDemand } from './echelon';
import type { LeadTime } from './leadTime';
import { type Echelon, type Need, needOf, positionOf, type Stock } from './need';
import { type OrderUpTo, orderUpTo, protectionDemand, type ServiceTarget } from './orderUpTo/level';
import { type AbcClass, type Policy, targetOf } from './policy';

/** Units that are to come. */
export interface ScheduledReceipt {
  kind: 'ON_ORDER' | 'APPROVED' | 'TRANSFERS_IN';
  units: number;
  /** Days from this run until it is expected; below 0: overdue. */
  inDays: number;
}

/** How a supplier sells the SKU to this location. */
export interface SupplierOffer {
  supplierId: number;
  supplier: string;
  unitCostMinor: number;
  currency: string;
  packSize: number;
  minimumOrder: number;
  leadTime: LeadTime;
}

/** What is known of one shelf in this run. */
export interface ShelfFacts {
  locationId: number;
  code: string;
  warehouse: boolean;
  policy: Policy;
  abc: AbcClass;
  /** Demand from the day after the cut on; null: none was forecast. */
  forecast: ShelfForecast | null;
  /** On hand only; what is to come is `incoming`. */
  onHand: Pick<Stock, 'available' | 'reserved' | 'staged' | 'quarantine'>;
  incoming: readonly ScheduledReceipt[];
  /** Resaleable units expected back per day; index 0 is the day after the cut. */
  returnsPerDay: readonly number[];
  /** The best supplier; null: none delivers the SKU here. */
  offer: SupplierOffer | null;
  /** From the regular source, where the policy names one that is open. */
  regular: { locationId: number; code: string; leadTime: LeadTime } | null;
  /** Days from this run's review to the next; `due`: this run is one, and the location is in this run. */
  review: { due: boolean; reviewDays: number };
}

/** A forecast from the day after the cut on, and where it came from. */
export interface ShelfForecast extends MeanAndSpread {
  method: string;
  /** The last day it knew. */
  cutDay: string;
}

/** Lead time of a shelf without supplier and regular source: a transfer from any location that can spare units. */
const UNSUPPLIED: LeadTime = {
  distribution: [{ days: 2, probability: 1 }],
  mean: 2,
  sd: 0,
  stated: 2,
  receipts: 0,
};

/** Days that a usual order of (s, Q) and (s, S) lasts, where the policy leaves it open. */
const USUAL_ORDER_DAYS = 7;
const NOBODY: MeanAndSpread = { mean: [], spread: [] };

/** The lead time that a shelf's level covers: its regular source's, else its supplier's. */
export function leadTimeOf(shelf: ShelfFacts): LeadTime {
  return shelf.regular?.leadTime ?? shelf.offer?.leadTime ?? UNSUPPLIED;
}

/** A shelf's level, position and need, worked out once. */
export interface AssessedShelf {
  facts: ShelfFacts;
  target: ServiceTarget;
  leadTime: LeadTime;
  /** Units forecast over lead time and review period; `demand.mean` is that of a distribution that goes on from here. */
  mean: number;
  demand: OrderUpTo;
  stock: Stock;
  /** Inventory position of this location alone. */
  position: number;
  need: Need;
  echelon: Echelon | null;
}

/** What is on hand and comes within so many days of this run. */
export function stockWithin(
  facts: Pick<ShelfFacts, 'onHand' | 'incoming' | 'returnsPerDay'>,
  days: number,
): Stock {
  const coming = (kind: ScheduledReceipt['kind']): number =>
    facts.incoming.reduce((sum, i) => (i.kind === kind && i.inDays <= days ? sum + i.units : sum), 0);
  let returns = 0;
  for (let h = 0; h < Math.min(days, facts.returnsPerDay.length); h++) returns += facts.returnsPerDay[h]!;
  const { available, reserved, staged, quarantine } = facts.onHand;
  return {
    available,
    reserved,
    staged,
    quarantine,
    onOrder: coming('ON_ORDER'),
    approved: coming('APPROVED'),
    transfersIn: coming('TRANSFERS_IN'),
    returns,
  };
}

/** Days from the cut until the goods of the next review can be sold, with the longest lead time that may happen. */
function horizonOf(leadTime: LeadTime, reviewDays: number): number {
  return leadTime.distribution[leadTime.distribution.length - 1]!.days + reviewDays;
}

/** Works out a shelf; `supplied` are the locations that get the SKU from it. */
export function assess(facts: ShelfFacts, supplied: readonly ShelfFacts[] = []): AssessedShelf {
  const target = targetOf(facts.policy, facts.abc);
  const leadTime = leadTimeOf(facts);
  const { reviewDays } = facts.review;
  const forecast = facts.forecast ?? NOBODY;
  const demand = orderUpTo({ forecast, leadTimes: leadTime.distribution, reviewDays, target });
  const stock = stockWithin(facts, horizonOf(leadTime, reviewDays));
  const selling = supplied.filter((s) => s.forecast !== null);
  const echelon = selling.length > 0 ? echelonOf(facts, demand, target, leadTime, selling) : null;
  const mean = leadTime.distribution.reduce(
    (sum, l) => sum + l.probability * expectedSum(forecast.mean, 1, l.days + reviewDays),
    0,
  );
  const usualQuantity = expectedSum(forecast.mean, 1, Math.max(reviewDays, USUAL_ORDER_DAYS));
  const need = needOf({
    policy: facts.policy,
    target: { level: demand.level, mean },
    stock,
    usualQuantity,
    echelon,
  });
  return { facts, target, leadTime, mean, demand, stock, position: positionOf(stock), need, echelon };
}

/** What the supplied locations add: their demand over the warehouse's interval, and their stock as far as it serves it. */
function echelonOf(
  facts: ShelfFacts,
  own: OrderUpTo,
  target: ServiceTarget,
  leadTime: LeadTime,
  supplied: readonly ShelfFacts[],
): Echelon {
  const { reviewDays } = facts.review;
  const days = Math.round(leadTime.mean) + reviewDays;
  let cycleMean = facts.forecast ? expectedSum(facts.forecast.mean, 1, reviewDays) : 0;
  let stock = 0;
  const demands = supplied.map((location): Demand => {
    const forecast = location.forecast!;
    cycleMean += expectedSum(forecast.mean, 1, reviewDays);
    const sum = sumDistribution(forecast, 1, days);
    const mean = expectedSum(forecast.mean, 1, days);
    const daily = days > 0 ? mean / days : 0;
    const sd = Math.sqrt(sdOf(sum) ** 2 + (daily * leadTime.sd) ** 2);
    // Surplus of one shop does not serve customers of another.
    const useful = Math.ceil(mean + 2 * sd) + location.policy.presentationMinimum;
    stock += Math.min(positionOf(stockWithin(location, days)), useful);
    return { mean, sd };
  });
  const demand = echelonDemand(own, demands, target, cycleMean) + presentationUnits(supplied);
  // Stock in shops does not serve the warehouse's own customers either.
  return { demand, stock: Math.min(stock, demand), shops: supplied.length };
}

const presentationUnits = (shelves: readonly ShelfFacts[]): number =>
  shelves.reduce((sum, p) => sum + p.policy.presentationMinimum, 0);

/** Demand between this run and the goods of the next review: the demand that a missing order would leave unmet. */
export function demandOf({ facts, leadTime }: Pick<AssessedShelf, 'facts' | 'leadTime'>): Distribution {
  return protectionDemand({
    forecast: facts.forecast ?? NOBODY,
    leadTimes: leadTime.distribution,
    reviewDays: facts.review.reviewDays,
    target: { measure: 'CYCLE_SERVICE', level: 0.5 },
  });
}

/** Expected shortage in units with so many on hand. */
export function shortOf(demand: Distribution, units: number): number {
  return expectedShortage(demand, Math.max(0, Math.floor(units)));
}
