// Budgets: which purchases get money, those with the highest expected loss first.

import type { AbcClass } from './policy';

/** Money that is left of a budget, in minor units of its currency. */
export interface BudgetLeft {
  id: number;
  supplierId: number | null;
  locationId: number | null;
  currency: string;
  leftMinor: number;
}

/** A purchase that wants money. */
export interface BudgetedPurchase {
  supplierId: number;
  locationId: number;
  skuId: number;
  quantity: number;
  unitCostMinor: number;
  currency: string;
  packSize: number;
  minimumOrder: number;
  priority: number;
  abc: AbcClass;
  /** Margin that is expected to be lost without it, in minor units. */
  lostMarginMinor: number;
}

/** What a purchase gets: less than it requested when a budget is short, and which budget. */
export interface GrantedPurchase {
  quantity: number;
  /** The budget that was short; null: none was. */
  budgetId: number | null;
}

/** Whether a budget pays for this purchase. */
export function pays(
  budget: Omit<BudgetLeft, 'id' | 'leftMinor'>,
  purchase: Pick<BudgetedPurchase, 'supplierId' | 'locationId' | 'currency'>,
): boolean {
  return (
    budget.currency === purchase.currency &&
    (budget.supplierId === null || budget.supplierId === purchase.supplierId) &&
    (budget.locationId === null || budget.locationId === purchase.locationId)
  );
}

/** Order of service: priority, then lost margin per money, then the key, so that every run grants the same. */
function byWorth(a: BudgetedPurchase, b: BudgetedPurchase): number {
  const worth = (p: BudgetedPurchase): number =>
    p.lostMarginMinor / Math.max(1, p.quantity * p.unitCostMinor);
  return (
    b.priority - a.priority ||
    worth(b) - worth(a) ||
    a.locationId - b.locationId ||
    a.skuId - b.skuId ||
    a.supplierId - b.supplierId
  );
}

/**
 * Grants money to purchases, greedily by priority and then by expected lost margin per money (the usual heuristic of the
 * knapsack problem: Dantzig 1957). A purchase that does not fit gets the whole packs that do, if that is an order at
 * all. Every budget that applies must have the money; a purchase without a budget is not limited. Returns grants in the order of the purchases.
 */
export function grant(
  purchases: readonly BudgetedPurchase[],
  budgets: readonly BudgetLeft[],
): GrantedPurchase[] {
  const left = new Map(budgets.map((b) => [b.id, b.leftMinor]));
  const granted = new Map<BudgetedPurchase, GrantedPurchase>();
  for (const purchase of [...purchases].sort(byWorth)) {
    const paying = budgets.filter((b) => pays(b, purchase));
    let { quantity } = purchase;
    let short: number | null = null;
    for (const budget of paying) {
      const money = Math.max(0, left.get(budget.id)!);
      if (quantity * purchase.unitCostMinor <= money) continue;
      const pack = purchase.packSize;
      quantity = Math.floor(money / purchase.unitCostMinor / pack) * pack;
      short = budget.id;
    }
    if (short !== null && quantity < purchase.minimumOrder) quantity = 0;
    for (const budget of paying)
      left.set(budget.id, left.get(budget.id)! - quantity * purchase.unitCostMinor);
    granted.set(purchase, { quantity, budgetId: short });
  }
  return purchases.map((p) => granted.get(p)!);
}
