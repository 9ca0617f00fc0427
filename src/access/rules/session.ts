// Sessions of people: their limits, and what is stored of a session's secret.

import { createHash } from 'node:crypto';

export const SESSION_LIMITS = {
  /** Sessions of one actor that have not ended; a further one ends the oldest. */
  perActor: 50,
  /** Days for which sessions that have ended are kept, for the person to see. */
  keptDays: 30,
} as const;

/** The ways in which a person opens a session. */
export type SignIn = 'TOKEN' | 'DEMONSTRATION' | 'PIN' | 'SINGLE_SIGN_ON';

const SECRET = /^[\w-]{43}$/;

/**
 * What is stored of a session's secret; null for a text that cannot be one. Secrets are 256 random bits, so a fast hash is
 * enough. No bearer token contains a space, so the secret of a session is never good as a bearer token, nor a token as a session.
 */
export function hashOfSession(secret: string): string | null {
  if (!SECRET.test(secret)) return null;
  return createHash('sha256').update(`session ${secret}`).digest('base64url');
}
