// Runs of imports: which file is being read by which run, its progress, and the rejected lines.

import type { Tx } from '../../../db/pool';
import { refuse } from '../../../refusals';
import type { ImportProgress } from '../../rules/importRun';
import type { LineCounts } from '../../rules/outcome';
import type { Rejection } from '../../rules/rejection';

export interface ImportRun extends ImportProgress {
  feedId: number;
  /** The run whose rejected lines this one tries again; null: it reads the whole file. */
  againOf: number | null;
  bucketsDone: number;
  /** Sums for the reconciliation: units stated, sold, returned, rejected. */
  figures: Record<string, number>;
}

const RUN = `
  id, feed_id AS "feedId", status, lines_read AS "linesRead", records_read AS "recordsRead", accepted, rejected, changed,
  unchanged, created, corrected, replaced, merged, again_of_id AS "againOf", buckets_done AS "bucketsDone", first_day AS "firstDay", last_day AS "lastDay", figures,
  started_at AS "startedAt"`;

const LATEST = `
  SELECT ${RUN} FROM import_run
  WHERE feed_id = $1 AND kind = $2 AND file_hash = $3 AND options = $4::jsonb AND status <> 'FAILED'
  ORDER BY id DESC LIMIT 1`;
const BEGIN = `
  INSERT INTO import_run (feed_id, kind, file_name, file_hash, options, status, started_at, again_of_id)
  VALUES ($1, $2, $3, $4, $5::jsonb, 'READING', $6, $7) RETURNING ${RUN}`;

/** A file to be read; its hash and reading options identify an earlier run of the same file. */
export interface FileToRead {
  feedId: number;
  kind: string;
  fileName: string;
  fileHash: string;
  options: object;
}

/** The run that read this file, or began to. */
async function latestRun(tx: Tx, file: FileToRead): Promise<ImportRun | null> {
  const { feedId, kind, fileHash, options } = file;
  const [run] = await tx.rows<ImportRun>(LATEST, [feedId, kind, fileHash, JSON.stringify(options)]);
  return run ?? null;
}

/** Begins to read a file; `againOf`: only those of its lines that this run rejected. */
export async function beginRun(
  tx: Tx,
  file: FileToRead,
  now: Date,
  againOf: number | null = null,
): Promise<ImportRun> {
  const { feedId, kind, fileName, fileHash, options } = file;
  const values = [feedId, kind, fileName, fileHash, JSON.stringify(options), now, againOf];
  const [run] = await tx.rows<ImportRun>(BEGIN, values);
  return run!;
}

/** How a file that was read before is read once more: not at all, only its rejected lines, or whole. */
export interface RereadOptions {
  again: boolean;
  reread: boolean;
}

/** The run to continue; `before`: the file was already read, nothing is to be done; `begun`: the run is new. */
export interface ChosenRun {
  run: ImportRun;
  before: boolean;
  begun: boolean;
}

/** Finds the run of a file, or begins one. An interrupted run is resumed, whatever the options. */
export async function chooseRun(
  tx: Tx,
  file: FileToRead,
  { again, reread }: RereadOptions,
  now: Date,
): Promise<ChosenRun> {
  const latest = await latestRun(tx, file);
  if (latest !== null && latest.status !== 'DONE') return { run: latest, before: false, begun: false };
  if (latest === null || reread) return { run: await beginRun(tx, file, now), before: false, begun: true };
  if (!again || latest.rejected === 0) return { run: latest, before: true, begun: false };
  return { run: await beginRun(tx, file, now, latest.id), before: false, begun: true };
}

const ASIDE = 'SELECT line FROM import_reject WHERE run_id = $1';
const REJECTED = 'SELECT rejected FROM import_run WHERE id = $1';

/**
 * The lines that a run tries once more; null: all of its file. When the rejected lines were deleted meanwhile, the run
 * is given up, so that the file can be read anew. @throws Refused InvalidInput
 */
export async function linesToTry(
  tx: Tx,
  { id, againOf }: ImportRun,
  now: Date,
): Promise<ReadonlySet<number> | null> {
  if (againOf === null) return null;
  const rows = await tx.rows<{ line: number }>(ASIDE, [againOf]);
  const [before] = await tx.rows<{ rejected: number }>(REJECTED, [againOf]);
  if (rows.length < (before?.rejected ?? 0)) {
    const message = `the rejected lines of run ${againOf} were deleted; read the whole file again (--reread).`;
    await failRun(tx, id, message, now);
    refuse('InvalidInput', message, { path: 'again' });
  }
  return new Set(rows.map((row) => row.line));
}

const CHAIN = `
  WITH RECURSIVE chain AS (
    SELECT again_of_id AS id FROM import_run WHERE id = $1
    UNION SELECT r.again_of_id FROM chain c JOIN import_run r ON r.id = c.id)
  SELECT id FROM chain WHERE id IS NOT NULL`;

