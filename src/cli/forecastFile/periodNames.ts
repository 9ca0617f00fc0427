// Names of periods as users and programs write them: dates, months and ISO weeks; others are known and refused by name.

import type { Axis, Period } from '../../forecaster/series';
import { OperatorError } from '../../refusals';
import { dayOf } from '../../values/time';
import { dayNumber, periodOfDate } from './periods';

/** A period that a name stands for; `period` is null for a date, which may begin a day, a week or a month. */
export interface NamedPeriod {
  period: Exclude<Period, 'DAY'> | null;
  /** ISO date of its first day. */
  firstDay: string;
}

// English, French and German, without accents and points.
const MONTHS = [
  ['jan', 'january', 'janv', 'janvier', 'januar'],
  ['feb', 'february', 'fev', 'fevr', 'fevrier', 'februar'],
  ['mar', 'march', 'mars', 'marz', 'mrz'],
  ['apr', 'april', 'avr', 'avril'],
  ['may', 'mai'],
  ['jun', 'june', 'juin', 'juni'],
  ['jul', 'july', 'juil', 'juillet', 'juli'],
  ['aug', 'august', 'aout'],
  ['sep', 'sept', 'september', 'septembre'],
  ['oct', 'october', 'octobre', 'okt', 'oktober'],
  ['nov', 'november', 'novembre'],
  ['dec', 'december', 'decembre', 'dez', 'dezember'],
];
const MONTH_OF = new Map(MONTHS.flatMap((names, i) => names.map((name) => [name, i + 1] as const)));

const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
const two = (n: number): string => String(n).padStart(2, '0');

function month(year: number, number: number): NamedPeriod | null {
  if (number < 1 || number > 12 || year < 1900 || year > 2199) return null;
  return { period: 'MONTH', firstDay: `${year}-${two(number)}-01` };
}

/** ISO 8601: week 1 has the year's first Thursday, and weeks begin on Monday. */
function isoWeek(year: number, week: number): NamedPeriod | null {
  if (year < 1900 || year > 2199 || week < 1) return null;
  const mondayOf = (of: number): number => {
    const fourth = dayNumber(`${of}-01-04`)!;
    // 1970-01-01 was a Thursday.
    return fourth - ((fourth + 3) % 7);
  };
  const first = mondayOf(year) + (week - 1) * 7;
  return first < mondayOf(year + 1) ? { period: 'WEEK', firstDay: dayOf(first) } : null;
}

