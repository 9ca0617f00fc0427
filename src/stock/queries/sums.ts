// What stretches of the ledger add up to, shelf by shelf: the SQL of every sum of moves, and how far the kept sums reach.

import type { Tx } from '../../db/pool';

const COLUMNS = ['available', 'reserved', 'staged', 'quarantine', 'in_transit'] as const;
const BUCKETS = ['AVAILABLE', 'RESERVED', 'STAGED', 'QUARANTINE', 'IN_TRANSIT'] as const;

export const SUM_COLUMNS = COLUMNS.join(', ');

/**
 * The sums of the moves with ids in ($1, $2] of a table: location_id, sku_id and a column for each bucket inside. Of
 * shelves that a move touched; it can be all zeros.
 */
export const SUMS = (table: string): string => `
  SELECT v.location_id, m.sku_id,
    ${COLUMNS.map((c, i) => `coalesce(sum(v.units) FILTER (WHERE v.bucket = '${BUCKETS[i]}'), 0)::int AS ${c}`).join(',\n    ')}
  FROM ${table} m
  CROSS JOIN LATERAL (VALUES (m.from_location_id, m.from_bucket, -m.quantity),
                             (m.to_location_id, m.to_bucket, m.quantity)) AS v(location_id, bucket, units)
  WHERE m.id > $1 AND m.id <= $2 AND v.bucket < 'SUPPLIER'
  GROUP BY 1, 2`;

/** Adds the sums of moves with ids in ($1, $2] to the sums that are kept in `into`. */
export const ADD_SUMS = (into: 'ledger_balance' | 'ledger_carried'): string => `
  INSERT INTO ${into} AS kept (location_id, sku_id, ${SUM_COLUMNS})
  ${SUMS('stock_move')} ORDER BY 1, 2
  ON CONFLICT (location_id, sku_id) DO UPDATE
  SET ${COLUMNS.map((c) => `${c} = kept.${c} + EXCLUDED.${c}`).join(', ')}`;

/** The five buckets of a row of sums as rows of (bucket, units). */
export const BUCKET_ROWS = (row: string): string =>
  `(VALUES ${COLUMNS.map((c, i) => `('${BUCKETS[i]}'::bucket, ${row}.${c})`).join(', ')})`;

/** How far the kept sums reach. */
export interface LedgerState {
  /** ledger_balance has the sums of all moves through this id. */
  balancedId: number;
  /** Moves through this id are detached; ledger_carried has their sums. */
  detachedId: number;
}

const STATE = 'SELECT balanced_id AS "balancedId", detached_id AS "detachedId" FROM ledger_state';

/** How far the kept sums reach; `lock` keeps everyone else from moving it until the transaction ends. */
export async function ledgerState(tx: Tx, lock = false): Promise<LedgerState> {
  const [state] = await tx.rows<LedgerState>(lock ? `${STATE} FOR UPDATE` : STATE);
  if (state === undefined) throw new Error('ledger_state has no row: somebody deleted it');
  return state;
}
