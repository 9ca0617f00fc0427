// Settings of people's sessions: how long they last, and with what they may be opened.

import { type Env, flag, whole } from './env';

export interface SessionConfig {
  sessions: {
    /** Seconds without use after which a session ends. */
    idleSeconds: number;
    /** Seconds after which a session ends however much it is used. */
    lifeSeconds: number;
    /** A person may open a session with a token. */
    byToken: boolean;
    /** Sessions may run only the operations of the pages that this server delivers. */
    pageOperationsOnly: boolean;
    /** On a shared tablet: seconds without use after which the session ends. */
    pinIdleSeconds: number;
    /** Least digits of a new PIN. */
    pinLength: number;
    /** Wrong PINs in a row after which a person's PIN is locked. */
    pinAttempts: number;
  };
}

/** @throws OperatorError */
export function readSessions(env: Env): SessionConfig {
  return {
    sessions: {
      idleSeconds: whole(env, 'SESSION_IDLE_MINUTES', 2, 1_440) * 60,
      lifeSeconds: whole(env, 'SESSION_HOURS', 1, 720) * 3_600,
      byToken: flag(env, 'TOKEN_SIGN_IN', env.NODE_ENV !== 'production'),
      pageOperationsOnly: flag(env, 'SESSION_OPERATIONS_ONLY', env.NODE_ENV === 'production'),
      pinIdleSeconds: whole(env, 'PIN_IDLE_MINUTES', 2, 60) * 60,
      pinLength: whole(env, 'PIN_LENGTH', 4, 10),
      pinAttempts: whole(env, 'PIN_ATTEMPTS', 3, 20),
    },
  };
}
