// GraphQL types of safety stock: its rules, and the mutation that sets them in bulk.

import { checkChannel } from '../../access/rules/channels';
import { INTERNAL, PLANNERS_OR_FEEDS } from '../../access/rules/roleSets';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { commandPrice, WRITTEN_ROW } from '../../graphql/cost/price';
import { badInput } from '../../graphql/errors';
import { mutation, type Success } from '../../graphql/mutation';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkCount, checkDistinct, checkQuantity, MAX_BULK, refuse } from '../../refusals';
import { setSafetyStock } from '../actions/safetyStock';

const SafetyStock = builder.prismaNode('SafetyStock', {
  id: { field: 'id' },
  nullable: true,
  description:
    'Units that are not promised. If several rules fit, the most specific counts: SKU before location before channel.',
  authScopes: INTERNAL,
  fields: (t) => ({
    sku: t.relation('sku', { nullable: true, description: 'The SKU; null for every SKU.' }),
    location: t.relation('location', {
      nullable: true,
      description: 'The location; null for every location.',
    }),
    channel: t.exposeString('channel', {
      nullable: true,
      description: 'The sales channel; null for every channel.',
    }),
    quantity: t.exposeInt('quantity', { description: 'Units that are not promised.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
});

const SafetyStockConnection = connectionOf(SafetyStock);

/** @throws GraphQLError BAD_USER_INPUT for a cursor never given out */
function rulePage<Q extends object>(query: Q): Q {
  const { cursor } = query as { cursor?: { id?: unknown } };
  const id = cursor?.id;
  if (cursor !== undefined && !(Number.isInteger(id) && (id as number) > 0 && (id as number) < 2 ** 31)) {
    throw badInput('This is not a cursor; send the cursor of an earlier page.');
  }
  return query;
}

const SafetyStockFilter = builder.inputType('SafetyStockFilter', {
  description: 'Rules that meet every condition given.',
  fields: (t) => ({
    sku: t.string({ description: 'Code of a SKU: only rules for it.' }),
    location: t.string({ description: 'Code of a location: only rules for it.' }),
    channel: t.string({ description: 'Only rules for this sales channel.' }),
  }),
});

builder.queryField('safetyStocks', (t) =>
  t.prismaConnection(
    {
      type: SafetyStock,
      cursor: 'id',
      description:
        'Safety stock rules of the given SKU, location or channel; all rules if no argument is given.',
      authScopes: INTERNAL,
      args: { filter: t.arg({ type: SafetyStockFilter }) },
      resolve: async (query, _root, { filter }, context) => {
        const { sku, location, channel } = filter ?? {};
        if (channel != null) checkChannel(channel, 'filter.channel');
        const skuId = sku == null ? undefined : (await skuIdsByCode(context.db, [sku])).get(sku);
        const locationId =
          location == null ? undefined : (await locationIdsByCode(context.db, [location])).get(location);
        return context.db.prisma.safetyStock.findMany({
          ...rulePage(query),
          where: { skuId, locationId, channel: channel ?? undefined },
          orderBy: { id: 'asc' },
        });
      },
    },
    SafetyStockConnection,
  ),
);

const SafetyStockRuleInput = builder.inputType('SafetyStockRuleInput', {
  description: 'A safety stock rule to set, or to remove.',
  fields: (t) => ({
    sku: t.string({ description: 'SKU code; every SKU if omitted.' }),
    location: t.string({ description: 'Location code; every location if omitted.' }),
    channel: t.string({ description: 'Sales channel; every channel if omitted.' }),
    quantity: t.int({ description: 'Units that are not promised; null removes the rule.' }),
  }),
});

type Rule = (typeof SafetyStockRuleInput)['$inferInput'];

/** @throws Refused InvalidInput */
function checkRules(rules: readonly Rule[]): void {
  checkCount(rules, 'rules', MAX_BULK);
  const seen = new Map<string, number>();
  for (const [i, { sku, location, channel, quantity }] of rules.entries()) {
    if (quantity != null) checkQuantity(quantity, `rules.${i}.quantity`, 0);
    if (channel != null) checkChannel(channel, `rules.${i}.channel`);
    const key = JSON.stringify([sku ?? null, location ?? null, channel ?? null]);
    const first = seen.get(key);
    if (first !== undefined)
      refuse('InvalidInput', `rules.${i} is for the same as rules.${first}; name each once.`, {
        path: `rules.${i}`,
      });
    seen.set(key, i);
  }
}

const given = (codes: (string | null | undefined)[]): string[] => codes.filter((c) => c != null);

const setSafetyStockSuccess: Success<{ savedIds: number[]; removed: number }> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    safetyStocks: t.prismaField({
      type: [SafetyStock],
      description: 'The rules that were set, as they are now.',
      resolve: (query, { savedIds }, _args, context) =>
        context.db.prisma.safetyStock.findMany({
          ...query,
          where: { id: { in: savedIds } },
          orderBy: { id: 'asc' },
        }),
    }),
    removed: t.exposeInt('removed', { description: 'Number of rules removed.' }),
  }),
};

mutation('setSafetyStock', {
  description: 'Sets, changes and removes safety stock rules.',
  authScopes: PLANNERS_OR_FEEDS,
  price: commandPrice('rules', WRITTEN_ROW),
  input: (t) => ({
    rules: t.field({ type: [SafetyStockRuleInput], required: true, description: 'The rules.' }),
  }),
  success: setSafetyStockSuccess,
  execute: async (input, context, request) => {
    checkRules(input.rules);
    const skuIds = await skuIdsByCode(context.db, given(input.rules.map((r) => r.sku)));
    const locationIds = await locationIdsByCode(context.db, given(input.rules.map((r) => r.location)));
    const rules = input.rules.map(({ sku, location, channel, quantity }) => ({
      skuId: sku == null ? null : skuIds.get(sku)!,
      locationId: location == null ? null : locationIds.get(location)!,
      channel: channel ?? null,
      quantity: quantity ?? null,
    }));
    checkDistinct(
      rules.map((r) => [r.skuId, r.locationId, r.channel]),
      'rules',
    );
    return setSafetyStock(context.db, request({ rules }));
  },
});
