// Topics of messages, and the patterns that webhooks are registered with.

import { type Refused, refusal, refuse } from '../../refusals';

/**
 * `notice.*` are meant for the customer (a mail or SMS service sends them), the rest are for systems. Stored
 * payloads carry ids and facts, never a person's data or a pickup code: those are looked up when the message is sent.
 */
export const TOPICS = [
  'notice.order_ready',
  'notice.pickup_reminder',
  'notice.order_cancelled',
  'notice.order_changed',
  'notice.order_no_show',
  'notice.survey',
  'customer.erased',
  'order.placed',
  'order.ready',
  'order.collected',
  'order.cancelled',
  'order.no_show',
  'order.short_picked',
  'order.line_cancelled',
  'transfer.dispatched',
  'transfer.received',
  'transfer.recalled',
  'transfer.receipt_reversed',
  'purchase.received',
  'purchase.receipt_reversed',
  'return.received',
  'replenishment.proposed',
] as const;
export type Topic = (typeof TOPICS)[number];

/** All topics of a kind: 'order.*'. Everything but the notices, which carry personal data: '*'. */
const KINDS = new Set(TOPICS.map((topic) => `${topic.slice(0, topic.indexOf('.'))}.*`));
const PATTERNS = new Set<string>(['*', ...KINDS, ...TOPICS]);

export const WEBHOOK_LIMITS = {
  /** Active endpoints. */
  endpoints: 100,
  topics: TOPICS.length,
} as const;

declare module '../../refusals' {
  interface RefusalFacts {
    /** The maximum number of webhooks is active. */
    TooManyWebhooks: { most: number };
  }
}

/**
 * SQL: the patterns that a topic in this column fits. Notices carry a person's contact details, so '*' does not mean
 * them: `notice.*` has to be named.
 */
export const patternsOf = (topic: string): string => `(
  ARRAY[${topic}, split_part(${topic}, '.', 1) || '.*'] || CASE WHEN ${topic} LIKE 'notice.%' THEN '{}' ELSE '{*}'::text[] END)`;

/** The topic of the message that `sendTestMessage` sends to one webhook. */
export const TEST_TOPIC = 'webhook.test';

/** Checks one pattern of a registration. @throws Refused InvalidInput naming what there is */
export function checkPattern(pattern: string, path: string): void {
  if (PATTERNS.has(pattern)) return;
  const all = ['*', ...KINDS, ...TOPICS].join(', ');
  refuse('InvalidInput', `${path} is '${pattern.slice(0, 80)}'; it must be one of ${all}.`, { path });
}

/** The refusal of one more active webhook than allowed. */
export function tooManyWebhooks(): Refused {
  const most = WEBHOOK_LIMITS.endpoints;
  return refusal(
    'TooManyWebhooks',
    `There are ${most} active webhooks, the most there may be; switch one off first.`,
    { most },
  );
}

/** Hours that a replaced secret still signs beside the new one, so that receivers can change over. */
export const SECRET_OVERLAP_HOURS = 24;

/**
 * Hours after which a message that no webhook wanted is closed for good. Until then a webhook that is registered or
 * switched on gets it: a first endpoint misses nothing of its first day, and an old ready notice is never sent late.
 */
export const UNWANTED_HOURS = 24;
