// Writes the files of an export row by row: one JSON document of everything, and a CSV file for each list that has rows.

import { csvLine } from '../../csv/rules/cells';

/** Name of the JSON document. */
export const EXPORT_DOCUMENT = 'export.json';

/** A piece of a file; the pieces of one file in the order of their numbers are the file. */
export interface ExportPart {
  file: string;
  number: number;
  content: string;
}

/** Characters from which on a piece is complete. */
const PART_LENGTH = 250_000;

class ExportFile {
  #text = '';
  #number = 0;

  constructor(
    readonly name: string,
    private readonly parts: ExportPart[],
  ) {}

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= PART_LENGTH) this.end();
  }

  end(): void {
    if (this.#text === '') return;
    this.parts.push({ file: this.name, number: this.#number++, content: this.#text });
    this.#text = '';
  }
}

function cellOf(value: unknown): string | number {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Takes the rows of one list after the other. `takeParts` has the pieces that are complete since it was called last. */
export class ExportWriter {
  #parts: ExportPart[] = [];
  readonly #document: ExportFile;
  #table: ExportFile | null = null;
  #columns: string[] | null = null;
  #lists = 0;

  /** `head` is written before the lists. */
  constructor(head: Readonly<Record<string, unknown>>) {
    this.#document = new ExportFile(EXPORT_DOCUMENT, this.#parts);
    this.#document.write(JSON.stringify(head).slice(0, -1));
  }

  beginList(name: string): void {
    this.#document.write(`,\n${JSON.stringify(name)}: [`);
    this.#table = new ExportFile(`${name}.csv`, this.#parts);
    this.#columns = null;
    this.#lists += 1;
  }

  /** Rows of the list that was begun; all have the same fields in the same order. */
  addRows(rows: readonly Readonly<Record<string, unknown>>[]): void {
    for (const row of rows) {
      const isFirst = this.#columns === null;
      this.#columns ??= Object.keys(row);
      this.#document.write(`${isFirst ? '\n' : ',\n'}${JSON.stringify(row)}`);
      // A spreadsheet reads UTF-8 when the file begins with this mark.
      if (isFirst) this.#table!.write(`\uFEFF${csvLine(this.#columns)}\n`);
      this.#table!.write(`${csvLine(this.#columns.map((column) => cellOf(row[column])))}\n`);
    }
  }

  endList(): void {
    this.#document.write(']');
    this.#table?.end();
    this.#table = null;
  }

  end(): void {
    this.#document.write(`,\n"lists": ${this.#lists}}\n`);
    this.#document.end();
  }

  takeParts(): ExportPart[] {
    return this.#parts.splice(0);
  }
}
