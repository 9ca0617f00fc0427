// Collects the facts that the rules decide on: every shelf of a page of SKUs, as of one run.

import type { Tx } from '../../db/pool';
import { currentForecasts, type StoredForecast } from '../../forecast/queries/forecasts';
import { expectedReturns } from '../../forecast/queries/returns/forecasts';
import { shelfKey } from '../../values/keys';
import { dayNumber, daysAfter } from '../../values/time';
import type { Decision, SkuFacts } from '../rules/decide';
import type { LeadTime } from '../rules/leadTime';
import { type PolicyRule, PolicyTable, reviewOn } from '../rules/policy';
import type { ScheduledReceipt, ShelfFacts, ShelfForecast, SupplierOffer } from '../rules/shelf';
import { type LeadTimeTable, supplierLeadTimes, transferLeadTimes } from './leadTimes';
import { coarseRules, skuRules } from './policies';
import {
  type IncomingRow,
  incoming,
  type OfferRow,
  type OnHandRow,
  type OpenLocationRow,
  offers,
  onHand,
  openLocations,
  type PlannedSkuRow,
} from './skuPage';

/** Days after its cut for which a forecast may still be used. */
export const MAX_STALE_DAYS = 14;
const MINUTES_A_DAY = 1_440;

/** What all SKUs of one run have in common. */
export interface ReplenishmentRunContext {
  /** Time of the run: reservations expired by then do not count, receipts after it are not known. */
  at: Date;
  openLocations: readonly OpenLocationRow[];
  /** The last local day that is known, by location; locations without one are left out. */
  cutDays: ReadonlyMap<number, string>;
  /** Locations that are proposed for. */
  due: ReadonlySet<number>;
  rules: readonly PolicyRule[];
  /** The same rules: policies of SKUs that no rule names. */
  policies: PolicyTable;
  supplierTimes: LeadTimeTable;
  transferTimes: LeadTimeTable;
}

/** Reads what a run needs once. */
export async function replenishmentRunContext(
  tx: Tx,
  at: Date,
  cutDays: ReadonlyMap<number, string>,
  due: ReadonlySet<number>,
): Promise<ReplenishmentRunContext> {
  const rules = await coarseRules(tx);
  return {
    at,
    openLocations: (await openLocations(tx)).filter((p) => cutDays.has(p.locationId)),
    cutDays,
    due,
    rules,
    policies: new PolicyTable(rules),
    supplierTimes: await supplierLeadTimes(tx, at, null),
    transferTimes: await transferLeadTimes(tx, at),
  };
}

/** Learned transfer time between two locations, in days; the prior is the source's transfer lead time. */
export function transferTime(
  context: Pick<ReplenishmentRunContext, 'openLocations' | 'transferTimes'>,
  fromLocationId: number,
  toLocationId: number,
): LeadTime {
  const minutes =
    context.openLocations.find((p) => p.locationId === fromLocationId)?.transferLeadMinutes ?? MINUTES_A_DAY;
  return context.transferTimes.at(fromLocationId, toLocationId, Math.ceil(minutes / MINUTES_A_DAY));
}

/** Forecasts of the shelves of these SKUs, each as of its location's run. */
async function forecastsOf(
  tx: Tx,
  context: ReplenishmentRunContext,
  skuIds: readonly number[],
): Promise<Map<string, StoredForecast>> {
  const locationsByCutDay = new Map<string, number[]>();
  for (const { locationId } of context.openLocations) {
    const cutDay = context.cutDays.get(locationId)!;
    locationsByCutDay.set(cutDay, [...(locationsByCutDay.get(cutDay) ?? []), locationId]);
  }
  const found = new Map<string, StoredForecast>();
  for (const [cutDay, locationIds] of locationsByCutDay) {
    const shelves = locationIds.flatMap((locationId) => skuIds.map((skuId) => ({ locationId, skuId })));
    for (const f of await currentForecasts(tx, shelves, cutDay)) found.set(shelfKey(f), f);
  }
  return found;
}

/** Weeks of returns that are distinguished: the first, and the average of those after it. */
const RETURN_DAYS = 28;

/** Resaleable units that come back a day to the shelves that have a forecast. */
async function returnsOf(
  tx: Tx,
  context: ReplenishmentRunContext,
  shelves: readonly { locationId: number; skuId: number }[],
): Promise<Map<string, readonly number[]>> {
  const found = new Map<string, readonly number[]>();
  for (const cutDay of new Set(context.cutDays.values())) {
    const those = shelves.filter((s) => context.cutDays.get(s.locationId) === cutDay);
    if (those.length === 0) continue;
    const week = await expectedReturns(tx, those, daysAfter(cutDay, 1), 7);
    const weeks = await expectedReturns(tx, those, daysAfter(cutDay, 1), RETURN_DAYS);
    weeks.forEach((all, i) => {
      const first = week[i]!.resaleableUnits;
      if (all.resaleableUnits <= 0) return;
      const later = Math.max(0, all.resaleableUnits - first) / (RETURN_DAYS - 7);
      found.set(
        shelfKey(all),
        Array.from({ length: RETURN_DAYS }, (_, d) => (d < 7 ? first / 7 : later)),
      );
    });
  }
  return found;
}

