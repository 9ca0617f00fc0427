// Comparison of a file with what is stored of it: sums, whether they agree, and the tables that show it.

import { number, table } from './reconcile';

/** One day: what the file states and what is stored of its lines. */
export interface DayCompared {
  day: string;
  sold: number;
  back: number;
  minor: number;
  storedSold: number;
  storedBack: number;
  storedMinor: number;
}

/** A line of which something else is stored, or nothing. */
interface ComparedExample {
  line: number;
  /** Receipt and line, or location, SKU and channel of a whole day. */
  name: string;
  day: string;
  units: number;
  minor: number;
  stored: boolean;
  storedDay: string | null;
  storedUnits: number | null;
  storedMinor: number | null;
  /** The run that stored it. */
  runId: number | null;
}

/** Sums of the valid lines of a file, and of what is stored under the same keys. */
export interface Compared {
  lines: number;
  /** Of these, lines that are stored … */
  found: number;
  /** … and of these, lines stored with other content. */
  different: number;
  days: DayCompared[];
  examples: ComparedExample[];
}

export const NOTHING_COMPARED: Compared = { lines: 0, found: 0, different: 0, days: [], examples: [] };

export const agrees = ({ lines, found, different }: Compared): boolean => lines === found && different === 0;

/** Days and lines that are spelled out. */
const SPELLED_OUT = 10;

const daysApart = (days: readonly DayCompared[]): DayCompared[] =>
  days.filter((d) => d.sold !== d.storedSold || d.back !== d.storedBack || d.minor !== d.storedMinor);

function exampleText({ line, name, day, units, minor, ...stored }: ComparedExample): string {
  const stated = `  line ${line} (${name}, ${day}): ${units} units, ${minor} minor units`;
  if (!stored.stored) return `${stated}; nothing is stored of it\n`;
  const by = stored.runId === null ? '' : ` by run ${stored.runId}`;
  const words = `${stored.storedUnits} units, ${stored.storedMinor} minor units on ${stored.storedDay}`;
  return `${stated}; stored${by}: ${words}\n`;
}

/** The tables of a comparison; days and lines only where they differ. */
export function comparedTable(compared: Compared): string {
  const { lines, found, different, days, examples } = compared;
  const sum = (field: Exclude<keyof DayCompared, 'day'>): number =>
    days.reduce((all, d) => all + d[field], 0);
  const row = (what: string, inFile: number, stored: number): string[] => [
    ...[what, number(inFile), number(stored), number(inFile - stored)],
  ];
  const rows = [
    ['file and store', 'file', 'stored', 'difference'],
    row('valid lines or days', lines, found),
    row('units sold', sum('sold'), sum('storedSold')),
    row('units returned', sum('back'), sum('storedBack')),
    row('revenue (minor units)', sum('minor'), sum('storedMinor')),
    ['lines with other values', '', '', number(different)],
  ];
  const apart = daysApart(days);
  for (const d of apart.slice(0, SPELLED_OUT)) {
    rows.push(row(`${d.day}: units sold`, d.sold, d.storedSold));
    if (d.back !== d.storedBack) rows.push(row(`${d.day}: returned`, d.back, d.storedBack));
    if (d.minor !== d.storedMinor) rows.push(row(`${d.day}: revenue`, d.minor, d.storedMinor));
  }
  if (apart.length > SPELLED_OUT) rows.push([`and ${apart.length - SPELLED_OUT} more days`, '', '', '']);
  return table(rows) + examples.slice(0, SPELLED_OUT).map(exampleText).join('');
}
