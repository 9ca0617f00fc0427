// Whether a statement of an import is about a customer who was erased here, and must not come back by it.

import { type IdentifierKey, identifierText } from './identifiers';
import type { ErasureCause } from './retention';

/** What is known of an identifier. */
export interface IdentifierStanding {
  /** Why its customer was erased; null: none was. */
  cause: ErasureCause | null;
  erasedAt: Date | null;
  /** Somebody has been known by it since. */
  isKnown: boolean;
}

/**
 * Whether an import that stated this at a time (null: not known) must be left out. Whoever requested the erasure never comes back by an
 * import. Whose term had passed does, by a statement that is newer than the erasure, or once the person was seen again.
 */
export function namesErased(
  standings: ReadonlyMap<string, IdentifierStanding>,
  keys: readonly IdentifierKey[],
  statedAt: Date | null,
): boolean {
  const found = keys.flatMap((key) => standings.get(identifierText(key)) ?? []);
  if (found.some(({ cause }) => cause === 'PERSON')) return true;
  const expired = found.filter(({ cause }) => cause === 'RETENTION');
  if (expired.length === 0 || found.some(({ isKnown }) => isKnown)) return false;
  return statedAt === null || expired.some(({ erasedAt }) => statedAt <= erasedAt!);
}
