// Authenticates the caller of a request and checks its rate limit, both before the body is read.

import type { Request, Response } from 'express';
import { callerByHash, hashToken, isDemonstrationToken } from '../access/queries/callers';
import { hashOfSession } from '../access/rules/session';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import type { ClientAddresses } from './clientAddress';
import { isBackground, isOfOwnPage, NOT_OF_OWN_PAGE, readSessionCookie, setSessionCookie } from './cookies';
import { type TokenUse, whyNotUsable } from './publishableTokens';
import { showRate } from './rateHeaders';
import type { RateName, RateState, Rates } from './rates';
import type { Refuser } from './refusing';
import type { ApiHandler } from './request';
import { SessionRenewals } from './sessionRenewals';
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
const ENDED = 'This session has ended; sign in again.';

/** What a request signs in with. `hash` is null where it cannot be that of a token or session. */
interface BroughtCredential {
  kind: 'TOKEN' | 'SESSION';
  hash: string | null;
}

/** The token of a request, else its session; null: it has neither. */
function credentialOf(req: Request, config: Parts['config']): BroughtCredential | null {
  const bearer = bearerOf(req, config);
  if (bearer !== undefined) return { kind: 'TOKEN', hash: bearer === null ? null : hashToken(bearer) };
  const secret = readSessionCookie(req, config);
  return secret === undefined ? null : { kind: 'SESSION', hash: hashOfSession(secret) };
}

export interface AuthenticationOptions {
  /** A request with a session that has ended goes on without a caller, instead of being answered 401. */
  passEnded?: boolean;
  /** Which tokens are good here; secret ones if omitted. */
  tokens?: TokenUse;
}

/**
 * Finds the caller of the bearer token or of the session. Without either the request goes on without a caller; with one
 * that is not good it is answered 401. Past a rate of the token, the actor of a session or the address it is answered 429.
 */
export function authenticate(
  parts: Parts,
  edge: AuthenticationParts,
  { passEnded = false, tokens = 'SECRET' }: AuthenticationOptions = {},
): ApiHandler {
  const { db, clock, config } = parts;
  const { rates, addresses, refuser, signIns } = edge;
  const renewals = new SessionRenewals(parts);
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
  async function refuse(req: Request, res: Response, kind: BroughtCredential['kind']): Promise<void> {
    if (kind === 'SESSION') setSessionCookie({ req, res }, config, '', 0);
    else res.setHeader('www-authenticate', 'Bearer');
    answerError(res, 401, 'UNAUTHENTICATED', kind === 'SESSION' ? ENDED : NOT_GOOD);
  }
  const signIn: ApiHandler = async (req, res, next) => {
    const address = addresses.keyOf(req);
    req.addressKey = address;
    const brought = credentialOf(req, config);
    if (brought?.kind === 'SESSION' && !isOfOwnPage(req)) {
      await count(res, ['no-token', address]);
      return answerError(res, 403, 'FORBIDDEN', NOT_OF_OWN_PAGE);
    }
    const { kind = 'TOKEN', hash = null } = brought ?? {};
    const caller = hash === null ? null : await signIns.callerOf(hash, address);
    if (hash === null || caller === null) {
      await count(res, ['no-token', address]);
      if (brought !== null && !(passEnded && kind === 'SESSION')) return refuse(req, res, kind);
      req.caller = null;
      req.callerKey = address;
      return next();
    }
    const key = kind === 'SESSION' ? `actor ${caller.actorId}` : hash;
    if (tokens === 'PUBLISHABLE') await count(res, ['page', address]);
    await count(res, ['token', key], ['address', address]);
    const problem = whyNotUsable(req, caller, tokens);
    if (problem !== null) return answerError(res, 403, 'FORBIDDEN', problem);
    req.caller = caller;
    req.callerKey = key;
    req.credential = { kind, hash };
    req.signInAgain = () => callerByHash(db, hash, clock());
    if (kind === 'SESSION' && !passEnded && !isBackground(req)) await renewals.renew(hash);
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
