// Sessions of people in GraphQL: each person's own, and all of an actor for administrators.

import { builder } from '../../graphql/builder';
import type { Context } from '../../graphql/context';
import { commandPrice } from '../../graphql/cost/price';
import { mutation, type Success } from '../../graphql/mutation';
import { revokeSession } from '../actions/sessions';
import { clearCallerCache } from '../queries/callers';
import { SESSION_LIMITS, type SignIn } from '../rules/session';
import { Actor } from './types';

const ways: Record<SignIn, { description: string }> = {
  TOKEN: { description: 'With a pasted token.' },
  DEMONSTRATION: { description: 'As a person of the demonstration.' },
  PIN: { description: 'With a PIN, on a shared tablet.' },
  SINGLE_SIGN_ON: { description: 'Through the retailer’s single sign-on.' },
};
const SignInEnum = builder.enumType('SignIn', { description: 'How a session was opened.', values: ways });

/** Only the person's own session, or for an administrator any, is read by its id. */
const readable = ({ caller }: Context) => (caller.role === 'ADMIN' ? {} : { actorId: caller.actorId });

const Session = builder.prismaNode('Session', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, context) => ({ id: Number(id), ...readable(context) }),
  description: 'A person’s session in a browser. Only a hash of its secret is stored.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    signIn: t.expose('signIn', { type: SignInEnum, description: 'How it was opened.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    usedAt: t.expose('usedAt', {
      type: 'DateTime',
      description: 'When it was last used, accurate to half a minute.',
    }),
    idleAt: t.expose('idleAt', {
      type: 'DateTime',
      description: 'When it ends if it is not used until then.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it ends however much it is used. It also ends with the token it was opened with.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it was ended: by its person, by an administrator, or by a change of the actor; else null.',
    }),
  }),
});

builder.prismaObjectField(Actor, 'sessions', (t) =>
  t.relation('sessions', {
    description: `Its newest sessions, at most ${SESSION_LIMITS.perActor}, ended ones included.`,
    query: { orderBy: { id: 'desc' }, take: SESSION_LIMITS.perActor },
  }),
);

builder.queryField('mySessions', (t) =>
  t.prismaField({
    type: [Session],
    description: `The caller’s own sessions that have not ended, newest first, at most ${SESSION_LIMITS.perActor}.`,
    authScopes: { signedIn: true },
    resolve: (query, _root, _args, { db, caller, now }) =>
      db.prisma.session.findMany({
        ...query,
        where: { actorId: caller.actorId, revokedAt: null, expiresAt: { gt: now }, idleAt: { gt: now } },
        orderBy: { id: 'desc' },
        take: SESSION_LIMITS.perActor,
      }),
  }),
);

const success: Success<{ sessionId: number }> = {
  authScopes: { signedIn: true },
  fields: (t) => ({
    session: t.prismaField({
      type: Session,
      nullable: true,
      description: 'The revoked session; null when it has been deleted since.',
      resolve: (query, { sessionId }, _args, { db }) =>
        db.prisma.session.findUnique({ ...query, where: { id: sessionId } }),
    }),
  }),
};

mutation('revokeSession', {
  description:
    'Ends a session permanently; on other machines within five seconds. Administrators may end those of others.',
  authScopes: { signedIn: true },
  price: commandPrice(),
  input: (t) => ({
    session: t.globalID({ required: true, for: [Session], description: 'Global ID of the session.' }),
  }),
  success,
  execute: async (input, context, request) => {
    const { id } = input.session;
    const done = await revokeSession(context.db, request({ sessionId: Number(id), key: id }));
    await clearCallerCache(context.db);
    return done;
  },
});
