// GraphQL types of levels: StockLevel, the stock of a location and of a SKU, and pages of shelves.

import type { GraphQLResolveInfo } from 'graphql';
import { checkChannel, DEFAULT_CHANNEL } from '../../access/rules/channels';
import { INTERNAL } from '../../access/rules/roleSets';
import { boundTo, mustWorkAt } from '../../access/rules/roles';
import { skuLookup } from '../../catalog/queries/skus';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { distinctIds } from '../../db/codes';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import type { Context } from '../../graphql/context';
import { described } from '../../graphql/described';
import { keysetPage, MAX_ID, numbersCursor } from '../../graphql/keysetPages';
import { loader } from '../../graphql/loaders';
import type { SuccessFields } from '../../graphql/mutation';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { locationLookup } from '../../location/queries/locations';
import { LOCATION_FIELD } from '../../location/schema/location';
import { checkCount, checkText, MAX_LINES } from '../../refusals';
import { channelShelfKey, shelfKey } from '../../values/keys';
import type { Shelf } from '../ledger';
import {
  type ChannelShelf,
  explainedSafetyStocks,
  freeUnits,
  levelsOf,
  type SafetyStock,
  type StockLevelRow,
} from '../queries/levels';
import { type LevelFilter, levelPage } from '../queries/pages';
import type { SAFETY_SOURCES } from '../rules/changes';

const MAX_GROUP = 100;

/** Levels by shelf, one query a request. */
export const levelOf = loader(
  (context, shelves: readonly Shelf[]) => levelsOf(context.db, shelves),
  shelfKey,
);
const freeOf = loader(
  (context, shelves: readonly Shelf[]) => freeUnits(context.db, context.now, shelves),
  shelfKey,
);
const safetyOf = loader(
  (context, keys: readonly ChannelShelf[]) => explainedSafetyStocks(context.db, keys),
  channelShelfKey,
);

const SafetySource = builder.enumType('SafetyStockSource', {
  description: 'The rule that a safety stock comes from, most specific first.',
  values: described<(typeof SAFETY_SOURCES)[number]>({
    SKU_LOCATION_CHANNEL: 'A rule for this SKU, location and channel.',
    SKU_LOCATION: 'A rule for this SKU and location.',
    SKU_CHANNEL: 'A rule for this SKU and channel.',
    SKU: 'A rule for this SKU.',
    LOCATION_CHANNEL: 'A rule for this location and channel.',
    LOCATION: 'A rule for this location.',
    CHANNEL: 'A rule for this channel.',
    DEFAULT: 'The rule for everything.',
    NONE: 'There is no rule.',
  }),
});

const ShelfSafetyStock = builder.objectRef<SafetyStock>('ShelfSafetyStock').implement({
  description: 'Safety stock of a SKU at a location for one channel.',
  authScopes: INTERNAL,
  fields: (t) => ({
    quantity: t.exposeInt('quantity', { description: 'Units that are not promised.' }),
    source: t.field({ type: SafetySource, description: 'The rule it comes from.', resolve: (s) => s.source }),
  }),
});

function onChannel({ locationId, skuId }: Shelf, channel: string): ChannelShelf {
  checkChannel(channel, 'channel');
  return { locationId, skuId, channel };
}

const CHANNEL_ARG = {
  required: true,
  defaultValue: DEFAULT_CHANNEL,
  description: 'Sales channel.',
} as const;

