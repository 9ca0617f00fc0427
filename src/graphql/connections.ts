// Pages of documents: cursors of clients are validated before they reach the database.

import { badCursor } from './errors';
import { UUID } from './ids';
import { MAX_ID } from './keysetPages';

function checked<Q extends object>(query: Q, isKey: (id: unknown) => boolean): Q {
  const { cursor } = query as { cursor?: { id?: unknown } };
  if (cursor !== undefined && !isKey(cursor.id)) {
    throw badCursor();
  }
  return query;
}

/**
 * Passes on the query of a `t.prismaConnection` over documents keyed by uuid.
 * @throws GraphQLError BAD_USER_INPUT for a cursor that no answer of ours ever gave
 */
export function documentPage<Q extends object>(query: Q): Q {
  return checked(query, (id) => typeof id === 'string' && UUID.test(id));
}

/** The same over things keyed by a number. @throws GraphQLError BAD_USER_INPUT */
export function numberedPage<Q extends object>(query: Q): Q {
  return checked(query, (id) => Number.isInteger(id) && (id as number) >= 0 && (id as number) <= MAX_ID);
}
