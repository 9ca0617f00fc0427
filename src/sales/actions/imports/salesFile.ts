// Importing a file of sales: read and staged, applied, matched, reconciled; killed at any point it goes on where it was.

import { setTimeout as sleep } from 'node:timers/promises';
import { SYSTEM } from '../../../access/rules';
import { upsertSkus } from '../../../catalog/actions';
import { CATALOG_LIMITS, skuCodeProblem } from '../../../catalog/rules';
import type { Db } from '../../../db/pool';
import { inTransaction } from '../../../db/transaction';
import { MAX_BULK, refuse } from '../../../refusals';
import { placesByCode, SkuBook } from '../../queries/codes';
import { type CsvRecord, MAX_RAW_LENGTH } from '../../rules/csv';
import {
  LineReader,
  type Positions,
  type Reading,
  SALES_COLUMNS,
  type SalesLine,
  unitsIn,
} from '../../rules/line';
import { positionsOf } from '../../rules/mapping';
import { applyBuckets, BUCKETS } from './apply';
import { FileProblem, type FileStart, lookAt, openRecords } from './file';
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
  type Reject,
  setAside,
} from './runs';
import { clearStage, rereadAll, type StagedLine, stage, stagedLines } from './staging';
import { ensureYears } from './years';

/** How a file is to be read. */
export interface SalesFile {
  path: string;
  feed: string;
  mapping: ReadonlyMap<string, string>;
  reading: Omit<Reading, 'form'>;
  encoding: string;
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

const TRY_LOCK = `SELECT pg_try_advisory_lock(hashtext('comptoir import'), $1) AS ours`;
const UNLOCK = `SELECT pg_advisory_unlock(hashtext('comptoir import'), $1)`;
const WAIT_SECONDS = 600;
const LOOK_AGAIN_MS = 500;

/** Runs `work` while no other process imports for this feed. The lock ends with its connection, also of the killed. */
async function alone<T>(db: Db, feedId: number, work: () => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  try {
    for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
      const { rows } = await client.query<{ ours: boolean }>(TRY_LOCK, [feedId]);
      if (rows[0]!.ours) break;
      if (waited >= WAIT_SECONDS * 1_000) {
        const message = `another import of this feed has been going on for ${WAIT_SECONDS} seconds; try again later.`;
        refuse('Busy', message, { retryAfterSeconds: WAIT_SECONDS });
      }
      await sleep(LOOK_AGAIN_MS);
    }
    return await work();
  } finally {
    await client.query(UNLOCK, [feedId]).catch(() => {});
    client.release();
  }
}

/** Sums for the reconciliation, kept with the run. */
class Figures {
  constructor(readonly sums: Record<string, number>) {}

  add(name: string, amount: number): void {
    this.sums[name] = (this.sums[name] ?? 0) + amount;
  }
}

interface Import {
  db: Db;
  file: SalesFile;
  run: ImportRun;
  reading: Reading;
  positions: Positions;
  reader: LineReader;
  book: SkuBook;
  figures: Figures;
  now: Date;
}

/** One batch of records taken apart: lines, and what was set aside. */
interface Batch {
  lines: { record: CsvRecord; line: SalesLine }[];
  rejects: Reject[];
  records: number;
  lastLine: number;
}

const BROKEN = {
  TOO_LONG: 'the line is longer than can be meant',
  OPEN_QUOTE: 'a quote is opened and never closed',
};

function asideOf(record: CsvRecord, code: Reject['code'], reason: string, units: number | null): Reject {
  return { line: record.line, raw: record.raw.slice(0, MAX_RAW_LENGTH), code, reason, units };
}

/** Reads one record into the batch. */
function take(
  { reader, positions, figures }: Import,
  columns: number,
  batch: Batch,
  record: CsvRecord,
): void {
  const { fields } = record;
  batch.records += 1;
  if (fields === null) {
    batch.rejects.push(asideOf(record, record.problem!, BROKEN[record.problem!], null));
    return;
  }
  if (fields.length !== columns) {
    const reason = `the line has ${fields.length} columns, the header ${columns}`;
    batch.rejects.push(asideOf(record, 'WRONG_COLUMNS', reason, null));
    return;
  }
  const units = unitsIn((fields[positions.units] ?? '').trim());
  figures.add('rawUnits', units ?? 0);
  const line = reader.read(fields);
  if ('code' in line) batch.rejects.push(asideOf(record, line.code, line.reason, units));
  else batch.lines.push({ record, line });
}

