// The pseudonym stored of a customer of an imported line: a keyed hash, the same for the same customer of a feed.

import { createHash, createHmac } from 'node:crypto';

const BLOCK_BYTES = 64;

/** Makes pseudonyms with a key that comes from SECRET_KEY; without it nobody can confirm a guess. */
export class Pseudonyms {
  readonly #key: Buffer;

  constructor(secretKey: Buffer) {
    this.#key = createHmac('sha256', secretKey).update('["import-customer"]').digest();
  }

  /** As a UUID without dashes. Made from what the first releases stored, so that those rows can be rewritten to the same. */
  of(feedId: number, customer: string): string {
    return this.#keyed(createHash('md5').update(`${feedId} ${customer}`).digest());
  }

  /** A keyed hash of any text, for comparing texts that are not to be kept. */
  ofText(text: string): string {
    return this.#keyed(Buffer.from(text));
  }

  /** The two blocks by which HMAC-SHA-256 is reckoned with plain SHA-256, for statements that rewrite stored hashes. */
  pads(): { inner: Buffer; outer: Buffer } {
    const padded = (byte: number): Buffer =>
      Buffer.alloc(BLOCK_BYTES).map((_, i) => (this.#key[i] ?? 0) ^ byte) as Buffer;
    return { inner: padded(0x36), outer: padded(0x5c) };
  }

  #keyed(bytes: Buffer): string {
    return createHmac('sha256', this.#key).update(bytes).digest('hex').slice(0, 32);
  }
}
