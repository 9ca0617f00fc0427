// Number notation of a file: given by a flag, or proven by those of its numbers that can be read in only one way.

import { OperatorError } from '../refusals';
import { type OpenOptions, openRecords } from './open';
import { type DecimalSign, decimalSignOf, type NumberForm } from './rules/numbers';
import type { SurveyedFile } from './survey';

/** What the caller states about the file's numbers. */
export interface NumberFlags {
  decimalComma?: boolean;
  decimalPoint?: boolean;
}

/**
 * Reads the numbers in these columns of all of a file, unless a flag states how they are written. Where some prove a point
 * and others a comma, nothing is proven. A file that breaks off proves nothing: its reading meets the same end.
 */
export async function numberFormOf(
  file: SurveyedFile,
  opening: OpenOptions,
  columns: readonly number[],
  { decimalComma, decimalPoint }: NumberFlags,
): Promise<NumberForm> {
  if (decimalComma) return { decimal: 'COMMA', certain: true };
  if (decimalPoint) return { decimal: 'POINT', certain: true };
  const proven = new Set<DecimalSign>();
  try {
    const { records } = await openRecords(file, opening);
    for await (const group of records) {
      for (const { fields } of group) {
        if (fields === null) continue;
        for (const at of columns) {
          const sign = decimalSignOf((fields[at] ?? '').trim());
          if (sign !== null) proven.add(sign);
        }
      }
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
  }
  const [decimal = 'POINT', other] = proven;
  return other === undefined && proven.size === 1
    ? { decimal, certain: true }
    : { decimal: 'POINT', certain: false };
}
