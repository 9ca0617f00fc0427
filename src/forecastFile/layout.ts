// What the columns of a wide file are: the key, the groups, and one column a period.

import type { Period } from '../forecast/rules/series';
import { dayNumber, periodOfDate } from './periods';
import { InputProblem } from './problem';

/** Which cell of a row is what. */
export interface Layout {
  keyAt: number;
  groups: { name: string; at: number }[];
  /** Column of each period from number 0 on; −1 where the file has no column for it. */
  periodsAt: Int32Array;
  /** The columns' names, for messages: number of the period → name. */
  periodNames: string[];
  period: Period;
  /** From headers that are dates; null otherwise. */
  firstDay: string | null;
}

export interface LayoutOptions {
  key?: string;
  period?: Period;
}

const KEYS = ['key', 'id', 'sku', 'item', 'code'];
/** Columns that say how the file was made and are no group of a series. */
const NO_GROUPS = ['first_day'];
const PREFIXES: Record<string, Period> = {
  d: 'DAY',
  day: 'DAY',
  w: 'WEEK',
  week: 'WEEK',
  m: 'MONTH',
  month: 'MONTH',
};
/** 54 years of days. */
export const MAX_PERIODS = 20_000;
const MAX_GROUPS = 20;
const FEWEST_PERIODS = 2;

/** Reads the header of a wide file. @throws InputProblem with what is missing and what would be right */
export function layoutOf(header: readonly string[], file: string, options: LayoutOptions): Layout {
  const names = header.map((name) => name.trim());
  const keyAt = keyOf(names, file, options.key);
  const dated = names
    .map((name, at) => ({ name, at, day: dayNumber(name) }))
    .filter((each) => each.day !== null);
  const found =
    dated.length > 0
      ? datedPeriods(dated, file, options.period)
      : numberedPeriods(names, keyAt, file, options.period);
  const taken = new Set([keyAt, ...found.columns.map(({ at }) => at)]);
  const groups = names
    .map((name, at) => ({ name, at }))
    .filter(({ name, at }) => !taken.has(at) && name !== '' && !NO_GROUPS.includes(name));
  if (groups.length > MAX_GROUPS) {
    throw new InputProblem(
      `${file} has ${groups.length} columns that are neither key nor period (${sample(groups.map(({ name }) => name))}); at most ${MAX_GROUPS} are used as groups. Are the period columns numbered (d_1, d_2 …) or dates?`,
    );
  }
  return {
    keyAt,
    groups,
    ...placed(found.columns, names, file),
    period: found.period,
    firstDay: found.firstDay,
  };
}

function keyOf(names: string[], file: string, wanted: string | undefined): number {
  const candidates = wanted === undefined ? KEYS : [wanted];
  for (const name of candidates) {
    const at = names.findIndex((each) => each.toLowerCase() === name.toLowerCase());
    if (at >= 0) return at;
  }
  const missing = wanted === undefined ? `named ${KEYS.join(', ')}` : `'${wanted}'`;
  throw new InputProblem(
    `${file} has no key column ${missing}; its first columns are ${sample(names)}. Say which one tells the series apart with --key NAME.`,
  );
}

interface Found {
  columns: { at: number; number: number }[];
  period: Period;
  firstDay: string | null;
}

function datedPeriods(
  dated: { name: string; at: number; day: number | null }[],
  file: string,
  wanted: Period | undefined,
): Found {
  const days = dated.map(({ day }) => day!).sort((a, b) => a - b);
  const firstDay = dated.find(({ day }) => day === days[0])!.name;
  if (dated.length < FEWEST_PERIODS) throw tooFew(file, dated.length);
  // The nearest two headers tell: a day, a week or a month apart.
  const apart = Math.min(...days.slice(1).map((day, i) => day - days[i]!));
  const period = wanted ?? (apart < 7 ? 'DAY' : apart < 28 ? 'WEEK' : 'MONTH');
  const columns = dated.map(({ name, at }) => ({ at, number: periodOfDate(name, period, firstDay)! }));
  return { columns, period, firstDay };
}

function numberedPeriods(names: string[], keyAt: number, file: string, wanted: Period | undefined): Found {
  const byPrefix = new Map<string, { at: number; number: number }[]>();
  names.forEach((name, at) => {
    const match = /^(.*?)(\d{1,9})$/.exec(name);
    if (!match || at === keyAt) return;
    const columns = byPrefix.get(match[1]!) ?? [];
    columns.push({ at, number: Number(match[2]) - 1 });
    byPrefix.set(match[1]!, columns);
  });
  const [best] = [...byPrefix].sort(([, a], [, b]) => b.length - a.length);
  if (!best || best[1].length < FEWEST_PERIODS) throw tooFew(file, best?.[1].length ?? 0);
  const word = best[0].replace(/[^a-z]/gi, '').toLowerCase();
  return { columns: best[1], period: wanted ?? PREFIXES[word] ?? 'DAY', firstDay: null };
}

function tooFew(file: string, count: number): InputProblem {
  return new InputProblem(
    `${file} has ${count} period columns; at least ${FEWEST_PERIODS} are needed, named by a number (d_1, w_1, m_1 …) or a date (2024-01-31). Is it a wide file, one row a series?`,
  );
}

function placed(
  columns: Found['columns'],
  names: string[],
  file: string,
): Pick<Layout, 'periodsAt' | 'periodNames'> {
  const last = Math.max(...columns.map(({ number }) => number));
  if (last >= MAX_PERIODS) {
    throw new InputProblem(
      `${file} has a period number ${last + 1}; at most ${MAX_PERIODS} are worked with.`,
    );
  }
  const periodsAt = new Int32Array(last + 1).fill(-1);
  for (const { at, number } of columns) {
    if (number < 0)
      throw new InputProblem(`${file}: column ${names[at]} is number 0; periods are counted from 1.`);
    if (periodsAt[number] !== -1) {
      throw new InputProblem(
        `${file}: columns ${names[periodsAt[number]!]} and ${names[at]} are the same period.`,
      );
    }
    periodsAt[number] = at;
  }
  return {
    periodsAt,
    periodNames: Array.from(periodsAt, (at, i) => (at < 0 ? `number ${i + 1}` : names[at]!)),
  };
}

function sample(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} …` : names.join(', ');
}
