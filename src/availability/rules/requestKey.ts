// Keys of availability requests: the answer for a shelf depends on the channel, holder and date.

import { createHmac } from 'node:crypto';

/** What the answer for a SKU at a location depends on, apart from these two. */
export interface AvailabilityKeyParts {
  channel: string;
  own: { ownerId: number; holder: string | null } | null;
  on: Date | null;
  /** Around a point an answer contains the distance of the location. */
  at: { near?: { latitude: number; longitude: number } | null };
}

/** Characters of the hash: 128 bits. */
const LENGTH = 22;

/** One request covers many shelves, so its hash is computed once. */
const known = new WeakMap<AvailabilityKeyParts, string>();

/** A hash that is equal for equivalent requests. It is keyed, because a holder may name a person. */
export function requestHash(secretKey: Buffer, request: AvailabilityKeyParts): string {
  const before = known.get(request);
  if (before !== undefined) return before;
  const { channel, own, on, at } = request;
  const parts = [
    'availability-question',
    channel,
    own === null ? null : [own.ownerId, own.holder],
    on === null ? null : on.toISOString(),
    at.near ? [at.near.latitude, at.near.longitude] : null,
  ];
  const mac = createHmac('sha256', secretKey).update(JSON.stringify(parts));
  const hash = mac.digest('base64url').slice(0, LENGTH);
  known.set(request, hash);
  return hash;
}
