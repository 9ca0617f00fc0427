// Lengths of time in milliseconds, and arithmetic on years and on ISO dates (YYYY-MM-DD).

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of an ISO date. */
export function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

/** The ISO date of a day's number. */
export function dayOf(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

/** The ISO date so many days after another. */
export function daysAfter(day: string, days: number): string {
  return dayOf(dayNumber(day) + days);
}

/** The same day so many years later; the first of March after a 29 February where there is none. */
export function yearsAfter(at: Date, years: number): Date {
  const later = new Date(at);
  later.setUTCFullYear(at.getUTCFullYear() + years);
  return later;
}
