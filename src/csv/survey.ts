// First pass over a whole file, before anything of it is used: its hash, its type by its bytes, and its encoding.

import { isAscii, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { OperatorError } from '../refusals';
import { cutUtf8Tail, encodingOf, firstInvalidUtf8 } from './rules/encoding';
import { foreignKind, isGzip } from './rules/magic';

export interface SurveyedFile {
  path: string;
  /** SHA-256 of its bytes. */
  hash: string;
  bytes: number;
  gzip: boolean;
  /** As decoders name it. */
  encoding: string;
  /** The gzip data are broken off or damaged; null: they are whole. */
  broken: OperatorError | null;
}

export const CHUNK_BYTES = 256 * 1024;
const HEAD_BYTES = 65_536;
/** With more NUL bytes than this a file is no text; with fewer, only their lines are rejected. */
const NUL_SHARE = 0.05;

/** What is wrong with the gzip data of a file. */
export function brokenGzip(path: string, error: unknown): OperatorError {
  const { code, message } = error as NodeJS.ErrnoException;
  const where = code === 'Z_BUF_ERROR' ? ': it ends in the middle of its gzip data' : '';
  return new OperatorError(`${path} is a broken gzip file (${message}); send the whole file again${where}.`);
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The unpacked beginning of gzip data. @throws OperatorError for data that are damaged there already */
function unpackedHead(path: string, head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, HEAD_BYTES);
  } catch (error) {
    throw brokenGzip(path, error);
  }
}

/** Checks all bytes of a text in turn against its encoding. */
class EncodingCheck {
  #tail: Buffer = Buffer.alloc(0);
  #lines = 0;
  #ascii = true;
  #utf8 = true;
  readonly #decoder: InstanceType<typeof TextDecoder> | null;

  constructor(
    private readonly path: string,
    private readonly encoding: string,
  ) {
    this.#decoder = encoding === 'utf-8' ? null : new TextDecoder(encoding, { fatal: true });
  }

  /** @throws OperatorError */
  take(chunk: Buffer): void {
    if (this.#decoder !== null) this.#decode(chunk);
    if (isAscii(chunk) && this.#tail.length === 0) {
      if (this.#decoder === null) this.#lines += linesIn(chunk, chunk.length);
      return;
    }
    this.#ascii = false;
    const bytes = this.#tail.length > 0 ? Buffer.concat([this.#tail, chunk]) : chunk;
    const whole = bytes.subarray(0, bytes.length - cutUtf8Tail(bytes));
    if (this.#utf8 && !isUtf8(whole)) {
      this.#utf8 = false;
      if (this.#decoder === null) throw this.#notUtf8(whole);
    }
    this.#lines += linesIn(whole, whole.length);
    this.#tail = Buffer.from(bytes.subarray(whole.length));
  }

  /** @throws OperatorError */
  end(): void {
    if (this.#decoder === null) {
      if (this.#tail.length > 0) throw this.#notUtf8(this.#tail);
      return;
    }
    this.#decode(null);
    // Text in a Latin encoding is practically never well-formed UTF-8 by chance.
    if (this.encoding.startsWith('utf-') || this.#ascii || !this.#utf8 || this.#tail.length > 0) return;
    throw new OperatorError(
      `${this.path} is written in UTF-8, not in ${this.encoding} as --encoding states; omit --encoding.`,
    );
  }

  #decode(chunk: Buffer | null): void {
    try {
      if (chunk === null) this.#decoder!.decode();
      else this.#decoder!.decode(chunk, { stream: true });
    } catch {
      throw new OperatorError(`${this.path} is not written in ${this.encoding}; give another --encoding.`);
    }
  }

  #notUtf8(bytes: Buffer): OperatorError {
    const at = Math.max(0, firstInvalidUtf8(bytes));
    const byte = bytes[at]!;
    const line = this.#lines + linesIn(bytes, at) + 1;
    const sign = new TextDecoder('windows-1252').decode(Uint8Array.of(byte));
    const means = /\p{Cc}/u.test(sign) ? '' : ` (in windows-1252 it is ${sign})`;
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    return new OperatorError(
      `${this.path} is not UTF-8: line ${line} has the byte ${hex}${means}. Name its encoding, for example --encoding windows-1252.`,
    );
  }
}

/** Line ends among the first `until` bytes: those of LF, or of CR where there is no LF. */
function linesIn(bytes: Buffer, until: number): number {
  const count = (sign: number): number => {
    let found = 0;
    for (let at = bytes.indexOf(sign); at >= 0 && at < until; at = bytes.indexOf(sign, at + 1)) found += 1;
    return found;
  };
  return count(0x0a) || count(0x0d);
}

/** Unpacks all of a file for its check. What is broken in its gzip data is answered, not thrown. */
async function checkUnpacked(path: string, check: EncodingCheck): Promise<OperatorError | null> {
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const unpacked = source.pipe(createGunzip({ chunkSize: CHUNK_BYTES }));
  // `pipe` does not pass errors on; without this listener the reader below would wait forever.
  source.on('error', (error) => unpacked.destroy(error));
  try {
    for await (const chunk of unpacked) check.take(chunk as Buffer);
    check.end();
    return null;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    return brokenGzip(path, error);
  } finally {
    source.destroy();
  }
}

/** What a file is: gzip or not, and its encoding. @throws OperatorError for what is no text of separated values */
async function identify(path: string, stated: string | null): Promise<{ gzip: boolean; encoding: string }> {
  const packed = await headOf(path);
  if (packed.length === 0) throw new OperatorError(`${path} is empty.`);
  const gzip = isGzip(packed);
  const head = gzip ? unpackedHead(path, packed) : packed;
  const kind = gzip && isGzip(head) ? 'gzip data within gzip data' : foreignKind(head);
  if (kind !== null) throw new OperatorError(`${path} is ${kind}, not a CSV file; save it as CSV.`);
  const encoding = encodingOf(head, stated);
  if ('problem' in encoding) throw new OperatorError(`${path} cannot be read: ${encoding.problem}.`);
  const nuls = encoding.name.startsWith('utf-16') ? 0 : head.reduce((sum, b) => sum + (b === 0 ? 1 : 0), 0);
  if (nuls > head.length * NUL_SHARE) throw new OperatorError(`${path} is not a text file.`);
  return { gzip, encoding: encoding.name };
}

/**
 * Reads a file once for its hash and whether all of it is of its encoding. `stated`: the encoding that a flag names.
 * @throws OperatorError when there is none, or it is no text in a known encoding
 */
export async function surveyFile(path: string, stated: string | null): Promise<SurveyedFile> {
  try {
    const { gzip, encoding } = await identify(path, stated);
    const hash = createHash('sha256');
    const check = new EncodingCheck(path, encoding);
    let bytes = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (!gzip) check.take(chunk as Buffer);
    }
    if (!gzip) check.end();
    const broken = gzip ? await checkUnpacked(path, check) : null;
    return { path, hash: hash.digest('hex'), bytes, gzip, encoding, broken };
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${path} cannot be read: ${(error as Error).message}.`);
  }
}