export const StockLevel = builder.objectRef<StockLevelRow>('StockLevel').implement({
  description: 'Units of one SKU at one location, by bucket.',
  authScopes: INTERNAL,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('a location and SKU'),
      resolve: (level) => cacheId('StockLevel', level.locationId, level.skuId),
    }),
    sku: t.field(SKU_FIELD),
    location: t.field(LOCATION_FIELD),
    available: t.exposeInt('available', { description: 'Units available to be promised.' }),
    reserved: t.exposeInt('reserved', { description: 'Units promised and still to be picked.' }),
    staged: t.exposeInt('staged', { description: 'Units picked and waiting at the counter.' }),
    quarantine: t.exposeInt('quarantine', { description: 'Units not for sale until inspected.' }),
    inTransit: t.exposeInt('inTransit', { description: 'Units on their way to this location.' }),
    onHand: t.field({
      type: 'BigInt',
      description: 'available + reserved + staged + quarantine.',
      resolve: (l) => l.available + l.reserved + l.staged + l.quarantine,
    }),
    safetyStock: t.field({
      type: ShelfSafetyStock,
      description: 'Units not promised through a channel, and the rule for it.',
      args: { channel: t.arg.string(CHANNEL_ARG) },
      resolve: (level, args, context) => safetyOf(context).load(onChannel(level, args.channel)),
    }),
    atp: t.int({
      description:
        'Units available to promise: available units, including expired reservations, less safety stock.',
      args: { channel: t.arg.string(CHANNEL_ARG) },
      resolve: async (level, args, context) => {
        const [free, safety] = await Promise.all([
          freeOf(context).load({ locationId: level.locationId, skuId: level.skuId }),
          safetyOf(context).load(onChannel(level, args.channel)),
        ]);
        return Math.max(0, free - safety.quantity);
      },
    }),
    position: t.field({
      type: 'BigInt',
      description: 'Ledger position: the ID of the last move.',
      resolve: (l) => l.position,
    }),
    countedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the stock was last counted; null if never.',
      resolve: (l) => l.countedAt,
    }),
    updatedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When units last moved here; null if there never were any.',
      resolve: (l) => (l.position > 0 ? l.updatedAt : null),
    }),
  }),
});

/** The field of a success that shows the shelves of its command, as they are now. */
export const changedLevels = <S extends { locationId: number; skuIds: number[] }>(t: SuccessFields<S>) =>
  t.field({
    type: [StockLevel],
    description: 'The levels after the change.',
    resolve: ({ locationId, skuIds }, _args, context) =>
      levelsOf(
        context.db,
        skuIds.map((skuId) => ({ locationId, skuId })),
      ),
  });

const StockLevelConnection = connectionOf(StockLevel);

const shelfCursor = numbersCursor<Shelf, Shelf>(
  2,
  MAX_ID,
  (s) => [s.locationId, s.skuId],
  ([locationId, skuId]) => ({ locationId: locationId!, skuId: skuId! }),
);

type PageArgs = Parameters<typeof keysetPage>[0];

/** A page of levels, within the locations that the caller is bound to. */
function levels(context: Context, args: PageArgs, filter: LevelFilter) {
  const within = { ...filter, locationIds: filter.locationIds ?? boundTo(context.caller) };
  return keysetPage(args, shelfCursor, (page) => levelPage(context.db, within, page));
}

/** The level of a shelf, or the error for a location the caller may not read, which GraphQL reports for that item of the list. */
async function ownLevel(context: Context, shelf: Shelf, location: string): Promise<StockLevelRow> {
  try {
    mustWorkAt(context.caller, shelf.locationId, location);
  } catch (error) {
    return error as never;
  }
  return levelOf(context).load(shelf);
}

builder.prismaObjectFields('Location', (t) => ({
  stock: t.field({
    type: [StockLevel],
    nullable: { list: false, items: true },
    description:
      'Stock levels of these SKUs here, in the order of the argument; null for an unknown code, which is listed in `extensions.notFound`.',
    authScopes: INTERNAL,
    args: { skus: t.arg.stringList({ required: true, description: 'SKU codes.' }) },
    resolve: async (location, { skus }, context, info) => {
      checkCount(skus, 'skus', MAX_LINES);
      mustWorkAt(context.caller, location.id, location.code);
      const ids = await idsFound(context, info, skuLookup, skus);
      return Promise.all(
        skus.map((code) => {
          const skuId = ids.get(code);
          return skuId === undefined ? null : levelOf(context).load({ locationId: location.id, skuId });
        }),
      );
    },
  }),
  stockLevels: t.connection(
    {
      type: StockLevel,
      description: 'Stock levels of every SKU that has ever been here.',
      authScopes: INTERNAL,
      resolve: (location, args, context) => {
        mustWorkAt(context.caller, location.id, location.code);
        const locationIds = [location.id];
        return levels(context, args, { skuIds: null, locationIds, group: null, belowSafetyOf: null });
      },
    },
    StockLevelConnection,
  ),
}));