/** The runs that read the file of this one before, as far as their rejected lines were tried again. */
export async function runsBefore(tx: Tx, runId: number): Promise<number[]> {
  return (await tx.rows<{ id: number }>(CHAIN, [runId])).map((row) => row.id);
}

const WITHOUT_RAW = `SELECT line FROM import_reject WHERE run_id = $1 AND raw = '' ORDER BY line`;
const FILL_RAW = `
  UPDATE import_reject r SET raw = t.raw FROM unnest($2::bigint[], $3::text[]) AS t(line, raw)
  WHERE r.run_id = $1 AND r.line = t.line`;

/** Lines of a run that were rejected when their text was no longer at hand. */
export async function linesWithoutRaw(tx: Tx, runId: number): Promise<Set<number>> {
  return new Set((await tx.rows<{ line: number }>(WITHOUT_RAW, [runId])).map((row) => row.line));
}

export async function fillRaw(
  tx: Tx,
  runId: number,
  texts: readonly { line: number; raw: string }[],
): Promise<void> {
  if (texts.length === 0) return;
  await tx.rows(FILL_RAW, [runId, texts.map((t) => t.line), texts.map((t) => storable(t.raw))]);
}

const FAIL = `UPDATE import_run SET status = 'FAILED', error = $2, finished_at = $3 WHERE id = $1`;

/** Gives a run up; what it put in stays. */
export async function failRun(tx: Tx, runId: number, error: string, now: Date): Promise<void> {
  await tx.rows(FAIL, [runId, error.slice(0, 2_000), now]);
}

/** A rejected line. */
export interface Reject extends Rejection {
  line: number;
  raw: string;
  /** Units that the line states, where they could be read. */
  units: number | null;
}

const REJECT = `
  INSERT INTO import_reject (run_id, line, code, reason, raw, units)
  SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[]) ON CONFLICT DO NOTHING`;

/** A text as PostgreSQL can keep it. */
export const storable = (text: string): string =>
  text.replaceAll('\u0000', '\u2400').replace(/\p{Surrogate}/gu, '�');

export async function setAside(tx: Tx, runId: number, rejects: readonly Reject[]): Promise<void> {
  if (rejects.length === 0) return;
  await tx.rows(REJECT, [
    runId,
    rejects.map((r) => r.line),
    rejects.map((r) => r.code),
    rejects.map((r) => storable(r.reason)),
    rejects.map((r) => storable(r.raw)),
    rejects.map((r) => r.units),
  ]);
}

const ADVANCE = `
  UPDATE import_run SET lines_read = $2, records_read = records_read + $3, rejected = rejected + $4, figures = $5::jsonb
  WHERE id = $1`;

/** Notes that the file was read so far. */
export async function advance(
  tx: Tx,
  runId: number,
  read: { lines: number; records: number; rejected: number; figures: Record<string, number> },
): Promise<void> {
  await tx.rows(ADVANCE, [runId, read.lines, read.records, read.rejected, JSON.stringify(read.figures)]);
}

const APPLIED = `
  UPDATE import_run SET status = 'APPLYING', buckets_done = $2, accepted = accepted + $3, changed = changed + $4,
    unchanged = unchanged + $5, first_day = least(first_day, $6::date), last_day = greatest(last_day, $7::date),
    created = created + $8, corrected = corrected + $9, replaced = replaced + $10, merged = merged + $11,
    rejected = rejected + $12, figures = $13::jsonb
  WHERE id = $1`;

/** What one step of applying did. */
export interface Applied extends LineCounts {
  /** New lines whose number their feed and location has used on another day. */
  repeated: number;
  /** Units of the lines that state once more, with the same content, what another line of the file does. */
  repeats: number[];
  aside: Reject[];
  firstDay: string | null;
  lastDay: string | null;
}

/** Notes that all buckets below `bucketsDone` are facts. */
export async function applied(
  tx: Tx,
  runId: number,
  bucketsDone: number,
  step: Applied,
  figures: Readonly<Record<string, number>>,
): Promise<void> {
  const { accepted, changed, unchanged, firstDay, lastDay, created, corrected, replaced, merged, aside } =
    step;
  await tx.rows(APPLIED, [
    ...[runId, bucketsDone, accepted, changed, unchanged, firstDay, lastDay],
    ...[created, corrected, replaced, merged, aside.length, JSON.stringify(figures)],
  ]);
}

const FINISH = `UPDATE import_run SET status = 'DONE', finished_at = $2 WHERE id = $1 RETURNING ${RUN}`;
const WATERMARK = `
  UPDATE sales_feed f SET last_file_name = r.file_name, last_file_hash = r.file_hash, lines_done = r.lines_read,
    last_day = greatest(f.last_day, r.last_day), updated_at = $2
  FROM import_run r WHERE r.id = $1 AND f.id = r.feed_id`;

/** Ends a run and moves its feed's watermark. */
export async function finishRun(tx: Tx, runId: number, now: Date): Promise<ImportRun> {
  const [run] = await tx.rows<ImportRun>(FINISH, [runId, now]);
  await tx.rows(WATERMARK, [runId, now]);
  return run!;
}
