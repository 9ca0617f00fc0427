// The RateLimit fields of answers, as the IETF's draft has them (draft-ietf-httpapi-ratelimit-headers-11).

import type { Response } from 'express';
import type { RateTaken } from './rates';

/** Names the rate that a request is beyond. Other answers go without: two fields more would be a part of what an empty one costs. */
export function showRate(res: Response, taken: RateTaken): void {
  const { name, limit, windowSeconds, remaining, resetSeconds } = taken;
  res.setHeader('ratelimit-policy', `"${name}";q=${limit};w=${windowSeconds}`);
  res.setHeader('ratelimit', `"${name}";r=${remaining};t=${resetSeconds}`);
}

/** Names a limit of requests at once that was met. */
export function showConcurrency(res: Response, name: string, limit: number): void {
  res.setHeader('ratelimit-policy', `"${name}";q=${limit};qu="concurrent-requests"`);
  res.setHeader('ratelimit', `"${name}";r=0;t=1`);
}
