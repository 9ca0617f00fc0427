// Importing a file of sales: read and staged, applied, matched, reconciled; killed at any point it goes on where it was.

import { type FileRecords, openRecords } from '../../../csv/open';
import { FileProblem } from '../../../csv/problem';
import type { CsvRecord } from '../../../csv/rules/records';
import { surveyFile } from '../../../csv/survey';
import type { Db } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { placesByCode, SkuBook } from '../../queries/codes';
import { LineReader, type Positions, type Reading, SALES_COLUMNS } from '../../rules/line';
import { holdsColumns, positionsOf } from '../../rules/mapping';
import { alone } from './alone';
import { applyBuckets, BUCKETS } from './apply';
import { type Batch, Figures, type Import, resolve, take } from './batch';
import { matchAllChanged } from './match';
import {
  advance,
  applied,
  beginRun,
  failRun,
  finishRun,
  type ImportRun,
  latestRun,
  lockFeed,
  openFeed,
  setAside,
} from './runs';
import { clearStage, rereadAll, stage, stagedLines } from './staging';
import { ensureYears } from './years';

/** How a file is to be read. */
export interface SalesFile {
  path: string;
  feed: string;
  mapping: ReadonlyMap<string, string>;
  reading: Omit<Reading, 'form'>;
  /** Null: as the file’s own bytes say. */
  encoding: string | null;
  separator: string | null;
  /** SKUs that are not known are created with their name and price in this currency; null: their lines are set aside. */
  createSkus: { currency: string } | null;
  /** Read it again although it was read before: lines set aside then may go in now. */
  again: boolean;
}

export interface Progress {
  phase: 'reading' | 'applying' | 'matching';
  lines: number;
  /** Of the whole phase, 0 to 1; null where nobody knows. */
  share: number | null;
}

/** What an import came to. `before`: the file was read before and nothing was done. */
export interface Imported {
  run: ImportRun;
  before: boolean;
}

/** Records read and copied at a time. */
const BATCH = 10_000;
/** Lines that one transaction makes facts of. */
const APPLY_LINES = 25_000;

/** Stages a batch and notes how far the file was read, in one transaction. */
async function flush(work: Import, batch: Batch): Promise<void> {
  const { db, run, reading, figures } = work;
  const lines = await resolve(work, batch);
  figures.add('staged', lines.length);
  const { records, lastLine, rejects } = batch;
  // A copy: the next batch counts on while this one is written.
  const sums = { ...figures.sums };
  await stage(db, run.id, reading.form, lines, async (tx) => {
    await setAside(tx, run.id, rejects);
    await advance(tx, run.id, { lines: lastLine, records, rejected: rejects.length, figures: sums });
  });
}

/** Reads the file into the stage from where the run stopped. */
async function readAll(
  work: Import,
  header: readonly string[],
  records: AsyncGenerator<CsvRecord[]>,
  tell: (lines: number) => void,
): Promise<void> {
  const fresh = (): Batch => ({ lines: [], rejects: [], records: 0, lastLine: 0 });
  let batch = fresh();
  for await (const group of records) {
    for (const record of group) {
      if (record.line <= work.run.linesRead) continue;
      take(work, header, batch, record);
      batch.lastLine = record.lastLine;
      if (batch.records < BATCH) continue;
      await flush(work, batch);
      tell(batch.lastLine);
      batch = fresh();
    }
  }
  if (batch.records > 0) await flush(work, batch);
}

const READ = `UPDATE import_run SET status = 'APPLYING' WHERE id = $1`;

/** Makes facts of all that is staged. */
async function applyAll(work: Import, tell: (progress: Progress) => void): Promise<void> {
  const { db, run, reading, positions, figures } = work;
  const years = Object.keys(figures.sums).flatMap((name) =>
    name.startsWith('year ') ? [Number(name.slice(5))] : [],
  );
  await ensureYears(db, years);
  const staged = figures.sums.staged ?? 0;
  const width = Math.max(1, Math.floor((BUCKETS * APPLY_LINES) / Math.max(1, staged)));
  const byLine = positions.line >= 0;
  let lines = 0;
  for (let from = run.bucketsDone; from < BUCKETS; from += width) {
    const to = Math.min(BUCKETS, from + width);
    await inTransaction(db, async (tx) => {
      await lockFeed(tx, run.feedId);
      const step = await applyBuckets(
        tx,
        { runId: run.id, feedId: run.feedId, form: reading.form, byLine },
        from,
        to,
      );
      await applied(tx, run.id, to, step);
      lines += step.accepted;
    });
    tell({ phase: 'applying', lines, share: to / BUCKETS });
  }
}

