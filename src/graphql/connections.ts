// Pages of documents: the cursor a client sends is checked before it reaches the database.

import { GraphQLError } from 'graphql';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Hands on the query of a `t.prismaConnection` over documents keyed by uuid.
 * @throws GraphQLError BAD_USER_INPUT for a cursor that no answer of ours ever gave
 */
export function documentPage<Q extends object>(query: Q): Q {
  const { cursor } = query as { cursor?: { id?: unknown } };
  if (cursor !== undefined && !(typeof cursor.id === 'string' && UUID.test(cursor.id))) {
    throw new GraphQLError('This is not a cursor; send the cursor of an earlier page.', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  }
  return query;
}
