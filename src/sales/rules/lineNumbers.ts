// The numbers of a line of a sales file: units sold and returned, and what they earned, by their signs and the line's type.

import {
  type Decimal,
  decimalOfText,
  isNothing,
  type NumberForm,
  scaled,
  wholeOf,
} from '../../csv/rules/numbers';
import { lineKindOf } from './lineKinds';
import { type Rejection, reject } from './rejection';

/** How the numbers of a file are read. */
export interface NumberReading {
  form: 'LINES' | 'DAYS';
  numberForm: NumberForm;
  /** Of its amounts; null: it was not stated. */
  currency: string | null;
  /** Decimal digits of the currency: 2 for cents. */
  minorDigits: number;
  /** Goods at price zero are sales, too. */
  freeGoods: boolean;
}

export const NUMBER_LIMITS = { units: 1_000_000, revenueMinor: 1e14 } as const;

/** Units of a line; of LINES, `units` below zero were returned. */
export interface CountedUnits {
  units: number;
  returned: number;
}

type CountColumn = 'units' | 'returned' | 'type';
type MoneyColumn = 'price' | 'revenue' | 'customer';
type TextOf<C extends string> = (column: C) => string;

const quoted = (text: string): string => `'${text.slice(0, 40)}'`;

function unitsIn(column: 'units' | 'returned', text: string, form: NumberForm): number | Rejection {
  if (isNothing(text)) return reject('BAD_UNITS', `${column} is ${quoted(text)}, not a whole number`);
  const value = decimalOfText(text, form);
  if (typeof value === 'string') return reject('BAD_UNITS', `${column} ${value}`);
  const units = wholeOf(value);
  if (units === null) return reject('BAD_UNITS', `${column} is ${quoted(text)}, not a whole number`);
  if (Math.abs(units) > NUMBER_LIMITS.units) {
    return reject('BAD_UNITS', `${column} is ${units}; at most ${NUMBER_LIMITS.units} is accepted`);
  }
  return units;
}

/** Units sold and returned, from the numbers and the type of a line. `has`: whether the file has a column. */
export function countedIn(
  text: TextOf<CountColumn>,
  { form, numberForm }: NumberReading,
  has: Readonly<Record<CountColumn, number>>,
): CountedUnits | Rejection {
  const units = unitsIn('units', text('units'), numberForm);
  if (typeof units !== 'number') return units;
  const returned = has.returned < 0 ? 0 : unitsIn('returned', text('returned'), numberForm);
  if (typeof returned !== 'number') return returned;
  const kind = has.type < 0 ? null : lineKindOf(text('type'));
  if (kind !== null && typeof kind === 'object') return kind;
  if (kind === 'VOID') {
    return reject(
      'VOIDED',
      'the line was voided: nothing was sold; an earlier line that it cancels still counts',
    );
  }
  if (kind === 'SALE' && units < 0) {
    return reject('CONTRADICTION', `the type is a sale, but units is ${units}`);
  }
  if (kind !== 'RETURN') return { units, returned };
  if (form === 'LINES') return { units: -Math.abs(units), returned };
  return { units: 0, returned: returned + Math.abs(units) };
}

function amountIn(
  column: 'price' | 'revenue',
  text: string,
  { numberForm, currency }: NumberReading,
): Decimal | Rejection {
  if (isNothing(text))
    return reject('BAD_PRICE', `${column} is ${quoted(text)}, not an amount such as 12.50`);
  const value = decimalOfText(text, numberForm, { currency });
  return typeof value === 'string' ? reject('BAD_PRICE', `${column} ${value}`) : value;
}

/** A sale earns, and a return may cost; below zero on units sold, one of the two numbers is wrong. */
function contradictionOf(
  text: string,
  revenue: Decimal,
  { units, returned }: CountedUnits,
): Rejection | null {
  if (revenue.digits >= 0 || units < 0 || (units === 0 && returned > 0)) return null;
  const reason = `revenue is ${quoted(text)}, but units is ${units}, so that nothing came back`;
  return reject(
    'CONTRADICTION',
    `${reason}; write units below zero, or map a column that has RETURN to type`,
  );
}

function priceProblem(text: TextOf<MoneyColumn>, price: Decimal, units: number, freeGoods: boolean) {
  if (price.digits < 0)
    return reject('BAD_PRICE', `price is ${quoted(text('price'))}, not an amount such as 12.50`);
  if (price.digits !== 0 || freeGoods) return null;
  return units < 0 && text('customer') === ''
    ? reject(
        'STOCK_CORRECTION',
        'units below zero at price zero without a customer: stock written off, nothing sold',
      )
    : reject('ZERO_PRICE', 'the price is zero: nothing was sold (or read with free goods)');
}

/** What a line earned, or, of returned units, what they had earned; by its price where it has one. */
export function earnedIn(
  text: TextOf<MoneyColumn>,
  counted: CountedUnits,
  reading: NumberReading,
  has: Readonly<Record<MoneyColumn, number>>,
): { revenueMinor: number; priceMinor: number | null } | Rejection {
  const byPrice = has.price >= 0;
  const revenue = has.revenue < 0 ? null : amountIn('revenue', text('revenue'), reading);
  if (revenue !== null && 'code' in revenue) {
    if (!byPrice) return revenue;
  } else if (revenue !== null) {
    const contradiction = contradictionOf(text('revenue'), revenue, counted);
    if (contradiction !== null) return contradiction;
  }
  const amount = byPrice ? amountIn('price', text('price'), reading) : revenue;
  if (amount === null) return { revenueMinor: 0, priceMinor: null };
  if ('code' in amount) return amount;
  const problem = byPrice ? priceProblem(text, amount, counted.units, reading.freeGoods) : null;
  if (problem !== null) return problem;
  // On a day with returns only, nothing was earned by selling.
  const times = byPrice ? counted.units : amount.digits < 0 && counted.units === 0 ? 0 : 1;
  const minor = scaled(amount, reading.minorDigits, times);
  const price = byPrice ? scaled(amount, reading.minorDigits) : null;
  if (minor === null || Math.abs(minor) > NUMBER_LIMITS.revenueMinor) {
    const column = byPrice ? 'price' : 'revenue';
    return reject('BAD_PRICE', `${column} is ${quoted(text(column))}, more than is accepted`);
  }
  return { revenueMinor: Math.abs(minor), priceMinor: price };
}
