// How the service desk writes what it knows: dates, names, identifiers, and why something is suggested.

import { now } from '../foundation/clock';
import { durationText, language, timeText } from '../foundation/language';
import { texts } from './messages';
import {
  type CustomerContext,
  type FoundCustomer,
  type Identifier,
  locationName,
  type OpenedCustomer,
  type SuggestedAct,
} from './state';

const LOCALES = { fr: 'fr-FR', en: 'en-GB' } as const;
const WEEK_MS = 7 * 86_400_000;

/** A day such as "3 nov. 2026". */
export const dayText = (date: string): string =>
  new Intl.DateTimeFormat(LOCALES[language.value], {
    ...{ day: 'numeric', month: 'short', year: 'numeric' },
    ...(date.length === 'YYYY-MM-DD'.length ? { timeZone: 'UTC' } : {}),
  }).format(new Date(date));

/** A time, with the weekday when it is near and the date when it is not. */
export const whenText = (time: string): string =>
  Math.abs(Date.parse(time) - now.value) < WEEK_MS ? timeText(time, now.value) : dayText(time);

/** The name of a language, such as "français". */
export const languageText = (tag: string): string => {
  try {
    return new Intl.DisplayNames(LOCALES[language.value], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
};

/** A code that is known, in the present language; another as it is. */
export const codeText = (code: string): string => texts.value.codes[code] ?? code;
export const channelText = (channel: string): string => texts.value.channels[channel] ?? channel;

export const attributeOf = ({ attributes }: FoundCustomer, wanted: string): string | null =>
  attributes?.find(({ attribute }) => attribute === wanted)?.value ?? null;

/** What an agent asks for to distinguish namesakes. */
export function distinguishingText(customer: FoundCustomer): string {
  const town = [attributeOf(customer, 'POSTAL_CODE'), attributeOf(customer, 'CITY')]
    .filter(Boolean)
    .join(' ');
  const shown = customer.identifiers.filter(({ value }) => value !== null).slice(0, 2);
  return [town, ...shown.map(({ value }) => value)].filter(Boolean).join(' · ');
}

/** Where an identifier is unique, with its kind. */
export const kindText = ({ kind, scope }: Identifier): string =>
  `${texts.value.kinds[kind] ?? kind}${scope === '' ? '' : ` ${scope}`}`;

/** Kinds by which a contact names its customer, the best first. */
const NAMING = ['EMAIL', 'PHONE', 'LOYALTY_CARD', 'WEB_ACCOUNT', 'TILL_CUSTOMER', 'SOCIAL_HANDLE'];

/** The identifier by which a contact is noted; null if there is none. */
export function namingIdentifier({ identifiers }: OpenedCustomer) {
  const own = identifiers.filter(({ value, standing }) => value !== null && standing !== 'SHARED');
  const [best] = own
    .filter(({ kind }) => NAMING.includes(kind))
    .sort((a, b) => NAMING.indexOf(a.kind) - NAMING.indexOf(b.kind));
  return best === undefined ? null : { kind: best.kind, value: best.value!, scope: best.scope };
}

/** An input of a suggestion, as far as it is shown. */
export interface SuggestedInput {
  from?: string;
  to?: string;
  lines?: { sku: string; quantity: number }[];
  order?: string;
  location?: string;
  channel?: string;
  reason?: string;
}
export const inputOf = ({ input }: SuggestedAct): SuggestedInput => input as SuggestedInput;

/** Why something is suggested, in the language of the page, from the facts that the API's English reason has too. */
export function suggestionText(one: SuggestedAct, { customer, contactPromises }: CustomerContext): string {
  const t = texts.value;
  const { kind, orderNumber, dueAt } = one;
  const due = dueAt === null ? '' : whenText(dueAt);
  const order = t.theOrder(orderNumber ?? '');
  const { lines = [], from = '', reason } = inputOf(one);
  const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const minutes = customer.openOrders.find((open) => open.order?.number === orderNumber)?.lateMinutes ?? 0;
  const late = minutes > 0 ? t.isLate(durationText(minutes)) : t.willBeLate;
  if (kind === 'CALL_BACK') {
    const promise = contactPromises.find(({ promisedFor }) => promisedFor === dueAt)?.promise ?? 'CALL_BACK';
    return t.reasons.CALL_BACK(codeText(promise), orderNumber === null ? '' : t.ofOrder(orderNumber), due);
  }
  if (kind === 'TRANSFER') return t.reasons.TRANSFER(order, late, count, locationName(from));
  if (kind === 'UNLOCK_PICKUP_CODE') return t.reasons.UNLOCK_PICKUP_CODE(order);
  if (kind === 'REMIND') return t.reasons.REMIND(order, due);
  if (kind === 'CANCELLATION') return t.reasons.CANCELLATION(order, late, reason === 'OUT_OF_STOCK');
  return t.reasons.RETURN(count, orderNumber ?? '', due);
}
