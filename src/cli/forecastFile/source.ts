// Series out of a file, one after the other: a wide CSV, or days packed by brotli beside an index.

import { numberFormOf } from '../../csv/numberForm';
import type { NumberForm } from '../../csv/rules/numbers';
import { OperatorError } from '../../refusals';
import { checkNames, csvRows, MAX_RECORD, survey } from './csv';
import { type Layout, type LayoutOptions, layoutOf } from './layout';
import { needsForm, numberOf, UNPROVEN } from './numbers';
import { packedSource } from './packed';
import { type CellOddities, noOddities, type Oddity, type SeriesRow, type SeriesSource } from './rows';

/** Larger numbers are a typing error or another column's. */
const MAX_UNITS = 1e12;
const MAX_KEY = 200;
const UNKNOWN = new Set(['', 'na', 'nan', 'null', 'n/a', '-', '?']);

/** Opens a file of series by its name's end. @throws OperatorError */
export async function openSource(file: string, options: LayoutOptions): Promise<SeriesSource> {
  if (file.endsWith('.br')) return packedSource(file);
  const layout = await layoutOfFile(file, options);
  const numbers: FileNumbers = { form: options.form ?? UNPROVEN, isKnown: options.form != null };
  return {
    file,
    period: layout.period,
    firstDay: layout.firstDay,
    periods: layout.periodsAt.length,
    nameOf: (number) => layout.periodNames[number] ?? `number ${number + 1}`,
    rows: (oddities = noOddities()) => rowsOf(file, layout, oddities, numbers),
  };
}

async function layoutOfFile(file: string, options: LayoutOptions): Promise<Layout> {
  for await (const { cells } of csvRows(file)) {
    checkNames(cells, file);
    return layoutOf(cells, file, options);
  }
  throw new OperatorError(`${file} is empty: not even a header.`);
}

/** How a file writes numbers; it is looked up when the first cell needs it. */
interface FileNumbers {
  form: NumberForm;
  isKnown: boolean;
}

async function* rowsOf(
  file: string,
  layout: Layout,
  oddities: CellOddities,
  numbers: FileNumbers,
): AsyncGenerator<SeriesRow, void, undefined> {
  const seen = new Set<string>();
  let width = 0;
  for await (const { cells, line } of csvRows(file)) {
    if (width === 0) {
      width = cells.length;
      continue;
    }
    if (cells.length > width) {
      throw new OperatorError(
        `${file}, line ${line}: ${cells.length} cells, but the header has ${width}. A comma inside of a number or name needs quotes.`,
      );
    }
    const key = cells[layout.keyAt]?.trim() ?? '';
    checkKey(key, seen, `${file}, line ${line}`);
    const groups = Object.fromEntries(layout.groups.map(({ name, at }) => [name, cells[at]?.trim() ?? '']));
    if (!numbers.isKnown && layout.periodsAt.some((at) => at >= 0 && needsForm(cells[at] ?? ''))) {
      const columns = [...layout.periodsAt].filter((at) => at >= 0);
      numbers.form = await numberFormOf(
        await survey(file),
        { separator: null, maxLength: MAX_RECORD },
        columns,
        {},
      );
      numbers.isKnown = true;
    }
    const values = valuesOf(cells, layout, oddities, numbers.form, { file, line });
    yield { key, groups, values };
  }
  if (seen.size === 0) throw new OperatorError(`${file} has a header and no series.`);
}

function checkKey(key: string, seen: Set<string>, where: string): void {
  if (key === '') throw new OperatorError(`${where}: the key is empty; every series needs one.`);
  if (key.length > MAX_KEY) {
    throw new OperatorError(`${where}: the key has ${key.length} characters; it may have ${MAX_KEY}.`);
  }
  if (seen.has(key)) {
    throw new OperatorError(`${where}: the key ${key} occurs twice; each series is one row.`);
  }
  seen.add(key);
}

function valuesOf(
  cells: string[],
  layout: Layout,
  oddities: CellOddities,
  form: NumberForm,
  { file, line }: { file: string; line: number },
): Float64Array {
  const { periodsAt } = layout;
  const values = new Float64Array(periodsAt.length).fill(Number.NaN);
  for (let i = 0; i < values.length; i++) {
    const at = periodsAt[i]!;
    const cell = at < 0 ? '' : (cells[at] ?? '');
    if (cell === '') continue;
    // Almost all cells are a digit or few: what follows is for the others.
    if (cell.length === 1 && cell >= '0' && cell <= '9') values[i] = Number(cell);
    else
      values[i] = unitsIn(cell.trim(), form, oddities, () => `line ${line}, ${layout.periodNames[i]}`, file);
  }
  return values;
}

/** The number of a cell; NaN where it is not known. @throws OperatorError for one that may be another number */
function unitsIn(
  cell: string,
  form: NumberForm,
  oddities: CellOddities,
  where: () => string,
  file: string,
): number {
  const note = (odd: Oddity, problem: string): void => {
    odd.count++;
    odd.first ??= `${where()}${problem}`;
  };
  const value = numberOf(cell, form);
  if (typeof value === 'number' && Math.abs(value) <= MAX_UNITS) {
    if (value < 0) note(oddities.negative, `: ${cell}`);
    return value;
  }
  if (typeof value === 'string' && /--decimal|three digits/.test(value))
    throw new OperatorError(`${file}, ${where()}: the units ${value}.`);
  if (UNKNOWN.has(cell.toLowerCase())) note(oddities.unknown, '');
  else note(oddities.notNumbers, `: '${cell.slice(0, 40)}'`);
  return Number.NaN;
}
