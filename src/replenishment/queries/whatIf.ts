// A dry run over the current forecasts: every shelf of a filter under its policy as it is and as it would be.

import type { Tx } from '../../db/pool';
import { currentNights } from '../../forecast/queries';
import { refuse } from '../../refusals';
import { grant, type Purchase } from '../rules/budget';
import type { AbcClass } from '../rules/policy';
import { demandOf, type ShelfFacts, shortOf } from '../rules/shelf';
import { changedFacts, type Outlook, outlookOf, type PolicyChange } from '../rules/simulateOutlook';
import { type NightContext, nightContext, skuFacts } from './facts';
import { places, skusById } from './page';

/** Which shelves; null: all. */
export interface DryRunFilter {
  locationIds: readonly number[] | null;
  skuIds: readonly number[] | null;
  /** A category and all below it. */
  category: string | null;
  abc: AbcClass | null;
}

export interface WhatIfAsked {
  change: PolicyChange;
  /** Money for tonight's purchases after the change; null: no limit. */
  budget: { amountMinor: number; currency: string } | null;
  filter: DryRunFilter;
  order: WhatIfOrder;
  after: WhatIfKey | null;
  limit: number;
}

export const WHAT_IF_ORDERS = ['KEY', 'STOCK_CHANGE', 'LOST_CHANGE'] as const;
export type WhatIfOrder = (typeof WHAT_IF_ORDERS)[number];

/** Where a page begins: behind the row of this rank, SKU and place. */
export interface WhatIfKey {
  rank: number;
  skuId: number;
  locationId: number;
}

/** A shelf before and after. Money in minor units of what the SKU costs, or sells for; null where that is not known. */
export interface WhatIfRow extends WhatIfKey {
  before: Outlook;
  after: Outlook;
  unitCostMinor: number | null;
  costCurrency: string | null;
  priceMinor: number | null;
  priceCurrency: string | null;
}

/** Sums over shelves. */
export type WhatIfSums = Pick<
  Outlook,
  'averageStock' | 'demandPerWeek' | 'lostPerWeek' | 'ordersPerWeek' | 'orderUnits' | 'shortUnits'
>;

/** Sums of money of one currency, of the shelves where it is known. */
export interface WhatIfMoney {
  currency: string;
  stockMinor: number;
  orderMinor: number;
  /** Revenue that is expected to be lost in a week. */
  lostMinor: number;
}

export interface WhatIfResult {
  shelves: number;
  before: { sums: WhatIfSums; money: WhatIfMoney[] };
  after: { sums: WhatIfSums; money: WhatIfMoney[] };
  rows: WhatIfRow[];
}

/** Shelves of one dry run at most. */
export const MAX_WHAT_IF_SHELVES = 20_000;
/** SKUs worked out together. */
const PAGE_SHELVES = 2_000;

const COUNT = `
  SELECT f.sku_id AS "skuId", count(*)::int AS shelves
  FROM unnest($1::int[], $2::date[]) AS n(location_id, cut_day)
  JOIN demand_forecast f ON f.location_id = n.location_id AND f.cut_day = n.cut_day
  JOIN sku s ON s.id = f.sku_id LEFT JOIN sku_class c ON c.sku_id = s.id
  WHERE s.active AND ($3::int[] IS NULL OR s.id = ANY($3::int[]))
    AND ($4::text IS NULL OR s.category = $4 OR starts_with(s.category, $4 || '/'))
    AND ($5::text IS NULL OR coalesce(c.class::text, 'C') = $5)
  GROUP BY 1 ORDER BY 1`;

