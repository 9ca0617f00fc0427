// Periods by number and by date: day, week and month number 0, 1, 2 … of an axis, and their usual names.

import type { Period } from '../../forecaster/series';
import { DAY_MS } from '../../values/time';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

/** Days since 1970-01-01 of an ISO date; null for anything else. */
export function dayNumber(text: string): number | null {
  const match = DATE.exec(text);
  if (!match) return null;
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  // 2023-02-31 must not become a day of March.
  return new Date(ms).toISOString().startsWith(text) ? ms / DAY_MS : null;
}

/** Number of the period a date falls in, on an axis whose period 0 begins at `firstDay`; may be negative. */
export function periodOfDate(date: string, period: Period, firstDay: string): number | null {
  const [day, first] = [dayNumber(date), dayNumber(firstDay)];
  if (day === null || first === null) return null;
  if (period === 'DAY') return day - first;
  if (period === 'WEEK') return Math.floor((day - first) / 7);
  const months = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
  return months(date) - months(firstDay);
}
