// One line of a sales file: its columns, how its texts are read, and why a line is rejected.

import { documentNumber } from '../../values/text';
import { FIRST_DAY } from './days';
import { shortenedCode, totalOf } from './lineKinds';
import { countedIn, earnedIn, NUMBER_LIMITS, type NumberReading } from './lineNumbers';
import { type DateOrder, dayProblem, momentIn } from './parseText';
import type { Pseudonyms } from './pseudonym';
import { type Rejection, reject } from './rejection';

/** What a column of a sales file can mean; columns that were added since the first release stand behind the others. */
export const SALES_COLUMNS = [
  'sku',
  'units',
  'returned',
  'day',
  'location',
  'channel',
  'document',
  'line',
  'customer',
  'price',
  'revenue',
  'name',
  'till',
  'type',
] as const;
/** The columns that there were in the first release. */
export const FIRST_COLUMNS = 12;
export type SalesColumn = (typeof SALES_COLUMNS)[number];

/** Where a column stands in a record; −1: the file does not have it. */
export type Positions = Readonly<Record<SalesColumn, number>>;

/** LINES: each line is a fact of its own, by document and line. DAYS: a line states a day of a SKU at a location. */
export type FeedForm = 'LINES' | 'DAYS';

/** How a file is read, beside its columns, as the caller states. */
export interface FileReading {
  /** For lines that name none. */
  location: string | null;
  channel: string;
  dateOrder: DateOrder;
  decimalComma: boolean;
  /** If omitted, detected from the numbers of the file. */
  decimalPoint?: boolean;
  minorDigits: number;
  /** Codes that do not match are no products: postage, manual entries. */
  productPattern: RegExp | null;
  freeGoods: boolean;
  /** Documents that begin so take back: C536379. */
  returnPrefix: string | null;
}

/** How the lines of a file are read. */
export interface SalesReading extends FileReading, NumberReading {
  form: FeedForm;
}

/** The columns of a location that reading lines needs. */
export interface SellingLocation {
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
  /** Local second of the day; 0 where only the day is stated. */
  second: number;
  /** Sold; below zero (LINES only): returned. */
  units: number;
  /** DAYS only. */
  returned: number;
  revenueMinor: number;
  /** Pseudonym of the customer, the same for the same customer of a feed. */
  customer: string | null;
  /** Unit price in minor units where it is stated. */
  priceMinor: number | null;
}

export const LINE_LIMITS = { ...NUMBER_LIMITS, textLength: 200 } as const;

const CHANNEL = /^[A-Z][A-Z0-9_]{0,31}$/;

const quoted = (text: string): string => `'${text.slice(0, 40)}'`;

/** Reads the lines of one file of one feed. Caches the last moment and customer, which consecutive lines mostly share. */
export class LineReader {
  #moment = { text: '', location: '', found: null as { day: string; second: number } | null };
  #customer = { text: '', hash: '' };

  constructor(
    private readonly feedId: number,
    private readonly columns: Positions,
    private readonly reading: SalesReading,
    private readonly known: { locations: ReadonlyMap<string, SellingLocation>; pseudonyms: Pseudonyms },
  ) {}

  /** The line, or why it is rejected. */
  read(fields: readonly string[]): SalesLine | Rejection {
    const { columns, reading } = this;
    const sku = this.#text(fields, 'sku');
    const total = totalOf(sku, fields);
    if (total !== null) return total;
    if (sku === '') return reject('MISSING_VALUE', 'the SKU is missing');
    for (const column of ['sku', 'document', 'line', 'till', 'customer'] as const) {
      const text = this.#text(fields, column);
      if (text.length > LINE_LIMITS.textLength || text.includes('\u0000')) {
        return reject(
          'BAD_TEXT',
          `${column} must have at most ${LINE_LIMITS.textLength} characters and no NUL`,
        );
      }
      const shortened = shortenedCode(column, text);
      if (shortened !== null) return reject('BAD_TEXT', shortened);
    }
    const text = (column: SalesColumn): string => this.#text(fields, column);
    const counted = countedIn(text, reading, columns);
    if ('code' in counted) return counted;
    const { units, returned } = counted;
    const document = documentNumber(this.#text(fields, 'document'));
    const problem =
      this.#kind(sku, document, units, returned) ?? this.#identity(document, this.#text(fields, 'line'));
    if (problem !== null) return problem;
    const money = earnedIn(text, counted, reading, columns);
    if ('code' in money) return money;
    const when = this.#locationAndMoment(fields);
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

  /** Name of a receipt; includes the till, as tills of one location may use the same numbers. */
  #receipt(document: string, till: string): string {
    return till === '' ? document : `${documentNumber(till)}/${document}`;
  }

  /** Units that a line adds to the sum of its file, as far as they can be read. */
  unitsOf(fields: readonly string[]): number | null {
    const counted = countedIn((column) => this.#text(fields, column), this.reading, this.columns);
    return 'code' in counted ? null : counted.units;
  }

  /** Lines that are no sale and no return, as far as code, document and units show. */
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
    if (form === 'LINES' && units === 0)
      return reject('BAD_UNITS', 'units is 0; a line is a sale or a return');
    if (returnPrefix !== null && document.startsWith(documentNumber(returnPrefix)) && units > 0) {
      return reject(
        'CONTRADICTION',
        `document ${quoted(document)} is a return, but its units are above zero`,
      );
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

  #locationAndMoment(
    fields: readonly string[],
  ): Pick<SalesLine, 'locationId' | 'channel' | 'day' | 'second'> | Rejection {
    const { reading } = this;
    const code = this.#text(fields, 'location') || reading.location;
    if (code === null) return reject('MISSING_VALUE', 'the location is missing');
    const location = this.known.locations.get(code);
    if (location === undefined) return reject('UNKNOWN_LOCATION', `there is no location ${quoted(code)}`);
    const channel = this.#text(fields, 'channel') || reading.channel;
    if (!CHANNEL.test(channel)) {
      return reject('BAD_CHANNEL', `channel is ${quoted(channel)}; write capital letters, like ONLINE`);
    }
    const text = this.#text(fields, 'day');
    if (text !== this.#moment.text || code !== this.#moment.location) {
      this.#moment = { text, location: code, found: momentIn(text, reading.dateOrder, location.timeZone) };
    }
    const { found } = this.#moment;
    if (found === null) {
      return reject('BAD_DAY', dayProblem(text, reading.dateOrder));
    }
    if (found.day > location.today) {
      return reject('FUTURE_DAY', `${found.day} is in the future; today is ${location.today} there`);
    }
    if (found.day < FIRST_DAY) return reject('BAD_DAY', `${found.day} is before ${FIRST_DAY}`);
    return { locationId: location.id, channel, ...found };
  }

  #pseudonym(text: string): string | null {
    if (text === '') return null;
    if (text !== this.#customer.text) {
      const hash = this.known.pseudonyms.of(this.feedId, text);
      this.#customer = { text, hash };
    }
    return this.#customer.hash;
  }
}
