// Settings of the HTTP edge: client addresses behind proxies, rate limits per caller, and access for monitoring.

import ipaddr from 'ipaddr.js';
import { OperatorError } from '../refusals';
import { type Env, whole, wholeOr } from './env';
import { checkSecret } from './secrets';
import type { NumberSetting } from './settings';

/** Limits per caller; 0 means that there is no such limit. Rates hold for all processes of this program together, the others for each of them. */
export interface CallerLimits {
  /** Requests of one token in ten seconds. */
  ratePerToken: number;
  /** Requests with good tokens from one address in ten seconds. */
  ratePerAddress: number;
  /** Requests without a good token from one address in ten seconds. */
  rateWithoutToken: number;
  /** Unknown tokens that are looked up for one address in a minute. */
  wrongTokensPerAddress: number;
  wrongPinsPerDevice: number;
  /** Requests with publishable tokens from one address in ten seconds. */
  ratePerPageAddress: number;
  /** Reservations with publishable tokens from one address in ten minutes. */
  pageReservationsPerAddress: number;
  /** Requests of one token in one process at once, under way or waiting. */
  concurrentPerToken: number;
  /** Requests without a token from one address in one process at once. */
  concurrentWithoutToken: number;
  /** Milliseconds of the event loop's work of callers with many requests that is under way at a time, beside other callers. */
  fairSliceMs: number;
  /** Connections from one address to one process; no limit where a proxy is trusted, as all connections are then the proxy's. */
  connectionsPerAddress: number;
  /** Subscriptions in one process. */
  streamsPerProcess: number;
  /** Subscriptions of one actor in one process. */
  streamsPerActor: number;
  /** Subscriptions from one address in one process. */
  streamsPerAddress: number;
}

export interface EdgeConfig {
  /** Express's `trust proxy`: false, a number of proxies in front, or their addresses. */
  trustProxy: boolean | number | string;
  callerLimits: CallerLimits;
  /** A token that reads /metrics and nothing else, good also while the database is away; null: there is none. */
  metricsToken: string | null;
  /** Host names that requests may name; null: any. */
  allowedHosts: string[] | null;
}

const MAX_LIMIT = 100_000_000;
const MAX_STREAMS = 1_000_000;
const MAX_PROXIES = 20;
const MIN_METRICS_TOKEN = 32;

/** Express's own notation for this setting: a number of proxies, or addresses and subnets separated by commas. */
function trustProxy(env: Env): boolean | number | string {
  const text = env.TRUST_PROXY?.trim() ?? '';
  if (text === '' || /^(false|off|no)$/i.test(text)) return false;
  // Trusting every address would let a client choose its own, and so use up the limits of another.
  if (/^(true|on|yes)$/i.test(text)) {
    throw new OperatorError(
      `TRUST_PROXY is '${text}'; name the number of proxies in front of this server, or their addresses.`,
    );
  }
  if (/^\d+$/.test(text)) return wholeOr(env, 'TRUST_PROXY', 0, 0, MAX_PROXIES);
  checkProxies(text);
  return text;
}

const PROXY_GROUPS = ['loopback', 'linklocal', 'uniquelocal'];

const isNetwork = (text: string): boolean =>
  text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);

/** @throws OperatorError */
function checkProxies(text: string): void {
  for (const name of text.split(',').map((part) => part.trim())) {
    if (PROXY_GROUPS.includes(name) || isNetwork(name)) continue;
    throw new OperatorError(
      `TRUST_PROXY names '${name}'; it must be an address, a subnet such as 10.0.0.0/8, or one of ${PROXY_GROUPS.join(', ')}.`,
    );
  }
}

function metricsToken(env: Env): string | null {
  const text = env.METRICS_TOKEN || null;
  if (text !== null && !(text.length >= MIN_METRICS_TOKEN && /^[\w.~+/=-]{1,512}$/.test(text))) {
    throw new OperatorError(
      `METRICS_TOKEN cannot be a bearer token; use ${MIN_METRICS_TOKEN} to 512 letters, digits and . ~ + / = _ - of random text.`,
    );
  }
  if (text !== null) checkSecret('METRICS_TOKEN', text);
  return text;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Names separated by commas; `*` is all. In production every name is answered to unless this is set. @throws OperatorError */
function allowedHosts(env: Env): string[] | null {
  const names = (env.ALLOWED_HOSTS ?? '').split(',').map((name) => name.trim().toLowerCase());
  const given = names.filter(Boolean);
  if (given.length === 0) return env.NODE_ENV === 'production' ? null : LOOPBACK;
  if (given.includes('*')) return null;
  const wrong = given.find((name) => !/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/.test(name));
  if (wrong !== undefined) {
    throw new OperatorError(
      `ALLOWED_HOSTS names '${wrong}'; it must be host names without port, separated by commas, or *.`,
    );
  }
  return given;
}

/** A limit; `0` or `off` is none. @throws OperatorError */
function limit(env: Env, name: NumberSetting): number {
  return env[name]?.toLowerCase() === 'off' ? 0 : whole(env, name, 0, MAX_LIMIT);
}

/** @throws OperatorError */
export function readEdge(env: Env): EdgeConfig {
  return {
    trustProxy: trustProxy(env),
    callerLimits: {
      ratePerToken: limit(env, 'RATE_PER_TOKEN'),
      ratePerAddress: limit(env, 'RATE_PER_ADDRESS'),
      rateWithoutToken: limit(env, 'RATE_WITHOUT_TOKEN'),
      wrongTokensPerAddress: limit(env, 'WRONG_TOKENS_PER_ADDRESS'),
      wrongPinsPerDevice: limit(env, 'WRONG_PINS_PER_DEVICE'),
      ratePerPageAddress: limit(env, 'RATE_PER_PAGE_ADDRESS'),
      pageReservationsPerAddress: limit(env, 'PAGE_RESERVATIONS_PER_ADDRESS'),
      concurrentPerToken: limit(env, 'CONCURRENT_PER_TOKEN'),
      concurrentWithoutToken: limit(env, 'CONCURRENT_WITHOUT_TOKEN'),
      fairSliceMs: limit(env, 'FAIR_SLICE_MS'),
      connectionsPerAddress: limit(env, 'CONNECTIONS_PER_ADDRESS'),
      streamsPerProcess: whole(env, 'STREAMS_PER_PROCESS', 1, MAX_STREAMS),
      streamsPerActor: limit(env, 'STREAMS_PER_ACTOR'),
      streamsPerAddress: limit(env, 'STREAMS_PER_ADDRESS'),
    },
    metricsToken: metricsToken(env),
    allowedHosts: allowedHosts(env),
  };
}
