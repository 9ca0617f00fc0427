// Adds up the whole ledger again, to compare with the stored sums.

import type { Db } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { SUM_COLUMNS, SUMS } from './sums';

// Bounded by these whatever the ledger's size: what does not fit goes to disk. Each partition is added up for itself first.
const SETTINGS = [
  'SET LOCAL statement_timeout = 0',
  "SET LOCAL work_mem = '128MB'",
  'SET LOCAL enable_partitionwise_aggregate = on',
];

// One statement, so one snapshot: the sums may be brought forward meanwhile. Shelves without a row in the one are those
// with zeros in the other.
const WRONG = `
  SELECT p.code AS location, s.code AS sku
  FROM (
    SELECT location_id, sku_id FROM (
      ${SUMS('(SELECT detached_id FROM ledger_state)', '(SELECT balanced_id FROM ledger_state)')}
      UNION ALL SELECT location_id, sku_id, ${SUM_COLUMNS} FROM ledger_carried
      UNION ALL SELECT location_id, sku_id, -available, -reserved, -staged, -quarantine, -in_transit FROM ledger_balance) b
    GROUP BY 1, 2
    HAVING sum(available) <> 0 OR sum(reserved) <> 0 OR sum(staged) <> 0 OR sum(quarantine) <> 0 OR sum(in_transit) <> 0
    ORDER BY 1, 2 LIMIT $1) w
  JOIN location p ON p.id = w.location_id JOIN sku s ON s.id = w.sku_id ORDER BY w.location_id, w.sku_id`;

/**
 * Adds up all attached moves and the carried sums, and compares with ledger_balance: shelves whose stored sums differ from
 * the sums of their moves, at most `limit`.
 */
export function wrongSums(db: Db, limit: number): Promise<{ location: string; sku: string }[]> {
  return inTransaction(db, async (tx) => {
    for (const setting of SETTINGS) await tx.rows(setting);
    return tx.rows<{ location: string; sku: string }>(WRONG, [limit]);
  });
}
