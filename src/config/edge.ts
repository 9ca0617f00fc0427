// Settings of the edge: how monitoring is let in.

import { ConfigProblem, type Env } from './env';

export interface EdgeConfig {
  /** A token that reads /metrics and nothing else, good also while the database is away; null: there is none. */
  metricsToken: string | null;
}

const MIN_METRICS_TOKEN = 32;

/** @throws ConfigProblem */
export function readEdge(env: Env): EdgeConfig {
  const text = env.METRICS_TOKEN || null;
  if (text !== null && !(text.length >= MIN_METRICS_TOKEN && /^[\w.~+/=-]{1,512}$/.test(text))) {
    throw new ConfigProblem(
      `METRICS_TOKEN cannot be a bearer token; use ${MIN_METRICS_TOKEN} to 512 letters, digits and . ~ + / = _ - of random text.`,
    );
  }
  return { metricsToken: text };
}
