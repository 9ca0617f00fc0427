// Forecasts returns from two files: sales by week and past returns.

import type { Writable } from 'node:stream';
import { csvCell } from '../../csv/rules/cells';
import type { NumberForm } from '../../csv/rules/numbers';
import { forecastReturns, type ReturnedInWeek, type SoldInWeek } from '../../forecaster/returns/totals';
import { OperatorError } from '../../refusals';
import { tableRows } from './csv';
import type { ReturnsCommand } from './flags';
import { numberOf, UNPROVEN } from './numbers';
import { put } from './output';

const WEEK = /^\d{1,5}$/;
const LOCATION = { names: ['place', 'location', 'shop', 'store', 'country', 'cg'], optional: true } as const;
const SKU = { names: ['sku', 'key', 'item', 'id'] } as const;

function weekOf(text: string, what: string, file: string, line: number): number {
  if (WEEK.test(text)) return Number(text);
  throw new OperatorError(`${file}, line ${line}: ${what} is '${text}'; it must be the number of a week.`);
}

function quantityOf(text: string, form: NumberForm, what: string, file: string, line: number): number {
  const quantity = numberOf(text, form);
  if (typeof quantity === 'number' && quantity >= 0 && quantity < 1e12) return quantity;
  if (typeof quantity === 'string' && quantity.includes('--decimal'))
    throw new OperatorError(`${file}, line ${line}: ${what} ${quantity}.`);
  throw new OperatorError(`${file}, line ${line}: ${what} is '${text}'; it must be a number from 0.`);
}

async function readSold(file: string, count: 'lines' | 'units', form: NumberForm): Promise<SoldInWeek[]> {
  const columns = {
    sku: SKU,
    location: LOCATION,
    week: { names: ['week'] },
    quantity: { names: [count] },
  } as const;
  const rows: SoldInWeek[] = [];
  for await (const { sku, location, week, quantity, line } of tableRows(file, columns)) {
    rows.push({
      sku,
      location,
      week: weekOf(week, 'week', file, line),
      quantity: quantityOf(quantity, form, count, file, line),
    });
  }
  return rows;
}

async function readReturned(
  file: string,
  count: 'lines' | 'units',
  form: NumberForm,
): Promise<ReturnedInWeek[]> {
  const columns = {
    sku: SKU,
    location: LOCATION,
    week: { names: ['return_week', 'week'] },
    soldWeek: { names: ['purchase_week', 'sold_week'], optional: true as const },
    // A line of the file is one returned line; only units have a column of their own.
    quantity: { names: ['units'], ...(count === 'lines' && { optional: true as const }) },
  };
  const rows: ReturnedInWeek[] = [];
  for await (const { sku, location, week, soldWeek, quantity, line } of tableRows(file, columns)) {
    rows.push({
      sku,
      location,
      week: weekOf(week, 'return_week', file, line),
      soldWeek: soldWeek === '' ? null : weekOf(soldWeek, 'purchase_week', file, line),
      quantity: count === 'lines' ? 1 : quantityOf(quantity, form, 'units', file, line),
    });
  }
  return rows;
}

const DEFAULT_HORIZON = 4;
const number = (value: number): string => String(Math.round(value * 1e6) / 1e6);

/**
 * Writes returned lines or units expected by level (total and each location) and week, and by SKU over the
 * horizon. Memory: both files' rows. @throws OperatorError
 */
export async function runReturns(
  { sales, events, count, origins, horizon, form }: ReturnsCommand,
  sinks: { levels: Writable; skus: Writable | null },
  progress: (text: string) => void,
): Promise<void> {
  const sold = await readSold(sales, count, form ?? UNPROVEN);
  const returned = await readReturned(events, count, form ?? UNPROVEN);
  progress(`${sold.length} lines of sales, ${returned.length} of returns read`);
  const lastWeek = sold.reduce((last, { week }) => Math.max(last, week), 0);
  const ahead = horizon ?? DEFAULT_HORIZON;
  await put(sinks.levels, 'level,origin,h,mean\n');
  await put(sinks.skus, `sku,origin,mean${ahead}\n`);
  for (const text of origins ?? [String(lastWeek)]) {
    if (!WEEK.test(text)) {
      throw new OperatorError(`--origins has '${text}'; with --returns origins are numbers of weeks.`);
    }
    const origin = Number(text);
    if (origin > lastWeek) {
      throw new OperatorError(`--origins ${origin} is beyond the data, whose last week is ${lastWeek}.`);
    }
    const { total, locations, skus } = forecastReturns(sold, returned, origin, ahead);
    for (const { key, mean } of [{ ...total, key: 'total' }, ...locations]) {
      const lines = mean.map((value, i) => `${csvCell(key)},${origin},${i + 1},${number(value)}\n`);
      await put(sinks.levels, lines.join(''));
    }
    await put(
      sinks.skus,
      skus.map(({ key, sum }) => `${csvCell(key)},${origin},${number(sum.mean)}\n`).join(''),
    );
    progress(`Returns foreseen from week ${origin}`);
  }
}
