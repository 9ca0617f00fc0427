// Authenticates the caller of a request and checks its rate limit, both before the body is read.

import type { Request, Response } from 'express';
import { callerByHash, hashToken, isDemonstrationToken } from '../access/queries/callers';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import type { ClientAddresses } from './clientAddress';
import { showRate } from './rateHeaders';
import type { RateName, RateState, Rates } from './rates';
import type { Refuser } from './refusing';
import type { ApiHandler } from './request';
import { OverRate, type SignIns } from './signIns';

/**
 * The bearer token that a request brings; undefined: no authorization at all, null: one that is not a token. In production
 * the demonstration's tokens are none, whatever the database holds.
 */
export function bearerOf(req: Request, { production }: { production: boolean }): string | null | undefined {
  const header = req.headers.authorization;
  if (header === undefined) return undefined;
  const token = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(header)?.[1] ?? null;
  return token !== null && production && isDemonstrationToken(token) ? null : token;
}

/** What all routes that know callers share. */
export interface AuthenticationParts {
  rates: Rates;
  addresses: ClientAddresses;
  refuser: Refuser;
  signIns: SignIns;
}

const NOT_GOOD = 'This token is unknown, expired or revoked; send Authorization: Bearer <token>.';

/**
 * Finds the caller of the bearer token. Without a token the request goes on without a caller; with one that is not good
 * it is answered 401. Past a rate of the token or the address it is answered 429.
 */
export function authenticate({ db, clock, config }: Parts, edge: AuthenticationParts): ApiHandler {
  const { rates, addresses, refuser, signIns } = edge;
  /** Counts the request; the first rate that it exceeds, or else the state of the first. @throws OverRate */
  async function count(res: Response, ...counted: [name: RateName, key: string][]): Promise<void> {
    let shown: RateState | null = null;
    for (const [name, key] of counted) {
      const state = await rates.count(name, key);
      if (state?.isExceeded) throw new OverRate(state);
      shown ??= state;
    }
    if (shown !== null) showRate(res, shown);
  }
  const signIn: ApiHandler = async (req, res, next) => {
    const bearer = bearerOf(req, config);
    const address = addresses.keyOf(req);
    req.addressKey = address;
    if (bearer === undefined) {
      await count(res, ['no-token', address]);
      req.caller = null;
      req.callerKey = address;
      return next();
    }
    const hash = bearer === null ? null : hashToken(bearer);
    const caller = hash === null ? null : await signIns.callerOf(hash, address);
    if (hash === null || caller === null) {
      await count(res, ['no-token', address]);
      res.setHeader('www-authenticate', 'Bearer');
      return answerError(res, 401, 'UNAUTHENTICATED', NOT_GOOD);
    }
    await count(res, ['token', hash], ['address', address]);
    req.caller = caller;
    req.callerKey = hash;
    req.signInAgain = () => callerByHash(db, hash, clock());
    next();
  };
  return async (req, res, next) => {
    try {
      await signIn(req, res, next);
    } catch (error) {
      if (!(error instanceof OverRate)) throw error;
      refuser.refuseRate(res, error.state);
    }
  };
}
