// Arithmetic on a location's open time: whether it is open, when it opens next, and the time n open minutes or business days later.

import { DateTime, IANAZone } from 'luxon';
import { DAY_MS, dayOf, MINUTE_MS } from '../../values/time';
import { type HoursRange, type LocationCalendar, minuteOfDay } from './hours';

/**
 * Hours past midnight belong to the business day on which they began. A range that goes on from 24:00 of the day before
 * does so when it closes by this time; later than noon it is a day of its own, as in a shop that never closes.
 */
const BUSINESS_DAY_ENDS_BY = '12:00';

/** Number of days that a search covers before it returns null, so that it ends for a location that never opens. */
export const HORIZON_DAYS = 60;

const MINUTES_A_DAY = 1_440;

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

/** The first opening on a business day after the one of `instant`, or null within HORIZON_DAYS. */
export function nextOpenDay(calendar: LocationCalendar, instant: Date): Date | null {
  for (const openings of laterDays(calendar, instant)) {
    if (openings[0]) return new Date(openings[0].start);
  }
  return null;
}

/**
 * The instant that lies `minutes` (0 or more) of open time after `from`. It is always an open one:
 * work that ends at closing time is handed over at the next opening. Null past HORIZON_DAYS.
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

/** The closing time of the n-th open business day after the one of `from` (n from 1), or null past HORIZON_DAYS. */
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
 * The closing time of a location that is open at `instant`: past midnight when the next day opens there without a gap. Null when
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
    const day = dayOf(first + i);
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

/** The openings of each business day, beginning with the one of `from`, HORIZON_DAYS days further. */
function* days(calendar: LocationCalendar, from: Date): Generator<Opening[], void> {
  const { day: first } = businessClock(calendar, from);
  let before = rangesOn(calendar, first - 1);
  let ranges = rangesOn(calendar, first);
  for (let day = first; day <= first + HORIZON_DAYS; day++) {
    const after = rangesOn(calendar, day + 1);
    const late = rangeAfterMidnight(before, ranges);
    const openings = openingsOf(
      ranges.filter((range) => range !== late),
      calendar.timeZone,
      day,
    );
    const afterMidnight = rangeAfterMidnight(ranges, after);
    yield afterMidnight === undefined
      ? openings
      : merged([...openings, ...openingsOf([afterMidnight], calendar.timeZone, day + 1)]);
    [before, ranges] = [ranges, after];
  }
}

/** The range of a day, if any, that goes on from the day before and belongs to the business day that began there. */
function rangeAfterMidnight(
  before: readonly HoursRange[],
  ranges: readonly HoursRange[],
): HoursRange | undefined {
  const afterMidnight = ranges.find(
    (range) => range.opensAt === '00:00' && range.closesAt <= BUSINESS_DAY_ENDS_BY,
  );
  return afterMidnight !== undefined && before.some((range) => range.closesAt === '24:00')
    ? afterMidnight
    : undefined;
}

/** `day` counts days since 1970-01-01, `minute` minutes since its midnight: 1,440 and more after the next one. */
export interface WallClock {
  day: number;
  minute: number;
}

/** The clock as the business day counts it: at 01:30 of an evening's last hours it is 25:30 of the day before. */
export function businessClock(calendar: LocationCalendar, instant: Date): WallClock {
  const { day, minute } = wallClock(calendar, instant);
  const afterMidnight = rangeAfterMidnight(rangesOn(calendar, day - 1), rangesOn(calendar, day));
  if (afterMidnight === undefined || minute >= minuteOfDay(afterMidnight.closesAt)) return { day, minute };
  return { day: day - 1, minute: minute + MINUTES_A_DAY };
}

/**
 * A time of day on the wall as minutes of the business day `day`: one after midnight, within the hours that a business
 * day goes on into, is later than all of its evening.
 */
export function businessMinute(calendar: LocationCalendar, day: number, time: string): number {
  const minute = minuteOfDay(time);
  const ranges = rangesOn(calendar, day);
  const own = ranges.filter((range) => range !== rangeAfterMidnight(rangesOn(calendar, day - 1), ranges));
  const afterMidnight = rangeAfterMidnight(ranges, rangesOn(calendar, day + 1));
  const begins = Math.min(...own.map((range) => minuteOfDay(range.opensAt)));
  const isAfterMidnight =
    afterMidnight !== undefined && minute < minuteOfDay(afterMidnight.closesAt) && minute < begins;
  return isAfterMidnight ? minute + MINUTES_A_DAY : minute;
}

