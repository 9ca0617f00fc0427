// Several lines of a count file for one SKU at one location (its bins): their sum, or why they make none.

import { MAX_QUANTITY } from '../../refusals';
import type { Rejection } from './rejection';

/** A line of a count file whose location and SKU are known. */
export interface StagedCount {
  line: number;
  /** Null: it could not be read. */
  quantity: number | null;
  expected: number | null;
  bin: string | null;
  /** Hash of its text. */
  words: string;
}

/** What the lines of one SKU at one location come to. */
export interface ShelfCount {
  quantity: number;
  expected: number | null;
  /** Lines that were added to another line or repeat one. */
  merged: number;
}

/** Lines of one shelf by what makes them one statement: their bin, or without one their whole text. */
function byBin(lines: readonly StagedCount[]): Map<string, StagedCount[]> {
  const groups = new Map<string, StagedCount[]>();
  for (const line of lines) {
    const key = line.bin === null ? `words ${line.words}` : `bin ${line.bin}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return groups;
}

const contradiction = (reason: string): Rejection => ({ code: 'CONTRADICTION', reason });
const namesOf = (lines: readonly StagedCount[]): string =>
  lines
    .slice(0, 5)
    .map((l) => l.line)
    .join(', ') + (lines.length > 5 ? ' …' : '');

/**
 * Adds up the lines of one SKU at one location. A bin stated twice with the same number counts once. Without bins, lines of
 * different text are different bins; of the same text, it is not known whether a line was exported twice, so none counts.
 */
export function sumCounts(lines: readonly StagedCount[]): ShelfCount | Rejection {
  const [only] = lines;
  if (lines.length === 1 && only!.quantity !== null) {
    return { quantity: only!.quantity, expected: only!.expected, merged: 0 };
  }
  const unread = lines.find((l) => l.quantity === null);
  if (unread !== undefined) {
    const reason = `line ${unread.line} counts the same SKU at the same location and could not be read, so their sum would be short`;
    return contradiction(`${reason}; mend that line and send them together`);
  }
  let quantity = 0;
  for (const group of byBin(lines).values()) {
    const [first] = group;
    quantity += first!.quantity!;
    if (group.length === 1) continue;
    if (first!.bin === null) {
      const reason = `lines ${namesOf(group)} are the same, letter by letter; delete one if it was exported twice`;
      return contradiction(
        `${reason}, or name each bin in a column mapped to bin if there are as many in each`,
      );
    }
    if (group.some((l) => l.quantity !== first!.quantity)) {
      const reason = `lines ${namesOf(group)} have different quantities for bin '${first!.bin.slice(0, 40)}'`;
      return contradiction(`${reason}; keep the right one`);
    }
  }
  const expected = [...new Set(lines.flatMap((l) => l.expected ?? []))];
  if (expected.length > 1) {
    const reason = `lines ${namesOf(lines)} expect different numbers (${expected.slice(0, 5).join(', ')})`;
    return contradiction(
      `${reason}; expected is the ledger’s quantity of the SKU at the location, over all its bins`,
    );
  }
  if (quantity > MAX_QUANTITY) {
    const reason = `lines ${namesOf(lines)} add up to ${quantity}; a count is at most ${MAX_QUANTITY}`;
    return { code: 'BAD_UNITS', reason };
  }
  return { quantity, expected: expected[0] ?? null, merged: lines.length - 1 };
}
