// The GraphQL type of counts, and the list of them.

import { INTERNAL } from '../../access/rules/roleSets';
import { boundTo, type Caller } from '../../access/rules/roles';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { documentPage } from '../../graphql/connections';
import { loaderById } from '../../graphql/loaders';
import { locationIdsByCode } from '../../location/queries/locations';

const CountStatus = builder.enumType('CountStatus', {
  description: 'State of a count.',
  values: {
    OPEN: { description: 'Requested, not counted yet.' },
    COUNTED: { description: 'Counted, with a difference that waits for approval.' },
    POSTED: { description: 'Counted and posted.' },
    CANCELLED: { description: 'Cancelled.' },
  } as const,
});

/** Counts of the locations that the caller is bound to; all for others. */
function visibleCounts(caller: Caller) {
  const bound = boundTo(caller);
  return bound === null ? {} : { locationId: { in: [...bound] } };
}

export const StockCount = builder.prismaNode('StockCount', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, context) => ({ id, AND: visibleCounts(context.caller) }),
  description: 'A count of one SKU at one location.',
  authScopes: INTERNAL,
  fields: (t) => ({
    location: t.relation('location'),
    sku: t.relation('sku'),
    status: t.expose('status', { type: CountStatus, description: 'State of the count.' }),
    reason: t.exposeString('reason', { description: 'Why it was requested; empty if it was not requested.' }),
    expected: t.exposeInt('expected', {
      nullable: true,
      description: 'Units by the ledger when it was counted: available + reserved; null before.',
    }),
    counted: t.exposeInt('counted', { nullable: true, description: 'Units counted; null before.' }),
    difference: t.int({
      nullable: true,
      description: 'Units counted minus units expected.',
      resolve: (count) =>
        count.counted === null || count.expected === null ? null : count.counted - count.expected,
    }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When it was requested.' }),
    countedAt: t.expose('countedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was counted.',
    }),
    postedAt: t.expose('postedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its difference was posted.',
    }),
  }),
});

const StockCountConnection = connectionOf(StockCount);

export const countById = loaderById('count', ({ db }, ids: string[]) =>
  db.prisma.stockCount.findMany({ where: { id: { in: ids } } }),
);

const StockCountFilter = builder.inputType('StockCountFilter', {
  description: 'Counts that meet every condition given.',
  fields: (t) => ({
    location: t.string({ description: 'Location code.' }),
    statuses: t.field({ type: [CountStatus], description: 'Only counts in these states; all if omitted.' }),
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
