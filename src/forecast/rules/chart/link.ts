// Addresses of charts that need no token: signed for one SKU and location, and valid for CHART_URL_DAYS.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { DAY_MS } from '../../../values/time';

/** Days that a signed address is valid for: long enough for a late reader of a mail or a wiki page rendered again. */
export const CHART_URL_DAYS = 30;

const SIGNATURE = /^[\w-]{43}$/;
const SECONDS = /^\d{1,11}$/;

export interface Charted {
  sku: string;
  location: string;
}

function sign(secret: Buffer, { sku, location }: Charted, expires: number): Buffer {
  // As JSON, so that no two pairs of codes are ever the same text.
  return createHmac('sha256', secret)
    .update(JSON.stringify(['forecast-chart', sku, location, expires]))
    .digest();
}

/** The address of a chart from the root of the API on, good until CHART_URL_DAYS after `now`. */
export function chartPath(secret: Buffer, charted: Charted, now: Date): string {
  // To the hour, so that a chart keeps its address for a while and can be cached.
  const expires = Math.ceil((now.getTime() + CHART_URL_DAYS * DAY_MS) / 3_600_000) * 3_600;
  const [sku, location] = [charted.sku, charted.location].map(encodeURIComponent);
  const signature = sign(secret, charted, expires).toString('base64url');
  return `/charts/forecast/${sku}/${location}.svg?expires=${expires}&signature=${signature}`;
}

/** Checks the signature of an address at `now`. */
export function checkChartSignature(
  secret: Buffer,
  charted: Charted,
  given: { expires: unknown; signature: unknown },
  now: Date,
): 'GOOD' | 'WRONG' | 'EXPIRED' {
  const { expires, signature } = given;
  if (typeof expires !== 'string' || typeof signature !== 'string') return 'WRONG';
  if (!SECONDS.test(expires) || !SIGNATURE.test(signature)) return 'WRONG';
  const right = sign(secret, charted, Number(expires));
  if (!timingSafeEqual(right, Buffer.from(signature, 'base64url'))) return 'WRONG';
  return Number(expires) * 1_000 >= now.getTime() ? 'GOOD' : 'EXPIRED';
}
