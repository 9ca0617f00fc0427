// The endpoint of a person's session: open it, read it, end it.

import express, { type Response, type Router } from 'express';
import { openSession } from '../access/actions/sessions';
import { sessionByHash } from '../access/queries/sessions';
import { hashOfSession } from '../access/rules/session';
import type { Parts } from '../graphql/context';
import { answerError } from '../graphql/errors';
import { type AuthenticationParts, authenticate } from './authenticate';
import {
  isOfOwnPage,
  NOT_OF_OWN_PAGE,
  readDeviceCookie,
  readSessionCookie,
  setDeviceCookie,
  setSessionCookie,
} from './cookies';
import type { ApiHandler } from './request';
import { onlyMethods } from './requestChecks';
import { deviceOf, sessionAnswer } from './sessionAnswer';
import { endBrought } from './sessionEnd';
import { isDemonstrationHash } from './signInWays';
import { type SignOutAddress, singleSignOn } from './singleSignOn';
import { tabletRoutes } from './tablets';

const TOKEN_NEEDED = 'Send the token to sign in with as Authorization: Bearer <token>.';
const NO_TOKENS =
  'This server opens no sessions with tokens; sign in another way, or set TOKEN_SIGN_IN on the server.';

/** Who is signed in. A session that has ended has no person, and its cookie is deleted. Reading does not count as use. */
function read(parts: Parts): ApiHandler {
  const { db, clock, config } = parts;
  return async (req, res) => {
    const { credential } = req;
    const row = credential?.kind === 'SESSION' ? await sessionByHash(db, credential.hash, clock()) : null;
    if (row === null && readSessionCookie(req, config) !== undefined) {
      setSessionCookie({ req, res }, config, '', 0);
    }
    const device = await deviceOf(req, parts);
    if (device === null && readDeviceCookie(req, config) !== undefined) {
      setDeviceCookie({ req, res }, config, '', 0);
    }
    res.json(await sessionAnswer(row, device, parts));
  };
}

/** Opens a session for the bearer of a token. */
function openByToken(parts: Parts): ApiHandler {
  const { db, clock, config } = parts;
  const { byToken, idleSeconds, lifeSeconds } = config.sessions;
  return async (req, res) => {
    const { caller, credential } = req;
    const isOffered = credential?.kind === 'TOKEN' && isDemonstrationHash(config, credential.hash);
    if (!byToken && !isOffered) return answerError(res, 403, 'FORBIDDEN', NO_TOKENS);
    if (!caller || credential?.kind !== 'TOKEN') {
      res.setHeader('www-authenticate', 'Bearer');
      return answerError(res, 401, 'UNAUTHENTICATED', TOKEN_NEEDED);
    }
    const now = clock();
    const opened = await openSession(db, {
      ...{
        actorId: caller.actorId,
        signIn: isOffered ? 'DEMONSTRATION' : 'TOKEN',
        tokenHash: credential.hash,
      },
      ...{ idleSeconds, lifeSeconds, now },
    });
    if (opened === null) return answerError(res, 401, 'UNAUTHENTICATED', TOKEN_NEEDED);
    await endBrought(parts, readSessionCookie(req, config));
    setSessionCookie({ req, res }, config, opened.secret, lifeSeconds);
    const row = await sessionByHash(db, hashOfSession(opened.secret)!, now);
    res.status(201).json(await sessionAnswer(row, await deviceOf(req, parts), parts));
  };
}

/** What a browser has stored of this server, which the next person must not find. */
const ALL_STORED = '"cache", "cookies", "storage"';

/**
 * Signs out. It also succeeds without a session, so that signing out twice is no error. A shared tablet keeps its own cookie,
 * and what its other people have not sent yet. Who came by the single sign-on learns where to sign out there too.
 */
function end(parts: Parts, signOutAddress: SignOutAddress): ApiHandler {
  return async (req, res: Response) => {
    const { credential } = req;
    const row =
      credential?.kind === 'SESSION' ? await sessionByHash(parts.db, credential.hash, parts.clock()) : null;
    await endBrought(parts, readSessionCookie(req, parts.config));
    setSessionCookie({ req, res }, parts.config, '', 0);
    if ((await deviceOf(req, parts)) === null) res.setHeader('clear-site-data', ALL_STORED);
    const signOutAt = row?.signIn === 'SINGLE_SIGN_ON' ? await signOutAddress() : null;
    if (signOutAt === null) res.status(204).end();
    else res.json({ signOutAt });
  };
}

const uncached: ApiHandler = (_req, res, next) => {
  res.setHeader('cache-control', 'no-store');
  next();
};

/** The header is needed to sign in as well: otherwise another site could sign a browser in as another person. */
const onlyOwnPages: ApiHandler = (req, res, next) => {
  if (isOfOwnPage(req)) return next();
  answerError(res, 403, 'FORBIDDEN', NOT_OF_OWN_PAGE);
};

/** `/session`. Its requests are counted and admitted like those of `/graphql`. */
export function sessions(parts: Parts, edge: AuthenticationParts, admission: readonly ApiHandler[]): Router {
  const router = express.Router();
  router.use(onlyMethods('GET', 'HEAD', 'POST', 'PUT', 'DELETE'), uncached, onlyOwnPages);
  router.use(authenticate(parts, edge, { passEnded: true }), ...admission);
  router.get('/', read(parts));
  router.post('/', openByToken(parts));
  router.delete('/', end(parts, singleSignOn(router, parts)));
  tabletRoutes(router, parts, edge);
  return router;
}
