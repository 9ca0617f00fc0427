// GraphQL types of the ledger: every move of units, with the command that caused it.

import { INTERNAL, PLANNERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { boundTo, mustWorkAt, worksAt } from '../../access/rules/roles';
import { skuIdsByCode } from '../../catalog/queries/skus';
import { Sku, skuById } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { badInput } from '../../graphql/errors';
import { decodeGlobalID, encodeGlobalID } from '../../graphql/ids';
import { keysetPage, numberCursor } from '../../graphql/keysetPages';
import { inOrderOf, loader } from '../../graphql/loaders';
import { locationIdsByCode } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { type MoveFilter, movePage, movesById, type StockMoveRow } from '../queries/pages';
import { Bucket } from './refusals';

/** The ledger has older names for the three of reservations. */
const MoveReason = builder.enumType('MoveReason', {
  description: 'Why units moved.',
  values: {
    RECEIVED: {},
    ADJUSTED: {},
    COUNTED: {},
    DAMAGED: {},
    LOST: {},
    FOUND: {},
    QUARANTINED: {},
    RELEASED_FROM_QUARANTINE: {},
    RESERVED: { value: 'HELD' },
    RESERVATION_RELEASED: { value: 'HOLD_RELEASED' },
    RESERVATION_EXPIRED: { value: 'HOLD_EXPIRED' },
    ORDERED: {},
    PICKED: {},
    SHORT_PICKED: {},
    COLLECTED: {},
    CANCELLED: {},
    NOT_COLLECTED: {},
    TRANSFER_PLANNED: {},
    TRANSFER_CANCELLED: {},
    DISPATCHED: {},
    TRANSFER_RECEIVED: {},
    LOST_IN_TRANSIT: {},
    FOUND_IN_TRANSIT: {},
    RETURNED: {},
    SCRAPPED: {},
    RETURNED_TO_VENDOR: {},
    SOLD: {},
    SKU_REPLACED: {},
  } as const,
});

const COMMAND = 'Command';

const StockCommand = builder.objectRef<StockMoveRow>('StockCommand').implement({
  description: 'The request that caused a move.',
  authScopes: INTERNAL,
  fields: (t) => ({
    id: t.id({
      description: 'For the command filter of stockMoves.',
      resolve: (m) => encodeGlobalID(COMMAND, m.commandId),
    }),
    action: t.exposeString('action', { description: 'The mutation or job, e.g. receiveStock.' }),
    key: t.exposeString('key', {
      description: 'The idempotency key of the request.',
      authScopes: PLANNERS,
    }),
    actor: t.exposeString('actor', {
      description: 'Who asked: a person or a system, by name.',
      authScopes: STAFF_OR_PLANNERS,
    }),
  }),
});

/** Moves by id, null where there is none; what is written once needs no second look. */
const moveById = loader(async ({ db }, ids: readonly number[]) =>
  inOrderOf(ids, await movesById(db, ids), (move) => move.id),
);

const StockMove = builder.node(builder.objectRef<StockMoveRow>('StockMove'), {
  id: { resolve: (move) => move.id },
  loadManyWithoutCache: (ids: string[], context) =>
    Promise.all(
      ids.map(async (id) => {
        const move = await moveById(context).load(Number(id));
        if (move === null) return null;
        const own =
          worksAt(context.caller, move.fromLocationId) || worksAt(context.caller, move.toLocationId);
        return own ? move : null;
      }),
    ),
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'fromBucket' in value,
  description:
    'Units of one SKU that went from one bucket to another. Never changed; corrections are new moves.',
  authScopes: INTERNAL,
  fields: (t) => ({
    sku: t.field({ type: Sku, resolve: (m, _args, context) => skuById(context).load(m.skuId) }),
    fromLocation: t.field({
      type: Location,
      description: 'The place they left; for a bucket outside, the place that recorded it.',
      resolve: (m, _args, context) => locationById(context).load(m.fromLocationId),
    }),
    fromBucket: t.expose('fromBucket', { type: Bucket }),
    toLocation: t.field({
      type: Location,
      resolve: (m, _args, context) => locationById(context).load(m.toLocationId),
    }),
    toBucket: t.expose('toBucket', { type: Bucket }),
    quantity: t.exposeInt('quantity', { description: 'Sellable units, more than zero.' }),
    reason: t.expose('reason', { type: MoveReason }),
    note: t.exposeString('note', { nullable: true }),
    position: t.field({
      type: 'BigInt',
      description: 'Its place in the ledger: a level at this position has seen it.',
      resolve: (m) => m.id,
    }),
    at: t.expose('at', { type: 'DateTime' }),
    command: t.field({ type: StockCommand, resolve: (m) => m }),
  }),
});

const StockMoveConnection = connectionOf(StockMove);

const StockMoveFilter = builder.inputType('StockMoveFilter', {
  description: 'Moves that fit every part given.',
  fields: (t) => ({
    sku: t.string({ description: 'SKU code.' }),
    location: t.string({ description: 'Location code: moves from, to and inside it.' }),
    command: t.id({ description: 'Id of a command, as its moves tell it.' }),
    from: t.field({ type: 'DateTime', description: 'From this instant.' }),
    to: t.field({ type: 'DateTime', description: 'To before this instant.' }),
  }),
});

const moveCursor = numberCursor<{ id: number }>((m) => m.id);

/** @throws GraphQLError BAD_USER_INPUT for what is not the id of a command */
function commandIdOf(globalId: string): number {
  const { typename, id } = decodeGlobalID(globalId);
  if (typename !== COMMAND) throw badInput(`filter.command is the id of a ${typename}, not of a command.`);
  return Number(id);
}

builder.queryField('stockMoves', (t) =>
  t.connection(
    {
      type: StockMove,
      description:
        'The ledger, newest first: which units moved from where to where, why, and by which request.',
      authScopes: INTERNAL,
      args: { filter: t.arg({ type: StockMoveFilter }) },
      resolve: async (_root, { filter, ...args }, context) => {
        const { sku, location, command, from, to } = filter ?? {};
        const asked: MoveFilter = {
          skuId: sku == null ? null : (await skuIdsByCode(context.db, [sku])).get(sku)!,
          locationId:
            location == null ? null : (await locationIdsByCode(context.db, [location])).get(location)!,
          within: boundTo(context.caller),
          commandId: command == null ? null : commandIdOf(command),
          from: from ?? null,
          to: to ?? null,
        };
        if (location != null) mustWorkAt(context.caller, asked.locationId!, location);
        return keysetPage(args, moveCursor, (page) => movePage(context.db, asked, page));
      },
    },
    StockMoveConnection,
  ),
);
