// What the world is told of an order: each message carries the order's keys and facts, never a person's data or a code.

import type { Message } from '../../outbox/actions/enqueue';
import type { LockedOrder } from './document';

type OrderTopic = Extract<Message['topic'], `order.${string}` | `notice.${string}`>;

/** A message about an order as it stands now, with what is particular to the topic. */
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

/** A cancelled order is told to its customer and to systems. */
export function cancelledMessages(order: LockedOrder): Message[] {
  const facts = { reason: order.cancelReason };
  return [about('notice.order_cancelled', order, facts), about('order.cancelled', order, facts)];
}
