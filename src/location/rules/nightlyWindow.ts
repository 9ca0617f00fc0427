// A location's night: when its nightly work may begin, and the last day that work may know.

import { DateTime } from 'luxon';

export interface NightlyWindow {
  /** The local day that ended before the night: the last one that is wholly known, YYYY-MM-DD. */
  cutDay: string;
  /** When the night's work was due there. */
  beganAt: Date;
}

function beginning(timeZone: string, day: DateTime, hour: number): DateTime {
  // An hour that the clocks leap over begins where they land; one that comes twice begins the first time.
  const at = DateTime.fromObject(
    { year: day.year, month: day.month, day: day.day, hour },
    { zone: timeZone },
  );
  return DateTime.min(...at.getPossibleOffsets())!;
}

/**
 * The latest night of a location at the instant `at`: that of the last local day whose `hour` o'clock (local, 0 … 23) has
 * struck. There is one for every day of the calendar, also where the clocks change.
 */
export function nightlyWindowAt(timeZone: string, at: Date, hour: number): NightlyWindow {
  const today = DateTime.fromJSDate(at, { zone: timeZone });
  const begun = beginning(timeZone, today, hour);
  const began =
    begun.toMillis() <= at.getTime() ? begun : beginning(timeZone, today.minus({ days: 1 }), hour);
  return { cutDay: began.minus({ days: 1 }).toISODate()!, beganAt: began.toJSDate() };
}
