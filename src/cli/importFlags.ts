// The flags of `npm run import`: their definitions, which kind of file reads which, and their valid combinations.

import { parseArgs } from 'node:util';
import { CONTACT_COLUMNS } from '../contact/rules/contactCells';
import { PROFILE_COLUMNS } from '../customer/rules/profileLine';
import { OperatorError } from '../refusals';
import { RECEIPT_NUMBERS, type ReceiptNumbers } from '../sales/actions/imports/statedLines';
import { SALES_COLUMNS } from '../sales/rules/line';
import { CATALOGUE_COLUMNS, COUNT_COLUMNS, LOCATION_COLUMNS } from '../sales/rules/lists';
import { DATE_ORDERS, type DateOrder } from '../sales/rules/parseText';

export const COLUMNS = {
  sales: SALES_COLUMNS,
  counts: COUNT_COLUMNS,
  catalogue: CATALOGUE_COLUMNS,
  locations: LOCATION_COLUMNS,
  customers: PROFILE_COLUMNS,
  contacts: CONTACT_COLUMNS,
} as const;
type ImportKind = keyof typeof COLUMNS;

export const USAGE = `npm run import -- sales|counts|catalogue|locations|customers|contacts <file.csv[.gz]> [--feed NAME]
  [--map "Their header=our column,…"]... [--separator ;] [--encoding windows-1252]
  [--decimal-comma | --decimal-point] [--rejects PATH] [--again] [--reread]
of counts also: [--location CODE] [--approve]
of the catalogue also: [--currency EUR]
of sales also: [--location CODE] [--currency EUR] [--numbers daily|lasting] [--channel STORE] [--dates ymd|dmy|mdy]
  [--products REGEX] [--free-goods] [--returns-prefix C] [--create-skus] [--reconcile]
of customers and contacts also: [--storefront NAME] [--country FR] [--verified "email,loyaltyCard"] [--dates ymd|dmy|mdy]
Without --decimal-comma or --decimal-point the file's own numbers must show how it writes them: 1.234 alone can mean 1234.
A column that has the name of one of ours and means something else is ignored with --map "Its header=-".
${Object.entries(COLUMNS)
  .map(([kind, columns]) => `columns of ${kind}: ${columns.join(', ')}`)
  .join('\n')}`;

const OPTIONS = {
  feed: { type: 'string', default: 'import' },
  map: { type: 'string', multiple: true },
  location: { type: 'string' },
  channel: { type: 'string' },
  dates: { type: 'string' },
  'decimal-comma': { type: 'boolean' },
  'decimal-point': { type: 'boolean' },
  currency: { type: 'string' },
  separator: { type: 'string' },
  // Left out: detected from the bytes of the file.
  encoding: { type: 'string' },
  products: { type: 'string' },
  'free-goods': { type: 'boolean' },
  'returns-prefix': { type: 'string' },
  'create-skus': { type: 'boolean' },
  rejects: { type: 'string' },
  reconcile: { type: 'boolean' },
  // Of a file that was imported before: only the lines rejected then, or all of it.
  again: { type: 'boolean', default: false },
  reread: { type: 'boolean', default: false },
  // Posts the counts of the file that wait for approval.
  approve: { type: 'boolean' },
  // Receipt numbers restart every day, or identify a receipt permanently.
  numbers: { type: 'string' },
  // Of customers and contacts: for lines that state none of it themselves.
  storefront: { type: 'string' },
  country: { type: 'string' },
  verified: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Flags that only some kinds of file use; for others they are refused, as they would have no effect. */
const KINDS_OF: Partial<Record<keyof typeof OPTIONS, readonly ImportKind[]>> = {
  location: ['sales', 'counts'],
  currency: ['sales', 'catalogue'],
  approve: ['counts'],
  channel: ['sales'],
  dates: ['sales', 'customers', 'contacts'],
  storefront: ['customers', 'contacts'],
  country: ['customers', 'contacts'],
  verified: ['customers', 'contacts'],
  products: ['sales'],
  'free-goods': ['sales'],
  'returns-prefix': ['sales'],
  'create-skus': ['sales'],
  reconcile: ['sales'],
  numbers: ['sales'],
};

type ImportFlagValues = ReturnType<
  typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>
>['values'];

/** Decimal digits of a currency's minor unit. @throws Error for what is no currency */
function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    .maximumFractionDigits!;
}

export const numbersOf = ({ numbers = 'daily' }: ImportFlagValues): ReceiptNumbers =>
  numbers.toUpperCase() as ReceiptNumbers;

const IN_WORDS = new Intl.ListFormat('en-GB');

/** @throws Error for a flag that this kind of file does not read, or two that contradict each other */
function checkFlags(values: ImportFlagValues, kind: ImportKind): void {
  for (const [flag, kinds] of Object.entries(KINDS_OF)) {
    if (values[flag as keyof ImportFlagValues] !== undefined && !kinds.includes(kind))
      throw new Error(`--${flag} is for ${IN_WORDS.format(kinds)}; files of ${kind} are read without it`);
  }
  if (values.again && values.reread) throw new Error('give --again or --reread, not both');
  if (values['decimal-comma'] && values['decimal-point'])
    throw new Error('give --decimal-comma or --decimal-point, not both');
}

function readingOf(values: ImportFlagValues, kind: ImportKind) {
  checkFlags(values, kind);
  const { dates = 'ymd', currency, products } = values;
  if (!DATE_ORDERS.includes(dates as DateOrder))
    throw new Error(`--dates is '${dates}', not ${DATE_ORDERS.join(', ')}`);
  if (values.country !== undefined && !/^[A-Z]{2}$/.test(values.country))
    throw new Error(`--country is '${values.country}', not a code of two letters such as FR`);
  if (values['create-skus'] && currency === undefined)
    throw new Error('--create-skus needs the --currency of the prices');
  if (!RECEIPT_NUMBERS.includes(numbersOf(values)))
    throw new Error(`--numbers is '${values.numbers}', not daily or lasting`);
  return {
    location: values.location ?? null,
    channel: values.channel ?? 'STORE',
    dateOrder: dates as DateOrder,
    decimalComma: values['decimal-comma'] ?? false,
    ...(values['decimal-point'] && { decimalPoint: true }),
    minorDigits: currency === undefined ? 2 : digitsOf(currency),
    productPattern: products === undefined ? null : new RegExp(products),
    freeGoods: values['free-goods'] ?? false,
    returnPrefix: values['returns-prefix'] ?? null,
  };
}

/** The requested import; null: help. @throws OperatorError */
export function readArguments(args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    if (values.help) return null;
    const [kind, path, ...more] = positionals;
    if (kind !== undefined && !(kind in COLUMNS)) throw new Error(`There is no kind '${kind}'`);
    if (kind === undefined || path === undefined || more.length > 0)
      throw new Error('name a kind and one file');
    return { kind: kind as ImportKind, path, values, reading: readingOf(values, kind as ImportKind) };
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}. Usage: ${USAGE}`);
  }
}

export type ImportArguments = NonNullable<ReturnType<typeof readArguments>>;
