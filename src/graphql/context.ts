// The GraphQL context: the parts of the running program, the caller, and the time of the request.

import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import type { Logger } from 'pino';
import type { Caller } from '../access/rules/roles';
import type { Config } from '../config/config';
import type { RequestDeadline } from '../db/combine';
import type { Db, Tx } from '../db/pool';
import { Budget } from './cost/budget';
import type { Hub } from './hub/hub';

/** The parts of one running Comptoir, made once at start. */
export interface Parts {
  config: Config;
  db: Db;
  /** For reads that a replica may serve: never older than the request. Commands must not decide on them. */
  reads: Tx;
  log: Logger;
  /** The only clock; tests replace it. */
  clock: () => Date;
  /** Key for pickup codes and webhook secrets. */
  secretKey: Buffer;
  /** Distributes change notifications to subscriptions. */
  hub: Hub;
}

export interface Context extends Parts {
  /** Null without a token: then every field that needs one answers UNAUTHENTICATED. */
  signedIn: Caller | null;
  /** The signed-in caller. Fields are only reached by signed-in callers, their rules see to that. */
  caller: Caller;
  /** The clock read once at the request's start. */
  now: Date;
  requestId: string;
  /** A key for the client's address, for limits. */
  addressKey: string;
  /** The variables of the operation as they were sent, before any default or scalar was read. */
  variables: Readonly<Record<string, unknown>>;
  /** The mutation under execution, for its resolver only. */
  mutation?: GraphQLResolveInfo;
  /** When the client stops waiting; streams outlive it. */
  deadline?: RequestDeadline;
  /** Cost budget of this request. */
  budget: Budget;
  /** Whether a mutation of this request got no answer; those behind it are then not executed. */
  sequence: { isStopped: boolean };
  /** Looks up the token again, for streams that last longer than its validity: null when it is no longer valid. */
  signInAgain(): Promise<Caller | null>;
}

/** The caller of unauthenticated requests, so that a field without an access rule finds no documents and writes nothing. */
const NOBODY: Caller = { actorId: -1, name: 'nobody', role: 'STOREFRONT', locationIds: new Set() };

/** Builds the context of one request. */
export function contextFor(
  parts: Parts,
  signedIn: Caller | null,
  requestId: string,
  signInAgain: () => Promise<Caller | null> = async () => signedIn,
  deadline?: RequestDeadline,
  variables: Context['variables'] = {},
  addressKey = '',
): Context {
  const caller = signedIn ?? NOBODY;
  const budget = new Budget(parts.config.queryLimits.cost);
  const request = { now: parts.clock(), requestId, addressKey, budget, signInAgain, deadline, variables };
  return { ...parts, signedIn, caller, ...request, sequence: { isStopped: false } };
}

/**
 * The context of the next event of a stream: a new object, so that no loader answers from what it read before, with
 * the present time and the caller's present rights. @throws GraphQLError UNAUTHENTICATED when the token is no longer valid
 */
export async function contextAgain(context: Context): Promise<Context> {
  const signedIn = await context.signInAgain();
  if (signedIn === null) {
    throw new GraphQLError(
      'The token of this subscription has expired or was revoked; subscribe with another.',
      {
        extensions: { code: 'UNAUTHENTICATED' },
      },
    );
  }
  const budget = context.budget.again();
  return { ...context, signedIn, caller: signedIn, now: context.clock(), budget };
}
