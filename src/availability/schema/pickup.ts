// pickupOptions: the shops near a point, ranked for a whole basket, each with its promise and the reasons for it.

import { resolveChannel } from '../../access/rules/channels';
import { seesNumbers } from '../../access/rules/roles';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import { publicSteps, type PromiseStep as Step } from '../../location/rules/pickup';
import { LOCATION_FIELD } from '../../location/schema/location';
import { checkCount, checkQuantity, MAX_LINES } from '../../refusals';
import { type PickupOffer, pickupOffers } from '../queries/pickupOffers';
import type { BasketLine } from '../rules/basket';
import { AVAILABILITY_LIMITS, checkNear } from '../rules/limits';
import { bandOf } from '../rules/shelf';
import { CHANNEL_ARG, NearInput, ownHolder, resolveSkuCodes, StockBand } from './availability';

const PickupKind = builder.enumType('PickupKind', {
  description: 'How completely a shop can supply a basket.',
  values: {
    HERE_NOW: { description: 'The whole basket is available at this shop.' },
    AFTER_TRANSFER: { description: 'The whole basket, after transfers from other locations.' },
    PARTIAL: { description: 'A part of it; the lines list what is missing.' },
  },
});

const PickupLineState = builder.enumType('PickupLineState', {
  description: 'How completely a shop can supply one SKU.',
  values: {
    HERE_NOW: { description: 'All units are available at this shop.' },
    AFTER_TRANSFER: { description: 'All units, after a transfer.' },
    PARTIAL: { description: 'Fewer units than requested.' },
    MISSING: { description: 'No units.' },
  },
});

const PromiseRule = builder.enumType('PromiseRule', {
  description: 'What takes time until an order is ready.',
  values: {
    TRANSFER_ARRIVAL: { description: 'Missing units are in transit.' },
    CUT_OFF: { description: 'The cut-off time of the day has passed.' },
    CLOSED: { description: 'The shop is closed.' },
    QUEUE: { description: 'Orders promised earlier are picked first.' },
    LEAD_TIME: { description: 'The order is picked.' },
    NEVER_OPEN: { description: 'There are no more opening hours.' },
  },
});

export const PromiseStep = builder.objectRef<Step>('PromiseStep').implement({
  description: 'One period between now and the time the order is ready, with the rule that causes it.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    rule: t.expose('rule', { type: PromiseRule, description: 'What takes the time.' }),
    from: t.expose('from', { type: 'DateTime', description: 'Start of the period.' }),
    to: t.expose('to', { type: 'DateTime', description: 'End of the period.' }),
    detail: t.exposeString('detail', { description: 'Explanation in English, with local times.' }),
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
  description: 'Why a location sends missing units, or does not.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    location: t.field(LOCATION_FIELD),
    isUsed: t.exposeBoolean('taken', { description: 'Whether it sends units.' }),
    reason: t.exposeString('because', { description: 'The reason, as an English sentence.' }),
  }),
});

const PickupLine = builder.objectRef<BasketLine & { atp: number }>('PickupLine').implement({
  description: 'One SKU of the basket at one shop; judged = here + byTransfer + missing.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    sku: t.field(SKU_FIELD),
    quantity: t.exposeInt('quantity', {
      description: 'Units requested; several lines of one SKU are added up.',
    }),
    state: t.expose('state', { type: PickupLineState, description: 'Result for the judged units.' }),
    judged: t.exposeInt('judged', {
      description:
        'Units that the state and the kind of the option refer to: all requested units; for STOREFRONT tokens at most PUBLIC_STOCK_CAP (4), and a line beyond the limit of a basket is PARTIAL. Whether more can be supplied is known when they are reserved.',
    }),
    band: t.field({
      type: StockBand,
      description: 'Stock of the shop itself, as a band.',
      resolve: (line) => bandOf(line.atp),
    }),
    here: t.int({
      nullable: true,
      description: 'Units from the shop itself. Null for STOREFRONT tokens.',
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.here : null),
    }),
    byTransfer: t.int({
      nullable: true,
      description: 'Units from other locations. Null for STOREFRONT tokens.',
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.byTransfer : null),
    }),
    missing: t.int({
      nullable: true,
      description: 'Units that cannot be supplied. Null for STOREFRONT tokens.',
      resolve: (line, _args, { caller }) => (seesNumbers(caller) ? line.missing : null),
    }),
  }),
});

const PickupOption = builder.objectRef<PickupOffer>('PickupOption').implement({
  description: 'What one shop can offer for the whole basket. Nothing is reserved.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    location: t.field(LOCATION_FIELD),
    kind: t.expose('kind', { type: PickupKind, description: 'How completely it can supply the basket.' }),
    distanceKm: t.exposeFloat('distanceKm', {
      description: 'Kilometres from the given point, in a straight line.',
    }),
    readyAt: t.expose('readyAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the order would be ready; null if there are no more opening hours, see promiseSteps.',
    }),
    promiseSteps: t.field({
      type: [PromiseStep],
      description: `The steps from now to readyAt, without a gap. ${QUEUE_HIDDEN}`,
      resolve: ({ because }, _args, { caller }) => (seesNumbers(caller) ? because : publicSteps(because)),
    }),
    sourcing: t.field({
      type: [SourcingStep],
      description: 'Which locations send missing units and which do not, with reasons.',
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
      description: 'The SKUs of the basket.',
      resolve: ({ lines, atp }) => lines.map((line) => ({ ...line, atp: atp.get(line.skuId) ?? 0 })),
    }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When this was true.' }),
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
      const ids = await resolveSkuCodes(context, info, codes, 'lines');
      return pickupOffers(context.reads, context.now, {
        basket: lines.flatMap(({ sku, quantity }) => {
          const skuId = ids.get(sku);
          return skuId === undefined ? [] : [{ skuId, quantity }];
        }),
        isWhole: ids.size === codes.length,
        near,
        channel,
        own: ownHolder(context, holder),
        limits: seesNumbers(context.caller)
          ? undefined
          : { judged: context.config.publicStockCap, line: context.config.quotas.LINE_UNITS },
      });
    },
  }),
);
