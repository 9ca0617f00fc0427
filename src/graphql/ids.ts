// Global ids: the type's name and its key, base64. Anything else is refused before it reaches the database.

import { GraphQLError } from 'graphql';

/** Types whose key is a small number; all other nodes are keyed by a uuid. */
const NUMBERED = new Set(['Sku', 'Location', 'Actor', 'Supplier', 'SafetyStock', 'StockMove', 'Command']);
const NUMBER = /^\d{1,15}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function encodeGlobalID(typename: string, id: string | number | bigint): string {
  return Buffer.from(`${typename}:${id}`).toString('base64');
}

/** @throws GraphQLError BAD_USER_INPUT for what no answer of ours ever gave as an id */
export function decodeGlobalID(globalID: string): { typename: string; id: string } {
  const [, typename, id] =
    /^([A-Za-z]{1,40}):(.{1,64})$/.exec(Buffer.from(globalID, 'base64').toString('utf8')) ?? [];
  if (typename === undefined || id === undefined || !(NUMBERED.has(typename) ? NUMBER : UUID).test(id)) {
    throw new GraphQLError(
      `'${globalID.slice(0, 80)}' is not an id; send the id field of an earlier answer.`,
      {
        extensions: { code: 'BAD_USER_INPUT' },
      },
    );
  }
  return { typename, id };
}