/** SKUs that have a forecast in the newest night of the places asked for, and those nights. */
async function extentOf(
  tx: Tx,
  { locationIds, skuIds, category, abc }: DryRunFilter,
): Promise<{ skuIds: number[]; shelves: number; cutDays: Map<number, string>; asked: Set<number> }> {
  const all = await places(tx);
  const asked = new Set(
    all.flatMap(({ locationId }) => ((locationIds?.includes(locationId) ?? true) ? [locationId] : [])),
  );
  // A warehouse counts the needs of the places it supplies in its own.
  const needed = all.some((p) => p.warehouse && asked.has(p.locationId))
    ? all.map((p) => p.locationId)
    : [...asked];
  const nights = await currentNights(tx, needed);
  const own = nights.filter((n) => asked.has(n.locationId));
  const counts = await tx.rows<{ skuId: number; shelves: number }>(COUNT, [
    own.map((n) => n.locationId),
    own.map((n) => n.cutDay),
    skuIds,
    category,
    abc,
  ]);
  return {
    skuIds: counts.map((c) => c.skuId),
    shelves: counts.reduce((sum, c) => sum + c.shelves, 0),
    cutDays: new Map(nights.map((n) => [n.locationId, n.cutDay])),
    asked,
  };
}

/** A shelf of the dry run, as it stands tonight, with the places that it supplies. */
export interface DryShelf {
  skuId: number;
  facts: ShelfFacts;
  supplied: readonly ShelfFacts[];
  priceMinor: number | null;
  priceCurrency: string | null;
}

/**
 * Calls `each` with the shelves of a filter that have a forecast, page by page of SKUs, in the order of SKU and place.
 * Reads only. @throws Refused InvalidInput past `most` shelves
 */
export async function eachDryShelf(
  tx: Tx,
  filter: DryRunFilter,
  at: Date,
  most: number,
  each: (shelf: DryShelf) => void,
): Promise<void> {
  const { skuIds, shelves, cutDays, asked } = await extentOf(tx, filter);
  if (shelves > most) {
    const message = `This would run over ${shelves} shelves; at most ${most} are run over at once. Name locations, SKUs, a category or a class.`;
    refuse('InvalidInput', message, { path: 'filter' });
  }
  if (shelves === 0) return;
  const context: NightContext = await nightContext(tx, at, cutDays, asked);
  const size = Math.max(1, Math.floor(PAGE_SHELVES / Math.max(1, context.places.length)));
  for (let from = 0; from < skuIds.length; from += size) {
    const skus = await skusById(tx, skuIds.slice(from, from + size));
    for (const sku of await skuFacts(tx, context, skus)) {
      for (const facts of sku.shelves) {
        if (!asked.has(facts.locationId) || facts.forecast === null) continue;
        const supplied = sku.shelves.filter(
          (s) => s.regular?.locationId === facts.locationId && s.policy.active,
        );
        const { skuId, priceMinor, currency } = sku;
        each({ skuId, facts, supplied, priceMinor, priceCurrency: currency });
      }
    }
  }
}

const NO_SUMS: WhatIfSums = {
  averageStock: 0,
  demandPerWeek: 0,
  lostPerWeek: 0,
  ordersPerWeek: 0,
  orderUnits: 0,
  shortUnits: 0,
};

/** Adds outlooks up, in units and in money. */
class Totals {
  readonly sums = { ...NO_SUMS };
  readonly #money = new Map<string, WhatIfMoney>();

  add(outlook: Outlook, row: Omit<WhatIfRow, 'before' | 'after' | keyof WhatIfKey>): void {
    for (const key of Object.keys(this.sums) as (keyof WhatIfSums)[]) this.sums[key] += outlook[key];
    const { unitCostMinor, costCurrency, priceMinor, priceCurrency } = row;
    if (unitCostMinor !== null && costCurrency !== null) {
      const money = this.#of(costCurrency);
      money.stockMinor += outlook.averageStock * unitCostMinor;
      money.orderMinor += outlook.orderUnits * unitCostMinor;
    }
    if (priceMinor !== null && priceCurrency !== null)
      this.#of(priceCurrency).lostMinor += outlook.lostPerWeek * priceMinor;
  }

