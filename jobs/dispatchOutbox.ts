// Sends the outbox. Its clock is the wall's, not the due time: signatures and retries are about the moment of sending.

import type { Parts } from '../src/graphql/context';
import { letters } from '../src/order/queries/letters';
import { type Delivered, deliverOutbox } from '../src/outbox/actions/deliver';

export function dispatchOutbox(parts: Parts): Promise<Delivered> {
  return deliverOutbox(parts, (messages) => letters(parts.db, parts.secretKey, messages));
}
