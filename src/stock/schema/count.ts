// Counting as GraphQL sees it: the list of counts, and the acts of asking for, doing, approving and dropping them.

import { boundTo, type Caller } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import { commandRequest, IDEMPOTENCY_KEY_DESCRIPTION } from '../../graphql/commandRequest';
import { documentPage } from '../../graphql/connections';
import { inOrderOf, loader } from '../../graphql/loaders';
import { answering, answerUnion, WrongState } from '../../graphql/refusal';
import { locationIdsByCode } from '../../location/queries/locations';
import { checkCount, checkDistinct, checkQuantity, MAX_LINES, refuse } from '../../refusals';
import { approveCounts, type CountsApproved, MAX_APPROVED } from '../actions/approveCounts';
import { approveCount, cancelCount, countStock, openCount } from '../actions/counts';
import { levelsOf } from '../queries/levels';
import { MAX_ON_SHELF } from '../rules/changes';
import { reasonOf, resolvePlace } from './inputs';
import { NUMBERS, StockLevel } from './level';
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
  authScopes: NUMBERS,
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

const countById = loader((context, ids: readonly string[]) =>
  context.db.prisma.stockCount
    .findMany({ where: { id: { in: [...ids] } } })
    .then((rows) =>
      inOrderOf(ids, rows, (r) => r.id).map((row, i) => row ?? new Error(`no count ${ids[i]}`)),
    ),
);

builder.queryField('stockCounts', (t) =>
  t.prismaConnection({
    type: StockCount,
    cursor: 'id',
    description: 'Counts, the oldest first: what is to be counted, what waits for approval, what was found.',
    authScopes: NUMBERS,
    args: {
      location: t.arg.string({ description: 'Location code.' }),
      status: t.arg({ type: CountStatus }),
      run: t.arg.int({ description: 'Only those of this import run, by its number.' }),
    },
    resolve: async (query, _root, { location, status, run }, context) => {
      const locationId =
        location == null ? undefined : (await locationIdsByCode(context.db, [location])).get(location);
      return context.db.prisma.stockCount.findMany({
        ...documentPage(query),
        where: {
          AND: visibleCounts(context.caller),
          locationId,
          status: status ?? undefined,
          runId: run ?? undefined,
        },
        orderBy: { id: 'asc' },
      });
    },
  }),
);

/** A success type that shows counts. */
function countsDone(name: string) {
  return builder.objectRef<{ countIds: string[] }>(name).implement({
    authScopes: NUMBERS,
    fields: (t) => ({
      counts: t.field({
        type: [StockCount],
        resolve: ({ countIds }, _args, context) =>
          Promise.all(countIds.map((id) => countById(context).load(id))),
      }),
    }),
  });
}

/** A success type that shows one count. */
function countDone(name: string) {
  return builder.objectRef<{ countId: string }>(name).implement({
    authScopes: NUMBERS,
    fields: (t) => ({
      count: t.field({
        type: StockCount,
        resolve: ({ countId }, _args, context) => countById(context).load(countId),
      }),
    }),
  });
}

const OpenCountInput = builder.inputType('OpenCountInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    location: t.string({ required: true, description: 'Location code.' }),
    skus: t.stringList({ required: true, description: 'SKU codes.' }),
    reason: t.string({ required: true, description: 'Why, in words for the person who counts.' }),
  }),
});

builder.mutationField('openCount', (t) =>
  t.field({
    description: 'Asks for shelves to be counted. One that is to be counted already stays as it is.',
    type: answerUnion('OpenCount', countsDone('OpenCountSuccess')),
    authScopes: { roles: ['STAFF', 'PLANNER'] },
    args: { input: t.arg({ type: OpenCountInput, required: true }) },
    resolve: answering('OpenCountSuccess', async (_root, { input }, context) => {
      checkCount(input.skus, 'skus', MAX_LINES);
      const reason = reasonOf(input.reason, 'reason');
      const wanted = [...new Set(input.skus)].map((sku) => ({ sku }));
      const { lines, ...place } = await resolvePlace(context, input.location, wanted);
      const skuIds = [...new Set(lines.map((l) => l.skuId))];
      return openCount(
        context.db,
        commandRequest(context, input.idempotencyKey, { ...place, skuIds, reason }),
      );
    }),
  }),
);

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

const CountStockInput = builder.inputType('CountStockInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    location: t.string({ required: true, description: 'Location code.' }),
    lines: t.field({ type: [CountLineInput], required: true, description: 'Each SKU once.' }),
  }),
});

