// Mutations on goods: receive, adjust, quarantine and release.

import { INTERNAL, STAFF_OR_FEEDS } from '../../access/rules/roleSets';
import { SkuQuantityInput } from '../../catalog/schema/skuQuantity';
import { builder } from '../../graphql/builder';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { described } from '../../graphql/described';
import { mutation, type Success } from '../../graphql/mutation';
import { checkCount, checkQuantity, MAX_LINES, MAX_QUANTITY } from '../../refusals';
import {
  adjustStock,
  quarantineStock,
  receiveStock,
  releaseQuarantine,
  type Touched,
} from '../actions/goods';
import { type ADJUST_REASONS, checkAdjustment, type QUARANTINE_EXITS } from '../rules/changes';
import { noteOf, reasonOf, resolveLocationLines, resolveLocationUnits } from './inputs';
import { changedLevels } from './level';
import { NotEnoughStock } from './refusals';

/** A success type that shows the shelves touched, as they stand now. */
const touched: Success<Touched> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    levels: changedLevels(t),
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
  sentLater: true,
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [SkuQuantityInput], required: true, description: 'The units received.' }),
    note: t.string({ description: 'Free text, at most 500 characters.' }),
  }),
  success: touched,
  execute: async (input, context, request) => {
    checkLines(input.lines);
    const note = noteOf(input.note, 'note');
    const { lines, ...location } = await resolveLocationUnits(context, input.location, input.lines);
    const units = lines.map(({ skuId, quantity }) => ({ skuId, quantity }));
    return receiveStock(context.db, request({ ...location, lines: units, note }));
  },
});

const AdjustReason = builder.enumType('AdjustReason', {
  description: 'Why stock is adjusted.',
  values: described<(typeof ADJUST_REASONS)[number]>({
    DAMAGED: 'Units were damaged; reduces stock.',
    FOUND: 'Units were found; adds stock.',
    LOST: 'Units were lost; reduces stock.',
    OTHER: 'Another reason, given in the note; reduces or adds stock.',
    SOLD: 'Units were sold at a till; reduces stock.',
  }),
});

const AdjustLineInput = builder.inputType('AdjustLineInput', {
  description: 'A change of the available units of one SKU.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    delta: t.int({ required: true, description: 'Units to add (positive) or remove (negative); not zero.' }),
    reason: t.field({ type: AdjustReason, required: true, description: 'Why.' }),
    note: t.string({ description: 'Free text, at most 500 characters. Required for OTHER.' }),
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
  sentLater: true,
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [AdjustLineInput], required: true, description: 'The changes.' }),
  }),
  success: touched,
  refusals: [NotEnoughStock],
  execute: async (input, context, request) => {
    checkCount(input.lines, 'lines', MAX_LINES);
    for (const [i, line] of input.lines.entries()) checkAdjustLine(line, `lines.${i}`);
    const { lines, ...location } = await resolveLocationLines(context, input.location, input.lines);
    const changes = lines.map(({ skuId, delta, reason, note }, i) => ({
      skuId,
      delta,
      reason,
      note: noteOf(note, `lines.${i}.note`),
    }));
    return adjustStock(context.db, request({ ...location, lines: changes }));
  },
});

mutation('quarantineStock', {
  description: 'Moves available units to quarantine, to be inspected.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  sentLater: true,
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({
      type: [SkuQuantityInput],
      required: true,
      description: 'The units to move to quarantine.',
    }),
    reason: t.string({ required: true, description: 'Why they are not for sale; free text.' }),
  }),
  success: touched,
  refusals: [NotEnoughStock],
  execute: async (input, context, request) => {
    checkLines(input.lines);
    const reason = reasonOf(input.reason, 'reason');
    const { lines, ...location } = await resolveLocationUnits(context, input.location, input.lines);
    const units = lines.map(({ skuId, quantity }) => ({ skuId, quantity }));
    return quarantineStock(context.db, request({ ...location, lines: units, reason }));
  },
});

const QuarantineExit = builder.enumType('QuarantineExit', {
  description: 'What happens to units in quarantine.',
  values: described<(typeof QUARANTINE_EXITS)[number]>({
    RESTOCK: 'They are on sale again.',
    SCRAP: 'They are written off.',
    RETURN_TO_VENDOR: 'They go back to the supplier.',
  }),
});

const ReleaseLineInput = builder.inputType('ReleaseLineInput', {
  description: 'A decision on units of one SKU in quarantine.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({ required: true, description: 'Sellable units.' }),
    to: t.field({ type: QuarantineExit, required: true, description: 'What happens to them.' }),
  }),
});

mutation('releaseQuarantine', {
  description: 'Decides on units in quarantine: back on sale, scrapped, or returned to the supplier.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  sentLater: true,
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [ReleaseLineInput], required: true, description: 'The decisions.' }),
    note: t.string({ description: 'Free text, at most 500 characters.' }),
  }),
  success: touched,
  refusals: [NotEnoughStock],
  execute: async (input, context, request) => {
    checkLines(input.lines);
    const note = noteOf(input.note, 'note');
    const { lines, ...location } = await resolveLocationUnits(context, input.location, input.lines);
    const units = lines.map(({ skuId, quantity, to }) => ({ skuId, quantity, exit: to }));
    return releaseQuarantine(context.db, request({ ...location, lines: units, note }));
  },
});
