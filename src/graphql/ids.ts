// Global ids: the type's name and its key, base64. Anything else is refused before it reaches the database.

import { GraphQLError } from 'graphql';

/** Types whose key is a number, with the largest their column holds; all other nodes are keyed by a uuid. */
const INTEGER = 2_147_483_647;
const BIGINT = 999_999_999_999_999;
const NUMBERED = new Map([
  ['Sku', INTEGER],
  ['Location', INTEGER],
  ['Actor', INTEGER],
  ['AccessToken', INTEGER],
  ['Supplier', INTEGER],
  ['SafetyStock', INTEGER],
  ['StockMove', BIGINT],
  ['Command', BIGINT],
]);
const NUMBER = /^\d{1,15}$/;
/** The key of a document. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function isKeyOf(typename: string, id: string): boolean {
  const largest = NUMBERED.get(typename);
  return largest === undefined ? UUID.test(id) : NUMBER.test(id) && Number(id) <= largest;
}

export function encodeGlobalID(typename: string, id: string | number | bigint): string {
  return Buffer.from(`${typename}:${id}`).toString('base64');
}

/** @throws GraphQLError BAD_USER_INPUT for what no answer of ours ever gave as an id */
export function decodeGlobalID(globalID: string): { typename: string; id: string } {
  const [, typename, id] =
    /^([A-Za-z]{1,40}):(.{1,64})$/.exec(Buffer.from(globalID, 'base64').toString('utf8')) ?? [];
  if (typename === undefined || id === undefined || !isKeyOf(typename, id)) {
    throw new GraphQLError(
      `'${globalID.slice(0, 80)}' is not an id; send the id field of an earlier answer.`,
      {
        extensions: { code: 'BAD_USER_INPUT' },
      },
    );
  }
  return { typename, id };
}