const date = (year: string, monthNumber: string, day: string): NamedPeriod | null => {
  const firstDay = `${year}-${monthNumber.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return dayNumber(firstDay) === null ? null : { period: null, firstDay };
};
const named = (name: string, year: string): NamedPeriod | null =>
  MONTH_OF.has(name)
    ? month(year.length === 2 ? 2000 + Number(year) : Number(year), MONTH_OF.get(name)!)
    : null;

const FORMS: readonly [form: RegExp, read: (...parts: string[]) => NamedPeriod | null][] = [
  [/^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ t]00:00(?::00(?:\.0+)?)?z?)?$/, date],
  [/^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, (d, m, y) => date(y, m, d)],
  [/^((?:19|20)\d\d)(\d\d)(\d\d)$/, date],
  [/^(\d{4})[-/. ]?w(?:k|eek)? ?(\d{1,2})$/, (y, w) => isoWeek(Number(y), Number(w))],
  [/^(\d{4})[-/. ](?:kw|s) ?(\d{1,2})$/, (y, w) => isoWeek(Number(y), Number(w))],
  [/^(?:w|wk|week|kw)[- _]?(\d{1,2})[-/. _](\d{4})$/, (w, y) => isoWeek(Number(y), Number(w))],
  [/^(\d{4})[-/.](\d{1,2})$/, (y, m) => month(Number(y), Number(m))],
  [/^((?:19|20)\d\d)m?(\d\d)$/, (y, m) => month(Number(y), Number(m))],
  [/^(\d{1,2})[-/.](\d{4})$/, (m, y) => month(Number(y), Number(m))],
  [/^([a-z]{3,9})\.?[-/ _]*(\d{4}|\d\d)$/, (name, y) => named(name, y)],
  [/^(\d{4})[-/ _]*([a-z]{3,9})\.?$/, (y, name) => named(name, y)],
];

/** The period that a text names; null: none that we know. */
export function namedPeriod(text: string): NamedPeriod | null {
  const plain = folded(text);
  for (const [form, read] of FORMS) {
    const parts = form.exec(plain);
    if (parts === null) continue;
    const found = read(...parts.slice(1));
    if (found !== null) return found;
  }
  return null;
}

const UNKNOWN: readonly [form: RegExp, reason: string][] = [
  [/^\d{4}[-/]\d\d?(?:[-/]\d{1,2})?$/, 'is no month or date of the calendar'],
  [
    /^(?:\d{4}|\d\d)[-/ _]?[qt][1-4]$|^[qt][1-4](?:[-/ _'](?:\d{4}|\d\d)|(?:19|20)\d\d)$/,
    'is a quarter; periods are days, weeks or months',
  ],
  [
    /^(?:\d{4}|\d\d)[-/ _]?h[12]$|^h[12](?:[-/ _](?:\d{4}|\d\d)|(?:19|20)\d\d)$/,
    'is half a year; periods are days, weeks or months',
  ],
  [
    /^(?:fy|cy)?[-/ _]?(?:19|20)\d\d(?:[-/](?:(?:19|20)\d\d|\d\d))?$/,
    'is a year; periods are days, weeks or months',
  ],
  [
    /^\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)$/,
    'is a date that can be read in two ways; write it like 2024-01-31',
  ],
  [
    /^\d{1,2}[-/. ][a-z]{3,9}\.?(?:[-/. ](?:\d{4}|\d\d))?$/,
    'is a date with a month’s name; write it like 2024-01-31',
  ],
  [/^[a-z]{3,9}\.? \d{1,2},? \d{4}$/, 'is a date with a month’s name; write it like 2024-01-31'],
  [/^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[ t].*)$/, 'is a moment, not a day; write it like 2024-01-31'],
  [
    /^\d{4}[-/. ]?(?:w|kw|wk|week) ?\d{1,2}$|^(?:w|kw|wk|week)[- _]?\d{1,2}[-/. _]\d{4}$/,
    'is no week of that year',
  ],
  [
    /^(?:w|kw|wk|week)[- _]?\d{1,2}[-/' ]\d\d$/,
    'is a week with a year of two digits; write it like 2024-W05',
  ],
];

/** Why a name that looks like a period is none that can be worked with; null: it does not look like one. */
export function unknownPeriod(text: string): string | null {
  const plain = folded(text);
  const found = UNKNOWN.find(([form]) => form.test(plain));
  if (found === undefined) return null;
  // 24-red is no date: only the names of months are.
  const word = /[a-z]{3,}/.exec(plain)?.[0];
  if (word !== undefined && /month’s name/.test(found[1]) && !MONTH_OF.has(word)) return null;
  return found[1];
}

/**
 * The number of a period given by its name: '1857' is the 1857th (number 1856), a date, week or month is the one it
 * begins in. @throws OperatorError for anything else
 */
export function periodNamed(text: string, flag: string, axis: Axis): number {
  if (/^\d{1,5}$/.test(text)) return Number(text) - 1;
  const found = namedPeriod(text);
  if (found === null) {
    throw new OperatorError(
      `${flag} is '${text}'; it must be the number of a period (1 is the first), a date such as 2016-04-24, a week (2016-W16) or a month (2016-04).`,
    );
  }
  if (axis.firstDay === null) {
    throw new OperatorError(
      `${flag} is the date ${text}, but it is not known when the first column was; give it with --first-day.`,
    );
  }
  return periodOfDate(found.firstDay, axis.period, axis.firstDay)!;
}
