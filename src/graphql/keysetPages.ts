// Pages of lists in the order of a key: the cursor is the row's key, so that a page never shifts while rows come and go.

import { type DefaultConnectionArguments, resolveCursorConnection } from '@pothos/plugin-relay';
import type { KeysetPage } from '../values/keys';
import { badCursor, badInput } from './errors';
import { UUID } from './ids';
import { MAX_PAGE, USUAL_PAGE } from './limits';

/** How a list writes a row's key as a cursor, and reads it back (null: it never wrote that). */
export interface CursorForm<T, K> {
  write(row: T): string;
  read(text: string): K | null;
}

/** The largest key that a PostgreSQL integer holds. */
export const MAX_ID = 2_147_483_647;

/** Cursors of lists ordered by `count` whole numbers up to `max`: `12` or `12:345`. */
export function numbersCursor<T, K>(
  count: number,
  max: number,
  write: (row: T) => number[],
  read: (numbers: number[]) => K,
): CursorForm<T, K> {
  const form = new RegExp(`^\\d{1,15}(:\\d{1,15}){${count - 1}}$`);
  return {
    write: (row) => write(row).join(':'),
    read: (text) => {
      const numbers = form.test(text) ? text.split(':').map(Number) : null;
      return numbers?.every((n) => n <= max) ? read(numbers) : null;
    },
  };
}

/** Cursors of lists ordered by one whole number. */
export function numberCursor<T>(
  of: (row: T) => number,
  max = Number.MAX_SAFE_INTEGER,
): CursorForm<T, number> {
  return numbersCursor(
    1,
    max,
    (row) => [of(row)],
    ([number]) => number!,
  );
}

/** Cursors of lists ordered by a uuid. */
export function uuidCursor<T>(of: (row: T) => string): CursorForm<T, string> {
  return { write: of, read: (text) => (UUID.test(text) ? text : null) };
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

/** Resolves a connection that is read both ways. @throws GraphQLError BAD_USER_INPUT for cursors never given out */
export function keysetPage<T extends object, K>(
  args: DefaultConnectionArguments,
  form: CursorForm<NoInfer<T>, K>,
  load: (page: KeysetPage<K>) => Promise<T[]>,
) {
  if ((args.first != null || args.after != null) && (args.last != null || args.before != null))
    throw badInput('Page forwards with first and after, or backwards with last and before.');
  const keyOf = (cursor: string | undefined, path: string): K | null => {
    if (cursor === undefined) return null;
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    // What the decoder leaves out was in no cursor of ours.
    const key = encoded(text) === cursor ? form.read(text) : null;
    if (key === null) throw badCursor(path);
    return key;
  };
  return resolveCursorConnection<Promise<T[]>>(
    {
      args,
      defaultSize: USUAL_PAGE,
      maxSize: MAX_PAGE,
      toCursor: (row) => encoded(form.write(row)),
    },
    ({ before, after, limit, inverted }) =>
      load({
        beyond: inverted ? keyOf(before, 'before') : keyOf(after, 'after'),
        backwards: inverted,
        limit,
      }),
  );
}

/** Resolves a connection that is `forwardOnly`. @throws GraphQLError BAD_USER_INPUT for cursors never given out */
export function forwardPage<T extends object, K>(
  args: Pick<DefaultConnectionArguments, 'first' | 'after'>,
  form: CursorForm<T, K>,
  load: (after: K | null, limit: number) => Promise<T[]>,
) {
  return keysetPage(args, form, ({ beyond, limit }) => load(beyond, limit));
}

const MAX_CODE = 200;

interface CodeKey {
  id: number;
  code: string;
}

const codeCursor: CursorForm<CodeKey, string> = {
  write: ({ code }) => `code:${code}`,
  read: (text) => {
    const [, code] = /^code:([^\0]+)$/.exec(text) ?? [];
    return code !== undefined && code.length <= MAX_CODE ? code : null;
  },
};

/** A page of records in the order of their codes: `find` gives their keys, `load` their nodes in the same order. */
export async function codePage<N>(
  args: DefaultConnectionArguments,
  find: (page: KeysetPage<string>) => Promise<CodeKey[]>,
  load: (ids: readonly number[]) => Promise<readonly (N | Error)[]>,
) {
  const { edges, pageInfo } = await keysetPage(args, codeCursor, find);
  const nodes = await load(edges.map((edge) => edge!.node.id));
  return {
    pageInfo,
    edges: edges.map((edge, i) => {
      const node = nodes[i]!;
      if (node instanceof Error) throw node;
      return { cursor: edge!.cursor, node };
    }),
  };
}
