// Sums of ledger partitions per shelf: the SQL of every sum of moves, and how far the stored sums reach.

import type { Tx } from '../../db/pool';

const COLUMNS = ['available', 'reserved', 'staged', 'quarantine', 'in_transit'] as const;
const BUCKETS = ['AVAILABLE', 'RESERVED', 'STAGED', 'QUARANTINE', 'IN_TRANSIT'] as const;

export const SUM_COLUMNS = COLUMNS.join(', ');

const within = (column: string, i: number, elsewhere: boolean): string => {
  const came = `sum(quantity) FILTER (WHERE to_bucket = '${BUCKETS[i]}'`;
  if (elsewhere) return `coalesce(${came}), 0) AS ${column}`;
  const went = `sum(quantity) FILTER (WHERE from_bucket = '${BUCKETS[i]}')`;
  return `coalesce(${came} AND to_location_id = from_location_id), 0) - coalesce(${went}, 0) AS ${column}`;
};
const all = (elsewhere: boolean): string => COLUMNS.map((c, i) => within(c, i, elsewhere)).join(',\n      ');

/**
 * The sums of the moves with ids in (after, through], both SQL: location_id, sku_id and a column for each bucket inside.
 * Of shelves that a move touched; it can be all zeros, and a shelf can have two rows: what moved at the location itself, and
 * what came from elsewhere.
 */
export const SUMS = (after: string, through: string): string => `
    SELECT from_location_id AS location_id, sku_id,
      ${all(false)}
    FROM stock_move WHERE id > ${after} AND id <= ${through} GROUP BY 1, 2
    UNION ALL
    SELECT to_location_id, sku_id,
      ${all(true)}
    FROM stock_move WHERE id > ${after} AND id <= ${through} AND to_location_id <> from_location_id GROUP BY 1, 2`;

/** Adds the sums of moves with ids in ($1, $2] to the sums that are stored in `into`. */
export const ADD_SUMS = (into: 'ledger_balance' | 'ledger_carried'): string => `
  INSERT INTO ${into} AS kept (location_id, sku_id, ${SUM_COLUMNS})
  SELECT location_id, sku_id, ${COLUMNS.map((c) => `sum(${c})::int`).join(', ')}
  FROM (${SUMS('$1', '$2')}) moved
  GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (location_id, sku_id) DO UPDATE
  SET ${COLUMNS.map((c) => `${c} = kept.${c} + EXCLUDED.${c}`).join(', ')}`;

/** The five buckets of a row of sums as rows of (bucket, units). */
export const BUCKET_ROWS = (row: string): string =>
  `(VALUES ${COLUMNS.map((c, i) => `('${BUCKETS[i]}'::bucket, ${row}.${c})`).join(', ')})`;

/** The last move that the stored sums contain. */
export interface LedgerState {
  /** ledger_balance has the sums of all moves through this id. */
  balancedId: number;
  /** Moves through this id are detached; ledger_carried has their sums. */
  detachedId: number;
}

const STATE = 'SELECT balanced_id AS "balancedId", detached_id AS "detachedId" FROM ledger_state';

/** The last move that the stored sums contain; `lock` keeps others from changing it until the transaction ends. */
export async function ledgerState(tx: Tx, lock = false): Promise<LedgerState> {
  const [state] = await tx.rows<LedgerState>(lock ? `${STATE} FOR UPDATE` : STATE);
  if (state === undefined) throw new Error('ledger_state has no row: somebody deleted it');
  return state;
}
