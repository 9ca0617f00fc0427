// Reads CSV text as it comes, in pieces, into records with line numbers. Written by hand rather than with csv-parse:
// that stops at a stray quote or skips to the end, and the lines after a bad one must be read.

import { splitFields, textsOfCells } from './cells';

/** Characters a line (a record over several lines) may have. */
export const MAX_LINE_LENGTH = 65_536;
/** Lines that a quoted field may go on for; a quote that is open for longer was never meant to be one. */
const MAX_RECORD_LINES = 50;
/** Characters of a rejected line that are stored. */
export const MAX_RAW_LENGTH = 2_000;

/** Why a record could not be taken apart. */
export type RecordProblem = 'TOO_LONG' | 'OPEN_QUOTE' | 'NUL_BYTE' | 'PREAMBLE';

/** The same as a text for messages. */
export const RECORD_PROBLEMS: Readonly<Record<RecordProblem, string>> = {
  TOO_LONG: 'the line is too long to be a record',
  OPEN_QUOTE: 'a quote is opened and never closed',
  NUL_BYTE: 'the line has a NUL byte, which no text has',
  PREAMBLE: 'the line stands before the header',
};

export interface CsvRecord {
  /** Number of its first and its last line, counted from 1. */
  line: number;
  lastLine: number;
  raw: string;
  /** Null: it could not be taken apart, for this reason. */
  fields: string[] | null;
  problem?: RecordProblem;
}

/** How records are separated. */
export interface RecordForm {
  separator: string;
  /** Whether a record of several lines that has so many fields is believed; left out: any. */
  fits?: (fields: number) => boolean;
  maxLength?: number;
  /** Number of the first line that is pushed. */
  firstLine?: number;
}

/**
 * Takes text piece by piece and gives records; holds one record and one piece at a time. Lines end with LF, CR LF or CR.
 */
export class CsvReader {
  #rest = '';
  #line = 0;
  /** Lines of a record with an open quote. */
  #open: string[] = [];
  /** A line that grew too long: its beginning is kept, the rest passes by. */
  #tooLong: string | null = null;
  readonly #records: CsvRecord[] = [];
  readonly #separator: string;
  readonly #fits: (fields: number) => boolean;
  readonly #maxLength: number;

  constructor({ separator, fits = () => true, maxLength = MAX_LINE_LENGTH, firstLine = 1 }: RecordForm) {
    this.#separator = separator;
    this.#fits = fits;
    this.#maxLength = maxLength;
    this.#line = firstLine - 1;
  }

  /** The records that this piece completes, in order. */
  push(text: string): CsvRecord[] {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const piece = text.slice(from, end);
      this.#endLines(this.#rest === '' ? piece : this.#rest + piece);
      this.#rest = '';
      from = end + 1;
    }
    this.#rest += text.slice(from);
    this.#takeCarriageReturns();
    if (this.#rest.length > this.#maxLength) {
      this.#tooLong ??= this.#rest.slice(0, MAX_RAW_LENGTH);
      // The end of it may be the first half of a line end.
      this.#rest = this.#rest.endsWith('\r') ? '\r' : '';
    }
    return this.#records.splice(0);
  }

  /** The records that the end of the file completes. */
  end(): CsvRecord[] {
    if (this.#rest !== '' || this.#tooLong !== null) this.#endLines(this.#rest);
    this.#rest = '';
    while (this.#open.length > 0) this.#giveUpQuote();
    return this.#records.splice(0);
  }

  /** Ends the lines that a CR alone ends; those at the end of what came may belong to an LF that is still to come. */
  #takeCarriageReturns(): void {
    if (!this.#rest.includes('\r')) return;
    const last = this.#rest.replace(/\r+$/, '').lastIndexOf('\r');
    if (last < 0) return;
    const lines = this.#rest.slice(0, last).split('\r');
    this.#rest = this.#rest.slice(last + 1);
    for (const line of lines) this.#endLine(line);
  }

  /** Ends a line, and those before it that a CR alone ended. */
  #endLines(text: string): void {
    if (!text.includes('\r')) {
      this.#endLine(text);
      return;
    }
    // 'a\r\r\n' is one line: some programs write the CR of a line end twice.
    for (const line of text.replace(/\r+$/, '').split('\r')) this.#endLine(line);
  }

  #endLine(line: string): void {
    this.#line += 1;
    if (this.#tooLong !== null || line.length > this.#maxLength) {
      while (this.#open.length > 0) this.#giveUpQuote(1);
      const raw = this.#tooLong ?? line.slice(0, MAX_RAW_LENGTH);
      this.#tooLong = null;
      this.#fail('TOO_LONG', this.#line, raw);
    } else if (this.#open.length > 0) this.#goOn(line);
    else this.#begin(line, this.#line);
  }

  #begin(line: string, number: number): void {
    if (line === '' || this.#isEmptyRow(line)) return;
    const fields = splitFields(line, this.#separator);
    if (fields === null) this.#open = [line];
    else this.#give(number, number, line, fields);
  }

  /** Blanks and separators only: an empty row of a spreadsheet. */
  #isEmptyRow(line: string): boolean {
    if (line[0] !== this.#separator && line[0]! > ' ') return false;
    return line.replaceAll(this.#separator, '').trim() === '';
  }

  #goOn(line: string): void {
    this.#open.push(line);
    const raw = this.#open.join('\n');
    // Lines that are joined only by a stray quote are separate records.
    const fields = splitFields(raw, this.#separator, true);
    if (fields !== null && fields.length > 0 && this.#fits(fields.length)) {
      this.#give(this.#line - this.#open.length + 1, this.#line, raw, fields);
      this.#open = [];
    } else if (fields !== null || this.#open.length >= MAX_RECORD_LINES || raw.length > this.#maxLength) {
      this.#giveUpQuote();
    }
  }

  #give(line: number, lastLine: number, raw: string, fields: string[]): void {
    if (raw.includes('\u0000')) this.#fail('NUL_BYTE', line, raw, lastLine);
    else this.#records.push({ line, lastLine, raw, fields: textsOfCells(raw, fields) });
  }

  #fail(problem: RecordProblem, line: number, raw: string, lastLine = line): void {
    this.#records.push({ line, lastLine, raw, fields: null, problem });
  }

  /** Sets the first open line aside and reads those after it again. `ahead`: lines counted that are not open. */
  #giveUpQuote(ahead = 0): void {
    const [first, ...others] = this.#open;
    const last = this.#line - ahead;
    const number = last - others.length;
    this.#open = [];
    this.#fail('OPEN_QUOTE', number, first!);
    const counted = this.#line;
    others.forEach((line, i) => {
      this.#line = number + 1 + i;
      if (this.#open.length > 0) this.#goOn(line);
      else this.#begin(line, this.#line);
    });
    this.#line = counted;
  }
}
