// holdings: the units that actors and holders have now.

import { ACTOR_LIMITS } from '../../access/rules/actor';
import { PLANNERS } from '../../access/rules/roleSets';
import { ACTOR_FIELD } from '../../access/schema/summary';
import { builder } from '../../graphql/builder';
import { cacheId, cacheIdOf } from '../../graphql/cacheIds';
import { connectionOf } from '../../graphql/connectionOf';
import { badInput } from '../../graphql/errors';
import { type CursorForm, forwardPage } from '../../graphql/keysetPages';
import { checkText } from '../../refusals';
import { type HoldingKey, type HoldingRow, holdingPage } from '../queries/holdings';

/** The key of a row: the actor, and by HOLDER also the holder or its absence. */
function keyOf({ actorId, holder, openOrders }: HoldingRow): (string | number)[] {
  if (openOrders !== null) return [actorId];
  return holder === null ? [actorId, 'none'] : [actorId, 'holder', holder];
}

const Holding = builder.objectRef<HoldingRow>('Holding').implement({
  description: 'What one actor, or one holder of an actor, has now. Expired reservations do not count.',
  authScopes: PLANNERS,
  fields: (t) => ({
    id: t.id({
      description: cacheIdOf('an actor, and for one of its holders'),
      resolve: (row) => cacheId('Holding', ...keyOf(row)),
    }),
    actor: t.field({
      ...ACTOR_FIELD,
      description: 'The actor.',
    }),
    holder: t.exposeString('holder', {
      nullable: true,
      description:
        'The storefront’s own ID of a basket. Null for a row of a whole actor, and for reservations without a holder.',
    }),
    reservations: t.exposeInt('reservations', { description: 'Number of reservations.' }),
    reservedUnits: t.exposeInt('reservedUnits', { description: 'Units in reservations.' }),
    since: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description:
        'How long the oldest of its holders has had units without interruption; null without reservations.',
    }),
    openOrders: t.exposeInt('openOrders', {
      nullable: true,
      description: 'Orders not collected yet; null by HOLDER, because orders have no holder.',
    }),
    orderedUnits: t.exposeInt('orderedUnits', { nullable: true, description: 'Units in those orders.' }),
  }),
});

const HoldingConnection = connectionOf(Holding);

const HoldingGrouping = builder.enumType('HoldingGrouping', {
  description: 'What a row of `holdings` stands for.',
  values: {
    ACTOR: { description: 'A storefront, feed or member of staff.' },
    HOLDER: { description: 'One holder (usually a basket) of an actor.' },
  },
});

const HoldingOrderBy = builder.enumType('HoldingOrderBy', {
  description: 'What `holdings` is sorted by, largest first.',
  values: {
    RESERVED_UNITS: { description: 'Units in reservations.' },
    RESERVATIONS: { description: 'Number of reservations.' },
    ORDERED_UNITS: { description: 'Units in open orders; only by ACTOR.' },
  } as const,
});

const CURSOR = /^(\d{1,10}):(\d{1,10}):(.*)$/s;
const MAX_INT = 2_147_483_647;

const byRank: CursorForm<HoldingRow, HoldingKey> = {
  write: ({ rank, actorId, holder }) => `${rank}:${actorId}:${holder ?? ''}`,
  read: (text) => {
    const [, rank, actorId, holder] = CURSOR.exec(text) ?? [];
    if (holder === undefined || holder.includes('\u0000')) return null;
    if (Number(rank) > MAX_INT || Number(actorId) > MAX_INT) return null;
    return { rank: Number(rank), actorId: Number(actorId), holder };
  },
};

const HoldingFilter = builder.inputType('HoldingFilter', {
  description: 'Rows that meet every condition given.',
  fields: (t) => ({
    actor: t.string({ description: 'Name of an actor.' }),
  }),
});

builder.queryField('holdings', (t) =>
  t.connection(
    {
      type: Holding,
      forwardOnly: true,
      description: 'Units reserved and ordered, by actor or by holder.',
      authScopes: PLANNERS,
      args: {
        by: t.arg({
          type: HoldingGrouping,
          required: true,
          defaultValue: 'ACTOR',
          description: 'What a row stands for.',
        }),
        orderBy: t.arg({
          type: HoldingOrderBy,
          required: true,
          defaultValue: 'RESERVED_UNITS',
          description: 'Largest values of this measure first.',
        }),
        filter: t.arg({ type: HoldingFilter }),
      },
      resolve: (_root, { by, orderBy, filter, ...args }, context) => {
        const actor = filter?.actor ?? null;
        if (by === 'HOLDER' && orderBy === 'ORDERED_UNITS') {
          throw badInput('Orders name no holder; order by RESERVED_UNITS or RESERVATIONS, or ask by ACTOR.');
        }
        if (actor !== null) checkText(actor, 'filter.actor', ACTOR_LIMITS.nameLength);
        const request = { by, orderBy, actor };
        return forwardPage(args, byRank, (after, limit) =>
          holdingPage(context.db, context.now, request, after, limit),
        );
      },
    },
    HoldingConnection,
  ),
);
