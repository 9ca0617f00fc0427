// Why a line of a file is rejected: a code for programs and a reason for people.

import type { RecordProblem } from '../../csv/rules/records';

/** Why a line was rejected. */
export type RejectCode =
  | RecordProblem
  | 'WRONG_COLUMNS'
  | 'MISSING_VALUE'
  | 'BAD_TEXT'
  | 'BAD_UNITS'
  | 'BAD_TYPE'
  | 'VOIDED'
  | 'TOTAL_LINE'
  | 'NEGATIVE'
  | 'CONTRADICTION'
  | 'NOT_A_PRODUCT'
  | 'STOCK_CORRECTION'
  | 'ZERO_PRICE'
  | 'BAD_PRICE'
  | 'BAD_DAY'
  | 'FUTURE_DAY'
  | 'BAD_CHANNEL'
  | 'UNKNOWN_LOCATION'
  | 'UNKNOWN_SKU'
  | 'REFUSED';

/** A rejected line, and what would be right. */
export interface Rejection {
  code: RejectCode;
  reason: string;
}

export const reject = (code: RejectCode, reason: string): Rejection => ({ code, reason });
