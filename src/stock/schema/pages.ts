// Relay pages over key-ordered lists: forward with first and after, backward with last and before.

import { type DefaultConnectionArguments, resolveCursorConnection } from '@pothos/plugin-relay';
import { badCursor, badInput } from '../../graphql/errors';
import { MAX_PAGE, USUAL_PAGE } from '../../graphql/limits';
import type { StockPage } from '../queries/pages';

/** How a list's key is written in a cursor. */
export interface StockCursorForm<K> {
  write(key: K): string;
  /** Null for what was never written by it. */
  read(text: string): K | null;
}

/** Cursors of lists ordered by `count` whole numbers up to `max`: `12` or `12:345`. */
export function numbersCursor<K>(
  count: number,
  max: number,
  write: (key: K) => number[],
  read: (numbers: number[]) => K,
): StockCursorForm<K> {
  const form = new RegExp(`^\\d{1,15}(:\\d{1,15}){${count - 1}}$`);
  return {
    write: (key) => Buffer.from(write(key).join(':')).toString('base64url'),
    read: (text) => {
      const plain = Buffer.from(text, 'base64url').toString('utf8');
      const numbers = form.test(plain) ? plain.split(':').map(Number) : null;
      return numbers?.every((n) => n <= max) ? read(numbers) : null;
    },
  };
}

interface StockConnection<T> {
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor?: string | null;
    endCursor?: string | null;
  };
  edges: { cursor: string; node: T }[];
}

/** Resolves a connection whose rows carry their own key. @throws GraphQLError BAD_USER_INPUT for a cursor never given out */
export function pageOf<K, T extends K & object>(
  args: DefaultConnectionArguments,
  form: StockCursorForm<K>,
  load: (page: StockPage<K>) => Promise<T[]>,
): Promise<StockConnection<T>> {
  if ((args.first != null || args.after != null) && (args.last != null || args.before != null))
    throw badInput('Page forwards with first and after, or backwards with last and before.');
  const keyOf = (cursor: string | undefined, path: string): K | null => {
    const key = cursor === undefined ? null : form.read(cursor);
    if (cursor !== undefined && key === null) throw badCursor(path);
    return key;
  };
  const connection = resolveCursorConnection<Promise<object[]>>(
    {
      args,
      defaultSize: USUAL_PAGE,
      maxSize: MAX_PAGE,
      toCursor: (row) => form.write(row as T),
    },
    ({ before, after, limit, inverted }) =>
      load({
        beyond: inverted ? keyOf(before, 'before') : keyOf(after, 'after'),
        backwards: inverted,
        limit,
      }),
  );
  return connection as Promise<StockConnection<T>>;
}
