// GraphQL types of availability: promisable units of many SKUs at many locations, as bands for the public and numbers for others.

import type { GraphQLResolveInfo } from 'graphql';
import { DEFAULT_CHANNEL, resolveChannel } from '../../access/rules/channels';
import { seesNumbers } from '../../access/rules/roles';
import { skuBook } from '../../catalog/queries/skus';
import { CATALOG_LIMITS } from '../../catalog/rules/codes';
import { Sku } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import type { Context } from '../../graphql/context';
import { loader } from '../../graphql/loaders';
import { idsFound, UNKNOWN_CODES } from '../../graphql/notFound';
import { isSelected } from '../../graphql/selected';
import { locationBook } from '../../location/queries/locations';
import { Location } from '../../location/schema/location';
import { checkCount, checkText } from '../../refusals';
import { type AvailabilityAsk, availabilityOf, type SeenCell, type SeenSku } from '../queries/answers';
import type { AvailabilityHolder } from '../queries/cells';
import { AVAILABILITY_LIMITS, checkNear, checkOn, type Near } from '../rules/limits';
import { questionHash } from '../rules/requestKey';
import { bandOf, type IncomingUnits, LOW_UP_TO_UNITS } from '../rules/shelf';

/** What a question about availability says of its channel. */
export const CHANNEL_ARG = `Sales channel, which decides the safety stock. ${DEFAULT_CHANNEL} if omitted, or a storefront’s first channel. A storefront gets FORBIDDEN for a channel that is not its own.`;

export const StockBand = builder.enumType('StockBand', {
  description: 'What the public sees of a number of units.',
  values: {
    IN_STOCK: {},
    LOW: { description: `From 1 to ${LOW_UP_TO_UNITS} units.` },
    OUT: {},
  },
});

const ArrivalSource = builder.enumType('ArrivalSource', {
  values: {
    PURCHASE: { description: 'Ordered from a supplier.' },
    TRANSFER: { description: 'Coming from another location.' },
  },
});

const ArrivalType = builder.objectRef<IncomingUnits>('Arrival').implement({
  description: 'Units on their way to a place and promised to nobody yet.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    band: t.field({ type: StockBand, resolve: (arrival) => bandOf(arrival.quantity) }),
    quantity: t.int({
      nullable: true,
      description: 'Units; null for STOREFRONT tokens.',
      resolve: (arrival, _args, { caller }) => (seesNumbers(caller) ? arrival.quantity : null),
    }),
    expectedAt: t.expose('expectedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Null when nobody said when. Past: overdue, and counted for no date.',
    }),
    source: t.expose('source', { type: ArrivalSource }),
  }),
});

export const LocationAvailability = builder.objectRef<SeenCell>('LocationAvailability').implement({
  description:
    'What can be promised of one SKU at one place. Never add places up: a basket is collected at one.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf(
        'a SKU and location requested in the same way (channel, date, holder, and the point of distances)',
      ),
      resolve: (cell, _args, { secretKey }) =>
        cacheId('LocationAvailability', cell.locationId, cell.skuId, questionHash(secretKey, cell.ask)),
    }),
    sku: t.field({ type: Sku, resolve: (cell) => cell.sku }),
    location: t.field({ type: Location, resolve: (cell) => cell.place }),
    distanceKm: t.exposeFloat('distanceKm', {
      nullable: true,
      description: 'From the point asked around; null when places were named.',
    }),
    band: t.field({ type: StockBand, resolve: (cell) => bandOf(cell.quantity) }),
    quantity: t.int({
      nullable: true,
      description:
        'Available to promise in units: free less the channel’s safety stock, with the holder’s own hold. Null for STOREFRONT tokens.',
      resolve: (cell, _args, { caller }) => (seesNumbers(caller) ? cell.quantity : null),
    }),
    safetyStock: t.int({
      nullable: true,
      description: 'Units kept back from this channel here. Null for STOREFRONT tokens.',
      resolve: (cell, _args, { caller }) => (seesNumbers(caller) ? cell.safetyStock : null),
    }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When this was true.' }),
    countedAt: t.expose('countedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the shelf was last counted; null: never.',
    }),
    changedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the shelf’s units last moved; null: it never had any. Null for STOREFRONT tokens: asked again and again it would tell how often the shelf sells.',
      resolve: (cell, _args, { caller }) => (seesNumbers(caller) ? cell.changedAt : null),
    }),
    arrivals: t.expose('arrivals', {
      type: [ArrivalType],
      description: 'The earliest first, undated ones last.',
    }),
  }),
});

const SkuAvailability = builder.objectRef<SeenSku>('SkuAvailability').implement({
  description: 'One SKU at all the locations requested.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: ({ sku }) => sku }),
    locations: t.field({
      type: [LocationAvailability],
      description: 'In the order requested; the nearest first around a point; a group by code.',
      resolve: ({ places }) => places,
    }),
  }),
});

