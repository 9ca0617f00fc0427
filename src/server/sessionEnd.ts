// Ends the session that a browser brings.

import { endSession } from '../access/actions/sessions';
import { clearCallerCache } from '../access/queries/callers';
import { hashOfSession } from '../access/rules/session';
import type { Parts } from '../graphql/context';

/** Ends the session that a browser brings, so that a new one replaces it. */
export async function endBrought(parts: Parts, secret: string | undefined): Promise<void> {
  const hash = secret === undefined ? null : hashOfSession(secret);
  if (hash === null) return;
  if (await endSession(parts.db, hash, parts.clock())) await clearCallerCache(parts.db);
}