/** Creates the SKUs behind unknown codes from the first line that names each. */
async function createSkus(
  { db, file, run, positions, book, now }: Import,
  batch: Batch,
  unknown: readonly string[],
): Promise<void> {
  const wanted = new Map<string, Batch['lines'][number]>();
  const codes = new Set(unknown.filter((code) => skuCodeProblem(code) === null));
  for (const one of batch.lines)
    if (codes.has(one.line.sku) && !wanted.has(one.line.sku)) wanted.set(one.line.sku, one);
  const skus = [...wanted.values()].map(({ record, line }) => {
    const told = positions.name < 0 ? '' : (record.fields![positions.name] ?? '');
    const name = told
      .replace(/[\u0000\p{Surrogate}]/gu, '')
      .trim()
      .slice(0, CATALOG_LIMITS.nameLength);
    const amountMinor = Math.min(line.priceMinor ?? 0, CATALOG_LIMITS.priceMinor);
    const price = line.priceMinor === null ? null : { amountMinor, currency: file.createSkus!.currency };
    return { code: line.sku, name: name || line.sku, price };
  });
  for (let from = 0; from < skus.length; from += MAX_BULK) {
    const idempotencyKey = `import ${run.id} ${batch.lastLine} ${from}`;
    const input = { skus: skus.slice(from, from + MAX_BULK) };
    await upsertSkus(db, { who: SYSTEM, idempotencyKey, now, input });
  }
  await book.learn(codes);
}

/** Finds the SKUs of a batch; lines of unknown ones are set aside. */
async function resolve(work: Import, batch: Batch): Promise<StagedLine[]> {
  const { book, file, figures } = work;
  const unknown = await book.learn(batch.lines.map(({ line }) => line.sku));
  if (unknown.length > 0 && file.createSkus !== null) await createSkus(work, batch, unknown);
  const staged: StagedLine[] = [];
  for (const { record, line } of batch.lines) {
    const skuId = book.idOf(line.sku);
    if (skuId === undefined) {
      const reason = `there is no SKU '${line.sku.slice(0, 64)}'; create it, or tell its alias`;
      batch.rejects.push(asideOf(record, 'UNKNOWN_SKU', reason, line.units));
      continue;
    }
    figures.add(line.units < 0 ? 'backLines' : 'soldLines', 1);
    figures.add(line.units < 0 ? 'backUnits' : 'soldUnits', Math.abs(line.units));
    if (line.returned > 0) figures.add('returnedUnits', line.returned);
    figures.add(`year ${line.day.slice(0, 4)}`, 1);
    const { sku: _sku, priceMinor: _priceMinor, ...rest } = line;
    staged.push({ ...rest, line: record.line, skuId });
  }
  for (const { code, units } of batch.rejects) {
    figures.add(`aside ${code}`, 1);
    figures.add(`aside units ${code}`, units ?? 0);
  }
  return staged;
}

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
  columns: number,
  records: AsyncGenerator<CsvRecord[]>,
  tell: (lines: number) => void,
): Promise<void> {
  const fresh = (): Batch => ({ lines: [], rejects: [], records: 0, lastLine: 0 });
  let batch = fresh();
  for await (const group of records) {
    for (const record of group) {
      if (record.line <= work.run.linesRead) continue;
      take(work, columns, batch, record);
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
    encoding,
    separator,
    createSkus,
  };
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
  const start = await lookAt(file.path);
  let bytes = 0;
  const opened = await openRecords(start, file, (read) => {
    bytes = read;
  });
  const needed = (['sku', 'units', 'day'] as const).filter((column) => column !== undefined);
  const places: ('location' | 'sku' | 'units' | 'day')[] =
    file.reading.location === null ? [...needed, 'location'] : [...needed];
  const positions = positionsOf(opened.header, SALES_COLUMNS, file.mapping, places);
  const form = positions.document >= 0 || positions.line >= 0 ? 'LINES' : 'DAYS';
  const feedId = await openFeed(db, file.feed, form);
  const reading: Reading = { ...file.reading, form };
  return alone(db, feedId, () => importAlone({ db, file, start, opened, positions, reading, feedId, now }));

  async function importAlone(known: {
    db: Db;
    file: SalesFile;
    start: FileStart;
    opened: Awaited<ReturnType<typeof openRecords>>;
    positions: Positions;
    reading: Reading;
    feedId: number;
    now: Date;
  }): Promise<Imported> {
    const what = {
      feedId,
      kind: 'sales',
      fileName: file.path,
      fileHash: start.hash,
      options: optionsOf(file, form),
    };
    const latest = await latestRun(db, what);
    if (latest?.status === 'DONE' && !file.again) return { run: latest, before: true };
    const run =
      latest === null || latest.status === 'DONE' ? await beginRun(db, what, now) : await takeUp(db, latest);
    const reader = new LineReader(feedId, positions, reading, await placesByCode(db, now));
    const work: Import = {
      ...known,
      run,
      reader,
      book: new SkuBook(db),
      figures: new Figures({ ...run.figures }),
    };
    if (run.status === 'READING') {
      try {
        await readAll(work, opened.header.length, opened.records, (lines) =>
          tell({ phase: 'reading', lines, share: bytes / Math.max(1, start.bytes) }),
        );
      } catch (error) {
        if (!(error instanceof FileProblem)) throw error;
        await clearStage(db, run.id);
        await failRun(db, run.id, error.message, now);
        throw error;
      }
      await db.rows(READ, [run.id]);
    }
    await applyAll(work, tell);
    await matchAllChanged(db, feedId, (lines) => tell({ phase: 'matching', lines, share: null }));
    return { run: await inTransaction(db, (tx) => finishRun(tx, run.id, now)), before: false };
  }
}