export const NearInput = builder.inputType('NearInput', {
  description: 'A circle around a point (WGS 84 degrees).',
  fields: (t) => ({
    latitude: t.float({ required: true }),
    longitude: t.float({ required: true }),
    radiusKm: t.float({
      required: true,
      defaultValue: 50,
      description: `More than 0, at most ${AVAILABILITY_LIMITS.radiusKm}.`,
    }),
    limit: t.int({ required: true, defaultValue: 20, description: 'The nearest so many places.' }),
    stocked: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'For each SKU the nearest places that can promise a unit of it now, each SKU its own; pickupOptions leaves out shops that have nothing anyway.',
    }),
  }),
});

const AvailabilityLocations = builder.inputType('AvailabilityLocations', {
  description: 'Exactly one way to name the locations.',
  isOneOf: true,
  fields: (t) => ({
    locations: t.stringList({
      description: `Location codes, at most ${AVAILABILITY_LIMITS.places}. ${UNKNOWN_CODES}`,
    }),
    group: t.string({ description: 'All active locations of a group.' }),
    near: t.field({ type: NearInput, description: 'The nearest active locations.' }),
  }),
});

/** All questions of a document go together. */
const cellsOf = loader(
  (context, asks: readonly AvailabilityAsk[]) => availabilityOf(context.reads, context.now, asks),
  (ask) => ask,
);

/** Ids behind these SKU codes, in their order; unknown ones are reported beside the answer. @throws Refused InvalidInput */
export function skusFound(
  context: Context,
  info: GraphQLResolveInfo,
  codes: readonly string[],
  path: string,
): Promise<Map<string, number>> {
  checkCodes(codes, path, AVAILABILITY_LIMITS.skus);
  return idsFound(context, info, skuBook, codes);
}

/** Each id once. */
export const distinct = (ids: ReadonlyMap<string, number>): number[] => [...new Set(ids.values())];

function checkCodes(codes: readonly string[], path: string, most: number): void {
  checkCount(codes, path, most);
  for (const [i, code] of codes.entries()) checkText(code, `${path}.${i}`, CATALOG_LIMITS.codeLength);
}

interface AvailabilityArgs {
  at: { locations?: string[] | null; group?: string | null; near?: Near | null };
  channel?: string | null;
  holder?: string | null;
  on?: Date | null;
}

/** Whose own hold does not stand in the way: the caller's, under the holder named. @throws Refused InvalidInput */
export function ownHold(context: Context, holder: string | null | undefined): AvailabilityHolder | null {
  if (holder == null) return null;
  checkText(holder, 'holder', AVAILABILITY_LIMITS.holderLength);
  return { ownerId: context.caller.actorId, holder };
}

async function ask(
  context: Context,
  skuIds: number[],
  args: AvailabilityArgs,
  info: GraphQLResolveInfo,
): Promise<SeenSku[]> {
  const { places: most } = AVAILABILITY_LIMITS;
  const channel = resolveChannel(context.caller, args.channel, 'channel');
  if (args.at.locations) checkCodes(args.at.locations, 'at.locations', most);
  if (args.at.group != null) checkText(args.at.group, 'at.group', CATALOG_LIMITS.codeLength);
  if (args.at.near) checkNear(args.at.near, 'at.near', most);
  if (args.on) checkOn(args.on, 'on', context.now);
  const own = ownHold(context, args.holder);
  const { on = null } = args;
  const { locations } = args.at;
  const known = locations ? [...(await idsFound(context, info, locationBook, locations)).keys()] : null;
  const at = known === null ? args.at : { locations: known };
  const arrivals = isSelected(info, 'arrivals');
  return cellsOf(context).load({ skuIds, at, channel, own, on, arrivals });
}

builder.queryField('availability', (t) =>
  t.field({
    type: [SkuAvailability],
    description: 'What can be promised of several SKUs at several locations, now or at a later time.',
    authScopes: { signedIn: true },
    args: {
      skus: t.arg.stringList({
        required: true,
        description: `SKU codes, at most ${AVAILABILITY_LIMITS.skus}; SKUs × places at most ${AVAILABILITY_LIMITS.cells}. ${UNKNOWN_CODES}`,
      }),
      at: t.arg({ type: AvailabilityLocations, required: true, description: 'Which locations to look at.' }),
      channel: t.arg.string({ description: CHANNEL_ARG }),
      holder: t.arg.string({ description: 'Holder whose own reservations count as available to it.' }),
      on: t.arg({
        type: 'DateTime',
        description: 'A later time: arrivals expected until then count as well.',
      }),
    },
    resolve: async (_root, { skus, ...args }, context, info) => {
      const skuIds = distinct(await skusFound(context, info, skus, 'skus'));
      return ask(context, skuIds, args, info);
    },
  }),
);

builder.prismaObjectField(Sku, 'availability', (t) =>
  t.field({
    type: [LocationAvailability],
    description: 'What can be promised of this SKU. Looked up for all SKUs of a query at once.',
    authScopes: { signedIn: true },
    select: { id: true },
    args: {
      at: t.arg({ type: AvailabilityLocations, required: true, description: 'Which locations to look at.' }),
      channel: t.arg.string({ description: CHANNEL_ARG }),
      holder: t.arg.string({ description: 'Holder whose own reservations count as available to it.' }),
      on: t.arg({
        type: 'DateTime',
        description: 'A later time: arrivals expected until then count as well.',
      }),
    },
    resolve: async (sku, args, context, info) => (await ask(context, [sku.id], args, info))[0]!.places,
  }),
);
