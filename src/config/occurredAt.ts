// Settings of acts that are recorded later than they happened.

import { type Env, whole } from './env';

export interface ActConfig {
  acts: {
    /** Milliseconds that `occurredAt` may lie before the time at which the act is recorded. */
    pastMs: number;
    /** Milliseconds that it may lie after that time, because clocks differ. */
    futureMs: number;
  };
}

/** @throws OperatorError */
export function readActs(env: Env): ActConfig {
  return {
    acts: {
      pastMs: whole(env, 'OCCURRED_PAST_HOURS', 0, 720) * 3_600_000,
      futureMs: whole(env, 'OCCURRED_FUTURE_MINUTES', 0, 60) * 60_000,
    },
  };
}
