// GraphQL types of counts: the list, and the mutations to request, count, approve and cancel.

import { INTERNAL, PLANNERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { boundTo, type Caller } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage } from '../../graphql/connections';
import { commandPrice, LOCKED_LINE } from '../../graphql/cost/price';
import { inOrderOf, loader } from '../../graphql/loaders';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkCount, checkDistinct, checkQuantity, MAX_LINES, refuse } from '../../refusals';
import { approveCounts, type CountsApproved, MAX_APPROVED } from '../actions/approveCounts';
import { approveCount, cancelCount, countStock, openCount } from '../actions/counts';
import { levelsOf } from '../queries/levels';
import { MAX_ON_SHELF } from '../rules/changes';
import { reasonOf, resolvePlace } from './inputs';
import { StockLevel } from './level';
import { NotEnoughStock, ReservedExceedsCount, StaleCount } from './refusals';

const CountStatus = builder.enumType('CountStatus', {
  values: {
    OPEN: { description: 'To be done.' },
    COUNTED: { description: 'Done, with a difference so big that it waits for approval.' },
    POSTED: { description: 'In the books.' },
    CANCELLED: { description: 'Dropped.' },
  } as const,
});

/** Counts of the locations that the caller is bound to; all for others. */
function visibleCounts(caller: Caller) {
  const bound = boundTo(caller);
  return bound === null ? {} : { locationId: { in: [...bound] } };
}

const StockCount = builder.prismaNode('StockCount', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, context) => ({ id, AND: visibleCounts(context.caller) }),
  description: 'A shelf that is to be counted or was.',
  authScopes: INTERNAL,
  fields: (t) => ({
    location: t.relation('location'),
    sku: t.relation('sku'),
    status: t.expose('status', { type: CountStatus }),
    reason: t.exposeString('reason', { description: 'Why it was asked for; empty when nobody asked.' }),
    expected: t.exposeInt('expected', {
      nullable: true,
      description: 'What the books said when it was counted: available + reserved.',
    }),
    counted: t.exposeInt('counted', { nullable: true, description: 'Units found on the shelf.' }),
    difference: t.int({
      nullable: true,
      description: 'counted − expected.',
      resolve: (count) =>
        count.counted === null || count.expected === null ? null : count.counted - count.expected,
    }),
    openedAt: t.expose('openedAt', { type: 'DateTime' }),
    countedAt: t.expose('countedAt', { type: 'DateTime', nullable: true }),
    postedAt: t.expose('postedAt', { type: 'DateTime', nullable: true }),
  }),
});

const StockCountConnection = connectionOf(StockCount);

