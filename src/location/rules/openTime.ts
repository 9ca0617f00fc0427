// Walking along a location's open time: is it open, when next, and what lies n open minutes or days on.
import { DateTime, IANAZone } from 'luxon';
import { type HoursRange, type LocationCalendar, minuteOfDay } from './hours';

/** How far ahead every walk looks before it answers null, so that a closed place cannot loop. */
export const HORIZON_DAYS = 60;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

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

/**
 * When the doors that are open at `instant` close: past midnight when the next day opens there without a gap. Null when
 * it is closed, and when it never closes within HORIZON_DAYS.
 */
export function closingAfter(calendar: LocationCalendar, instant: Date): Date | null {
  const at = instant.getTime();
  let end: number | null = null;
  for (const openings of days(calendar, instant)) {
    for (const opening of openings) {
      if (end === null && opening.start <= at && at < opening.end) end = opening.end;
      else if (end === opening.start) end = opening.end;
    }
    if (end === null) return null;
    const last = openings.at(-1);
    if (last?.end !== end) return new Date(end);
  }
  return null;
}

/** The hours of one local day; `exceptional` when they replace the week's. No ranges: closed. */
export interface HoursOfDay {
  /** 'YYYY-MM-DD', local. */
  day: string;
  ranges: readonly HoursRange[];
  exceptional: boolean;
}

/** The hours of `count` local days, beginning with the day of `from`. */
export function hoursOfDays(calendar: LocationCalendar, from: Date, count: number): HoursOfDay[] {
  const first = wallClock(calendar, from).day;
  return Array.from({ length: count }, (_, i) => {
    const day = isoDay(first + i);
    const ranges = [...rangesOn(calendar, first + i)].sort((a, b) => (a.opensAt < b.opensAt ? -1 : 1));
    return {
      day,
      ranges: ranges.map(({ opensAt, closesAt }) => ({ opensAt, closesAt })),
      exceptional: calendar.exceptions.some((one) => one.day === day),
    };
  });
}

function* laterDays(calendar: LocationCalendar, from: Date): Generator<Opening[], void> {
  const all = days(calendar, from);
  all.next();
  yield* all;
}

/** The openings of each local day, beginning with the day of `from`, HORIZON_DAYS days further. */
function* days(calendar: LocationCalendar, from: Date): Generator<Opening[], void> {
  const first = wallClock(calendar, from).day;
  for (let day = first; day <= first + HORIZON_DAYS; day++) {
    const ranges = rangesOn(calendar, day);
    yield ranges.length === 0 ? [] : openingsOf(ranges, localDay(calendar.timeZone, day));
  }
}

/** What the clock on the location's wall says: the local date, as days since 1970-01-01, and minutes since midnight. */
export function wallClock({ timeZone }: LocationCalendar, instant: Date): { day: number; minute: number } {
  const zone = IANAZone.create(timeZone);
  const local = instant.getTime() + zone.offset(instant.getTime()) * MINUTE_MS;
  if (Number.isNaN(local)) throw new Error(`cannot tell the local time of ${instant} in '${timeZone}'`);
  const day = Math.floor(local / DAY_MS);
  return { day, minute: (local - day * DAY_MS) / MINUTE_MS };
}

const isoDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

function rangesOn(calendar: LocationCalendar, day: number): readonly HoursRange[] {
  const iso = isoDay(day);
  const exception = calendar.exceptions.find((one) => one.day === iso);
  // 1970-01-01 was a Thursday, ISO weekday 4.
  const weekday = ((day + 3) % 7) + 1;
  return exception?.ranges ?? calendar.weekly.filter((one) => one.weekday === weekday);
}

/** Wall-clock ranges as instants, in order; what touches or overlaps after a clock change is one opening. */
function openingsOf(ranges: readonly HoursRange[], day: LocalDay): Opening[] {
  const sorted = ranges
    .map((range) => ({ start: opensAt(day, range.opensAt), end: closesAt(day, range.closesAt) }))
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

/** One local day: midnight as if it were UTC, the zone's offsets as it begins and ends, and the instant
 * between them at which the clock is changed, if it is. All in milliseconds. */
type LocalDay = { midnight: number; before: number; after: number; jump: number | null };

// Where the clock jumps forward, a time that does not exist is the moment of the jump; where it falls back,
// a time that comes twice opens at its first and closes at its second: doors stay open through the hour.
function opensAt({ midnight, before, after, jump }: LocalDay, time: string): number {
  const local = midnight + minuteOfDay(time) * MINUTE_MS;
  return jump === null || local - before < jump ? local - before : Math.max(local - after, jump);
}

function closesAt({ midnight, before, after, jump }: LocalDay, time: string): number {
  const local = midnight + minuteOfDay(time) * MINUTE_MS;
  return jump === null || local - after >= jump ? local - after : Math.min(local - before, jump);
}

// Asking a zone for its offset costs microseconds and a promise walks some days for every shop, while a chain
// lives in few zones: remembering their days makes promising more than twice as fast.
const remembered = new Map<string, LocalDay>();
const REMEMBERED_DAYS = 5_000;

function localDay(timeZone: string, day: number): LocalDay {
  const key = `${timeZone} ${day}`;
  const known = remembered.get(key);
  if (known) return known;
  const zone = IANAZone.create(timeZone);
  const offsetMs = (instant: number) => zone.offset(instant) * MINUTE_MS;
  const midnight = day * DAY_MS;
  // One millisecond early, as some zones jump at midnight itself and the day then begins at 01:00.
  const eve = (utc: number) =>
    DateTime.fromMillis(utc, { zone: 'utc' })
      .setZone(zone, { keepLocalTime: true })
      .startOf('day')
      .toMillis() - 1;
  const [first, last] = [eve(midnight), eve(midnight + DAY_MS)];
  const [before, after] = [offsetMs(first), offsetMs(last)];
  const jump = before === after ? null : firstChange(offsetMs, first, last);
  if (remembered.size >= REMEMBERED_DAYS) remembered.clear();
  remembered.set(key, { midnight, before, after, jump });
  return { midnight, before, after, jump };
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
