// Reads of imports: runs, newest first, and rejected lines, in the order of the file.

import type { Tx } from '../../db/pool';
import type { ImportedKind, ImportProgress } from '../rules/importRun';
import type { RejectCode } from '../rules/rejection';

export interface RejectRow {
  runId: number;
  line: number;
  code: RejectCode;
  reason: string;
  raw: string;
  units: number | null;
}

const REJECTS = `
  SELECT run_id AS "runId", line, code, reason, raw, units FROM import_reject
  WHERE run_id = $1 AND line > $2
    AND ($4::int IS NULL OR EXISTS (SELECT FROM import_run r JOIN sales_feed f ON f.id = r.feed_id
                                    WHERE r.id = $1 AND f.owner_id = $4))
  ORDER BY line LIMIT $3`;

/** Rejected lines of a run, after line `after`; of a feed of this actor, or of any (null). */
export function rejectPage(
  tx: Tx,
  runId: number,
  after: number,
  limit: number,
  ownerId: number | null = null,
): Promise<RejectRow[]> {
  return tx.rows<RejectRow>(REJECTS, [runId, after, limit, ownerId]);
}

export interface ImportRunRow extends ImportProgress {
  feed: string;
  kind: ImportedKind;
  fileName: string;
  repeatedNumbers: number;
  error: string | null;
  finishedAt: Date | null;
}

const RUN = `
  SELECT r.id, f.name AS feed, r.kind, r.file_name AS "fileName", r.status, r.lines_read AS "linesRead",
         r.records_read AS "recordsRead", r.accepted, r.rejected, r.changed, r.unchanged, r.created, r.corrected,
         r.replaced, r.merged, coalesce((r.figures->>'repeatedNumbers')::int, 0) AS "repeatedNumbers", r.first_day AS "firstDay",
         r.last_day AS "lastDay", r.error, r.started_at AS "startedAt", r.finished_at AS "finishedAt"
  FROM import_run r JOIN sales_feed f ON f.id = r.feed_id`;
const RUNS = `${RUN} WHERE ($1::text IS NULL OR f.name = $1) AND ($2::bigint IS NULL OR r.id < $2)
  AND ($4::int IS NULL OR f.owner_id = $4) ORDER BY r.id DESC LIMIT $3`;

/** Runs, the newest first, of one feed or all, of the feeds of this actor or all, before run `before`. */
export function runPage(
  tx: Tx,
  feed: string | null,
  before: number | null,
  limit: number,
  ownerId: number | null = null,
): Promise<ImportRunRow[]> {
  return tx.rows<ImportRunRow>(RUNS, [feed, before, limit, ownerId]);
}

const BY_ID = `${RUN} WHERE r.id = ANY($1::bigint[])`;

/** Runs by id, in no order. */
export function runsById(tx: Tx, ids: readonly number[]): Promise<ImportRunRow[]> {
  return tx.rows<ImportRunRow>(BY_ID, [ids]);
}
