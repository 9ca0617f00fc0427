// Policies as planners see and set them: the rules, and what holds for one shelf with the rule each setting comes from.

import { PLANNERS } from '../../access/rules/roleSets';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { forwardPage, MAX_ID, numberCursor } from '../../graphql/keysetPages';
import { locationIdsByCode } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { checkText } from '../../refusals';
import { optionalLine } from '../../values/typedText';
import { type PolicyRow, policiesById, policiesOf, policyPage } from '../queries/policies';
import { type AbcClass, type Policy, SETTINGS, type Setting } from '../rules/policy';
import { AbcClassEnum, ReplenishmentKindEnum, ServiceMeasureEnum } from './shared';

/** Categories and groups have names of at most so many characters. */
export const MAX_NAME = 200;

/** Description of transferCostMinor, in answers and in the input. */
export const TRANSFER_COST =
  'What moving one unit here costs, in minor units of the currency that the SKU is bought in. One rule holds for SKUs of several currencies, so it is no Money.';

export const RuleType = builder.objectRef<PolicyRow>('ReplenishmentPolicy').implement({
  description:
    'A rule of replenishment for a SKU or category, at a location or in a group. Per setting the finest rule that names it counts: SKU, category, all; within each location, group, all.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a rule'),
      resolve: (r) => cacheId('ReplenishmentPolicy', r.id),
    }),
    sku: t.field({
      type: Sku,
      nullable: true,
      description: 'Null: every SKU, or those of the category.',
      resolve: (r, _args, context) => (r.skuId === null ? null : skuById(context).load(r.skuId)),
    }),
    category: t.exposeString('category', { nullable: true, description: 'With all below it.' }),
    location: t.field({
      type: Location,
      nullable: true,
      description: 'Null: every location, or those of the group.',
      resolve: (r, _args, context) =>
        r.locationId === null ? null : locationById(context).load(r.locationId),
    }),
    group: t.exposeString('group', { nullable: true, description: 'A group of locations.' }),
    active: t.exposeBoolean('active', { nullable: true }),
    kind: t.expose('kind', { type: ReplenishmentKindEnum, nullable: true }),
    reviewDays: t.exposeInt('reviewDays', { nullable: true }),
    reviewWeekdays: t.exposeIntList('reviewWeekdays', { description: 'ISO weekdays; empty: not set.' }),
    serviceMeasure: t.field({ type: ServiceMeasureEnum, nullable: true, resolve: (r) => r.measure }),
    serviceA: t.exposeFloat('serviceA', { nullable: true }),
    serviceB: t.exposeFloat('serviceB', { nullable: true }),
    serviceC: t.exposeFloat('serviceC', { nullable: true }),
    shelfCapacity: t.exposeInt('shelfCapacity', { nullable: true }),
    presentationMinimum: t.exposeInt('presentationMinimum', { nullable: true }),
    reorderPoint: t.exposeInt('reorderPoint', { nullable: true }),
    orderQuantity: t.exposeInt('orderQuantity', { nullable: true }),
    maximum: t.exposeInt('maximum', { nullable: true }),
    suppliedFrom: t.field({
      type: Location,
      nullable: true,
      resolve: (r, _args, context) =>
        r.suppliedFromId === null ? null : locationById(context).load(r.suppliedFromId),
    }),
    transferCostMinor: t.expose('transferCostMinor', {
      type: 'BigInt',
      nullable: true,
      description: TRANSFER_COST,
    }),
    priority: t.exposeInt('priority', { nullable: true }),
  }),
});

const ReplenishmentPolicyConnection = connectionOf(RuleType);

interface ShelfWithPolicy {
  policy: Policy;
  abc: AbcClass;
}

const SettingEnum = builder.enumType('ReplenishmentSetting', {
  description: 'A setting of a policy.',
  values: Object.fromEntries(SETTINGS.map((value) => [constantCase(value), { value }])) as {
    [K in string]: { value: Setting };
  },
});

function constantCase(name: string): string {
  return name
    .replace(/Id$/, '')
    .replace(/[A-Z]/g, (c) => `_${c}`)
    .toUpperCase();
}

const SourceOfSetting = builder
  .objectRef<{ setting: Setting; ruleId: number }>('ReplenishmentSettingSource')
  .implement({
    description: 'The rule that a setting comes from.',
    authScopes: PLANNERS,
    fields: (t) => ({
      setting: t.field({ type: SettingEnum, resolve: (s) => s.setting }),
      rule: t.field({
        type: RuleType,
        resolve: async (s, _args, context) => (await policiesById(context.db, [s.ruleId]))[0]!,
      }),
    }),
  });

