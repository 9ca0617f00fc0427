// pickupOptions: the shops near a point, ranked for a whole basket, each with its promise and the reasons for it.

import { resolveChannel } from '../../access/rules/channels';
import { seesNumbers } from '../../access/rules/roles';
import { Sku, skuById } from '../../catalog/schema/sku';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import { publicSteps, type PromiseStep as Step } from '../../location/rules/pickup';
import { Location, locationById } from '../../location/schema/location';
import { checkCount, checkQuantity, MAX_LINES } from '../../refusals';
import { type PickupOffer, pickupOffers } from '../queries/answers';
import type { BasketLine } from '../rules/basket';
import { AVAILABILITY_LIMITS, checkNear } from '../rules/limits';
import { bandOf } from '../rules/shelf';
import { CHANNEL_ARG, NearInput, ownHold, StockBand, skusFound } from './availability';

const PickupKind = builder.enumType('PickupKind', {
  values: {
    HERE_NOW: { description: 'The whole basket is on the shelf here.' },
    AFTER_TRANSFER: { description: 'The whole basket, once transfers from other places have come.' },
    PARTIAL: { description: 'Some of it; the lines say what is missing.' },
  },
});

const PickupLineState = builder.enumType('PickupLineState', {
  values: {
    HERE_NOW: { description: 'All of it is on the shelf here.' },
    AFTER_TRANSFER: { description: 'All of it, once a transfer has come.' },
    PARTIAL: { description: 'Fewer than asked for.' },
    MISSING: { description: 'None can be had.' },
  },
});

const PromiseRule = builder.enumType('PromiseRule', {
  values: {
    TRANSFER_ARRIVAL: { description: 'The missing goods are on their way.' },
    CUT_OFF: { description: 'Too late for today.' },
    CLOSED: { description: 'Nobody is there to pick.' },
    QUEUE: { description: 'Orders promised before this one.' },
    LEAD_TIME: { description: 'Picking the order.' },
    NEVER_OPEN: { description: 'No opening hours left to promise.' },
  },
});

export const PromiseStep = builder.objectRef<Step>('PromiseStep').implement({
  description: 'One piece of the time between now and ready, with the rule that costs it.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    rule: t.expose('rule', { type: PromiseRule }),
    from: t.expose('from', { type: 'DateTime' }),
    to: t.expose('to', { type: 'DateTime' }),
    detail: t.exposeString('detail', { description: 'An English sentence in the place’s own time.' }),
  }),
});

/** Fields of a pickup promise that are hidden from the public. */
export const QUEUE_HIDDEN =
  'For STOREFRONT tokens the queue and the picking are one step, so that the number of waiting orders is not disclosed.';

interface Sourcing {
  locationId: number;
  taken: boolean;
  because: string;
}

const SourcingStep = builder.objectRef<Sourcing>('SourcingStep').implement({
  description: 'Why a place sends what is missing, or does not.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    location: t.field({
      type: Location,
      resolve: (step, _args, context) => locationById(context).load(step.locationId),
    }),
    isUsed: t.exposeBoolean('taken'),
    reason: t.exposeString('because'),
  }),
});

const PickupLine = builder.objectRef<BasketLine & { atp: number }>('PickupLine').implement({
  description: 'One SKU of the basket at one shop; judged = here + byTransfer + missing.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: (line, _args, context) => skuById(context).load(line.skuId) }),
    quantity: t.exposeInt('quantity', { description: 'Units asked for, lines of one SKU added up.' }),
    state: t.expose('state', { type: PickupLineState, description: 'By the units that were judged.' }),
    judged: t.exposeInt('judged', {
      description:
        'Units that state, and the kind of the offer, speak of: all that were asked for; for STOREFRONT tokens at most PUBLIC_STOCK_CAP (4), and a line of more units than one basket may have is PARTIAL. Whether there are more than were judged is known when they are reserved.',
    }),
    band: t.field({
      type: StockBand,
      description: 'What the shop’s own shelf has.',
      resolve: (line) => bandOf(line.atp),
    }),
    here: t.int({
      nullable: true,
      description: 'Units from the shelf here. Null for STOREFRONT tokens.',
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.here : null),
    }),
    byTransfer: t.int({
      nullable: true,
      description: 'Units that other places send. Null for STOREFRONT tokens.',
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.byTransfer : null),
    }),
    missing: t.int({
      nullable: true,
      description: 'Units that cannot be had. Null for STOREFRONT tokens.',
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.missing : null),
    }),
  }),
});

