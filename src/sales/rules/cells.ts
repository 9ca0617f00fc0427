// Cells of a line of a file: texts, numbers, flags and days, and the sentence for one that cannot be read.

import {
  type Decimal,
  decimalOfText,
  type ExpectedNumber,
  isNothing,
  type NumberForm,
} from '../../csv/rules/numbers';
import { Refused } from '../../refusals';
import { dayNumber, dayOf } from '../../values/time';
import type { Rejection } from './rejection';

/** The text of a column; undefined: the file has no such column, or the cell is empty. */
export type Cells = (column: string) => string | undefined;

/** What a text means, or the sentence that it means nothing. */
export class UnreadableCell extends Error {}

/** The number of a column; undefined: the cell is empty. */
export function decimalIn(
  cells: Cells,
  column: string,
  form: NumberForm,
  expected: ExpectedNumber = {},
): Decimal | undefined {
  const text = cells(column);
  if (text === undefined || isNothing(text)) return undefined;
  const value = decimalOfText(text, form, expected);
  if (typeof value === 'string') throw new UnreadableCell(`${column} ${value}`);
  return value;
}

export function numberIn(cells: Cells, column: string, form: NumberForm, most?: number): number | undefined {
  const value = decimalIn(cells, column, form, { most });
  return value && value.digits / 10 ** value.decimals;
}

const YES = new Set(['true', 'yes', '1', 'y']);
const NO = new Set(['false', 'no', '0', 'n']);

export function flagIn(cells: Cells, column: string): boolean | undefined {
  const text = cells(column)?.toLowerCase();
  if (text === undefined) return undefined;
  if (YES.has(text)) return true;
  if (NO.has(text)) return false;
  throw new UnreadableCell(`${column} is '${text.slice(0, 40)}'; write true or false`);
}

/** The ISO day of a column; undefined: the cell is empty. */
export function dayIn(cells: Cells, column: string): string | undefined {
  const text = cells(column);
  if (text === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && dayOf(dayNumber(text)) === text) return text;
  throw new UnreadableCell(`${column} is '${text.slice(0, 40)}'; write a day like 2026-11-25`);
}

/** Runs a reader; what cannot be read or is refused is the line's rejection. */
export function readingCells<T>(read: () => T): T | Rejection {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableCell) return { code: 'BAD_TEXT', reason: error.message };
    if (error instanceof Refused) return { code: 'REFUSED', reason: error.message };
    throw error;
  }
}
