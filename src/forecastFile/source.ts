// Series out of a file, one after the other: a wide CSV, or days packed by brotli beside an index.

import { csvRows } from './csv';
import { type Layout, type LayoutOptions, layoutOf } from './layout';
import { packedSource } from './packed';
import { InputProblem } from './problem';
import { noOddities, type Odd, type Oddities, type Row, type Source } from './rows';

/** Larger numbers are a typing error or another column's. */
const MAX_UNITS = 1e12;
const MAX_KEY = 200;
const UNKNOWN = new Set(['', 'na', 'nan', 'null', 'n/a', '-', '?']);

/** Opens a file of series by its name's end. @throws InputProblem */
export async function openSource(file: string, options: LayoutOptions): Promise<Source> {
  if (file.endsWith('.br')) return packedSource(file);
  const layout = await layoutOfFile(file, options);
  return {
    file,
    period: layout.period,
    firstDay: layout.firstDay,
    periods: layout.periodsAt.length,
    nameOf: (number) => layout.periodNames[number] ?? `number ${number + 1}`,
    rows: (oddities = noOddities()) => rowsOf(file, layout, oddities),
  };
}

async function layoutOfFile(file: string, options: LayoutOptions): Promise<Layout> {
  for await (const { cells } of csvRows(file)) return layoutOf(cells, file, options);
  throw new InputProblem(`${file} is empty: not even a header.`);
}

async function* rowsOf(
  file: string,
  layout: Layout,
  oddities: Oddities,
): AsyncGenerator<Row, void, undefined> {
  const seen = new Set<string>();
  let width = 0;
  for await (const { cells, line } of csvRows(file)) {
    if (width === 0) {
      width = cells.length;
      continue;
    }
    if (cells.length > width) {
      throw new InputProblem(
        `${file}, line ${line}: ${cells.length} cells, but the header has ${width}. A comma inside of a number or name needs quotes.`,
      );
    }
    const key = cells[layout.keyAt]?.trim() ?? '';
    checkKey(key, seen, `${file}, line ${line}`);
    const groups = Object.fromEntries(layout.groups.map(({ name, at }) => [name, cells[at]?.trim() ?? '']));
    yield { key, groups, values: valuesOf(cells, layout, oddities, line) };
  }
  if (seen.size === 0) throw new InputProblem(`${file} has a header and no series.`);
}

function checkKey(key: string, seen: Set<string>, where: string): void {
  if (key === '') throw new InputProblem(`${where}: the key is empty; every series needs one.`);
  if (key.length > MAX_KEY) {
    throw new InputProblem(`${where}: the key has ${key.length} characters; it may have ${MAX_KEY}.`);
  }
  if (seen.has(key)) {
    throw new InputProblem(`${where}: the key ${key} was there before; each series is one row.`);
  }
  seen.add(key);
}

function valuesOf(cells: string[], layout: Layout, oddities: Oddities, line: number): Float64Array {
  const { periodsAt } = layout;
  const values = new Float64Array(periodsAt.length);
  for (let i = 0; i < values.length; i++) {
    const at = periodsAt[i]!;
    const cell = at < 0 ? '' : (cells[at] ?? '');
    // Almost all cells are a digit or few: what follows is for the others.
    const value = cell === '' ? Number.NaN : Number(cell);
    values[i] = value;
    if (value >= 0 && value <= MAX_UNITS) continue;
    values[i] = oddValue(cell, value, oddities, () => `line ${line}, ${layout.periodNames[i]}`);
  }
  return values;
}

function oddValue(cell: string, value: number, oddities: Oddities, where: () => string): number {
  const note = (odd: Odd, said: string): void => {
    odd.count++;
    odd.first ??= `${where()}${said}`;
  };
  if (value < 0 && value >= -MAX_UNITS) {
    note(oddities.negative, `: ${cell}`);
    return value;
  }
  if (UNKNOWN.has(cell.trim().toLowerCase())) note(oddities.unknown, '');
  else note(oddities.notNumbers, `: '${cell.slice(0, 40)}'`);
  return Number.NaN;
}
