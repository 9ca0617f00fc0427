// What the columns of a wide file are: the key, the groups, and one column a period.

import type { NumberForm } from '../../csv/rules/numbers';
import type { Period } from '../../forecaster/series';
import { OperatorError } from '../../refusals';
import { dayOf } from '../../values/time';
import { type NamedPeriod, namedPeriod, unknownPeriod } from './periodNames';
import { dayNumber, periodOfDate } from './periods';

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
  /** How the file writes numbers; null or omitted: detected from the file. */
  form?: NumberForm | null;
}

const KEYS = ['key', 'id', 'sku', 'item', 'code'];
/** Columns that describe how the file was made and do not group series. */
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

/** Reads the header of a wide file. @throws OperatorError with what is missing and what would be right */
export function layoutOf(header: readonly string[], file: string, options: LayoutOptions): Layout {
  const names = header.map((name) => name.trim());
  const keyAt = keyOf(names, file, options.key);
  const dated = names.flatMap((name, at) => {
    const found = at === keyAt ? null : namedPeriod(name);
    return found === null ? [] : [{ name, at, ...found }];
  });
  checkPeriods(names, keyAt, dated, file);
  const found =
    dated.length > 0
      ? datedPeriods(dated, file, options.period)
      : numberedPeriods(names, keyAt, file, options.period);
  const taken = new Set([keyAt, ...found.columns.map(({ at }) => at)]);
  const groups = names
    .map((name, at) => ({ name, at }))
    .filter(({ name, at }) => !taken.has(at) && name !== '' && !NO_GROUPS.includes(name));
  if (groups.length > MAX_GROUPS) {
    throw new OperatorError(
      `${file} has ${groups.length} columns that are neither key nor period (${sample(groups.map(({ name }) => name))}); at most ${MAX_GROUPS} are used as groups. Are the period columns numbered (d_1, d_2 …) or dates?`,
    );
  }
  return {
    keyAt,
    groups,
    ...withPositions(found.columns, names, file),
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
  throw new OperatorError(
    `${file} has no key column ${missing}; its first columns are ${sample(names)}. Name the column that identifies the series with --key NAME.`,
  );
}

interface PeriodColumns {
  columns: { at: number; number: number }[];
  period: Period;
  firstDay: string | null;
}

interface DatedColumn extends NamedPeriod {
  name: string;
  at: number;
}

const FORM_NAMES = { WEEK: 'weeks', MONTH: 'months', DATE: 'dates' } as const;

/** @throws OperatorError for columns that name periods we do not know, or in several ways: they would be left out silently */
function checkPeriods(names: string[], keyAt: number, dated: readonly DatedColumn[], file: string): void {
  // Columns 1, 2 … 2000 are numbered, and 1990 among them is no year.
  const numbered = names.some(
    (name) => /^\d{1,5}$/.test(name) && (Number(name) < 1900 || Number(name) > 2099),
  );
  names.forEach((name, at) => {
    if (numbered && /^\d+$/.test(name)) return;
    const reason = at === keyAt || dated.some((one) => one.at === at) ? null : unknownPeriod(name);
    if (reason !== null) throw new OperatorError(`${file}: the column ${name} ${reason}.`);
  });
  const [first] = dated;
  const other = dated.find((one) => one.period !== first!.period);
  if (other === undefined) return;
  const [a, b] = [FORM_NAMES[first!.period ?? 'DATE'], FORM_NAMES[other.period ?? 'DATE']];
  throw new OperatorError(
    `${file} has columns of ${a} (${first!.name}) and of ${b} (${other.name}); all must be of one kind.`,
  );
}

function datedPeriods(
  dated: readonly DatedColumn[],
  file: string,
  wanted: Period | undefined,
): PeriodColumns {
  if (dated.length < FEWEST_PERIODS) throw tooFew(file, dated.length);
  const days = dated.map((one) => dayNumber(one.firstDay)!).sort((a, b) => a - b);
  const firstDay = dayOf(days[0]!);
  const named = dated[0]!.period;
  if (named !== null && wanted !== undefined && wanted !== named) {
    throw new OperatorError(
      `${file} has columns of ${FORM_NAMES[named]} (${dated[0]!.name}), so that --period ${wanted.toLowerCase()} cannot be.`,
    );
  }
  // The nearest two dates decide: a day, a week or a month apart.
  const apart = Math.min(...days.slice(1).map((day, i) => day - days[i]!));
  const period = named ?? wanted ?? (apart < 7 ? 'DAY' : apart < 28 ? 'WEEK' : 'MONTH');
  const columns = dated.map((one) => ({ at: one.at, number: periodOfDate(one.firstDay, period, firstDay)! }));
  return { columns, period, firstDay };
}

function numberedPeriods(
  names: string[],
  keyAt: number,
  file: string,
  wanted: Period | undefined,
): PeriodColumns {
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
  checkLeftOut(byPrefix, best, names, file);
  const prefixName = best[0].replace(/[^a-z]/gi, '').toLowerCase();
  return { columns: best[1], period: wanted ?? PREFIXES[prefixName] ?? 'DAY', firstDay: null };
}

/** @throws OperatorError when other numbered columns look like periods, too, and would be left out silently */
function checkLeftOut(
  byPrefix: ReadonlyMap<string, { at: number }[]>,
  [prefix, taken]: readonly [string, { at: number }[]],
  names: readonly string[],
  file: string,
): void {
  for (const [other, columns] of byPrefix) {
    const prefixName = other.replace(/[^a-z]/gi, '').toLowerCase();
    const many = columns.length >= FEWEST_PERIODS && columns.length * 2 >= taken.length;
    if (other === prefix || !(many || prefixName in PREFIXES)) continue;
    throw new OperatorError(
      `${file} numbers its periods in two ways: ${names[taken[0]!.at]} and ${names[columns[0]!.at]}; all period columns must be named alike, and columns of groups must not end in numbers as periods do.`,
    );
  }
}

function tooFew(file: string, count: number): OperatorError {
  return new OperatorError(
    `${file} has ${count} period columns; at least ${FEWEST_PERIODS} are needed, named by a number (d_1, w_1, m_1 …), a date (2024-01-31), a week (2024-W05) or a month (2024-01, Jan-24). Is it a wide file, one row a series?`,
  );
}

function withPositions(
  columns: PeriodColumns['columns'],
  names: string[],
  file: string,
): Pick<Layout, 'periodsAt' | 'periodNames'> {
  const last = Math.max(...columns.map(({ number }) => number));
  if (last >= MAX_PERIODS) {
    throw new OperatorError(
      `${file} has a period number ${last + 1}; at most ${MAX_PERIODS} are worked with.`,
    );
  }
  const periodsAt = new Int32Array(last + 1).fill(-1);
  for (const { at, number } of columns) {
    if (number < 0)
      throw new OperatorError(`${file}: column ${names[at]} is number 0; periods are counted from 1.`);
    if (periodsAt[number] !== -1) {
      throw new OperatorError(
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
