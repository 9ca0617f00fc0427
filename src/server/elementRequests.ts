// What pages of shops may send with a publishable token: the operations of the element, by their ids, and nothing else.

import cors from 'cors';
import { answerError } from '../graphql/errors';
import { isRecord } from '../graphql/plainPost';
import type { AuthenticationParts } from './authenticate';
import { operationIds, pageTexts } from './pages/operations';
import type { ApiHandler } from './request';

/** Where the element sends its requests. */
export const ELEMENT_ENDPOINT = '/elements/graphql';

/**
 * Pages of every origin may send requests, because a preflight does not name the token. Whether the origin is one of the
 * token's is checked at the request itself. Cookies are never sent, because the answer does not allow them.
 */
export const pagesMayCall: ApiHandler = cors({
  origin: '*',
  methods: ['POST'],
  allowedHeaders: ['authorization', 'content-type'],
  maxAge: 7_200,
  exposedHeaders: ['x-request-id', 'retry-after'],
});

/** A session that the browser has at this server is none of the element's. */
export const withoutCookies: ApiHandler = (req, _res, next) => {
  delete req.headers.cookie;
  next();
};

const NEEDED = 'Send a publishable token of the shop as Authorization: Bearer <token>.';
/** Before what a page sends: its keys and holders are never those of the shop's own server, which has the same actor. */
const PREFIX = 'page:';
const PREFIXED = ['key', 'holder'];

/** The variables of a page, with keys and holders of its own. */
function pageVariables(variables: unknown): Record<string, unknown> {
  const entries = Object.entries(isRecord(variables) ? variables : {});
  return Object.fromEntries(
    entries.map(([name, value]) =>
      typeof value === 'string' && PREFIXED.includes(name) ? [name, PREFIX + value] : [name, value],
    ),
  );
}

/** Puts the text of the element's operation into a request that names it, and counts reservations. */
export function elementOperations({ rates, refuser }: AuthenticationParts): ApiHandler {
  const ids = operationIds('element');
  const known = new Map(Object.values(ids).map((id) => [id, pageTexts.get(id)!]));
  return async (req, res, next) => {
    if (req.caller == null) {
      res.setHeader('www-authenticate', 'Bearer');
      return answerError(res, 401, 'UNAUTHENTICATED', NEEDED);
    }
    const { documentId, variables } = isRecord(req.body) ? req.body : {};
    const query = typeof documentId === 'string' ? known.get(documentId) : undefined;
    if (query === undefined) {
      const message =
        'Pages run only the operations of the element that this server delivers; load its script again.';
      return answerError(res, 403, 'PERSISTED_QUERY_ONLY', message);
    }
    if (documentId === ids.reserve) {
      const state = await rates.count('page-reservation', req.addressKey!);
      if (state?.isExceeded) return refuser.refuseRate(res, state);
    }
    req.body = { query, variables: pageVariables(variables) };
    // Further on it is a request like any other.
    req.url = '/graphql';
    next();
  };
}
