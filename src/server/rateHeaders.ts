// The RateLimit fields of answers, as draft-ietf-httpapi-ratelimit-headers-10 defines them.

import type { Response } from 'express';
import { RATES, type RateState } from './rates';

/** Shows the client what it may send, and what is left of that. */
export function showRate(res: Response, { name, limit, remaining, resetSeconds }: RateState): void {
  res.setHeader('ratelimit-policy', `"${name}";q=${limit};w=${RATES[name].windowSeconds}`);
  res.setHeader('ratelimit', `"${name}";r=${remaining};t=${resetSeconds}`);
}
