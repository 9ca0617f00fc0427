// GraphQL types of access: the viewer for everyone, actors and their tokens for administrators.

import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { numberedPage } from '../../graphql/connections';
import { ACTOR_LIMITS } from '../rules/actor';
import { channelsOf } from '../rules/channels';
import { ADMINS } from '../rules/roleSets';
import type { Caller, Role } from '../rules/roles';

const roles: Record<Role, { description: string }> = {
  STOREFRONT: { description: 'A front end: public data, its own holds and orders.' },
  STAFF: { description: 'People of one or more shops or warehouses, and only of those.' },
  PLANNER: { description: 'Plans for the whole chain, or for the locations it is bound to.' },
  FEED: { description: 'Tills and ERPs, of the whole chain or of the locations they are bound to.' },
  MONITOR: { description: 'Reads /metrics and nothing else.' },
  AUDITOR: {
    description: 'Reads what an ADMIN reads, but for who customers are, and changes nothing.',
  },
  ADMIN: { description: 'May do everything, and says who may do what.' },
  SYSTEM: { description: 'The program itself; nobody can be given it.' },
};
const MANAGER = 'STAFF who decide what a shop’s manager decides, such as to unlock a pickup code.';
export const RoleEnum = builder.enumType('Role', { values: roles });

/** The caller. Its locations are added by the schema of the module location. */
export const Viewer = builder.objectRef<Caller>('Viewer').implement({
  description: 'Who is asking.',
  authScopes: { known: true },
  fields: (t) => ({
    name: t.exposeString('name'),
    role: t.expose('role', { type: RoleEnum }),
    channels: t.stringList({
      description:
        'The sales channels of a STOREFRONT; empty for other roles, who are not bound to channels.',
      resolve: (caller) => (caller.role === 'STOREFRONT' ? [...channelsOf(caller)] : []),
    }),
    manager: t.boolean({ description: MANAGER, resolve: (caller) => caller.manager === true }),
  }),
});

export const AccessToken = builder.prismaNode('AccessToken', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id) => ({ id: Number(id), actorId: { not: 0 } }),
  description: 'A bearer token, of which only the hash is stored.',
  authScopes: ADMINS,
  fields: (t) => ({
    hint: t.exposeString('hint', { description: 'Its last characters, to tell it from others.' }),
    actor: t.relation('actor'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'Null: never.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
  }),
});

export const Actor = builder.prismaNode('Actor', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id) => ({ id: Number(id), NOT: { id: 0 } }),
  description: 'A person or a machine that acts. The places are added by the locations’ face.',
  authScopes: ADMINS,
  fields: (t) => ({
    name: t.exposeString('name'),
    role: t.expose('role', { type: RoleEnum }),
    active: t.exposeBoolean('active', { description: 'False: its tokens are good for nothing.' }),
    channels: t.stringList({
      description:
        'The sales channels of a STOREFRONT; empty for other roles, who are not bound to channels.',
      select: { role: true, channels: true },
      resolve: (actor) => (actor.role === 'STOREFRONT' ? [...channelsOf(actor)] : []),
    }),
    manager: t.exposeBoolean('manager', { description: MANAGER }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    tokens: t.relation('accessTokens', {
      description: `The ${ACTOR_LIMITS.tokens} newest, revoked ones too.`,
      query: { orderBy: { id: 'desc' }, take: ACTOR_LIMITS.tokens },
    }),
  }),
});

const ActorConnection = connectionOf(Actor);

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: 'Who is asking: the actor behind this token.',
    authScopes: { known: true },
    resolve: (_root, _args, context) => context.caller,
  }),
  actors: t.prismaConnection(
    {
      type: Actor,
      cursor: 'id',
      description: 'Everyone who may use the house, in the order they came.',
      authScopes: ADMINS,
      resolve: (query, _root, _args, context) =>
        context.db.prisma.actor.findMany({
          ...numberedPage(query),
          where: { NOT: { id: 0 } },
          orderBy: { id: 'asc' },
        }),
    },
    ActorConnection,
  ),
}));
