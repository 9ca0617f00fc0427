/** When locations are open: the dated days that depart from the week, and the lookup of one day. */
import { type HoursRange, minuteOfDay, type WeeklyHours } from '../../src/location/rules/hours';
import {
  type DayFacts,
  dateIn,
  dayNumber,
  dayOf,
  type HolidayRegion,
  isoWeekday,
  publicHolidays,
  yearOf,
} from './calendar';
import type { DayText, HoursExceptionSeed, PlaceSeed } from './types';

/** How a location departs from its week. */
export interface HoursPolicy {
  /** On holidays that close nobody by law. */
  onHolidays: 'CLOSED' | 'SHORT';
  region: HolidayRegion;
  /** Opens the Sundays before Christmas, as mayors allow. */
  decemberSundays: boolean;
}

/** Exceptions are generated for this many days before and after `today`. */
const EXCEPTION_HORIZON_DAYS = 365;
const HOLIDAY_HOURS: HoursRange = { opensAt: '11:00', closesAt: '19:00' };
const SUNDAY_HOURS: HoursRange = { opensAt: '10:00', closesAt: '19:00' };
const EVE_CLOSES_AT = '18:00';

/** The three Sundays before Christmas, the eve itself included. */
function isDecemberSunday(number: number): boolean {
  const christmas = dateIn(yearOf(number), '12-25');
  return isoWeekday(number) === 7 && number < christmas && number >= christmas - 21;
}

/** The dated days, from a year before `today` to a year after it, on which a location departs from its week. */
export function hoursExceptions(
  weekly: WeeklyHours[],
  policy: HoursPolicy,
  today: DayText,
): HoursExceptionSeed[] {
  const from = dayNumber(today) - EXCEPTION_HORIZON_DAYS;
  const to = dayNumber(today) + EXCEPTION_HORIZON_DAYS;
  const exceptions: HoursExceptionSeed[] = [];
  const holidays = new Map<number, { name: string; strict: boolean }>();
  for (let year = yearOf(from); year <= yearOf(to); year++) {
    for (const holiday of publicHolidays(year, policy.region)) holidays.set(holiday.number, holiday);
  }
  for (let number = from; number <= to; number++) {
    const usual = weeklyRanges(weekly, isoWeekday(number));
    let ranges = usual;
    let reason = '';
    if (policy.decemberSundays && usual.length === 0 && isDecemberSunday(number)) {
      ranges = [SUNDAY_HOURS];
      reason = 'Dimanche de décembre';
    }
    const holiday = holidays.get(number);
    if (holiday) {
      const short = policy.onHolidays === 'SHORT' && !holiday.strict && usual.length > 0;
      ranges = short ? [HOLIDAY_HOURS] : [];
      reason = holiday.name;
    } else if (['12-24', '12-31'].includes(dayOf(number).slice(5))) {
      ranges = closingBy(ranges, EVE_CLOSES_AT);
      reason = dayOf(number).endsWith('24') ? 'Veille de Noël' : 'Saint-Sylvestre';
    }
    if (!sameRanges(ranges, usual)) exceptions.push({ day: dayOf(number), ranges, reason });
  }
  return exceptions;
}

/** The ranges cut off at a time; times written 'HH:MM' are in order as text. */
function closingBy(ranges: HoursRange[], time: string): HoursRange[] {
  return ranges
    .filter((range) => range.opensAt < time)
    .map((range) => (range.closesAt > time ? { ...range, closesAt: time } : range));
}

function sameRanges(a: HoursRange[], b: HoursRange[]): boolean {
  return (
    a.length === b.length && a.every((r, i) => r.opensAt === b[i]?.opensAt && r.closesAt === b[i]?.closesAt)
  );
}

function weeklyRanges(weekly: WeeklyHours[], weekday: number): HoursRange[] {
  return weekly
    .filter((hours) => hours.weekday === weekday)
    .map(({ opensAt, closesAt }) => ({ opensAt, closesAt }));
}

function minutesOf(ranges: readonly HoursRange[]): number {
  return ranges.reduce((sum, range) => sum + minuteOfDay(range.closesAt) - minuteOfDay(range.opensAt), 0);
}

/** Minutes open on the longest day of a location's week. */
export function usualDayMinutes(place: PlaceSeed): number {
  return Math.max(
    ...[1, 2, 3, 4, 5, 6, 7].map((weekday) => minutesOf(weeklyRanges(place.weeklyHours, weekday))),
  );
}

/** Minutes open on each of `days`, 0 when closed. Days beyond the location's exceptions follow the week. */
export function openMinutes(place: PlaceSeed, days: DayFacts[]): number[] {
  const dated = new Map(place.hoursExceptions.map((exception) => [exception.day, exception.ranges]));
  return days.map(({ number, isoWeekday: weekday }) =>
    minutesOf(dated.get(dayOf(number)) ?? weeklyRanges(place.weeklyHours, weekday)),
  );
}
