// What a browser stores of a sign-in at the provider that is under way: sealed, so that nobody else can read or make one.

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** Seconds in which a person signs in at the provider. */
export const SIGN_ON_SECONDS = 600;

export interface SignOnState {
  state: string;
  nonce: string;
  verifier: string;
  /** The page of ours that the person comes back to. */
  returnTo: string;
  expiresAt: number;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

const keyOf = (secretKey: Buffer): Buffer =>
  createHmac('sha256', secretKey).update('single sign-on under way').digest();

export function sealSignOn(secretKey: Buffer, state: SignOnState): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(secretKey), iv);
  const text = Buffer.concat([cipher.update(JSON.stringify(state), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
}

/** The state in a cookie; null for one that was not sealed with this key, or whose time is over. */
export function openSignOn(secretKey: Buffer, sealed: string | undefined, now: Date): SignOnState | null {
  if (sealed === undefined) return null;
  try {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv(ALGORITHM, keyOf(secretKey), bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    const state = JSON.parse(text.toString('utf8')) as SignOnState;
    return state.expiresAt > now.getTime() ? state : null;
  } catch {
    return null;
  }
}

/** Pages of ours that a person may come back to; anything else leads to the first page. */
const RETURN_TO = /^\/[a-z-]{0,40}$/;

export const pageToReturnTo = (wanted: unknown): string =>
  typeof wanted === 'string' && RETURN_TO.test(wanted) ? wanted : '/';
