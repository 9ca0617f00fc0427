// Rows out of a CSV file, gzipped or not: streamed, with the line each began in, and a sentence when it cannot be read.

import { stat } from 'node:fs/promises';
import { openRecords } from '../../csv/open';
import { RECORD_PROBLEMS } from '../../csv/rules/records';
import { type SurveyedFile, surveyFile } from '../../csv/survey';
import { OperatorError } from '../../refusals';

/** One record with the number of the line it begins in (the header is line 1). */
export interface CsvRow {
  cells: string[];
  line: number;
}

/** A record of more characters is not a row but a file of another kind, or a quote that never ends. */
export const MAX_RECORD = 4_000_000;

const surveyed = new Map<string, Promise<SurveyedFile>>();

/** Every file is read several times; its format is detected once for all of them. @throws OperatorError */
export async function survey(file: string): Promise<SurveyedFile> {
  const known = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new OperatorError(`There is no file ${file}.`);
    throw new OperatorError(`${file} cannot be read: ${error.message}.`);
  });
  if (known.isDirectory()) throw new OperatorError(`${file} is a folder; a file is needed.`);
  const name = `${file} ${known.size} ${known.mtimeMs}`;
  const found = surveyed.get(name) ?? surveyFile(file, null);
  surveyed.set(name, found);
  const start = await found;
  if (!start.gzip && file.endsWith('.gz'))
    throw new OperatorError(`${file} is not gzip data, although its name ends in .gz.`);
  if (start.broken !== null) throw start.broken;
  return start;
}

/**
 * The rows of a CSV file, the header first. Comma, semicolon, tab or bar, recognised by the first lines; quotes as in
 * RFC 4180; a byte order mark, empty lines and a line `sep=;` are skipped. Memory: one record.
 * @throws OperatorError for a file that is absent, empty, cut off, of another kind, or not CSV
 */
export async function* csvRows(file: string): AsyncGenerator<CsvRow, void, undefined> {
  const start = await survey(file);
  const { header, records } = await openRecords(start, { separator: null, maxLength: MAX_RECORD });
  yield { cells: header, line: 1 };
  for await (const group of records) {
    for (const { fields, line, problem } of group) {
      if (fields === null)
        throw new OperatorError(
          `${file} is not well-formed CSV: line ${line}: ${RECORD_PROBLEMS[problem!]}.`,
        );
      yield { cells: fields, line };
    }
  }
}

/** @throws OperatorError when two columns have one name, of which only one could be read */
export function checkNames(header: readonly string[], file: string): void {
  const seen = new Set<string>();
  for (const name of header) {
    const plain = name.trim().toLowerCase();
    if (plain !== '' && seen.has(plain))
      throw new OperatorError(`${file} has two columns named ${name.trim()}; give each column its own name.`);
    seen.add(plain);
  }
}

/**
 * A table with columns found by name in its header: each row has what `columns` requests (several names for one
 * column; the first that is there counts). A column with `optional` may be missing and is then ''.
 * @throws OperatorError when a needed column is missing
 */
export async function* tableRows<Name extends string>(
  file: string,
  columns: Record<Name, { names: readonly string[]; optional?: true }>,
): AsyncGenerator<Record<Name, string> & { line: number }, void, undefined> {
  let at: [Name, number][] | null = null;
  for await (const { cells, line } of csvRows(file)) {
    if (!at) {
      checkNames(cells, file);
      const header = cells.map((name) => name.trim().toLowerCase());
      at = (Object.entries(columns) as [Name, { names: readonly string[]; optional?: true }][]).map(
        ([name, { names, optional }]) => {
          const found = names.map((each) => header.indexOf(each)).find((index) => index >= 0) ?? -1;
          if (found < 0 && !optional) {
            throw new OperatorError(
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
