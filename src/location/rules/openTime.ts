// Walking along a location's open time: is it open, when next, and what lies n open minutes or days on.
import { DateTime } from 'luxon';
import { type HoursRange, type LocationCalendar, minuteOfDay } from './hours';

/** How far ahead every walk looks before it answers null, so that a closed place cannot loop. */
export const HORIZON_DAYS = 60;

const MINUTE_MS = 60_000;

/** An opening as instants (epoch milliseconds), the end excluded. */
type Opening = { start: number; end: number };

/** True when the location is open at this instant; the closing minute itself is closed. */
export function isOpenAt(calendar: LocationCalendar, instant: Date): boolean {
  const today = days(calendar, instant).next().value ?? [];
  return today.some(({ start, end }) => start <= instant.getTime() && instant.getTime() < end);
}

/** The first instant from `instant` on at which the location is open (itself, when open now), or null
 * when there is none within HORIZON_DAYS. */
export function nextOpening(calendar: LocationCalendar, instant: Date): Date | null {
  return addOpenMinutes(calendar, instant, 0);
}

/** The first opening on a local day after the one of `instant`, or null within HORIZON_DAYS. */
export function nextOpenDay(calendar: LocationCalendar, instant: Date): Date | null {
  for (const openings of laterDays(calendar, instant)) {
    if (openings[0]) return new Date(openings[0].start);
  }
  return null;
}

/**
 * The instant that lies `minutes` (0 or more) of open time after `from`. It is always an open one:
 * work that ends with the closing bell is handed over at the next opening. Null past HORIZON_DAYS.
 */
export function addOpenMinutes(calendar: LocationCalendar, from: Date, minutes: number): Date | null {
  if (!(minutes >= 0)) throw new RangeError(`open minutes must be 0 or more, not ${minutes}`);
  let left = minutes * MINUTE_MS;
  for (const openings of days(calendar, from)) {
    for (const opening of openings) {
      const start = Math.max(opening.start, from.getTime());
      const open = opening.end - start;
      if (open <= 0) continue;
      if (left < open) return new Date(start + left);
      left -= open;
    }
  }
  return null;
}

/** The closing time of the n-th open day after the local day of `from` (n from 1), or null past HORIZON_DAYS. */
export function addOpenDays(calendar: LocationCalendar, from: Date, n: number): Date | null {
  if (!Number.isInteger(n) || n < 1)
    throw new RangeError(`open days must be a whole number from 1, not ${n}`);
  let left = n;
  for (const openings of laterDays(calendar, from)) {
    const last = openings.at(-1);
    if (last && --left === 0) return new Date(last.end);
  }
  return null;
}

function* laterDays(calendar: LocationCalendar, from: Date): Generator<Opening[], void> {
  const all = days(calendar, from);
  all.next();
  yield* all;
}

/** The openings of each local day, beginning with the day of `from`, HORIZON_DAYS days further. */
function* days(calendar: LocationCalendar, from: Date): Generator<Opening[], void> {
  let start = DateTime.fromJSDate(from, { zone: calendar.timeZone }).startOf('day');
  if (!start.isValid) {
    throw new Error(`cannot read ${from} in time zone '${calendar.timeZone}': ${start.invalidExplanation}`);
  }
  for (let day = 0; day <= HORIZON_DAYS; day++) {
    const next = start.plus({ days: 1 }).startOf('day');
    yield openingsOf(rangesOn(calendar, start), start, next);
    start = next;
  }
}

function rangesOn(calendar: LocationCalendar, day: DateTime<true>): readonly HoursRange[] {
  const iso = day.toISODate();
  const exception = calendar.exceptions.find((one) => one.day === iso);
  return exception?.ranges ?? calendar.weekly.filter((one) => one.weekday === day.weekday);
}

/** Wall-clock ranges as instants, in order; what touches or overlaps after a clock change is one opening. */
function openingsOf(ranges: readonly HoursRange[], start: DateTime<true>, next: DateTime<true>): Opening[] {
  if (ranges.length === 0) return [];
  const clock = clockOf(start, next);
  const sorted = ranges
    .map((range) => ({ start: clock.opens(range.opensAt), end: clock.closes(range.closesAt) }))
    .filter((opening) => opening.start < opening.end)
    .sort((a, b) => a.start - b.start);
  const merged: Opening[] = [];
  for (const opening of sorted) {
    const last = merged.at(-1);
    if (last && opening.start <= last.end) last.end = Math.max(last.end, opening.end);
    else merged.push(opening);
  }
  return merged;
}

/**
 * Reads wall-clock times of one local day as instants. Where the clock jumps forward, a time that does
 * not exist is the moment of the jump; where it falls back, a time that comes twice opens at its
 * first and closes at its second: the doors stay open through the repeated hour.
 */
function clockOf(start: DateTime<true>, next: DateTime<true>) {
  const { zone } = start;
  const offsetMs = (instant: number) => zone.offset(instant) * MINUTE_MS;
  const midnight = Date.UTC(start.year, start.month - 1, start.day);
  // One millisecond early, as some zones jump at midnight itself and the day then begins at 01:00.
  const first = start.toMillis() - 1;
  const last = next.toMillis() - 1;
  const before = offsetMs(first);
  const after = offsetMs(last);
  const jump = before === after ? null : firstChange(offsetMs, first, last);
  const read = (time: string) => {
    const local = midnight + minuteOfDay(time) * MINUTE_MS;
    return { early: local - before, late: local - after };
  };
  return {
    opens(time: string): number {
      const { early, late } = read(time);
      return jump === null || early < jump ? early : Math.max(late, jump);
    },
    closes(time: string): number {
      const { early, late } = read(time);
      return jump === null || late >= jump ? late : Math.min(early, jump);
    },
  };
}

/** The first millisecond in (low, high] whose offset differs from that of `low`. */
function firstChange(offsetMs: (instant: number) => number, low: number, high: number): number {
  const before = offsetMs(low);
  let [same, changed] = [low, high];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetMs(middle) === before) same = middle;
    else changed = middle;
  }
  return changed;
}