const ShelfPolicy = builder.objectRef<ShelfWithPolicy>('ShelfReplenishmentPolicy').implement({
  description: 'How one shelf is refilled, and the rule that each setting comes from.',
  authScopes: PLANNERS,
  fields: (t) => ({
    active: t.boolean({ resolve: ({ policy }) => policy.active }),
    kind: t.field({ type: ReplenishmentKindEnum, resolve: ({ policy }) => policy.kind }),
    reviewDays: t.int({
      description: 'Every so many days from Monday 5 January 1970 on, unless there are weekdays.',
      resolve: ({ policy }) => policy.review.days,
    }),
    reviewWeekdays: t.intList({
      description: 'ISO weekdays, Monday is 1.',
      resolve: ({ policy }) => [...policy.review.weekdays],
    }),
    abc: t.field({ type: AbcClassEnum, resolve: ({ abc }) => abc }),
    serviceMeasure: t.field({ type: ServiceMeasureEnum, resolve: ({ policy }) => policy.measure }),
    serviceLevel: t.float({
      description: 'The target of its class.',
      resolve: ({ policy, abc }) => policy[`service${abc}`],
    }),
    shelfCapacity: t.int({ nullable: true, resolve: ({ policy }) => policy.shelfCapacity }),
    presentationMinimum: t.int({ resolve: ({ policy }) => policy.presentationMinimum }),
    reorderPoint: t.int({ nullable: true, resolve: ({ policy }) => policy.reorderPoint }),
    orderQuantity: t.int({ nullable: true, resolve: ({ policy }) => policy.orderQuantity }),
    maximum: t.int({ nullable: true, resolve: ({ policy }) => policy.maximum }),
    suppliedFrom: t.field({
      type: Location,
      nullable: true,
      resolve: ({ policy }, _args, context) =>
        policy.suppliedFromId === null ? null : locationById(context).load(policy.suppliedFromId),
    }),
    transferCostMinor: t.field({
      type: 'BigInt',
      description: TRANSFER_COST,
      resolve: ({ policy }) => policy.transferCostMinor,
    }),
    priority: t.int({ resolve: ({ policy }) => policy.priority }),
    sources: t.field({
      type: [SourceOfSetting],
      description: 'Settings that a rule names; the others are the usual ones.',
      resolve: ({ policy }) =>
        SETTINGS.flatMap((setting) => {
          const rule = policy.from[setting];
          return rule === null ? [] : [{ setting, ruleId: rule.id }];
        }),
    }),
  }),
});

const PoliciesFilter = builder.inputType('ReplenishmentPolicyFilter', {
  fields: (t) => ({
    sku: t.string({ description: 'SKU code: rules that name it.' }),
    location: t.string({ description: 'Location code: rules that name it.' }),
    category: t.string({ description: 'Rules that name it.' }),
    group: t.string({ description: 'Rules that name it.' }),
  }),
});

builder.queryFields((t) => ({
  replenishmentPolicy: t.field({
    type: ShelfPolicy,
    description: 'The replenishment settings of a SKU at a location, and the rules they come from.',
    authScopes: PLANNERS,
    args: {
      sku: t.arg.string({ required: true, description: 'SKU code.' }),
      location: t.arg.string({ required: true, description: 'Location code.' }),
    },
    resolve: async (_root, { sku, location }, context) => {
      const skuIds = await skuIdsByCode(context.db, [sku]);
      const locationIds = await locationIdsByCode(context.db, [location]);
      const shelf = { skuId: skuIds.get(sku)!, locationId: locationIds.get(location)! };
      return (await policiesOf(context.reads, [shelf]))[0]!;
    },
  }),
  replenishmentPolicies: t.connection(
    {
      type: RuleType,
      forwardOnly: true,
      description: 'Replenishment rules, oldest first.',
      authScopes: PLANNERS,
      args: { filter: t.arg({ type: PoliciesFilter }) },
      resolve: async (_root, { filter, ...args }, context) => {
        const { sku, location, category, group } = filter ?? {};
        if (group != null) checkText(group, 'filter.group', MAX_NAME);
        const request = {
          skuId: sku == null ? null : (await skuIdsByCode(context.db, [sku])).get(sku)!,
          locationId:
            location == null ? null : (await locationIdsByCode(context.db, [location])).get(location)!,
          category: optionalLine(category, 'filter.category', MAX_NAME),
          group: group ?? null,
        };
        return forwardPage(
          args,
          numberCursor<PolicyRow>((row) => row.id, MAX_ID),
          (after, limit) => policyPage(context.reads, request, after ?? 0, limit),
        );
      },
    },
    ReplenishmentPolicyConnection,
  ),
}));
