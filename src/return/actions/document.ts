// Return documents: inserting, locking, and finding them by their purchase.

import { v7 as uuid } from 'uuid';
import type { Caller } from '../../access/rules/roles';
import { insertStatement, lockedColumns } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import { notFound } from '../../refusals';
import type { InsertedRow, LockedRow } from '../../values/document';
import { type Announcement, type Covered, type Disposition, RETURN, type ReturnStatus } from '../rules';
import type { Sale } from './sale';
import type { ReturnUnits } from './terms';

const INSERT = `${insertStatement(RETURN)} RETURNING number`;
const INSERT_LINES = `
  INSERT INTO return_line (return_id, line, sku_id, quantity, reason, disposition)
  SELECT $1, (SELECT coalesce(max(line), 0) FROM return_line WHERE return_id = $1) + ord, sku_id, quantity, reason,
         disposition::disposition
  FROM unnest($2::int[], $3::int[], $4::text[], $5::text[]) WITH ORDINALITY
    AS l(sku_id, quantity, reason, disposition, ord)`;

/** Opens a return in this status. */
export async function insertReturn(
  tx: Tx,
  { actor, now }: { actor: Caller; now: Date },
  sale: Sale,
  locationId: number,
  status: ReturnStatus,
): Promise<{ id: string; number: string }> {
  const id = uuid();
  const { orderId, receipt: receiptNumber, soldAt } = sale;
  const row: InsertedRow<typeof RETURN> = {
    id,
    ownerId: actor.actorId,
    locationId,
    orderId,
    receiptNumber,
    soldAt,
    status,
    closedAt: status === 'REQUESTED' ? null : now,
  };
  const [made] = await tx.rows<{ number: string }>(INSERT, [JSON.stringify([row]), now]);
  return { id, number: made!.number };
}

/** Appends lines to a return whose row is locked: with a disposition they were received, without one they are announced. */
export async function insertLines(
  tx: Tx,
  returnId: string,
  lines: readonly (ReturnUnits & { disposition: Disposition | null })[],
): Promise<void> {
  await tx.rows(INSERT_LINES, [
    returnId,
    lines.map((l) => l.skuId),
    lines.map((l) => l.quantity),
    lines.map((l) => l.reason),
    lines.map((l) => l.disposition),
  ]);
}

/** A return whose row this transaction has locked. */
export interface LockedReturn extends LockedRow<typeof RETURN> {
  location: string;
}

const LOCKED = `
  SELECT ${lockedColumns(RETURN, 'r')}, p.code AS location
  FROM customer_return r JOIN location p ON p.id = r.location_id`;
const LOCK = `${LOCKED} WHERE r.id = $1 FOR UPDATE OF r`;
const LOCK_REQUESTED = `
  ${LOCKED} WHERE r.status = 'REQUESTED' AND (r.order_id = $1 OR r.receipt = $2) ORDER BY r.id FOR UPDATE OF r`;
const OUTSTANDING = `
  SELECT l.return_id AS id, l.sku_id AS "skuId",
         greatest(sum(CASE WHEN l.disposition IS NULL THEN l.quantity - l.covered ELSE -l.quantity END), 0)::int AS units
  FROM return_line l WHERE l.return_id = ANY($1::uuid[]) GROUP BY l.return_id, l.sku_id
  HAVING bool_or(l.disposition IS NULL) ORDER BY l.return_id, l.sku_id`;

/** Locks one return. @throws Refused NotFound */
export async function lockReturn(tx: Tx, id: string): Promise<LockedReturn> {
  const [found] = await tx.rows<LockedReturn>(LOCK, [id]);
  if (found === undefined) throw notFound('Return', [id]);
  return found;
}

/** Locks the open announcements of a purchase, oldest first. The calling function has locked the purchase. */
export function lockAnnouncements(tx: Tx, { orderId, receipt }: Sale): Promise<LockedReturn[]> {
  return tx.rows<LockedReturn>(LOCK_REQUESTED, [orderId, receipt]);
}

/** Announced units of these returns not received yet, in their order. A SKU received in full has 0 units. */
export async function announcedUnits(tx: Tx, ids: readonly string[]): Promise<Announcement[]> {
  const rows = await tx.rows<{ id: string; skuId: number; units: number }>(OUTSTANDING, [ids]);
  return ids.map((id) => ({
    id,
    units: new Map(rows.filter((row) => row.id === id).map((row) => [row.skuId, row.units])),
  }));
}

const COVER = `
  UPDATE return_line l SET covered = l.covered + c.units
  FROM unnest($1::uuid[], $2::int[], $3::int[]) AS c(return_id, sku_id, units)
  WHERE l.return_id = c.return_id AND l.line = (
    SELECT min(line) FROM return_line WHERE return_id = c.return_id AND sku_id = c.sku_id AND disposition IS NULL)`;
const CLOSE_COVERED = `
  UPDATE customer_return SET status = 'RECEIVED', received_with_id = $2, closed_at = $3 WHERE id = ANY($1::uuid[])`;

/** Records which announced units were received with the return `withId`, and closes the announcements completed by it. */
export async function coverLines(
  tx: Tx,
  now: Date,
  withId: string,
  { covered, done }: { covered: readonly Covered[]; done: readonly string[] },
): Promise<void> {
  if (covered.length === 0) return;
  await tx.rows(COVER, [covered.map((c) => c.id), covered.map((c) => c.skuId), covered.map((c) => c.units)]);
  if (done.length > 0) await tx.rows(CLOSE_COVERED, [done, withId, now]);
}
