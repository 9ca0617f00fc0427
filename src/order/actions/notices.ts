// Outbox messages about orders: each carries the order's keys and facts, never personal data or a pickup code.

import type { Message } from '../../outbox/actions/enqueue';
import type { LockedOrder } from './document';

type OrderTopic = Extract<Message['topic'], `order.${string}` | `notice.${string}`>;

/** A message about an order in its present state, with the facts of the topic. */
export function about(
  topic: OrderTopic,
  order: Pick<LockedOrder, 'id' | 'number' | 'status' | 'locationCode' | 'channel'>,
  facts: Record<string, unknown> = {},
): Message {
  return {
    topic,
    orderId: order.id,
    payload: {
      orderId: order.id,
      number: order.number,
      status: order.status,
      location: order.locationCode,
      channel: order.channel,
      ...facts,
    },
  };
}

/** Messages about a cancelled order, for its customer and for systems. */
export function cancelledMessages(order: LockedOrder): Message[] {
  const facts = { reason: order.cancelReason };
  return [about('notice.order_cancelled', order, facts), about('order.cancelled', order, facts)];
}
