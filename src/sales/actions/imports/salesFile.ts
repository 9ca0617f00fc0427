// Imports a file of sales: read and staged, applied, matched, reconciled; after a kill at any point it resumes where it stopped.

import type { CsvRecord } from '../../../csv/rules/records';
import type { Db } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { OperatorError } from '../../../refusals';
import { locationsByCode, SkuIdCache } from '../../queries/codes';
import type { Compared } from '../../rules/compare';
import { keptTextOf } from '../../rules/keptText';
import { LineReader } from '../../rules/line';
import { Pseudonyms } from '../../rules/pseudonym';
import { BUCKETS } from './apply';
import { type FileImport, ImportFigures, type RecordBatch, resolve, take } from './batch';
import { compareStaged } from './compare';
import { alone } from './feedLock';
import { lockFeed } from './feeds';
import { keyCustomers } from './keyCustomers';
import { matchAllChanged } from './match';
import { type OpenedSales, openSales, optionsOf, readingOf, type SalesFile } from './openSales';
import { fillTexts } from './rejectTexts';
import {
  advance,
  chooseRun,
  failRun,
  finishRun,
  type ImportRun,
  linesToTry,
  runsBefore,
  setAside,
} from './runs';
import { clearStage, rereadAll, stage, stagedLines } from './staging';
import { applyStep } from './step';
import { ensureYears } from './yearPartitions';

