// Mutations on goods: receive, adjust, quarantine and release.

import { INTERNAL, STAFF_OR_FEEDS } from '../../access/rules/roleSets';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { checkCount, checkQuantity, MAX_LINES, MAX_QUANTITY } from '../../refusals';
import {
  adjustStock,
  quarantineStock,
  receiveStock,
  releaseQuarantine,
  type Touched,
} from '../actions/goods';
import { levelsOf } from '../queries/levels';
import { ADJUST_REASONS, checkAdjustment, QUARANTINE_EXITS } from '../rules/changes';
import { noteOf, reasonOf, resolvePlace } from './inputs';
import { StockLevel } from './level';
import { NotEnoughStock } from './refusals';

/** A success type that shows the shelves touched, as they stand now. */
const touched: Success<Touched> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    levels: t.field({
      type: [StockLevel],
      resolve: ({ locationId, skuIds }, _args, context) =>
        levelsOf(
          context.db,
          skuIds.map((skuId) => ({ locationId, skuId })),
        ),
    }),
  }),
};

function checkLines(lines: readonly { quantity: number }[]): void {
  checkCount(lines, 'lines', MAX_LINES);
  for (const [i, line] of lines.entries()) checkQuantity(line.quantity, `lines.${i}.quantity`);
}

mutation('receiveStock', {
  description: 'Records a delivery that has no purchase order.',
  authScopes: STAFF_OR_FEEDS,
  price: commandPrice('lines', LOCKED_LINE),
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [SkuQuantityInput], required: true }),
    note: t.string(),
  }),
  success: touched,
  execute: async (input, context, request) => {
    checkLines(input.lines);
    const note = noteOf(input.note, 'note');
    const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
    const units = lines.map(({ skuId, quantity }) => ({ skuId, quantity }));
    return receiveStock(context.db, request({ ...place, lines: units, note }));
  },
});

const AdjustReason = builder.enumType('AdjustReason', {
  description:
    'Why the count of a shelf changes: DAMAGED, LOST and SOLD (at a till) take away, FOUND adds, OTHER does either and needs a note.',
  values: ADJUST_REASONS,
});

const AdjustLineInput = builder.inputType('AdjustLineInput', {
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    delta: t.int({ required: true, description: 'Units more (+) or fewer (−); not zero.' }),
    reason: t.field({ type: AdjustReason, required: true }),
    note: t.string(),
  }),
});

type AdjustLine = (typeof AdjustLineInput)['$inferInput'];

/** @throws Refused InvalidInput */
function checkAdjustLine({ delta, reason, note }: AdjustLine, path: string): void {
  checkQuantity(delta, `${path}.delta`, -MAX_QUANTITY);
  checkAdjustment(delta, reason, `${path}.delta`);
  if (reason === 'OTHER') reasonOf(note ?? '', `${path}.note`);
}

mutation('adjustStock', {
  description: 'Changes available units by signed quantities, each with its reason; all lines or none.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [AdjustLineInput], required: true }),
  }),
  success: touched,
  refusals: [NotEnoughStock],
  execute: async (input, context, request) => {
    checkCount(input.lines, 'lines', MAX_LINES);
    for (const [i, line] of input.lines.entries()) checkAdjustLine(line, `lines.${i}`);
    const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
    const changes = lines.map(({ skuId, delta, reason, note }, i) => ({
      skuId,
      delta,
      reason,
      note: noteOf(note, `lines.${i}.note`),
    }));
    return adjustStock(context.db, request({ ...place, lines: changes }));
  },
});

mutation('quarantineStock', {
  description: 'Moves available units to quarantine, to be inspected.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [SkuQuantityInput], required: true }),
    reason: t.string({ required: true, description: 'Why they are not for sale, in words.' }),
  }),
  success: touched,
  refusals: [NotEnoughStock],
  execute: async (input, context, request) => {
    checkLines(input.lines);
    const reason = reasonOf(input.reason, 'reason');
    const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
    const units = lines.map(({ skuId, quantity }) => ({ skuId, quantity }));
    return quarantineStock(context.db, request({ ...place, lines: units, reason }));
  },
});

const QuarantineExit = builder.enumType('QuarantineExit', {
  description: 'Where goods go from quarantine: back on sale, written off, or back to the supplier.',
  values: QUARANTINE_EXITS,
});

const ReleaseLineInput = builder.inputType('ReleaseLineInput', {
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, description: 'Sellable units.' }),
    to: t.field({ type: QuarantineExit, required: true }),
  }),
});

mutation('releaseQuarantine', {
  description: 'Decides on units in quarantine: back on sale, scrapped, or returned to the supplier.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [ReleaseLineInput], required: true }),
    note: t.string(),
  }),
  success: touched,
  refusals: [NotEnoughStock],
  execute: async (input, context, request) => {
    checkLines(input.lines);
    const note = noteOf(input.note, 'note');
    const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
    const units = lines.map(({ skuId, quantity, to }) => ({ skuId, quantity, exit: to }));
    return releaseQuarantine(context.db, request({ ...place, lines: units, note }));
  },
});
