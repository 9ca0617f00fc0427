// Content of customers' notices that is looked up when they are sent: the address and the pickup code, which are not stored with them.

import type { Tx } from '../../db/pool';
import type { FinalPayload, Outgoing } from '../../outbox/rules/payload';
import { pickupCode, pickupQrPayload } from '../rules/code';
import type { MailOrder } from '../rules/mail/content';
import { noticeMail } from '../rules/mail/write';
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

/** What completing a notice of an order needs beside its recipient. */
export interface OrderNoticeParts {
  secretKey: Buffer;
  publicUrl: string | null;
  now: Date;
  /** What a mail shows of the order. Without it the notice has no mail. */
  order: MailOrder | undefined;
}

/**
 * Completes an outgoing notice with its recipient and the link of the order’s page, the ready notice also with the pickup code, and one that
 * goes by mail with the mail. Notices of erased customers and of orders that are no longer ready are closed.
 */
export function orderNotice(
  message: Outgoing,
  to: OrderRecipient,
  preferred: PreferredRecipient,
  { secretKey, publicUrl, now, order }: OrderNoticeParts,
): FinalPayload {
  if (to.erased) return { closed: 'the customer’s data was erased' };
  const { topic, payload } = message;
  if (WHILE_READY.has(topic) && to.status !== 'READY') {
    return { closed: `the order is ${to.status} by now` };
  }
  const url = orderPageUrl({ secretKey, publicUrl }, to, preferred.language);
  const code = topic === 'notice.order_ready' ? pickupCode(secretKey, to.id, to.generation) : null;
  const { name } = to;
  const { language } = preferred;
  const mail =
    order === undefined || preferred.channel !== 'EMAIL'
      ? null
      : noticeMail({ topic, payload, name, language, order, url, pickupCode: code, now });
  return {
    data: {
      ...payload,
      recipient: { name, ...preferred },
      ...(url !== null && { pageUrl: url }),
      ...(code !== null && { pickupCode: code, pickupQr: pickupQrPayload(to.number, code) }),
      ...(mail !== null && { mail }),
    },
  };
}
