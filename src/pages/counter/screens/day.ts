// The figures of the shop's day, and of the same weekday a week earlier.

import { signal } from '@preact/signals';
import type { CounterOperations } from '../../operations.generated';
import { api, shop } from '../state';
import { problemText } from './directCommand';
import { texts } from './messages';

export type DayFigures = NonNullable<CounterOperations['days']['answer']['pickupDays']>[number];

/** The day that was read, and the one a week before it; null while they are not known. */
export const figures = signal<{ day: DayFigures; weekBefore: DayFigures } | null>(null);
export const dayProblem = signal<string | null>(null);

const DAY_MS = 86_400_000;
const DAYS_OF_WEEK = 7;

/** The day (YYYY-MM-DD) so many days after another. */
export const daysAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** The day that it is here. */
export function localDay(now: number): string {
  const date = new Date(now);
  return new Date(now - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** The day of an address; null for anything else. */
export const dayOfKey = (key: string | null): string | null =>
  key !== null && /^\d{4}-\d{2}-\d{2}$/.test(key) && !Number.isNaN(Date.parse(key)) ? key : null;

let latest = '';

/** Reads the figures of a day; those of another one are not shown meanwhile. */
export async function readDay(day: string): Promise<void> {
  latest = day;
  if (figures.value?.day.day !== day) figures.value = null;
  try {
    const location = shop.value!.code;
    const days = [day, daysAfter(day, -DAYS_OF_WEEK)];
    const { pickupDays } = await api.send('days', { location, days }, { isBackground: true });
    const [own, weekBefore] = pickupDays ?? [];
    if (latest !== day || own === undefined || weekBefore === undefined) return;
    figures.value = { day: own, weekBefore };
    dayProblem.value = null;
  } catch (error) {
    if (latest === day) dayProblem.value = problemText(error, texts.value.dayOffline);
  }
}