export interface SalesFileProgress {
  phase: 'reading' | 'applying' | 'matching';
  lines: number;
  /** Of the whole phase, 0 to 1; null where it is not known. */
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
async function flush(work: FileImport, batch: RecordBatch): Promise<void> {
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

/** The records of a file from where the run stopped, taken apart batch by batch; `only`: those of these lines. */
async function* batchesOf(
  work: FileImport,
  header: readonly string[],
  records: AsyncGenerator<CsvRecord[]>,
  only: ReadonlySet<number> | null = null,
): AsyncGenerator<RecordBatch> {
  const fresh = (): RecordBatch => ({ lines: [], rejects: [], records: 0, lastLine: 0 });
  let batch = fresh();
  for await (const group of records) {
    for (const record of group) {
      if (record.line <= work.run.linesRead || only?.has(record.line) === false) continue;
      take(work, header, batch, record);
      batch.lastLine = record.lastLine;
      if (batch.records < BATCH) continue;
      yield batch;
      batch = fresh();
    }
  }
  if (batch.records > 0) yield batch;
}

/** Reads the file into the stage from where the run stopped. */
async function readAll(
  work: FileImport,
  header: readonly string[],
  records: AsyncGenerator<CsvRecord[]>,
  report: (lines: number) => void,
): Promise<void> {
  const only = await linesToTry(work.db, work.run, work.now);
  for await (const batch of batchesOf(work, header, records, only)) {
    await flush(work, batch);
    report(batch.lastLine);
  }
}

const READ = `UPDATE import_run SET status = 'APPLYING' WHERE id = $1`;

/** Makes facts of all that is staged. */
async function applyAll(work: FileImport, report: (progress: SalesFileProgress) => void): Promise<void> {
  const { db, run, reading, positions, figures } = work;
  const years = Object.keys(figures.sums).flatMap((name) =>
    name.startsWith('year ') ? [Number(name.slice(5))] : [],
  );
  await ensureYears(db, years);
  const staged = figures.sums.staged ?? 0;
  const width = Math.max(1, Math.floor((BUCKETS * APPLY_LINES) / Math.max(1, staged)));
  const staging = {
    ...{ runId: run.id, feedId: run.feedId, form: reading.form, byLine: positions.line >= 0 },
    ...{ numbers: work.numbers, againOf: await runsBefore(db, run.id) },
  };
  let lines = 0;
  let sums = { ...figures.sums };
  for (let from = run.bucketsDone; from < BUCKETS; from += width) {
    const to = Math.min(BUCKETS, from + width);
    const done = await inTransaction(db, async (tx) => {
      await lockFeed(tx, run.feedId);
      return applyStep(tx, staging, sums, [from, to]);
    });
    sums = done.figures;
    lines += done.step.accepted;
    report({ phase: 'applying', lines, share: to / BUCKETS });
  }
}

/** Begins a run, or resumes an interrupted one. Staged rows lost in a crash of the database server are read again. */
async function takeUp(db: Db, run: ImportRun): Promise<ImportRun> {
  const staged = await stagedLines(db, run.id);
  const { staged: read = 0, asideLater = 0 } = run.figures;
  if (staged + run.accepted + asideLater === read) return run;
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

/** Reads the rest of the file. If the file is incomplete, the run fails before any of its lines became facts. */
async function readFile(
  db: Db,
  work: FileImport,
  opened: OpenedSales,
  report: (progress: SalesFileProgress) => void,
): Promise<void> {
  const { header, records, share } = opened;
  try {
    await readAll(work, header, records, (lines) => report({ phase: 'reading', lines, share: share() }));
  } catch (error) {
    if (error instanceof OperatorError) {
      await clearStage(db, work.run.id);
      await failRun(db, work.run.id, error.message, work.now);
    }
    throw error;
  }
  await db.rows(READ, [work.run.id]);
}

async function workOf(db: Db, opened: OpenedSales, run: ImportRun, now: Date): Promise<FileImport> {
  const { file, positions, feedId, header, separator } = opened;
  const reading = await readingOf(opened);
  return {
    ...{ db, run, reading, positions, now, createSkus: file.createSkus, numbers: file.numbers },
    reader: new LineReader(feedId, positions, reading, {
      locations: await locationsByCode(db, now),
      pseudonyms: new Pseudonyms(file.secretKey),
    }),
    keptText: keptTextOf(header, separator, positions),
    skuIds: new SkuIdCache(db),
    figures: new ImportFigures({ ...run.figures }),
  };
}

async function importAlone(
  db: Db,
  opened: OpenedSales,
  now: Date,
  report: (progress: SalesFileProgress) => void,
): Promise<Imported> {
  const { file, start, opening, form, feedId } = opened;
  const options = optionsOf(file, form);
  const what = { feedId, kind: 'sales', fileName: file.path, fileHash: start.hash, options };
  const { run: chosen, before, begun } = await chooseRun(db, what, file, now);
  if (before) return { run: chosen, before };
  const run = begun ? chosen : await takeUp(db, chosen);
  const work = await workOf(db, opened, run, now);
  if (run.status === 'READING') await readFile(db, work, opened, report);
  await applyAll(work, report);
  await matchAllChanged(db, feedId, (lines) => report({ phase: 'matching', lines, share: null }));
  await fillTexts(db, run.id, start, opening, work.keptText);
  return { run: await inTransaction(db, (tx) => finishRun(tx, run.id, now)), before: false };
}

/**
 * Imports a file of sales for its feed: valid lines are stored, the others rejected one by one. The same file twice
 * changes nothing; lines stated before with other content correct the stored ones. Memory does not grow with the file.
 * @throws OperatorError, Refused InvalidInput, Busy
 */
export async function importSalesFile(
  db: Db,
  file: SalesFile,
  now: Date,
  report: (progress: SalesFileProgress) => void = () => {},
): Promise<Imported> {
  const opened = await openSales(db, file);
  return alone(db, opened.feedId, async () => {
    await keyCustomers(db, new Pseudonyms(file.secretKey), opened.feedId);
    return importAlone(db, opened, now, report);
  });
}

/**
 * Reads a file that was imported once more and compares what it states with what is stored of it. The stage is used under
 * the run's number below zero, so that nobody takes it for lines that are to be applied.
 */
export async function compareSalesFile(
  db: Db,
  file: SalesFile,
  run: ImportRun,
  now: Date,
): Promise<{ compared: Compared; figures: Record<string, number> }> {
  const opened = await openSales(db, { ...file, createSkus: null });
  const { feedId, form, positions, header, records } = opened;
  return alone(db, feedId, async () => {
    await keyCustomers(db, new Pseudonyms(file.secretKey), feedId);
    const runId = -run.id;
    await clearStage(db, runId);
    const work = await workOf(db, opened, { ...run, id: runId, figures: {}, linesRead: 0 }, now);
    for await (const batch of batchesOf(work, header, records)) {
      const lines = await resolve(work, batch);
      work.figures.add('staged', lines.length);
      await stage(db, runId, form, lines, async () => {});
    }
    const staged = {
      runId,
      feedId,
      form,
      byLine: positions.line >= 0,
      numbers: file.numbers,
      againOf: [],
    };
    return compareStaged(db, staged, work.figures.sums);
  });
}
