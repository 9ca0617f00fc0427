// Opening hours of a location: their form, and the check of their validity.
import { DateTime, IANAZone } from 'luxon';

/** One opening: 'HH:MM' local wall-clock times, closing excluded; `closesAt` may be '24:00'. */
export type HoursRange = { opensAt: string; closesAt: string };

/** One opening of every week: ISO weekday 1 (Monday) to 7 (Sunday). Past midnight is written as two. */
export type WeeklyHours = HoursRange & { weekday: number };

/** What replaces the weekly hours on one local day ('YYYY-MM-DD'); no ranges means closed. */
export type HoursException = { day: string; ranges: readonly HoursRange[] };

/** All that is needed to know when a location is open; times are local to `timeZone` (IANA). */
export type LocationCalendar = {
  timeZone: string;
  weekly: readonly WeeklyHours[];
  exceptions: readonly HoursException[];
};

export const HOURS_LIMITS = { rangesPerDay: 6, exceptions: 400 } as const;

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Beside the regions, UTC is accepted as a name. */
const CANONICAL_ZONES = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC']);
const ZONES_BY_LOWER_CASE = new Map([...CANONICAL_ZONES].map((name) => [name.toLowerCase(), name]));
/** Names that are not a region: offsets with the reverse of the usual sign, and names kept for other systems. */
const NO_REGION = /^(?:Etc|SystemV)\//i;
/** Area/City as the database writes them: 'America/Port-au-Prince', 'US/Eastern'. */
const ZONE_NAME = /^[A-Z][A-Za-z]*(?:\/[A-Z][A-Za-z]*(?:[_-][A-Za-z]+)*)+$/;

/**
 * What is wrong with the name of a time zone, as the end of a sentence "time zone 'x' …", or null. Good are the names of
 * regions in the IANA time zone database, spelt as there: jobs group locations by this name, PostgreSQL and the browser read
 * it. Fixed offsets ('+02:00', 'Etc/GMT-2', 'CET') are refused: a shop has a region, which changes its clocks.
 */
export function timeZoneProblem(name: string): string | null {
  if (CANONICAL_ZONES.has(name)) return null;
  const canonical = ZONES_BY_LOWER_CASE.get(name.toLowerCase());
  if (canonical !== undefined) return `is written ${canonical}`;
  // Newer ICU versions take offsets for zones; a shop on one would miss every change of clocks.
  if (!/^[A-Za-z]/.test(name) || !IANAZone.isValidZone(name)) {
    return 'is not an IANA time zone; write one such as Europe/Paris';
  }
  if (NO_REGION.test(name) || !name.includes('/')) {
    return 'is a fixed offset or an abbreviation, not a region; write one such as Europe/Paris';
  }
  return ZONE_NAME.test(name) ? null : 'is not spelt as in the IANA database; write it such as Europe/Paris';
}

/** True for 'HH:MM' from 00:00 to 23:59. */
export function validTimeOfDay(time: string): boolean {
  return TIME.test(time);
}

/** Minutes since local midnight of a valid 'HH:MM' or '24:00'. Anything else is a bug of the caller. */
export function minuteOfDay(time: string): number {
  if (time !== '24:00' && !TIME.test(time)) throw new Error(`'${time}' is not a time of day (HH:MM)`);
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/**
 * Everything wrong with these hours, one sentence each, naming the day; an empty list means they
 * can be used. Ranges may touch but not overlap; a day has at most one exception.
 */
export function validateHours(hours: Omit<LocationCalendar, 'timeZone'>): string[] {
  const { weekly, exceptions } = hours;
  // Counted first, so that a huge input costs one sentence and not one a row.
  if (weekly.length > 7 * HOURS_LIMITS.rangesPerDay) {
    return [
      `${weekly.length} weekly ranges are too many: at most ${HOURS_LIMITS.rangesPerDay} a day, 7 days`,
    ];
  }
  if (exceptions.length > HOURS_LIMITS.exceptions) {
    return [`${exceptions.length} exceptions are too many: at most ${HOURS_LIMITS.exceptions}`];
  }
  const unknownDays = weekly.filter((range) => !WEEKDAYS[range.weekday - 1]);
  return [
    ...unknownDays.map((range) => `weekday ${range.weekday} is not an ISO weekday: 1 is Monday, 7 is Sunday`),
    ...WEEKDAYS.flatMap((name, index) =>
      rangeProblems(
        name,
        weekly.filter((range) => range.weekday === index + 1),
      ),
    ),
    ...exceptions.flatMap((exception, index) => exceptionProblems(exception, exceptions.slice(0, index))),
  ];
}

function exceptionProblems(exception: HoursException, earlier: readonly HoursException[]): string[] {
  const { day, ranges } = exception;
  if (!DAY.test(day) || !DateTime.fromISO(day, { zone: 'utc' }).isValid) {
    return [`exception day '${day}' is not a day of the calendar: write YYYY-MM-DD`];
  }
  if (earlier.some((other) => other.day === day)) {
    return [`${day} has more than one exception: put all its ranges into one`];
  }
  return rangeProblems(day, ranges);
}

function rangeProblems(label: string, ranges: readonly HoursRange[]): string[] {
  if (ranges.length > HOURS_LIMITS.rangesPerDay) {
    return [`${label}: ${ranges.length} ranges are too many: at most ${HOURS_LIMITS.rangesPerDay} a day`];
  }
  const problems = ranges.flatMap((range) => oneRangeProblem(range) ?? []);
  if (problems.length > 0) return problems.map((problem) => `${label}: ${problem}`);
  const sorted = [...ranges].sort((a, b) => minuteOfDay(a.opensAt) - minuteOfDay(b.opensAt));
  return sorted.flatMap((range, index) => {
    const before = sorted[index - 1];
    if (!before || minuteOfDay(before.closesAt) <= minuteOfDay(range.opensAt)) return [];
    return [`${label}: ${before.opensAt}-${before.closesAt} overlaps ${range.opensAt}-${range.closesAt}`];
  });
}

function oneRangeProblem({ opensAt, closesAt }: HoursRange): string | null {
  if (!TIME.test(opensAt)) return `opensAt '${opensAt}' is not a time from 00:00 to 23:59 (HH:MM)`;
  if (!TIME.test(closesAt) && closesAt !== '24:00') {
    return `closesAt '${closesAt}' is not a time from 00:01 to 24:00 (HH:MM)`;
  }
  if (minuteOfDay(closesAt) > minuteOfDay(opensAt)) return null;
  return (
    `closes at ${closesAt}, not after it opens at ${opensAt}: ` +
    'write hours past midnight as two ranges, one to 24:00 and one from 00:00 on the next day'
  );
}
