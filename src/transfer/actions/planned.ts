// Transfers inside a wider transaction: planned for an order, found, cancelled, detached, and what the module above does when they arrive.

import { v7 as uuid } from 'uuid';
import { insertStatement, lockedColumns } from '../../db/documentSql';
import type { Tx } from '../../db/pool';
import { notFound } from '../../refusals';
import { type LockedShelves, type Move, post, type Shelf } from '../../stock/ledger';
import type { InsertedRow, LockedRow } from '../../values/document';
import { sumBySku } from '../../values/skuUnits';
import { type SentUnits, TRANSFER, type TransferStatus, type TransferUnits } from '../rules';

/** The facts of a command that its moves and documents record. */
export interface TransferCause {
  commandId: number;
  now: Date;
}

/** A transfer to open. Two lines of one SKU add up. */
export interface TransferPlan {
  fromLocationId: number;
  toLocationId: number;
  /** The order that waits for it; null for a transfer without an order. */
  orderId: string | null;
  expectedAt: Date | null;
  note?: string | null;
  lines: TransferUnits[];
}

/** A transfer whose row this transaction has locked. */
export interface LockedTransfer extends LockedRow<typeof TRANSFER> {
  fromCode: string;
  toCode: string;
  lines: SentUnits[];
}

type PlannedMoveKind = Pick<Move, 'from' | 'to' | 'toLocationId' | 'reason' | 'commandId'>;

/** The same move at the source for every line of a transfer. */
export function movesOf(
  transfer: Pick<LockedTransfer, 'id' | 'fromLocationId'> & { lines: readonly TransferUnits[] },
  kind: PlannedMoveKind,
): Move[] {
  const { id: documentId, fromLocationId: locationId, lines } = transfer;
  return lines.map(({ skuId, quantity }) => ({ skuId, quantity, ...kind, locationId, documentId }));
}

const INSERT = `${insertStatement(TRANSFER)} RETURNING id, number`;

const INSERT_LINES = `
  INSERT INTO transfer_line (transfer_id, sku_id, quantity)
  SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[])`;

/**
 * Opens DRAFT transfers and reserves their units at the source (AVAILABLE → RESERVED), so that nothing else can take
 * them before the dispatch. The calling function has locked the sources' shelves and checked that the units are available.
 * Answers in the order of the plans.
 */
export async function planTransfers(
  tx: Tx,
  shelves: LockedShelves,
  { commandId, now }: TransferCause,
  plans: readonly TransferPlan[],
): Promise<{ id: string; number: string }[]> {
  if (plans.length === 0) return [];
  const drafts = plans.map((plan) => ({ ...plan, id: uuid(), lines: sumBySku(plan.lines) }));
  const rows = drafts.map(
    ({ id, fromLocationId, toLocationId, orderId, expectedAt, note }): InsertedRow<typeof TRANSFER> => ({
      id,
      fromLocationId,
      toLocationId,
      orderId,
      expectedAt,
      note: note ?? null,
    }),
  );
  const made = await tx.rows<{ id: string; number: string }>(INSERT, [JSON.stringify(rows), now]);
  const lines = drafts.flatMap((d) => d.lines.map((line) => ({ ...line, transferId: d.id })));
  await tx.rows(INSERT_LINES, [
    lines.map((l) => l.transferId),
    lines.map((l) => l.skuId),
    lines.map((l) => l.quantity),
  ]);
  const moves = drafts.flatMap((d) =>
    movesOf(d, { from: 'AVAILABLE', to: 'RESERVED', reason: 'TRANSFER_PLANNED', commandId }),
  );
  await post(tx, shelves, now, moves);
  const numbers = new Map(made.map((m) => [m.id, m.number]));
  return drafts.map((d) => ({ id: d.id, number: numbers.get(d.id)! }));
}

const LOCKED = `
  SELECT ${lockedColumns(TRANSFER, 't')}, f.code AS "fromCode", d.code AS "toCode"
  FROM transfer t JOIN location f ON f.id = t.from_location_id JOIN location d ON d.id = t.to_location_id`;
const LOCK_BY_ID = `${LOCKED} WHERE t.id = $1 FOR UPDATE OF t`;
const LOCK_BY_ORDER = `
  ${LOCKED} WHERE t.order_id = ANY($1::uuid[]) AND t.status IN ('DRAFT', 'DISPATCHED') ORDER BY t.id FOR UPDATE OF t`;
// Lines change only under the transfer's lock.
const LINES = `
  SELECT transfer_id AS "transferId", sku_id AS "skuId", quantity, freed
  FROM transfer_line WHERE transfer_id = ANY($1::uuid[]) ORDER BY transfer_id, sku_id`;