const countById = loader((context, ids: readonly string[]) =>
  context.db.prisma.stockCount
    .findMany({ where: { id: { in: [...ids] } } })
    .then((rows) =>
      inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no count ${ids[i]}`)),
    ),
);

const StockCountFilter = builder.inputType('StockCountFilter', {
  description: 'Counts that meet every condition given.',
  fields: (t) => ({
    location: t.string({ description: 'Location code.' }),
    statuses: t.field({ type: [CountStatus], description: 'All when left out.' }),
    run: t.int({ description: 'Only those of this import run, by its number.' }),
  }),
});

builder.queryField('stockCounts', (t) =>
  t.prismaConnection(
    {
      type: StockCount,
      cursor: 'id',
      description: 'Counts of stock, oldest first: open ones, those waiting for approval, and finished ones.',
      authScopes: INTERNAL,
      args: { filter: t.arg({ type: StockCountFilter }) },
      resolve: async (query, _root, { filter }, context) => {
        const { location, statuses, run } = filter ?? {};
        const locationId =
          location == null ? undefined : (await locationIdsByCode(context.db, [location])).get(location);
        return context.db.prisma.stockCount.findMany({
          ...documentPage(query),
          where: {
            AND: visibleCounts(context.caller),
            locationId,
            status: statuses == null ? undefined : { in: statuses },
            runId: run ?? undefined,
          },
          orderBy: { id: 'asc' },
        });
      },
    },
    StockCountConnection,
  ),
);

/** A success type that shows counts. */
const countsDone: Success<{ countIds: string[] }> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    counts: t.field({
      type: [StockCount],
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
    reason: t.string({ required: true, description: 'Why, in words for the person who counts.' }),
  }),
  success: countsDone,
  execute: async (input, context, request) => {
    checkCount(input.skus, 'skus', MAX_LINES);
    const reason = reasonOf(input.reason, 'reason');
    const wanted = [...new Set(input.skus)].map((sku) => ({ sku }));
    const { lines, ...place } = await resolvePlace(context, input.location, wanted);
    const skuIds = [...new Set(lines.map((l) => l.skuId))];
    return openCount(context.db, request({ ...place, skuIds, reason }));
  },
});

const CountLineInput = builder.inputType('CountLineInput', {
  fields: (t) => ({
    sku: t.string({ required: true, description: 'SKU code.' }),
    quantity: t.int({
      required: true,
      description:
        'Units found on the shelf: available and reserved ones, not those staged or in quarantine.',
    }),
    expectedQuantity: t.int({
      description:
        'What the books said when counting began; refused as StaleCount when they say otherwise now.',
    }),
  }),
});

type CountLine = (typeof CountLineInput)['$inferInput'];

/** @throws Refused InvalidInput */
function checkCountLines(lines: readonly CountLine[]): void {
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
    levels: t.field({
      type: [StockLevel],
      resolve: ({ locationId, skuIds }, _args, context) =>
        levelsOf(
          context.db,
          skuIds.map((skuId) => ({ locationId, skuId })),
        ),
    }),
    counts: t.field({
      type: [StockCount],
      description: 'POSTED, or COUNTED where the difference waits for approval.',
      resolve: ({ countIds }, _args, context) =>
        Promise.all(countIds.map((id) => countById(context).load(id))),
    }),
  }),
};

mutation('countStock', {
  description:
    'Records counted units. Differences to the books are posted, large ones after approval; all lines or none.',
  authScopes: INTERNAL,
  price: commandPrice('lines', LOCKED_LINE),
  input: (t) => ({
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [CountLineInput], required: true, description: 'Each SKU once.' }),
  }),
  success: countStockSuccess,
  refusals: [StaleCount, ReservedExceedsCount],
  execute: async (input, context, request) => {
    checkCountLines(input.lines);
    const { lines, ...place } = await resolvePlace(context, input.location, input.lines);
    checkDistinct(
      lines.map((l) => l.skuId),
      'lines',
    );
    const counted = lines.map(({ skuId, quantity, expectedQuantity }) => ({
      skuId,
      quantity,
      expectedQuantity: expectedQuantity ?? null,
    }));
    return countStock(context.db, request({ ...place, lines: counted }));
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
      resolve: ({ countId }, _args, context) => countById(context).load(countId),
    }),
    reason: t.exposeString('reason', { description: 'Why not, and what to do.' }),
  }),
});

const approveCountsSuccess: Success<CountsApproved> = {
  authScopes: INTERNAL,
  fields: (t) => ({
    approved: t.exposeInt('approved', { description: 'Counts whose difference was posted now.' }),
    waiting: t.exposeInt('waiting', {
      description: 'Counts of the run that wait still; ask again for the rest.',
    }),
    unapproved: t.field({
      type: [UnapprovedCount],
      description: 'Some of those that cannot be approved as their shelf stands.',
      resolve: ({ kept }) => kept,
    }),
  }),
};

mutation('approveCounts', {
  description: `Posts the large differences of one import run that wait for approval, at most ${MAX_APPROVED} at a time. Those whose units are no longer at the location keep waiting.`,
  authScopes: PLANNERS,
  price: { own: 60_000 },
  input: (t) => ({
    run: t.int({ required: true, description: 'Number of the import run that counted (importRuns).' }),
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
