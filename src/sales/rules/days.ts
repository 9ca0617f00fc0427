// Days as the history writes them: ISO dates, and their numbers for arithmetic.

import { refuse } from '../../refusals';

const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Earlier days are typing mistakes; each year has a partition of its own. */
export const FIRST_DAY = '1990-01-01';
/** The last day that the calendar may speak of. */
const LAST_DAY = '2099-12-31';

/** True for a day of the calendar as 'YYYY-MM-DD'. */
export function isDay(text: string): boolean {
  const parts = ISO_DAY.exec(text);
  if (parts === null) return false;
  return realDay(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

/** True when this year has that day in that month. */
export function realDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** @throws Refused InvalidInput for what is no day from FIRST_DAY on */
export function checkDay(day: string, path: string): void {
  if (isDay(day) && day >= FIRST_DAY && day <= LAST_DAY) return;
  const message = `${path} is '${day.slice(0, 20)}'; it must be a day from ${FIRST_DAY} to ${LAST_DAY}, written YYYY-MM-DD.`;
  refuse('InvalidInput', message, { path });
}
