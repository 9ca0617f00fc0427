// Sends the outbox. It uses the real clock, not the due time: signatures and retries depend on the moment of sending.

import type { Parts } from '../src/graphql/context';
import { letters } from '../src/order/queries/letters';
import { type Delivered, deliverOutbox } from '../src/outbox/actions/deliver';

export function dispatchOutbox(parts: Parts): Promise<Delivered> {
  return deliverOutbox(parts, (messages) => letters(parts.db, parts.secretKey, messages));
}
