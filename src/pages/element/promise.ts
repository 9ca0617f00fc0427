// When an order would be ready and why, on the clock of the shop and in the words of people.

import type { ShopOption } from './client';
import { ELEMENT_TEXTS, type ElementLanguage, LOCALES } from './texts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
/** Picking that takes longer on the clock goes on after the shop was closed: its length means nothing to people. */
const LONGEST_PICKING_MINUTES = 240;

/** The time of day. */
export const clockTime = (time: string, timeZone: string | undefined, language: ElementLanguage): string =>
  new Intl.DateTimeFormat(LOCALES[language], { hour: '2-digit', minute: '2-digit', timeZone }).format(
    Date.parse(time),
  );

/** The day and time: "today at 17:40". */
function dayTime(time: string, now: number, timeZone: string, language: ElementLanguage): string {
  const texts = ELEMENT_TEXTS[language];
  const dayOf = (at: number): string =>
    new Intl.DateTimeFormat('en', { timeZone, dateStyle: 'short' }).format(at);
  const at = Date.parse(time);
  const long = new Intl.DateTimeFormat(LOCALES[language], {
    ...{ timeZone, weekday: 'long', day: 'numeric', month: 'long' },
  });
  const isToday = dayOf(at) === dayOf(now);
  const day = isToday ? texts.today : dayOf(at) === dayOf(now + DAY_MS) ? texts.tomorrow : long.format(at);
  return `${day} ${texts.at} ${clockTime(time, timeZone, language)}`;
}

function durationOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / MINUTE_MS));
  if (minutes < HOUR_MINUTES) return `${minutes}\u00a0min`;
  const rest = minutes % HOUR_MINUTES;
  return `${Math.floor(minutes / HOUR_MINUTES)}\u00a0h${rest === 0 ? '' : `\u00a0${rest}`}`;
}

/** "Ready today at 17:40" and "because picking takes 2 h"; the second is empty where there is nothing to explain. */
export function promiseText(
  { readyAt, promiseSteps, location: { timeZone } }: ShopOption,
  language: ElementLanguage,
): [ready: string, because: string] {
  const texts = ELEMENT_TEXTS[language];
  if (readyAt === null) return [texts.neverReady, ''];
  // The clock of the server: that of the visitor may be wrong.
  const now = Date.parse(promiseSteps[0]?.from ?? readyAt);
  const reasons = promiseSteps.flatMap(({ rule, from, to }) => {
    const ms = Date.parse(to) - Date.parse(from);
    if (rule === 'LEAD_TIME' && ms > LONGEST_PICKING_MINUTES * MINUTE_MS) return [];
    return texts.reasons[rule](dayTime(to, now, timeZone, language), durationOf(ms)) || [];
  });
  const because = reasons.length === 0 ? '' : texts.because(reasons.join(texts.and));
  return [texts.ready(dayTime(readyAt, now, timeZone, language)), because];
}
