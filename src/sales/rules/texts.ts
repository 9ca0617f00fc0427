// What the texts of a file mean: numbers of units, amounts of money, days and moments.

import { DateTime } from 'luxon';
import { realDay } from './days';

/** Parts of a date in the order they are written in. */
export const DATE_ORDERS = ['ymd', 'dmy', 'mdy'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

const WHOLE = /^[+-]?\d{1,9}(?:\.0*)?$/;
const MONEY = /^-?\d{1,12}(?:\.\d{1,6})?$/;
const MOMENT =
  /^(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** A whole number of units as written, or null. */
export function unitsIn(text: string): number | null {
  return WHOLE.test(text) ? Number(text) : null;
}

/** An amount of money as written, in major units, or null. */
export function moneyIn(text: string, decimalComma: boolean): number | null {
  const plain = decimalComma ? text.replaceAll('.', '').replace(',', '.') : text;
  return MONEY.test(plain) ? Number(plain) : null;
}

/** Year, month, day by the order they are written in; a four-digit first part is a year in every order. */
function dateParts(a: string, b: string, c: string, order: DateOrder): [string, string, string] {
  if (order === 'ymd' || a.length === 4) return [a, b, c];
  return order === 'dmy' ? [c, b, a] : [c, a, b];
}

/** The local day and second that a text tells, or null when it is no date. */
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