async function withLines(tx: Tx, rows: Omit<LockedTransfer, 'lines'>[]): Promise<LockedTransfer[]> {
  if (rows.length === 0) return [];
  const lines = await tx.rows<SentUnits & { transferId: string }>(LINES, [rows.map((r) => r.id)]);
  return rows.map((row) => ({
    ...row,
    lines: lines.filter((l) => l.transferId === row.id).map(({ transferId: _id, ...units }) => units),
  }));
}

/** Locks one transfer. @throws Refused NotFound */
export async function transferForUpdate(tx: Tx, id: string): Promise<LockedTransfer> {
  const [transfer] = await withLines(tx, await tx.rows<Omit<LockedTransfer, 'lines'>>(LOCK_BY_ID, [id]));
  if (transfer === undefined) throw notFound('Transfer', [id]);
  return transfer;
}

/**
 * Locks the open (DRAFT or DISPATCHED) transfers of these orders, in the order of their ids. The calling function
 * has locked the orders. It then locks `draftShelves` with its own shelves, and calls `cancelDrafts` and `detachDispatched`.
 */
export async function orderTransfersForUpdate(
  tx: Tx,
  orderIds: readonly string[],
): Promise<LockedTransfer[]> {
  return withLines(tx, await tx.rows<Omit<LockedTransfer, 'lines'>>(LOCK_BY_ORDER, [orderIds]));
}

const inState = (transfers: readonly LockedTransfer[], status: TransferStatus): LockedTransfer[] =>
  transfers.filter((t) => t.status === status);

/** The shelves that `cancelDrafts` needs locked: those of the DRAFT ones, at their sources. */
export function draftShelves(transfers: readonly LockedTransfer[]): Shelf[] {
  return inState(transfers, 'DRAFT').flatMap((t) =>
    t.lines.map(({ skuId }) => ({ locationId: t.fromLocationId, skuId })),
  );
}

const CANCEL = `UPDATE transfer SET status = 'CANCELLED', closed_at = $2 WHERE id = ANY($1::uuid[])`;

/** Closes locked transfers as CANCELLED; the calling function moves their units. */
export async function cancelTransfers(
  tx: Tx,
  now: Date,
  transfers: readonly LockedTransfer[],
): Promise<void> {
  await tx.rows(CANCEL, [transfers.map((t) => t.id), now]);
}

/** Cancels the DRAFT ones among these locked transfers: their units go RESERVED → AVAILABLE at the source. */
export async function cancelDrafts(
  tx: Tx,
  shelves: LockedShelves,
  { commandId, now }: TransferCause,
  transfers: readonly LockedTransfer[],
): Promise<void> {
  const drafts = inState(transfers, 'DRAFT');
  if (drafts.length === 0) return;
  await cancelTransfers(tx, now, drafts);
  const moves = drafts.flatMap((t) =>
    movesOf(t, { from: 'RESERVED', to: 'AVAILABLE', reason: 'TRANSFER_CANCELLED', commandId }),
  );
  await post(tx, shelves, now, moves);
}

const DETACH = 'UPDATE transfer SET order_id = NULL WHERE id = ANY($1::uuid[])';

/** The DISPATCHED ones among these locked transfers are detached from their order: their units arrive AVAILABLE. */
export async function detachDispatched(tx: Tx, transfers: readonly LockedTransfer[]): Promise<void> {
  const onTheRoad = inState(transfers, 'DISPATCHED');
  if (onTheRoad.length > 0) await tx.rows(DETACH, [onTheRoad.map((t) => t.id)]);
}

/** One line of a transfer's receipt for its order; `received` units are RESERVED at the destination now. */
export interface OrderArrival {
  orderId: string;
  toLocationId: number;
  skuId: number;
  /** Units received, at most those planned. */
  received: number;
  /** Units planned that will not arrive (lost in transit, or the transfer was cancelled). */
  missing: number;
}

/** Shelves that may replace missing units, to be locked together with the transfer's own. */
export interface Elsewhere {
  readonly shelves: readonly Shelf[];
}

/**
 * The module above whose orders wait for transfers. The commands that settle orders take it as a parameter, as this module
 * may not import it; it is called inside the command's own transaction.
 */
export interface TransferFollower {
  /** Locks the orders, before any transfer is locked. */
  lock(tx: Tx, orderIds: readonly string[]): Promise<void>;
  /** Finds, before any shelf is locked, sources other than this transfer's for the units its orders will miss. */
  findOtherSources(tx: Tx, fromLocationId: number, arrivals: readonly OrderArrival[]): Promise<Elsewhere>;
  /** Settles the orders, after the receipt's moves are posted. `shelves` contains those of both ends and of `elsewhere`. */
  settled(
    tx: Tx,
    cause: TransferCause,
    shelves: LockedShelves,
    arrivals: readonly OrderArrival[],
    elsewhere: Elsewhere,
  ): Promise<void>;
}
