// The file itself: its hash, its text piece by piece (gzip or not), and its records.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { CsvReader, type CsvRecord, MAX_LINE_LENGTH, separatorOf, splitFields } from '../../rules/csv';

/** A file that cannot be read, or not to its end; the message is one sentence for who imports it. */
export class FileProblem extends Error {
  override name = 'FileProblem';
}

export interface FileStart {
  path: string;
  /** sha-256 of its bytes. */
  hash: string;
  bytes: number;
  gzip: boolean;
}

const CHUNK_BYTES = 256 * 1024;

/** Reads the file once for its hash. @throws FileProblem when there is none */
export async function lookAt(path: string): Promise<FileStart> {
  const hash = createHash('sha256');
  let bytes = 0;
  let gzip = false;
  try {
    const file = await open(path);
    const magic = Buffer.alloc(2);
    await file.read(magic, 0, 2, 0);
    await file.close();
    gzip = magic[0] === 0x1f && magic[1] === 0x8b;
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
  } catch (error) {
    throw new FileProblem(`${path} cannot be read: ${(error as Error).message}.`);
  }
  return { path, hash: hash.digest('hex'), bytes, gzip };
}

/** The file's text in pieces. @throws FileProblem for a broken gzip */
async function* textOf(
  { path, gzip }: FileStart,
  encoding: string,
  tell: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stream = gzip ? source.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : source;
  // A pipe does not hand errors on; without a hand-over the reader below would wait for ever.
  if (gzip) source.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) {
      tell(source.bytesRead);
      yield decoder.decode(chunk as Buffer, { stream: true });
    }
  } catch (error) {
    const what = gzip ? 'is a broken gzip file' : 'cannot be read to its end';
    throw new FileProblem(`${path} ${what} (${(error as Error).message}); send the whole file again.`);
  } finally {
    source.destroy();
  }
  yield decoder.decode();
}

/** The header's fields, and the records that follow, in groups as they come. */
export interface FileRecords {
  header: string[];
  records: AsyncGenerator<CsvRecord[]>;
}

/** Opens a file's records. @throws FileProblem when it is empty or its first line is no header */
export async function openRecords(
  file: FileStart,
  { encoding, separator }: { encoding: string; separator: string | null },
  tell: (bytes: number) => void = () => {},
): Promise<FileRecords> {
  const pieces = textOf(file, encoding, tell);
  let text = '';
  let end = -1;
  for (let next = await pieces.next(); end < 0; next = await pieces.next()) {
    if (!next.done) text += next.value;
    end = text.indexOf('\n');
    if (next.done && end < 0) end = text.length;
    if (end < 0 && text.length > MAX_LINE_LENGTH) {
      throw new FileProblem(`${file.path} has no header: its first line is longer than ${MAX_LINE_LENGTH}.`);
    }
    if (end >= 0) break;
  }
  const line = text
    .slice(0, end)
    .replace(/^\uFEFF/, '')
    .replace(/\r$/, '');
  if (line.trim() === '') throw new FileProblem(`${file.path} has no header in its first line.`);
  const sign = separator ?? separatorOf(line);
  const header = splitFields(line, sign);
  if (header === null) throw new FileProblem(`${file.path}: a quote in the header is never closed.`);
  const reader = new CsvReader(sign, header.length, 2);
  async function* records(): AsyncGenerator<CsvRecord[]> {
    yield reader.push(text.slice(end + 1));
    for await (const piece of pieces) yield reader.push(piece);
    yield reader.end();
  }
  return { header, records: records() };
}
