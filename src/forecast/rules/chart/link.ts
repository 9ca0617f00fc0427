// Addresses of charts that need no token: signed for one SKU and location, or one sum, and valid for CHART_URL_DAYS.

import { isSignatureOf, signatureOf } from '../../../values/signedAddress';
import { DAY_MS } from '../../../values/time';

/** Days that a signed address is valid for: long enough for a late reader of a mail or a wiki page rendered again. */
export const CHART_URL_DAYS = 30;

const SECONDS = /^\d{1,11}$/;

interface ChartedShelf {
  sku: string;
  location: string;
}

/** A sum that is charted; no category, or no locations, stand for all. */
export interface ChartedSum {
  category: string | null;
  locations: readonly string[];
}

export type Charted = ChartedShelf | ChartedSum;

function signedFacts(charted: Charted, expires: number): unknown[] {
  return 'sku' in charted
    ? ['forecast-chart', charted.sku, charted.location, expires]
    : ['level-chart', charted.category, charted.locations, expires];
}

/** Locations that the address of a chart may name. */
export const MAX_CHART_LOCATIONS = 20;

/** The address of a chart from the root of the API on, good until CHART_URL_DAYS after `now`. */
export function chartPath(secret: Buffer, charted: Charted, now: Date): string {
  // To the hour, so that a chart keeps its address for a while and can be cached.
  const expires = Math.ceil((now.getTime() + CHART_URL_DAYS * DAY_MS) / 3_600_000) * 3_600;
  const signature = signatureOf(secret, signedFacts(charted, expires));
  const signed = `expires=${expires}&signature=${signature}`;
  if ('sku' in charted) {
    const [sku, location] = [charted.sku, charted.location].map(encodeURIComponent);
    return `/charts/forecast/${sku}/${location}.svg?${signed}`;
  }
  const of = [
    ...(charted.category === null ? [] : [`category=${encodeURIComponent(charted.category)}`]),
    ...charted.locations.map((code) => `location=${encodeURIComponent(code)}`),
  ];
  return `/charts/level-forecast.svg?${[...of, signed].join('&')}`;
}

/** Checks the signature of an address at `now`. */
export function checkChartSignature(
  secret: Buffer,
  charted: Charted,
  given: { expires: unknown; signature: unknown },
  now: Date,
): 'GOOD' | 'WRONG' | 'EXPIRED' {
  const { expires, signature } = given;
  if (typeof expires !== 'string' || !SECONDS.test(expires)) return 'WRONG';
  if (!isSignatureOf(secret, signedFacts(charted, Number(expires)), signature)) return 'WRONG';
  return Number(expires) * 1_000 >= now.getTime() ? 'GOOD' : 'EXPIRED';
}
