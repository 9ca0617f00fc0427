// Unknown codes in a read: the rest is answered, and they are listed in the answer's `extensions.notFound`.

import type { ExecutionResult, GraphQLResolveInfo } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { CodeLookup } from '../db/codes';
import type { Context } from './context';

/** What `extensions.notFound` lists: of one field of the query, what its arguments named and which codes named nothing. */
export interface CodesNotFound {
  /** The field by its names in the answer, without indexes of lists: the same arguments go to each element. */
  path: string[];
  /** The kind of thing, e.g. Sku. */
  what: string;
  /** The codes as they were sent. */
  keys: string[];
}

/** The description of unknown codes, for every argument with codes of a read. */
export const UNKNOWN_CODES =
  'Unknown codes are ignored and listed in `extensions.notFound`; if all are unknown, the answer is an error.';

const perRequest = new WeakMap<object, Map<string, CodesNotFound>>();

function pathOf({ path }: GraphQLResolveInfo): string[] {
  const names: string[] = [];
  for (let at: typeof path | undefined = path; at !== undefined; at = at.prev) {
    if (typeof at.key === 'string') names.unshift(at.key);
  }
  return names;
}

function report(context: Context, info: GraphQLResolveInfo, what: string, keys: readonly string[]): void {
  if (keys.length === 0) return;
  const path = pathOf(info);
  const found = perRequest.get(context) ?? new Map<string, CodesNotFound>();
  perRequest.set(context, found);
  const key = `${path.join('.')} ${what}`;
  const entry = found.get(key) ?? { path, what, keys: [] };
  entry.keys = [...new Set([...entry.keys, ...keys])];
  found.set(key, entry);
}

/**
 * The ids behind these codes. A code that names nothing is left out and reported beside the answer, so that one
 * discontinued SKU does not empty a page of fifty. Where no code names anything there is no rest to answer: that is
 * refused, as a single unknown code is, and as mutations refuse any.
 * @throws Refused NotFound when all of them are unknown
 */
export async function idsFound(
  context: Context,
  info: GraphQLResolveInfo,
  lookup: CodeLookup,
  codes: readonly string[],
): Promise<Map<string, number>> {
  const ids = await lookup.known(context.db, codes);
  if (ids.size === 0) return lookup.all(context.db, codes);
  if (ids.size < codes.length) {
    report(
      context,
      info,
      lookup.what,
      codes.filter((code) => !ids.has(code)),
    );
  }
  return ids;
}

/** The same for codes that were looked up already. */
export function reportMissing<T>(
  context: Context,
  info: GraphQLResolveInfo,
  what: string,
  codes: readonly string[],
  found: ReadonlyMap<string, T>,
): void {
  report(
    context,
    info,
    what,
    codes.filter((code) => !found.has(code)),
  );
}

/** The result with what its requests did not find; the same object when they found all. */
export function withCodesNotFound<R extends ExecutionResult>(result: R, ...contexts: readonly object[]): R {
  const notFound = contexts.flatMap((context) => [...(perRequest.get(context)?.values() ?? [])]);
  for (const context of contexts) perRequest.delete(context);
  return notFound.length === 0 ? result : { ...result, extensions: { ...result.extensions, notFound } };
}

/** Puts the codes not found into the answers of queries; streams do it for their events. */
export const codesNotFound: Plugin = {
  onExecute({ args }) {
    return {
      onExecuteDone({ result, setResult }) {
        if (isAsyncIterable(result)) return;
        const answer = withCodesNotFound(result, args.contextValue as object);
        if (answer !== result) setResult(answer);
      },
    };
  },
};
