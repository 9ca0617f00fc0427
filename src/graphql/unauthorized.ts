// The errors of fields that a caller may not read.

import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { oncePer } from '../values/oncePer';
import type { Context } from './context';

/** By request and field: a list of a thousand has the same error a thousand times, and each that is made costs its trace. */
const errorsOf = oncePer((_context: Context) => new Map<string, GraphQLError>());

function make({ signedIn }: Context, typename: string, field: string): GraphQLError {
  return signedIn === null
    ? new GraphQLError(`${field} needs a token; send the header Authorization: Bearer <token>.`, {
        extensions: { code: 'UNAUTHENTICATED' },
      })
    : new GraphQLError(`${typename}.${field} is not for ${signedIn.role} tokens, or not for yours.`, {
        extensions: { code: 'FORBIDDEN' },
      });
}

/** Why this caller may not read this field. */
export function unauthorized(context: Context, info: GraphQLResolveInfo): GraphQLError {
  const errors = errorsOf(context);
  const key = `${info.parentType.name}.${info.fieldName}`;
  let error = errors.get(key);
  if (error === undefined) {
    error = make(context, info.parentType.name, info.fieldName);
    errors.set(key, error);
  }
  return error;
}
