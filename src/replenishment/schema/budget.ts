// GraphQL of budgets: amounts granted, spent and left, and the command that sets them.

import { PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { forwardPage, MAX_ID, numberCursor } from '../../graphql/keysetPages';
import { checkMoney, Money, MoneyInput } from '../../graphql/money';
import { mutation, type Success } from '../../graphql/mutation';
import { locationIdsByCode } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { Supplier } from '../../purchase/schema/types';
import { checkCount, MAX_BULK, refuse } from '../../refusals';
import { dayNumber } from '../../values/time';
import { setReplenishmentBudget } from '../actions/settings';
import { type BudgetRow, budgetPage, budgetsById } from '../queries/budgets';
import { supplierIdsByCode } from '../queries/proposals';
import { supplierById } from './shared';

/** Longest period of a budget. */
const MAX_DAYS = 1_830;

const Budget = builder.objectRef<BudgetRow>('ReplenishmentBudget').implement({
  description: 'Money for purchases of some days, of one supplier, for one location, or of all.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a budget'),
      resolve: (b) => cacheId('ReplenishmentBudget', b.id),
    }),
    supplier: t.field({
      type: Supplier,
      nullable: true,
      description: 'The supplier; null for all.',
      resolve: (b, _args, context) =>
        b.supplierId === null ? null : supplierById(context).load(b.supplierId),
    }),
    location: t.field({
      type: Location,
      nullable: true,
      description: 'The location; null for all.',
      resolve: (b, _args, context) =>
        b.locationId === null ? null : locationById(context).load(b.locationId),
    }),
    fromDay: t.expose('fromDay', { type: 'Date', description: 'First day.' }),
    toDay: t.expose('toDay', { type: 'Date', description: 'Last day.' }),
    amount: t.field({
      type: Money,
      description: 'The budget.',
      resolve: (b) => ({ amountMinor: b.amountMinor, currency: b.currency }),
    }),
    spent: t.field({
      type: Money,
      description: 'Cost of the purchase orders placed on these days, by the costs of setSkuSupplier.',
      resolve: (b) => ({ amountMinor: b.spentMinor, currency: b.currency }),
    }),
    left: t.field({
      type: Money,
      description: 'What remains; negative if overspent by planners.',
      resolve: (b) => ({ amountMinor: b.amountMinor - b.spentMinor, currency: b.currency }),
    }),
  }),
});

const ReplenishmentBudgetConnection = connectionOf(Budget);

const ReplenishmentBudgetFilter = builder.inputType('ReplenishmentBudgetFilter', {
  description: 'Budgets that meet every condition given.',
  fields: (t) => ({
    day: t.field({ type: 'Date', description: 'Only budgets that include this day.' }),
  }),
});

builder.queryField('replenishmentBudgets', (t) =>
  t.connection(
    {
      type: Budget,
      forwardOnly: true,
      description: 'Budgets for purchases with their remaining money, oldest first.',
      authScopes: PLANNERS,
      args: { filter: t.arg({ type: ReplenishmentBudgetFilter }) },
      resolve: (_root, { filter, ...args }, context) =>
        forwardPage(
          args,
          numberCursor<BudgetRow>((row) => row.id, MAX_ID),
          (after, limit) => budgetPage(context.reads, filter?.day ?? null, after ?? 0, limit),
        ),
    },
    ReplenishmentBudgetConnection,
  ),
);

const BudgetInput = builder.inputType('ReplenishmentBudgetInput', {
  description: 'A budget to set, or to remove.',
  fields: (t) => ({
    supplier: t.string({ description: 'Supplier code; all suppliers if omitted.' }),
    location: t.string({ description: 'Location code; all locations if omitted.' }),
    fromDay: t.field({ type: 'Date', required: true, description: 'First day.' }),
    toDay: t.field({ type: 'Date', required: true, description: 'Last day.' }),
    amount: t.field({
      type: MoneyInput,
      required: true,
      description: 'The budget; null removes it.',
    }),
    remove: t.boolean({
      description: 'Removes the budget of this currency; the number of the amount is not used then.',
    }),
  }),
});
type BudgetScopeInput = (typeof BudgetInput)['$inferInput'];

/** @throws Refused InvalidInput */
function checkBudgets(budgets: readonly BudgetScopeInput[]): void {
  checkCount(budgets, 'budgets', MAX_BULK);
  const seen = new Set<string>();
  for (const [i, b] of budgets.entries()) {
    const path = `budgets.${i}`;
    const days = dayNumber(b.toDay) - dayNumber(b.fromDay);
    if (!(days >= 0 && days <= MAX_DAYS)) {
      const message = `${path}.toDay is ${b.toDay}; it must be from ${b.fromDay} to ${MAX_DAYS} days later.`;
      refuse('InvalidInput', message, { path: `${path}.toDay` });
    }
    const { currency } = checkMoney(b.amount, `${path}.amount`);
    const key = JSON.stringify([b.supplier ?? null, b.location ?? null, b.fromDay, b.toDay, currency]);
    if (seen.has(key)) refuse('InvalidInput', `${path} occurs twice; name each once.`, { path });
    seen.add(key);
  }
}

const setReplenishmentBudgetSuccess: Success<{ savedIds: number[]; removed: number }> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    budgets: t.field({
      type: [Budget],
      description: 'The budgets that were set.',
      resolve: (done, _args, context) => budgetsById(context.db, done.savedIds),
    }),
    removed: t.exposeInt('removed', { description: 'Number of budgets removed.' }),
  }),
};

mutation('setReplenishmentBudget', {
  description: 'Sets, changes and removes budgets for purchases.',
  authScopes: PLANNERS,
  price: commandPrice('budgets', WRITTEN_ROW),
  input: (t) => ({
    budgets: t.field({ type: [BudgetInput], required: true, description: 'The budgets.' }),
  }),
  success: setReplenishmentBudgetSuccess,
  execute: async (input, context, request) => {
    checkBudgets(input.budgets);
    const given = (codes: (string | null | undefined)[]): string[] => codes.filter((c) => c != null);
    const suppliers = await supplierIdsByCode(context.db, given(input.budgets.map((b) => b.supplier)));
    const locationIds = await locationIdsByCode(context.db, given(input.budgets.map((b) => b.location)));
    const budgets = input.budgets.map(({ supplier, location, fromDay, toDay, amount, remove }) => ({
      supplierId: supplier == null ? null : suppliers.get(supplier)!,
      locationId: location == null ? null : locationIds.get(location)!,
      fromDay,
      toDay,
      currency: amount.currency,
      amountMinor: remove ? null : Number(amount.amountMinor),
    }));
    return setReplenishmentBudget(context.db, request({ budgets }));
  },
});
