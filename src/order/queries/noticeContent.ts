// Content of customers' notices that is looked up when they are sent: the address and the pickup code, which are not stored with them.

import type { Tx } from '../../db/pool';
import type { FinalPayload, Outgoing } from '../../outbox/rules/payload';
import { pickupCode, pickupQrPayload } from '../rules/code';

interface Recipient {
  id: string;
  number: string;
  status: string;
  name: string;
  email: string | null;
  phone: string | null;
  channel: 'EMAIL' | 'SMS' | 'PHONE';
  generation: number;
  erased: boolean;
}

const RECIPIENTS = `
  SELECT id, number, status, customer_name AS name, customer_email AS email, customer_phone AS phone,
         contact_channel AS channel, code_generation AS generation, erased_at IS NOT NULL AS erased
  FROM customer_order WHERE id = ANY($1::uuid[])`;

/** Notices that only make sense while the goods wait at the counter. */
const WHILE_READY = new Set(['notice.order_ready', 'notice.pickup_reminder']);

function finalPayload(message: Outgoing, to: Recipient, secretKey: Buffer): FinalPayload {
  if (to.erased) return { closed: 'the customer’s data was erased' };
  if (WHILE_READY.has(message.topic) && to.status !== 'READY') {
    return { closed: `the order is ${to.status} by now` };
  }
  const recipient = {
    name: to.name,
    channel: to.channel,
    address: to.channel === 'EMAIL' ? to.email : to.phone,
  };
  if (message.topic !== 'notice.order_ready') return { data: { ...message.payload, recipient } };
  const code = pickupCode(secretKey, to.id, to.generation);
  const pickup = { pickupCode: code, pickupQr: pickupQrPayload(to.number, code) };
  return { data: { ...message.payload, recipient, ...pickup } };
}

/**
 * Completes outgoing notices with their recipient, and the ready notice also with the pickup code. Notices of erased
 * customers and of orders that are no longer ready are closed. All other messages are sent with their stored payload.
 */
export async function completeNotices(
  tx: Tx,
  secretKey: Buffer,
  messages: readonly Outgoing[],
): Promise<Map<string, FinalPayload>> {
  const notices = messages.filter((m) => m.topic.startsWith('notice.') && m.orderId !== null);
  const orderIds = [...new Set(notices.map((m) => m.orderId))];
  const rows = orderIds.length > 0 ? await tx.rows<Recipient>(RECIPIENTS, [orderIds]) : [];
  const recipients = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    notices.flatMap((message) => {
      const to = recipients.get(message.orderId!);
      return to ? [[message.id, finalPayload(message, to, secretKey)] as const] : [];
    }),
  );
}
