// The command for setting policies: rules as clients send them, checked and named.

import { PLANNERS } from '../../access/rules/roleSets';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { builder } from '../../graphql/builder';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkCount, checkDistinct, checkQuantity, checkText, MAX_BULK, refuse } from '../../refusals';
import { checkMinor } from '../../values/money';
import { cleanLine } from '../../values/text';
import { optionalLine } from '../../values/typedText';
import { type PolicyInput, setReplenishmentPolicy } from '../actions/settings';
import { policiesById } from '../queries/policies';
import { MAX_NAME, RuleType, TRANSFER_COST } from './policy';
import { ReplenishmentKindEnum, ServiceMeasureEnum } from './shared';

/** Limits of service targets: below one half a target is meaningless, and certainty would need infinite stock. */
const LEAST_SERVICE = 0.5;
const MOST_SERVICE = 0.9999;
const MAX_REVIEW_DAYS = 91;
const MAX_PRIORITY = 1_000;

const RuleInput = builder.inputType('ReplenishmentPolicyInput', {
  description: 'A whole rule. Omitted settings are left to less specific rules.',
  fields: (t) => ({
    sku: t.string({ description: 'SKU code; without it and a category the rule is for every SKU.' }),
    category: t.string({ description: 'A category with those below it; not together with sku.' }),
    location: t.string({
      description: 'Location code; without it and a group the rule is for every location.',
    }),
    group: t.string({ description: 'Code of a group of locations; not together with location.' }),
    remove: t.boolean({
      description: 'Removes the rule of this SKU or category and this location or group.',
    }),
    active: t.boolean({ description: 'False if nothing is to be proposed.' }),
    kind: t.field({ type: ReplenishmentKindEnum, description: 'The kind of the policy.' }),
    reviewDays: t.int({ description: 'Days between two reviews, counted from Monday 5 January 1970.' }),
    reviewWeekdays: t.intList({
      description: 'ISO weekdays of the reviews, Monday is 1; used instead of reviewDays.',
    }),
    serviceMeasure: t.field({ type: ServiceMeasureEnum, description: 'How service is measured.' }),
    serviceA: t.float({ description: 'Service target of class A, 0.5 to 0.9999.' }),
    serviceB: t.float({ description: 'Service target of class B, 0.5 to 0.9999.' }),
    serviceC: t.float({ description: 'Service target of class C, 0.5 to 0.9999.' }),
    shelfCapacity: t.int({ description: 'Maximum units in the location.' }),
    presentationMinimum: t.int({ description: 'Units always on display.' }),
    reorderPoint: t.int({
      description: 'The reorder point s in units; derived from the service target if no rule sets it.',
    }),
    orderQuantity: t.int({ description: 'Q in units; the demand of one week if no rule sets it.' }),
    maximum: t.int({
      description: 'S of MIN_MAX in units; s plus the demand of one week if no rule sets it.',
    }),
    suppliedFrom: t.string({ description: 'Code of the location that usually supplies it.' }),
    transferCostMinor: t.field({
      type: 'BigInt',
      description: TRANSFER_COST,
    }),
    priority: t.int({
      description: 'Where money is short, higher values are bought first, whatever their margin.',
    }),
  }),
});
type PolicyRuleInput = (typeof RuleInput)['$inferInput'];

const UNITS = [
  ['shelfCapacity', 0],
  ['presentationMinimum', 0],
  ['reorderPoint', 0],
  ['orderQuantity', 1],
  ['maximum', 0],
] as const;

/** @throws Refused InvalidInput */
function checkRule(rule: PolicyRuleInput, path: string): void {
  const wrong = (field: string, message: string): never =>
    refuse('InvalidInput', `${path}.${field} ${message}`, { path: `${path}.${field}` });
  const { sku, category, location, group, remove, kind: _kind, ...settings } = rule;
  if (sku != null && category != null) wrong('category', 'stands beside a SKU; a rule is for one of them.');
  if (location != null && group != null)
    wrong('group', 'stands beside a location; a rule is for one of them.');
  optionalLine(category, `${path}.category`, MAX_NAME);
  if (group != null) checkText(group, `${path}.group`, MAX_NAME);
  if (remove) return;
  for (const [field, min] of UNITS)
    if (settings[field] != null) checkQuantity(settings[field], `${path}.${field}`, min);
  if (settings.transferCostMinor != null) checkMinor(settings.transferCostMinor, `${path}.transferCostMinor`);
  if (settings.reviewDays != null)
    checkQuantity(settings.reviewDays, `${path}.reviewDays`, 1, MAX_REVIEW_DAYS);
  if (settings.priority != null)
    checkQuantity(settings.priority, `${path}.priority`, -MAX_PRIORITY, MAX_PRIORITY);
  for (const [i, weekday] of (settings.reviewWeekdays ?? []).entries())
    checkQuantity(weekday, `${path}.reviewWeekdays.${i}`, 1, 7);
  if ((settings.reviewWeekdays ?? []).length > 7) wrong('reviewWeekdays', 'has more than seven days.');
  for (const field of ['serviceA', 'serviceB', 'serviceC'] as const) {
    const level = settings[field];
    if (level != null && !(level >= LEAST_SERVICE && level <= MOST_SERVICE))
      wrong(field, `is ${level}; it must be a share from ${LEAST_SERVICE} to ${MOST_SERVICE}.`);
  }
  if (settings.suppliedFrom != null && settings.suppliedFrom === location)
    wrong('suppliedFrom', `is '${location}' itself; name the location that supplies it.`);
}

