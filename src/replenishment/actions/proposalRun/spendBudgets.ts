// Grants the money of budgets to the purchases of a run.

import type { Db, Tx } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { shelfKey } from '../../../values/keys';
import { slicesOf } from '../../../values/lists';
import { daysAfter } from '../../../values/time';
import { budgetsOn } from '../../queries/budgets';
import { openForUpdate } from '../../queries/skuPage';
import { type BudgetLeft, grant, pays } from '../../rules/budget';
import type { Decision } from '../../rules/decide';
import { lockProposals, type ProposalFigures, reconcile } from '../reconcile';
import { add, type Deferred, type MoneyClaim, NO_FIGURES, type ProposalRun } from './skuPage';

/** SKUs whose purchases are written together. */
const WRITE_SKUS = 500;

/** What is left of the budgets of a day after proposals that stay. */
async function budgetsLeft(tx: Tx, day: string, claims: readonly MoneyClaim[]): Promise<BudgetLeft[]> {
  return (await budgetsOn(tx, day, day)).map((b) => {
    const claimed = claims.filter((c) => pays(b, c)).reduce((sum, c) => sum + c.minor, 0);
    const { id, supplierId, locationId, currency } = b;
    return { id, supplierId, locationId, currency, leftMinor: b.amountMinor - b.spentMinor - claimed };
  });
}

/** Grants the available money and writes the granted purchases. */
export async function doBudgets(
  db: Db,
  run: ProposalRun,
  deferred: readonly Deferred[],
  claims: readonly MoneyClaim[],
): Promise<{ figures: ProposalFigures; cut: number }> {
  const figures = { ...NO_FIGURES };
  let cut = 0;
  const taken = [...claims];
  for (const cutDay of [...new Set(deferred.map((d) => d.cutDay))].sort()) {
    const wanted = deferred.filter((d) => d.cutDay === cutDay).map((d) => d.decision);
    const budgets = await budgetsLeft(db, daysAfter(cutDay, 1), taken);
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
    for (const slice of slicesOf(skuIds, WRITE_SKUS)) {
      const ids = new Set(slice);
      const of = decisions.filter((d) => ids.has(d.skuId));
      add(
        figures,
        await inTransaction(db, async (tx) => {
          await lockProposals(tx);
          const open = await openForUpdate(tx, [...ids]);
          const { cutDays } = run.context;
          return reconcile(tx, { ...run, cutDays, open, decisions: of, withdrawn, beside: new Map() });
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

/** A decision to buy as budgets see it. */
export const purchaseOf = (d: Decision) => ({
  ...d,
  supplierId: d.supplierId!,
  unitCostMinor: d.unitCostMinor!,
  currency: d.currency!,
});

/** A decision with less than it needs: the budget is a term of its explanation. */
function cutTo(decision: Decision, quantity: number, budgetId: number): Decision {
  const description = `budget ${budgetId} has money for ${quantity}`;
  const terms = [
    ...decision.explanation.terms,
    { kind: 'BUDGET' as const, units: quantity - decision.quantity, description },
  ];
  return { ...decision, quantity, explanation: { ...decision.explanation, terms } };
}
