// What a mail about a notice contains, in the language of its customer, before it is written as HTML and as text.

import type { HoursException, WeeklyHours } from '../../../location/rules/hours';
import { hoursOfDays } from '../../../location/rules/openTime';
import { cleanLine, firstCharacters } from '../../../values/text';
import type { CancelReason, OrderStatus, Payment } from '../status';
import { MAIL_TEXTS, type MailKind, type MailLanguage, mailLanguage, type NoticeTopic } from './texts';

export const MAIL_LIMITS = {
  /** Lines of an order that are listed; of the others there is the number. */
  lines: 20,
  /** Characters of a name, an address or an article. */
  characters: 120,
  /** Characters of a greeted name: a longer one is left out. */
  greeting: 60,
  /** Days whose opening hours are listed. */
  days: 7,
} as const;

/** A line of an order: units that were ordered, that the customer gets, and that could not be supplied. */
interface MailLine {
  /** Code of its SKU. */
  sku: string;
  name: string;
  ordered: number;
  units: number;
  missing: number;
}

/** What a mail shows of an order. */
export interface MailOrder {
  id: string;
  status: OrderStatus;
  payment: Payment;
  paidAt: Date | null;
  collectBy: Date | null;
  /** The first lines. */
  lines: readonly MailLine[];
  lineCount: number;
  shopName: string;
  street: string;
  postalCode: string;
  city: string;
  timeZone: string;
  weekly: readonly WeeklyHours[];
  exceptions: readonly HoursException[];
}

/** A notice of which a mail is made. */
export interface MailedNotice {
  topic: string;
  /** The stored payload, which is JSON. */
  payload: Readonly<Record<string, unknown>>;
  name: string | null;
  language: string | null;
  /** The order that the notice is about; null: a survey. */
  order: MailOrder | null;
  /** The page of the order or survey. */
  url: string | null;
  pickupCode: string | null;
  now: Date;
}

/** A mail without its form. All texts are single lines. */
export interface MailContent {
  language: MailLanguage;
  subject: string;
  preheader: string;
  /** What it is about, with the number that the counter asks for. */
  about: string;
  headline: string;
  paragraphs: string[];
  code: { label: string; code: string } | null;
  lines: { heading: string; items: string[] } | null;
  next: { heading: string; items: string[] };
  button: { label: string; url: string } | null;
  shop: {
    heading: string;
    name: string;
    address: string[];
    hours: { heading: string; days: [day: string, hours: string][] };
  } | null;
}

/** The kind of mail of each topic, by the payload. A topic without one is a type error. */
const KIND_OF: Record<NoticeTopic, (payload: MailedNotice['payload']) => MailKind> = {
  'notice.order_ready': ({ newCode }) => (newCode === true ? 'NEW_CODE' : 'READY'),
  'notice.pickup_reminder': () => 'REMINDER',
  'notice.order_cancelled': () => 'CANCELLED',
  // Opening hours move the time to collect by, and lines are not touched; a change of lines names none.
  'notice.order_changed': ({ collectBy }) => (collectBy === undefined ? 'CHANGED' : 'HOURS_CHANGED'),
  'notice.order_no_show': () => 'NO_SHOW',
  'notice.survey': ({ kind }) => (kind === 'AFTER_CASE' ? 'SURVEY_OF_CASE' : 'SURVEY_OF_ORDER'),
};

const line = (text: string): string => firstCharacters(cleanLine(text), MAIL_LIMITS.characters);

/**
 * The name that a mail greets; null: none. Anybody can order with the address of somebody else, and what looks like an address on the web
 * becomes a link in mail programs. So a name that could carry a message of its own is left out.
 */
function greetedName(name: string | null): string | null {
  const clean = cleanLine(name ?? '');
  const isOdd = /[:/\\@<>]|\p{L}\.\p{L}{2}|www\./iu.test(clean);
  return clean === '' || isOdd || clean.length > MAIL_LIMITS.greeting ? null : clean;
}

