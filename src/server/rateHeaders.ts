// The RateLimit fields of answers, as draft-ietf-httpapi-ratelimit-headers-10 defines them.

import type { Response } from 'express';
import { RATES, type RateState } from './rates';

/** Shows a limit of requests at once that was met. */
export function showConcurrency(res: Response, limit: number): void {
  res.setHeader('ratelimit-policy', `"concurrency";q=${limit};qu="concurrent-requests"`);
  res.setHeader('ratelimit', '"concurrency";r=0;t=1');
}

/** Shows the client what it may send, and what is left of that. */
export function showRate(res: Response, { name, limit, remaining, resetSeconds }: RateState): void {
  res.setHeader('ratelimit-policy', `"${name}";q=${limit};w=${RATES[name].windowSeconds}`);
  res.setHeader('ratelimit', `"${name}";r=${remaining};t=${resetSeconds}`);
}
