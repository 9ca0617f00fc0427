// The partitions of the ledger, each a range of ids: their tables, and the first and last move of each.

import type { Tx } from '../../db/pool';

/** A partition of the ledger: the moves with ids from `from` to before `to`. */
export interface LedgerPartition {
  /** Its table. */
  name: string;
  /** Null: from the first on. */
  from: number | null;
  /** Null: it has no end, and takes what is written when nobody has made more partitions in time. */
  to: number | null;
}

const PARTITIONS = `
  SELECT c.relname AS name, (b.words[1])::bigint AS "from", (b.words[2])::bigint AS "to"
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  CROSS JOIN LATERAL (
    SELECT ARRAY(SELECT CASE WHEN w[1] IN ('MINVALUE', 'MAXVALUE') THEN NULL ELSE trim(both '''' from w[1]) END
                 FROM regexp_matches(pg_get_expr(c.relpartbound, c.oid), '\\(([^)]+)\\)', 'g') w) AS words) b
  WHERE i.inhparent = 'stock_move'::regclass ORDER BY "to" NULLS LAST`;

/** The attached partitions, oldest first. */
export function partitions(tx: Tx): Promise<LedgerPartition[]> {
  return tx.rows<LedgerPartition>(PARTITIONS);
}

const DRAWN = `
  SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('stock_move', 'id')::regclass), 0) AS id`;

/** The highest id that was ever drawn for a move. */
export async function lastDrawnId(tx: Tx): Promise<number> {
  return (await tx.rows<{ id: number }>(DRAWN))[0]!.id;
}
