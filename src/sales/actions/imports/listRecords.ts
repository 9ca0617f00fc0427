// Records of files of SKUs, locations and counts: their cells, and what is stored of rejected ones.

import { widthProblem } from '../../../csv/open';
import { type CsvRecord, RECORD_PROBLEMS } from '../../../csv/rules/records';
import type { Cells } from '../../rules/cells';
import type { KeptText } from '../../rules/keptText';
import { totalOf } from '../../rules/lineKinds';
import type { Rejection } from '../../rules/rejection';
import type { Reject } from './runs';

/** What reads a list file, record by record. */
export interface ListReading {
  /** Receives a record that was read before this run was resumed. */
  pass(record: CsvRecord, cells: Cells | Rejection): void;
  take(record: CsvRecord, cells: Cells | Rejection): Promise<void>;
  /** Does what is left when the file has ended. */
  finish(): Promise<void>;
  /** Discards what is staged, as the file is incomplete. */
  giveUp(): Promise<void>;
}

export function isRejection(item: unknown): item is Rejection {
  return typeof item === 'object' && item !== null && 'reason' in item;
}

export function rejectOf(keptText: KeptText, record: CsvRecord, { code, reason }: Rejection): Reject {
  return { line: record.line, raw: keptText(record), code, reason, units: null };
}

/** The cells of a record, or why it has none; `key` is the column that no line of its own leaves empty. */
export function cellsOf(
  record: CsvRecord,
  header: readonly string[],
  positions: Readonly<Record<string, number>>,
  key: string,
): Cells | Rejection {
  const { fields, problem } = record;
  if (fields === null) return { code: problem!, reason: RECORD_PROBLEMS[problem!] };
  const reason = widthProblem(fields, header);
  if (reason !== null) return { code: 'WRONG_COLUMNS', reason };
  const total = totalOf((fields[positions[key]!] ?? '').trim(), fields);
  if (total !== null) return total;
  return (column) => {
    const at = positions[column] ?? -1;
    return at < 0 ? undefined : fields[at]?.trim() || undefined;
  };
}
