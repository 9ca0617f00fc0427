// How many wrong pickup codes one token may send over all orders, so that nobody tries them out order by order.

import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Db } from '../../db/pool';
import type { Context } from '../../graphql/context';
import { refuse } from '../../refusals';
import { ORDER_LIMITS } from '../rules/limits';

const { codeAttemptsPerActor: points, codeWindowSeconds: duration } = ORDER_LIMITS;
// Kept in each process's memory: with several processes a token gets as many times more, still nothing against 31^6.
const limiters = new WeakMap<Db, RateLimiterMemory>();

function limiterOf({ db }: Context): RateLimiterMemory {
  let limiter = limiters.get(db);
  if (limiter === undefined) {
    limiter = new RateLimiterMemory({ points, duration });
    limiters.set(db, limiter);
  }
  return limiter;
}

/** @throws Refused TooManyCodeAttempts */
export async function mayTryCodes(context: Context): Promise<void> {
  const spent = await limiterOf(context).get(context.caller.actorId);
  if (spent === null || spent.consumedPoints < points) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(spent.msBeforeNext / 1000));
  const message = `${points} wrong pickup codes came from this token; try again in ${retryAfterSeconds} s.`;
  refuse('TooManyCodeAttempts', message, { retryAfterSeconds });
}

/** Counts a wrong code against the caller's token. */
export async function countWrongCode(context: Context): Promise<void> {
  await limiterOf(context).penalty(context.caller.actorId);
}