/** The local time of the location: the date as days since 1970-01-01, and minutes since midnight. */
export function wallClock({ timeZone }: LocationCalendar, instant: Date): WallClock {
  const zone = IANAZone.create(timeZone);
  const local = instant.getTime() + zone.offset(instant.getTime()) * MINUTE_MS;
  if (Number.isNaN(local)) throw new Error(`cannot determine the local time of ${instant} in '${timeZone}'`);
  const day = Math.floor(local / DAY_MS);
  return { day, minute: (local - day * DAY_MS) / MINUTE_MS };
}

function rangesOn(calendar: LocationCalendar, day: number): readonly HoursRange[] {
  const iso = dayOf(day);
  const exception = calendar.exceptions.find((one) => one.day === iso);
  // 1970-01-01 was a Thursday, ISO weekday 4.
  const weekday = ((day + 3) % 7) + 1;
  return exception?.ranges ?? calendar.weekly.filter((one) => one.weekday === weekday);
}

/** Wall-clock ranges of one local day as instants, in order. */
function openingsOf(ranges: readonly HoursRange[], timeZone: string, day: number): Opening[] {
  if (ranges.length === 0) return [];
  const local = localDay(timeZone, day);
  const openings = ranges
    .map((range) => ({ start: opensAt(local, range.opensAt), end: closesAt(local, range.closesAt) }))
    .filter((opening) => opening.start < opening.end)
    .sort((a, b) => a.start - b.start);
  return merged(openings);
}

/** Openings in order, of which those that touch, or overlap after a change of clocks, are one. */
function merged(openings: readonly Opening[]): Opening[] {
  const all: Opening[] = [];
  for (const { start, end } of openings) {
    const last = all.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else all.push({ start, end });
  }
  return all;
}

/**
 * One local day: midnight as if it were UTC, the zone's offsets as it begins and ends, the instant between them at which
 * the clock is changed, if it is, and the instant at which the next day begins. All in milliseconds.
 */
type LocalDay = { midnight: number; before: number; after: number; jump: number | null; next: number };

// Where the clock jumps forward, a time that does not exist is the moment of the jump; where it falls back,
// a time that comes twice opens at its first and closes at its second: the location stays open through the repeated hour.
function opensAt({ midnight, before, after, jump }: LocalDay, time: string): number {
  const local = midnight + minuteOfDay(time) * MINUTE_MS;
  return jump === null || local - before < jump ? local - before : Math.max(local - after, jump);
}

// Nothing of a day is open after the next one has begun: in Greenland the clock leaps from 23:00 on Saturday to Sunday, so
// that Saturday's 24:00 is an hour earlier than its other hours suggest.
function closesAt({ midnight, before, after, jump, next }: LocalDay, time: string): number {
  const local = midnight + minuteOfDay(time) * MINUTE_MS;
  const end = jump === null || local - after >= jump ? local - after : Math.min(local - before, jump);
  return Math.min(end, next);
}

// Asking a zone for its offset costs microseconds and a promise walks some days for every shop, while a chain
// is in few zones: caching their days makes computing promises more than twice as fast.
const remembered = new Map<string, LocalDay>();
const REMEMBERED_DAYS = 5_000;

function localDay(timeZone: string, day: number): LocalDay {
  const key = `${timeZone} ${day}`;
  const known = remembered.get(key);
  if (known) return known;
  const zone = IANAZone.create(timeZone);
  const offsetMs = (instant: number) => zone.offset(instant) * MINUTE_MS;
  const midnight = day * DAY_MS;
  const begins = (utc: number) =>
    DateTime.fromMillis(utc, { zone: 'utc' })
      .setZone(zone, { keepLocalTime: true })
      .startOf('day')
      .toMillis();
  const next = begins(midnight + DAY_MS);
  // One millisecond early, as some zones jump at midnight itself and the day then begins at 01:00.
  const [first, last] = [begins(midnight) - 1, next - 1];
  const [before, after] = [offsetMs(first), offsetMs(last)];
  const jump = before === after ? null : firstChange(offsetMs, first, last);
  const made = { midnight, before, after, jump, next };
  if (remembered.size >= REMEMBERED_DAYS) remembered.clear();
  remembered.set(key, made);
  return made;
}

/** The first millisecond in (low, high] with another offset than `low`. */
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
