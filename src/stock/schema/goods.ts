// The acts of people and tills who handle goods: receive, adjust, quarantine and release.

import { builder } from '../../graphql/builder';
import { commandRequest, IDEMPOTENCY_KEY_DESCRIPTION } from '../../graphql/commandRequest';
import { answering, answerUnion } from '../../graphql/refusal';
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
import { noteOf, reasonOf, resolvePlace, StockLineInput } from './inputs';
import { NUMBERS, StockLevel } from './level';
import { NotEnoughStock } from './refusals';

/** A success type that shows the shelves touched, as they stand now. */
function touched(name: string) {
  return builder.objectRef<Touched>(name).implement({
    authScopes: NUMBERS,
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
  });
}

function checkLines(lines: readonly { quantity: number }[]): void {
  checkCount(lines, 'lines', MAX_LINES);
  for (const [i, line] of lines.entries()) checkQuantity(line.quantity, `lines.${i}.quantity`);
}

const ReceiveStockInput = builder.inputType('ReceiveStockInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [StockLineInput], required: true }),
    note: t.string(),
  }),
});

builder.mutationField('receiveStock', (t) =>
  t.field({
    description: 'Books a delivery that has no purchase order.',
    type: answerUnion('ReceiveStock', touched('ReceiveStockSuccess')),
    authScopes: { roles: ['STAFF', 'FEED'] },
    args: { input: t.arg({ type: ReceiveStockInput, required: true }) },
    resolve: answering('ReceiveStockSuccess', async (_root, { input }, context) => {
      checkLines(input.lines);
      const note = noteOf(input.note, 'note');
      const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
      const units = lines.map(({ skuId, quantity }) => ({ skuId, quantity }));
      return receiveStock(
        context.db,
        commandRequest(context, input.idempotencyKey, { ...place, lines: units, note }),
      );
    }),
  }),
);

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

const AdjustStockInput = builder.inputType('AdjustStockInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [AdjustLineInput], required: true }),
  }),
});

type AdjustLine = (typeof AdjustLineInput)['$inferInput'];

/** @throws Refused InvalidInput */
function checkAdjustLine({ delta, reason, note }: AdjustLine, path: string): void {
  checkQuantity(delta, `${path}.delta`, -MAX_QUANTITY);
  checkAdjustment(delta, reason, `${path}.delta`);
  if (reason === 'OTHER') reasonOf(note ?? '', `${path}.note`);
}

builder.mutationField('adjustStock', (t) =>
  t.field({
    description:
      'Changes what is available by signed numbers of units, each with its reason; all lines or none.',
    type: answerUnion('AdjustStock', touched('AdjustStockSuccess'), [NotEnoughStock]),
    authScopes: { roles: ['STAFF', 'PLANNER', 'FEED'] },
    args: { input: t.arg({ type: AdjustStockInput, required: true }) },
    resolve: answering('AdjustStockSuccess', async (_root, { input }, context) => {
      checkCount(input.lines, 'lines', MAX_LINES);
      for (const [i, line] of input.lines.entries()) checkAdjustLine(line, `lines.${i}`);
      const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
      const changes = lines.map(({ skuId, delta, reason, note }, i) => ({
        skuId,
        delta,
        reason,
        note: noteOf(note, `lines.${i}.note`),
      }));
      return adjustStock(
        context.db,
        commandRequest(context, input.idempotencyKey, { ...place, lines: changes }),
      );
    }),
  }),
);

const QuarantineStockInput = builder.inputType('QuarantineStockInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [StockLineInput], required: true }),
    reason: t.string({ required: true, description: 'Why they are not for sale, in words.' }),
  }),
});

builder.mutationField('quarantineStock', (t) =>
  t.field({
    description: 'Takes available goods from sale, to be looked at.',
    type: answerUnion('QuarantineStock', touched('QuarantineStockSuccess'), [NotEnoughStock]),
    authScopes: { roles: ['STAFF', 'PLANNER', 'FEED'] },
    args: { input: t.arg({ type: QuarantineStockInput, required: true }) },
    resolve: answering('QuarantineStockSuccess', async (_root, { input }, context) => {
      checkLines(input.lines);
      const reason = reasonOf(input.reason, 'reason');
      const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
      const units = lines.map(({ skuId, quantity }) => ({ skuId, quantity }));
      return quarantineStock(
        context.db,
        commandRequest(context, input.idempotencyKey, { ...place, lines: units, reason }),
      );
    }),
  }),
);

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

const ReleaseQuarantineInput = builder.inputType('ReleaseQuarantineInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [ReleaseLineInput], required: true }),
    note: t.string(),
  }),
});

builder.mutationField('releaseQuarantine', (t) =>
  t.field({
    description: 'Decides on goods in quarantine: on sale again, scrapped, or back to the supplier.',
    type: answerUnion('ReleaseQuarantine', touched('ReleaseQuarantineSuccess'), [NotEnoughStock]),
    authScopes: { roles: ['STAFF', 'PLANNER', 'FEED'] },
    args: { input: t.arg({ type: ReleaseQuarantineInput, required: true }) },
    resolve: answering('ReleaseQuarantineSuccess', async (_root, { input }, context) => {
      checkLines(input.lines);
      const note = noteOf(input.note, 'note');
      const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
      const units = lines.map(({ skuId, quantity, to }) => ({ skuId, quantity, exit: to }));
      return releaseQuarantine(
        context.db,
        commandRequest(context, input.idempotencyKey, { ...place, lines: units, note }),
      );
    }),
  }),
);
