// The hash that distinguishes a retry from another request under the same idempotency key.

import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { oncePer } from '../../values/oncePer';

/** Prefix of a hash of this version: `2:<id of the key>:<HMAC>`. Hashes of the first release have no prefix. */
const VERSION = '2';
/** Enough to detect that SECRET_KEY has changed, without revealing anything about it. */
const KEY_ID_LENGTH = 6;

interface HashKey {
  key: KeyObject;
  prefix: string;
}

const hashKeyOf = oncePer((secretKey: Buffer): HashKey => {
  const key = createSecretKey(secretKey);
  const id = createHmac('sha256', key).update('["request-hash-key"]').digest('base64url');
  return { key, prefix: `${VERSION}:${id.slice(0, KEY_ID_LENGTH)}:` };
});

/**
 * The hash of a mutation's arguments as the client sent them. Keyed with the server's secret: a plain hash of a request
 * that names a customer could be confirmed by guessing.
 */
export function hashRequest(secretKey: Buffer, mutation: string, text: string): string {
  const { key, prefix } = hashKeyOf(secretKey);
  return prefix + createHmac('sha256', key).update(`request ${mutation} ${text}`).digest('base64url');
}

function keyPrefix(hash: string): string {
  return hash.slice(0, VERSION.length + KEY_ID_LENGTH + 2);
}

/**
 * Whether two hashes were made with different secrets, so that nothing can be concluded from their difference. The same
 * actor, mutation and idempotency key must then suffice: a refusal would make clients order a second time.
 */
export function areIncomparable(stored: string, hash: string): boolean {
  const versioned = [stored, hash].every((one) => one.startsWith(`${VERSION}:`));
  return versioned && keyPrefix(stored) !== keyPrefix(hash);
}
