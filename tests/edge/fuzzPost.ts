// One request as it goes over the wire, and an operation made into one.

import type { Role } from '../../src/access/rules/roles';
import { unquoteRaw } from './fuzzHostile';
import { bodyOf, type Operation } from './fuzzRequests';

export const ROLES: readonly Role[] = ['STOREFRONT', 'STAFF', 'PLANNER', 'FEED', 'ADMIN'];
export type Who = Role | 'NOBODY' | 'STRANGER';
/** One request, before it has a token. */
export interface Sending {
  /** For reports: what it asks, and how. */
  name: string;
  way: 'plain' | 'yoga' | 'get' | 'sse' | 'document' | 'body' | 'http' | 'bytes';
  who: Who;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** Sent as these bytes on a connection of its own; TOKEN and HOST in it are filled in. */
  bytes?: Buffer;
  /** What the server should have understood; undefined: it should not have. */
  operation?: Pick<Operation, 'query' | 'operationName'> & { variables: Record<string, unknown> };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** An operation as a POST. */
export function posted(
  way: Sending['way'],
  who: Who,
  operation: Operation,
  headers: Record<string, string> = {},
): Sending {
  const text = bodyOf(operation);
  const { query, operationName } = operation;
  const said = JSON.parse(text) as { variables?: Record<string, unknown> };
  return {
    name: operation.name,
    way,
    who,
    method: 'POST',
    path: '/graphql',
    headers: { ...JSON_TYPE, ...headers },
    body: Buffer.from(text),
    operation: { query, operationName, variables: said.variables ?? {} },
  };
}

/** A query as an address. */
export function byGet(who: Who, operation: Operation): Sending {
  const search = new URLSearchParams({
    query: operation.query,
    variables: unquoteRaw(JSON.stringify(operation.variables)),
    ...(operation.operationName && { operationName: operation.operationName }),
  });
  const sending = posted('get', who, operation, { accept: 'application/json' });
  delete sending.body;
  return { ...sending, method: 'GET', path: `/graphql?${search}` };
}
