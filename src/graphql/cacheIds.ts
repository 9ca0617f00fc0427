// Ids of what has no global id: client caches (Apollo, Relay, urql) merge two answers on them, and `node` reads none.

import { type CacheIdType, encodeGlobalID } from './ids';

/** The description of such an id, by the names of its parts. */
export const cacheIdOf = (of: string): string =>
  `Key for client caches: the same for ${of} in every answer. \`node\` does not read it.`;

/** The id of the thing of this type that these parts name. Two lists of parts never have one id. */
export function cacheId(typename: CacheIdType, ...parts: readonly (string | number | bigint)[]): string {
  return encodeGlobalID(typename, parts.map((part) => encodeURIComponent(String(part))).join(':'));
}
