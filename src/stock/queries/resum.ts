// Adds up the whole ledger anew, a piece at a time, beside the sums that are kept.

import { type Db, type Tx, txOn } from '../../db/pool';
import { ledgerState, SUM_COLUMNS, SUMS } from './sums';

/** Ids that one statement adds up. */
const PIECE = 5_000_000;
/** Memory that the database may take for the sums of a piece before it writes them to disk. */
const WORK_MEM = '128MB';

const OPEN = `
  CREATE TEMPORARY TABLE summed_anew (location_id int, sku_id int, available int, reserved int, staged int,
                                      quarantine int, in_transit int)`;
const ADD = `INSERT INTO summed_anew (location_id, sku_id, ${SUM_COLUMNS}) ${SUMS('stock_move')}`;
const CARRY = `
  INSERT INTO summed_anew (location_id, sku_id, ${SUM_COLUMNS}) SELECT location_id, sku_id, ${SUM_COLUMNS}
  FROM ledger_carried`;

// Shelves without a row in the one are those with zeros in the other.
const WRONG = `
  SELECT p.code AS location, s.code AS sku
  FROM (
    SELECT location_id, sku_id FROM (
      SELECT location_id, sku_id, ${SUM_COLUMNS} FROM summed_anew
      UNION ALL SELECT location_id, sku_id, -available, -reserved, -staged, -quarantine, -in_transit FROM ledger_balance) b
    GROUP BY 1, 2
    HAVING sum(available) <> 0 OR sum(reserved) <> 0 OR sum(staged) <> 0 OR sum(quarantine) <> 0 OR sum(in_transit) <> 0
    ORDER BY 1, 2 LIMIT $1) w
  JOIN location p ON p.id = w.location_id JOIN sku s ON s.id = w.sku_id`;

export interface SummedAnew {
  /** The move through which the sums are kept. */
  throughId: number;
  /** Shelves whose kept sums are not what their moves add up to. */
  wrong: { location: string; sku: string }[];
}

async function addUp(tx: Tx, limit: number): Promise<SummedAnew> {
  await tx.rows(OPEN);
  await tx.rows(CARRY);
  const { detachedId } = await ledgerState(tx);
  for (let from = detachedId; ; ) {
    // Sealed moves are final, so pieces need no common snapshot; the sums may be brought forward meanwhile.
    const { balancedId } = await ledgerState(tx);
    if (from < balancedId) {
      const to = Math.min(from + PIECE, balancedId);
      await tx.rows(ADD, [from, to]);
      from = to;
      continue;
    }
    const wrong = await tx.rows<{ location: string; sku: string }>(WRONG, [limit]);
    if ((await ledgerState(tx)).balancedId === balancedId) return { throughId: balancedId, wrong };
  }
}

/**
 * Adds up all attached moves and the carried sums, and compares with ledger_balance; at most `limit` wrong shelves. Takes
 * a connection of its own, and memory and disk by the number of shelves, not of moves.
 */
export async function sumAnew(db: Db, limit: number): Promise<SummedAnew> {
  const client = await db.pool.connect();
  try {
    await client.query(`SET statement_timeout = 0; SET work_mem = '${WORK_MEM}'`);
    return await addUp(txOn(client), limit);
  } finally {
    // Closed rather than given back: the table and the settings belong to this session.
    client.release(true);
  }
}
