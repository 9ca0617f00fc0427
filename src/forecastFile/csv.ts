// Rows out of a CSV file, gzipped or not: streamed, with the line each began in, and a sentence when it cannot be read.

import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, type Info, parse } from 'csv-parse';
import { InputProblem } from './problem';

/** One record with the number of the line it ends in (the header is line 1). */
export interface CsvRow {
  cells: string[];
  line: number;
}

/** A record of more characters is not a row but a file of another kind, or a quote that never ends. */
const MAX_RECORD = 4_000_000;
const PEEK = 65_536;

/** The first bytes of a file, by which it is known. @throws InputProblem when there is no such file */
async function firstBytes(file: string): Promise<Buffer> {
  try {
    if ((await stat(file)).isDirectory()) throw new InputProblem(`${file} is a folder; a file is needed.`);
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(PEEK), 0, PEEK, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asProblem(error, file);
  }
}

function asProblem(error: unknown, file: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof InputProblem) return error;
  if (code === 'ENOENT') return new InputProblem(`There is no file ${file}.`);
  if (code === 'EACCES') return new InputProblem(`${file} may not be read by this user.`);
  if (code === 'Z_BUF_ERROR') {
    return new InputProblem(`${file} ends in the middle of its gzip data; was it copied whole?`);
  }
  if (code?.startsWith('Z_')) return new InputProblem(`${file} is damaged gzip data (${message}).`);
  if (error instanceof CsvError) return new InputProblem(`${file} is not well-formed CSV: ${message}.`);
  return error;
}

function isGzip(head: Buffer, file: string): boolean {
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  if (!gzip && file.endsWith('.gz')) {
    throw new InputProblem(`${file} is not gzip data, although its name ends in .gz.`);
  }
  return gzip;
}

function delimiterOf(firstLine: string): string {
  const count = (mark: string): number => firstLine.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** The first line as it is; of a gzipped file only that much is unpacked. */
async function firstLine(file: string, gzip: boolean): Promise<string> {
  let text = '';
  const input = createReadStream(file);
  const unpacked = gzip ? pipeline(input, createGunzip(), () => undefined) : input;
  for await (const chunk of unpacked) {
    text += String(chunk);
    if (text.includes('\n') || text.length > MAX_RECORD) break;
  }
  input.destroy();
  return text.split('\n')[0]!;
}

/**
 * The rows of a CSV file, the header first. Comma, semicolon or tab, told by the first line; quotes as in
 * RFC 4180; a byte order mark is skipped; empty lines are too. Memory: one record.
 * @throws InputProblem for a file that is absent, empty, not gzip as named, cut off, or not CSV
 */
export async function* csvRows(file: string): AsyncGenerator<CsvRow, void, undefined> {
  const head = await firstBytes(file);
  if (head.length === 0) throw new InputProblem(`${file} is empty.`);
  const gzip = isGzip(head, file);
  if (!gzip && head.includes(0)) throw new InputProblem(`${file} is not a text file.`);
  try {
    const parser = parse({
      bom: true,
      delimiter: delimiterOf(await firstLine(file, gzip)),
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD,
      info: true,
    });
    const input = createReadStream(file, { highWaterMark: 1 << 18 });
    const whenDone = (): void => undefined;
    if (gzip) pipeline(input, createGunzip(), parser, whenDone);
    else pipeline(input, parser, whenDone);
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      yield { cells: record, line: info.lines };
    }
  } catch (error) {
    throw asProblem(error, file);
  }
}

/**
 * A table whose header is read by name: each row as what is asked for by `columns` (several names for one
 * column; the first that is there counts). A column with `optional` may be missing and is then ''.
 * @throws InputProblem when a needed column is missing
 */
export async function* tableRows<Name extends string>(
  file: string,
  columns: Record<Name, { names: readonly string[]; optional?: true }>,
): AsyncGenerator<Record<Name, string> & { line: number }, void, undefined> {
  let at: [Name, number][] | null = null;
  for await (const { cells, line } of csvRows(file)) {
    if (!at) {
      const header = cells.map((name) => name.trim().toLowerCase());
      at = (Object.entries(columns) as [Name, { names: readonly string[]; optional?: true }][]).map(
        ([name, { names, optional }]) => {
          const found = names.map((each) => header.indexOf(each)).find((index) => index >= 0) ?? -1;
          if (found < 0 && !optional) {
            throw new InputProblem(
              `${file} has no column ${names.join(' or ')}; it has ${header.join(', ')}.`,
            );
          }
          return [name, found];
        },
      );
      continue;
    }
    const row = Object.fromEntries(at.map(([name, index]) => [name, cells[index]?.trim() ?? '']));
    yield { ...(row as Record<Name, string>), line };
  }
}
