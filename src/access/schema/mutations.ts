// Mutations for actors and tokens, for administrators.

import type { Context } from '../../graphql/context';
import { commandPrice, ROW } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { WrongState } from '../../graphql/refusal';
import { typedName } from '../../values/typedText';
import { createActor, createToken, revokeToken, type TokenMade, updateActor } from '../actions/actors';
import { forgetCallers, hashToken } from '../queries/callers';
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
async function toldAgain(context: Context, made: TokenMade): Promise<string | null> {
  const token = accessToken(context.secretKey, made.nonce);
  const { tokenHash } = await context.db.prisma.accessToken.findUniqueOrThrow({
    where: { id: made.tokenId },
    select: { tokenHash: true },
  });
  return tokenHash === hashToken(token) ? token : null;
}

mutation('createActor', {
  description: 'Lets a person or a machine in; createToken gives it the key.',
  authScopes: ADMINS,
  price: commandPrice('locations', ROW),
  input: (t) => ({
    name: t.string({ required: true, description: 'Unique; shown to colleagues, never to storefronts.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'Any but SYSTEM.' }),
    locations: t.stringList({
      description:
        'Codes of the locations it is bound to: STAFF need one; a PLANNER or FEED without any is of the whole chain.',
    }),
    manager: t.boolean({
      description: 'Of STAFF only: decides what a shop’s manager decides, such as to unlock a pickup code.',
    }),
    channels: t.stringList({
      description: `Sales channels of a STOREFRONT, and of no other role; ${DEFAULT_CHANNEL} alone when left out.`,
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
  description: 'Renames an actor, gives it another role or other places, or shuts it out.',
  authScopes: ADMINS,
  price: commandPrice('locations', ROW),
  inputDescription: 'What is left out stays as it is.',
  input: (t) => ({
    actor: t.globalID({ required: true, for: [Actor] }),
    name: t.string(),
    role: t.field({ type: RoleEnum, description: 'Any but SYSTEM.' }),
    locations: t.stringList({ description: 'Codes; replaced as a whole.' }),
    channels: t.stringList({
      description: `Replaced as a whole; an empty list is ${DEFAULT_CHANNEL} alone.`,
    }),
    active: t.boolean({ description: 'False: its tokens are good for nothing.' }),
    manager: t.boolean({ description: 'Of STAFF only; see createActor.' }),
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
    await forgetCallers(context.db);
    return done;
  },
});

const createTokenSuccess: Success<TokenMade> = {
  authScopes: ADMINS,
  fields: (t) => ({
    token: t.string({
      nullable: true,
      description:
        'Send it as Authorization: Bearer <token>. Told here only, and to repeats of this request; null to a repeat after SECRET_KEY has changed: then make another.',
      resolve: (made, _args, context) => toldAgain(context, made),
    }),
    accessToken: t.prismaField({
      type: AccessToken,
      resolve: (query, { tokenId }, _args, context) =>
        context.db.prisma.accessToken.findUniqueOrThrow({ ...query, where: { id: tokenId } }),
    }),
  }),
};

mutation('createToken', {
  description: 'Makes a bearer token of an actor.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: (t) => ({
    actor: t.globalID({ required: true, for: [Actor] }),
    expiresAt: t.field({ type: 'DateTime', description: 'Never, when left out.' }),
  }),
  success: createTokenSuccess,
  refusals: [WrongState],
  execute: (input, context, request) => {
    const { id } = input.actor;
    const wanted = { actorId: Number(id), key: id, expiresAt: input.expiresAt ?? null };
    return createToken(context.secretKey)(context.db, request(wanted));
  },
});

const revokeTokenSuccess: Success<{ tokenId: number }> = {
  authScopes: ADMINS,
  fields: (t) => ({
    accessToken: t.prismaField({
      type: AccessToken,
      resolve: (query, { tokenId }, _args, context) =>
        context.db.prisma.accessToken.findUniqueOrThrow({ ...query, where: { id: tokenId } }),
    }),
  }),
};

mutation('revokeToken', {
  description: 'Makes a token good for nothing, for ever; on other machines within five seconds.',
  authScopes: ADMINS,
  price: commandPrice(),
  input: (t) => ({
    token: t.globalID({
      required: true,
      for: [AccessToken],
      description: 'The id of a token, not the token.',
    }),
  }),
  success: revokeTokenSuccess,
  execute: async (input, context, request) => {
    const { id } = input.token;
    const wanted = { tokenId: Number(id), key: id };
    const done = await revokeToken(context.db, request(wanted));
    await forgetCallers(context.db);
    return done;
  },
});
