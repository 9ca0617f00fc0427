// Who sends a request, and whether they may send so many: both are known before anything of the request is read.

import type { Response } from 'express';
import { callerByHash, hashToken } from '../access/queries';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import { bearerOf } from './bearer';
import type { ClientAddresses } from './clientAddress';
import { showRate } from './rateHeaders';
import type { RateName, Rates, RateTaken } from './rates';
import type { Refuser } from './refusing';
import type { ApiHandler } from './request';
import { OverRate, type SignIns } from './signIns';

const NOT_GOOD = 'This token is unknown, expired or revoked; send Authorization: Bearer <token>.';

/** What each rate counts, and the setting that says how much may be sent. */
const COUNTED: Record<RateName, { what: string; setting: string }> = {
  token: { what: 'requests of this token', setting: 'RATE_PER_TOKEN' },
  address: { what: 'requests from this address', setting: 'RATE_PER_ADDRESS' },
  'no-token': { what: 'requests without a token from this address', setting: 'RATE_WITHOUT_TOKEN' },
  'wrong-token': {
    what: 'tokens from this address that were not good',
    setting: 'WRONG_TOKENS_PER_ADDRESS',
  },
};

export interface Callers {
  rates: Rates;
  addresses: ClientAddresses;
  refuser: Refuser;
  signIns: SignIns;
}

/** Refuses a request beyond a rate. */
export function refuseOverRate(res: Response, refuser: Refuser, taken: RateTaken): void {
  const { name, limit, windowSeconds, resetSeconds } = taken;
  const { what, setting } = COUNTED[name];
  showRate(res, taken);
  refuser.refuse(res, {
    limit: name,
    status: 429,
    retryAfterSeconds: resetSeconds,
    message: `More than ${limit} ${what} came within ${windowSeconds} s; try again in ${resetSeconds} s. The limit is this server's setting ${setting}.`,
  });
}

/** Requests without a token are one caller where turns are taken: there may be any number of addresses. */
export const NOBODY_KEY = 'nobody';

/**
 * Finds the caller behind the bearer token. No token: nobody. A token that is not good: 401 at once. Beyond the rate of
 * its token or its address: 429.
 */
export function authenticate(parts: Parts, callers: Callers): ApiHandler {
  const { rates, addresses, refuser, signIns } = callers;
  const refuse = (res: Response, taken: RateTaken): void => refuseOverRate(res, refuser, taken);
  return async (req, res, next) => {
    const bearer = bearerOf(req);
    const address = addresses.keyOf(req);
    const fromAddress = await rates.take('address', address);
    if (!fromAddress.allowed) return refuse(res, fromAddress);
    req.addressKey = address;
    if (bearer === undefined) {
      const taken = await rates.take('no-token', address);
      if (!taken.allowed) return refuse(res, taken);
      req.caller = null;
      req.callerKey = NOBODY_KEY;
      return next();
    }
    const hash = bearer === null ? null : hashToken(bearer);
    try {
      if (hash === null) {
        const taken = await rates.take('wrong-token', address);
        if (!taken.allowed) throw new OverRate(taken);
      } else {
        req.caller = await signIns.callerOf(hash, address);
        req.signInAgain = () => callerByHash(parts.db, hash, parts.clock());
      }
    } catch (error) {
      if (!(error instanceof OverRate)) throw error;
      return refuse(res, error.taken);
    }
    if (hash === null || req.caller == null) {
      res.setHeader('www-authenticate', 'Bearer');
      return answerError(res, 401, 'UNAUTHENTICATED', NOT_GOOD);
    }
    const taken = await rates.take('token', hash);
    if (!taken.allowed) return refuse(res, taken);
    req.callerKey = hash;
    next();
  };
}
