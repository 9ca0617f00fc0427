// A dry run over the current forecasts: every shelf of a filter under its policy as it is and as it would be.

import type { Tx } from '../../db/pool';
import { type BudgetedPurchase, grant } from '../rules/budget';
import { demandOf, type ShelfFacts, shortOf } from '../rules/shelf';
import { changedFacts, type Outlook, outlookOf, type PolicyChange } from '../rules/simulateOutlook';
import { type DryRunFilter, type DryShelf, eachDryShelf } from './whatIfShelves';

export interface WhatIfRequest {
  change: PolicyChange;
  /** Money for this run's purchases after the change; null: no limit. */
  budget: { amountMinor: number; currency: string } | null;
  filter: DryRunFilter;
  order: WhatIfOrderBy;
  after: WhatIfKey | null;
  limit: number;
}

export const WHAT_IF_ORDERS = ['KEY', 'STOCK_CHANGE', 'LOST_CHANGE'] as const;
export type WhatIfOrderBy = (typeof WHAT_IF_ORDERS)[number];

/** Where a page begins: behind the row of this rank, SKU and location. */
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

const NO_SUMS: WhatIfSums = {
  averageStock: 0,
  demandPerWeek: 0,
  lostPerWeek: 0,
  ordersPerWeek: 0,
  orderUnits: 0,
  shortUnits: 0,
};

/** Adds outlooks up, in units and in money. */
class TotalsAccumulator {
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

interface WhatIfRun {
  row: WhatIfRow;
  purchase: BudgetedPurchase | null;
  /** Units expected to be missed when so many are ordered. */
  shortWith(units: number): number;
}

const digits = (value: number): number => Math.round(value * 1e6) / 1e6;
const RANKS: Record<WhatIfOrderBy, (row: WhatIfRow) => number> = {
  KEY: () => 0,
  STOCK_CHANGE: ({ before, after }) => digits(Math.abs(after.averageStock - before.averageStock)),
  LOST_CHANGE: ({ before, after }) => digits(Math.abs(after.lostPerWeek - before.lostPerWeek)),
};

function runOf(
  { skuId, facts, supplied, priceMinor, priceCurrency }: DryShelf,
  change: PolicyChange,
): WhatIfRun {
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

function purchaseOf(
  row: WhatIfRow,
  facts: ShelfFacts,
  shortWith: (units: number) => number,
): BudgetedPurchase {
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
 * Effects of a change of policies, compared with the current policies: totals over the filter, and a page of shelves. The
 * orders of this run are computed for every shelf as if it were its review day, and cut to the budget where one is given. Reads
 * only. @throws Refused InvalidInput past MAX_WHAT_IF_SHELVES
 */
export async function whatIf(tx: Tx, request: WhatIfRequest, at: Date): Promise<WhatIfResult> {
  const runs: WhatIfRun[] = [];
  await eachDryShelf(tx, request.filter, at, MAX_WHAT_IF_SHELVES, (shelf) =>
    runs.push(runOf(shelf, request.change)),
  );
  if (request.budget !== null) spend(runs, request.budget);
  const [before, after] = [new TotalsAccumulator(), new TotalsAccumulator()];
  const rank = RANKS[request.order];
  for (const { row } of runs) {
    before.add(row.before, row);
    after.add(row.after, row);
    row.rank = rank(row);
  }
  const rows = runs.map((run) => run.row).sort(compare);
  const from = request.after === null ? 0 : rows.findIndex((row) => compare(row, request.after!) > 0);
  return {
    shelves: rows.length,
    before: { sums: before.sums, money: before.money },
    after: { sums: after.sums, money: after.money },
    rows: from < 0 ? [] : rows.slice(from, from + request.limit),
  };
}

const compare = (a: WhatIfKey, b: WhatIfKey): number =>
  b.rank - a.rank || a.skuId - b.skuId || a.locationId - b.locationId;

/** Cuts this run's purchases after the change to the money there would be. */
function spend(
  runs: readonly WhatIfRun[],
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
