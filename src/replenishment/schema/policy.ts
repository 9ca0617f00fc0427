// GraphQL of policies: the rules, and the settings of one shelf with the rule that each comes from.

import { PLANNERS } from '../../access/rules/roleSets';
import { skuIdsByCode, skuLookup } from '../../catalog/queries/skus';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { forwardPage, MAX_ID, numberCursor } from '../../graphql/keysetPages';
import { locationIdsByCode, locationLookup } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { checkText } from '../../refusals';
import { optionalLine } from '../../values/typedText';
import { type PolicyRow, policiesById, policiesOf, policyPage } from '../queries/policies';
import { type AbcClass, type Policy, SETTINGS, type Setting } from '../rules/policy';
import { SettingEnum } from './settingEnum';
import { AbcClassEnum, ReplenishmentKindEnum, ServiceMeasureEnum } from './shared';

/** Categories and groups have names of at most so many characters. */
export const MAX_NAME = 200;

/** Description of transferCostMinor, in answers and in the input. */
export const TRANSFER_COST =
  'Cost of transferring one unit here, in minor units of the currency the SKU is bought in. It has no currency of its own, because a rule can be for SKUs of several currencies.';

/** A setting that a rule may leave to others. */
const optional = (description: string) => ({
  nullable: true as const,
  description: `${description}; null if not set by this rule.`,
});

export const RuleType = builder.objectRef<PolicyRow>('ReplenishmentPolicy').implement({
  description:
    'A replenishment rule for a SKU or category, at a location or in a group. For each setting the most specific rule that has a value counts: SKU before category before all, and within each, location before group before all.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a rule'),
      resolve: (r) => cacheId('ReplenishmentPolicy', r.id),
    }),
    sku: t.field({
      type: Sku,
      nullable: true,
      description: 'The SKU; null for every SKU, or those of the category.',
      resolve: (r, _args, context) => (r.skuId === null ? null : skuById(context).load(r.skuId)),
    }),
    category: t.exposeString('category', {
      nullable: true,
      description: 'The category, with those below it; null if not limited to one.',
    }),
    location: t.field({
      type: Location,
      nullable: true,
      description: 'The location; null for every location, or those of the group.',
      resolve: (r, _args, context) =>
        r.locationId === null ? null : locationById(context).load(r.locationId),
    }),
    group: t.exposeString('group', {
      nullable: true,
      description: 'Code of a group of locations; null if not limited to one.',
    }),
    active: t.exposeBoolean('active', optional('False if nothing is proposed')),
    kind: t.expose('kind', {
      type: ReplenishmentKindEnum,
      ...optional('The kind of the policy'),
    }),
    reviewDays: t.exposeInt(
      'reviewDays',
      optional('Days between two reviews, counted from Monday 5 January 1970'),
    ),
    reviewWeekdays: t.exposeIntList('reviewWeekdays', {
      description: 'ISO weekdays of the reviews, Monday is 1; empty if not set by this rule.',
    }),
    serviceMeasure: t.field({
      type: ServiceMeasureEnum,
      ...optional('How service is measured'),
      resolve: (r) => r.measure,
    }),
    serviceA: t.exposeFloat('serviceA', optional('Service target of class A')),
    serviceB: t.exposeFloat('serviceB', optional('Service target of class B')),
    serviceC: t.exposeFloat('serviceC', optional('Service target of class C')),
    shelfCapacity: t.exposeInt('shelfCapacity', optional('Maximum units in the location')),
    presentationMinimum: t.exposeInt('presentationMinimum', optional('Units always on display')),
    reorderPoint: t.exposeInt('reorderPoint', optional('Reorder point in units')),
    orderQuantity: t.exposeInt('orderQuantity', optional('Order quantity in units')),
    maximum: t.exposeInt('maximum', optional('Maximum in units')),
    suppliedFrom: t.field({
      type: Location,
      ...optional('The location that usually supplies it'),
      resolve: (r, _args, context) =>
        r.suppliedFromId === null ? null : locationById(context).load(r.suppliedFromId),
    }),
    transferCostMinor: t.expose('transferCostMinor', {
      type: 'BigInt',
      nullable: true,
      description: TRANSFER_COST,
    }),
    priority: t.exposeInt('priority', optional('Where money is short, higher values are bought first')),
  }),
});

const ReplenishmentPolicyConnection = connectionOf(RuleType);

