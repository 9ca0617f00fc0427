// Mutations for actors and tokens, for administrators.

import type { Context } from '../../graphql/context';
import { commandPrice, ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { typedName } from '../../values/typedText';
import { createActor, createToken, revokeToken, type TokenMade, updateActor } from '../actions/actors';
import { clearCallerCache, hashToken } from '../queries/callers';
import { ACTOR_LIMITS, accessToken } from '../rules/actor';
import { DEFAULT_CHANNEL } from '../rules/channels';
import { ADMINS } from '../rules/roleSets';
import { AccessToken, Actor, RoleEnum } from './types';

const actorSuccess: Success<{ actorId: number }> = {
  authScopes: ADMINS,
  fields: (t) => ({
    actor: t.prismaField({
      type: Actor,
      resolve: (query, { actorId }, _args, context) =>
        context.db.prisma.actor.findUniqueOrThrow({ ...query, where: { id: actorId } }),
    }),
  }),
};

/** The token derived again from its nonce; null when the server's secret is another one than when it was made. */
async function tokenForRetry(context: Context, made: TokenMade): Promise<string | null> {
  const { tokenHash, pageOrigins } = await context.db.prisma.accessToken.findUniqueOrThrow({
    where: { id: made.tokenId },
    select: { tokenHash: true, pageOrigins: true },
  });
  const token = accessToken(context.secretKey, made.nonce, pageOrigins.length > 0);
  return tokenHash === hashToken(token) ? token : null;
}

mutation('createActor', {
  description: 'Creates an actor; createToken creates its token.',
  authScopes: ADMINS,
  price: commandPrice('locations', ROW),
  input: (t) => ({
    name: t.string({
      required: true,
      description: 'Unique name, visible to the retailer’s own people and never to storefronts.',
    }),
    role: t.field({ type: RoleEnum, required: true, description: 'Any role except SYSTEM.' }),
    locations: t.stringList({
      description:
        'Codes of the locations it is bound to. STAFF need at least one; a PLANNER or FEED without any works for the whole chain.',
    }),
    manager: t.boolean({
      description: 'Only for STAFF: may do what a shop’s manager may, such as unlocking a pickup code.',
    }),
    channels: t.stringList({
      description: `Sales channels of a STOREFRONT; not allowed for other roles. ${DEFAULT_CHANNEL} alone if omitted.`,
    }),
  }),
  success: actorSuccess,
  execute: (input, context, request) => {
    const { role } = input;
    const name = typedName(input.name, 'name', ACTOR_LIMITS.nameLength);
    const locations = [...new Set(input.locations ?? [])];
    const channels = [...new Set(input.channels ?? [])];
    return createActor(
      context.db,
      request({
        name,
        role,
        locations,
        channels,
        manager: input.manager ?? false,
      }),
    );
  },
});

mutation('updateActor', {
  description: 'Changes an actor’s name, role, locations or channels, or deactivates it.',
  authScopes: ADMINS,
  price: commandPrice('locations', ROW),
  inputDescription: 'Changes of an actor. Omitted fields keep their value.',
  input: (t) => ({
    actor: t.globalID({ required: true, for: [Actor] }),
    name: t.string({ description: 'New unique name.' }),
    role: t.field({ type: RoleEnum, description: 'Any role except SYSTEM.' }),
    locations: t.stringList({ description: 'Location codes; replaces the whole list.' }),
    channels: t.stringList({
      description: `Replaces the whole list; an empty list means ${DEFAULT_CHANNEL} alone.`,
    }),
    active: t.boolean({ description: 'False disables its tokens.' }),
    manager: t.boolean({ description: 'Only for STAFF; see createActor.' }),
  }),
  success: actorSuccess,
  execute: async (input, context, request) => {
    const told = {
      name: input.name == null ? undefined : typedName(input.name, 'name', ACTOR_LIMITS.nameLength),
      role: input.role ?? undefined,
      locations: input.locations ? [...new Set(input.locations)] : undefined,
      channels: input.channels ? [...new Set(input.channels)] : undefined,
      active: input.active ?? undefined,
      manager: input.manager ?? undefined,
    };
    const { id } = input.actor;
    const done = await updateActor(context.db, request({ actorId: Number(id), key: id, told }));
    await clearCallerCache(context.db);
    return done;
  },
});

const tokenOf = (query: object, { tokenId }: { tokenId: number }, _args: object, { db }: Context) =>
  db.prisma.accessToken.findUniqueOrThrow({ ...query, where: { id: tokenId } });

const createTokenSuccess: Success<TokenMade> = {
  authScopes: ADMINS,
  fields: (t) => ({
    token: t.string({
      nullable: true,
      description:
        'The secret to send as `Authorization: Bearer <token>`. It is only in this answer and in the answers to retries of this request; null in a retry after the server’s SECRET_KEY has changed, in which case create another token.',
      resolve: (made, _args, context) => tokenForRetry(context, made),
    }),
    accessToken: t.prismaField({
      type: AccessToken,
      description: 'The token without its secret.',
      resolve: tokenOf,
    }),
  }),
};

mutation('createToken', {
  description: 'Creates a bearer token for an actor.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: (t) => ({
    actor: t.globalID({ required: true, description: 'Global ID of the actor.', for: [Actor] }),
    expiresAt: t.field({ type: 'DateTime', description: 'When the token expires; never if omitted.' }),
    pageOrigins: t.stringList({
      description:
        'Only for STOREFRONT: makes the token publishable. It may stand in pages of these origins, such as https://shop.example.com, and is good for the element `comptoir-availability` on them and for nothing else.',
    }),
  }),
  success: createTokenSuccess,
  refusals: [WrongState],
  execute: (input, context, request) => {
    const { id } = input.actor;
    const { expiresAt = null, pageOrigins = null } = input;
    const wanted = {
      actorId: Number(id),
      key: id,
      expiresAt,
      pageOrigins: pageOrigins && [...new Set(pageOrigins)],
    };
    return createToken(context.secretKey)(context.db, request(wanted));
  },
});

const revokeTokenSuccess: Success<{ tokenId: number }> = {
  authScopes: ADMINS,
  fields: (t) => ({
    accessToken: t.prismaField({
      type: AccessToken,
      description: 'The revoked token.',
      resolve: tokenOf,
    }),
  }),
};

mutation('revokeToken', {
  description: 'Revokes a token permanently; on other machines within five seconds.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: (t) => ({
    token: t.globalID({
      required: true,
      for: [AccessToken],
      description: 'Global ID of the token (not its secret).',
    }),
  }),
  success: revokeTokenSuccess,
  execute: async (input, context, request) => {
    const { id } = input.token;
    const wanted = { tokenId: Number(id), key: id };
    const done = await revokeToken(context.db, request(wanted));
    await clearCallerCache(context.db);
    return done;
  },
});
