// Where tables go: standard output, or a file that appears whole or not at all.

import { once } from 'node:events';
import { createWriteStream, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { OperatorError } from '../../refusals';

/** A table in the making. */
export interface Output {
  stream: Writable;
  /** Writes what is left; a file gets its name now. @throws OperatorError when it could not be written */
  close(): Promise<void>;
  /** Removes the unfinished file; an earlier file of this name stays. */
  discard(): Promise<void>;
}

/**
 * A file that is written beside its name and renamed at the end, so that a failed run spoils no earlier one.
 * @throws OperatorError when it cannot be made
 */
export function toFile(file: string): Output {
  const part = `${file}.part`;
  let fd: number;
  try {
    fd = openSync(part, 'w');
  } catch (error) {
    throw cannotWrite(file, error);
  }
  const stream = createWriteStream('', { fd, highWaterMark: 1 << 18 });
  // The writing function checks `errored`; without a listener the event would end the process.
  stream.on('error', () => undefined);
  return {
    stream,
    async close() {
      stream.end();
      await finished(stream).catch((error) => {
        throw cannotWrite(file, error);
      });
      await rename(part, file);
    },
    async discard() {
      stream.destroy();
      await rm(part, { force: true });
    },
  };
}

function cannotWrite(file: string, error: unknown): OperatorError {
  return new OperatorError(`${file} cannot be written: ${(error as Error).message}.`);
}

/** Writes and waits while there is more than the stream wants. @throws OperatorError when it cannot be written */
export async function put(sink: Writable | null, text: string): Promise<void> {
  if (!sink || text === '') return;
  try {
    if (sink.errored) throw sink.errored;
    if (!sink.write(text)) await once(sink, 'drain');
  } catch (error) {
    throw cannotWrite('The table', error);
  }
}

/** Two lines and two empty ones: the banner of `npm run` before a script begins. */
const BANNER = /^\n> [^\n]+\n> [^\n]+\n\n$/;

/**
 * Standard output. `npm run` has written its banner there before this program starts; where '>' made a new
 * file, the banner is all that is in it and is taken out again. Through a pipe that cannot be done.
 * @returns with `banner` whether npm's lines stand before ours
 */
export function toStandardOutput(): Output & { banner: boolean } {
  const byNpm = process.env.npm_lifecycle_event !== undefined && process.env.npm_config_loglevel !== 'silent';
  const clean = byNpm && emptiedOfBanner();
  // The offset of the shared descriptor is still behind the banner, so each write passes its position.
  const stream = clean ? createWriteStream('', { fd: 1, start: 0, autoClose: false }) : process.stdout;
  return {
    stream,
    banner: byNpm && !clean && !process.stdout.isTTY,
    async close() {
      if (clean) {
        stream.end();
        await finished(stream);
      } else await new Promise<void>((resolve) => void process.stdout.write('', () => resolve()));
    },
    discard: async () => undefined,
  };
}

function emptiedOfBanner(): boolean {
  try {
    const { size } = fstatSync(1);
    if (!fstatSync(1).isFile() || size > 10_000 || !BANNER.test(readFileSync('/proc/self/fd/1', 'utf8')))
      return false;
    ftruncateSync(1, 0);
    return true;
  } catch {
    // Not every system shows a process its own descriptors; the lines then stay, and the program reports it.
    return false;
  }
}
