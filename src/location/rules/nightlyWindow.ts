// The nightly window of a location: when its nightly jobs are due, and the last day whose data they use.

import { DateTime } from 'luxon';

export interface NightlyWindow {
  /** The local day that ended before the window: the last one that is wholly known, YYYY-MM-DD. */
  cutDay: string;
  /** When the nightly jobs of the location were due. */
  beganAt: Date;
}

function beginning(timeZone: string, day: DateTime, hour: number): DateTime {
  // An hour skipped by a change of clocks begins at the change; a repeated hour begins the first time.
  const at = DateTime.fromObject(
    { year: day.year, month: day.month, day: day.day, hour },
    { zone: timeZone },
  );
  return DateTime.min(...at.getPossibleOffsets())!;
}

/**
 * The latest nightly window of a location at the instant `at`: that of the last local day on which `hour` o'clock
 * (local, 0 … 23) has passed. There is one for every day of the calendar, also where the clocks change.
 */
export function nightlyWindowAt(timeZone: string, at: Date, hour: number): NightlyWindow {
  const today = DateTime.fromJSDate(at, { zone: timeZone });
  const begun = beginning(timeZone, today, hour);
  const began =
    begun.toMillis() <= at.getTime() ? begun : beginning(timeZone, today.minus({ days: 1 }), hour);
  return { cutDay: began.minus({ days: 1 }).toISODate()!, beganAt: began.toJSDate() };
}
