// Lines that were set aside behind the reading, when they met others, get their text from the file.

import type { Db } from '../../../db/pool';
import { rawOf } from './batch';
import { type FileStart, openRecords } from './file';
import { fillRaw, linesWithoutRaw } from './runs';

/** Reads the file once more for the texts of lines that were set aside without; nothing where there are none. */
export async function fillTexts(
  db: Db,
  runId: number,
  start: FileStart,
  file: { encoding: string; separator: string | null },
): Promise<void> {
  const wanted = await linesWithoutRaw(db, runId);
  if (wanted.size === 0) return;
  const { records } = await openRecords(start, file);
  for await (const group of records) {
    const texts = group.filter((record) => wanted.has(record.line));
    await fillRaw(
      db,
      runId,
      texts.map((record) => ({ line: record.line, raw: rawOf(record) })),
    );
  }
}
