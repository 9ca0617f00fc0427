// One line of a sales file: its columns, how its texts are read, and why a line is set aside.

import { createHash } from 'node:crypto';
import type { RecordProblem } from '../../csv/rules/records';
import { FIRST_DAY } from './days';
import { type DateOrder, momentIn, moneyIn, unitsIn } from './texts';

/** What a column of a sales file can mean. */
export const SALES_COLUMNS = [
  'sku',
  'units',
  'returned',
  'day',
  'location',
  'channel',
  'document',
  'line',
  'till',
  'customer',
  'price',
  'revenue',
  'name',
] as const;
export type SalesColumn = (typeof SALES_COLUMNS)[number];

/** Where a column stands in a record; −1: the file does not have it. */
export type Positions = Readonly<Record<SalesColumn, number>>;

/** Why a line was set aside. */
export type RejectCode =
  | RecordProblem
  | 'WRONG_COLUMNS'
  | 'MISSING_VALUE'
  | 'BAD_TEXT'
  | 'BAD_UNITS'
  | 'NEGATIVE'
  | 'CONTRADICTION'
  | 'NOT_A_PRODUCT'
  | 'STOCK_CORRECTION'
  | 'ZERO_PRICE'
  | 'BAD_PRICE'
  | 'BAD_DAY'
  | 'FUTURE_DAY'
  | 'BAD_CHANNEL'
  | 'UNKNOWN_LOCATION'
  | 'UNKNOWN_SKU'
  | 'REFUSED';

/** A line that does not go in, and what would be right. */
export interface Rejection {
  code: RejectCode;
  reason: string;
}

/** LINES: each line is a fact of its own, by document and line. DAYS: a line states a day of a SKU at a place. */
export type Form = 'LINES' | 'DAYS';

/** How a file is read, beside its columns. */
export interface Reading {
  form: Form;
  /** For lines that name none. */
  location: string | null;
  channel: string;
  dateOrder: DateOrder;
  decimalComma: boolean;
  /** Decimal digits of the currency: 2 for cents. */
  minorDigits: number;
  /** Codes that do not match are no products: postage, manual entries. */
  productPattern: RegExp | null;
  /** Goods at price zero are sales, too. */
  freeGoods: boolean;
  /** Documents that begin so take back: C536379. */
  returnPrefix: string | null;
}

/** A place as far as lines ask for it. */
export interface Place {
  id: number;
  timeZone: string;
  /** Its local day now: later days are still to come. */
  today: string;
}

/** A line whose texts were understood; its SKU is not looked up yet. */
export interface SalesLine {
  document: string;
  item: string;
  sku: string;
  locationId: number;
  channel: string;
  day: string;
  /** Local second of the day; 0 where only the day is told. */
  second: number;
  /** Sold; below zero (LINES only): came back. */
  units: number;
  /** DAYS only. */
  returned: number;
  revenueMinor: number;
  /** Pseudonym of the customer, the same for the same customer of a feed. */
  customer: string | null;
  /** Unit price in minor units where it is told. */
  priceMinor: number | null;
}

export const LINE_LIMITS = { units: 1_000_000, textLength: 200, revenueMinor: 1e14 } as const;

const CHANNEL = /^[A-Z][A-Z0-9_]{0,31}$/;

const reject = (code: RejectCode, reason: string): Rejection => ({ code, reason });
const quoted = (text: string): string => `'${text.slice(0, 40)}'`;

/** Reads the lines of one file of one feed. Remembers the last moment and customer: neighbours mostly share them. */
export class LineReader {
  #moment = { text: '', place: '', found: null as { day: string; second: number } | null };
  #customer = { text: '', hash: '' };

  constructor(
    private readonly feedId: number,
    private readonly columns: Positions,
    private readonly reading: Reading,
    private readonly places: ReadonlyMap<string, Place>,
  ) {}

  /** The line, or why it does not go in. */
  read(fields: readonly string[]): SalesLine | Rejection {
    const { columns, reading } = this;
    const sku = this.#text(fields, 'sku');
    if (sku === '') return reject('MISSING_VALUE', 'the SKU is missing');
    for (const column of ['sku', 'document', 'line', 'till', 'customer'] as const) {
      const text = this.#text(fields, column);
      if (text.length > LINE_LIMITS.textLength || text.includes('\u0000')) {
        return reject(
          'BAD_TEXT',
          `${column} must have at most ${LINE_LIMITS.textLength} characters and no NUL`,
        );
      }
    }
    const units = this.#units(fields, 'units');
    if (typeof units !== 'number') return units;
    const returned = columns.returned < 0 ? 0 : this.#units(fields, 'returned');
    if (typeof returned !== 'number') return returned;
    const document = this.#text(fields, 'document');
    const problem =
      this.#kind(sku, document, units, returned) ?? this.#identity(document, this.#text(fields, 'line'));
    if (problem !== null) return problem;
    const money = this.#money(fields, units);
    if ('code' in money) return money;
    const when = this.#place(fields);
    if ('code' in when) return when;
    return {
      document: reading.form === 'LINES' ? this.#receipt(document, this.#text(fields, 'till')) : '',
      item: columns.line >= 0 ? this.#text(fields, 'line') : sku,
      sku,
      units,
      returned,
      customer: this.#pseudonym(this.#text(fields, 'customer')),
      ...money,
      ...when,
    };
  }

