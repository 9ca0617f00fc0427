// Fills in the texts of lines that were rejected after reading (because they conflict with others), from the file.

import { type OpenOptions, openRecords } from '../../../csv/open';
import type { SurveyedFile } from '../../../csv/survey';
import type { Db } from '../../../db/pool';
import type { KeptText } from '../../rules/keptText';
import { fillRaw, linesWithoutRaw } from './runs';

/** Reads the file once more for the texts of lines that were rejected without one; does nothing where there are none. */
export async function fillTexts(
  db: Db,
  runId: number,
  start: SurveyedFile,
  opening: OpenOptions,
  keptText: KeptText,
): Promise<void> {
  const wanted = await linesWithoutRaw(db, runId);
  if (wanted.size === 0) return;
  const { records } = await openRecords(start, opening);
  for await (const group of records) {
    const texts = group.filter((record) => wanted.has(record.line));
    await fillRaw(
      db,
      runId,
      texts.map((record) => ({ line: record.line, raw: keptText(record) })),
    );
  }
}
