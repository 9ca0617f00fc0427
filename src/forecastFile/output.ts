// Where tables go: standard output, or a file that appears whole or not at all.

import { createWriteStream, fstatSync, ftruncateSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { InputProblem } from './problem';

/** A table in the making. */
export interface Output {
  stream: Writable;
  /** Writes what is left; a file gets its name now. @throws InputProblem when it could not be written */
  close(): Promise<void>;
  /** Leaves nothing behind; what was there before stays. */
  discard(): Promise<void>;
}

/** A file that is written beside its name and renamed at the end, so that a failed run spoils no earlier one. */
export function toFile(file: string): Output {
  const part = `${file}.part`;
  const stream = createWriteStream(part, { highWaterMark: 1 << 18 });
  // Heard here so that it does not end the process; `close` says it.
  let failed: Error | null = null;
  stream.on('error', (error) => {
    failed = error;
    stream.emit('drain');
  });
  return {
    stream,
    async close() {
      stream.end();
      await finished(stream).catch(() => undefined);
      if (failed) throw new InputProblem(`${file} cannot be written: ${failed.message}.`);
      await rename(part, file);
    },
    async discard() {
      stream.destroy();
      await rm(part, { force: true });
    },
  };
}

/** Two lines and two empty ones: what `npm run` says before a script begins. */
const BANNER = /^\n> [^\n]+\n> [^\n]+\n\n$/;

/**
 * Standard output. `npm run` has written its banner there before this program starts; where '>' made a new
 * file, the banner is all that is in it and is taken out again. Through a pipe that cannot be done.
 * @returns with `banner` whether npm's lines stand before ours
 */
export function toStandardOutput(): Output & { banner: boolean } {
  const byNpm = process.env.npm_lifecycle_event !== undefined && process.env.npm_config_loglevel !== 'silent';
  const clean = byNpm && emptiedOfBanner();
  // The offset of the shared descriptor is behind the banner still, so each write says where it belongs.
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
    // Not every system shows a process its own descriptors; the lines stay, and the program says so.
    return false;
  }
}