function timeIn(locale: string, timeZone: string): (time: Date) => string {
  const format = new Intl.DateTimeFormat(locale, {
    ...{ weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' },
    timeZone,
  });
  return (time) => format.format(time);
}

/** Sentences on the units of one line that were cancelled; none when the notice is about something else. */
function cancellationOf(
  { sku, cancelled, reason }: MailedNotice['payload'],
  order: MailOrder,
  language: MailLanguage,
): string[] {
  const texts = MAIL_TEXTS[language];
  const article = order.lines.find((one) => one.sku === sku);
  if (typeof cancelled !== 'number' || article === undefined) return [];
  const because = texts.reasons[reason as CancelReason] ?? null;
  const isPaid = order.payment === 'PAID' || order.paidAt !== null;
  return [
    texts.cancelledUnits(cancelled, line(article.name)),
    ...(because === null ? [] : [because]),
    ...(isPaid ? [texts.refundOfUnits] : []),
  ];
}

/** Sentences on what happened and on what is due. */
function paragraphsOf(kind: MailKind, { payload, order }: MailedNotice, language: MailLanguage): string[] {
  const texts = MAIL_TEXTS[language];
  const paragraphs = [texts.kinds[kind].body];
  if (kind === 'CANCELLED') {
    const reason = texts.reasons[payload.reason as CancelReason] ?? null;
    if (reason !== null) paragraphs.push(reason);
    const isPaid = order?.payment === 'PAID' || (order?.paidAt ?? null) !== null;
    if (isPaid && payload.reason !== 'PAYMENT_FAILED') paragraphs.push(texts.refund);
  }
  if (kind === 'CHANGED' && payload.isCodeVoid === true) paragraphs.push(texts.codeVoid);
  if (kind === 'CHANGED' && order !== null) paragraphs.push(...cancellationOf(payload, order, language));
  if (order?.status === 'READY') {
    if (order.collectBy !== null)
      paragraphs.push(texts.collectBy(timeIn(texts.locale, order.timeZone)(order.collectBy)));
    if (order.payment === 'PAY_IN_STORE' && order.paidAt === null) paragraphs.push(texts.due);
  }
  if (order === null && typeof payload.expiresAt === 'string') {
    const day = { day: 'numeric', month: 'long', timeZone: 'UTC' } as const;
    const format = new Intl.DateTimeFormat(texts.locale, day);
    paragraphs.push(texts.answerBy(format.format(new Date(payload.expiresAt))));
  }
  return paragraphs;
}

function linesOf(kind: MailKind, order: MailOrder, language: MailLanguage): MailContent['lines'] {
  const texts = MAIL_TEXTS[language];
  // Of a closed order nothing is left to collect: the mail names what was ordered.
  const isClosed = kind === 'CANCELLED' || kind === 'NO_SHOW';
  const items = order.lines.flatMap(({ name, ordered, units, missing }) => {
    const count = isClosed ? ordered : units;
    const lacking = isClosed || missing === 0 ? '' : ` (${texts.missing(missing)})`;
    return count === 0 && lacking === '' ? [] : [`${count} × ${line(name)}${lacking}`];
  });
  const more = order.lineCount - order.lines.length;
  if (more > 0) items.push(texts.moreLines(more));
  return items.length === 0 ? null : { heading: texts.articles, items };
}

function shopOf(order: MailOrder, language: MailLanguage, now: Date): MailContent['shop'] {
  const texts = MAIL_TEXTS[language];
  const format = new Intl.DateTimeFormat(texts.locale, {
    ...{ weekday: 'long', day: 'numeric', month: 'short' },
    timeZone: 'UTC',
  });
  const days = hoursOfDays(order, now, MAIL_LIMITS.days).map(({ day, ranges }): [string, string] => {
    const hours = ranges.map(({ opensAt, closesAt }) => `${opensAt}–${closesAt}`).join(', ');
    return [format.format(new Date(day)), hours || texts.closed];
  });
  const address = [order.street, `${order.postalCode} ${order.city}`].map(line).filter((one) => one !== '');
  return {
    ...{ heading: texts.shop, name: line(order.shopName), address },
    hours: { heading: texts.hours, days },
  };
}

/** What the mail of a notice contains; null: of this topic there are no mails. */
export function mailContent(notice: MailedNotice): MailContent | null {
  const { topic, payload, order, url, pickupCode, now } = notice;
  if (!Object.hasOwn(KIND_OF, topic)) return null;
  const kind = KIND_OF[topic as NoticeTopic](payload);
  const language = mailLanguage(notice.language);
  const texts = MAIL_TEXTS[language];
  const own = texts.kinds[kind];
  const number = line(String(payload.number ?? ''));
  return {
    language,
    subject: own.subject(number),
    preheader: own.preheader,
    about: kind === 'SURVEY_OF_CASE' ? texts.request(number) : texts.order(number),
    headline: own.headline,
    paragraphs: [texts.greeting(greetedName(notice.name)), ...paragraphsOf(kind, notice, language)],
    code: pickupCode === null ? null : { label: texts.code, code: pickupCode },
    lines: order && linesOf(kind, order, language),
    next: { heading: texts.next, items: [...own.next] },
    button: url === null ? null : { label: own.button, url },
    shop: order && shopOf(order, language, now),
  };
}
