// Completes outgoing notices when they are sent: recipient, channel and language as the customer prefers, pickup codes, links and mails.

import type { ContactConfig } from '../../config/contact';
import type { IdentityConfig } from '../../config/identity';
import type { Tx } from '../../db/pool';
import { mailOrders } from '../../order/queries/mailOrders';
import {
  isAboutOrder,
  type OrderRecipient,
  orderNotice,
  orderRecipients,
  type PreferredRecipient,
  statedRecipient,
} from '../../order/queries/noticeContent';
import { noticeMail } from '../../order/rules/mail/write';
import type { FinalPayload, Outgoing } from '../../outbox/rules/payload';
import { customerReaches } from '../queries/preferences';
import { type StoredSurvey, type SurveyRecipient, surveyRecipients, surveysById } from '../queries/surveys';
import { preferredAddress } from '../rules/recipient';
import { surveyToken } from '../rules/surveys';

/** What completing needs beside the messages. */
export interface NoticeParts {
  secretKey: Buffer;
  clock: () => Date;
  config: IdentityConfig & ContactConfig;
}

const CUSTOMERS_OF_ORDERS = `
  SELECT o.id AS "orderId", n.identifier_id AS "identifierId"
  FROM unnest($1::uuid[]) AS o(id) JOIN interaction n ON n.source = 'order' AND n.source_key = o.id::text || ':placed'`;
const REROUTED = `
  INSERT INTO rerouted_code (order_id, at) SELECT id, $2 FROM unnest($1::uuid[]) AS n(id) ORDER BY id
  ON CONFLICT (order_id) DO NOTHING`;

/** Where the notices of these orders go: as their customers prefer, by what is recorded of them. */
async function preferredRecipients(
  tx: Tx,
  { identity }: IdentityConfig,
  orders: readonly OrderRecipient[],
): Promise<Map<string, PreferredRecipient>> {
  const rows = await tx.rows<{ orderId: string; identifierId: number }>(CUSTOMERS_OF_ORDERS, [
    orders.map(({ id }) => id),
  ]);
  const identifierOf = new Map(rows.map((row) => [row.orderId, row.identifierId]));
  const reaches = await customerReaches(tx, identity, [...identifierOf.values()]);
  return new Map(
    orders.map((order) => {
      const reach = reaches.get(identifierOf.get(order.id) ?? -1);
      const preferred = preferredAddress(order, reach?.channel ?? null, reach?.addresses ?? []);
      const language = reach?.language ?? null;
      return [order.id, { ...statedRecipient(order), ...preferred, language }];
    }),
  );
}

async function completeOrderNotices(
  tx: Tx,
  parts: NoticeParts,
  messages: readonly Outgoing[],
): Promise<[string, FinalPayload][]> {
  const orders = await orderRecipients(tx, [...new Set(messages.map((one) => one.orderId!))]);
  if (orders.length === 0) return [];
  const preferred = await preferredRecipients(tx, parts.config, orders);
  const byId = new Map(orders.map((one) => [one.id, one]));
  const { publicUrl } = parts.config.contact;
  const byMail = orders.filter(({ id, erased }) => !erased && preferred.get(id)!.channel === 'EMAIL');
  const mailed = await mailOrders(
    tx,
    byMail.map(({ id }) => id),
  );
  const common = { secretKey: parts.secretKey, publicUrl, now: parts.clock() };
  const completed = messages.flatMap((message): [string, FinalPayload][] => {
    const order = byId.get(message.orderId!);
    if (order === undefined) return [];
    const needed = { ...common, order: mailed.get(order.id) };
    return [[message.id, orderNotice(message, order, preferred.get(order.id)!, needed)]];
  });
  // The page behind a link shows the code as well, as soon as the order is ready.
  const withCode = new Set(
    messages
      .filter(({ topic }) => publicUrl !== null || topic === 'notice.order_ready')
      .map(({ orderId }) => orderId),
  );
  const rerouted = orders.filter((order) => {
    const stated = statedRecipient(order);
    const { channel, address } = preferred.get(order.id)!;
    return withCode.has(order.id) && (channel !== stated.channel || address !== stated.address);
  });
  if (rerouted.length > 0) await tx.rows(REROUTED, [rerouted.map(({ id }) => id), parts.clock()]);
  return completed;
}

/** The link of a survey, as the customer's mail or text message has it. */
function linkOf(publicUrl: string, token: string, language: string | null): string {
  const query = language === null ? '' : `?lang=${encodeURIComponent(language)}`;
  return `${publicUrl}/surveys/${token}${query}`;
}

function surveyNotice(
  message: Outgoing,
  survey: StoredSurvey | undefined,
  recipient: SurveyRecipient | undefined,
  { secretKey, clock, config: { contact } }: NoticeParts,
): FinalPayload {
  if (survey === undefined || recipient === undefined) return { closed: 'the survey is no more' };
  if (survey.answeredAt !== null) return { closed: 'the survey was answered' };
  if (survey.expiresAt <= clock()) return { closed: 'the time to answer is over' };
  if ('refused' in recipient) return { closed: recipient.refused };
  if (contact.publicUrl === null) return { closed: 'PUBLIC_URL is not set' };
  const token = surveyToken(secretKey, survey.id);
  const url = linkOf(contact.publicUrl, token, recipient.language);
  const { topic, payload } = message;
  const { name, language, channel } = recipient;
  const about = { topic, payload, name, language, url, order: null, pickupCode: null, now: clock() };
  const mail = channel === 'EMAIL' ? noticeMail(about) : null;
  return { data: { ...payload, recipient, survey: { token, url }, ...(mail !== null && { mail }) } };
}

const SURVEY_TOPIC = 'notice.survey';

async function completeSurveyNotices(
  tx: Tx,
  parts: NoticeParts,
  messages: readonly Outgoing[],
): Promise<[string, FinalPayload][]> {
  if (messages.length === 0) return [];
  const surveyIdOf = ({ payload }: Outgoing): string => String(payload.surveyId);
  const surveys = await surveysById(tx, messages.map(surveyIdOf));
  const recipients = await surveyRecipients(tx, parts.config.identity, surveys);
  const byId = new Map(surveys.map((one) => [one.id, one]));
  return messages.map((message) => {
    const survey = byId.get(surveyIdOf(message));
    return [message.id, surveyNotice(message, survey, recipients.get(survey?.key ?? ''), parts)];
  });
}

/** Completes outgoing notices; all other messages are sent with their stored payload. */
export async function completeNotices(
  tx: Tx,
  parts: NoticeParts,
  messages: readonly Outgoing[],
): Promise<Map<string, FinalPayload>> {
  const isSurvey = ({ topic }: Outgoing): boolean => topic === SURVEY_TOPIC;
  const [ofOrders, ofSurveys] = await Promise.all([
    completeOrderNotices(
      tx,
      parts,
      messages.filter((one) => !isSurvey(one) && isAboutOrder(one)),
    ),
    completeSurveyNotices(tx, parts, messages.filter(isSurvey)),
  ]);
  return new Map([...ofOrders, ...ofSurveys]);
}