  #of(currency: string): WhatIfMoney {
    const known = this.#money.get(currency);
    if (known !== undefined) return known;
    const money = { currency, stockMinor: 0, orderMinor: 0, lostMinor: 0 };
    this.#money.set(currency, money);
    return money;
  }

  get money(): WhatIfMoney[] {
    return [...this.#money.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }
}

interface Run {
  row: WhatIfRow;
  purchase: Purchase | null;
  /** Units expected to be missed when so many are ordered. */
  shortWith(units: number): number;
}

const digits = (value: number): number => Math.round(value * 1e6) / 1e6;
const RANKS: Record<WhatIfOrder, (row: WhatIfRow) => number> = {
  KEY: () => 0,
  STOCK_CHANGE: ({ before, after }) => digits(Math.abs(after.averageStock - before.averageStock)),
  LOST_CHANGE: ({ before, after }) => digits(Math.abs(after.lostPerWeek - before.lostPerWeek)),
};

function runOf({ skuId, facts, supplied, priceMinor, priceCurrency }: DryShelf, change: PolicyChange): Run {
  const changed = changedFacts(facts, change);
  const { outlook: before } = outlookOf(facts, supplied);
  const { outlook: after, assessed } = outlookOf(
    changed,
    supplied.map((s) => changedFacts(s, change)),
  );
  const { offer } = facts;
  const row: WhatIfRow = {
    rank: 0,
    skuId,
    locationId: facts.locationId,
    before,
    after,
    unitCostMinor: offer?.unitCostMinor ?? null,
    costCurrency: offer?.currency ?? null,
    priceMinor,
    priceCurrency,
  };
  const wanted = demandOf(assessed);
  const shortWith = (units: number): number => shortOf(wanted, assessed.position + units);
  const bought = facts.regular === null && offer !== null && after.orderUnits > 0;
  return { row, shortWith, purchase: bought ? purchaseOf(row, facts, shortWith) : null };
}

function purchaseOf(row: WhatIfRow, facts: ShelfFacts, shortWith: (units: number) => number): Purchase {
  const { supplierId, unitCostMinor, currency, packSize, minimumOrder } = facts.offer!;
  const quantity = row.after.orderUnits;
  const margin = row.priceMinor === null ? unitCostMinor : Math.max(0, row.priceMinor - unitCostMinor);
  return {
    supplierId,
    locationId: row.locationId,
    skuId: row.skuId,
    quantity,
    unitCostMinor,
    currency,
    packSize,
    minimumOrder,
    priority: facts.policy.priority,
    abc: facts.abc,
    lostMarginMinor: Math.round((shortWith(0) - shortWith(quantity)) * margin),
  };
}

/**
 * What a change of policies would come to, beside what holds now: totals over the filter, and a page of shelves. Tonight's
 * orders are worked out for every shelf as if it were its review night, and cut to the budget where one is given. Reads
 * only. @throws Refused InvalidInput past MAX_WHAT_IF_SHELVES
 */
export async function whatIf(tx: Tx, asked: WhatIfAsked, at: Date): Promise<WhatIfResult> {
  const runs: Run[] = [];
  await eachDryShelf(tx, asked.filter, at, MAX_WHAT_IF_SHELVES, (shelf) =>
    runs.push(runOf(shelf, asked.change)),
  );
  if (asked.budget !== null) spend(runs, asked.budget);
  const [before, after] = [new Totals(), new Totals()];
  const rank = RANKS[asked.order];
  for (const { row } of runs) {
    before.add(row.before, row);
    after.add(row.after, row);
    row.rank = rank(row);
  }
  const rows = runs.map((run) => run.row).sort(compare);
  const from = asked.after === null ? 0 : rows.findIndex((row) => compare(row, asked.after!) > 0);
  return {
    shelves: rows.length,
    before: { sums: before.sums, money: before.money },
    after: { sums: after.sums, money: after.money },
    rows: from < 0 ? [] : rows.slice(from, from + asked.limit),
  };
}

const compare = (a: WhatIfKey, b: WhatIfKey): number =>
  b.rank - a.rank || a.skuId - b.skuId || a.locationId - b.locationId;

/** Cuts tonight's purchases after the change to the money there would be. */
function spend(
  runs: readonly Run[],
  { amountMinor, currency }: { amountMinor: number; currency: string },
): void {
  const buying = runs.filter((run) => run.purchase !== null);
  const budget = { id: 0, supplierId: null, locationId: null, currency, leftMinor: amountMinor };
  const granted = grant(
    buying.map((run) => run.purchase!),
    [budget],
  );
  buying.forEach(({ row, shortWith }, i) => {
    const { quantity } = granted[i]!;
    row.after = { ...row.after, orderUnits: quantity, shortUnits: shortWith(quantity) };
  });
}