/** A forecast from the day after the cut on; null when it is too old. */
function shifted(forecast: StoredForecast | undefined, cutDay: string): ShelfForecast | null {
  if (forecast === undefined) return null;
  const age = dayNumber(cutDay) - dayNumber(forecast.cutDay);
  if (age < 0 || age > MAX_STALE_DAYS || age >= forecast.mean.length) return null;
  const mean = age === 0 ? forecast.mean : forecast.mean.slice(age);
  return { mean, spread: forecast.spread, method: forecast.method, cutDay: forecast.cutDay };
}

function grouped<T extends { locationId: number; skuId: number }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const list = groups.get(shelfKey(row));
    if (list === undefined) groups.set(shelfKey(row), [row]);
    else list.push(row);
  }
  return groups;
}

/** Facts of the shelves of a page of SKUs, read in few statements. */
interface PageFacts {
  context: ReplenishmentRunContext;
  policies: PolicyTable;
  forecasts: Map<string, StoredForecast>;
  onHand: Map<string, OnHandRow[]>;
  incoming: Map<string, IncomingRow[]>;
  offers: Map<number, OfferRow>;
  returns: ReadonlyMap<string, readonly number[]>;
}

const EMPTY_SHELF = { available: 0, reserved: 0, staged: 0, quarantine: 0 };
const NONE: readonly number[] = [];

function shelfFacts(sku: PlannedSkuRow, location: OpenLocationRow, page: PageFacts): ShelfFacts | null {
  const { context } = page;
  const { locationId } = location;
  const key = shelfKey({ locationId, skuId: sku.skuId });
  const forecastRow = page.forecasts.get(key);
  const lying = page.onHand.get(key)?.[0];
  const coming = page.incoming.get(key);
  if (forecastRow === undefined && lying === undefined && coming === undefined) return null;
  const cutDay = context.cutDays.get(locationId)!;
  const today = dayNumber(cutDay) + 1;
  const isDiscontinued = sku.discontinuedOn !== null && dayNumber(sku.discontinuedOn) <= today;
  const policy = page.policies.at({ ...sku, locationId, groups: location.groups });
  const review = reviewOn(policy.review, daysAfter(cutDay, 1));
  const regularLocation = context.openLocations.find((p) => p.locationId === policy.suppliedFromId);
  const { available, reserved, staged, quarantine } = lying ?? EMPTY_SHELF;
  return {
    locationId,
    code: location.code,
    warehouse: location.warehouse,
    policy: sku.active && !isDiscontinued ? policy : { ...policy, active: false },
    abc: sku.abc,
    forecast: shifted(forecastRow, cutDay),
    onHand: { available, reserved, staged, quarantine },
    incoming: (coming ?? []).map(
      (c): ScheduledReceipt => ({
        kind: c.kind,
        units: c.units,
        inDays: c.day === null ? 0 : dayNumber(c.day) - today,
      }),
    ),
    returnsPerDay: page.returns.get(key) ?? NONE,
    offer: offerOf(page.offers.get(sku.skuId), locationId, context),
    regular: regularLocation
      ? {
          locationId: regularLocation.locationId,
          code: regularLocation.code,
          leadTime: transferTime(context, regularLocation.locationId, locationId),
        }
      : null,
    review: { due: review.due && context.due.has(locationId), reviewDays: review.reviewDays },
  };
}

function offerOf(
  row: OfferRow | undefined,
  locationId: number,
  context: ReplenishmentRunContext,
): SupplierOffer | null {
  if (row === undefined) return null;
  const { supplierId, supplier, unitCostMinor, currency, packSize, minimumOrder } = row;
  const leadTime = context.supplierTimes.at(supplierId, locationId, row.leadTimeDays);
  return { supplierId, supplier, unitCostMinor, currency, packSize, minimumOrder, leadTime };
}

/** The facts of these SKUs at all locations of the run, without proposals. */
export async function skuFacts(
  tx: Tx,
  context: ReplenishmentRunContext,
  skus: readonly PlannedSkuRow[],
): Promise<(SkuFacts & { active: boolean })[]> {
  const skuIds = skus.map((s) => s.skuId);
  const forecasts = await forecastsOf(tx, context, skuIds);
  const fine = await skuRules(tx, skuIds);
  const page: PageFacts = {
    context,
    policies: fine.length === 0 ? context.policies : new PolicyTable([...context.rules, ...fine]),
    forecasts,
    onHand: grouped(await onHand(tx, skuIds, context.at)),
    incoming: grouped(await incoming(tx, skuIds)),
    offers: new Map((await offers(tx, skuIds)).map((o) => [o.skuId, o])),
    returns: await returnsOf(tx, context, [...forecasts.values()]),
  };
  return skus.map((sku) => ({
    skuId: sku.skuId,
    priceMinor: sku.priceMinor,
    currency: sku.currency,
    active: sku.active,
    shelves: context.openLocations.flatMap((location) => shelfFacts(sku, location, page) ?? []),
    claims: [],
    transferDays: (from: number, to: number) => transferTime(context, from, to).mean,
  }));
}

/** The day on which a decision's goods are expected. */
export function expectedOn(decision: Pick<Decision, 'leadDays'>, cutDay: string): string {
  return daysAfter(cutDay, 1 + decision.leadDays);
}