/** @throws Refused InvalidInput for two rules of one scope */
function checkScopes(rules: readonly PolicyRuleInput[]): void {
  const seen = new Map<string, number>();
  for (const [i, { sku, category, location, group }] of rules.entries()) {
    const key = JSON.stringify([
      sku ?? null,
      category == null ? null : cleanLine(category),
      location ?? null,
      group ?? null,
    ]);
    const first = seen.get(key);
    if (first !== undefined) {
      const path = `rules.${i}`;
      refuse('InvalidInput', `${path} is for the same as rules.${first}; name each once.`, { path });
    }
    seen.set(key, i);
  }
}

function ruleOf(
  rule: PolicyRuleInput,
  skuIds: Map<string, number>,
  locationIds: Map<string, number>,
): PolicyInput {
  const { sku, location, suppliedFrom, serviceMeasure, remove, reviewWeekdays } = rule;
  const { category, group, active, kind, reviewDays, serviceA, serviceB, serviceC } = rule;
  const { shelfCapacity, presentationMinimum, reorderPoint, orderQuantity, maximum } = rule;
  const { transferCostMinor, priority } = rule;
  return {
    skuId: sku == null ? null : skuIds.get(sku)!,
    locationId: location == null ? null : locationIds.get(location)!,
    suppliedFromId: suppliedFrom == null ? null : locationIds.get(suppliedFrom)!,
    measure: serviceMeasure ?? null,
    remove: remove ?? false,
    reviewWeekdays: [...new Set(reviewWeekdays ?? [])].sort(),
    category: optionalLine(category, 'category', MAX_NAME),
    group: group ?? null,
    active: active ?? null,
    kind: kind ?? null,
    reviewDays: reviewDays ?? null,
    serviceA: serviceA ?? null,
    serviceB: serviceB ?? null,
    serviceC: serviceC ?? null,
    shelfCapacity: shelfCapacity ?? null,
    presentationMinimum: presentationMinimum ?? null,
    reorderPoint: reorderPoint ?? null,
    orderQuantity: orderQuantity ?? null,
    maximum: maximum ?? null,
    transferCostMinor: transferCostMinor == null ? null : Number(transferCostMinor),
    priority: priority ?? null,
  };
}

const setReplenishmentPolicySuccess: Success<{ savedIds: number[]; removed: number }> = {
  authScopes: PLANNERS,
  fields: (t) => ({
    policies: t.field({
      type: [RuleType],
      description: 'The rules that were set.',
      resolve: (done, _args, context) => policiesById(context.db, done.savedIds),
    }),
    removed: t.exposeInt('removed', { description: 'Number of rules removed.' }),
  }),
};

mutation('setReplenishmentPolicy', {
  description: 'Sets, changes and removes replenishment rules.',
  authScopes: PLANNERS,
  price: commandPrice('rules', WRITTEN_ROW),
  input: (t) => ({
    rules: t.field({ type: [RuleInput], required: true, description: 'The rules.' }),
  }),
  success: setReplenishmentPolicySuccess,
  execute: async (input, context, request) => {
    checkCount(input.rules, 'rules', MAX_BULK);
    for (const [i, rule] of input.rules.entries()) checkRule(rule, `rules.${i}`);
    checkScopes(input.rules);
    const given = (codes: (string | null | undefined)[]): string[] => codes.filter((c) => c != null);
    const skuIds = await skuIdsByCode(context.db, given(input.rules.map((r) => r.sku)));
    const locationIds = await locationIdsByCode(
      context.db,
      given(input.rules.flatMap((r) => [r.location, r.suppliedFrom])),
    );
    const rules = input.rules.map((rule) => ruleOf(rule, skuIds, locationIds));
    checkDistinct(
      rules.map((r) => [r.skuId, r.category, r.locationId, r.group]),
      'rules',
    );
    return setReplenishmentPolicy(context.db, request({ rules }));
  },
});
