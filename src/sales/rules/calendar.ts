// The calendar: which values of an event are valid.

import { checkCount, checkText, MAX_BULK, refuse } from '../../refusals';
import { dayNumber } from '../../values/time';
import { typedLine, typedName } from '../../values/typedText';
import { checkDay } from './days';

export const EVENT_KINDS = ['HOLIDAY', 'PROMOTION', 'CLOSED', 'OTHER'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const EVENT_LIMITS = { codeLength: 64, nameLength: 100, categoryLength: 100, days: 400 } as const;
const MIN_PRICE_FACTOR = 0.01;
const MAX_PRICE_FACTOR = 100;

/** Something known in advance to change sales, on the local days `fromDay` … `toDay`. Null scopes mean all. */
export interface CalendarEvent {
  /** Names the event permanently. */
  code: string;
  /** What it is; events of one name are learned from together (every Christmas). */
  name: string;
  kind: EventKind;
  fromDay: string;
  toDay: string;
  /** Code of the one location, or the country (ISO 3166-1) of the locations. */
  location: string | null;
  country: string | null;
  /** A category with all below it, or the code of one SKU. */
  category: string | null;
  sku: string | null;
  /** Expected price over the usual one, such as 0.8. */
  priceFactor: number | null;
}

/**
 * Checks events, and answers them in the form in which they are kept.
 * @throws Refused InvalidInput naming the entry and what would be right
 */
export function checkEvents(events: readonly CalendarEvent[], path: string): CalendarEvent[] {
  checkCount(events, path, MAX_BULK);
  const seen = new Set<string>();
  return events.map((typed, i) => {
    const event = checkEvent(typed, `${path}.${i}`);
    if (seen.has(event.code)) {
      const at = `${path}.${i}.code`;
      refuse('InvalidInput', `${at} '${event.code}' occurs twice; name each event once.`, { path: at });
    }
    seen.add(event.code);
    return event;
  });
}

function checkEvent(event: CalendarEvent, at: string): CalendarEvent {
  const wrong = (field: string, problem: string): never =>
    refuse('InvalidInput', `${at}.${field} ${problem}.`, { path: `${at}.${field}` });
  checkText(event.code, `${at}.code`, EVENT_LIMITS.codeLength);
  const name = typedName(event.name, `${at}.name`, EVENT_LIMITS.nameLength);
  const category =
    event.category === null ? null : typedLine(event.category, `${at}.category`, EVENT_LIMITS.categoryLength);
  checkDay(event.fromDay, `${at}.fromDay`);
  checkDay(event.toDay, `${at}.toDay`);
  const days = dayNumber(event.toDay) - dayNumber(event.fromDay) + 1;
  if (days < 1) wrong('toDay', `is ${event.toDay}, before it begins on ${event.fromDay}`);
  if (days > EVENT_LIMITS.days)
    wrong('toDay', `makes it ${days} days long; at most ${EVENT_LIMITS.days} can be`);
  if (event.location !== null && event.country !== null)
    wrong('country', 'and location exclude each other; name one of them');
  if (event.sku !== null && event.category !== null)
    wrong('category', 'and sku exclude each other; name one of them');
  if (event.country !== null && !/^[A-Z]{2}$/.test(event.country))
    wrong('country', `is '${event.country.slice(0, 20)}'; it must be an ISO 3166-1 code such as FR`);
  const factor = event.priceFactor;
  if (factor !== null && !(factor >= MIN_PRICE_FACTOR && factor <= MAX_PRICE_FACTOR))
    wrong('priceFactor', `is ${factor}; it must be from ${MIN_PRICE_FACTOR} to ${MAX_PRICE_FACTOR}`);
  return { ...event, name, category };
}
