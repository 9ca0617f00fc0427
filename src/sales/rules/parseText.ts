// What the texts of a file mean: numbers of units, amounts of money, days and moments.

import { DateTime } from 'luxon';
import { realDay } from './days';

/** Parts of a date in the order they are written in. */
export const DATE_ORDERS = ['ymd', 'dmy', 'mdy'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

const MOMENT =
  /^(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** Year, month, day by the order they are written in; a four-digit first part is a year in every order. */
function dateParts(a: string, b: string, c: string, order: DateOrder): [string, string, string] {
  if (order === 'ymd' || a.length === 4) return [a, b, c];
  return order === 'dmy' ? [c, b, a] : [c, a, b];
}

/** The local day and second that a text states, or null when it is no date. */
export function momentIn(
  text: string,
  order: DateOrder,
  timeZone: string,
): { day: string; second: number } | null {
  const parts = MOMENT.exec(text);
  if (parts === null) return null;
  const [, a = '', b = '', c = '', hour = '0', minute = '0', second = '0', zone] = parts;
  const [year, month, day] = dateParts(a, b, c, order);
  if (year.length !== 4 || day.length > 2) return null;
  if (!realDay(Number(year), Number(month), Number(day))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (zone === undefined)
    return { day: iso, second: Number(hour) * 3_600 + Number(minute) * 60 + Number(second) };
  const at = DateTime.fromISO(`${iso}T${hour.padStart(2, '0')}:${minute}:${second.padStart(2, '0')}${zone}`, {
    zone: timeZone,
  });
  return { day: at.toISODate() ?? iso, second: at.hour * 3_600 + at.minute * 60 + at.second };
}

const ADVICE: readonly [form: RegExp, advice: string][] = [
  [/\d\s*[ap]\.?\s?m\.?(?:\s|$)/i, 'it has AM or PM; export times of 24 hours, like 14:30'],
  [/^\d{1,2}[-./]\d{1,2}[-./]\d{2}(?:\D|$)/, 'its year has two digits; export years of four, like 2026'],
  [/^\d{5}(?:[.,]\d+)?$/, 'it is a spreadsheet’s number of a day; format the column as a date'],
  [/^(?:19|20)\d{6}$/, 'it has no signs between its parts; write it like 2026-11-28'],
  [/\p{L}{3}/u, 'it has a month’s or a day’s name; write it like 2026-11-28'],
];

/** Why a text is no day when it is read in this order, and what would be right. */
export function dayProblem(text: string, order: DateOrder): string {
  const problem = `the day is '${text.slice(0, 40)}'`;
  if (text === '') return 'the day is missing';
  const found = ADVICE.find(([form]) => form.test(text));
  if (found !== undefined) return `${problem}; ${found[1]}`;
  const other = DATE_ORDERS.find((each) => each !== order && momentIn(text, each, 'UTC') !== null);
  const advice =
    other === undefined ? 'write it like 2026-11-28' : `if it is written so, give --dates ${other}`;
  return `${problem}; it is read as ${order}, and ${advice}`;
}
