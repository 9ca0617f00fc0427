// The stock's GraphQL face: levels, and the acts of the people who handle goods.

import { skuIdsByCode } from '../../catalog/queries';
import { Sku, skuById } from '../../catalog/schema';
import { builder } from '../../graphql/builder';
import { loader } from '../../graphql/loaders';
import { answering, answerUnion } from '../../graphql/refusal';
import { locationIdsByCode } from '../../location/queries';
import { Location, locationById } from '../../location/schema';
import { checkCount, checkQuantity, MAX_LINES } from '../../refusals';
import { receiveStock } from '../actions/goods';
import type { Level, Shelf } from '../ledger';
import { levelsOf } from '../queries';

/** Levels by shelf, one query a request. */
export const levelOf = loader(
  (context, shelves: readonly Shelf[]) => levelsOf(context.db, shelves),
  (s) => `${s.locationId}:${s.skuId}`,
);

const StockLevel = builder.objectRef<Level>('StockLevel').implement({
  description: 'Units of one SKU at one location, by bucket.',
  authScopes: { roles: ['STAFF', 'PLANNER', 'FEED'] },
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: (level, _args, context) => skuById(context).load(level.skuId) }),
    location: t.field({
      type: Location,
      resolve: (level, _args, context) => locationById(context).load(level.locationId),
    }),
    available: t.exposeInt('available', { description: 'Free to be promised.' }),
    reserved: t.exposeInt('reserved', { description: 'Promised, still on the shelf.' }),
    staged: t.exposeInt('staged', { description: 'Picked, waiting at the counter.' }),
    quarantine: t.exposeInt('quarantine', { description: 'Returned or damaged, not for sale.' }),
    inTransit: t.exposeInt('inTransit', { description: 'On its way here.' }),
    onHand: t.int({
      description: 'available + reserved + staged + quarantine.',
      resolve: (l) => l.available + l.reserved + l.staged + l.quarantine,
    }),
    position: t.field({
      type: 'BigInt',
      description: 'Ledger position: the id of the last move.',
      resolve: (l) => l.position,
    }),
  }),
});

const StockLineInput = builder.inputType('StockLineInput', {
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, description: 'Sellable units.' }),
  }),
});

const ReceiveStockInput = builder.inputType('ReceiveStockInput', {
  fields: (t) => ({
    idempotencyKey: t.string({
      required: true,
      description: 'Chosen by the client; the same key again returns the first answer.',
    }),
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [StockLineInput], required: true }),
    note: t.string(),
  }),
});

const ReceiveStockSuccess = builder
  .objectRef<{ locationId: number; skuIds: number[] }>('ReceiveStockSuccess')
  .implement({
    authScopes: { roles: ['STAFF', 'FEED'] },
    fields: (t) => ({
      levels: t.field({
        type: [StockLevel],
        resolve: async (done, _args, context) =>
          levelsOf(
            context.db,
            done.skuIds.map((skuId) => ({ locationId: done.locationId, skuId })),
          ),
      }),
    }),
  });

builder.mutationField('receiveStock', (t) =>
  t.field({
    description: 'Books a delivery that has no purchase order.',
    type: answerUnion('ReceiveStock', ReceiveStockSuccess),
    authScopes: { roles: ['STAFF', 'FEED'] },
    args: { input: t.arg({ type: ReceiveStockInput, required: true }) },
    resolve: answering('ReceiveStockSuccess', async (_root, { input }, context) => {
      checkCount(input.lines, 'lines', MAX_LINES);
      for (const [i, line] of input.lines.entries()) checkQuantity(line.quantity, `lines.${i}.quantity`);
      const skuIds = await skuIdsByCode(
        context.db,
        input.lines.map((l) => l.sku),
      );
      const locationIds = await locationIdsByCode(context.db, [input.location]);
      return receiveStock(context.db, {
        who: context.caller,
        idempotencyKey: input.idempotencyKey,
        now: context.now,
        input: {
          locationId: locationIds.get(input.location)!,
          locationCode: input.location,
          lines: input.lines.map((l) => ({ skuId: skuIds.get(l.sku)!, quantity: l.quantity })),
          note: input.note ?? null,
        },
      });
    }),
  }),
);
