// Settings of the edge: whose address counts, how much one caller may send, and how monitoring is let in.

import { ConfigProblem, type Env, whole } from './env';

/** Limits per caller. Rates hold for all processes of this program together, numbers of streams for each of them. */
export interface CallerLimits {
  /** Requests of one token in a second. */
  ratePerToken: number;
  /** Requests from one address in a second, with whatever tokens. */
  ratePerAddress: number;
  /** Requests without a token from one address in ten seconds. */
  rateWithoutToken: number;
  /** Requests with a token that is not good from one address in a minute. */
  wrongTokensPerAddress: number;
  /** Requests of one token under way or waiting at once. */
  concurrentPerToken: number;
  /** Requests without a token from one address under way or waiting at once. */
  concurrentWithoutToken: number;
  /** Requests under way in a process, at least, of callers whose requests stand in a queue while others are there too. */
  fairShare: number;
  /** They have more under way as long as requests take no longer than so many times what they take with `fairShare`. */
  fairSlowdown: number;
  /** Connections from one address to one process. */
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
}

const HUGE = 100_000_000;
const MIN_METRICS_TOKEN = 32;

/** Express's own words for this setting: true, false, a number of hops, or addresses and subnets separated by commas. */
function trustProxy(env: Env): boolean | number | string {
  const text = env.TRUST_PROXY?.trim() ?? '';
  if (text === '' || text.toLowerCase() === 'false') return false;
  if (text.toLowerCase() === 'true') return true;
  if (/^\d+$/.test(text)) return whole(env, 'TRUST_PROXY', 0, 0, 20);
  return text;
}

function metricsToken(env: Env): string | null {
  const text = env.METRICS_TOKEN || null;
  if (text !== null && !(text.length >= MIN_METRICS_TOKEN && /^[\w.~+/=-]{1,512}$/.test(text))) {
    throw new ConfigProblem(
      `METRICS_TOKEN cannot be a bearer token; use ${MIN_METRICS_TOKEN} to 512 letters, digits and . ~ + / = _ - of random text.`,
    );
  }
  return text;
}

/** @throws ConfigProblem */
export function readEdge(env: Env): EdgeConfig {
  const limit = (name: string, usual: number): number => whole(env, name, usual, 1, HUGE);
  return {
    trustProxy: trustProxy(env),
    callerLimits: {
      ratePerToken: limit('RATE_PER_TOKEN', 10_000),
      ratePerAddress: limit('RATE_PER_ADDRESS', 20_000),
      rateWithoutToken: limit('RATE_WITHOUT_TOKEN', 300),
      wrongTokensPerAddress: limit('WRONG_TOKENS_PER_ADDRESS', 100),
      concurrentPerToken: limit('CONCURRENT_PER_TOKEN', 2_000),
      concurrentWithoutToken: limit('CONCURRENT_WITHOUT_TOKEN', 100),
      fairShare: limit('FAIR_SHARE', 1),
      fairSlowdown: whole(env, 'FAIR_SLOWDOWN_PERCENT', 150, 100, 10_000) / 100,
      connectionsPerAddress: limit('CONNECTIONS_PER_ADDRESS', 6_000),
      streamsPerProcess: limit('STREAMS_PER_PROCESS', 10_000),
      streamsPerActor: limit('STREAMS_PER_ACTOR', 2_000),
      streamsPerAddress: limit('STREAMS_PER_ADDRESS', 5_000),
    },
    metricsToken: metricsToken(env),
  };
}