const CountStockSuccess = builder
  .objectRef<{ locationId: number; skuIds: number[]; countIds: string[] }>('CountStockSuccess')
  .implement({
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
      counts: t.field({
        type: [StockCount],
        description: 'POSTED, or COUNTED where the difference waits for approval.',
        resolve: ({ countIds }, _args, context) =>
          Promise.all(countIds.map((id) => countById(context).load(id))),
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

builder.mutationField('countStock', (t) =>
  t.field({
    description:
      'Says how many units are on each shelf; the difference to the books is posted, a big one after approval. All lines or none.',
    type: answerUnion('CountStock', CountStockSuccess, [StaleCount, ReservedExceedsCount]),
    authScopes: { roles: ['STAFF', 'PLANNER', 'FEED'] },
    args: { input: t.arg({ type: CountStockInput, required: true }) },
    resolve: answering('CountStockSuccess', async (_root, { input }, context) => {
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
      return countStock(
        context.db,
        commandRequest(context, input.idempotencyKey, { ...place, lines: counted }),
      );
    }),
  }),
);

const ApproveCountInput = builder.inputType('ApproveCountInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    count: t.globalID({ required: true, for: [StockCount] }),
  }),
});

builder.mutationField('approveCount', (t) =>
  t.field({
    description: 'Posts the big difference that a count found.',
    type: answerUnion('ApproveCount', countDone('ApproveCountSuccess'), [WrongState, NotEnoughStock]),
    authScopes: { roles: ['PLANNER'] },
    args: { input: t.arg({ type: ApproveCountInput, required: true }) },
    resolve: answering('ApproveCountSuccess', async (_root, { input }, context) =>
      approveCount(context.db, commandRequest(context, input.idempotencyKey, { countId: input.count.id })),
    ),
  }),
);

const KeptCount = builder.objectRef<CountsApproved['kept'][number]>('KeptCount').implement({
  description: 'A count that could not be approved.',
  authScopes: NUMBERS,
  fields: (t) => ({
    count: t.field({
      type: StockCount,
      resolve: ({ countId }, _args, context) => countById(context).load(countId),
    }),
    reason: t.exposeString('reason', { description: 'Why not, and what to do.' }),
  }),
});

const ApproveCountsSuccess = builder.objectRef<CountsApproved>('ApproveCountsSuccess').implement({
  authScopes: NUMBERS,
  fields: (t) => ({
    approved: t.exposeInt('approved', { description: 'Counts whose difference was posted now.' }),
    waiting: t.exposeInt('waiting', {
      description: 'Counts of the run that wait still; ask again for the rest.',
    }),
    kept: t.field({
      type: [KeptCount],
      description: 'Some of those that cannot be approved as their shelf stands.',
      resolve: ({ kept }) => kept,
    }),
  }),
});

const ApproveCountsInput = builder.inputType('ApproveCountsInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    run: t.int({ required: true, description: 'Number of the import run that counted (importRuns).' }),
  }),
});

builder.mutationField('approveCounts', (t) =>
  t.field({
    description: `Posts the big differences that wait from one import, at most ${MAX_APPROVED} at a time; those whose shelf no longer has the units keep waiting.`,
    type: answerUnion('ApproveCounts', ApproveCountsSuccess),
    authScopes: { roles: ['PLANNER'] },
    args: { input: t.arg({ type: ApproveCountsInput, required: true }) },
    resolve: answering('ApproveCountsSuccess', async (_root, { input }, context) =>
      approveCounts(context.db, commandRequest(context, input.idempotencyKey, { runId: input.run })),
    ),
  }),
);

const CancelCountInput = builder.inputType('CancelCountInput', {
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: IDEMPOTENCY_KEY_DESCRIPTION }),
    count: t.globalID({ required: true, for: [StockCount] }),
  }),
});

builder.mutationField('cancelCount', (t) =>
  t.field({
    description:
      'Drops a count that is no longer wanted; one that waits for approval only by who may approve it.',
    type: answerUnion('CancelCount', countDone('CancelCountSuccess'), [WrongState]),
    authScopes: { roles: ['STAFF', 'PLANNER'] },
    args: { input: t.arg({ type: CancelCountInput, required: true }) },
    resolve: answering('CancelCountSuccess', async (_root, { input }, context) =>
      cancelCount(context.db, commandRequest(context, input.idempotencyKey, { countId: input.count.id })),
    ),
  }),
);
