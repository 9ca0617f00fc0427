// How many wrong pickup codes one token may send over all orders, so that nobody tries them out order by order.

import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Db } from '../../db/pool';
import type { Context } from '../../graphql/context';
import { Refused, refuse } from '../../refusals';
import { ORDER_LIMITS } from '../rules/limits';

const { codeAttemptsPerActor: points, codeWindowSeconds: duration } = ORDER_LIMITS;

interface Guard {
  limiter: RateLimiterMemory;
  /** Attempts under way, by actor; they never fail. */
  trying: Map<number, Set<Promise<void>>>;
}

// Kept in each process's memory: with several processes a token gets as many times more, still nothing against 31^6.
const guards = new WeakMap<Db, Guard>();

function guardOf({ db }: Context): Guard {
  let guard = guards.get(db);
  if (guard === undefined) {
    guard = { limiter: new RateLimiterMemory({ points, duration }), trying: new Map() };
    guards.set(db, guard);
  }
  return guard;
}

function refuseMore(spent: RateLimiterRes): never {
  const retryAfterSeconds = Math.max(1, Math.ceil(spent.msBeforeNext / 1000));
  const message = `${points} wrong pickup codes came from this token; try again in ${retryAfterSeconds} s.`;
  refuse('TooManyCodeAttempts', message, { retryAfterSeconds });
}

/**
 * Takes one attempt out of the caller's allowance before the code is looked at, so that guesses sent at once are not
 * more than guesses sent in turn. While others that may turn out right hold the last ones, this one waits for them.
 * @throws Refused TooManyCodeAttempts
 */
async function takeAttempt({ limiter, trying }: Guard, actorId: number): Promise<void> {
  for (;;) {
    const spent = await limiter.consume(actorId).then(
      () => null,
      (over: RateLimiterRes) => over,
    );
    if (spent === null) return;
    await limiter.reward(actorId);
    const others = trying.get(actorId);
    if (others === undefined) refuseMore(spent);
    await Promise.race(others);
  }
}

/** Runs an attempt with a pickup code; only one with a wrong code counts in the end. @throws Refused TooManyCodeAttempts */
export async function tryingCode<T>(context: Context, attempt: () => Promise<T>): Promise<T> {
  const guard = guardOf(context);
  const { actorId } = context.caller;
  await takeAttempt(guard, actorId);
  const mine = guard.trying.get(actorId) ?? new Set();
  guard.trying.set(actorId, mine);
  let finish: () => void = () => {};
  const tried = new Promise<void>((resolve) => {
    finish = resolve;
  });
  mine.add(tried);
  let wrong = false;
  try {
    return await attempt();
  } catch (error) {
    wrong = error instanceof Refused && error.data.kind === 'WrongPickupCode';
    throw error;
  } finally {
    if (!wrong) await guard.limiter.reward(actorId);
    mine.delete(tried);
    if (mine.size === 0) guard.trying.delete(actorId);
    finish();
  }
}
