// Settings of customer service: what agents may do for customers, when something is suggested to them, and how contacts are routed.

import { type Env, whole } from './env';

export interface ServiceConfig {
  service: {
    /** Hours after a look-up in which an agent may act for the customer. */
    agentHours: number;
    suggestions: {
      /** Kilometres around the shop of a late order in which units are looked for. */
      nearKm: number;
      /** Hours before the end of its time in which a ready order is worth a reminder. */
      collectHours: number;
      /** Days before its end in which a return window is worth a reminder. */
      returnDays: number;
      /** Hours that an order is late after which its cancellation is offered. */
      cancelHours: number;
    };
    /** Seconds of waiting after which routing drops each soft criterion. */
    routing: Record<'CASE' | 'SKILL' | 'LANGUAGE' | 'CUSTOMER' | 'SHOP' | 'PREFERENCE', number>;
  };
}

const DAY_SECONDS = 86_400;

/** @throws OperatorError */
export function readService(env: Env): ServiceConfig {
  return {
    service: {
      agentHours: whole(env, 'AGENT_HOURS', 0, 720),
      suggestions: {
        nearKm: whole(env, 'SUGGEST_NEAR_KM', 1, 1_000),
        collectHours: whole(env, 'SUGGEST_COLLECT_HOURS', 0, 720),
        returnDays: whole(env, 'SUGGEST_RETURN_DAYS', 0, 365),
        cancelHours: whole(env, 'SUGGEST_CANCEL_HOURS', 0, 720),
      },
      routing: {
        CASE: whole(env, 'ROUTE_CASE_SECONDS', 0, DAY_SECONDS),
        SKILL: whole(env, 'ROUTE_SKILL_SECONDS', 0, DAY_SECONDS),
        LANGUAGE: whole(env, 'ROUTE_LANGUAGE_SECONDS', 0, DAY_SECONDS),
        CUSTOMER: whole(env, 'ROUTE_CUSTOMER_SECONDS', 0, DAY_SECONDS),
        SHOP: whole(env, 'ROUTE_SHOP_SECONDS', 0, DAY_SECONDS),
        PREFERENCE: whole(env, 'ROUTE_PREFERENCE_SECONDS', 0, DAY_SECONDS),
      },
    },
  };
}
