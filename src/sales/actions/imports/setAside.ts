// Lines that are rejected because they conflict with others: which ones, and the reason shown to their sender.

import type { Reject } from './runs';

/** A staged line, as far as its reason names it. */
export interface LineAside {
  line: number;
  units: number;
  document: string;
  item: string;
  day: string;
  /** First and last line of the file that state it. */
  firstLine?: number;
  lastLine?: number;
}

const quoted = (text: string): string => `'${text.slice(0, 40)}'`;
const named = ({ document, item, day }: LineAside): string =>
  `line ${quoted(item)}${document === '' ? '' : ` of receipt ${quoted(document)}`} on ${day}`;

/** The same line of a receipt stated twice with different content: both are rejected. */
export function contradiction(aside: LineAside): Reject {
  const { line, units, firstLine, lastLine } = aside;
  const reason =
    `${named(aside)} is in this file more than once with different values (lines ${firstLine} to ` +
    `${lastLine}); none of them was imported. Give each line of a receipt its own number, or map the column of the till to till`;
  return { line, units, raw: '', code: 'CONTRADICTION', reason };
}

/** A line tried again whose number another line of its file has taken meanwhile. */
export function numberTaken(aside: LineAside): Reject {
  const { line, units } = aside;
  const reason = `${named(aside)} has the number of another line of this file that was imported before; give each line of a receipt its own number`;
  return { line, units, raw: '', code: 'CONTRADICTION', reason };
}

/** Lines that the database refuses, even alone. */
export function unfit({ line, units }: { line: number; units: number }, message: string): Reject {
  const reason = `the line and the others of its receipt or day do not fit what is stored (${message})`;
  return { line, units, raw: '', code: 'REFUSED', reason };
}
