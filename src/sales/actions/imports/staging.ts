// Lines on their way into import_stage, by COPY.

import { once } from 'node:events';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Db, type Tx, txOn } from '../../../db/pool';
import type { FeedForm } from '../../rules/line';
import { BUCKETS } from './apply';

/** A line whose SKU is known, at its position in the file. */
export interface StagedLine {
  line: number;
  document: string;
  item: string;
  locationId: number;
  skuId: number;
  channel: string;
  day: string;
  second: number;
  units: number;
  returned: number;
  revenueMinor: number;
  customer: string | null;
}

/** The bucket of a line: lines that are counted or summed together share one. FNV-1a, folded to 16 bits. */
export function bucketOf(line: StagedLine, form: FeedForm): number {
  const key =
    form === 'DAYS'
      ? `${line.locationId} ${line.skuId} ${line.day} ${line.channel}`
      : line.document || line.item;
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) {
    hash ^= key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return ((hash >>> 16) ^ hash) & (BUCKETS - 1);
}

const escaped = (text: string): string =>
  /[\\\t\n\r]/.test(text)
    ? text.replace(/[\\\t\n\r]/g, (c) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[c]!)
    : text;

const COPY = `
  COPY import_stage (run_id, bucket, line, document, item, location_id, sku_id, channel, day, second, units, returned,
                     revenue_minor, customer) FROM STDIN`;

/** Copies lines into the stage, on a connection whose transaction is open. */
async function copyLines(
  client: Client,
  runId: number,
  form: FeedForm,
  lines: readonly StagedLine[],
): Promise<void> {
  if (lines.length === 0) return;
  const text = lines
    .map(
      (l) =>
        `${runId}\t${bucketOf(l, form)}\t${l.line}\t${escaped(l.document)}\t${escaped(l.item)}\t${l.locationId}\t` +
        `${l.skuId}\t${l.channel}\t${l.day}\t${l.second}\t${l.units}\t${l.returned}\t${l.revenueMinor}\t` +
        `${l.customer ?? '\\N'}\n`,
    )
    .join('');
  const stream = client.query(copyFrom(COPY));
  stream.end(text);
  await once(stream, 'finish');
}

const INSERT = `
  INSERT INTO import_stage (run_id, bucket, line, document, item, location_id, sku_id, channel, day, second, units, returned,
                            revenue_minor, customer)
  SELECT $1, bucket, line, document, item, "locationId", "skuId", channel, day, second, units, returned, "revenueMinor",
         customer
  FROM jsonb_to_recordset($2::jsonb) AS l(
    bucket int, line bigint, document text, item text, "locationId" int, "skuId" int, channel text, day date, second int,
    units int, returned int, "revenueMinor" bigint, customer uuid)`;

/** The same for the few lines of a request, within its transaction. */
export async function insertLines(
  tx: Tx,
  runId: number,
  form: FeedForm,
  lines: readonly StagedLine[],
): Promise<void> {
  const rows = lines.map((line) => ({ ...line, bucket: bucketOf(line, form) }));
  await tx.rows(INSERT, [runId, JSON.stringify(rows)]);
}

/** One transaction that copies lines and does `more`: both or nothing. */
export async function stage(
  db: Db,
  runId: number,
  form: FeedForm,
  lines: readonly StagedLine[],
  more: (tx: Tx) => Promise<void>,
): Promise<void> {
  // What fails ends its connection, and with it the transaction.
  await db.session(async (client) => {
    await client.query('BEGIN');
    await copyLines(client, runId, form, lines);
    await more(txOn(client));
    await client.query('COMMIT');
  });
}

const COUNT = 'SELECT count(*) AS staged FROM import_stage WHERE run_id = $1';
const CLEAR = 'DELETE FROM import_stage WHERE run_id = $1';
const REREAD = `
  UPDATE import_run SET status = 'READING', lines_read = 0, records_read = 0, rejected = 0, figures = '{}',
    buckets_done = 0, accepted = 0, changed = 0, unchanged = 0,
    created = 0, corrected = 0, replaced = 0, merged = 0 WHERE id = $1`;
const CLEAR_REJECTS = 'DELETE FROM import_reject WHERE run_id = $1';

/** How many lines of a run are staged and not applied yet. */
export async function stagedLines(tx: Tx, runId: number): Promise<number> {
  const [row] = await tx.rows<{ staged: number }>(COUNT, [runId]);
  return row!.staged;
}

/** Deletes what a run has staged (not what it has applied, which is applied again without changing anything). */
export async function rereadAll(tx: Tx, runId: number): Promise<void> {
  await tx.rows(CLEAR, [runId]);
  await tx.rows(CLEAR_REJECTS, [runId]);
  await tx.rows(REREAD, [runId]);
}

/** Drops what a run has staged. */
export async function clearStage(tx: Tx, runId: number): Promise<void> {
  await tx.rows(CLEAR, [runId]);
}
