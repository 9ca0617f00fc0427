// The one-time code a customer shows at the counter: derived, never stored, and compared in constant time.
import { createHmac } from 'node:crypto';
import { scannedCode, withoutBlanks } from '../../values/text';

/** Wrong codes after which an order accepts no more until a new code is issued. */
export const MAX_CODE_ATTEMPTS = 5;

// 31 symbols: no 0 or O, no 1, I or L, which people misread from a screen or over the telephone.
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const CODE_LENGTH = 6;
// Bytes from here on are skipped, because they would make the first symbols more frequent than the others.
const UNBIASED_BELOW = 256 - (256 % ALPHABET.length);
const CODE = new RegExp(`^[${ALPHABET}]{${CODE_LENGTH}}$`);

const QR_PREFIX = 'COMPTOIR:1:';
const ORDER_NUMBER = /^[A-Z0-9-]{1,32}$/;

/**
 * The code of an order, six symbols. `generation` counts the codes issued for it, so a new one can
 * replace a lost or exhausted one. Derived from the server's secret, so that it cannot be computed from the database alone.
 */
export function pickupCode(secret: Buffer, orderId: string, generation: number): string {
  let code = '';
  for (let block = 0; code.length < CODE_LENGTH; block++) {
    for (const byte of mac(secret, ['pickup-code', orderId, generation, block])) {
      if (byte < UNBIASED_BELOW && code.length < CODE_LENGTH) code += ALPHABET[byte % ALPHABET.length];
    }
  }
  return code;
}

/** What is stored of a code: 64 hex digits keyed with the server's secret and bound to the order, as a plain
 * hash of only 31^6 codes could be tried out in seconds. A text that can't be a code is refused. */
export function hashPickupCode(secret: Buffer, orderId: string, code: string): string {
  const normal = normalisePickupCode(code);
  if (normal === null) throw new RangeError(`a pickup code has ${CODE_LENGTH} symbols of ${ALPHABET}`);
  return mac(secret, ['pickup-code-hash', orderId, normal]).toString('hex');
}

/** A code as typed or scanned, in its one form (capitals, no spaces or dashes), or null if it can't be a code. */
export function normalisePickupCode(typed: string): string | null {
  const code = withoutBlanks(typed).replaceAll('-', '').toUpperCase();
  return CODE.test(code) ? code : null;
}

/** Why a text cannot be a pickup code, for the person who typed or scanned it. */
export function pickupCodeProblem(typed: string): string | null {
  if (normalisePickupCode(typed) !== null) return null;
  return `a pickup code has ${CODE_LENGTH} letters and digits without 0, O, 1, I and L; type or scan it again`;
}

/** The text of the QR code a customer shows: order number and code, in the letters of QR's compact
 * alphanumeric mode. Order numbers are capitals, digits and dashes, 32 at most. */
export function pickupQrPayload(orderNumber: string, code: string): string {
  const normal = normalisePickupCode(code);
  if (!ORDER_NUMBER.test(orderNumber) || normal === null) {
    throw new RangeError(`order number '${orderNumber}' or its code can't be written as a pickup QR`);
  }
  return `${QR_PREFIX}${orderNumber}:${normal}`;
}

/** The order number and code of a scanned pickup QR, or null if it is another one. It proves nothing until the code matches. */
export function parsePickupQr(payload: string): { orderNumber: string; code: string } | null {
  const text = scannedCode(payload).toUpperCase();
  if (!text.startsWith(QR_PREFIX)) return null;
  const [orderNumber = '', typed = '', ...rest] = text.slice(QR_PREFIX.length).split(':');
  const code = normalisePickupCode(typed);
  return rest.length === 0 && ORDER_NUMBER.test(orderNumber) && code !== null ? { orderNumber, code } : null;
}

function mac(secret: Buffer, parts: (string | number)[]): Buffer {
  // JSON separates the parts unambiguously: different lists give different texts.
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest();
}