  #text(fields: readonly string[], column: SalesColumn): string {
    const at = this.columns[column];
    return at < 0 ? '' : (fields[at] ?? '').trim();
  }

  /** The name of a receipt: tills of one location that each number their own are told apart by theirs. */
  #receipt(document: string, till: string): string {
    return till === '' ? document : `${till}/${document}`;
  }

  #units(fields: readonly string[], column: 'units' | 'returned'): number | Rejection {
    const text = this.#text(fields, column);
    const units = unitsIn(text);
    if (units === null) return reject('BAD_UNITS', `${column} is ${quoted(text)}, not a whole number`);
    if (Math.abs(units) > LINE_LIMITS.units) {
      return reject('BAD_UNITS', `${column} is ${units}; at most ${LINE_LIMITS.units} can be meant`);
    }
    return units;
  }

  /** Lines that are no sale and no return, as far as code, document and units tell. */
  #kind(sku: string, document: string, units: number, returned: number): Rejection | null {
    const { productPattern, form, returnPrefix } = this.reading;
    if (productPattern !== null && !productPattern.test(sku)) {
      return reject('NOT_A_PRODUCT', `${quoted(sku)} is not the code of a product`);
    }
    if (form === 'DAYS' && (units < 0 || returned < 0)) {
      return reject(
        'NEGATIVE',
        'a day’s units and returned units are 0 or more; returns go into the column returned',
      );
    }
    if (form === 'LINES' && units === 0) return reject('BAD_UNITS', 'units is 0; a line sells or takes back');
    if (returnPrefix !== null && document.startsWith(returnPrefix) && units > 0) {
      return reject('CONTRADICTION', `document ${quoted(document)} takes back, but its units are above zero`);
    }
    return null;
  }

  #identity(document: string, line: string): Rejection | null {
    if (this.reading.form === 'DAYS') return null;
    if (this.columns.line >= 0 && line === '')
      return reject('MISSING_VALUE', 'the number of the line is missing');
    if (this.columns.line < 0 && document === '')
      return reject('MISSING_VALUE', 'the number of the document is missing');
    return null;
  }

  #money(
    fields: readonly string[],
    units: number,
  ): { revenueMinor: number; priceMinor: number | null } | Rejection {
    const { columns, reading } = this;
    const scale = 10 ** reading.minorDigits;
    const column = columns.price >= 0 ? 'price' : columns.revenue >= 0 ? 'revenue' : null;
    if (column === null) return { revenueMinor: 0, priceMinor: null };
    const text = this.#text(fields, column);
    const amount = moneyIn(text, reading.decimalComma);
    if (amount === null || (amount < 0 && column === 'price')) {
      return reject('BAD_PRICE', `${column} is ${quoted(text)}, not an amount such as 12.50`);
    }
    if (amount === 0 && column === 'price' && !reading.freeGoods) {
      return units < 0 && this.#text(fields, 'customer') === ''
        ? reject(
            'STOCK_CORRECTION',
            'units below zero at price zero without a customer: stock written off, nothing sold',
          )
        : reject('ZERO_PRICE', 'the price is zero: nothing was sold (or read with free goods)');
    }
    const revenue = Math.abs(Math.round(amount * scale * (column === 'price' ? units : 1)));
    if (revenue > LINE_LIMITS.revenueMinor)
      return reject('BAD_PRICE', `${column} is ${text}, more than can be meant`);
    return {
      revenueMinor: revenue,
      priceMinor: column === 'price' ? Math.round(amount * scale) : null,
    };
  }

  #place(
    fields: readonly string[],
  ): Pick<SalesLine, 'locationId' | 'channel' | 'day' | 'second'> | Rejection {
    const { reading } = this;
    const code = this.#text(fields, 'location') || reading.location;
    if (code === null) return reject('MISSING_VALUE', 'the location is missing');
    const place = this.places.get(code);
    if (place === undefined) return reject('UNKNOWN_LOCATION', `there is no location ${quoted(code)}`);
    const channel = this.#text(fields, 'channel') || reading.channel;
    if (!CHANNEL.test(channel)) {
      return reject('BAD_CHANNEL', `channel is ${quoted(channel)}; write capital letters, like ONLINE`);
    }
    const text = this.#text(fields, 'day');
    if (text !== this.#moment.text || code !== this.#moment.place) {
      this.#moment = { text, place: code, found: momentIn(text, reading.dateOrder, place.timeZone) };
    }
    const { found } = this.#moment;
    if (found === null) {
      return reject('BAD_DAY', `the day is ${quoted(text)}; it is read as ${reading.dateOrder}`);
    }
    if (found.day > place.today) {
      return reject('FUTURE_DAY', `${found.day} is still to come; today is ${place.today} there`);
    }
    if (found.day < FIRST_DAY) return reject('BAD_DAY', `${found.day} is before ${FIRST_DAY}`);
    return { locationId: place.id, channel, ...found };
  }

  #pseudonym(text: string): string | null {
    if (text === '') return null;
    if (text !== this.#customer.text) {
      const hash = createHash('md5').update(`${this.feedId} ${text}`).digest('hex');
      this.#customer = { text, hash };
    }
    return this.#customer.hash;
  }
}
