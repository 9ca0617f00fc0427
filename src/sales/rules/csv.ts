// Reads CSV text as it comes, in pieces, into records with line numbers. Written by hand rather than with csv-parse:
// that stops at a stray quote or skips to the end, and the lines after a bad one must go in.

/** Characters a line (a record over several lines) may have. */
export const MAX_LINE_LENGTH = 65_536;
/** Lines that a quoted field may go on for; a quote that is open for longer was never meant to be one. */
const MAX_RECORD_LINES = 50;
/** What is kept of a line that is set aside. */
export const MAX_RAW_LENGTH = 2_000;

export interface CsvRecord {
  /** Number of its first and its last line, counted from 1 with the header. */
  line: number;
  lastLine: number;
  raw: string;
  /** Null: it could not be taken apart, for this reason. */
  fields: string[] | null;
  problem?: 'TOO_LONG' | 'OPEN_QUOTE';
}

/**
 * Splits a record into fields (RFC 4180: quoted fields may hold the separator, line ends and doubled quotes). A quote
 * within a field that does not close it stands for itself, unless `strict`: then there are no fields. Null: a quote is
 * still open at the end.
 */
export function splitFields(text: string, separator: string, strict = false): string[] | null {
  if (!text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(separator, at);
      fields.push(end < 0 ? text.slice(at) : text.slice(at, end));
      if (end < 0) return fields;
      at = end + 1;
      continue;
    }
    const end = closingQuote(text, at + 1, separator, strict);
    if (end === OPEN) return null;
    if (end === STRAY) return [];
    fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 === text.length) return fields;
    at = end + 2;
  }
}

const OPEN = -1;
const STRAY = -2;

/** Where the quote is that ends a field: before a separator or the end, and not half of a doubled one. */
function closingQuote(text: string, from: number, separator: string, strict: boolean): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at)) {
    if (text[at + 1] === '"') at += 2;
    else if (at + 1 === text.length || text[at + 1] === separator) return at;
    else if (strict) return STRAY;
    else at += 1;
  }
  return OPEN;
}

const SEPARATORS = [',', ';', '\t', '|'];

/** The separator that a header line has most of; a comma when it has none. */
export function separatorOf(header: string): string {
  const count = (s: string) => header.split(s).length;
  return SEPARATORS.reduce((best, s) => (count(s) > count(best) ? s : best), ',');
}

/** Takes text piece by piece and gives records; holds one record and one piece at a time. */
export class CsvReader {
  #rest = '';
  #line = 0;
  /** Lines of a record whose quote is open. */
  #open: string[] = [];
  /** A line that grew too long: its beginning is kept, the rest passes by. */
  #tooLong: string | null = null;
  readonly #records: CsvRecord[] = [];

  /** @param columns fields a record must have for an open quote over lines to be believed; null: any number */
  constructor(
    private readonly separator: string,
    private readonly columns: number | null = null,
    firstLine = 1,
  ) {
    this.#line = firstLine - 1;
  }

  /** The records that this piece completes, in order. */
  push(text: string): CsvRecord[] {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const piece = text.slice(from, end);
      this.#endLine(this.#rest === '' ? piece : this.#rest + piece);
      this.#rest = '';
      from = end + 1;
    }
    this.#rest += text.slice(from);
    if (this.#rest.length > MAX_LINE_LENGTH) {
      this.#tooLong ??= this.#rest.slice(0, MAX_RAW_LENGTH);
      this.#rest = '';
    }
    return this.#records.splice(0);
  }

  /** The records that the end of the file completes. */
  end(): CsvRecord[] {
    if (this.#rest !== '' || this.#tooLong !== null) this.#endLine(this.#rest);
    this.#rest = '';
    while (this.#open.length > 0) this.#giveUpQuote();
    return this.#records.splice(0);
  }

  #endLine(text: string): void {
    this.#line += 1;
    const line = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (this.#tooLong !== null || line.length > MAX_LINE_LENGTH) {
      while (this.#open.length > 0) this.#giveUpQuote(1);
      const raw = this.#tooLong ?? line.slice(0, MAX_RAW_LENGTH);
      this.#tooLong = null;
      this.#records.push({
        line: this.#line,
        lastLine: this.#line,
        raw,
        fields: null,
        problem: 'TOO_LONG',
      });
    } else if (this.#open.length > 0) this.#goOn(line);
    else this.#begin(line, this.#line);
  }

  #begin(line: string, number: number): void {
    if (line === '') return;
    const fields = splitFields(line, this.separator);
    if (fields === null) this.#open = [line];
    else this.#records.push({ line: number, lastLine: number, raw: line, fields });
  }

  #goOn(line: string): void {
    this.#open.push(line);
    const raw = this.#open.join('\n');
    // Lines that only a stray quote holds together do not belong together.
    const fields = splitFields(raw, this.separator, true);
    const closed = fields !== null && fields.length > 0 && fields.length === (this.columns ?? fields.length);
    if (closed) {
      this.#records.push({ line: this.#line - this.#open.length + 1, lastLine: this.#line, raw, fields });
      this.#open = [];
    } else if (fields !== null || this.#open.length >= MAX_RECORD_LINES || raw.length > MAX_LINE_LENGTH) {
      this.#giveUpQuote();
    }
  }

  /** Sets the first open line aside and reads those after it anew. `ahead`: lines counted that are not open. */
  #giveUpQuote(ahead = 0): void {
    const [first, ...others] = this.#open;
    const last = this.#line - ahead;
    const number = last - others.length;
    this.#open = [];
    this.#records.push({
      line: number,
      lastLine: number,
      raw: first!,
      fields: null,
      problem: 'OPEN_QUOTE',
    });
    const counted = this.#line;
    others.forEach((line, i) => {
      this.#line = number + 1 + i;
      if (this.#open.length > 0) this.#goOn(line);
      else this.#begin(line, this.#line);
    });
    this.#line = counted;
  }
}

/** Writes a record; fields are quoted where they must be. */
export function csvLine(fields: readonly (string | number)[]): string {
  return fields
    .map((f) => (/[",\n\r]/.test(String(f)) ? `"${String(f).replaceAll('"', '""')}"` : f))
    .join(',');
}
