// What is known in advance beside the series: a calendar of events, and prices from a day on.

import type { NumberForm } from '../../csv/rules/numbers';
import type { Axis, Mark } from '../../forecaster/series';
import { OperatorError } from '../../refusals';
import { dayOf } from '../../values/time';
import { csvRows, tableRows } from './csv';
import { numberOf, UNPROVEN } from './numbers';
import { periodNamed } from './periodNames';
import { dayNumber, periodOfDate } from './periods';

/** A calendar as it stands in its file. */
export interface CalendarFile {
  file: string;
  rows: CalendarRow[];
  /** Columns that are 1 on their days, by name. */
  flags: string[];
}

interface CalendarRow {
  date: string;
  /** Number of its period where the file states it (`d` is 'd_1' or '1'). */
  number: number | null;
  /** Name of the week prices refer to, where there is one. */
  week: string;
  names: string[];
  flags: boolean[];
}

const MAX_CALENDAR_DAYS = 50_000;
const NAMES = /^(name|event|holiday|event_name(_\d+)?)$/;
const WEEKS = ['wm_yr_wk', 'week_id'];

/** Reads a calendar: `date,name`, or one row a day with event_name_1 … and columns of 0 and 1. @throws OperatorError */
export async function readCalendar(file: string): Promise<CalendarFile> {
  let header: string[] = [];
  const cells: string[][] = [];
  for await (const row of csvRows(file)) {
    if (header.length === 0) header = row.cells.map((name) => name.trim());
    else cells.push(row.cells.map((cell) => cell.trim()));
    if (cells.length > MAX_CALENDAR_DAYS) {
      throw new OperatorError(`${file} has more than ${MAX_CALENDAR_DAYS} days; is it a calendar?`);
    }
  }
  const lower = header.map((name) => name.toLowerCase());
  const dateAt = lower.indexOf('date');
  if (dateAt < 0) throw new OperatorError(`${file} has no column date; it has ${header.join(', ')}.`);
  const namesAt = lower.flatMap((name, at) => (NAMES.test(name) ? [at] : []));
  const flagsAt = header.flatMap((_, at) => (at !== dateAt && isFlag(cells, at) ? [at] : []));
  const numberAt = lower.indexOf('d');
  const weekAt = lower.findIndex((name) => WEEKS.includes(name));
  const rows = cells.map((row, index): CalendarRow => {
    const date = row[dateAt] ?? '';
    if (dayNumber(date) === null) {
      throw new OperatorError(`${file}, row ${index + 1}: date is '${date}'; it must be like 2016-04-24.`);
    }
    const number = /(\d+)$/.exec(row[numberAt] ?? '')?.[1];
    return {
      date,
      number: number === undefined ? null : Number(number) - 1,
      week: row[weekAt] ?? '',
      names: namesAt.map((at) => row[at] ?? '').filter((name) => name !== ''),
      flags: flagsAt.map((at) => row[at] === '1'),
    };
  });
  return { file, rows, flags: flagsAt.map((at) => header[at]!) };
}

function isFlag(cells: string[][], at: number): boolean {
  let ones = 0;
  for (const row of cells) {
    if (row[at] === '1') ones++;
    else if (row[at] !== '0' && row[at] !== '') return false;
  }
  return ones > 0 && ones < cells.length;
}

/** The date of day number 0, where the calendar numbers its days. */
export function firstDayOf({ rows }: CalendarFile): string | null {
  const numbered = rows.find(({ number }) => number !== null);
  return numbered ? dayOf(dayNumber(numbered.date)! - numbered.number!) : null;
}

/**
 * The calendar's events on the axis. A flag `snap_CA` concerns the series that have CA in one of their groups,
 * any other flag and every event concerns all.
 * @param groupValues the values each grouping has
 */