/** Begins a run, or takes up the one that stopped. Rows that a crash of the server took are read again. */
async function takeUp(db: Db, run: ImportRun): Promise<ImportRun> {
  const staged = await stagedLines(db, run.id);
  if (staged + run.accepted === (run.figures.staged ?? 0)) return run;
  await inTransaction(db, (tx) => rereadAll(tx, run.id));
  return {
    ...run,
    status: 'READING',
    linesRead: 0,
    recordsRead: 0,
    accepted: 0,
    rejected: 0,
    bucketsDone: 0,
    figures: {},
  };
}

function optionsOf({ mapping, reading, encoding, separator, createSkus }: SalesFile, form: string): object {
  const { productPattern, ...rest } = reading;
  return {
    ...rest,
    productPattern: productPattern?.source ?? null,
    form,
    mapping: Object.fromEntries(mapping),
    encoding: encoding ?? 'utf-8',
    separator,
    createSkus,
  };
}

/** A file that is open, and how its feed states it. */
interface Opened extends FileRecords {
  file: SalesFile;
  hash: string;
  positions: Positions;
  reading: Reading;
  feedId: number;
  /** How much of the file was read, 0 to 1. */
  share: () => number;
}

/** @throws FileProblem, Refused InvalidInput */
async function openSales(db: Db, file: SalesFile): Promise<Opened> {
  const start = await surveyFile(file.path, file.encoding);
  let bytes = 0;
  const needed = [
    'sku',
    'units',
    'day',
    ...(file.reading.location === null ? ['location' as const] : []),
  ] as const;
  const isHeader = (fields: readonly string[]) => holdsColumns(fields, SALES_COLUMNS, file.mapping, needed);
  const records = await openRecords(start, { separator: file.separator, isHeader }, (read) => {
    bytes = read;
  });
  const positions = positionsOf(records.header, SALES_COLUMNS, file.mapping, needed);
  const form = positions.document >= 0 || positions.line >= 0 ? 'LINES' : 'DAYS';
  const feedId = await openFeed(db, file.feed, form);
  const share = () => bytes / Math.max(1, start.bytes);
  return { ...records, file, hash: start.hash, positions, reading: { ...file.reading, form }, feedId, share };
}

/** Reads what is not read yet. A file that breaks off gives the run up: nothing of it became facts. */
async function readFile(
  db: Db,
  work: Import,
  opened: Opened,
  tell: (progress: Progress) => void,
): Promise<void> {
  const { header, records, share } = opened;
  try {
    await readAll(work, header, records, (lines) => tell({ phase: 'reading', lines, share: share() }));
  } catch (error) {
    if (error instanceof FileProblem) {
      await clearStage(db, work.run.id);
      await failRun(db, work.run.id, error.message, work.now);
    }
    throw error;
  }
  await db.rows(READ, [work.run.id]);
}

async function importAlone(
  db: Db,
  opened: Opened,
  now: Date,
  tell: (progress: Progress) => void,
): Promise<Imported> {
  const { file, hash, positions, reading, feedId } = opened;
  const options = optionsOf(file, reading.form);
  const what = { feedId, kind: 'sales', fileName: file.path, fileHash: hash, options };
  const latest = await latestRun(db, what);
  if (latest?.status === 'DONE' && !file.again) return { run: latest, before: true };
  const fresh = latest === null || latest.status === 'DONE';
  const run = fresh ? await beginRun(db, what, now) : await takeUp(db, latest);
  const reader = new LineReader(feedId, positions, reading, await placesByCode(db, now));
  const work: Import = {
    db,
    createSkus: file.createSkus,
    run,
    reading,
    positions,
    reader,
    book: new SkuBook(db),
    figures: new Figures({ ...run.figures }),
    now,
  };
  if (run.status === 'READING') await readFile(db, work, opened, tell);
  await applyAll(work, tell);
  await matchAllChanged(db, feedId, (lines) => tell({ phase: 'matching', lines, share: null }));
  return { run: await inTransaction(db, (tx) => finishRun(tx, run.id, now)), before: false };
}

/**
 * Imports a file of sales for its feed: what is good goes in, the rest is set aside line by line. The same file twice
 * changes nothing; lines said before with other words correct what they said. Memory does not grow with the file.
 * @throws FileProblem, Refused InvalidInput, Busy
 */
export async function importSalesFile(
  db: Db,
  file: SalesFile,
  now: Date,
  tell: (progress: Progress) => void = () => {},
): Promise<Imported> {
  const opened = await openSales(db, file);
  return alone(db, opened.feedId, () => importAlone(db, opened, now, tell));
}
