// Signatures in addresses that are good without a token: an HMAC over what the address is for.

import { createHmac, timingSafeEqual } from 'node:crypto';

const SIGNATURE = /^[\w-]{43}$/;

/** As JSON, so that two lists of facts are never the same text. */
const macOf = (secret: Buffer, facts: readonly unknown[]): Buffer =>
  createHmac('sha256', secret).update(JSON.stringify(facts)).digest();

/** The signature of an address for these facts: 43 characters that need no escaping. */
export const signatureOf = (secret: Buffer, facts: readonly unknown[]): string =>
  macOf(secret, facts).toString('base64url');

/** Whether a client's value is the signature for these facts. */
export function isSignatureOf(secret: Buffer, facts: readonly unknown[], given: unknown): boolean {
  if (typeof given !== 'string' || !SIGNATURE.test(given)) return false;
  return timingSafeEqual(macOf(secret, facts), Buffer.from(given, 'base64url'));
}
