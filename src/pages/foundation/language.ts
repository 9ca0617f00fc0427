// The language of the pages: French first, English beside it. Messages are checked by types.

import { computed, type ReadonlySignal, signal } from '@preact/signals';

export type Language = 'fr' | 'en';

const STORED_AS = 'comptoir-language';
const LOCALES = { fr: 'fr-FR', en: 'en-GB' } as const;

function preferred(): Language {
  const stored = localStorage.getItem(STORED_AS);
  if (stored === 'fr' || stored === 'en') return stored;
  return navigator.language.startsWith('en') ? 'en' : 'fr';
}

export const language = signal<Language>(preferred());

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(STORED_AS, chosen);
}

/** The present locale, for formats of a page's own. */
export const locale = computed(() => LOCALES[language.value]);

/** The messages in the present language. The second dictionary has the type of the first, so that none can be missing. */
export const dictionary = <Messages>(fr: Messages, en: Messages): ReadonlySignal<Messages> =>
  computed(() => ({ fr, en })[language.value]);

// Another tab has chosen.
window.addEventListener('storage', ({ key, newValue }) => {
  if (key === STORED_AS && (newValue === 'fr' || newValue === 'en')) language.value = newValue;
});

const MINUTE_MS = 60_000;
const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR;

/** Whole minutes from one time to another, negative when it is over. */
export const minutesUntil = (time: string, now: number): number =>
  Math.round((Date.parse(time) - now) / MINUTE_MS);

/** A duration such as "12 min", "1 h 05" or "2 d". */
export function durationText(minutes: number): string {
  const whole = Math.abs(minutes);
  if (whole < MINUTES_PER_HOUR) return `${whole} min`;
  if (whole < MINUTES_PER_DAY) {
    return `${Math.floor(whole / MINUTES_PER_HOUR)} h ${String(whole % MINUTES_PER_HOUR).padStart(2, '0')}`;
  }
  const days = Math.round(whole / MINUTES_PER_DAY);
  return language.value === 'fr' ? `${days} j` : `${days} d`;
}

/** The time of day, with the day unless it is today. */
export function timeText(time: string, now: number): string {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(LOCALES[language.value], {
    ...(isToday ? {} : { weekday: 'short', day: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(date);
}

/** A day (YYYY-MM-DD) with its weekday. */
export const dayText = (day: string): string =>
  new Intl.DateTimeFormat(LOCALES[language.value], {
    ...{ weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' },
  }).format(new Date(day));

/** A part of a whole in percent, rounded. */
export const shareText = (part: number, whole: number): string =>
  new Intl.NumberFormat(LOCALES[language.value], { style: 'percent' }).format(part / whole);

export function moneyText({
  amountMinor,
  currency,
}: {
  amountMinor: number | string;
  currency: string;
}): string {
  const format = new Intl.NumberFormat(LOCALES[language.value], { style: 'currency', currency });
  const { maximumFractionDigits: digits = 2 } = format.resolvedOptions();
  return format.format(Number(amountMinor) / 10 ** digits);
}
