// Feeds and their runs: who is reading which file, how far it has come, and what was set aside.

import type { Tx } from '../../../db/pool';
import { refuse } from '../../../refusals';
import type { Form, Rejection } from '../../rules/line';

/** The feed of our own orders and returns; imports use others. */
export const OWN_FEED = 1;

const OPEN_FEED = 'INSERT INTO sales_feed (name) VALUES ($1) ON CONFLICT (name) DO NOTHING';
const FEED = 'SELECT id, form FROM sales_feed WHERE name = $1';
const SET_FORM = 'UPDATE sales_feed SET form = $2 WHERE id = $1 AND form IS NULL';

/**
 * The id of a feed, which is opened when it is new. A feed states lines or days, never both: a day it states would
 * swallow its lines. @throws Refused InvalidInput
 */
export async function openFeed(tx: Tx, name: string, form: Form | null): Promise<number> {
  const find = async () => (await tx.rows<{ id: number; form: Form | null }>(FEED, [name]))[0];
  let feed = await find();
  if (feed === undefined) {
    await tx.rows(OPEN_FEED, [name]);
    feed = await find();
  }
  const { id } = feed!;
  if (id === OWN_FEED) {
    refuse('InvalidInput', `feed '${name}' is Comptoir's own; name another.`, { path: 'feed' });
  }
  if (form !== null) {
    await tx.rows(SET_FORM, [id, form]);
    const known = (await find())!.form;
    if (known !== form) {
      const said = `feed '${name}' states ${known?.toLowerCase()} and this is a file of ${form.toLowerCase()}`;
      refuse('InvalidInput', `${said}; import it under another feed.`, { path: 'feed' });
    }
  }
  return id;
}

const LOCK_FEED = `SELECT pg_advisory_xact_lock(hashtext('comptoir sales feed'), $1)`;

/** Facts of one feed are written by one transaction at a time: they change by differences to what was stated. */
export async function lockFeed(tx: Tx, feedId: number): Promise<void> {
  await tx.rows(LOCK_FEED, [feedId]);
}

export type RunStatus = 'READING' | 'APPLYING' | 'DONE' | 'FAILED';

export interface ImportRun {
  id: number;
  feedId: number;
  status: RunStatus;
  /** Lines of the file that are staged or set aside; reading goes on after it. */
  linesRead: number;
  recordsRead: number;
  accepted: number;
  rejected: number;
  changed: number;
  unchanged: number;
  bucketsDone: number;
  firstDay: string | null;
  lastDay: string | null;
  /** Sums for the reconciliation: units told, sold, came back, set aside. */
  figures: Record<string, number>;
  startedAt: Date;
}

const RUN = `
  id, feed_id AS "feedId", status, lines_read AS "linesRead", records_read AS "recordsRead", accepted, rejected, changed,
  unchanged, buckets_done AS "bucketsDone", first_day AS "firstDay", last_day AS "lastDay", figures,
  started_at AS "startedAt"`;

const LATEST = `
  SELECT ${RUN} FROM import_run
  WHERE feed_id = $1 AND kind = $2 AND file_hash = $3 AND options = $4::jsonb AND status <> 'FAILED'
  ORDER BY id DESC LIMIT 1`;
const BEGIN = `
  INSERT INTO import_run (feed_id, kind, file_name, file_hash, options, status, started_at)
  VALUES ($1, $2, $3, $4, $5::jsonb, 'READING', $6) RETURNING ${RUN}`;

/** A file to be read: its hash and how it is read say whether it was before. */
export interface FileToRead {
  feedId: number;
  kind: string;
  fileName: string;
  fileHash: string;
  options: object;
}

/** The run that read this file, or began to. */
export async function latestRun(tx: Tx, file: FileToRead): Promise<ImportRun | null> {
  const { feedId, kind, fileHash, options } = file;
  const [run] = await tx.rows<ImportRun>(LATEST, [feedId, kind, fileHash, JSON.stringify(options)]);
  return run ?? null;
}

export async function beginRun(tx: Tx, file: FileToRead, now: Date): Promise<ImportRun> {
  const { feedId, kind, fileName, fileHash, options } = file;
  const values = [feedId, kind, fileName, fileHash, JSON.stringify(options), now];
  const [run] = await tx.rows<ImportRun>(BEGIN, values);
  return run!;
}

const FAIL = `UPDATE import_run SET status = 'FAILED', error = $2, finished_at = $3 WHERE id = $1`;

/** Gives a run up; what it put in stays. */
export async function failRun(tx: Tx, runId: number, error: string, now: Date): Promise<void> {
  await tx.rows(FAIL, [runId, error.slice(0, 2_000), now]);
}

/** A line set aside. */
export interface Reject extends Rejection {
  line: number;
  raw: string;
  /** Units it told, where they could be read. */
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
    unchanged = unchanged + $5, first_day = least(first_day, $6::date), last_day = greatest(last_day, $7::date)
  WHERE id = $1`;

/** What one step of applying did. */
export interface Applied {
  accepted: number;
  changed: number;
  unchanged: number;
  firstDay: string | null;
  lastDay: string | null;
}

/** Notes that all buckets below `bucketsDone` are facts. */
export async function applied(tx: Tx, runId: number, bucketsDone: number, step: Applied): Promise<void> {
  const { accepted, changed, unchanged, firstDay, lastDay } = step;
  await tx.rows(APPLIED, [runId, bucketsDone, accepted, changed, unchanged, firstDay, lastDay]);
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
