// GraphQL types of access: the viewer for every caller, actors and their tokens for administrators.

import { builder } from '../../graphql/builder';
import { connectionOf } from '../../graphql/connectionOf';
import { numberedPage } from '../../graphql/connections';
import { ACTOR_LIMITS } from '../rules/actor';
import { channelsOf } from '../rules/channels';
import { ADMINS } from '../rules/roleSets';
import type { Caller, Role } from '../rules/roles';

const roles: Record<Role, { description: string }> = {
  STOREFRONT: { description: 'A web shop or app: reads public data and its own reservations and orders.' },
  STAFF: { description: 'People of one or more shops or warehouses; bound to those locations.' },
  PLANNER: { description: 'Plans for the whole chain, or for the locations it is bound to.' },
  FEED: { description: 'A till system or ERP of the whole chain, or of the locations it is bound to.' },
  AGENT: {
    description:
      'Customer service: looks customers up, each look-up on record, and serves their orders and cases.',
  },
  DATA_STEWARD: { description: 'Decides which records are one customer, and about personal data.' },
  MONITOR: { description: 'Reads /metrics and nothing else.' },
  AUDITOR: {
    description: 'Reads what an ADMIN reads, except personal data, and changes nothing.',
  },
  ADMIN: { description: 'May do everything and manages actors and tokens.' },
  SYSTEM: { description: 'The program itself; cannot be assigned.' },
};
const MANAGER = 'Whether it is STAFF that may do what a shop’s manager may, such as unlocking a pickup code.';
export const RoleEnum = builder.enumType('Role', { description: 'What an actor may do.', values: roles });

/** The caller. Its locations are added by the schema of the module location. */
export const Viewer = builder.objectRef<Caller>('Viewer').implement({
  description: 'The actor behind the token of this request.',
  authScopes: { known: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique name of the actor.' }),
    role: t.expose('role', { type: RoleEnum, description: 'What the actor may do.' }),
    channels: t.stringList({
      description: 'Sales channels of a STOREFRONT; empty for other roles, which are not bound to channels.',
      resolve: (caller) => (caller.role === 'STOREFRONT' ? [...channelsOf(caller)] : []),
    }),
    manager: t.boolean({ description: MANAGER, resolve: (caller) => caller.manager === true }),
  }),
});

export const AccessToken = builder.prismaNode('AccessToken', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id) => ({ id: Number(id), actorId: { not: 0 } }),
  description: 'A bearer token. Only its hash is stored.',
  authScopes: ADMINS,
  fields: (t) => ({
    hint: t.exposeString('hint', { description: 'The last characters of the token, to recognise it by.' }),
    actor: t.relation('actor', { description: 'The actor who signs in with this token.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops working; null if it never expires.',
    }),
    pageOrigins: t.exposeStringList('pageOrigins', {
      description:
        'Origins of the pages that have this token, which is publishable then; empty: a secret token.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked; null if it was not.',
    }),
  }),
});

export const Actor = builder.prismaNode('Actor', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id) => ({ id: Number(id), NOT: { id: 0 } }),
  description: 'A person or machine that uses the API.',
  authScopes: ADMINS,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique name.' }),
    role: t.expose('role', { type: RoleEnum, description: 'What the actor may do.' }),
    active: t.exposeBoolean('active', { description: 'False if its tokens no longer work.' }),
    channels: t.stringList({
      description: 'Sales channels of a STOREFRONT; empty for other roles, which are not bound to channels.',
      select: { role: true, channels: true },
      resolve: (actor) => (actor.role === 'STOREFRONT' ? [...channelsOf(actor)] : []),
    }),
    manager: t.exposeBoolean('manager', { description: MANAGER }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    tokens: t.relation('accessTokens', {
      description: `Its newest tokens, at most ${ACTOR_LIMITS.tokens}, revoked ones included.`,
      query: { orderBy: { id: 'desc' }, take: ACTOR_LIMITS.tokens },
    }),
  }),
});

const ActorConnection = connectionOf(Actor);

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    description: 'The actor behind the token of this request.',
    authScopes: { known: true },
    resolve: (_root, _args, context) => context.caller,
  }),
  actors: t.prismaConnection(
    {
      type: Actor,
      cursor: 'id',
      description: 'All actors, oldest first.',
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