const PickupOption = builder.objectRef<PickupOffer>('PickupOption').implement({
  description: 'A shop’s offer for the whole basket. Nothing is held by asking.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    location: t.field({
      type: Location,
      resolve: (offer, _args, context) => locationById(context).load(offer.locationId),
    }),
    kind: t.expose('kind', { type: PickupKind }),
    distanceKm: t.exposeFloat('distanceKm'),
    readyAt: t.expose('readyAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it would be ready; null when opening hours run out, promiseSteps says so.',
    }),
    promiseSteps: t.field({
      type: [PromiseStep],
      description: `The steps from now to readyAt, without a gap. ${QUEUE_HIDDEN}`,
      resolve: ({ because }, _args, { caller }) => (seesNumbers(caller) ? because : publicSteps(because)),
    }),
    sourcing: t.field({
      type: [SourcingStep],
      description: 'Which places send what is missing here and which do not, and why.',
      resolve: ({ sourcing, candidates }) => {
        const ids = new Map(candidates.map((c) => [c.code, c.locationId]));
        return sourcing.log.map(({ location, took, because }) => ({
          locationId: ids.get(location)!,
          taken: took.length > 0,
          because,
        }));
      },
    }),
    lines: t.field({
      type: [PickupLine],
      resolve: ({ lines, atp }) => lines.map((line) => ({ ...line, atp: atp.get(line.skuId) ?? 0 })),
    }),
    asOf: t.expose('asOf', { type: 'DateTime' }),
  }),
});

builder.queryField('pickupOptions', (t) =>
  t.field({
    type: [PickupOption],
    description:
      'Shops near a point, ranked for a whole basket: complete now, then complete after transfers, then partial; within these by earliest time, then by distance. Shops that can supply nothing are not listed. Nothing is reserved.',
    authScopes: { signedIn: true },
    args: {
      lines: t.arg({
        type: [SkuQuantityInput],
        required: true,
        description: `The basket; at most ${AVAILABILITY_LIMITS.skus} different SKUs. Lines of one SKU add up. With an unknown SKU no option is better than PARTIAL; extensions.notFound names it.`,
      }),
      near: t.arg({
        type: NearInput,
        required: true,
        description: `limit: at most ${AVAILABILITY_LIMITS.pickupShops} shops.`,
      }),
      channel: t.arg.string({ description: CHANNEL_ARG }),
      holder: t.arg.string({ description: 'Holder whose own reservations count as available to it.' }),
    },
    resolve: async (_root, { lines, near, holder, ...args }, context, info) => {
      checkCount(lines, 'lines', MAX_LINES);
      for (const [i, line] of lines.entries()) checkQuantity(line.quantity, `lines.${i}.quantity`);
      const channel = resolveChannel(context.caller, args.channel, 'channel');
      checkNear(near, 'near', AVAILABILITY_LIMITS.pickupShops);
      const codes = [...new Set(lines.map((l) => l.sku))];
      const ids = await skusFound(context, info, codes, 'lines');
      return pickupOffers(context.reads, context.now, {
        basket: lines.flatMap(({ sku, quantity }) => {
          const skuId = ids.get(sku);
          return skuId === undefined ? [] : [{ skuId, quantity }];
        }),
        isWhole: ids.size === codes.length,
        near,
        channel,
        own: ownHold(context, holder),
        limits: seesNumbers(context.caller)
          ? undefined
          : { judged: context.config.publicStockCap, line: context.config.quotas.LINE_UNITS },
      });
    },
  }),
);
