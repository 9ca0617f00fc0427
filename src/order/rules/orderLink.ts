// The link of an order's page: the order's id and the generation of its link, signed.

import { createHmac, timingSafeEqual } from 'node:crypto';

const ID_BYTES = 16;
const GENERATION_BYTES = 4;
const FACT_BYTES = ID_BYTES + GENERATION_BYTES;
const SIGNATURE_BYTES = 16;
/** 36 bytes make 48 characters without a bit left over: one token has one spelling. */
const TOKEN = /^[\w-]{48}$/;

function signatureOf(secretKey: Buffer, facts: Buffer): Buffer {
  const key = createHmac('sha256', secretKey).update('["order-page"]').digest();
  return createHmac('sha256', key).update(facts).digest().subarray(0, SIGNATURE_BYTES);
}

/** What a link names. */
export interface LinkedOrder {
  id: string;
  linkGeneration: number;
}

/** The token of a link. It is made when it is sent, and stored nowhere. */
export function orderToken(secretKey: Buffer, { id, linkGeneration }: LinkedOrder): string {
  const facts = Buffer.alloc(FACT_BYTES);
  facts.write(id.replaceAll('-', ''), 'hex');
  facts.writeUInt32BE(linkGeneration, ID_BYTES);
  return Buffer.concat([facts, signatureOf(secretKey, facts)]).toString('base64url');
}

/** The order of a token; null: the token was not made here, or was changed. */
export function orderOfToken(secretKey: Buffer, token: string): LinkedOrder | null {
  if (!TOKEN.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  const facts = bytes.subarray(0, FACT_BYTES);
  if (!timingSafeEqual(bytes.subarray(FACT_BYTES), signatureOf(secretKey, facts))) return null;
  const hex = facts.subarray(0, ID_BYTES).toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { id, linkGeneration: facts.readUInt32BE(ID_BYTES) };
}

/** The address of an order's page; null without PUBLIC_URL. */
export function orderPageUrl(
  { secretKey, publicUrl }: { secretKey: Buffer; publicUrl: string | null },
  order: LinkedOrder,
  language: string | null,
): string | null {
  if (publicUrl === null) return null;
  const query = language === null ? '' : `?lang=${encodeURIComponent(language)}`;
  return `${publicUrl}/o/${orderToken(secretKey, order)}${query}`;
}