builder.prismaObjectFields('Sku', (t) => ({
  stock: t.field({
    type: [StockLevel],
    nullable: { list: false, items: true },
    description:
      'Stock levels of this SKU at these locations, in the order of the argument; null for an unknown code, which is listed in `extensions.notFound`.',
    authScopes: INTERNAL,
    args: { locations: t.arg.stringList({ required: true, description: 'Location codes.' }) },
    resolve: async (sku, { locations }, context, info) => {
      checkCount(locations, 'locations', MAX_LINES);
      const ids = await idsFound(context, info, locationLookup, locations);
      return Promise.all(
        locations.map((code) => {
          const locationId = ids.get(code);
          return locationId === undefined ? null : ownLevel(context, { locationId, skuId: sku.id }, code);
        }),
      );
    },
  }),
  stockLevels: t.connection(
    {
      type: StockLevel,
      description: 'Stock levels at every location where it has ever been.',
      authScopes: INTERNAL,
      resolve: (sku, args, context) =>
        levels(context, args, { skuIds: [sku.id], locationIds: null, group: null, belowSafetyOf: null }),
    },
    StockLevelConnection,
  ),
}));

const StockLevelFilter = builder.inputType('StockLevelFilter', {
  description: 'Levels that meet every condition given.',
  fields: (t) => ({
    skus: t.stringList({ description: `SKU codes. ${UNKNOWN_CODES}` }),
    locations: t.stringList({ description: `Location codes. ${UNKNOWN_CODES}` }),
    group: t.string({ description: 'Code of a group of locations.' }),
    belowSafetyStockOf: t.string({
      description: 'Only levels with fewer available units than the safety stock of this channel.',
    }),
  }),
});

async function levelFilter(
  context: Context,
  info: GraphQLResolveInfo,
  filter: typeof StockLevelFilter.$inferInput,
): Promise<LevelFilter> {
  const { skus, locations, group, belowSafetyStockOf } = filter;
  if (skus) checkCount(skus, 'filter.skus', MAX_LINES);
  if (locations) checkCount(locations, 'filter.locations', MAX_LINES);
  if (group != null) checkText(group, 'filter.group', MAX_GROUP);
  if (belowSafetyStockOf != null) checkChannel(belowSafetyStockOf, 'filter.belowSafetyStockOf');
  const skuIds = skus ? distinctIds(await idsFound(context, info, skuLookup, skus)) : null;
  const idsByCode = locations ? await idsFound(context, info, locationLookup, locations) : null;
  for (const [code, id] of idsByCode ?? []) mustWorkAt(context.caller, id, code);
  const locationIds = idsByCode && distinctIds(idsByCode);
  return { skuIds, locationIds, group: group ?? null, belowSafetyOf: belowSafetyStockOf ?? null };
}

builder.queryField('stockLevels', (t) =>
  t.connection(
    {
      type: StockLevel,
      description: 'Stock levels, by location and SKU, or by SKU and location if the filter names SKUs.',
      authScopes: INTERNAL,
      args: { filter: t.arg({ type: StockLevelFilter }) },
      resolve: async (_root, args, context, info) =>
        levels(context, args, await levelFilter(context, info, args.filter ?? {})),
    },
    StockLevelConnection,
  ),
);
