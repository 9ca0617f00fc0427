// Seals the ledger: moves that can no longer change get a hash that is chained to all before them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, Tx } from '../../db/pool';
import { BLOCK_HASH, MOVE_TEXT } from '../queries/seals';

/** Maximum number of moves under one seal, which an audit keeps in memory at once. */
export const SEAL_MOVES = 10_000;
/** How long a run waits for transactions that may still write a move with an older id; after that it leaves them to the next run. */
const WAIT_MS = 30_000;
const POLL_MS = 100;

// A transaction draws its first move id after it has its own number. So when all that had a number at some moment have
// ended, no move with an id at or below the highest of that moment can come any more.
const MARK = `
  SELECT coalesce((SELECT max(id) FROM stock_move), 0) AS "lastId",
         pg_snapshot_xmax(pg_current_snapshot())::text AS xid`;
const ENDED = 'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::text::xid8 AS ended';

async function allEnded(tx: Tx, xid: string, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const [row] = await tx.rows<{ ended: boolean }>(ENDED, [xid]);
    if (row!.ended) return true;
    if (performance.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
}

// Two concurrent runs make the same block, and its key admits one of them. A block ends with its partition, so that a
// detached partition contains whole blocks.
const SEAL = `
  WITH last AS (SELECT through_id, hash FROM ledger_seal ORDER BY through_id DESC LIMIT 1),
  next AS (
    SELECT m.id, m.tableoid AS ledger_table, ${MOVE_TEXT} AS text FROM stock_move m
    WHERE m.id > coalesce((SELECT through_id FROM last), 0) AND m.id <= $1 ORDER BY m.id LIMIT $2),
  block AS (SELECT id, text FROM next WHERE ledger_table = (SELECT ledger_table FROM next ORDER BY id LIMIT 1))
  INSERT INTO ledger_seal (through_id, after_id, ids, digests, hash, sealed_at)
  SELECT max(id), coalesce((SELECT through_id FROM last), 0), array_agg(id ORDER BY id),
         array_agg(hashtextextended(text, 0) ORDER BY id),
         ${BLOCK_HASH('(SELECT hash FROM last)', "string_agg(text, E'\\n' ORDER BY id)")}, $3
  FROM block HAVING count(*) > 0
  ON CONFLICT DO NOTHING
  RETURNING cardinality(ids) AS moves, encode(hash, 'hex') AS hash`;

export interface Sealed {
  /** Moves sealed now. */
  moves: number;
  seals: number;
  /** The newest seal made now, hexadecimal; null: there was nothing to seal. Kept elsewhere, it proves the whole chain. */
  head: string | null;
}

/**
 * Seals every move that is final, in blocks of SEAL_MOVES; each block is a statement of its own, so the next run
 * continues an interrupted one.
 */
export async function sealLedger(db: Db, now: Date, waitMs = WAIT_MS): Promise<Sealed> {
  const [mark] = await db.rows<{ lastId: number; xid: string }>(MARK);
  const sealed: Sealed = { moves: 0, seals: 0, head: null };
  if (!(await allEnded(db, mark!.xid, waitMs))) return sealed;
  for (;;) {
    const [row] = await db.rows<{ moves: number; hash: string }>(SEAL, [mark!.lastId, SEAL_MOVES, now]);
    if (row === undefined) return sealed;
    sealed.moves += row.moves;
    sealed.seals += 1;
    sealed.head = row.hash;
  }
}
