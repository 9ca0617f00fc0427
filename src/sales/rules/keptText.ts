// The text stored of a rejected line: only the columns that are read, and none that names a person.

import { joinFields } from '../../csv/rules/cells';
import { type CsvRecord, MAX_RAW_LENGTH } from '../../csv/rules/records';

/** The text of a record as it may be stored. */
export type KeptText = (record: CsvRecord) => string;

const PERSONAL: ReadonlySet<string> = new Set(['customer']);

/**
 * Other columns of the file may name people, too (a cashier, an e-mail address), and nobody needs them to correct a line: they
 * are left empty. A line that cannot be split into columns is not stored where the file has such columns.
 */
export function keptTextOf(
  header: readonly string[],
  separator: string,
  positions: Readonly<Record<string, number>>,
  personal = PERSONAL,
): KeptText {
  const kept = new Set(
    Object.entries(positions).flatMap(([column, at]) => (personal.has(column) ? [] : [at])),
  );
  const isWhole = header.every((_, at) => kept.has(at));
  return ({ line, raw, fields }) => {
    if (isWhole) return raw.slice(0, MAX_RAW_LENGTH);
    if (fields === null || fields.length !== header.length)
      return `(line ${line} of the file, not kept here: it may name a person)`;
    const texts = fields.map((field, at) => (kept.has(at) ? field : ''));
    return joinFields(texts, separator).slice(0, MAX_RAW_LENGTH);
  };
}
