// Content of customers' notices that is looked up when they are sent: the address and the pickup code, which are not stored with them.

import type { Tx } from '../../db/pool';
import type { FinalPayload, Outgoing } from '../../outbox/rules/payload';
import { pickupCode, pickupQrPayload } from '../rules/code';
import { orderPageUrl } from '../rules/orderLink';

/** The customer of an order, as the order states it. */
export interface OrderRecipient {
  id: string;
  number: string;
  status: string;
  name: string;
  email: string | null;
  phone: string | null;
  channel: 'EMAIL' | 'SMS' | 'PHONE';
  generation: number;
  linkGeneration: number;
  erased: boolean;
}

const RECIPIENTS = `
  SELECT id, number, status, customer_name AS name, customer_email AS email, customer_phone AS phone,
         contact_channel AS channel, code_generation AS generation, link_generation AS "linkGeneration", erased_at IS NOT NULL AS erased
  FROM customer_order WHERE id = ANY($1::uuid[])`;

/** Notices that only make sense while the goods wait at the counter. */
const WHILE_READY = new Set(['notice.order_ready', 'notice.pickup_reminder']);

/** Where a notice goes when it is not the order's own address, and in which language the customer reads. */
export interface PreferredRecipient {
  channel: OrderRecipient['channel'];
  address: string | null;
  language: string | null;
}

/** Whether a notice is about an order, whose recipient is looked up when it is sent. */
export const isAboutOrder = ({ topic, orderId }: Outgoing): boolean =>
  topic.startsWith('notice.') && orderId !== null;

/** The customers of these orders. */
export async function orderRecipients(tx: Tx, orderIds: readonly string[]): Promise<OrderRecipient[]> {
  return orderIds.length === 0 ? [] : tx.rows<OrderRecipient>(RECIPIENTS, [orderIds]);
}

/** Where the order states that its notices go. */
export const statedRecipient = ({ channel, email, phone }: OrderRecipient): PreferredRecipient => ({
  ...{ channel, address: channel === 'EMAIL' ? email : phone, language: null },
});

/**
 * Completes an outgoing notice with its recipient and the link of the order’s page, and the ready notice also with the pickup code. Notices of erased customers and of
 * orders that are no longer ready are closed.
 */
export function orderNotice(
  message: Outgoing,
  to: OrderRecipient,
  preferred: PreferredRecipient,
  { secretKey, publicUrl }: { secretKey: Buffer; publicUrl: string | null },
): FinalPayload {
  if (to.erased) return { closed: 'the customer’s data was erased' };
  if (WHILE_READY.has(message.topic) && to.status !== 'READY') {
    return { closed: `the order is ${to.status} by now` };
  }
  const recipient = { name: to.name, ...preferred };
  const pageUrl = orderPageUrl({ secretKey, publicUrl }, to, preferred.language);
  const data = { ...message.payload, recipient, ...(pageUrl !== null && { pageUrl }) };
  if (message.topic !== 'notice.order_ready') return { data };
  const code = pickupCode(secretKey, to.id, to.generation);
  const pickup = { pickupCode: code, pickupQr: pickupQrPayload(to.number, code) };
  return { data: { ...data, ...pickup } };
}
