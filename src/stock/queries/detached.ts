// Checks before a partition of the ledger is detached, and records of detached partitions.

import type { Tx } from '../../db/pool';
import { SUM_COLUMNS } from './sums';

/** A partition that was detached. */
export interface DetachedPartition {
  /** Its table's name. */
  name: string;
  throughId: number;
  firstId: number | null;
  lastId: number | null;
  firstAt: Date | null;
  lastAt: Date | null;
  moves: number;
  /** Of the carried sums when it had been added to them, hexadecimal. */
  carriedHash: string;
  detachedAt: Date;
  /** Its table is still in this database. */
  there: boolean;
}

const DETACHED = `
  SELECT name, through_id AS "throughId", first_id AS "firstId", last_id AS "lastId", first_at AS "firstAt",
         last_at AS "lastAt", moves, encode(carried_hash, 'hex') AS "carriedHash", detached_at AS "detachedAt",
         to_regclass(quote_ident(name)) IS NOT NULL AS there
  FROM ledger_detached ORDER BY through_id`;

/** The detached partitions, oldest first. */
export function detachedPartitions(tx: Tx): Promise<DetachedPartition[]> {
  return tx.rows<DetachedPartition>(DETACHED);
}

// Location by location, so that no text grows with the chain.
const CARRIED_HASH = `
  SELECT encode(sha256(coalesce(string_agg(int4send(location_id) || hash, ''::bytea ORDER BY location_id), ''::bytea)),
                'hex') AS hash
  FROM (SELECT location_id,
               sha256(convert_to(string_agg(concat_ws('|', sku_id, ${SUM_COLUMNS}), E'\\n' ORDER BY sku_id), 'UTF8')) AS hash
        FROM ledger_carried GROUP BY location_id) location`;

/** The hash of all carried sums as they are now, hexadecimal. */
export async function carriedHash(tx: Tx): Promise<string> {
  return (await tx.rows<{ hash: string }>(CARRIED_HASH))[0]!.hash;
}

/** What is in a table of the ledger. */
export interface Contents {
  moves: number;
  firstId: number | null;
  lastId: number | null;
  firstAt: Date | null;
  lastAt: Date | null;
}

/** Counts a partition's moves. `table` is one of the names that `partitions` gives. */
export async function contentsOf(tx: Tx, table: string): Promise<Contents> {
  const [found] = await tx.rows<Contents>(`
    SELECT count(*) AS moves, min(id) AS "firstId", max(id) AS "lastId", min(created_at) AS "firstAt",
           max(created_at) AS "lastAt"
    FROM ${table}`);
  return found!;
}

// The oldest open document of each kind; the moves of open documents are still needed.
const OLDEST_OPEN = `
  SELECT what, began FROM (
    SELECT 'reservation' AS what, min(created_at) AS began FROM reservation WHERE status = 'ACTIVE'
    UNION ALL
    SELECT 'order', min(placed_at) FROM customer_order WHERE status IN ('PLACED', 'AWAITING_TRANSFER', 'PICKING', 'READY')
    UNION ALL
    SELECT 'transfer', min(created_at) FROM transfer WHERE status IN ('DRAFT', 'DISPATCHED')
    UNION ALL
    SELECT 'purchase order', min(created_at) FROM purchase_order WHERE status IN ('DRAFT', 'ORDERED', 'PARTIALLY_RECEIVED')
    UNION ALL
    SELECT 'return', min(created_at) FROM customer_return WHERE status = 'REQUESTED'
    UNION ALL
    SELECT 'count', min(opened_at) FROM stock_count WHERE status IN ('OPEN', 'COUNTED')) d
  WHERE began IS NOT NULL ORDER BY began LIMIT 1`;

/** The document that is open longest. */
export async function oldestOpenDocument(tx: Tx): Promise<{ what: string; began: Date } | null> {
  return (await tx.rows<{ what: string; began: Date }>(OLDEST_OPEN))[0] ?? null;
}

// The feed with id 1 is that of our own orders; a day is recorded again when a later move falls on it.
const RECORDED_UNTIL = `
  SELECT m.created_at AS at FROM stock_move m
  WHERE m.id <= (SELECT position FROM sales_feed WHERE id = 1) ORDER BY m.id DESC LIMIT 1`;

/** The time of the last move that is in the sales history; null: there is none. */
export async function salesRecordedUntil(tx: Tx): Promise<Date | null> {
  return (await tx.rows<{ at: Date }>(RECORDED_UNTIL))[0]?.at ?? null;
}

const SEALED = 'SELECT coalesce(max(through_id), 0) AS id FROM ledger_seal';

/** All moves through this id are sealed. */
export async function sealedThrough(tx: Tx): Promise<number> {
  return (await tx.rows<{ id: number }>(SEALED))[0]!.id;
}

const SEAL_AT = `
  SELECT through_id AS "throughId", encode(hash, 'hex') AS hash FROM ledger_seal WHERE through_id <= $1
  ORDER BY through_id DESC LIMIT 1`;

/** The last seal through this id or before; null: there is none. */
export async function sealAt(tx: Tx, id: number): Promise<{ throughId: number; hash: string } | null> {
  return (await tx.rows<{ throughId: number; hash: string }>(SEAL_AT, [id]))[0] ?? null;
}
