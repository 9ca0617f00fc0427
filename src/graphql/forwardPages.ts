// Pages of lists that are only ever read forwards, newest first: `first` and `after`, the cursor being the row's key.

import { type DefaultConnectionArguments, resolveCursorConnection } from '@pothos/plugin-relay';
import { badCursor } from './errors';
import { MAX_PAGE, USUAL_PAGE } from './limits';

/** How a list writes a row's key as a cursor, and reads it back (null: it never wrote that). */
export interface ForwardCursorForm<T, K> {
  write(row: T): string;
  read(text: string): K | null;
}

/** Resolves a connection that is `forwardOnly`. @throws GraphQLError BAD_USER_INPUT for cursors never given out */
export function forwardPage<T extends object, K>(
  args: Pick<DefaultConnectionArguments, 'first' | 'after'>,
  form: ForwardCursorForm<T, K>,
  load: (after: K | null, limit: number) => Promise<T[]>,
) {
  const keyOf = (cursor: string | undefined): K | null => {
    if (cursor === undefined) return null;
    const key = form.read(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (key === null) throw badCursor('after');
    return key;
  };
  return resolveCursorConnection<Promise<T[]>>(
    {
      args,
      defaultSize: USUAL_PAGE,
      maxSize: MAX_PAGE,
      toCursor: (row) => Buffer.from(form.write(row)).toString('base64url'),
    },
    ({ after, limit }) => load(keyOf(after), limit),
  );
}
