// What a scanned code states about an article: its GTIN, and batch, serial number, dates and counts if it is a GS1 code.

import { gtinProblem, normaliseGtin } from './codes';
import { elementDate, elementString } from './elements';

/** Dates are ISO days; what the code does not state is null. */
export interface ArticleScan {
  /** As 14 digits. */
  gtin: string;
  /** Indicator 1 to 8 before a GTIN-14: a case of several units, not the article itself. */
  isCase: boolean;
  batch: string | null;
  serial: string | null;
  producedOn: string | null;
  bestBefore: string | null;
  expiresOn: string | null;
  itemCount: number | null;
  contentCount: number | null;
}

/** How many trade items one scan stands for: the count (37) of a logistic label that names its contents (02), else one. */
export function itemsInScan(text: string): number {
  const read = elementString(text);
  if (read === null || 'problem' in read || read.values.has('01') || !read.values.has('02')) return 1;
  return Number(read.values.get('37') ?? 1);
}

/** Reads a valid scan, for which `gtinProblem` is null. The year decides the century of dates. @throws RangeError */
export function readScan(text: string, thisYear: number): ArticleScan {
  const gtin = normaliseGtin(text);
  const read = elementString(text);
  const values = read !== null && 'values' in read ? read.values : new Map<string, string>();
  const date = (identifier: string): string | null => {
    const digits = values.get(identifier);
    return digits === undefined ? null : elementDate(digits, thisYear);
  };
  const count = (identifier: string): number | null => {
    const digits = values.get(identifier);
    return digits === undefined ? null : Number(digits);
  };
  return {
    gtin,
    isCase: isCaseGtin(gtin),
    batch: values.get('10') ?? null,
    serial: values.get('21') ?? null,
    producedOn: date('11'),
    bestBefore: date('15'),
    expiresOn: date('17'),
    itemCount: count('30'),
    contentCount: count('37'),
  };
}

/** True for 14 digits that name a case: 0 is the article itself, 9 goods of variable measure. */
const isCaseGtin = (gtin: string): boolean => /^[1-8]\d{13}$/.test(gtin);

/** Whether a scan in any form names a case. */
export const isCaseScan = (text: string): boolean =>
  gtinProblem(text) === null && isCaseGtin(normaliseGtin(text));
