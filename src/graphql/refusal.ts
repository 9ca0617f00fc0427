// Refusals in GraphQL: one interface, a type per kind, a union per mutation, and the helper that turns a thrown refusal into data.

import type { InterfaceFieldsShape, ObjectRef } from '@pothos/core';
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { withPresentCodes } from '../db/codes';
import { isOutOfRange } from '../db/transaction';
import { REFUSAL_KINDS, refusals } from '../metrics';
import {
  Forbidden,
  type RefusalData,
  type RefusalFacts,
  type RefusalKind,
  Refused,
  refusal,
} from '../refusals';
import { type BuilderTypes, builder } from './builder';
import type { Context } from './context';
import { inSentSpelling } from './sentKeys';

type Refusal<K extends RefusalKind> = { kind: K; message: string } & RefusalFacts[K];

const RefusalInterface = builder.interfaceRef<RefusalData>('Refusal').implement({
  description:
    'A request that was understood and refused, with the facts of the decision. Nothing was changed.',
  authScopes: { signedIn: true },
  resolveType: (value) => value.kind,
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What is wrong and what to do.' }),
  }),
});

/** Declares the GraphQL type of a refusal kind; its name is the kind, its fields are the facts. */
export function refusalType<K extends RefusalKind>(
  kind: K,
  description: string,
  fields: InterfaceFieldsShape<BuilderTypes, Refusal<K>>,
): ObjectRef<BuilderTypes, Refusal<K>> {
  REFUSAL_KINDS.declare(kind);
  return builder.objectRef<Refusal<K>>(kind).implement({
    description,
    interfaces: [RefusalInterface] as never,
    authScopes: { signedIn: true },
    isTypeOf: (value) => (value as { kind?: string }).kind === kind,
    fields: fields as never,
  }) as never;
}

export const InvalidInput = refusalType('InvalidInput', 'A value of the request is not valid.', (t) => ({
  path: t.exposeString('path', {
    description: 'The input field with the wrong value, such as lines.0.quantity.',
  }),
}));
export const NotFound = refusalType(
  'NotFound',
  'Something named in the request does not exist, or this token may not use it.',
  (t) => ({
    what: t.exposeString('what', { description: 'The kind of object, such as Sku.' }),
    keys: t.exposeStringList('keys', { description: 'The codes or IDs that were not found, as sent.' }),
  }),
);
export const WrongState = refusalType(
  'WrongState',
  'The document is not in a state in which this can be done.',
  (t) => ({
    what: t.exposeString('what', { description: 'The kind of document, such as Order.' }),
    key: t.exposeString('key', { description: 'Its number or ID.' }),
    state: t.exposeString('state', { description: 'Its state.' }),
    allowedStates: t.exposeStringList('allowedStates', {
      description: 'States in which it can be done.',
    }),
  }),
);
const KeyReused = refusalType(
  'KeyReused',
  'The idempotency key was used before, for a different request.',
  (t) => ({
    idempotencyKey: t.exposeString('idempotencyKey', { description: 'The key.' }),
    firstAction: t.exposeString('firstAction', { description: 'Name of the mutation it was used for.' }),
  }),
);
const Busy = refusalType('Busy', 'Too many requests are waiting; retry later with the same key.', (t) => ({
  retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'Seconds after which to retry.' }),
}));

// Every mutation can answer with these.
const COMMON = [InvalidInput, NotFound, KeyReused, Busy] as ObjectRef<BuilderTypes, never>[];

/** The union a mutation answers with: its success type, the refusals of its own, and the ones every mutation has. */
export function resultUnion<S extends object>(
  name: string,
  success: ObjectRef<BuilderTypes, S>,
  refusalTypes: unknown[] = [],
) {
  return builder.unionType(`${name}Result`, {
    description: `What the mutation answers: ${name}Success, or one of the refusals that can happen.`,
    types: [success, ...(refusalTypes as ObjectRef<BuilderTypes, never>[]), ...COMMON] as ObjectRef<
      BuilderTypes,
      (S & { kind: string }) | RefusalData
    >[],
    resolveType: (value) => (value as { kind: string }).kind,
  });
}

/** The database rejected a number out of range: a sum of a stored value and this request. The whole request is rolled back. */
function refusedSum(): Refused {
  const message =
    'A total of what is stored and of this request would be larger than can be kept (2147483647 units, 9007199254740991 minor units); nothing was written. Send smaller numbers.';
  return refusal('InvalidInput', message, { path: 'input' });
}

const NOT_EXECUTED: RefusalData = {
  kind: 'Busy',
  message:
    'A mutation before this one in the same request got no answer, so this one was not executed. Send both again with the same keys.',
  retryAfterSeconds: 1,
};

/** Whether a mutation ended for good: the same request would end so again. */
function isAnswer(error: unknown): boolean {
  if (error instanceof Refused) return error.data.kind !== 'Busy';
  return error instanceof Forbidden || error instanceof GraphQLError;
}

type MutationCall = [unknown, unknown, Context, GraphQLResolveInfo];

/**
 * Wraps a mutation's resolver, which gets to know its mutation (`context.mutation`): its value becomes the success type
 * `successName`, a thrown Refused becomes data. Everything else goes on as an exception. When a SKU's code became an alias
 * during the request, it is resolved again from the beginning, once: nothing had been written.
 *
 * GraphQL executes the mutations of one request in their order, and a device that was without network sends commands of which each
 * rests on those before it. Once one of them has got no answer (Busy, or a failure on our side), those behind it are answered with Busy.
 */
export function answering<A extends [unknown, unknown, Context, ...unknown[]], S extends object>(
  successName: string,
  resolve: (...args: A) => Promise<S>,
): (...args: A) => Promise<(S & { kind: string }) | RefusalData> {
  return async (...all) => {
    const [parent, args, context, info] = all as unknown as MutationCall;
    const known = [parent, args, { ...context, mutation: info }, info] as unknown as A;
    const { sequence } = context;
    if (sequence.isStopped) return NOT_EXECUTED;
    try {
      return { ...(await withPresentCodes(context.db, () => resolve(...known))), kind: successName };
    } catch (error) {
      const refused = isOutOfRange(error) ? refusedSum() : error;
      if (!isAnswer(refused)) sequence.isStopped = true;
      if (!(refused instanceof Refused)) throw error;
      refusals.inc({ kind: REFUSAL_KINDS.of(refused.data.kind) });
      const { data } = refused;
      return data.kind === 'NotFound' ? await inSentSpelling(data, info, context) : data;
    }
  };
}
