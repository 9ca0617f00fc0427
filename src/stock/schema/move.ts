// GraphQL types of the ledger: every move of units, with the command that caused it.

import { INTERNAL, PLANNERS, STAFF_OR_PLANNERS } from '../../access/rules/roleSets';
import { boundTo, mustWorkAt, worksAt } from '../../access/rules/roles';
import { ACTOR_FIELD } from '../../access/schema/summary';
import { skuLookup } from '../../catalog/queries/skus';
import { SKU_FIELD } from '../../catalog/schema/sku';
import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { badInput } from '../../graphql/errors';
import { decodeGlobalID, encodeGlobalID } from '../../graphql/ids';
import { keysetPage, numberCursor } from '../../graphql/keysetPages';
import { inOrderOf, loader } from '../../graphql/loaders';
import { locationLookup } from '../../location/queries/locations';
import { Location, locationById } from '../../location/schema/location';
import { type MoveFilter, movePage, movesById, type StockMoveRow } from '../queries/pages';
import { Bucket } from './refusals';

/** The ledger stores older names for the three reasons of reservations. */
const MoveReason = builder.enumType('MoveReason', {
  description: 'Why units moved.',
  values: {
    RECEIVED: { description: 'A delivery was received.' },
    ADJUSTED: { description: 'Stock was adjusted, with a note.' },
    COUNTED: { description: 'A count found a difference.' },
    DAMAGED: { description: 'Units were damaged.' },
    LOST: { description: 'Units were lost.' },
    FOUND: { description: 'Units were found.' },
    QUARANTINED: { description: 'Units were moved to quarantine.' },
    RELEASED_FROM_QUARANTINE: { description: 'Units in quarantine are on sale again.' },
    RESERVED: { description: 'Units were reserved.', value: 'HELD' },
    RESERVATION_RELEASED: { description: 'A reservation was released.', value: 'HOLD_RELEASED' },
    RESERVATION_EXPIRED: { description: 'A reservation expired.', value: 'HOLD_EXPIRED' },
    ORDERED: { description: 'Units were ordered.' },
    PICKED: { description: 'Units were picked for an order.' },
    PICK_UNDONE: { description: 'Picked units went back to the stock of their location.' },
    RECEIPT_REVERSED: { description: 'A receipt that was a mistake was taken back.' },
    TRANSFER_RECALLED: { description: 'Units in transit returned to their source.' },
    SHORT_PICKED: { description: 'Units to be picked were missing or unusable.' },
    COLLECTED: { description: 'The customer took the units.' },
    CANCELLED: { description: 'An order was cancelled.' },
    NOT_COLLECTED: { description: 'An order was not collected in time.' },
    TRANSFER_PLANNED: { description: 'A transfer was created.' },
    TRANSFER_CANCELLED: { description: 'A transfer was cancelled.' },
    DISPATCHED: { description: 'A transfer left its source.' },
    TRANSFER_RECEIVED: { description: 'A transfer arrived.' },
    LOST_IN_TRANSIT: { description: 'Units of a transfer did not arrive.' },
    FOUND_IN_TRANSIT: { description: 'More units arrived than a transfer had sent.' },
    RETURNED: { description: 'The customer returned the units.' },
    SCRAPPED: { description: 'Units were scrapped.' },
    RETURNED_TO_VENDOR: { description: 'Units were returned to the supplier.' },
    SOLD: { description: 'Units were sold at a till.' },
    SKU_REPLACED: { description: 'The SKU’s code became an alias of another SKU.' },
  } as const,
});

const COMMAND = 'Command';

const StockCommand = builder.objectRef<StockMoveRow>('StockCommand').implement({
  description: 'The request that caused a move.',
  authScopes: INTERNAL,
  fields: (t) => ({
    id: t.id({
      description: 'Global ID, for the command filter of stockMoves.',
      resolve: (m) => encodeGlobalID(COMMAND, m.commandId),
    }),
    action: t.exposeString('action', { description: 'Name of the mutation or job, such as receiveStock.' }),
    key: t.exposeString('key', {
      description: 'Idempotency key of the request.',
      authScopes: PLANNERS,
    }),
    actor: t.field({
      ...ACTOR_FIELD,
      description: 'Who sent the request; the program itself for jobs.',
      authScopes: STAFF_OR_PLANNERS,
    }),
  }),
});

/** Moves by id, null for unknown ones; cached, because moves never change. */
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
    sku: t.field(SKU_FIELD),
    fromLocation: t.field({
      type: Location,
      description: 'The location they left; for a bucket outside, the location that recorded the move.',
      resolve: (m, _args, context) => locationById(context).load(m.fromLocationId),
    }),
    fromBucket: t.expose('fromBucket', { type: Bucket, description: 'The bucket they left.' }),
    toLocation: t.field({
      type: Location,
      description: 'The location they went to; for a bucket outside, the location that recorded the move.',
      resolve: (m, _args, context) => locationById(context).load(m.toLocationId),
    }),
    toBucket: t.expose('toBucket', { type: Bucket, description: 'The bucket they went to.' }),
    quantity: t.exposeInt('quantity', { description: 'Units, more than zero.' }),
    reason: t.expose('reason', { type: MoveReason, description: 'Why they moved.' }),
    note: t.exposeString('note', { nullable: true, description: 'Free text.' }),
    position: t.field({
      type: 'BigInt',
      description: 'Position in the ledger. A level with this position or a later one includes the move.',
      resolve: (m) => m.id,
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When the move was recorded.' }),
    occurredAt: t.expose('occurredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it happened, if that was reported; null: when it was recorded.',
    }),
    command: t.field({
      type: StockCommand,
      description: 'The request that caused the move.',
      resolve: (m) => m,
    }),
  }),
});

const StockMoveConnection = connectionOf(StockMove);

const StockMoveFilter = builder.inputType('StockMoveFilter', {
  description: 'Moves that meet every condition given.',
  fields: (t) => ({
    sku: t.string({ description: 'SKU code.' }),
    location: t.string({ description: 'Location code: moves from, to and within it.' }),
    command: t.id({ description: 'Global ID of a command, as in StockCommand.' }),
    from: t.field({ type: 'DateTime', description: 'Only moves at or after this time.' }),
    to: t.field({ type: 'DateTime', description: 'Only moves before this time.' }),
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
        const wanted: MoveFilter = {
          skuId: await skuLookup.idOf(context.db, sku),
          locationId: await locationLookup.idOf(context.db, location),
          within: boundTo(context.caller),
          commandId: command == null ? null : commandIdOf(command),
          from: from ?? null,
          to: to ?? null,
        };
        if (location != null) mustWorkAt(context.caller, wanted.locationId!, location);
        return keysetPage(args, moveCursor, (page) => movePage(context.db, wanted, page));
      },
    },
    StockMoveConnection,
  ),
);
