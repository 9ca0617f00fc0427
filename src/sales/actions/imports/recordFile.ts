// Imports a file record by record: valid records are stored, invalid lines rejected; after a kill it resumes where it stopped.

import { type NumberFlags, numberFormOf } from '../../../csv/numberForm';
import { openRecords } from '../../../csv/open';
import type { NumberForm } from '../../../csv/rules/numbers';
import { surveyFile } from '../../../csv/survey';
import type { Db } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { OperatorError } from '../../../refusals';
import type { ImportedKind } from '../../rules/importRun';
import { type KeptText, keptTextOf } from '../../rules/keptText';
import { hasColumns, positionsOf } from '../../rules/mapping';
import { alone } from './feedLock';
import { openFeed } from './feeds';
import { cellsOf, type ListReading } from './listRecords';
import { fillTexts } from './rejectTexts';
import { chooseRun, failRun, finishRun, type ImportRun, linesToTry, type RereadOptions } from './runs';

export interface RecordFile extends RereadOptions, NumberFlags {
  path: string;
  feed: string;
  mapping: ReadonlyMap<string, string>;
  /** Null: detected from the bytes of the file. */
  encoding: string | null;
  separator: string | null;
}

/** How records of one kind are read. */
export interface RecordPlan {
  kind: ImportedKind;
  columns: readonly string[];
  needed: readonly string[];
  /** The column that no line of its own leaves empty. */
  key: string;
  /** Columns of numbers, by which a file shows how it writes them. */
  numbers: readonly string[];
  /** Columns that name people: of rejected lines they are not stored. */
  personal?: ReadonlySet<string>;
  /** What a line means beside its file: with other options the same file is read again. */
  options: object;
  readingOf(run: ImportRun, read: { form: NumberForm; keptText: KeptText }): Promise<ListReading>;
}

/**
 * Imports a file: valid lines are stored, the others rejected one by one. The same file twice changes nothing.
 * @throws OperatorError, Refused InvalidInput, Busy
 */
export async function importRecordFile(
  db: Db,
  file: RecordFile,
  plan: RecordPlan,
  now: Date,
  onProgress: (lines: number) => void,
): Promise<{ run: ImportRun; before: boolean }> {
  const start = await surveyFile(file.path, file.encoding);
  const { kind, columns, needed, key } = plan;
  const isHeader = (fields: readonly string[]) => hasColumns(fields, columns, file.mapping, needed);
  const opening = { separator: file.separator, isHeader };
  const { header, separator: found, records } = await openRecords(start, opening);
  const positions = positionsOf(header, columns, file.mapping, needed);
  const feedId = await openFeed(db, file.feed, null);
  return alone(db, feedId, async () => {
    const { path: fileName, mapping, encoding, separator, decimalComma, decimalPoint } = file;
    const options = {
      ...{ mapping: Object.fromEntries(mapping), encoding: encoding ?? 'utf-8' },
      ...{ separator, ...plan.options },
      // Only where they are given: files that were read before the flags were here are still the same.
      ...(decimalComma && { decimalComma }),
      ...(decimalPoint && { decimalPoint }),
    };
    const what = { feedId, kind, fileName, fileHash: start.hash, options };
    const { run, before } = await chooseRun(db, what, file, now);
    if (before) return { run, before };
    const only = await linesToTry(db, run, now);
    const numbers = plan.numbers.map((column) => positions[column]!).filter((at) => at >= 0);
    const form = await numberFormOf(start, opening, numbers, file);
    const keptText = keptTextOf(header, found, positions, plan.personal);
    const reading = await plan.readingOf(run, { form, keptText });
    try {
      for await (const group of records) {
        for (const record of group) {
          if (only?.has(record.line) === false) continue;
          const cells = cellsOf(record, header, positions, key);
          if (record.line <= run.linesRead) reading.pass(record, cells);
          else await reading.take(record, cells);
          onProgress(record.line);
        }
      }
    } catch (error) {
      if (error instanceof OperatorError) {
        await reading.giveUp();
        await failRun(db, run.id, error.message, now);
      }
      throw error;
    }
    await reading.finish();
    await fillTexts(db, run.id, start, opening, keptText);
    return { run: await inTransaction(db, (tx) => finishRun(tx, run.id, now)), before: false };
  });
}
