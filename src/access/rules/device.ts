// Shared tablets: their limits, the code that enrols one, and what is stored of their secrets.

import { createHash, createHmac } from 'node:crypto';

export const DEVICE_LIMITS = {
  nameLength: 100,
  /** Tablets of one location that are not revoked, those that wait for their enrolment included. */
  perLocation: 50,
  /** Minutes in which the code enrols a tablet. */
  codeMinutes: 15,
  /** Days that a browser stores the cookie after the last sign-in on the tablet; Chromium allows no more. */
  cookieDays: 400,
} as const;

/** No letters that are taken for digits. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 80 bits: it cannot be guessed in its quarter of an hour, and can be typed where no camera is. */
const CODE_LENGTH = 16;
const BITS = 5;

/**
 * The code of a stored nonce, in groups of four. Derived with the server's secret, so that the answer to a retry can be given
 * again although the code is not stored.
 */
export function enrolmentCode(secretKey: Buffer, nonce: string): string {
  const mac = createHmac('sha256', secretKey)
    .update(JSON.stringify(['enrolment-code', nonce]))
    .digest();
  let bits = BigInt(`0x${mac.toString('hex')}`);
  let code = '';
  for (let i = 0; i < CODE_LENGTH; i += 1) {
    code += ALPHABET[Number(bits & 31n)];
    bits >>= BigInt(BITS);
  }
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

/** The hash of a code, however it was typed; null for a text that cannot be one. */
export function hashOfEnrolmentCode(text: string): string | null {
  const code = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (!/^[0-9A-Z]{16}$/.test(code)) return null;
  return createHash('sha256').update(`enrolment ${code}`).digest('base64url');
}

const SECRET = /^[\w-]{43}$/;

/** What is stored of a tablet's secret; null for a text that cannot be one. It is good neither as a token nor as a session. */
export function hashOfDevice(secret: string): string | null {
  if (!SECRET.test(secret)) return null;
  return createHash('sha256').update(`device ${secret}`).digest('base64url');
}
