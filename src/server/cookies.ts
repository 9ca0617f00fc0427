// The cookies of sessions: their names and attributes, and which requests may bring them.

import type { Request, Response } from 'express';
import type { Config } from '../config/config';

/**
 * Browsers send this header to other origins only after these have allowed it, which this server never does for requests
 * with cookies. So a request that has it was not made by a page of another origin.
 */
const REQUEST_HEADER = 'x-comptoir-request';
/** Value of the header in requests that a page makes by itself, which do not count as use of the session. */
const BACKGROUND = 'background';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Over plain HTTP on a loopback address a browser need not take a Secure cookie: Chromium 143 does, with the prefix too,
 * Safari does not. Such an address has cookies with another name there, outside production only.
 */
function isDevelopment(req: Request, { production }: Pick<Config, 'production'>): boolean {
  return !production && !req.secure && LOOPBACK.includes(req.hostname);
}

/** What a cookie is for: the session of a person, the tablet of a shop, or a sign-in at a provider that is under way. */
export type CookieKind = 'session' | 'device' | 'sign-on';

/** The `__Host-` prefix: the browser takes the cookie from this very host only, over TLS, for all its paths. */
const nameOf = (kind: CookieKind, development: boolean): string =>
  `${development ? 'development-' : '__Host-'}comptoir-${kind}`;

/** The secret in a cookie that a request brings; undefined: it brings none. */
function readCookie(kind: CookieKind, req: Request, config: Pick<Config, 'production'>): string | undefined {
  const name = nameOf(kind, isDevelopment(req, config));
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, Math.max(0, equals)).trim() === name) return pair.slice(equals + 1).trim();
  }
  return undefined;
}

/** The secret of a session that a request brings. */
export const readSessionCookie = (req: Request, config: Pick<Config, 'production'>): string | undefined =>
  readCookie('session', req, config);
/** The secret of the shared tablet that a request brings. */
export const readDeviceCookie = (req: Request, config: Pick<Config, 'production'>): string | undefined =>
  readCookie('device', req, config);
/** What a request brings of a sign-in at a provider that is under way. */
export const readSignOnCookie = (req: Request, config: Pick<Config, 'production'>): string | undefined =>
  readCookie('sign-on', req, config);

interface CookieExchange {
  req: Request;
  res: Response;
}

/** Sets a cookie for so many seconds; 0 deletes it. */
function setCookie(
  kind: CookieKind,
  { req, res }: CookieExchange,
  config: Pick<Config, 'production'>,
  { value, seconds }: { value: string; seconds: number },
): void {
  const development = isDevelopment(req, config);
  const secure = development ? '' : '; Secure';
  // A person comes back from the provider by a link of another site, to which browsers send no Strict cookie.
  const site = kind === 'sign-on' ? 'Lax' : 'Strict';
  res.append(
    'set-cookie',
    `${nameOf(kind, development)}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=${site}${secure}`,
  );
}

/** Sets the cookie of a session for so many seconds; 0 deletes it. */
export function setSessionCookie(
  exchange: CookieExchange,
  config: Pick<Config, 'production'>,
  value: string,
  seconds: number,
): void {
  setCookie('session', exchange, config, { value, seconds });
}

/** Sets the cookie of a shared tablet for so many seconds; 0 deletes it. */
export function setDeviceCookie(
  exchange: CookieExchange,
  config: Pick<Config, 'production'>,
  value: string,
  seconds: number,
): void {
  setCookie('device', exchange, config, { value, seconds });
}

/** Sets the cookie of a sign-in at a provider for so many seconds; 0 deletes it. */
export function setSignOnCookie(
  exchange: CookieExchange,
  config: Pick<Config, 'production'>,
  value: string,
  seconds: number,
): void {
  setCookie('sign-on', exchange, config, { value, seconds });
}

const READING = ['GET', 'HEAD'];

/** Whether the request changes nothing, or has the header that only our own pages can send. */
export function isOfOwnPage(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (isForeign && req.headers['sec-fetch-mode'] !== 'navigate') return false;
  return READING.includes(req.method) || (!isForeign && Boolean(req.headers[REQUEST_HEADER]));
}

/** Whether a page made the request by itself, as a timer does, and not because of its user. */
export const isBackground = (req: Request): boolean => req.headers[REQUEST_HEADER] === BACKGROUND;

export const NOT_OF_OWN_PAGE = `A request by cookie that is not a GET needs the header ${REQUEST_HEADER}: 1, and comes from a page of this server.`;