export function marksOf(calendar: CalendarFile, axis: Axis, groupValues: Map<string, Set<string>>): Mark[] {
  const { firstDay } = axis;
  if (firstDay === null) {
    throw new OperatorError(
      `${calendar.file} gives dates, but it is not known when the first column was; give it with --first-day.`,
    );
  }
  const periods = new Map<string, Set<number>>();
  const put = (name: string, date: string): void => {
    const number = periodOfDate(date, axis.period, firstDay)!;
    if (number < 0) return;
    const numbers = periods.get(name) ?? new Set();
    periods.set(name, numbers.add(number));
  };
  for (const { date, names, flags } of calendar.rows) {
    for (const name of names) put(name, date);
    calendar.flags.forEach((flag, i) => {
      if (flags[i]) put(flag, date);
    });
  }
  return [...periods].map(([name, numbers]) => ({
    name,
    of: calendar.flags.includes(name) ? groupNamed(name, groupValues) : null,
    periods: [...numbers].sort((a, b) => a - b),
  }));
}

function groupNamed(flag: string, groupValues: Map<string, Set<string>>): Mark['of'] {
  const value = flag.slice(flag.lastIndexOf('_') + 1);
  for (const [grouping, values] of groupValues) if (values.has(value)) return { grouping, value };
  return null;
}

/** Prices by key: period and price one after the other, ascending by period. */
export type PricesByKey = Map<string, number[]>;

/**
 * Reads prices, each from a day on: columns key, from (a date, a number of a period, or a week of the
 * calendar) and price. @throws OperatorError
 */
export async function readPrices(
  file: string,
  axis: Axis,
  calendar: CalendarFile | null,
  form: NumberForm = UNPROVEN,
): Promise<PricesByKey> {
  const weeks = new Map<string, number>();
  for (const { week, date } of calendar?.rows ?? []) {
    if (week !== '' && !weeks.has(week) && axis.firstDay !== null) {
      weeks.set(week, Math.max(0, periodOfDate(date, axis.period, axis.firstDay)!));
    }
  }
  const columns = {
    key: { names: ['key', 'id', 'sku', 'item', 'code'] },
    week: { names: ['from_wm_yr_wk', 'wm_yr_wk', 'from_week'], optional: true },
    from: { names: ['from', 'from_date', 'date', 'from_day'], optional: true },
    price: { names: ['price', 'sell_price'] },
  } as const;
  const prices: PricesByKey = new Map();
  for await (const { key, week, from, price: text, line } of tableRows(file, columns)) {
    const price = numberOf(text, form);
    if (typeof price === 'string' && price.includes('--decimal'))
      throw new OperatorError(`${file}, line ${line}: the price ${price}.`);
    if (typeof price === 'string' || !(price >= 0 && price < Infinity)) {
      throw new OperatorError(`${file}, line ${line}: the price is '${text}'; it must be a number from 0.`);
    }
    const period =
      week !== '' ? weeks.get(week) : Math.max(0, periodNamed(from, `${file}, line ${line}: from`, axis));
    if (period === undefined) {
      throw new OperatorError(
        `${file}, line ${line}: week ${week} is not in the calendar; give one with --calendar that has it.`,
      );
    }
    const list = prices.get(key) ?? [];
    list.push(period, price);
    prices.set(key, list);
  }
  for (const [key, list] of prices) prices.set(key, ascending(list));
  return prices;
}

function ascending(list: number[]): number[] {
  for (let i = 2; i < list.length; i += 2) {
    if (list[i]! >= list[i - 2]!) continue;
    const pairs = Array.from(
      { length: list.length / 2 },
      (_, n) => [list[2 * n]!, list[2 * n + 1]!] as const,
    );
    return pairs.sort(([a], [b]) => a - b).flat();
  }
  return list;
}

/** The price in each of `count` periods from number 0 on; NaN before the first known. */
export function pricesOf(changes: readonly number[] | undefined, count: number): Float64Array | undefined {
  if (!changes) return undefined;
  const prices = new Float64Array(count).fill(Number.NaN);
  for (let i = 0; i < changes.length; i += 2) {
    prices.fill(changes[i + 1]!, changes[i]!, i + 2 < changes.length ? changes[i + 2]! : count);
  }
  return prices;
}
