// The calendar as input of the forecaster: marks on days, closed days of a location, and prices known in advance.

import type { Tx } from '../../db/pool';
import type { Mark } from '../../forecaster/series';
import type { CalendarEvent } from '../../sales/rules/calendar';
import { dayNumber } from '../../values/time';

/** Most events that one location and window may have. */
const MAX_EVENTS = 5_000;

const EVENTS = `
  SELECT e.code, e.name, e.kind, e.from_day AS "fromDay", e.to_day AS "toDay", l.code AS location, e.country,
    e.category, s.code AS sku, e.price_factor AS "priceFactor"
  FROM calendar_event e LEFT JOIN location l ON l.id = e.location_id LEFT JOIN sku s ON s.id = e.sku_id
  WHERE e.to_day >= $1::date AND e.from_day <= $2::date
    AND ($3::int[] IS NULL OR e.location_id IS NULL OR e.location_id = ANY($3::int[]))
  ORDER BY e.from_day DESC, e.code LIMIT ${MAX_EVENTS}`;

/** Events that touch a day from … to (both included) at one of these locations (null: any), the latest first. */
export function eventsBetween(
  tx: Tx,
  from: string,
  to: string,
  locationIds: readonly number[] | null,
): Promise<CalendarEvent[]> {
  return tx.rows<CalendarEvent>(EVENTS, [from, to, locationIds]);
}

/** Those of the events that concern something at this location. */
export function eventsAt<E extends CalendarEvent>(
  events: readonly E[],
  location: string,
  country: string,
): E[] {
  return events.filter(
    (e) => (e.location === null || e.location === location) && (e.country === null || e.country === country),
  );
}

/** What decides whether an event concerns a shelf. */
export interface EventTarget {
  location: string;
  country: string;
  category: string;
  sku: string;
}

const depthOf = (category: string): number => category.split('/').length;
const upTo = (category: string, depth: number): string => category.split('/').slice(0, depth).join('/');

/** True when the event concerns the shelf. */
export function concerns(event: CalendarEvent, target: EventTarget): boolean {
  return (
    (event.location === null || event.location === target.location) &&
    (event.country === null || event.country === target.country) &&
    (event.sku === null || event.sku === target.sku) &&
    (event.category === null || event.category === upTo(target.category, depthOf(event.category)))
  );
}

/** Names the grouping that an event is about: 'location', 'country+category1' …; null: everything. */
function groupingOf(event: CalendarEvent): string | null {
  const parts = [
    event.location === null ? null : 'location',
    event.country === null ? null : 'country',
    event.category === null ? null : `category${depthOf(event.category)}`,
    event.sku === null ? null : 'sku',
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join('+');
}

/** The group of a location (or of what an event names) in such a grouping. */
function groupIn(grouping: string, target: EventTarget): string {
  return grouping
    .split('+')
    .map((part) => {
      const depth = /^category(\d+)$/.exec(part)?.[1];
      return depth === undefined ? target[part as keyof EventTarget] : upTo(target.category, Number(depth));
    })
    .join('|');
}

/** The marks of these events on the axis of days since 1970; events of one name are occurrences of the same mark. */
export function marksOf(events: readonly CalendarEvent[]): Mark[] {
  const marks = new Map<string, Mark & { periods: number[] }>();
  for (const event of events) {
    const grouping = groupingOf(event);
    const named = {
      location: event.location ?? '',
      country: event.country ?? '',
      category: event.category ?? '',
      sku: event.sku ?? '',
    };
    const of = grouping === null ? null : { grouping, value: groupIn(grouping, named) };
    const key = JSON.stringify([event.name, of]);
    const mark = marks.get(key) ?? { name: event.name, of, periods: [] };
    marks.set(key, mark);
    for (let day = dayNumber(event.fromDay); day <= dayNumber(event.toDay); day += 1) mark.periods.push(day);
  }
  for (const mark of marks.values()) mark.periods = [...new Set(mark.periods)].sort((a, b) => a - b);
  return [...marks.values()];
}

/** The groups of a location that marks ask for, beside its own. */
export function groupsFor(marks: readonly Mark[], target: EventTarget): Record<string, string> {
  const groups: Record<string, string> = {
    category: target.category,
    location: target.location,
    sku: target.sku,
  };
  for (const { of } of marks) if (of !== null) groups[of.grouping] ??= groupIn(of.grouping, target);
  return groups;
}