interface ShelfWithPolicy {
  policy: Policy;
  abc: AbcClass;
}

const SourceOfSetting = builder
  .objectRef<{ setting: Setting; ruleId: number }>('ReplenishmentSettingSource')
  .implement({
    description: 'The rule that a setting comes from.',
    authScopes: PLANNERS,
    fields: (t) => ({
      setting: t.field({ type: SettingEnum, description: 'The setting.', resolve: (s) => s.setting }),
      rule: t.field({
        type: RuleType,
        description: 'The rule.',
        resolve: async (s, _args, context) => (await policiesById(context.db, [s.ruleId]))[0]!,
      }),
    }),
  });

const ShelfPolicy = builder.objectRef<ShelfWithPolicy>('ShelfReplenishmentPolicy').implement({
  description: 'The replenishment settings of one SKU at one location, and the rules they come from.',
  authScopes: PLANNERS,
  fields: (t) => ({
    active: t.boolean({
      description: 'Whether anything is proposed.',
      resolve: ({ policy }) => policy.active,
    }),
    kind: t.field({
      type: ReplenishmentKindEnum,
      description: 'The kind of the policy.',
      resolve: ({ policy }) => policy.kind,
    }),
    reviewDays: t.int({
      description:
        'Days between two reviews, counted from Monday 5 January 1970; not used if there are weekdays.',
      resolve: ({ policy }) => policy.review.days,
    }),
    reviewWeekdays: t.intList({
      description: 'ISO weekdays of the reviews, Monday is 1.',
      resolve: ({ policy }) => [...policy.review.weekdays],
    }),
    abc: t.field({ type: AbcClassEnum, description: 'Class of the SKU.', resolve: ({ abc }) => abc }),
    serviceMeasure: t.field({
      type: ServiceMeasureEnum,
      description: 'How service is measured.',
      resolve: ({ policy }) => policy.measure,
    }),
    serviceLevel: t.float({
      description: 'The target of the SKU’s class.',
      resolve: ({ policy, abc }) => policy[`service${abc}`],
    }),
    shelfCapacity: t.int({
      nullable: true,
      description: 'Maximum units in the location; null if unlimited.',
      resolve: ({ policy }) => policy.shelfCapacity,
    }),
    presentationMinimum: t.int({
      description: 'Units always on display.',
      resolve: ({ policy }) => policy.presentationMinimum,
    }),
    reorderPoint: t.int({
      nullable: true,
      description: 'Reorder point in units; null if derived from the service target.',
      resolve: ({ policy }) => policy.reorderPoint,
    }),
    orderQuantity: t.int({
      nullable: true,
      description: 'Order quantity in units; null if derived from demand.',
      resolve: ({ policy }) => policy.orderQuantity,
    }),
    maximum: t.int({
      nullable: true,
      description: 'Maximum in units; null if derived.',
      resolve: ({ policy }) => policy.maximum,
    }),
    suppliedFrom: t.field({
      type: Location,
      nullable: true,
      description: 'The location that usually supplies it; null if it is bought from a supplier.',
      resolve: ({ policy }, _args, context) =>
        policy.suppliedFromId === null ? null : locationById(context).load(policy.suppliedFromId),
    }),
    transferCostMinor: t.field({
      type: 'BigInt',
      description: TRANSFER_COST,
      resolve: ({ policy }) => policy.transferCostMinor,
    }),
    priority: t.int({
      description: 'Where money is short, higher values are bought first.',
      resolve: ({ policy }) => policy.priority,
    }),
    sources: t.field({
      type: [SourceOfSetting],
      description: 'The settings that come from a rule; all others are defaults.',
      resolve: ({ policy }) =>
        SETTINGS.flatMap((setting) => {
          const rule = policy.from[setting];
          return rule === null ? [] : [{ setting, ruleId: rule.id }];
        }),
    }),
  }),
});

const PoliciesFilter = builder.inputType('ReplenishmentPolicyFilter', {
  description: 'Rules that meet every condition given.',
  fields: (t) => ({
    sku: t.string({ description: 'SKU code: only rules that name it.' }),
    location: t.string({ description: 'Location code: only rules that name it.' }),
    category: t.string({ description: 'Only rules that name this category.' }),
    group: t.string({ description: 'Only rules that name this group.' }),
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
          skuId: await skuLookup.idOf(context.db, sku),
          locationId: await locationLookup.idOf(context.db, location),
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
