// Keys of availability requests: the answer for a shelf depends on the channel, holder and date.

import { createHmac } from 'node:crypto';

/** What the answer for a SKU at a location depends on beside them. */
export interface AvailabilityRequest {
  channel: string;
  own: { ownerId: number; holder: string | null } | null;
  on: Date | null;
  /** Around a point an answer says how far the location is. */
  at: { near?: { latitude: number; longitude: number } | null };
}

/** Characters of the hash: 128 bits. */
const LENGTH = 22;

/** Each question is requested many shelves. */
const known = new WeakMap<AvailabilityRequest, string>();

/** The same for questions that mean the same. Keyed, as a holder may name a person. */
export function questionHash(secretKey: Buffer, question: AvailabilityRequest): string {
  const before = known.get(question);
  if (before !== undefined) return before;
  const { channel, own, on, at } = question;
  const parts = [
    'availability-question',
    channel,
    own === null ? null : [own.ownerId, own.holder],
    on === null ? null : on.toISOString(),
    at.near ? [at.near.latitude, at.near.longitude] : null,
  ];
  const mac = createHmac('sha256', secretKey).update(JSON.stringify(parts));
  const hash = mac.digest('base64url').slice(0, LENGTH);
  known.set(question, hash);
  return hash;
}
