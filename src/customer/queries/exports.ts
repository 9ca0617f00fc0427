// Reads of exports of customers' data: what was requested, which files there are, and their pieces.

import type { Tx } from '../../db/pool';

/** An export as it was requested, and what became of it. */
export interface CustomerExportRow {
  id: string;
  customerId: string;
  actorId: number;
  isPending: boolean;
  requestedAt: Date;
  dueAt: Date;
  finishedAt: Date | null;
  /** Null: it is not made yet, or the customer was erased. */
  expiresAt: Date | null;
  revokedAt: Date | null;
  fetchCount: number;
  fetchedAt: Date | null;
}

export type ExportState = 'PENDING' | 'READY' | 'EXPIRED' | 'REVOKED' | 'ERASED';

/** The state of an export at a time. */
export function exportState(one: CustomerExportRow, now: Date): ExportState {
  if (one.isPending) return 'PENDING';
  if (one.expiresAt === null) return 'ERASED';
  if (one.revokedAt !== null) return 'REVOKED';
  return one.expiresAt > now ? 'READY' : 'EXPIRED';
}

const COLUMNS = `r.id, r.customer_id AS "customerId", r.actor_id AS "actorId", r.status = 'PENDING' AS "isPending",
    r.requested_at AS "requestedAt", r.due_at AS "dueAt", r.finished_at AS "finishedAt", e.expires_at AS "expiresAt",
    e.revoked_at AS "revokedAt", coalesce(e.fetch_count, 0) AS "fetchCount", e.fetched_at AS "fetchedAt"`;
const FROM = `FROM data_request r LEFT JOIN customer_export e ON e.request_id = r.id`;
const BY_ID = `SELECT ${COLUMNS} ${FROM} WHERE r.kind = 'EXPORT' AND r.id = ANY($1::uuid[])`;
const PAGE = `
  SELECT ${COLUMNS} ${FROM}
  WHERE r.kind = 'EXPORT' AND ($1::uuid IS NULL OR r.id < $1) ORDER BY r.id DESC LIMIT $2`;
const PAGE_OF_CUSTOMER = `
  SELECT ${COLUMNS} ${FROM}
  WHERE r.kind = 'EXPORT' AND ($1::uuid IS NULL OR r.id < $1) AND r.customer_id = ANY($3::uuid[])
  ORDER BY r.id DESC LIMIT $2`;

/** The exports with these ids, in any order; unknown ones are left out. */
export function exportsById(tx: Tx, ids: readonly string[]): Promise<CustomerExportRow[]> {
  return tx.rows<CustomerExportRow>(BY_ID, [ids]);
}

/** A page of exports, the newest first (their ids grow with time), of all customers or only those requested by these ids. */
export function exportPage(
  tx: Tx,
  customerIds: readonly string[] | null,
  after: string | null,
  limit: number,
): Promise<CustomerExportRow[]> {
  return customerIds === null
    ? tx.rows<CustomerExportRow>(PAGE, [after, limit])
    : tx.rows<CustomerExportRow>(PAGE_OF_CUSTOMER, [after, limit, customerIds]);
}

/** A file of an export. */
export interface ExportedFile {
  exportId: string;
  name: string;
  bytes: number;
}

const FILES = `
  SELECT p.request_id AS "exportId", p.file AS name, sum(octet_length(p.content))::bigint AS bytes
  FROM customer_export_part p WHERE p.request_id = ANY($1::uuid[]) GROUP BY 1, 2 ORDER BY p.file`;

/** The files of these exports, by name. */
export function filesOfExports(tx: Tx, ids: readonly string[]): Promise<ExportedFile[]> {
  return tx.rows<ExportedFile>(FILES, [ids]);
}

const PART = `
  SELECT p.content FROM customer_export_part p WHERE p.request_id = $1 AND p.file = $2 AND p.number = $3`;

/** One piece of a file; null: there is none of this number. */
export async function exportPart(
  tx: Tx,
  exportId: string,
  file: string,
  number: number,
): Promise<string | null> {
  const [row] = await tx.rows<{ content: string }>(PART, [exportId, file, number]);
  return row?.content ?? null;
}
