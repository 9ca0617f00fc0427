// Mutations to request, count, approve and cancel counts.

import { INTERNAL, PLANNERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { builder } from '../../graphql/builder';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { checkCount, checkDistinct, checkQuantity, MAX_LINES, refuse } from '../../refusals';
import { approveCounts, type CountsApproved, MAX_APPROVED } from '../actions/approveCounts';
import { approveCount, cancelCount } from '../actions/closeCount';
import { countStock, openCount } from '../actions/counts';
import { MAX_ON_SHELF } from '../rules/changes';
import { countById, StockCount } from './countList';
import { reasonOf, resolveLocationLines, resolveLocationUnits } from './inputs';
import { changedLevels } from './level';
import { NotEnoughStock, ReservedExceedsCount, StaleCount } from './refusals';

/** A success type that shows counts. */
const countsDone: Success<{ countIds: string[] }> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    counts: t.field({
      type: [StockCount],
      description: 'The counts.',
      resolve: ({ countIds }, _args, context) =>
        Promise.all(countIds.map((id) => countById(context).load(id))),
    }),
  }),
};

/** A success type that shows one count. */
const countDone: Success<{ countId: string }> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    count: t.field({
      type: StockCount,
      resolve: ({ countId }, _args, context) => countById(context).load(countId),
    }),
  }),
};

mutation('openCount', {
  description: 'Requests counts of SKUs at a location. Counts that are open already stay unchanged.',
  authScopes: STAFF_OR_PLANNERS,
  price: commandPrice('skus', LOCKED_LINE),
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    skus: t.stringList({ required: true, description: 'SKU codes.' }),
    reason: t.string({ required: true, description: 'Why, as a text for the person who counts.' }),
  }),
  success: countsDone,
  execute: async (input, context, request) => {
    checkCount(input.skus, 'skus', MAX_LINES);
    const reason = reasonOf(input.reason, 'reason');
    const wanted = [...new Set(input.skus)].map((sku) => ({ sku }));
    const { lines, ...location } = await resolveLocationLines(context, input.location, wanted);
    const skuIds = [...new Set(lines.map((l) => l.skuId))];
    return openCount(context.db, request({ ...location, skuIds, reason }));
  },
});

const CountLineInput = builder.inputType('CountLineInput', {
  description: 'Counted units of one SKU.',
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code, alias or scanned GTIN.' }),
    quantity: t.int({
      required: true,
      description:
        'Units found: available and reserved ones, without those staged or in quarantine; with the GTIN of a case, cases.',
    }),
    expectedQuantity: t.int({
      description: 'Units by the ledger when counting began. Refused as StaleCount if they differ now.',
    }),
  }),
});

type SentCountLine = (typeof CountLineInput)['$inferInput'];

/** @throws Refused InvalidInput */
function checkCountLines(lines: readonly SentCountLine[]): void {
  checkCount(lines, 'lines', MAX_LINES);
  const seen = new Set<string>();
  for (const [i, { sku, quantity, expectedQuantity }] of lines.entries()) {
    checkQuantity(quantity, `lines.${i}.quantity`, 0);
    if (expectedQuantity != null)
      checkQuantity(expectedQuantity, `lines.${i}.expectedQuantity`, 0, 2 * MAX_ON_SHELF);
    if (seen.has(sku))
      refuse('InvalidInput', `lines.${i}.sku names a SKU a second time; count each once.`, {
        path: `lines.${i}.sku`,
      });
    seen.add(sku);
  }
}

const countStockSuccess: Success<{ locationId: number; skuIds: number[]; countIds: string[] }> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    levels: changedLevels(t),
    counts: t.field({
      type: [StockCount],
      description: 'The counts: POSTED, or COUNTED if the difference waits for approval.',
      resolve: ({ countIds }, _args, context) =>
        Promise.all(countIds.map((id) => countById(context).load(id))),
    }),
  }),
};

mutation('countStock', {
  description:
    'Records counted units. Differences to the ledger are posted, large ones after approval; all lines or none.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  sentLater: true,
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({
      type: [CountLineInput],
      required: true,
      description: 'The counted units, each SKU once.',
    }),
  }),
  success: countStockSuccess,
  refusals: [StaleCount, ReservedExceedsCount],
  execute: async (input, context, request) => {
    checkCountLines(input.lines);
    const { lines, ...location } = await resolveLocationUnits(context, input.location, input.lines);
    checkDistinct(
      lines.map((l) => l.skuId),
      'lines',
    );
    const counted = lines.map(({ skuId, quantity, expectedQuantity }) => ({
      skuId,
      quantity,
      expectedQuantity: expectedQuantity ?? null,
    }));
    return countStock(context.db, request({ ...location, lines: counted }));
  },
});

mutation('approveCount', {
  description: 'Posts the large difference that a count found.',
  authScopes: PLANNERS,
  price: commandPrice(),
  input: (t) => ({
    count: t.globalID({ required: true, for: [StockCount] }),
  }),
  success: countDone,
  refusals: [WrongState, NotEnoughStock],
  execute: async (input, context, request) => approveCount(context.db, request({ countId: input.count.id })),
});

const UnapprovedCount = builder.objectRef<CountsApproved['kept'][number]>('UnapprovedCount').implement({
  description: 'A count that could not be approved.',
  authScopes: INTERNAL,
  fields: (t) => ({
    count: t.field({
      type: StockCount,
      description: 'The count.',
      resolve: ({ countId }, _args, context) => countById(context).load(countId),
    }),
    reason: t.exposeString('reason', { description: 'Why not, and what to do.' }),
  }),
});

const approveCountsSuccess: Success<CountsApproved> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    approved: t.exposeInt('approved', {
      description: 'Number of counts whose difference was posted by this request.',
    }),
    waiting: t.exposeInt('waiting', {
      description:
        'Number of counts of the run that still wait; repeat the request with a new key for the rest.',
    }),
    unapproved: t.field({
      type: [UnapprovedCount],
      description: 'Some of the counts that cannot be approved at present.',
      resolve: ({ kept }) => kept,
    }),
  }),
};

mutation('approveCounts', {
  description: `Posts the large differences of one import run that wait for approval, at most ${MAX_APPROVED} at a time. Those whose units are no longer at the location keep waiting.`,
  authScopes: PLANNERS,
  price: { own: 60_000 },
  input: (t) => ({
    run: t.int({ required: true, description: 'Number of the import run that counted.' }),
  }),
  success: approveCountsSuccess,
  execute: async (input, context, request) => approveCounts(context.db, request({ runId: input.run })),
});

mutation('cancelCount', {
  description:
    'Cancels a count. One that waits for approval can only be cancelled by those who may approve it.',
  authScopes: STAFF_OR_PLANNERS,
  price: commandPrice(),
  input: (t) => ({
    count: t.globalID({ required: true, for: [StockCount] }),
  }),
  success: countDone,
  refusals: [WrongState],
  execute: async (input, context, request) => cancelCount(context.db, request({ countId: input.count.id })),
});
