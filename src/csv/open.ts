// Opens a surveyed file: finds its separator and its header, and gives the records behind it.

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { OperatorError } from '../refusals';
import { CsvReader, type CsvRecord, MAX_LINE_LENGTH } from './rules/records';
import { brokenGzip, CHUNK_BYTES, type SurveyedFile } from './survey';

/** The header's fields, and the records that follow, in groups as they come. */
export interface FileRecords {
  header: string[];
  separator: string;
  records: AsyncGenerator<CsvRecord[]>;
}

export interface OpenOptions {
  /** Null: the one that fits the file. */
  separator: string | null;
  /** Whether these fields are the header; left out: the first line is the header. */
  isHeader?: (fields: readonly string[]) => boolean;
  maxLength?: number;
}

const SEPARATORS = [',', ';', '\t', '|'];
/** Number of records from the top in which the header is searched for and separators are compared. */
const TOP_RECORDS = 25;
const TOP_CHARACTERS = 65_536;
/** What Excel reads from and writes into the first line: sep=; */
const SEP_LINE = /^\uFEFF?"?sep=(.)"?\1*[ \t]*$/i;

/** The file's text in pieces. @throws OperatorError for broken gzip data, or bytes that are not of the encoding */
async function* textOf(
  { path, gzip, encoding }: SurveyedFile,
  onProgress: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stream = gzip ? source.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : source;
  // `pipe` does not pass errors on; without this listener the reader below would wait forever.
  if (gzip) source.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) {
      onProgress(source.bytesRead);
      yield decoder.decode(chunk as Buffer, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (gzip && (error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw brokenGzip(path, error);
    throw new OperatorError(
      `${path} cannot be read to its end (${(error as Error).message}); send the whole file again.`,
    );
  } finally {
    source.destroy();
  }
}

/** The beginning of the text: enough to see the header and some lines behind it. */
async function topOf(
  pieces: AsyncGenerator<string>,
  maxLength: number,
): Promise<{ text: string; whole: boolean }> {
  let text = '';
  for (;;) {
    const next = await pieces.next();
    if (next.done) return { text, whole: true };
    text += next.value;
    if (text.length > maxLength + TOP_CHARACTERS) return { text, whole: false };
    if (text.length > TOP_CHARACTERS && /(?:[^\r\n]*(?:\r\n?|\n)){25}/.test(text))
      return { text, whole: false };
  }
}

interface FileTop {
  separator: string;
  records: CsvRecord[];
  /** Which of them is the header; −1: none is recognised. */
  headerAt: number;
  /** Records behind the first or the header that have as many fields. */
  alike: number;
  width: number;
}

function topBy(
  separator: string,
  { text, whole }: { text: string; whole: boolean },
  firstLine: number,
  { isHeader, maxLength }: OpenOptions,
): FileTop {
  const reader = new CsvReader({ separator, maxLength, firstLine });
  const records = [...reader.push(text), ...(whole ? reader.end() : [])].slice(0, TOP_RECORDS);
  const headerAt = isHeader ? records.findIndex(({ fields }) => fields !== null && isHeader(fields)) : -1;
  const from = Math.max(0, headerAt);
  const width = records[from]?.fields?.length ?? 0;
  const alike = records.slice(from + 1).filter(({ fields }) => fields?.length === width).length;
  return { separator, records, headerAt, alike: width > 1 ? alike : -1, width };
}

/** The better of two ways to take the top apart: a header first, then as many alike lines, then as many fields. */
function better(a: FileTop, b: FileTop): FileTop {
  if (a.headerAt < 0 !== b.headerAt < 0) return a.headerAt < 0 ? b : a;
  if (a.alike !== b.alike) return b.alike > a.alike ? b : a;
  return b.width > a.width ? b : a;
}

/** Takes a line `sep=;` off the top: its separator, and the text and line behind it. */
function withoutSepLine(text: string): { text: string; firstLine: number; separator: string | null } {
  const end = /\r*\n|\r/.exec(text);
  const found = end === null ? null : SEP_LINE.exec(text.slice(0, end.index));
  if (found === null) return { text, firstLine: 1, separator: null };
  return { text: text.slice(end!.index + end![0].length), firstLine: 2, separator: found[1]! };
}

function headerOf(
  path: string,
  { records, headerAt }: FileTop,
  maxLength: number,
): CsvRecord & { fields: string[] } {
  const record = records[Math.max(0, headerAt)];
  if (record === undefined) throw new OperatorError(`${path} is empty: it has not even a header.`);
  if (record.problem === 'TOO_LONG')
    throw new OperatorError(`${path} has no header: its first line is longer than ${maxLength}.`);
  if (record.problem === 'NUL_BYTE') throw new OperatorError(`${path} is not a text file.`);
  if (record.fields === null) throw new OperatorError(`${path}: a quote in the header is never closed.`);
  return record as CsvRecord & { fields: string[] };
}

/** Opens a file's records. @throws OperatorError when it is empty or its first line is no header */
export async function openRecords(
  file: SurveyedFile,
  options: OpenOptions,
  onProgress: (bytes: number) => void = () => {},
): Promise<FileRecords> {
  const maxLength = options.maxLength ?? MAX_LINE_LENGTH;
  const pieces = textOf(file, onProgress);
  const begun = await topOf(pieces, maxLength);
  const { text, firstLine, separator: named } = withoutSepLine(begun.text);
  const fixedSeparator = options.separator ?? named;
  const tops = (fixedSeparator === null ? SEPARATORS : [fixedSeparator]).map((separator) =>
    topBy(separator, { ...begun, text }, firstLine, options),
  );
  const top = tops.reduce(better);
  const { fields: header, line, lastLine } = headerOf(file.path, top, maxLength);
  const { separator } = top;
  const least = namedWidth(header);
  const fits = (n: number): boolean => n >= least && n <= header.length + 1;
  const reader = new CsvReader({ separator, fits, maxLength, firstLine });
  const sendWithCommit = (records: CsvRecord[]): CsvRecord[] => {
    if (records.length === 0 || records[0]!.line > lastLine) return records;
    return records.flatMap((record) => {
      if (record.line > lastLine) return [record];
      return record.line < line ? [{ ...record, fields: null, problem: 'PREAMBLE' as const }] : [];
    });
  };
  async function* records(): AsyncGenerator<CsvRecord[]> {
    if (file.broken !== null) throw file.broken;
    yield sendWithCommit(reader.push(text));
    for await (const piece of pieces) yield sendWithCommit(reader.push(piece));
    yield sendWithCommit(reader.end());
  }
  return { header, separator, records: records() };
}

/** Columns up to the last that has a name. */
function namedWidth(header: readonly string[]): number {
  return header.findLastIndex((name) => name.trim() !== '') + 1;
}

/** Why a row does not fit the header; null: it does. Cells beyond the named columns may be missing, or be empty. */
export function widthProblem(fields: readonly string[], header: readonly string[]): string | null {
  if (fields.length === header.length) return null;
  const extra = fields.slice(header.length).some((field) => field.trim() !== '');
  if (!extra && fields.length >= namedWidth(header)) return null;
  return `the line has ${fields.length} columns, the header ${header.length}`;
}
